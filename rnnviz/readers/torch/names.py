"""Arrays under the names of a PyTorch state dict ▶ recurrent modules.

Names and shapes: documentation of `torch.nn.LSTM`, `GRU`, `RNN` and of their cells, "Variables".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.core.gate_order import GATE_ORDER, TORCH_PARAMETERS, split_gates
from rnnviz.errors import ModelError
from rnnviz.network.layer import Direction
from rnnviz.readers.recurrent import (
    DirectionWeights,
    RecurrentModule,
    cell_by_gates,
    check_matrix,
    check_shape,
)
from rnnviz.readers.result import Origin
from rnnviz.readers.tensors import finite_floats

_LEVEL = re.compile(r"_l(\d+)")
_SUFFIX = re.compile(r"_l\d+|_reverse")
_CELLS = {1: "rnn", 3: "gru_reset_after", 4: "lstm"}
_NAME = re.compile(
    r"(?:(?P<path>.*)\.)?"
    r"(?P<own>(?:weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)(?P<level>_l\d{1,4}(?:_reverse)?)?)",
    re.DOTALL,
)


def torch_modules(
    arrays: Mapping[str, Array], answers: Mapping[str, str]
) -> tuple[RecurrentModule, ...]:
    """Every recurrent module of a state dict, in the order of the file.

    Raises ModelError naming the array that is missing, does not fit or is not finite.

    >>> import numpy as np
    >>> arrays = {"rnn.weight_ih_l0": np.ones((12, 2)), "rnn.weight_hh_l0": np.ones((12, 4))}
    >>> [(module.path, module.cells) for module in torch_modules(arrays, {})]
    [('rnn', ('gru_reset_after',))]
    """
    groups: dict[tuple[str, bool], dict[str, str]] = {}
    for name in arrays:
        if found := _NAME.fullmatch(name):
            key = found["path"] or "", found["level"] is None
            groups.setdefault(key, {})[found["own"]] = name
    groups = {key: names for key, names in groups.items() if not _has_one_bias(key, arrays)}
    return tuple(
        torch_module(
            path,
            {own: finite_floats(name, arrays[name], answers) for own, name in names.items()},
            used=frozenset(names.values()),
        )
        for (path, _), names in groups.items()
    )


def _has_one_bias(key: tuple[str, bool], arrays: Mapping[str, Array]) -> bool:
    """True for a cell of another library or by hand: PyTorch's have two biases or none."""
    path, is_cell = key
    return is_cell and f"{path}.bias".lstrip(".") in arrays


def torch_module(
    path: str,
    arrays: Mapping[str, Array],
    *,
    used: frozenset[str] = frozenset(),
    activation: str = "",
    cell_origin: Origin = "shapes",
) -> RecurrentModule:
    """One recurrent module from its own names: `weight_ih_l0`, or a cell's `weight_ih`.

    Raises ModelError naming the array that is missing or does not fit.

    >>> import numpy as np
    >>> module = torch_module("", {"weight_ih": np.ones((4, 2)), "weight_hh": np.ones((4, 1))})
    >>> module.style, module.cells, module.n_inputs, module.n_outputs
    ('torch_cell', ('lstm',), 2, 1)
    """
    suffixes = tuple(_suffixes(arrays))
    _check_complete(path, arrays, suffixes)
    cells = {_cell(path, arrays, suffix) for _, _, suffix in suffixes}
    if len(cells) > 1:
        raise ModelError(
            "The layers of “{path}” should be of one kind, but they are {cells};"
            " save the whole model again.",
            path=shown(path, 80),
            cells=", ".join(sorted(cells)),
        )
    cell = cells.pop()
    _check_shapes(path, arrays, suffixes, cell)
    return RecurrentModule(
        path,
        "torch_cell" if "weight_ih" in arrays else "torch",
        (cell,),
        tuple(
            DirectionWeights(level, direction, _weights(arrays, suffix, cell))
            for level, direction, suffix in suffixes
        ),
        arrays,
        used,
        activation=activation,
        cell_origin=cell_origin,
    )


Suffixes = tuple[tuple[int, Direction, str], ...]


def _suffixes(arrays: Mapping[str, Array]) -> Iterator[tuple[int, Direction, str]]:
    """Level, direction and the end of the names of every layer there should be."""
    levels = [int(found[1]) for name in arrays if (found := _LEVEL.search(name))]
    if not levels:
        yield 0, "forward", ""
        return
    has_reverse = any(name.endswith("_reverse") for name in arrays)
    # Of more levels than arrays one is missing below that many.
    for level in range(1 + min(max(levels), len(arrays))):
        yield level, "forward", f"_l{level}"
        if has_reverse:
            yield level, "backward", f"_l{level}_reverse"


def _check_complete(path: str, arrays: Mapping[str, Array], suffixes: Suffixes) -> None:
    roles = {_SUFFIX.sub("", name) for name in arrays} | {"weight_ih", "weight_hh"}
    roles |= {"bias_ih", "bias_hh"} if roles & {"bias_ih", "bias_hh"} else set()
    for _, _, suffix in suffixes:
        # A vector is of another cell, which may well have other arrays.
        if (recurrent := "weight_hh" + suffix) in arrays:
            check_matrix(_full(path, recurrent), arrays[recurrent])
        for role in sorted(roles):
            if role + suffix not in arrays:
                raise ModelError(
                    "“{missing}” is missing beside “{present}”; save the whole model again.",
                    missing=_full(path, role + suffix),
                    present=_full(path, next(iter(arrays))),
                )


def _cell(path: str, arrays: Mapping[str, Array], suffix: str) -> str:
    name, projection = "weight_hh" + suffix, arrays.get("weight_hr" + suffix)
    for matrix in ("weight_ih", "weight_hr"):
        if matrix + suffix in arrays:
            check_matrix(_full(path, matrix + suffix), arrays[matrix + suffix])
    n_rows, n_columns = arrays[name].shape
    if projection is None:
        return cell_by_gates(_full(path, name), n_rows, n_columns, _CELLS)
    cell_by_gates(_full(path, name), n_rows, projection.shape[1], {4: "lstm"})
    return "lstm_projected"


def _check_shapes(path: str, arrays: Mapping[str, Array], suffixes: Suffixes, cell: str) -> None:
    """Raise ModelError for an array that does not fit; a level reads the outputs of that below."""
    n_inputs, n_outputs = arrays["weight_ih" + suffixes[0][2]].shape[1], 0
    below = 0
    for level, _, suffix in suffixes:
        if level != below:
            n_inputs, n_outputs, below = n_outputs, 0, level
        n_outputs += _check_direction(path, arrays, suffix, cell, n_inputs)


def _check_direction(
    path: str, arrays: Mapping[str, Array], suffix: str, cell: str, n_inputs: int
) -> int:
    n_rows, n_hidden = arrays["weight_hh" + suffix].shape
    wanted = {
        "weight_ih": ((n_rows, n_inputs), "gate × unit, input"),
        "weight_hr": ((n_hidden, n_rows // len(GATE_ORDER["torch"][cell])), "projection, unit"),
        "bias_ih": ((n_rows,), "gate × unit"),
        "bias_hh": ((n_rows,), "gate × unit"),
    }
    for role, (shape, axes) in wanted.items():
        if role + suffix in arrays:
            check_shape(_full(path, role + suffix), arrays[role + suffix], shape, axes)
    return int(n_hidden)


def _weights(arrays: Mapping[str, Array], suffix: str, cell: str) -> dict[str, Array]:
    stacked = {
        role: arrays[name + suffix]
        for role, name in TORCH_PARAMETERS.items()
        if name + suffix in arrays
    }
    projection = {"hidden.w": arrays["weight_hr" + suffix]} if cell == "lstm_projected" else {}
    return split_gates(GATE_ORDER["torch"][cell], stacked) | projection


def _full(path: str, name: str) -> str:
    return shown(f"{path}.{name}" if path else name, 80)
