"""Token ids ▶ the rows of an embedding that a model reads for them."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError


def embed_token_ids(
    table: Array, ids: Array, vocabulary: tuple[str, ...] | None = None
) -> Sequence:
    """Sequence of an embedding's rows, each step's token its name, or the id where it has none.

    table       (token, feature).
    ids         whole numbers (time,) or (time, batch).
    vocabulary  names of the tokens.

    Raises InputError for other numbers.

    >>> embed_token_ids(np.eye(3), np.array([2, 0]), ("a", "b", "c")).tokens
    (('c', 'a'),)
    """
    steps = ids[:, None] if ids.ndim == 1 else ids
    if steps.ndim != 2 or not steps.size or steps.min() < 0 or steps.max() >= len(table):
        raise InputError(
            "Token ids are whole numbers from 0 to {last}, (time,) or (time, batch), but {came}"
            " came.",
            last=len(table) - 1,
            came=f"{ids.shape} from {ids.min()} to {ids.max()}" if ids.size else ids.shape,
        )
    names = vocabulary or range(len(table))
    tokens = tuple(tuple(str(names[i]) for i in row) for row in steps.T.tolist())
    features = tuple(f"e{i}" for i in range(table.shape[1]))
    values = np.asarray(table)[steps]
    return Sequence(values, tokens, features=features, encoding="embedding")
