"""Inputs of a model from a source, encoded by window."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Encoding, Sequence
from rnnviz.engine.model_inputs import encode_for_model, read_tokens, vocabulary_columns
from rnnviz.network.model import Model
from rnnviz.recordings.source import InMemory, SequenceSource
from rnnviz.recordings.token_ids import TokenIds


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
