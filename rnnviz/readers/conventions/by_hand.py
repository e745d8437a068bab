"""Cells written by hand, as far as their names prove the gates.

With a matrix for each gate the letters tell them (`rnnviz.readers.conventions.letters`): Dive into
Deep Learning's `W_xi W_hi b_i`, the textbooks' `W_i U_i b_i`, one matrix `W_f` over [x, h]. Which
of x and h stands first, and whether an update gate of 1 keeps or writes, no name tells: it is
asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from rnnviz.core.arrays import Shapes
from rnnviz.readers.conventions.leaves import LeafGroup
from rnnviz.readers.conventions.letters import Reading, readings
from rnnviz.readers.keras.layers import GATE_ACTIVATIONS, HARD_SIGMOID_2
from rnnviz.readers.result import Answers, ImportQuestion
from rnnviz.readers.slots import Slot, fits
from rnnviz.readers.slotted import SlottedLayer

# Of two letters the one that usually stands with the input.
_LETTERS = ("w", "u", "v", "r")
_GRUS = ("gru", "gru_reset_after")
# Keras 1 (keras/layers/recurrent.py): lstm_1_W_i, and hard sigmoids where no other were chosen.
_KERAS_1 = re.compile(r"(?:^|[./])(?:lstm|gru)_\d{1,9}_[WUb]_[a-z](?::0)?$")


def by_hand_layers(group: LeafGroup, shapes: Shapes, answers: Answers) -> Iterator[SlottedLayer]:
    """The layer of a group whose names tell every gate, if it is one."""
    ndims = {leaf.name: sum(n != 1 for n in shapes[leaf.name]) for leaf in group.leaves}
    for leaf in group.leaves:
        # A matrix of one row or column is a matrix where its framework says so.
        ndims[leaf.name] = 2 if leaf.part == "weights" else ndims[leaf.name]
    for reading in readings(group.leaves, ndims):
        if (layer := _layer(group.path, reading, shapes, answers)) is not None:
            yield layer
            return


def _layer(path: str, reading: Reading, shapes: Shapes, answers: Answers) -> SlottedLayer | None:
    if reading.sources == {""}:
        return _over_both(path, reading, shapes, answers)
    first, second = sorted(reading.sources, key=("x", "h", *_LETTERS).index)
    ways = ((first, second), (second, first)) if first != "x" else ((first, second),)
    fitting = [way for x, h in ways if fits(way := _slots(reading, {x: "x", h: "h"}), shapes)]
    if not fitting:
        return None
    asked: tuple[ImportQuestion, ...] = ()
    if len(fitting) > 1:
        question = ImportQuestion("roles", (first.upper(), second.upper()), first.upper())
        fitting, asked = fitting[question.options.index(question.choose(answers)) :], (question,)
    return _with_form(SlottedLayer(path, fitting[0], asked=asked), reading, answers)


def _over_both(
    path: str, reading: Reading, shapes: Shapes, answers: Answers
) -> SlottedLayer | None:
    """One matrix a gate over the input and the hidden state side by side."""
    is_linear = any(leaf.part for leaf in reading.leaves.values())
    # Ng's "Sequence Models" puts the hidden state first, torch.cat((input, hidden)) the input.
    likely = "x_first" if is_linear else "h_first"
    question = ImportQuestion("concatenation", ("x_first", "h_first"), likely)
    role = "xh" if question.choose(answers) == "x_first" else "hx"
    slots = _slots(reading, {"": role})
    if not fits(slots, shapes):
        return None
    return _with_form(SlottedLayer(path, slots, asked=(question,)), reading, answers)


def _slots(reading: Reading, roles: Mapping[str, str]) -> dict[str, Slot]:
    return {
        leaf.name: leaf.slot((gate,), roles.get(source, source))
        for (gate, source), leaf in reading.leaves.items()
    }


def _with_form(layer: SlottedLayer, reading: Reading, answers: Answers) -> SlottedLayer:
    """The layer with the cell that its biases and peepholes tell, and what they leave open."""
    if all(_KERAS_1.search(leaf.name) for leaf in reading.leaves.values()):
        question = ImportQuestion("recurrent_activation", GATE_ACTIVATIONS, HARD_SIGMOID_2)
        layer = replace(layer, asked=(*layer.asked, question))
    if reading.cell == "gru":
        return as_gru(
            layer, ("candidate", "bh") in reading.leaves, reading.sources == {""}, answers
        )
    has_peepholes = any(source == "p" for _, source in reading.leaves)
    return replace(layer, cells=("lstm_peephole" if has_peepholes else reading.cell,))


def as_gru(
    layer: SlottedLayer, has_two_biases: bool, is_over_both: bool, answers: Answers
) -> SlottedLayer:
    """The layer as a GRU, whose two forms and whose update gate are asked about.

    has_two_biases  as only the form that resets after the product needs.
    is_over_both    whether the candidate reads [x, r ⊙ h], so that the reset comes before it.
    """
    question = ImportQuestion("update_gate", ("keeps", "writes"), "keeps")
    cells = _GRUS[:1] if is_over_both else _GRUS[::-1] if has_two_biases else _GRUS
    writes = question.choose(answers) == "writes"
    return replace(layer, cells=cells, asked=(*layer.asked, question), update_writes=writes)
