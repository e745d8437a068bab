"""The numbers that a token is to a model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError
from rnnviz.network.model import Model


def token_numbers(model: Model, read: Sequence, token: str) -> Array | None:
    """What a model reads for a token, (input,): one of its vocabulary, or of the text it reads.

    read  a text of a single row, as the model reads it.

    None for a token that neither knows.

    >>> import rnnviz as rv
    >>> read = rv.parse("ab")
    >>> token_numbers(rv.random_model("gru", n_inputs=2, n_units=3), read, "b")
    array([0., 1.])
    """
    if read.encoding == "values":
        return None
    known = model.vocabulary
    if known is None and read.encoding == "one_hot":
        known = read.features
    if known is not None and token in known:
        return _of_row(model, known.index(token))
    if known is None and token in read.tokens[0]:
        return np.asarray(read.values[read.tokens[0].index(token), 0], np.float64)
    return None


def with_tokens(model: Model, read: Sequence, tokens: Iterable[str]) -> Sequence:
    """A text of other tokens, read as `read` was. Raises InputError for an unknown token.

    >>> import rnnviz as rv
    >>> model, read = rv.random_model("gru", n_inputs=2, n_units=3), rv.parse("ab")
    >>> with_tokens(model, read, "bba").tokens
    (('b', 'b', 'a'),)
    """
    row = tuple(tokens)
    by_token = {token: _known(model, read, token) for token in dict.fromkeys(row)}
    if not row:
        raise InputError("The second text is empty; type one as long as the first.")
    values = np.stack([by_token[token] for token in row])[:, None]
    return replace(read, values=values.astype(read.values.dtype), tokens=(row,), lengths=())


def _known(model: Model, read: Sequence, token: str) -> Array:
    numbers = token_numbers(model, read, token)
    if numbers is None:
        raise InputError(
            "The network knows no token “{token}” here; type tokens of its vocabulary, or of the"
            " first text where it has none.",
            token=shown(token),
        )
    return numbers


def _of_row(model: Model, number: int) -> Array:
    if model.embedding is not None:
        return np.asarray(model.embedding[number], np.float64)
    return np.asarray(np.eye(model.n_inputs)[number])
