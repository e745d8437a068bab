"""A network's input: numbers (time, batch, feature) with a token per timestep, and its padding."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence as Rows
from dataclasses import dataclass
from functools import lru_cache
from os import PathLike
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import shown
from rnnviz.core.html_table import html_table
from rnnviz.errors import InputError
from rnnviz.formatting import number_of

# Steps and features of a sequence that a notebook shows.
_SHOWN = 8
Encoding = Literal["values", "one_hot", "embedding"]


@dataclass(frozen=True, eq=False, repr=False)
class Sequence:
    """Numbers (time, batch, feature) with a token per step; rows may end early.

    values    read-only; steps after a row's length are padding.
    tokens    per batch row one label a step; by default the step's number.
    lengths   per batch row how many steps are real; by default all of them.
    features  a name for every feature: the vocabulary of a text, the columns of a table.
    encoding  how tokens became numbers: "values" as they came, "one_hot" or "embedding".
    has_given_vocabulary
              True when the features of a text were given, not found in it.

    Raises InputError for parts of different sizes and for real values that are not finite.

    >>> sequence = Sequence([[[0.5]], [[1.0]]])
    >>> sequence.n_steps, sequence.tokens
    (2, (('1', '2'),))
    """

    values: Array
    tokens: tuple[tuple[str, ...], ...] = ()
    lengths: tuple[int, ...] = ()
    features: tuple[str, ...] = ()
    encoding: Encoding = "values"
    has_given_vocabulary: bool = False

    def __post_init__(self) -> None:
        if self.encoding not in get_args(Encoding):
            raise InputError(
                'Tokens become numbers as one of {allowed}, but "{came}" came.',
                allowed=", ".join(get_args(Encoding)),
                came=self.encoding,
            )
        values = _checked_values(self.values)
        n_steps, n_rows, n_features = values.shape
        lengths = tuple(int(n) for n in self.lengths) or (n_steps,) * n_rows
        _check_lengths(lengths, n_steps, n_rows)
        check_finite(values, lengths)
        tokens = tuple(tuple(map(str, row)) for row in self.tokens) or _step_numbers(lengths)
        _check_tokens(tokens, lengths)
        features = tuple(map(str, self.features)) or _feature_numbers(n_features)
        if len(features) != n_features:
            raise InputError(
                "A sequence of {n_features} features needs as many names, but {n_names} came.",
                n_features=n_features,
                n_names=len(features),
            )
        for name, value in [
            ("values", read_only(values)),
            ("tokens", tokens),
            ("lengths", lengths),
            ("features", features),
        ]:
            object.__setattr__(self, name, value)

    @property
    def n_steps(self) -> int:
        """Timesteps of the longest row."""
        return int(self.values.shape[0])

    @property
    def n_rows(self) -> int:
        """Batch size."""
        return int(self.values.shape[1])

    @property
    def n_features(self) -> int:
        """Features per step."""
        return int(self.values.shape[2])

    @property
    def is_real(self) -> Array:
        """Mask (time, batch), False where a step is padding."""
        return np.arange(self.n_steps)[:, None] < np.asarray(self.lengths)

    def __repr__(self) -> str:
        return f"<{self._title()}>"

    def _title(self) -> str:
        sizes = {"step": self.n_steps, "row": self.n_rows, "feature": self.n_features}
        counts = ", ".join(number_of(count, one) for one, count in sizes.items())
        return f"Sequence: {counts}, {self.encoding}"

    def _repr_html_(self) -> str:
        """Sizes, and the first row's first tokens with their numbers."""
        first = zip(range(_SHOWN), self.tokens[0], strict=False)
        rows = [
            (step, token, *(f"{x:.4g}" for x in self.values[step, 0, :_SHOWN]))
            for step, token in first
        ]
        names = self.features[:_SHOWN]
        return html_table(self._title(), ("step", "token", *names), rows)

    def __reduce__(self) -> tuple[Any, ...]:
        parts = (self.values, self.tokens, self.lengths, self.features, self.encoding)
        return Sequence, (*parts, self.has_given_vocabulary)


def as_sequence(values: Sequence | ArrayLike) -> Sequence:
    """Sequence from itself or from a plain (time, batch, feature) or (time, feature) array."""
    if isinstance(values, Sequence):
        return values
    if isinstance(values, str | PathLike):
        raise InputError(
            "Numbers or a Sequence are wanted, but “{came}” came; rnnviz.read_sequence opens a"
            " file, and rnnviz.parse reads a text.",
            came=shown(str(values), 80),
        )
    array = _array(values)
    return Sequence(array[:, None, :] if array.ndim == 2 else array)


def _array(values: ArrayLike) -> Array:
    try:
        return np.asarray(values)
    except ValueError as error:
        raise InputError(
            "A sequence is one rectangular array, but these rows differ in length;"
            " pad them and give their lengths."
        ) from error


def _checked_values(values: ArrayLike) -> Array:
    array = _array(values)
    if array.dtype.kind not in "biuf":
        raise InputError(
            "A sequence holds real numbers, but these are of type {dtype}; convert them first.",
            dtype=array.dtype,
        )
    if array.ndim != 3 or 0 in array.shape:
        raise InputError(
            "A sequence is (time, batch, feature) with at least one of each, but this is {shape}.",
            shape=array.shape,
        )
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)


def _check_lengths(lengths: tuple[int, ...], n_steps: int, n_rows: int) -> None:
    if len(lengths) != n_rows or not all(0 < n <= n_steps for n in lengths):
        raise InputError(
            "Every one of the {n_rows} rows needs a length of 1 to {n_steps} steps,"
            " but the lengths are {lengths}.",
            n_rows=n_rows,
            n_steps=n_steps,
            lengths=list(lengths),
        )


def check_finite(values: Array, lengths: tuple[int, ...]) -> None:
    """Raise InputError for the first step before its row's length with NaN or infinity."""
    if np.isfinite(values).all():
        return
    real = np.arange(len(values))[:, None] < np.asarray(lengths)
    bad = np.argwhere(real & ~np.isfinite(values).all(axis=2))
    if len(bad):
        raise InputError(
            "Every number must be finite, but step {step} of row {row}, both counted from 1, holds"
            " NaN or infinity.",
            step=int(bad[0][0]) + 1,
            row=int(bad[0][1]) + 1,
        )


def _check_tokens(tokens: Rows[Rows[str]], lengths: tuple[int, ...]) -> None:
    if tuple(map(len, tokens)) != lengths:
        raise InputError(
            "Every row needs a token for each of its {lengths} steps, but {came} came.",
            lengths=list(lengths),
            came=list(map(len, tokens)),
        )


def is_by_appearance(
    features: tuple[str, ...], tokens: Iterable[Iterable[str]], has_given_vocabulary: bool
) -> bool:
    """True for columns of a text that are its tokens, by row, in order of appearance."""
    found = dict.fromkeys(token for row in tokens for token in row)
    return not has_given_vocabulary and features == tuple(found)


def _step_numbers(lengths: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(map(_first_steps, lengths))


@lru_cache(maxsize=16)
def _first_steps(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(1, count + 1)))


@lru_cache(maxsize=16)
def _feature_numbers(count: int) -> tuple[str, ...]:
    return tuple(f"x{i}" for i in range(count))


def has_equal_lengths(sequence: Sequence) -> bool:
    """True when no row is padded."""
    return min(sequence.lengths) == sequence.n_steps


def zero_padding(array: Array, sequence: Sequence) -> Array:
    """Array (time, batch, …) with padding set to 0."""
    return _padding(array, sequence, 0)


def nan_padding(array: Array, sequence: Sequence) -> Array:
    """Array (time, batch, …) with padding set to NaN."""
    return _padding(array, sequence, np.nan)


def _padding(array: Array, sequence: Sequence, value: float) -> Array:
    if has_equal_lengths(sequence):
        return array
    return np.where(sequence.is_real[:, :, None], array, array.dtype.type(value))
