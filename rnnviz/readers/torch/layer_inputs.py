"""What a recurrent layer of torch is called with ▶ Sequence and initial states.

Shapes: documentation of `torch.nn.LSTM`, "Inputs"; rows of unequal length come as a PackedSequence
or as a nested tensor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence, as_sequence
from rnnviz.errors import InputError
from rnnviz.readers.torch.layers import is_cell, recurrent_kind
from rnnviz.readers.torch.numbers import as_array

_STATES = {"LSTM": ("hidden", "cell"), "LSTMCell": ("hidden", "cell")}


def state_names(module: Any) -> tuple[str, ...]:
    """Names of a layer's states in torch's order."""
    return _STATES.get(recurrent_kind(module), ("hidden",))


class LayerInputs(NamedTuple):
    """Input of a layer, time first.

    tensor       the same values (time, batch, feature) as a tensor with their gradient, where they
                 have one.
    is_batched   False where the batch axis was added.
    is_one_step  True where the time axis was added.
    """

    sequence: Sequence
    tensor: Any = None
    is_batched: bool = True
    is_one_step: bool = False


def layer_inputs(module: Any, values: Any) -> LayerInputs:
    """The values that a layer would read, as it would read them.

    values  a Sequence; a tensor or array (time, batch, feature), (batch, time, feature) with
            `batch_first`, or (time, feature); for a cell (batch, feature) or (feature,) is one
            step, and three axes are the sequence that it steps through; a PackedSequence; a
            nested tensor with a row (time, feature) for each of the batch.

    Raises InputError for anything else.
    """
    if isinstance(values, Sequence):
        return LayerInputs(values)
    if is_packed_sequence(values):
        return LayerInputs(*unpack(values))
    if getattr(values, "is_nested", False):
        return LayerInputs(_from_nested(values))
    tensor = values if getattr(values, "requires_grad", False) else None
    array = as_array(values)
    n_axes = array.ndim
    if is_cell(module) and n_axes in (1, 2):
        order = (None, None, ...) if n_axes == 1 else (None, ...)
        return LayerInputs(*_both(array, tensor, lambda x: x[order]), n_axes == 2, True)
    if n_axes == 2:
        return LayerInputs(*_both(array, tensor, lambda x: x[:, None]), False)
    if n_axes == 3 and getattr(module, "batch_first", False):
        return LayerInputs(*_both(array, tensor, lambda x: x.swapaxes(0, 1)))
    return LayerInputs(*_both(array, tensor, lambda x: x))


def _both(array: Array, tensor: Any, arrange: Any) -> tuple[Sequence, Any]:
    return Sequence(arrange(array)), None if tensor is None else arrange(tensor)


def tensor_sequence(values: Any) -> Sequence:
    """Sequence of a PackedSequence, a nested tensor, or a tensor or list (time, batch, feature).

    Raises InputError for anything else.
    """
    if is_packed_sequence(values):
        return unpack(values)[0]
    if getattr(values, "is_nested", False):
        return _from_nested(values)
    return as_sequence(as_array(values))


def is_packed_sequence(values: Any) -> bool:
    """True for a `torch.nn.utils.rnn.PackedSequence`."""
    return hasattr(values, "batch_sizes") and hasattr(values, "unsorted_indices")


def unpack(packed: Any) -> tuple[Sequence, Any]:
    """Sequence of a PackedSequence, its rows in the order they had before, and its tensor."""
    from torch.nn.utils.rnn import pad_packed_sequence

    values, lengths = pad_packed_sequence(packed)
    tensor = values if values.requires_grad else None
    return Sequence(as_array(values), lengths=tuple(lengths.tolist())), tensor


def _from_nested(nested: Any) -> Sequence:
    rows = [as_array(row) for row in nested.unbind()]
    if not rows or any(row.ndim != 2 for row in rows):
        raise InputError(
            "A nested tensor should hold a row (time, feature) for each of the batch, but its rows"
            " have the shapes {shapes}; make them so, or pad them.",
            shapes=", ".join(str(row.shape) for row in rows[:5]) or "none",
        )
    lengths = tuple(len(row) for row in rows)
    values = np.zeros((max(lengths), len(rows), rows[0].shape[1]), rows[0].dtype)
    for i, row in enumerate(rows):
        values[: len(row), i] = row
    return Sequence(values, lengths=lengths)


def initial_arrays(module: Any, initial: Any, inputs: LayerInputs) -> dict[str, Array]:
    """Initial states by name in torch's order, (layer · direction, batch, unit); none for zeros.

    initial  None; a tensor or array, and for an LSTM a pair, in torch's shapes; or by name.

    Raises InputError for other shapes and names.
    """
    if initial is None:
        return {}
    names = state_names(module)
    given = initial if isinstance(initial, Mapping) else _named(names, initial)
    unknown = [name for name in given if name not in names]
    if unknown:
        raise InputError(
            "The states of a {kind} are {known}, but an initial one for {came} came.",
            kind=recurrent_kind(module),
            known=", ".join(names),
            came=", ".join(map(str, unknown)),
        )
    return {name: _in_layers(name, given.get(name), module, inputs) for name in names}


def _named(names: tuple[str, ...], initial: Any) -> dict[str, Any]:
    if len(names) == 1:
        is_single = isinstance(initial, list | tuple) and len(initial) == 1
        return {names[0]: initial[0] if is_single and hasattr(initial[0], "ndim") else initial}
    if isinstance(initial, list | tuple) and len(initial) == len(names):
        return dict(zip(names, initial, strict=True))
    raise InputError(
        "An LSTM starts from a pair of states, (h0, c0), but {came} came.",
        came=type(initial).__name__,
    )


def _in_layers(name: str, given: Any, module: Any, inputs: LayerInputs) -> Array:
    n_layers = getattr(module, "num_layers", 1) * (1 + getattr(module, "bidirectional", False))
    width = (name == "hidden" and getattr(module, "proj_size", False)) or module.hidden_size
    wanted = (n_layers, inputs.sequence.n_rows, width)
    if given is None:
        return np.zeros(wanted)
    state = as_array(given)
    arranged = state[None] if is_cell(module) else state
    if not inputs.is_batched and arranged.ndim == 2:
        arranged = arranged[:, None]
    if arranged.shape != wanted:
        raise InputError(
            "The initial {name} should be {wanted} (layer · direction, batch, unit), but it is"
            " {came}; a cell's is (batch, unit).",
            name=name,
            wanted=wanted,
            came=state.shape,
        )
    return arranged
