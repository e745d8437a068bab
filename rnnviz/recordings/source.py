"""Sources of long sequences, read by window: of a Sequence in memory, and of an array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.sequence import Encoding, Sequence, as_sequence, check_finite


class SequenceSource(Protocol):
    """Sequence of one row that gives its values by window."""

    @property
    def n_steps(self) -> int:
        """Timesteps."""

    @property
    def features(self) -> tuple[str, ...]:
        """A name for every feature."""

    @property
    def encoding(self) -> Encoding:
        """Encoding of its tokens."""

    def values(self, start: int, stop: int) -> Array:
        """Finite values (time, 1, feature) from `start` up to `stop`."""

    def window(self, start: int, stop: int) -> Sequence:
        """Sequence of the steps from `start` up to `stop`."""


@dataclass(frozen=True, eq=False)
class InMemory:
    """Source from the first row of a Sequence in memory.

    >>> InMemory(Sequence([[[0.5]], [[1.0]]])).window(1, 2).tokens
    (('2',),)
    """

    sequence: Sequence

    @property
    def n_steps(self) -> int:
        """Timesteps of the first row."""
        return self.sequence.lengths[0]

    @property
    def features(self) -> tuple[str, ...]:
        """A name for every feature."""
        return self.sequence.features

    @property
    def encoding(self) -> Encoding:
        """Encoding of its tokens."""
        return self.sequence.encoding

    def values(self, start: int, stop: int) -> Array:
        """Values (time, 1, feature) from `start` up to `stop`."""
        return self.sequence.values[start:stop, :1]

    def window(self, start: int, stop: int) -> Sequence:
        """Sequence of the steps from `start` up to `stop`."""
        values = self.values(start, stop)
        tokens = self.sequence.tokens[0][start:stop]
        return Sequence(values, (tokens,), (), self.features, self.encoding)


@dataclass(frozen=True, eq=False)
class NumericArray:
    """Source from an array; tokens are the steps' numbers, created by window.

    array     (time, feature), read-only.
    features  a name for every feature.

    Raises InputError as `Sequence` does.

    >>> NumericArray([[0.5], [1.0]]).window(1, 2).tokens
    (('2',),)
    """

    array: Array
    features: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        array = np.asarray(self.array)
        # The first step only: a Sequence of all steps would create a token for each.
        first = Sequence(array[:1, None], features=self.features)
        check_finite(array[:, None], (len(array),))
        object.__setattr__(self, "features", first.features)
        object.__setattr__(self, "array", read_only(array.astype(first.values.dtype, copy=False)))

    @property
    def n_steps(self) -> int:
        """Timesteps."""
        return len(self.array)

    @property
    def encoding(self) -> Encoding:
        """Encoding of plain numbers."""
        return "values"

    def values(self, start: int, stop: int) -> Array:
        """Values (time, 1, feature) from `start` up to `stop`."""
        return self.array[start:stop, None, :]

    def window(self, start: int, stop: int) -> Sequence:
        """Sequence of the steps from `start` up to `stop`."""
        return Sequence(self.values(start, stop), (step_numbers(start, stop),), (), self.features)


def step_numbers(start: int, stop: int) -> tuple[str, ...]:
    """Tokens of steps without tokens: their numbers from 1."""
    return tuple(map(str, range(start + 1, stop + 1)))


def as_source(sequence: Any) -> SequenceSource:
    """Source from itself, or from the first row of a Sequence or of an array.

    sequence  an array is (time, feature) or (time, batch, feature).

    Raises InputError for an array of other axes.
    """
    if isinstance(sequence, Sequence):
        return InMemory(sequence)
    if hasattr(sequence, "window"):
        source: SequenceSource = sequence
        return source
    values = np.asarray(sequence)
    if values.ndim not in (2, 3) or 0 in values.shape:
        # Such an array is none, and the error says why.
        return InMemory(as_sequence(sequence))
    return NumericArray(values[:, 0] if values.ndim == 3 else values)
