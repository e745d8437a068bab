"""The shapes of a cell's drawing: what stands where, and that nothing hides anything."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest

import rnnviz as rv
from rnnviz.core.cell import Cell
from rnnviz.diagrams.layout import cell_drawing, width_of
from rnnviz.diagrams.shapes import Drawing, Label, Rect, Wire
from rnnviz.diagrams.style import drawing_json
from rnnviz.diagrams.symbols import expression, formula, gated_value

DRAWN = [name for name, cell in rv.CELLS.items() if cell.diagram]
every_drawing = pytest.mark.parametrize("cell", DRAWN)
both_languages = pytest.mark.parametrize("language", ["en", "zh"])
STARTS = {"sigmoid": "σ(", "tanh": "tanh(", "linear": "W x", "exponential": "exp("}
WIDEST = {"value": "−0.99", "percent": "100", "token": "◌"}


def drawn(cell: str) -> Drawing:
    found = cell_drawing(cell)
    assert found is not None
    return found


def overlap(one: Rect, other: Rect, air: float = 0) -> bool:
    across = one.left < other.right + air and other.left < one.right + air
    return across and one.top < other.bottom + air and other.top < one.bottom + air


def inside(inner: Rect, outer: Rect) -> bool:
    across = outer.left <= inner.left and inner.right <= outer.right
    return across and outer.top <= inner.top and inner.bottom <= outer.bottom


def segments(wire: Wire) -> Iterator[Rect]:
    for (x0, y0), (x1, y1) in pairwise(wire.points):
        yield Rect(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))


def area(label: Label, text: str) -> Rect:
    """Where a label's letters are, from their tops to the baseline."""
    wide = width_of(text, label.size)
    shift = {"start": 0.0, "middle": wide / 2, "end": wide}[label.align]
    return Rect(label.at[0] - shift, label.at[1] - 0.76 * label.size, wide, 0.76 * label.size)


def areas(cell: str, language: str) -> dict[str, Rect]:
    """Every label with the widest numbers that a cell of usual weights shows."""
    shapes = drawn(cell)
    labels = drawing_json(rv.CELLS[cell], shapes, language=language)["labels"]
    texts = ["".join(words for words, _ in label["runs"]).format(**WIDEST) for label in labels]
    pairs = zip(shapes.labels, texts, strict=True)
    return {f"{label.node} {label.role}": area(label, text) for label, text in pairs}


@every_drawing
def test_no_box_and_no_strip_overlaps_another(cell: str) -> None:
    shapes = drawn(cell)
    strips = [strip.rect for strip in shapes.strips]
    whole = [box.rect for box in shapes.boxes if box.rect.width != 16]
    outside = [
        strip.rect for strip in shapes.strips if rv.CELLS[cell].diagram.node(strip.node).note
    ]
    for one, other in combinations([*whole, *outside], 2):
        assert not overlap(one, other, air=3), (one, other)
    for one, other in combinations(strips, 2):
        assert not overlap(one, other, air=3), (one, other)


@every_drawing
@both_languages
def test_everything_stands_inside_the_picture(cell: str, language: str) -> None:
    shapes = drawn(cell)
    picture = Rect(0, 0, shapes.width, shapes.height)
    rects = [box.rect for box in shapes.boxes] + [strip.rect for strip in shapes.strips]
    rects += [segment for wire in shapes.wires for segment in segments(wire)]
    for rect in [*rects, *areas(cell, language).values()]:
        assert inside(rect, picture), rect


@every_drawing
@both_languages
def test_no_label_meets_another_a_strip_or_a_sign(cell: str, language: str) -> None:
    shapes, words = drawn(cell), areas(cell, language)
    for (name, one), (other_name, other) in combinations(words.items(), 2):
        assert not overlap(one, other), (name, other_name)
    gates = {box.node: box.rect for box in shapes.boxes if box.shape == "box"}
    for name, label in words.items():
        for strip in shapes.strips:
            assert not overlap(label, strip.rect), (name, strip)
        for box in shapes.boxes:
            own = gates.get(name.rpartition(" ")[0]) == box.rect and "phrase" not in name
            assert inside(label, box.rect) if own else not overlap(label, box.rect), (name, box)


@every_drawing
@both_languages
def test_no_wire_runs_through_words_or_strips(cell: str, language: str) -> None:
    shapes = drawn(cell)
    rects = areas(cell, language) | {f"{s.node} strip": s.rect for s in shapes.strips}
    for wire in shapes.wires:
        for segment in segments(wire):
            for name, rect in rects.items():
                assert not overlap(segment, rect, air=1), (wire.source, wire.target, name)


@every_drawing
def test_wires_are_straight_and_begin_and_end_at_their_nodes(cell: str) -> None:
    diagram = rv.CELLS[cell].diagram
    boxes = {box.node: box.rect for box in drawn(cell).boxes if box.rect.width != 16}
    for wire in drawn(cell).wires:
        assert all(min(s.width, s.height) == 0 < s.width + s.height for s in segments(wire))
        for name, point in ((wire.source, wire.points[0]), (wire.target, wire.points[-1])):
            x, y = diagram.node(name).at
            rect = boxes.get(name, Rect(10 * x, 10 * y, 0, 0))
            assert overlap(Rect(*point, 0, 0), rect, air=0.01), name
            for segment in segments(wire):
                shrunk = Rect(rect.left + 1, rect.top + 1, rect.width - 2, rect.height - 2)
                assert not overlap(segment, shrunk), (wire.source, wire.target, name)


@every_drawing
def test_no_wire_passes_behind_a_box_that_is_not_its_own(cell: str) -> None:
    shapes = drawn(cell)
    for wire in shapes.wires:
        for box in shapes.boxes:
            if box.node not in (wire.source, wire.target):
                assert not any(overlap(s, box.rect) for s in segments(wire)), (wire, box)


@every_drawing
def test_wires_of_different_values_cross_but_never_share_a_way(cell: str) -> None:
    for one, other in combinations(drawn(cell).wires, 2):
        if one.source != other.source:
            for a in segments(one):
                for b in segments(other):
                    along = (a.width > 0) == (b.width > 0)
                    assert not (along and overlap(a, b, air=2)), (one, other)


@every_drawing
def test_a_dot_marks_every_place_where_a_value_parts(cell: str) -> None:
    shapes = drawn(cell)
    for dot in shapes.dots:
        through = [
            wire
            for wire in shapes.wires
            if wire.source == dot.node
            and any(overlap(s, Rect(*dot.at, 0, 0), air=0.01) for s in segments(wire))
        ]
        assert len(through) > 1, dot


def test_where_the_values_part_in_an_lstm_and_a_gru() -> None:
    def at(cell: str) -> set[tuple[str, float, float]]:
        return {(dot.node, *dot.at) for dot in drawn(cell).dots}

    assert ("sum", 362, 42) in at("lstm")
    assert ("update", 184, 100) in at("gru")
    assert ("hidden before", 66, 42) in at("gru")
    assert ("hidden before", 66, 42) not in at("gru_reset_after")
    assert not at("rnn")


def test_corners_are_round_and_the_arrow_points_on() -> None:
    wire = next(w for w in drawn("lstm").wires if w.source == "shown")
    assert wire.path == "M362 161 L362 250 Q362 256 368 256 L396 256"
    assert wire.tip == "M396 256 L391 253 L391 259 Z"
    assert wire.gate == "output"


def said(runs: tuple[tuple[str, str], ...]) -> str:
    return "".join(text for text, _ in runs)


def test_every_intermediate_value_is_named_by_its_formula() -> None:
    lstm, gru = rv.CELLS["lstm"], rv.CELLS["gru"]
    names = ("kept", "written", "activated", "shown")
    assert [said(expression(lstm, name)) for name in names] == ["f⊙c", "i⊙g", "tanh c", "o⊙tanh c"]
    names = ("recalled", "kept", "rest", "written")
    assert [said(expression(gru, name)) for name in names] == ["r⊙h", "z⊙h", "1−z", "(1−z)⊙n"]
    assert expression(lstm, "kept") == (("f", "forget"), ("⊙", ""), ("c", "cell"))


@pytest.mark.parametrize(
    ("cell", "gate", "wanted"),
    [
        ("lstm", "forget", "c"),
        ("lstm", "input", "g"),
        ("lstm", "output", "tanh c"),
        ("gru", "reset", "h"),
        ("gru", "update", "h"),
        ("gru_reset_after", "reset", "W h"),
    ],
)
def test_a_gate_says_what_it_acts_on(cell: str, gate: str, wanted: str) -> None:
    assert said(gated_value(rv.CELLS[cell], gate)) == wanted


@every_drawing
def test_a_formula_has_no_subscripts_and_no_biases(cell: str) -> None:
    kind: Cell = rv.CELLS[cell]
    for gate in kind.gates:
        text = formula(kind, gate.name)
        assert text.startswith(STARTS[gate.activation]) or gate.shift, text
        assert text.count("(") == text.count(")")
        assert not set("_b{}") & set(text), text


def test_a_layer_that_chose_relu_is_drawn_with_it() -> None:
    cell = rv.CELLS["rnn"]
    labels = drawing_json(cell, drawn("rnn"), activations={"hidden": "relu"})["labels"]
    assert [label["runs"][0][0] for label in labels if label["role"] == "formula"] == [
        "relu(U x + W h)"
    ]


@pytest.mark.parametrize(
    ("activation", "glyph", "title"),
    [("relu", "relu", ""), ("elu(0.3)", "elu", ""), ("hard_sigmoid", "φ", "hard_sigmoid")],
)
def test_a_layer_that_chose_another_cell_activation_is_drawn_with_it(
    activation: str, glyph: str, title: str
) -> None:
    shown = drawing_json(
        rv.CELLS["lstm"], drawn("lstm"), activations={"cell_activation": activation}
    )
    (box,) = (box for box in shown["boxes"] if box["shape"] == "pill")
    assert (box["glyph"], box["title"], shown["cell_activation"]) == (glyph, title, activation)
    notes = ["".join(run[0] for run in label["runs"]) for label in shown["labels"]]
    assert {f"{glyph} c {{value}}", f"shows {{percent}} % of {glyph} c"} <= set(notes)


def test_a_node_that_is_a_signal_is_named_by_its_symbol() -> None:
    coupled, projected = rv.CELLS["lstm_coupled"], rv.CELLS["lstm_projected"]
    assert [said(expression(coupled, name)) for name in ("input", "written")] == ["i", "i⊙g"]
    assert [said(expression(projected, name)) for name in ("shown", "hidden")] == ["m", "h"]
    assert said(expression(rv.CELLS["lstm_layer_norm"], "activated")) == "tanh ĉ"


def test_letters_of_chinese_are_as_wide_as_high() -> None:
    assert width_of("遗忘门", 12) == 36
    assert 12 < width_of("cat", 12) < 24
