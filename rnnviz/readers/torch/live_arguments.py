"""What a live module is called with, from what a user gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence, is_by_appearance, zero_padding
from rnnviz.errors import InputError
from rnnviz.readers.certainty import Assumption
from rnnviz.readers.torch.layer_inputs import is_packed_sequence
from rnnviz.readers.torch.layers import kind_of
from rnnviz.readers.torch.numbers import as_array


@dataclass(frozen=True, eq=False)
class Given:
    """What a user gives a live module to read.

    sequence  the first argument, or a tuple of all that come by position.
    path      of the recurrent layer to trace, "" for the only one.
    initial   states that it starts from, in torch's shapes or by name.
    args      further arguments by position.
    kwargs    arguments by name.
    call      of the layer that is traced, where it is called several times; None for all as one.
    """

    sequence: Any
    path: str = ""
    initial: Any = None
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    call: int | None = None

    @property
    def positional(self) -> tuple[Any, ...]:
        """All arguments by position; a tuple with a tensor or an array in it is several."""
        if type(self.sequence) is tuple and _are_arguments(self.sequence):
            return (*self.sequence, *self.args)
        return (self.sequence, *self.args)

    def reading(self, sequence: Sequence) -> Given:
        """With another Sequence as the first argument."""
        return replace(self, sequence=(sequence, *self.positional[1:]), args=())


def _are_arguments(values: tuple[Any, ...]) -> bool:
    """False for a tuple that is itself an array, as np.array(values) would have it."""
    arrays = [value for value in values if isinstance(value, np.ndarray)]
    is_mixed = bool(arrays) and len(arrays) < len(values)
    has_batches = any(array.ndim >= 3 for array in arrays)
    whole = any(
        hasattr(v, "detach") or is_packed_sequence(v) or isinstance(v, Sequence) for v in values
    )
    return whole or is_mixed or has_batches or not values


def split_layer_arguments(given: Given) -> tuple[Any, Any]:
    """Input and initial states of a call of a recurrent layer.

    Raises InputError for other arguments than a layer takes.
    """
    named = dict(given.kwargs)
    by_position = list(given.positional)
    by_position += [named.pop(name) for name in ("input", "hx") if name in named]
    if given.initial is not None:
        by_position.append(given.initial)
    if named or not 1 <= len(by_position) <= 2:
        raise InputError(
            "A recurrent layer reads its input and may start from given states, but {came} came;"
            " give them as rv.trace(module, values, initial=states).",
            came=", ".join([f"{len(by_position)} arguments", *map(str, named)]),
        )
    return by_position[0], by_position[1] if len(by_position) == 2 else None


def module_arguments(
    module: Any, given: Given, is_batch_first: bool
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments by position and by name, as tensors of the module's real type on its device.

    A Sequence and whole numbers in lists and arrays become token ids where the module has an
    embedding; tensors keep their kind, and what is no number is handed on as it is.

    is_batch_first  whether a Sequence is given as (batch, time, feature).

    Raises InputError for a text of other tokens than the embedding has.
    """
    first, *others = given.positional or (None,)
    place = _place(module)
    if isinstance(first, Sequence):
        values = _sequence_values(first, _table_sizes(module))
        first = _tensor(values.swapaxes(0, 1) if is_batch_first else values, place)
    elif hasattr(first, "detach"):
        first = _tensor(first, place)
    elif isinstance(first, list) or hasattr(first, "__array__"):
        first = _from_array(first, module, place)
    rest = (_other(value, place) for value in others)
    named = {name: _other(value, place) for name, value in given.kwargs.items()}
    return (first, *rest) if given.positional else (), named


def are_token_ids(values: Any) -> bool:
    """True for whole numbers in a tensor, an array or a list."""
    if (
        isinstance(values, Sequence)
        or is_packed_sequence(values)
        or getattr(values, "is_nested", False)
    ):
        return False
    return as_array(values).dtype.kind in "iu"


TensorPlace = tuple[Any, Any]


def _place(module: Any) -> TensorPlace:
    """Device and type of a module's first real numbers."""
    import torch

    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            return tensor.device, tensor.dtype
    return torch.device("cpu"), torch.get_default_dtype()


def _tensor(values: Any, place: TensorPlace) -> Any:
    import torch

    device, dtype = place
    tensor = values if hasattr(values, "detach") else torch.tensor(np.ascontiguousarray(values))
    return tensor.to(device, dtype) if tensor.is_floating_point() else tensor.to(device)


def _other(value: Any, place: TensorPlace) -> Any:
    """A further argument; whole numbers, as lengths are, stay where they are."""
    if isinstance(value, tuple):
        return tuple(_other(part, place) for part in value)
    is_array = isinstance(value, np.ndarray) and value.dtype.kind in "biuf"
    is_real = hasattr(value, "is_floating_point") and value.is_floating_point()
    return _tensor(value, place) if is_array or is_real else value


def _from_array(values: Any, module: Any, place: TensorPlace) -> Any:
    """A list or an array as a tensor; a list of anything but numbers as it is."""
    try:
        array = np.asarray(values)
    # A list of tensors or of rows of unequal length may be what the module takes.
    except (ValueError, TypeError, RuntimeError):
        return values
    if array.dtype.kind not in "biuf":
        return values
    reads_ids = any(kind_of(y) in ("Embedding", "EmbeddingBag") for y in module.modules())
    if array.dtype.kind in "iu" and reads_ids:
        return _tensor(array.astype(np.int64), place)
    return _tensor(array.astype(np.float64) if array.dtype.kind in "biu" else array, place)


def _table_sizes(module: Any) -> list[int]:
    return [y.num_embeddings for y in module.modules() if kind_of(y) == "Embedding"]


def taken_numbering(module: Any, sequence: Sequence | None) -> list[Assumption]:
    """That a text's tokens stand for a module's inputs in the order in which they appear."""
    if sequence is None or _table_sizes(module) or not _is_by_appearance(sequence):
        return []
    return [Assumption("token_ids", str(sequence.n_features))]


def _is_by_appearance(sequence: Sequence) -> bool:
    """True for a text whose columns were not given, but found in it."""
    parts = (sequence.features, sequence.tokens, sequence.has_given_vocabulary)
    return sequence.encoding == "one_hot" and is_by_appearance(*parts)


def _sequence_values(sequence: Sequence, tables: list[int]) -> Array:
    """Values of a Sequence, or for a one-hot text the ids (time, batch) that an embedding reads.

    Its tokens are ids themselves, or its columns were given, one for each row of the embedding.
    """
    if sequence.encoding != "one_hot" or not tables:
        return zero_padding(sequence.values, sequence)
    columns = sequence.values.argmax(axis=2)
    if all(name.isascii() and name.isdecimal() and len(name) < 10 for name in sequence.features):
        return np.where(sequence.is_real, np.array(list(map(int, sequence.features)))[columns], 0)
    if sequence.n_features not in tables or _is_by_appearance(sequence):
        raise InputError(
            "The module's embedding has {rows} rows and no names for them, but a text of {came}"
            " tokens came; give the ids that the module reads, a tensor of whole numbers, or the"
            " text with the token of each row, as in rv.parse(text, vocabulary=[…]).",
            rows=", ".join(map(str, tables)),
            came=sequence.n_features,
        )
    return np.where(sequence.is_real, columns, 0)
