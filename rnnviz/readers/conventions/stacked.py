"""Two matrices, one of the input and one of the hidden state, with all gates in each or with none.

Karpathy's min-char-rnn `Wxh Whh bh`, Ng's `Wax Waa ba`, WildML's `U W`, `i2h h2h` and `x2h h2h` as
linear layers, `weight_ih weight_hh bias` of Equinox and of hand-written cells. The names tell the
roles but no gates: with three or four of them their order is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from rnnviz.core.arrays import Shapes
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.readers.conventions.by_hand import as_gru
from rnnviz.readers.conventions.leaves import LeafGroup, NamedLeaf
from rnnviz.readers.result import Answers, ImportQuestion
from rnnviz.readers.slots import Slot, fits
from rnnviz.readers.slotted import SlottedLayer

_PAIRS = (
    *(("wxh", "whh"), ("wih", "whh"), ("wax", "waa"), ("wx", "wh"), ("win", "wrec")),
    *(("i2h", "h2h"), ("x2h", "h2h"), ("in2h", "h2h"), ("input2hidden", "hidden2hidden")),
    *(("inputtohidden", "hiddentohidden"), ("ih", "hh"), ("xh", "hh"), ("fcih", "fchh")),
    *(("linearih", "linearhh"), ("weightih", "weighthh"), ("fcx", "fch"), ("linearx", "linearh")),
    *(("inputlinearity", "statelinearity"), ("wx", "uh"), ("w", "u"), ("u", "w"), ("u", "v")),
)
_ONE_BIAS = ("b", "bias", "bh", "ba", "bhidden", "biash")
_TWO_BIASES = (("bih", "bhh"), ("biasih", "biashh"), ("bx", "bh"), ("bi", "bh"), ("bxh", "bhh"))
_OVER_BOTH = ("i2h", "in2h", "input2hidden", "combined2hidden")
_CS231N = ("input", "forget", "output", "candidate")
_CELLS = {1: "rnn", 3: "gru_reset_after", 4: "lstm"}


def stacked_layers(group: LeafGroup, shapes: Shapes, answers: Answers) -> Iterator[SlottedLayer]:
    """The layer of a group that has one matrix of the input and one of the hidden state, if any."""
    stems = {_plain(leaf.stem): leaf for leaf in group.leaves if leaf.part != "bias"}
    for x_stem, h_stem in _PAIRS:
        if x_stem in stems and h_stem in stems:
            layer = _pair(group, stems[x_stem], stems[h_stem], shapes, answers)
            if layer is not None:
                yield layer
                return
    for stem in _OVER_BOTH:
        if stem in stems and stems[stem].part and "h2h" not in stems:
            yield from _over_both(group, stems[stem], shapes, answers)


def _plain(stem: str) -> str:
    return stem.lower().replace("_", "")


def _pair(
    group: LeafGroup, x: NamedLeaf, h: NamedLeaf, shapes: Shapes, answers: Answers
) -> SlottedLayer | None:
    if len(shapes[h.name]) != 2 or 0 in shapes[h.name]:
        return None
    n_gates = max(shapes[h.name]) / min(shapes[h.name])
    cell = _CELLS.get(int(n_gates)) if n_gates == int(n_gates) else None
    if cell is None:
        return None
    gates, asked = _gates(cell, group, x, h, answers)
    slots = {x.name: x.slot(gates, "x"), h.name: h.slot(gates, "h")}
    slots |= _biases(group, x, h, gates, shapes, int(n_gates) * min(shapes[h.name]))
    if not fits(slots, shapes):
        return None
    layer = SlottedLayer(group.path, slots, (cell,), asked=asked)
    if cell != "gru_reset_after":
        return layer
    return as_gru(layer, any(slot.role == "bh" for slot in slots.values()), False, answers)


def _gates(
    cell: str, group: LeafGroup, x: NamedLeaf, h: NamedLeaf, answers: Answers
) -> tuple[tuple[str, ...], tuple[ImportQuestion, ...]]:
    """The gates from the first row to the last, as far as they are known."""
    usual = GATE_ORDER["torch"][cell]
    if len(usual) == 1:
        return usual, ()
    # The LSTM of Stanford's CS231n has Wx, Wh and b, and its candidate last.
    is_cs231n = cell == "lstm" and (x.stem, h.stem, x.part) == ("Wx", "Wh", "")
    likely = _CS231N if is_cs231n else usual
    orders = {", ".join(order): order for order in (likely, *permutations(usual))}
    question = ImportQuestion(
        "gate_order", tuple(orders), next(iter(orders)), f"{x.name}, {h.name}"
    )
    return orders[question.choose(answers)], (question,)


def _biases(
    group: LeafGroup, x: NamedLeaf, h: NamedLeaf, gates: tuple[str, ...], shapes: Shapes, size: int
) -> dict[str, Slot]:
    linear = [(group.find(x.stem, "bias"), "b"), (group.find(h.stem, "bias"), "bh")]
    found = {leaf.name: Slot(gates, role) for leaf, role in linear if leaf is not None}
    if found or x.part:
        return found
    own = {
        _plain(leaf.stem): leaf
        for leaf in group.leaves
        if max(shapes[leaf.name], default=0) == size and _n_numbers(shapes[leaf.name]) == size
    }
    for first, second in _TWO_BIASES:
        if first in own and second in own:
            return {own[first].name: Slot(gates, "b"), own[second].name: Slot(gates, "bh")}
    return next(({own[b].name: Slot(gates, "b")} for b in _ONE_BIAS if b in own), {})


def _n_numbers(shape: tuple[int, ...]) -> int:
    count = 1
    for n in shape:
        count *= n
    return count


def _over_both(
    group: LeafGroup, weights: NamedLeaf, shapes: Shapes, answers: Answers
) -> Iterator[SlottedLayer]:
    """A linear layer over [x, h]: the RNN of PyTorch's tutorial on classifying names.

    Until 2024 the tutorial's hidden state had no activation.
    """
    concatenation = ImportQuestion("concatenation", ("x_first", "h_first"), "x_first")
    activation = ImportQuestion("activation", ("linear", "tanh", "relu"), "linear")
    role = "xh" if concatenation.choose(answers) == "x_first" else "hx"
    slots = {weights.name: weights.slot(("hidden",), role)}
    if (bias := group.find(weights.stem, "bias")) is not None:
        slots[bias.name] = Slot(("hidden",), "b")
    if fits(slots, shapes):
        yield SlottedLayer(group.path, slots, ("rnn",), asked=(concatenation, activation))
