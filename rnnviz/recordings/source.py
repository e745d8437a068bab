"""What a long sequence is read from: its values are made for a window at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, get_args

import numpy as np

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import check_choice
from rnnviz.core.sequence import Encoding, Sequence, check_finite
from rnnviz.engine.model_inputs import columns, encode_for_model
from rnnviz.errors import InputError
from rnnviz.inputs import encode
from rnnviz.inputs.files import Text, read_file
from rnnviz.inputs.parse import (
    TOKENISERS,
    TextEncoding,
    TextKind,
    check_embedding_size,
    check_texts,
    no_tokens_error,
)
from rnnviz.network.model import Model

_AT_ONCE = 4096


class SequenceSource(Protocol):
    """A sequence of one row that is asked for a window at a time."""

    @property
    def n_steps(self) -> int:
        """Timesteps."""

    @property
    def features(self) -> tuple[str, ...]:
        """A name for every feature."""

    @property
    def encoding(self) -> Encoding:
        """How its tokens became numbers."""

    def values(self, start: int, stop: int) -> Array:
        """The finite numbers (time, 1, feature) from `start` up to `stop`."""

    def window(self, start: int, stop: int) -> Sequence:
        """The same steps with their tokens and all features."""


@dataclass(frozen=True, eq=False)
class InMemory:
    """A sequence that is in memory, its first row.

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
        """How its tokens became numbers."""
        return self.sequence.encoding

    def values(self, start: int, stop: int) -> Array:
        """The numbers (time, 1, feature) from `start` up to `stop`."""
        return self.sequence.values[start:stop, :1]

    def window(self, start: int, stop: int) -> Sequence:
        """The steps from `start` up to `stop`."""
        values = self.values(start, stop)
        tokens = self.sequence.tokens[0][start:stop]
        return Sequence(values, (tokens,), (), self.features, self.encoding)


@dataclass(frozen=True, eq=False)
class NumericArray:
    """Rows of numbers; a step's token is its number, made when it is asked for.

    rows      (time, feature), read-only.
    features  a name for every feature.

    Raises InputError as `Sequence` does.

    >>> NumericArray([[0.5], [1.0]]).window(1, 2).tokens
    (('2',),)
    """

    array: Array
    features: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rows = np.asarray(self.array)
        # A first step alone, because a Sequence of all would spell out a token for each.
        first = Sequence(rows[:1, None], features=self.features)
        check_finite(rows[:, None], (len(rows),))
        object.__setattr__(self, "features", first.features)
        object.__setattr__(self, "array", read_only(rows.astype(first.values.dtype, copy=False)))

    @property
    def n_steps(self) -> int:
        """Timesteps."""
        return len(self.array)

    @property
    def encoding(self) -> Encoding:
        """Numbers stand as they came."""
        return "values"

    def values(self, start: int, stop: int) -> Array:
        """The numbers (time, 1, feature) from `start` up to `stop`."""
        return self.array[start:stop, None, :]

    def window(self, start: int, stop: int) -> Sequence:
        """The steps from `start` up to `stop`."""
        return Sequence(self.values(start, stop), (step_numbers(start, stop),), (), self.features)


def step_numbers(start: int, stop: int) -> tuple[str, ...]:
    """The tokens of steps that have none of their own: their numbers, from 1."""
    return tuple(map(str, range(start + 1, stop + 1)))


@dataclass(frozen=True, eq=False)
class TokenIds:
    """A text as small whole numbers, the places of its tokens in a vocabulary.

    codes     (time,).
    tokens    the vocabulary.
    features  a name for every feature.
    places    (token,): the feature that is 1 for each token, where the text is one-hot.
    vectors   (token, feature): what each token is embedded as; None for one-hot.
    """

    ids: Array
    tokens: tuple[str, ...]
    features: tuple[str, ...]
    feature_ids: Array
    vectors: Array | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", read_only(self.ids))

    @property
    def n_steps(self) -> int:
        """Timesteps."""
        return len(self.ids)

    @property
    def encoding(self) -> Encoding:
        """How its tokens became numbers."""
        return "one_hot" if self.vectors is None else "embedding"

    def window(self, start: int, stop: int) -> Sequence:
        """The steps from `start` up to `stop`."""
        tokens = (tuple(self.tokens[code] for code in self.ids[start:stop].tolist()),)
        return Sequence(self.values(start, stop), tokens, (), self.features, self.encoding)

    def values(self, start: int, stop: int) -> Array:
        """The numbers (time, 1, feature) from `start` up to `stop`."""
        table = self.feature_ids if self.vectors is None else self.vectors
        return decode_ids(self.ids[start:stop], table, len(self.features))


def decode_ids(codes: Array, table: Array, n_features: int) -> Array:
    """Values (time, 1, feature) of codes (time,).

    table  what they stand for: vectors (token, feature), or places (token,) of the 1 in one-hot.
    """
    if table.ndim == 2:
        return table[codes][:, None]
    values = np.zeros((len(codes), 1, n_features), np.float32)
    values[np.arange(len(codes)), 0, table[codes]] = 1
    return values


def long_text(
    text: str,
    kind: TextKind = "characters",
    *,
    encoding: TextEncoding = "one_hot",
    size: int = 8,
    seed: int = 0,
    vocabulary: tuple[str, ...] | None = None,
) -> TokenIds:
    """A text of up to 10⁷ characters or its words, without its numbers, which would fill memory.

    kind        "characters" or "words", as in `rnnviz.parse`; so are the others.

    Raises InputError as `rnnviz.parse` does.

    >>> long_text("hello").window(1, 3).values[:, 0].tolist()
    [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]
    """
    check_choice("kind", kind, tuple(TOKENISERS))
    check_choice("encoding", encoding, get_args(TextEncoding))
    check_texts([text])
    known: dict[str, int] = {}
    found = (known.setdefault(token, len(known)) for token in TOKENISERS[kind](text))
    codes = np.fromiter(found, np.int32)
    if not len(codes):
        raise no_tokens_error()
    tokens = tuple(known)
    names = tokens if vocabulary is None else tuple(vocabulary)
    at = np.array(encode.token_ids(tokens, names), np.int32)
    if encoding == "embedding":
        check_embedding_size(size)
        vectors = encode.random_embedding([tokens], tokens, size, seed)[:, 0]
        return TokenIds(_small(codes), tokens, tuple(f"e{i}" for i in range(size)), at, vectors)
    return TokenIds(_small(codes), tokens, names, at)


def read_text(
    path: str | Path,
    kind: TextKind = "characters",
    *,
    encoding: TextEncoding = "one_hot",
    size: int = 8,
    seed: int = 0,
    vocabulary: tuple[str, ...] | None = None,
) -> TokenIds:
    """A text file as `long_text` reads its text: for `rnnviz.record`.

    Raises InputError for a file that is missing or no text, and as `rnnviz.parse` does.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.txt").write_text("hello")
    ...     read_text(Path(folder) / "a.txt").n_steps
    5
    """
    file = Path(path)
    content = read_file(file.name, file)
    if not isinstance(content, Text):
        raise InputError(
            "“{name}” should be a text, but it holds numbers; read it with read_sequence.",
            name=file.name,
        )
    return long_text(
        content.text, kind, encoding=encoding, size=size, seed=seed, vocabulary=vocabulary
    )


def _small(codes: Array) -> Array:
    return codes.astype(np.min_scalar_type(int(codes.max())))


@dataclass(frozen=True, eq=False)
class ModelInputs:
    """A reading in the model's own inputs, fitted window by window."""

    model: Model
    source: SequenceSource
    features: tuple[str, ...] = field(init=False)
    encoding: Encoding = field(init=False)

    def __post_init__(self) -> None:
        first = self.window(0, 1)
        object.__setattr__(self, "features", first.features)
        object.__setattr__(self, "encoding", first.encoding)

    @property
    def n_steps(self) -> int:
        """Timesteps."""
        return self.source.n_steps

    def values(self, start: int, stop: int) -> Array:
        """The numbers (time, 1, feature) from `start` up to `stop`."""
        if self.source.encoding == "one_hot":
            return self.window(start, stop).values
        return self.source.values(start, stop)

    def window(self, start: int, stop: int) -> Sequence:
        """The steps from `start` up to `stop`."""
        return encode_for_model(self.model, self.source.window(start, stop))


def encode_tokens(reading: SequenceSource) -> tuple[Array, tuple[str, ...]] | None:
    """The tokens as codes (time,) and the different ones; None when they are the steps' numbers."""
    if isinstance(reading, TokenIds):
        return reading.ids, reading.tokens
    if isinstance(reading, NumericArray):
        return None
    known: dict[str, int] = {}
    tokens = chain.from_iterable(_tokens(reading))
    codes = np.fromiter((known.setdefault(token, len(known)) for token in tokens), np.uint32)
    return None if tuple(known) == step_numbers(0, reading.n_steps) else (codes, tuple(known))


def _tokens(reading: SequenceSource) -> Iterator[tuple[str, ...]]:
    if isinstance(reading, InMemory):
        yield reading.sequence.tokens[0]
        return
    for start in range(0, reading.n_steps, _AT_ONCE):
        yield reading.window(start, min(start + _AT_ONCE, reading.n_steps)).tokens[0]


def as_model_inputs(model: Model, reading: SequenceSource) -> SequenceSource:
    """The reading as the model takes it (`rnnviz.engine.model_inputs.fit`); text stays small.

    Raises ModelError for a token outside the vocabulary and for another number of features.
    """
    if not isinstance(reading, TokenIds):
        return ModelInputs(model, reading)
    if reading.vectors is not None:
        encode_for_model(model, reading.window(0, 1))
        return reading
    names, columns_ = columns(model, reading.features)
    places = np.array(columns_, np.int32)[reading.feature_ids]
    if model.embedding is not None and len(names) == len(model.embedding):
        table = np.asarray(model.embedding)[places]
        features = tuple(f"e{i}" for i in range(table.shape[1]))
        return TokenIds(reading.ids, reading.tokens, features, places, table)
    coded = TokenIds(reading.ids, reading.tokens, names, places)
    encode_for_model(model, coded.window(0, 1))
    return coded


def as_source(given: Any) -> SequenceSource:
    """A reading from itself, or the first row of a Sequence or of a plain array.

    given  an array is (time, feature) or (time, batch, feature).

    Raises InputError for an array of other axes.
    """
    if isinstance(given, Sequence):
        return InMemory(given)
    if hasattr(given, "window"):
        reading: SequenceSource = given
        return reading
    values = np.asarray(given)
    return NumericArray(values[:, 0] if values.ndim == 3 else values)
