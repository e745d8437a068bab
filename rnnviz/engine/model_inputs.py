"""A sequence as a model reads it: symbols at the vocabulary's places, tokens embedded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnviz.core.sequence import Sequence
from rnnviz.errors import ModelError
from rnnviz.network.model import Model

_UNKNOWN = ("<unk>", "[UNK]", "<UNK>", "UNK")


def encode_for_model(model: Model, sequence: Sequence) -> Sequence:
    """The sequence in the model's own inputs, (time, batch, input); as it came when it is already.

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
        sequence = _spread(model, sequence)
        if model.embedding is not None:
            sequence = _embedded(model, sequence)
    if sequence.n_features != model.n_inputs:
        raise ModelError(
            "The model reads {wanted} numbers a step, but the sequence has {came};"
            " make the model with n_inputs={came}.",
            wanted=model.n_inputs,
            came=sequence.n_features,
        )
    return sequence


def _spread(model: Model, sequence: Sequence) -> Sequence:
    """Each symbol's column where the model has it."""
    names, places = columns(model, sequence.features)
    if names == sequence.features:
        return sequence
    values = np.zeros((*sequence.values.shape[:2], len(names)), sequence.values.dtype)
    for column, place in enumerate(places):
        values[:, :, place] += sequence.values[:, :, column]
    return replace(sequence, values=values, features=names)


def columns(model: Model, tokens: tuple[str, ...]) -> tuple[tuple[str, ...], list[int]]:
    """The names of the model's inputs, or embedding rows, and which of them each token is.

    Raises ModelError for a token outside the vocabulary.
    """
    rows = model.n_inputs if model.embedding is None else len(model.embedding)
    names = model.vocabulary or _lengthened(tokens, rows)
    known = {name: i for i, name in enumerate(names)}
    unknown = next((known[name] for name in _UNKNOWN if name in known), None)
    places = [known.get(token, unknown) for token in tokens]
    for token, place in zip(tokens, places, strict=True):
        if place is None:
            raise _not_known(token, names)
    return names, [place for place in places if place is not None]


def _lengthened(features: tuple[str, ...], rows: int) -> tuple[str, ...]:
    return features + tuple(f"x{i}" for i in range(len(features), rows))


def _not_known(token: str, names: tuple[str, ...]) -> ModelError:
    return ModelError(
        'The model knows the {count} tokens {first} …, but not "{token}"; leave it out or write it'
        " otherwise.",
        count=len(names),
        first=" ".join(names[:40]),
        token=token,
    )


def _embedded(model: Model, sequence: Sequence) -> Sequence:
    table = model.embedding
    if table is None or sequence.n_features != len(table):
        return sequence
    features = tuple(f"e{i}" for i in range(table.shape[1]))
    values = np.asarray(table)[sequence.values.argmax(axis=2)]
    return replace(sequence, values=values, features=features, encoding="embedding")
