"""The same stack computed by `torch.nn`, from the file's own tensors."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.recurrent import RecurrentModule
from rnnviz.readers.result import Reference

_NAMES = {"rnn": "RNN", "lstm": "LSTM", "lstm_projected": "LSTM", "gru_reset_after": "GRU"}


def torch_reference(parts: tuple[RecurrentModule, ...], activation: str) -> Reference | None:
    """(time, batch, feature) ▶ the top level's hidden states (time, batch, unit) by `torch.nn`.

    None where the arrays are not PyTorch's or torch is not installed.
    """
    if parts[0].style not in ("torch", "torch_cell") or find_spec("torch") is None:
        return None
    return lambda values: _run(parts, activation, values)


def _run(parts: tuple[RecurrentModule, ...], activation: str, values: Array) -> Array:
    import torch

    dtype = np.result_type(*(array for part in parts for array in part.arrays.values()))
    states = torch.from_numpy(np.array(values, dtype))
    with torch.no_grad():
        for part in parts:
            states = _part(part, activation, states)
    return np.asarray(states.numpy())


def _part(part: RecurrentModule, activation: str, values: Any) -> Any:
    import torch

    is_cell = part.style == "torch_cell"
    make = getattr(torch.nn, _NAMES[part.cells[0]] + ("Cell" if is_cell else ""))
    module = make(part.n_inputs, **_options(part, activation), dtype=values.dtype)
    module.load_state_dict({name: torch.tensor(array) for name, array in part.arrays.items()})
    return _every_step(module, values) if is_cell else module(values)[0]


def _options(part: RecurrentModule, activation: str) -> dict[str, Any]:
    options: dict[str, Any] = {
        "hidden_size": _n_units(part.arrays),
        "bias": any(name.startswith("bias_ih") for name in part.arrays),
    }
    if part.cells[0] == "rnn":
        options["nonlinearity"] = activation
    if part.cells[0] == "lstm_projected":
        options["proj_size"] = part.arrays["weight_hr_l0"].shape[0]
    if part.style == "torch":
        options["num_layers"] = part.n_levels
        options["bidirectional"] = any(name.endswith("_reverse") for name in part.arrays)
    return options


def _n_units(arrays: Mapping[str, Array]) -> int:
    projection = arrays.get("weight_hr_l0")
    recurrent = next(array for name, array in arrays.items() if name.startswith("weight_hh"))
    return int((recurrent if projection is None else projection).shape[1])


def _every_step(cell: Any, values: Any) -> Any:
    import torch

    state, hidden = None, []
    for x in values:
        state = cell(x, state)
        hidden.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(hidden)
