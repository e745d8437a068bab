"""Colours and words of a cell's drawing, as JSON for the browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnviz.analysis.panels import Panel
from rnnviz.core.cell import Cell, Gate
from rnnviz.core.diagram import Diagram, Node
from rnnviz.diagrams.shapes import Box, Drawing, Label, Wire
from rnnviz.diagrams.symbols import Run, activation_symbol, expression, formula, gated_value
from rnnviz.figures.theme import FONT, colorscale, colour, scale_of
from rnnviz.i18n import word

_INKS = ("ink", "soft", "line", "paper", "accent")


def drawing_json(
    cell: Cell,
    drawn: Drawing,
    *,
    language: str = "en",
    dark: bool = False,
    activations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A drawing without its numbers, as a JSON object.

    A text is a list of runs `[words, colour]`; `{value}`, `{percent}` and `{token}` are filled in
    as the clock moves. `activations` by gate and "cell_activation", where a layer has chosen
    another than its cell's.
    """
    assert cell.diagram is not None
    chosen = {**cell.default_activations, **(activations or {})}
    dress = _Style(cell, cell.diagram, chosen, drawn, language, dark)
    return {
        "size": [drawn.width, drawn.height],
        "font": FONT,
        "colours": {ink: colour(ink, dark) for ink in _INKS},
        "cell_activation": dress.cell_activation,
        "nodes": [_node(cell.diagram, node) for node in cell.diagram.nodes],
        "wires": [dress.wire(wire) for wire in drawn.wires],
        "dots": [{"at": dot.at, "colour": dress.of_node(dot.node)} for dot in drawn.dots],
        "boxes": [dress.box(box) for box in drawn.boxes],
        "labels": [dress.label(label) for label in drawn.labels],
        "strips": [
            {
                "node": strip.node,
                "at": [strip.rect.left, strip.rect.top, strip.rect.width, strip.rect.height],
            }
            for strip in drawn.strips
        ],
    }


def colour_scale(panel: Panel, dark: bool = False) -> dict[str, Any]:
    """A panel's colour scale: where it begins and ends, and its colours from 0 to 1."""
    return {"low": panel.low, "high": panel.high, "stops": colorscale(scale_of(panel, dark))}


def _node(diagram: Diagram, node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "kind": node.kind,
        "inputs": [source.name for source in diagram.inputs(node.name)],
        "signal": node.signal,
    }


@dataclass(frozen=True)
class _Style:
    """Colours and words of one cell's drawing."""

    cell: Cell
    diagram: Diagram
    activations: Mapping[str, str]
    drawn: Drawing
    language: str
    dark: bool

    @property
    def cell_activation(self) -> str:
        """The activation on the cell state, "" for a cell without such."""
        return self.activations.get("cell_activation", "")

    def wire(self, wire: Wire) -> dict[str, Any]:
        ends = self.diagram.node(wire.source).kind, self.diagram.node(wire.target).kind
        return {
            "path": wire.path,
            "tip": wire.tip,
            "gate": wire.gate,
            # One of the many thin ones that bring x, h and c to the Dense layers.
            "feeds": ends[0] in ("input", "before", "plus") and ends[1] == "dense",
            "colour": self.of_node(wire.source),
        }

    def box(self, box: Box) -> dict[str, Any]:
        node = self.diagram.node(box.node)
        rect = box.rect
        return {
            "shape": box.shape,
            "at": [rect.left, rect.top, rect.width, rect.height],
            "glyph": activation_symbol(self.cell_activation)
            if node.kind == "cell_activation"
            else box.glyph,
            "title": self.title(node),
            "signal": node.signal if box.shape == "box" else "",
            "colour": self.of_node(box.node) if box.shape == "box" else self.colour("soft"),
        }

    def title(self, node: Node) -> str:
        """Full name of an activation that the drawing abbreviates to φ, else ""."""
        function = self.activations.get(
            "cell_activation" if node.kind == "cell_activation" else node.name, ""
        )
        return function if activation_symbol(function) == "φ" else ""

    def label(self, label: Label) -> dict[str, Any]:
        return {
            "node": label.node,
            "role": label.role,
            "at": label.at,
            "align": label.align,
            "size": label.size,
            "runs": [list(run) for run in self.runs(label) if run[0]],
            "spoken": self.spoken(label),
        }

    def spoken(self, label: Label) -> str:
        """The full term of a gate, whose box has room for a short name only; else ""."""
        signal = self.diagram.node(label.node).signal
        return word(f"signal.{signal}", self.language) if label.role == "name" else ""

    def runs(self, label: Label) -> list[Run]:
        node = self.diagram.node(label.node)
        match label.role:
            case "name":
                return [(word(f"box.{node.signal}", self.language), self.of_node(node.name))]
            case "formula":
                return [(self.formula(node.name), self.colour("soft"))]
            case "value":
                return [(self.sign(node.name), self.colour("soft")), self.ink("{value}")]
            case "token":
                return [("x: ", self.of_node(node.name)), self.ink("{token}")]
            case "phrase":
                meaning = self.cell.signal(node.signal).at_one
                acted = gated_value(self.cell, node.name, self.cell_activation)
                return self.around(f"diagram.{meaning}", node, acted)
            case "note":
                symbols = expression(self.cell, node.name, self.cell_activation)
                key = "diagram.before" if node.kind == "before" else "diagram.value"
                return self.around(key, node, symbols)

    def formula(self, gate: str) -> str:
        """Formula of a gate with the activation that the layer has chosen."""
        own, chosen = self.gate(gate).activation, self.activations[gate]
        inside = formula(self.cell, gate).removeprefix(activation_symbol(own))
        if own == "linear":
            inside = f"({inside})"
        return inside[1:-1] if chosen == "linear" else activation_symbol(chosen) + inside

    def sign(self, gate: str) -> str:
        """Activation before a gate's number, "" where its formula stands above."""
        if any(label.role == "formula" for label in self.drawn.labels):
            return ""
        return "exp " if self.gate(gate).shift else activation_symbol(self.activations[gate]) + " "

    def gate(self, name: str) -> Gate:
        return next(gate for gate in self.cell.gates if gate.name == name)

    def around(self, key: str, node: Node, symbols: tuple[Run, ...]) -> list[Run]:
        """Words around symbols, each symbol in its own colour, numbers in ink."""
        before, _, after = word(key, self.language).partition("{symbol}")
        coloured = [(text, self.colour(signal or "soft")) for text, signal in symbols]
        ends = [[self.filled(node, part) for part in self.parts(node, e)] for e in (before, after)]
        return [*ends[0], *coloured, *ends[1]]

    def parts(self, node: Node, text: str) -> list[str]:
        """Words and gaps of a text; a projection has no number per unit, so its gap stays empty."""
        head, gap, tail = text.partition("{value}")
        return [head, gap if self.cell.signal(node.signal).axis == "unit" else "", tail]

    def filled(self, node: Node, part: str) -> Run:
        return self.ink(part) if part == "{value}" else (part, self.of_node(node.name))

    def ink(self, text: str) -> Run:
        return text, self.colour("ink")

    def of_node(self, name: str) -> str:
        return self.colour(self.diagram.node(name).signal or "inputs")

    def colour(self, name: str) -> str:
        return colour(name, self.dark)
