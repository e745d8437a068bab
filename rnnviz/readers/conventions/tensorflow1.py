"""Names of TensorFlow 1's cells, and of MXNet's Gluon.

`tf.nn.rnn_cell` (python/ops/rnn_cell_impl.py): one kernel (input + unit, gate × unit) over
[x, h]. `BasicLSTMCell` and `LSTMCell` stack i, j, f, o and add `forget_bias`, 1 unless another was
given, to the forget gate at every step, so that it is not in the file; `GRUCell` has r, u under
`gates` and the candidate, which reads r ⊙ h, apart. Peepholes: `w_i_diag`; projection, whose
numbers are what is passed on: `projection/kernel`. Before version 1.0 the LSTM had `W_0`, `B`,
`W_P_0`, as in ELMo's files. `CudnnCompatibleGRUCell` (contrib/cudnn_rnn) resets after the product.
Gluon (gluon/rnn/rnn_layer.py, rnn_cell.py) has the gates in torch's order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rnnviz.core.arrays import Shapes
from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.network.layer import Direction
from rnnviz.readers.conventions.leaves import LeafGroup
from rnnviz.readers.result import Answers, ImportQuestion
from rnnviz.readers.slots import Slot
from rnnviz.readers.slotted import SlottedLayer

_LSTM_CELLS = re.compile(
    r"(?:layer_norm_)?(?:basic_)?(?:block_)?lstm_(?:block_)?(?:wrapper_)?(?:fused_)?cell"
    r"|basic_?lstm_?cell|lstm_?cell"
)
_LSTM = ("input", "candidate", "forget", "output")
# Today's words, and those before TensorFlow 1.0.
_WORDS = (("kernel", "bias", "projection/kernel"), ("W_0", "B", "W_P_0"))
_DIAGONALS = {"w_i_diag": "input", "w_f_diag": "forget", "w_o_diag": "output"}
_GLUON = re.compile(
    r"(?:(?P<path>.*?)_?)?(?:(?P<side>[lr])(?P<level>\d{1,4})_)?(?P<role>i2h|h2h)_(?P<part>weight|bias)"
)
_GLUON_ROLES = {
    ("i2h", True): "x",
    ("i2h", False): "b",
    ("h2h", True): "h",
    ("h2h", False): "bh",
}


def tensorflow_layers(group: LeafGroup, shapes: Shapes, answers: Answers) -> Iterator[SlottedLayer]:
    """The layer that a group of TensorFlow 1's variables is, if any."""
    kernel, bias = group.find("kernel"), group.find("bias")
    if group.word == "gru_cell" or group.word == "block_gru_cell":
        yield from _gru(group)
    elif group.word == "cudnn_compatible_gru_cell":
        yield from _gru_reset_after(group, shapes)
    elif _LSTM_CELLS.fullmatch(group.word):
        yield from _lstm(group, shapes, answers)
    elif kernel is not None and group.word in ("basic_rnn_cell", "basicrnncell"):
        slots = {kernel.name: Slot(("hidden",), "xh", is_transposed=True)}
        slots |= {bias.name: Slot(("hidden",), "b")} if bias is not None else {}
        yield SlottedLayer(group.path, slots, ("rnn",))


def _lstm(group: LeafGroup, shapes: Shapes, answers: Answers) -> Iterator[SlottedLayer]:
    for kernel_word, bias_word, projection_word in _WORDS:
        kernel, bias = group.find(kernel_word), group.find(bias_word)
        if kernel is None:
            continue
        slots = {kernel.name: Slot(_LSTM, "xh", is_transposed=True)}
        slots |= {bias.name: Slot(_LSTM, "b")} if bias is not None else {}
        peepholes = {
            leaf.name: Slot((gate,), "p")
            for stem, gate in _DIAGONALS.items()
            if (leaf := group.find(stem)) is not None
        }
        projection = _beside(kernel.name, kernel_word, projection_word)
        projected = {projection: Slot(("hidden",), "w", is_transposed=True)}
        projected = projected if projection in shapes else {}
        asked = ImportQuestion("forget_bias", ("1", "0"), "1", kernel.name)
        cell = "lstm_peephole" if peepholes else "lstm_projected" if projected else "lstm"
        yield SlottedLayer(
            group.path,
            slots | peepholes | projected,
            (cell,) if not peepholes or not projected else (),
            asked=(asked,),
            forget_bias=float(asked.choose(answers)),
        )


def _beside(name: str, word: str, other: str) -> str:
    """The name of another variable of a cell, as this one's is written.

    >>> _beside("rnn/lstm_cell/kernel:0", "kernel", "projection/kernel")
    'rnn/lstm_cell/projection/kernel:0'
    """
    place, _, end = name.rpartition(word)
    return place + (other.replace("/", ".") if place.endswith(".") else other) + end


def _gru(group: LeafGroup) -> Iterator[SlottedLayer]:
    slots: dict[str, Slot] = {}
    for stem, gates in (("gates", ("reset", "update")), ("candidate", ("candidate",))):
        weights, bias = group.find(stem, "weights"), group.find(stem, "bias")
        if weights is None:
            return
        slots[weights.name] = weights.slot(gates, "xh")
        slots |= {bias.name: Slot(gates, "b")} if bias is not None else {}
    yield SlottedLayer(group.path, slots, ("gru",))


def _gru_reset_after(group: LeafGroup, shapes: Shapes) -> Iterator[SlottedLayer]:
    gates = ("reset", "update")
    kernel, bias = group.find("gates", "weights"), group.find("gates", "bias")
    if kernel is None or bias is None:
        return
    slots = {kernel.name: kernel.slot(gates, "xh"), bias.name: Slot(gates, "b")}
    for word, weights, added in (("input", "x", "b"), ("hidden", "h", "bh")):
        part = f"candidate/{word}_projection"
        slots[_beside(kernel.name, "gates/kernel", f"{part}/kernel")] = Slot(
            ("candidate",), weights, is_transposed=True
        )
        slots[_beside(bias.name, "gates/bias", f"{part}/bias")] = Slot(("candidate",), added)
    if slots.keys() <= shapes.keys():
        yield SlottedLayer(group.path, slots, ("gru_reset_after",))


def gluon_layers(group: LeafGroup, shapes: Shapes, answers: Answers) -> Iterator[SlottedLayer]:
    """The layers of a group of Gluon's parameters, `lstm0_l0_i2h_weight`."""
    layers: dict[str, dict[str, tuple[int, Direction, str, bool]]] = {}
    for leaf in group.leaves:
        found = _GLUON.fullmatch(leaf.stem) if not leaf.part else None
        if found:
            side: Direction = "backward" if found["side"] == "r" else "forward"
            place = int(found["level"] or 0), side, found["role"], found["part"] == "weight"
            layers.setdefault(found["path"] or "", {})[leaf.name] = place
    for path, places in layers.items():
        cell = _gluon_cell(places, shapes)
        if cell:
            gates = GATE_ORDER["torch"][cell]
            slots = {
                name: Slot(
                    gates, _GLUON_ROLES[role, is_weight], level, side, False if is_weight else None
                )
                for name, (level, side, role, is_weight) in places.items()
            }
            full = f"{group.path}.{path}".strip(".")
            yield SlottedLayer(full, slots, (cell,))


def _gluon_cell(places: dict[str, tuple[int, Direction, str, bool]], shapes: Shapes) -> str:
    for name, (_, _, role, is_weight) in places.items():
        if role == "h2h" and is_weight and len(shapes[name]) == 2 and shapes[name][1]:
            n_rows, n_columns = shapes[name]
            cells = {n_columns: "rnn", 3 * n_columns: "gru_reset_after", 4 * n_columns: "lstm"}
            return cells.get(n_rows, "")
    return ""
