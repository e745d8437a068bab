"""A figure as the plain dictionary it is, and where its parts stand."""

from __future__ import annotations

import base64
from collections.abc import Sequence as Row
from hashlib import blake2b
from itertools import accumulate
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.basedatatypes import BaseFigure

from rnnviz.core.arrays import Array


class Drawn(BaseFigure):  # type: ignore[misc]
    """What Plotly draws from a dictionary that is sent as it stands, arrays in base64.

    A `go.Figure` looks at every property when it is made and again when it is copied: a tenth of a
    second for six heatmaps. This one is for the page; notebooks get a `go.Figure` of the same.

    >>> Drawn({"data": [{"type": "bar", "y": np.array([1, 2], "u1")}]}).to_dict()["data"]
    [{'type': 'bar', 'y': {'dtype': 'u1', 'bdata': 'AQI='}}]
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        plain = _typed(spec)
        layout = _settled(plain.get("layout", {}))
        # A page hands Plotly every figure twice: the second time it compares this, not the arrays.
        revision = blake2b(repr(plain).encode(), digest_size=8).hexdigest()
        self._spec = plain | {"layout": layout | {"datarevision": revision}}

    def to_dict(self) -> dict[str, Any]:
        """The dictionary itself; who changes it changes the figure."""
        return self._spec  # type: ignore[no-any-return]


def plain(figure: go.Figure | dict[str, Any]) -> Drawn:
    """A figure, or the dictionary it is made of, for the page; Plotly then draws it once.

    >>> plain(go.Figure(go.Scatter(y=[1, 2]))).to_dict()["data"][0]["y"]
    [1, 2]
    """
    spec = figure if isinstance(figure, dict) else figure.to_dict()
    under = spec["layout"].get("template", {}).get("data", {})
    traces = [_over(next(iter(under.get(one["type"], ())), {}), one) for one in spec["data"]]
    return Drawn(spec | {"data": traces})


def _settled(layout: dict[str, Any]) -> dict[str, Any]:
    """A layout without a template, which Plotly takes for another one every time it comes."""
    template = layout.get("template", {}).get("layout", {})
    rest = {name: part for name, part in layout.items() if name != "template"}
    for kind, under in template.items():
        own = [name for name in rest if name.startswith(kind)]
        if not isinstance(under, dict):
            rest.setdefault(kind, under)
        elif own or kind in ("xaxis", "yaxis"):
            rest |= {name: _over(under, rest.get(name, {})) for name in own or [kind]}
    return rest


def _over(under: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """What a figure says itself, and where it says nothing what stands under it."""
    both = {name for name in under if isinstance(own.get(name), dict)}
    return under | own | {name: _over(under[name], own[name]) for name in both}


def _typed(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _typed(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_typed(value) for value in part]
    if isinstance(part, np.ndarray):
        return typed(part) if part.dtype.kind in "iuf" else part.tolist()
    return part


def typed(values: Array) -> dict[str, str]:
    """An array as Plotly reads it from base64: no number becomes text, NaN neither.

    >>> typed(np.array([1, 300]))["dtype"]
    'i2'
    """
    if values.dtype.kind in "iu" and values.dtype.itemsize == 8:
        values = values.astype(_narrow(values))
    shape = {"shape": ", ".join(map(str, values.shape))} if values.ndim > 1 else {}
    return {
        "dtype": f"{values.dtype.kind}{values.dtype.itemsize}",
        "bdata": base64.b64encode(values.tobytes()).decode(),
        **shape,
    }


def _narrow(values: Array) -> str:
    """The fewest bytes that hold these integers; a browser has none of eight."""
    low, high = values.min(initial=0), values.max(initial=0)
    held = (kind for kind in ("i1", "i2", "i4") if _holds(np.iinfo(kind), low, high))
    return next(held, "f8")


def _holds(kind: np.iinfo[Any], low: int, high: int) -> bool:
    return bool(kind.min <= low and high <= kind.max)


def domains(shares: Row[float], gap: float) -> list[list[float]]:
    """Begin and end of parts side by side on 0…1, of these shares, a gap between them.

    >>> domains([0.75, 0.25], 0.2)
    [[0.0, 0.6], [0.8, 1.0]]
    """
    room = 1 - gap * (len(shares) - 1)
    ends = list(accumulate(room * share / sum(shares) for share in shares))
    starts = [0.0, *ends[:-1]]
    parts = enumerate(zip(starts, ends, strict=True))
    return [[round(low + i * gap, 9), round(high + i * gap, 9)] for i, (low, high) in parts]


def numbered(number: int) -> str:
    """What the axes of the first part, the second, … end on: nothing, 2, …"""
    return "" if number == 1 else str(number)
