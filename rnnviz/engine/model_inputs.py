"""A sequence as a model reads it: symbols in the vocabulary's columns, tokens embedded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnviz.core.sequence import Sequence
from rnnviz.errors import ModelError
from rnnviz.network.model import Model

_UNKNOWN = ("<unk>", "[UNK]", "<UNK>", "UNK")


def encode_for_model(model: Model, sequence: Sequence) -> Sequence:
    """The sequence with the model's inputs as its features, (time, batch, input).

    A one-hot text is read by the model's vocabulary where that is known, a token that it does not
    hold as its "<unk>" where it has one, and goes through the embedding. A vocabulary that is not
    known and larger than the text leaves the inputs that do not occur at 0.

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
        raise ModelError(
            "The model reads {wanted} numbers a step, but the sequence has {came};"
            " make the model with n_inputs={came}.",
            wanted=model.n_inputs,
            came=sequence.n_features,
        )
    return sequence


def _to_vocabulary(model: Model, sequence: Sequence) -> Sequence:
    """Each symbol moved to its column in the model's vocabulary."""
    names, indices = vocabulary_columns(model, sequence.features)
    if names == sequence.features:
        return sequence
    values = np.zeros((*sequence.values.shape[:2], len(names)), sequence.values.dtype)
    for column, index in enumerate(indices):
        values[:, :, index] += sequence.values[:, :, column]
    return replace(sequence, values=values, features=names)


def vocabulary_columns(model: Model, tokens: tuple[str, ...]) -> tuple[tuple[str, ...], list[int]]:
    """Names of the model's inputs, or embedding rows, and the index of each token among them.

    Raises ModelError for a token outside the vocabulary.
    """
    rows = model.n_inputs if model.embedding is None else len(model.embedding)
    names = model.vocabulary or _pad_names(tokens, rows)
    known = {name: i for i, name in enumerate(names)}
    unknown = next((known[name] for name in _UNKNOWN if name in known), None)
    indices = [known.get(token, unknown) for token in tokens]
    for token, index in zip(tokens, indices, strict=True):
        if index is None:
            raise _unknown_token(token, names)
    return names, [index for index in indices if index is not None]


def _pad_names(features: tuple[str, ...], rows: int) -> tuple[str, ...]:
    return features + tuple(f"x{i}" for i in range(len(features), rows))


def _unknown_token(token: str, names: tuple[str, ...]) -> ModelError:
    return ModelError(
        'The model knows the {count} tokens {first} …, but not "{token}"; leave it out or write it'
        " otherwise.",
        count=len(names),
        first=" ".join(names[:40]),
        token=token,
    )


def _embed(model: Model, sequence: Sequence) -> Sequence:
    table = model.embedding
    if table is None or sequence.n_features != len(table):
        return sequence
    features = tuple(f"e{i}" for i in range(table.shape[1]))
    values = np.asarray(table)[sequence.values.argmax(axis=2)]
    return replace(sequence, values=values, features=features, encoding="embedding")
