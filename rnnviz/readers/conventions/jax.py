"""Names of JAX's libraries: Flax, Haiku, Equinox, and Sonnet, which Haiku follows.

Flax: `flax.linen.LSTMCell`, `GRUCell`, `SimpleCell` (linen/recurrent.py) and, with all gates in one
matrix, `flax.nnx.OptimizedLSTMCell`, `GRUCell` (nnx/nn/recurrent.py). Haiku: `haiku.LSTM`, `GRU`,
`VanillaRNN` (_src/recurrent.py): one matrix over [x, h] with the gates i, g, f, o, to whose forget
gate 1 is added at every step; its update gate writes the candidate; its simple RNN is a relu.
Equinox: `equinox.nn.GRUCell` (nn/_rnn.py), whose `bias_n` is the candidate's recurrent bias.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.core.arrays import Shapes
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.readers.conventions.leaves import LeafGroup, NamedLeaf
from rnnviz.readers.result import Answers
from rnnviz.readers.slots import Slot
from rnnviz.readers.slotted import SlottedLayer

_LSTM = {"i": "input", "f": "forget", "g": "candidate", "o": "output"}
_GRU = {"r": "reset", "z": "update", "n": "candidate"}
_FLAX = {"lstm": _LSTM, "gru_reset_after": _GRU, "rnn": {"": "hidden"}}
_TORCH = GATE_ORDER["torch"]
_HAIKU_LSTM = ("input", "candidate", "forget", "output")
_HAIKU_GRU = ("update", "reset", "candidate")


def jax_layers(group: LeafGroup, shapes: Shapes, answers: Answers) -> Iterator[SlottedLayer]:
    """The layer that a group is in one of these libraries, if any."""
    for rule in (_flax, _flax_stacked, _haiku_lstm, _haiku_gru, _haiku_rnn, _equinox_gru):
        if (layer := rule(group, shapes)) is not None:
            yield layer
            return


def _flax(group: LeafGroup, shapes: Shapes) -> SlottedLayer | None:
    """One matrix a gate, `ii` … `ho`; of the simple cell `i` and `h`."""
    kernels = {
        leaf.stem.rstrip("_"): leaf
        for leaf in group.leaves
        if leaf.part == "weights" and leaf.is_transposed
    }
    for cell, gates in _FLAX.items():
        wanted = {side + letter: (gate, side) for letter, gate in gates.items() for side in "ih"}
        if wanted.keys() == kernels.keys():
            slots: dict[str, Slot] = {}
            for stem, (gate, side) in wanted.items():
                slots |= _linear(group, kernels[stem], (gate,), side)
            return SlottedLayer(group.path, slots, (cell,))
    return None


def _flax_stacked(group: LeafGroup, shapes: Shapes) -> SlottedLayer | None:
    inputs, hidden = group.find("dense_i", "weights"), group.find("dense_h", "weights")
    if inputs is None or hidden is None or len(shapes[hidden.name]) != 2:
        return None
    n_units, width = shapes[hidden.name]
    cell = {1: "rnn", 3: "gru_reset_after", 4: "lstm"}.get(width // max(1, n_units))
    if cell is None:
        return None
    slots = _linear(group, inputs, _TORCH[cell], "i") | _linear(group, hidden, _TORCH[cell], "h")
    return SlottedLayer(group.path, slots, (cell,))


def _linear(
    group: LeafGroup, weights: NamedLeaf, gates: tuple[str, ...], side: str
) -> dict[str, Slot]:
    """The slots of a linear layer that reads the input, "i", or the hidden state, "h"."""
    slots = {weights.name: weights.slot(gates, "x" if side == "i" else "h")}
    if (bias := group.find(weights.stem, "bias")) is not None:
        slots[bias.name] = Slot(gates, "b" if side == "i" else "bh")
    return slots


def _haiku_lstm(group: LeafGroup, shapes: Shapes) -> SlottedLayer | None:
    weights, bias = group.find("linear", "weights"), group.find("linear", "bias")
    if group.word != "lstm" or weights is None or not weights.name.endswith("/w"):
        return None
    slots = {weights.name: weights.slot(_HAIKU_LSTM, "xh")}
    slots |= {bias.name: Slot(_HAIKU_LSTM, "b")} if bias is not None else {}
    return SlottedLayer(group.path, slots, ("lstm",), forget_bias=1)


def _haiku_gru(group: LeafGroup, shapes: Shapes) -> SlottedLayer | None:
    leaves = [group.find(stem) for stem in ("w_i", "w_h", "b")]
    if group.word != "gru" or None in leaves:
        return None
    slots = {
        leaf.name: Slot(_HAIKU_GRU, role, is_transposed=True if role != "b" else None)
        for leaf, role in zip(leaves, ("x", "h", "b"), strict=True)
        if leaf is not None
    }
    return SlottedLayer(group.path, slots, ("gru",), update_writes=True)


def _haiku_rnn(group: LeafGroup, shapes: Shapes) -> SlottedLayer | None:
    inputs, hidden = group.find("linear", "weights"), group.find("linear_1", "weights")
    if group.word != "vanilla_rnn" or inputs is None or hidden is None:
        return None
    slots = _linear(group, inputs, ("hidden",), "i") | _linear(group, hidden, ("hidden",), "h")
    return SlottedLayer(group.path, slots, ("rnn",), activation="relu")


def _equinox_gru(group: LeafGroup, shapes: Shapes) -> SlottedLayer | None:
    gates = _TORCH["gru_reset_after"]
    roles = {
        "weight_ih": Slot(gates, "x", is_transposed=False),
        "weight_hh": Slot(gates, "h", is_transposed=False),
        "bias": Slot(gates, "b"),
        "bias_n": Slot(("candidate",), "bh"),
    }
    leaves = {stem: group.find(stem) for stem in roles}
    slots = {leaf.name: roles[stem] for stem, leaf in leaves.items() if leaf is not None}
    return SlottedLayer(group.path, slots, ("gru_reset_after",)) if len(slots) == 4 else None
