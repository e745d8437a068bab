"""Source of a long text as token ids, whose values are made by window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import get_args

import numpy as np

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import check_choice
from rnnviz.core.sequence import Encoding, Sequence
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
from rnnviz.recordings.source import InMemory, NumericArray, SequenceSource, step_numbers

_WINDOW_STEPS = 4096


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
