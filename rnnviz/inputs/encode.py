"""Encodings of tokens: vocabulary, token ids, one-hot and seeded random embedding."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.core.checks import shown
from rnnviz.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence as Rows

    from rnnviz.core.arrays import Array

MAX_VALUES = 50_000_000  # 200 MB as float32


def build_vocabulary(rows: Rows[Rows[str]]) -> tuple[str, ...]:
    """Different tokens in order of first appearance.

    >>> build_vocabulary([["b", "a"], ["b", "c"]])
    ('b', 'a', 'c')
    """
    return tuple(dict.fromkeys(token for row in rows for token in row))


def one_hot(rows: Rows[Rows[str]], vocabulary: Rows[str]) -> Array:
    """One-hot encoding, float32 (time, batch, token of the vocabulary).

    Raises InputError for a token outside the vocabulary and above MAX_VALUES numbers.

    >>> one_hot([["b", "a"]], ["a", "b"])[:, 0].tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    values = _empty(rows, len(vocabulary))
    for row, tokens in enumerate(rows):
        values[np.arange(len(tokens)), row, token_ids(tokens, vocabulary)] = 1
    return values


def random_embedding(rows: Rows[Rows[str]], vocabulary: Rows[str], size: int, seed: int) -> Array:
    """Untrained embedding, float32 (time, batch, size): a normal vector per token.

    A token's vector depends on the token, `size` and `seed`, never on the rest of the vocabulary.

    Raises InputError for a token outside the vocabulary and above MAX_VALUES numbers.

    >>> random_embedding([["a", "b", "a"]], ["a", "b"], size=4, seed=0).shape
    (3, 1, 4)
    """
    values = _empty(rows, size)
    check_array_size(len(vocabulary), 1, size)
    vectors = np.array([_vector(token, size, seed) for token in vocabulary])
    for row, tokens in enumerate(rows):
        values[: len(tokens), row] = vectors[token_ids(tokens, vocabulary)]
    return values


def check_array_size(n_steps: int, n_rows: int, n_features: int) -> None:
    """Raise InputError for an array (time, batch, feature) of more than MAX_VALUES numbers.

    >>> check_array_size(n_steps=1000, n_rows=1, n_features=100)
    """
    if n_steps * n_rows * n_features > MAX_VALUES:
        raise InputError(
            "A sequence may hold {bound} numbers, but {n_steps} steps × {n_rows} rows ×"
            " {n_features} features are more; shorten it or, for text, choose an embedding.",
            bound=MAX_VALUES,
            n_steps=n_steps,
            n_rows=n_rows,
            n_features=n_features,
        )


def _empty(rows: Rows[Rows[str]], n_features: int) -> Array:
    n_steps = max(map(len, rows))
    check_array_size(n_steps, len(rows), n_features)
    return np.zeros((n_steps, len(rows), n_features), np.float32)


def _vector(token: str, size: int, seed: int) -> Array:
    # Python's own hash differs from run to run.
    digest = blake2b(f"{seed}:{token}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest)).standard_normal(size, np.float32)


def token_ids(tokens: Rows[str], vocabulary: Rows[str]) -> list[int]:
    """Index of each token in the vocabulary. Raises InputError for a token outside it."""
    known = {token: index for index, token in enumerate(vocabulary)}
    try:
        return [known[token] for token in tokens]
    except KeyError as error:
        raise InputError(
            "Every token should be one of the {n_tokens} tokens of the vocabulary, but “{came}”"
            " is not; change the text or choose a model that knows it.",
            n_tokens=len(known),
            came=shown(error.args[0]),
        ) from error
