"""A sequence as a model reads it: symbols in the vocabulary's columns, tokens embedded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Literal

import numpy as np

from rnnviz.core.checks import shown
from rnnviz.core.sequence import Sequence, is_by_appearance
from rnnviz.errors import ModelError, UnknownTokens
from rnnviz.inputs.tokenise import vocabulary_kind
from rnnviz.network.model import Model

_MAX_NAMED = 20
UNKNOWN_TOKENS = ("<unk>", "[UNK]", "<UNK>", "UNK")
"""Tokens of vocabularies that stand for all that they do not hold."""


def reads_text(model: Model) -> bool:
    """True when a model reads tokens, not numbers."""
    return model.vocabulary is not None or model.embedding is not None


def token_kind(model: Model) -> Literal["characters", "words"]:
    """Kind of a model's tokens: characters where most of them are one, else words."""
    return vocabulary_kind(model.vocabulary or ("00",))


def encode_for_model(model: Model, sequence: Sequence) -> Sequence:
    """The sequence with the model's inputs as its features, (time, batch, input).

    A one-hot text is read by the model's vocabulary where that is known, a token that it does not
    hold as its "<unk>" where it has one, and goes through the embedding. A trained model without a
    vocabulary reads token ids, "5 3 1" as words, and a text whose columns were given with
    `rnnviz.parse(…, vocabulary=…)`, never one in order of appearance; a random model gives the
    tokens its inputs in that order and leaves those that do not occur at 0.

    Raises ModelError for a token outside the vocabulary and for another number of features.

    >>> import rnnviz as rv
    >>> weights = {"hidden.x": np.eye(2), "hidden.h": np.eye(2)}
    >>> model = rv.Model((rv.Layer("rnn", "forward", weights),), vocabulary=("a", "b"))
    >>> encode_for_model(model, rv.parse("b")).values[0, 0]
    array([0., 1.], dtype=float32)
    """
    if sequence.encoding == "one_hot":
        sequence = _to_vocabulary(model, sequence)
        if model.embedding is not None:
            sequence = _embed(model, sequence)
    if sequence.n_features != model.n_inputs:
        raise _other_size(model, sequence.n_features)
    return sequence


def _other_size(model: Model, came: int) -> ModelError:
    if model.is_trained:
        return ModelError(
            "The model reads {wanted} numbers a step, but the sequence has {came}; give it a"
            " sequence of {wanted} features.",
            wanted=model.n_inputs,
            came=came,
        )
    return ModelError(
        "The model reads {wanted} numbers a step, but the sequence has {came};"
        " make the model with n_inputs={came}.",
        wanted=model.n_inputs,
        came=came,
    )


def _to_vocabulary(model: Model, sequence: Sequence) -> Sequence:
    """Each symbol moved to its column in the model's vocabulary, and shown as what was read."""
    names, indices = vocabulary_columns(
        model, sequence.features, sequence.tokens, sequence.has_given_vocabulary
    )
    if names == sequence.features:
        return sequence
    values = np.zeros((*sequence.values.shape[:2], len(names)), sequence.values.dtype)
    for column, index in enumerate(indices):
        values[:, :, index] += sequence.values[:, :, column]
    tokens = tuple(read_tokens(row, sequence.features, names, indices) for row in sequence.tokens)
    return replace(sequence, values=values, tokens=tokens, features=names)


def read_tokens(
    tokens: Iterable[str], features: tuple[str, ...], names: tuple[str, ...], indices: list[int]
) -> tuple[str, ...]:
    """Tokens as a model reads them: one that it does not know is its "<unk>".

    features and indices  are the tokens' columns and their places among the model's `names`.

    >>> read_tokens("ab", ("a", "b"), ("<unk>", "b"), [0, 1])
    ('<unk>', 'b')
    """
    read = {
        feature: names[index]
        for feature, index in zip(features, indices, strict=True)
        if names[index] in UNKNOWN_TOKENS
    }
    return tuple(read.get(token, token) for token in tokens)


def vocabulary_columns(
    model: Model,
    features: tuple[str, ...],
    tokens: Iterable[Iterable[str]],
    is_given: bool = False,
) -> tuple[tuple[str, ...], list[int]]:
    """Names of the model's inputs, or embedding rows, and the index of each feature among them.

    features  the columns of a text: its vocabulary.
    tokens    of the text, by row; they tell columns in order of appearance from given ones.
    is_given  True for columns that are known to be given.

    Raises ModelError for a token outside the vocabulary.
    """
    rows = model.n_inputs if model.embedding is None else len(model.embedding)
    if model.vocabulary is None and model.is_trained:
        if len(features) == rows and not is_by_appearance(features, tokens, is_given):
            return features, list(range(rows))
        return _token_ids(rows), [_token_id(feature, rows) for feature in features]
    names = model.vocabulary or _pad_names(features, rows)
    known = {name: i for i, name in enumerate(names)}
    unknown = next((known[name] for name in UNKNOWN_TOKENS if name in known), None)
    indices = [known.get(feature, unknown) for feature in features]
    strange = [feature for feature, i in zip(features, indices, strict=True) if i is None]
    if strange:
        raise _unknown_tokens(strange, names)
    return names, [index for index in indices if index is not None]


@lru_cache(maxsize=4)
def _token_ids(rows: int) -> tuple[str, ...]:
    return tuple(map(str, range(rows)))


def _token_id(token: str, rows: int) -> int:
    """Row of a typed token id. Raises ModelError for a word and for an id beyond the rows."""
    # Neither "05" nor "٥" is how an id is written.
    is_id = token.isascii() and token.isdecimal() and (token == "0" or token[0] != "0")
    if not is_id:
        raise ModelError(
            "The model's file has no vocabulary, so a token is the number of its row, 0 to {last},"
            " but “{token}” came; type such numbers as words, or give the model the token of each"
            " of its {rows} rows: a line each in vocab.txt beside its file,"
            " model.with_vocabulary([…]), or on the page the field Vocabulary.",
            last=rows - 1,
            token=shown(token),
            rows=rows,
        )
    if len(token) > len(str(rows)) or int(token) >= rows:
        raise ModelError(
            "The model knows the token ids 0 to {last}, but {token} came; leave it out.",
            last=rows - 1,
            token=shown(token),
        )
    return int(token)


def _pad_names(features: tuple[str, ...], rows: int) -> tuple[str, ...]:
    return features + tuple(f"x{i}" for i in range(len(features), rows))


def _unknown_tokens(strange: list[str], names: tuple[str, ...]) -> UnknownTokens:
    quoted = ", ".join(f'"{shown(token)}"' for token in strange[:_MAX_NAMED])
    more = f", … +{len(strange) - _MAX_NAMED}" if len(strange) > _MAX_NAMED else ""
    return UnknownTokens(
        "The model knows the {count} tokens {first} …, but not {unknown}; leave out what it does"
        " not know, or write it otherwise.",
        count=len(names),
        first=shown(" ".join(names[:40]), 200),
        unknown=quoted + more,
        tokens=tuple(strange),
    )


def _embed(model: Model, sequence: Sequence) -> Sequence:
    table = model.embedding
    if table is None or sequence.n_features != len(table):
        return sequence
    features = tuple(f"e{i}" for i in range(table.shape[1]))
    values = np.asarray(table)[sequence.values.argmax(axis=2)]
    return replace(sequence, values=values, features=features, encoding="embedding")
