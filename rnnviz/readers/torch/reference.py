"""A stack computed by `torch.nn`, from the file's own tensors."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.certainty import Reference, ReferenceRun
from rnnviz.readers.recurrent import DirectionWeights, RecurrentModule

_NAMES = {"rnn": "RNN", "lstm": "LSTM", "lstm_projected": "LSTM", "gru_reset_after": "GRU"}


@dataclass(frozen=True, eq=False)
class TorchReference(Reference):
    """Layers of `torch.nn` with the file's own tensors, fed by each other."""

    libraries = ("torch",)

    modules: tuple[RecurrentModule, ...]
    activation: str

    def run(self, values: Array) -> ReferenceRun:
        """Hidden states of the top level."""
        return ReferenceRun(values, _run(self.modules, self.activation, values))


def torch_reference(modules: tuple[RecurrentModule, ...], activation: str) -> TorchReference | None:
    """The stack's computation by `torch.nn`.

    None where the arrays are not PyTorch's or torch is not installed.
    """
    if modules[0].style not in ("torch", "torch_cell") or find_spec("torch") is None:
        return None
    return TorchReference(modules, activation)


def _run(modules: tuple[RecurrentModule, ...], activation: str, values: Array) -> Array:
    import torch

    arrays = (array for module in modules for array in module.arrays.values())
    states = torch.from_numpy(np.array(values, np.result_type(*arrays)))
    with torch.no_grad():
        for module in modules:
            # A layer that reads backward alone is torch's, on the sequence turned round.
            is_turned = {each.direction for each in module.directions} == {"backward"}
            states = _hidden(module, activation, states.flip(0) if is_turned else states)
            states = states.flip(0) if is_turned else states
    return np.asarray(states.numpy())


def _hidden(module: RecurrentModule, activation: str, values: Any) -> Any:
    """Hidden states (time, batch, unit) of the module's top level."""
    layer, lengths = torch_layer(module, activation, values.dtype), (len(values),) * values.shape[1]
    return call_layer(layer, values, lengths, _initial_states(module, values))


def torch_layer(module: RecurrentModule, activation: str, dtype: Any) -> Any:
    """A layer of torch with these weights."""
    import torch

    ending = "Cell" if module.style == "torch_cell" else ""
    make = getattr(torch.nn, _NAMES[module.cells[0]] + ending)
    own = make(module.n_inputs, **_options(module, activation), dtype=dtype)
    own.load_state_dict({name: torch.tensor(array) for name, array in module.arrays.items()})
    return own


def call_layer(
    layer: Any, values: Any, lengths: tuple[int, ...], start: tuple[Any, ...] | None = None
) -> Any:
    """Hidden states (time, batch, unit) that a layer gives, by one call; by one a step for a cell.

    values   tensor (time, batch, feature).
    lengths  real steps of every row; what is given behind them means nothing.
    start    its states before, each (layer · direction, batch, unit); None for zeros.
    """
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    is_cell = not hasattr(layer, "num_layers")
    states = start if start is None or not is_cell else tuple(state[0] for state in start)
    state = states[0] if states is not None and len(states) == 1 else states
    if is_cell:
        return _every_step(layer, values, state)
    more = () if state is None else (state,)
    if min(lengths) < len(values):
        packed = pack_padded_sequence(values, list(lengths), enforce_sorted=False)
        return pad_packed_sequence(layer(packed, *more)[0], total_length=len(values))[0]
    if layer.batch_first:
        return layer(values.swapaxes(0, 1), *more)[0].swapaxes(0, 1)
    return layer(values, *more)[0]


def _initial_states(module: RecurrentModule, values: Any) -> tuple[Any, ...] | None:
    """What the module starts from, each (layer · direction, batch, unit)."""
    import torch

    if not module.directions[0].initial:
        return None
    names = ("hidden", "cell") if module.cells[0].startswith("lstm") else ("hidden",)
    return tuple(
        torch.stack([_initial_state(each, name, values) for each in module.directions])
        for name in names
    )


def _initial_state(each: DirectionWeights, name: str, values: Any) -> Any:
    import torch

    n_units = len(next(weight for key, weight in each.weights.items() if key.endswith(".x")))
    zeros = np.zeros(each.n_outputs if name == "hidden" else n_units)
    row = torch.tensor(np.array(each.initial.get(name, zeros))).to(values.dtype)
    return row.expand(values.shape[1], -1)


def _options(module: RecurrentModule, activation: str) -> dict[str, Any]:
    arrays = module.arrays
    projection = arrays.get("weight_hr_l0")
    recurrent = next(array for name, array in arrays.items() if name.startswith("weight_hh"))
    options: dict[str, Any] = {
        "hidden_size": (recurrent if projection is None else projection).shape[1],
        "bias": any(name.startswith("bias_ih") for name in arrays),
    }
    if module.cells[0] == "rnn":
        options["nonlinearity"] = activation
    if projection is not None:
        options["proj_size"] = projection.shape[0]
    if module.style == "torch":
        options["num_layers"] = module.n_levels
        options["bidirectional"] = any(name.endswith("_reverse") for name in arrays)
    return options


def _every_step(cell: Any, values: Any, state: Any) -> Any:
    import torch

    hidden = []
    for x in values:
        state = cell(x) if state is None else cell(x, state)
        hidden.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(hidden)
