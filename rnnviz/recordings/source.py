"""Sources of long sequences: arrays, texts as token ids, and their inputs of a model by window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, get_args

import numpy as np

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import check_choice
from rnnviz.core.sequence import Encoding, Sequence, check_finite
from rnnviz.engine.model_inputs import encode_for_model, read_tokens, vocabulary_columns
from rnnviz.errors import InputError
from rnnviz.inputs import encode
from rnnviz.inputs.bounded_file import read_file_bounded
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.files import Text
from rnnviz.inputs.parse import (
    TextEncoding,
    TextKind,
    check_embedding_size,
    check_texts,
    no_tokens_error,
)
from rnnviz.inputs.tokenise import TOKENISERS, are_code_points, iter_tokens, joined_tokens
from rnnviz.network.model import Model

_WINDOW_STEPS = 4096


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


@dataclass(frozen=True, eq=False)
class TokenIds:
    """Source from a text as the ids of its tokens.

    ids          (time,), indices into `tokens`.
    tokens       vocabulary of the text.
    features     a name for every feature.
    feature_ids  (token,): the feature that is 1 for each token of a one-hot text.
    vectors      (token, feature): embedding of each token; None for one-hot.
    has_given_vocabulary  as a Sequence's.
    """

    ids: Array
    tokens: tuple[str, ...]
    features: tuple[str, ...]
    feature_ids: Array
    vectors: Array | None = None
    has_given_vocabulary: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", read_only(self.ids))

    @property
    def n_steps(self) -> int:
        """Timesteps."""
        return len(self.ids)

    @property
    def encoding(self) -> Encoding:
        """Encoding of its tokens."""
        return "one_hot" if self.vectors is None else "embedding"

    def window(self, start: int, stop: int) -> Sequence:
        """Sequence of the steps from `start` up to `stop`."""
        tokens = (tuple(self.tokens[i] for i in self.ids[start:stop].tolist()),)
        parts = (self.features, self.encoding, self.has_given_vocabulary)
        return Sequence(self.values(start, stop), tokens, (), *parts)

    def values(self, start: int, stop: int) -> Array:
        """Values (time, 1, feature) from `start` up to `stop`."""
        table = self.feature_ids if self.vectors is None else self.vectors
        return decode_ids(self.ids[start:stop], table, len(self.features))


def decode_ids(ids: Array, table: Array, n_features: int) -> Array:
    """Values (time, 1, feature) of token ids (time,).

    table  vectors (token, feature), or for one-hot the index (token,) of each token's feature.
    """
    if table.ndim == 2:
        return table[ids][:, None]
    values = np.zeros((len(ids), 1, n_features), np.float32)
    values[np.arange(len(ids)), 0, table[ids]] = 1
    return values


def long_text(
    text: str,
    kind: TextKind = "characters",
    *,
    encoding: TextEncoding = "one_hot",
    size: int = 8,
    seed: int = 0,
    vocabulary: tuple[str, ...] | None = None,
    joined: tuple[str, ...] = (),
) -> TokenIds:
    """Source from a text of up to 10⁷ characters, whose values would not fit into memory.

    kind  "characters" or "words"; this and the other options as in `rnnviz.parse`.

    Raises InputError as `rnnviz.parse` does.

    >>> long_text("hello").window(1, 3).values[:, 0].tolist()
    [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]
    """
    check_choice("kind", kind, tuple(TOKENISERS))
    check_choice("encoding", encoding, get_args(TextEncoding))
    check_texts([text])
    pieces = tuple(joined) or joined_tokens(vocabulary or (), kind)
    is_plain = kind == "characters" and not pieces and are_code_points(text)
    ids, tokens = (
        _number_code_points(text) if is_plain else _number_tokens(iter_tokens(text, kind, pieces))
    )
    if not len(ids):
        raise no_tokens_error()
    ids = ids.astype(np.min_scalar_type(int(ids.max())))
    names = tokens if vocabulary is None else tuple(vocabulary)
    feature_ids = np.array(encode.token_ids(tokens, names), np.int32)
    if encoding == "embedding":
        check_embedding_size(size)
        vectors = encode.random_embedding([tokens], tokens, size, seed)[:, 0]
        names = tuple(f"e{i}" for i in range(size))
        return TokenIds(ids, tokens, names, feature_ids, vectors)
    return TokenIds(ids, tokens, names, feature_ids, None, vocabulary is not None)


def read_text(
    path: str | Path,
    kind: TextKind = "characters",
    *,
    encoding: TextEncoding = "one_hot",
    size: int = 8,
    seed: int = 0,
    vocabulary: tuple[str, ...] | None = None,
    joined: tuple[str, ...] = (),
    charset: str | None = None,
) -> TokenIds:
    """Source from a text file, as `long_text` reads its text, for `rnnviz.record`.

    charset  that of its bytes, as Python names it; None has it found.

    Raises InputError for a file that is missing or no text, and as `rnnviz.parse` does.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.txt").write_text("hello")
    ...     read_text(Path(folder) / "a.txt").n_steps
    5
    """
    file = Path(path)
    content = read_file_bounded(file.name, file, None, FileFormat(charset=charset))
    if not isinstance(content, Text):
        raise InputError(
            "“{name}” should be a text, but it holds numbers; read it with read_sequence.",
            name=file.name,
        )
    return long_text(
        content.text,
        kind,
        encoding=encoding,
        size=size,
        seed=seed,
        vocabulary=vocabulary,
        joined=joined,
    )


@dataclass(frozen=True, eq=False)
class ModelInputs:
    """Source of a model's inputs, encoded by window."""

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
        """Values (time, 1, feature) from `start` up to `stop`."""
        if self.source.encoding == "one_hot":
            return self.window(start, stop).values
        return self.source.values(start, stop)

    def window(self, start: int, stop: int) -> Sequence:
        """Sequence of the steps from `start` up to `stop`."""
        return encode_for_model(self.model, self.source.window(start, stop))


def encode_tokens(source: SequenceSource) -> tuple[Array, tuple[str, ...]] | None:
    """Token ids (time,) and their vocabulary; None when tokens are the steps' numbers."""
    if isinstance(source, TokenIds):
        return source.ids, source.tokens
    if isinstance(source, NumericArray):
        return None
    ids, tokens = _number_tokens(chain.from_iterable(_tokens(source)))
    return None if tokens == step_numbers(0, source.n_steps) else (ids, tokens)


def _number_tokens(tokens: Iterable[str]) -> tuple[Array, tuple[str, ...]]:
    """Ids (time,), uint32, of tokens and the different ones in order of first appearance."""
    known: dict[str, int] = {}
    ids = np.fromiter((known.setdefault(token, len(known)) for token in tokens), np.uint32)
    return ids, tuple(known)


def _number_code_points(text: str) -> tuple[Array, tuple[str, ...]]:
    """Ids (time,), uint32, of a text's code points, and the different ones, as _number_tokens."""
    tokens = tuple(dict.fromkeys(text))
    id_by_code = np.zeros(max(map(ord, tokens), default=0) + 1, np.uint32)
    id_by_code[[ord(token) for token in tokens]] = np.arange(len(tokens))
    return id_by_code[np.frombuffer(text.encode("utf-32-le"), "<u4")], tokens


def _tokens(source: SequenceSource) -> Iterator[tuple[str, ...]]:
    if isinstance(source, InMemory):
        yield source.sequence.tokens[0]
        return
    for start in range(0, source.n_steps, _WINDOW_STEPS):
        yield source.window(start, min(start + _WINDOW_STEPS, source.n_steps)).tokens[0]


def as_model_inputs(model: Model, source: SequenceSource) -> SequenceSource:
    """Source of the model's inputs (`encode_for_model`); a text stays token ids.

    Raises ModelError for a token outside the vocabulary and for another number of features.
    """
    if isinstance(source, InMemory) and source.encoding == "one_hot":
        return InMemory(encode_for_model(model, source.sequence))
    if not isinstance(source, TokenIds):
        return ModelInputs(model, source)
    if source.vectors is not None:
        encode_for_model(model, source.window(0, 1))
        return source
    is_given = source.has_given_vocabulary
    names, indices = vocabulary_columns(model, source.features, [source.tokens], is_given)
    shown = read_tokens(source.tokens, source.features, names, indices)
    feature_ids = np.array(indices, np.int32)[source.feature_ids]
    if model.embedding is not None and len(names) == len(model.embedding):
        vectors = np.asarray(model.embedding)[feature_ids]
        features = tuple(f"e{i}" for i in range(vectors.shape[1]))
        return TokenIds(source.ids, shown, features, feature_ids, vectors)
    encoded = TokenIds(source.ids, shown, names, feature_ids, None, is_given)
    encode_for_model(model, encoded.window(0, 1))
    return encoded


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
    return NumericArray(values[:, 0] if values.ndim == 3 else values)
