"""Layout of a cell's drawing in pixels: boxes, wires with round corners, labels."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations

from rnnviz.cells import CELLS
from rnnviz.core.cell import Cell
from rnnviz.core.diagram import Anchor, Diagram, Edge, Node, NodeKind, Point
from rnnviz.diagrams.shapes import GRID, Box, Dot, Drawing, Label, Rect, Role, Shape, Strip, Wire
from rnnviz.diagrams.symbols import diagram_of, formula

_SIZES: dict[Role, float] = {
    "name": 12.5,
    "formula": 10.5,
    "value": 12.5,
    "note": 12.5,
    "phrase": 12.5,
    "token": 13,
}
_STRIP, _STRIP_HEIGHT = 58.0, 7.0
# Of a gate's box: from line to line, and what its strip needs below the last.
_LINE, _FOOT = 14.5, 18.0
_ROUND, _TIP = 6.0, 5.0
_GLYPHS: dict[NodeKind, tuple[str, Shape, float, float]] = {
    "times": ("×", "circle", 22, 22),
    "plus": ("+", "circle", 22, 22),
    "one_minus": ("1−", "circle", 25, 25),
    "cell_activation": ("", "pill", 44, 20),
    "normalise": ("LN", "pill", 34, 20),
    "project": ("W", "pill", 34, 20),
    "max": ("max", "pill", 34, 20),
    "divide": ("÷", "circle", 22, 22),
    "share": ("f/(f+i)", "pill", 58, 20),
}
_WIDTHS = {"iIjlt.,:'|[]()f ": 0.33, "mwMW%⊙": 0.9, "+−×=": 0.6}


@cache
def cell_drawing(name: str) -> Drawing | None:
    """The drawing of a cell by its name; None for a cell that declares none."""
    cell = CELLS[name]
    diagram = cell.diagram
    if diagram is None:
        return None
    wires = tuple(_wire(cell, diagram, edge) for edge in diagram.edges)
    words = [_words(cell, diagram, node) for node in diagram.nodes]
    width, height = diagram.size
    return Drawing(
        width * GRID,
        height * GRID,
        wires,
        tuple(_dots(wires)),
        tuple(_boxes(cell, diagram, wires)),
        tuple(label for labels, _ in words for label in labels),
        tuple(Strip(*strip) for _, strips in words for strip in strips),
    )


def width_of(text: str, size: float) -> float:
    """Estimated width of a text in pixels, rather too large."""
    return size * sum(map(_width, text))


def _width(letter: str) -> float:
    if ord(letter) > 0x2E7F:
        return 1.0
    return next((wide for letters, wide in _WIDTHS.items() if letter in letters), 0.57)


def _pixels(point: Point) -> Point:
    return point[0] * GRID, point[1] * GRID


def _around(middle: Point, width: float, height: float) -> Rect:
    return Rect(middle[0] - width / 2, middle[1] - height / 2, width, height)


def _rect(cell: Cell, node: Node) -> Rect:
    """Rectangle of a node; of no size for inputs and states."""
    middle = _pixels(node.at)
    if node.kind == "dense":
        return _around(middle, node.width * GRID, len(_rows(cell)) * _LINE + _FOOT)
    _, _, width, height = _GLYPHS.get(node.kind, ("", "box", 0, 0))
    return _around(middle, width, height)


def _rows(cell: Cell) -> tuple[Role, ...]:
    """Labels in a gate's box, the formula among them where every box is wide enough."""
    gates = [node for node in diagram_of(cell).nodes if node.kind == "dense"]
    fits = all(
        width_of(formula(cell, gate.name), _SIZES["formula"]) < gate.width * GRID - 8
        for gate in gates
    )
    return ("name", "formula", "value") if fits else ("name", "value")


def _boxes(cell: Cell, diagram: Diagram, wires: tuple[Wire, ...]) -> Iterator[Box]:
    for node in diagram.nodes:
        if node.kind == "dense":
            yield Box(node.name, "box", _rect(cell, node))
        elif node.kind in _GLYPHS:
            glyph, shape, _, _ = _GLYPHS[node.kind]
            yield Box(node.name, shape, _rect(cell, node), glyph)
    for edge, wire in zip(diagram.edges, wires, strict=True):
        if edge.scales:
            yield Box(edge.source, "circle", _around(wire.points[-1], 16, 16), "×")


def _wire(cell: Cell, diagram: Diagram, edge: Edge) -> Wire:
    source, target = diagram.node(edge.source), diagram.node(edge.target)
    middles = [_pixels(point) for point in (source.at, *edge.via, target.at)]
    start = _border(_rect(cell, source), middles[1])
    end = _border(_rect(cell, target), middles[-2])
    points = (start, *middles[1:-1], end)
    path, tip = _path(points), "" if edge.scales else _tip(*points[-2:])
    return Wire(edge.source, edge.target, points, path, tip, _gate(cell, diagram, source))


def _border(rect: Rect, outside: Point) -> Point:
    """Point of a rectangle's border that a vertical or horizontal wire from a point meets."""
    x, y = outside
    if rect.left <= x <= rect.right:
        return x, rect.top if y < rect.top else rect.bottom
    if rect.top <= y <= rect.bottom:
        return rect.left if x < rect.left else rect.right, y
    raise ValueError(f"no straight way from {outside} to {rect}")


def _gate(cell: Cell, diagram: Diagram, node: Node) -> str:
    gates = [
        source.name
        for source in diagram.inputs(node.name)
        if source.signal and cell.signal(source.signal).kind == "gate"
    ]
    return gates[0] if node.kind == "times" and gates else ""


def _path(points: tuple[Point, ...]) -> str:
    parts = [f"M{_at(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        parts.append(f"L{_at(_towards(corner, before))}")
        parts.append(f"Q{_at(corner)} {_at(_towards(corner, after))}")
    return " ".join([*parts, f"L{_at(points[-1])}"])


def _tip(before: Point, end: Point) -> str:
    x, y = _towards(end, before, _TIP)
    dx, dy = (y - end[1]) * 0.6, (x - end[0]) * 0.6
    return f"M{_at(end)} L{_at((x + dx, y + dy))} L{_at((x - dx, y - dy))} Z"


def _towards(start: Point, end: Point, far: float = _ROUND) -> Point:
    """Point on a segment, at most half of its length from the start."""
    way = _distance(start, end)
    part = min(far, way / 2) / way
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def _at(point: Point) -> str:
    return " ".join(f"{round(value, 1):g}" for value in point)


def _dots(wires: tuple[Wire, ...]) -> Iterator[Dot]:
    """Dots where two wires of one value part."""
    seen = set()
    for one, other in combinations(wires, 2):
        if one.source == other.source and one.points[0] == other.points[0]:
            dot = Dot(one.source, _parting(one.points, other.points))
            if dot.at != one.points[0] and dot not in seen:
                seen.add(dot)
                yield dot


def _parting(one: tuple[Point, ...], other: tuple[Point, ...]) -> Point:
    """Last common point of two paths from one start."""
    last = one[0]
    for a, b in zip(one[1:], other[1:], strict=False):
        if _heading(last, a) != _heading(last, b):
            return last
        if a != b:
            return min(a, b, key=lambda end: _distance(last, end))
        last = a
    return last


def _heading(start: Point, end: Point) -> tuple[bool, bool, bool, bool]:
    return end[0] > start[0], end[0] < start[0], end[1] > start[1], end[1] < start[1]


def _distance(start: Point, end: Point) -> float:
    return abs(end[0] - start[0]) + abs(end[1] - start[1])


def _words(cell: Cell, diagram: Diagram, node: Node) -> tuple[list[Label], list[tuple[str, Rect]]]:
    """A node's labels and strips."""
    labels: list[Label] = []
    strips: list[tuple[str, Rect]] = []
    if node.kind == "dense":
        labels, strips = _inside(cell, node)
    if node.kind == "input":
        x, y = _pixels(node.at)
        labels.append(Label(node.name, "token", (x + 8, y), "start", _SIZES["token"]))
    if node.note:
        x, y = _pixels(node.note.at)
        labels.append(_label(node, "note", node.note))
        shift = {"start": 0.0, "middle": _STRIP / 2, "end": _STRIP}[node.note.align]
        strips.append((node.name, Rect(x - shift, y + 15.5, _STRIP, _STRIP_HEIGHT)))
    if node.phrase:
        labels.append(_label(node, "phrase", node.phrase))
    return labels, strips


def _label(node: Node, role: Role, anchor: Anchor) -> Label:
    x, y = _pixels(anchor.at)
    return Label(node.name, role, (x, y + 11), anchor.align, _SIZES[role])


def _inside(cell: Cell, node: Node) -> tuple[list[Label], list[tuple[str, Rect]]]:
    rect = _rect(cell, node)
    middle = rect.left + rect.width / 2
    labels = [
        Label(node.name, role, (middle, rect.top + _LINE * (i + 1)), "middle", _SIZES[role])
        for i, role in enumerate(_rows(cell))
    ]
    wide = min(_STRIP, rect.width - 10)
    strip = Rect(middle - wide / 2, rect.bottom - _STRIP_HEIGHT - 5, wide, _STRIP_HEIGHT)
    return labels, [(node.name, strip)]
