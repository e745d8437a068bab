"""A small drawing of measured curves on two logarithmic axes, written as plain SVG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

_WIDTH, _HEIGHT = 560, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 40, 50
_COLOURS = ("#0072b2", "#d55e00")
Point = tuple[float, float]


@dataclass(frozen=True)
class Plot:
    """Curves by name, each a list of points (x, y), all positive.

    title  above the plot.
    x, y   what stands at the axes.
    """

    title: str
    x: str
    y: str
    curves: dict[str, list[Point]]


def svg(plot: Plot) -> str:
    """The drawing as text."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="sans-serif" font-size="12" fill="#222222">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        *_axes(plot),
        *(line for i, name in enumerate(plot.curves) for line in _curve(plot, name, i)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _axes(plot: Plot) -> Iterator[str]:
    (left, right), (bottom, top) = _decades(plot, 0), _decades(plot, 1)
    for decade in range(left, right + 1):
        x, _ = _place(plot, (10.0**decade, 10.0**bottom))
        yield _line(x, _TOP, x, _HEIGHT - _BOTTOM)
        yield _text(x, _HEIGHT - _BOTTOM + 16, _power(decade), "middle")
    for decade in range(bottom, top + 1):
        _, y = _place(plot, (10.0**left, 10.0**decade))
        yield _line(_LEFT, y, _WIDTH - _RIGHT, y)
        yield _text(_LEFT - 8, y + 4, _power(decade), "end")
    yield _text(_LEFT, 22, plot.title, "start")
    yield _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 12, plot.x, "middle")
    turned = f"translate(16 {_HEIGHT / 2}) rotate(-90)"
    yield f'<g transform="{turned}">{_text(0, 0, plot.y, "middle")}</g>'


def _curve(plot: Plot, name: str, index: int) -> Iterator[str]:
    colour = _COLOURS[index % len(_COLOURS)]
    places = [_place(plot, point) for point in plot.curves[name]]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y in places:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
    at = _TOP + 18 + 16 * index
    yield f'<circle cx="{_LEFT + 14}" cy="{at - 4}" r="3.5" fill="{colour}"/>'
    yield _text(_LEFT + 24, at, name, "start")


def _place(plot: Plot, point: Point) -> Point:
    shares = []
    for axis in (0, 1):
        low, high = _decades(plot, axis)
        shares.append((log10(point[axis]) - low) / (high - low))
    x = _LEFT + shares[0] * (_WIDTH - _LEFT - _RIGHT)
    return x, _HEIGHT - _BOTTOM - shares[1] * (_HEIGHT - _TOP - _BOTTOM)


def _decades(plot: Plot, axis: int) -> tuple[int, int]:
    """The powers of ten around all points."""
    values = [log10(point[axis]) for curve in plot.curves.values() for point in curve]
    low, high = floor(min(values)), ceil(max(values))
    return low, max(high, low + 1)


def _line(x: float, y: float, to_x: float, to_y: float) -> str:
    return f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="#dddddd"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _power(decade: int) -> str:
    return f"{10.0**decade:g}" if abs(decade) < 4 else f"1e{decade}"
