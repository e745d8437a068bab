"""Typed text for the page: its tokens, and the inputs that the network has for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.model_inputs import UNKNOWN_TOKENS, vocabulary_columns
from rnnviz.formatting import token_label
from rnnviz.network.model import Model

# A page gets no longer list of tokens.
_MAX_NAMES, _MAX_JOINED = 20_000, 2_000


@dataclass(frozen=True)
class TypedField:
    """A field of the page whose text the network reads.

    name      of the field: its container's class is `st-key-` and this.
    text      that was read.
    sequence  the text before the model's own encoding.
    kind      of its tokens, "characters" or "words".
    joined    tokens of several characters or words.
    """

    name: str
    text: str
    sequence: Sequence
    kind: str
    joined: tuple[str, ...] = ()


def text_spec(
    model: Model, field: TypedField, add: Callable[[Array], list[int]]
) -> dict[str, Any] | None:
    """Header entry by which typed_text.js reads a text as the model does; None for too many tokens.

    add  puts an array into the message and gives its place there.
    """
    names, table = _inputs_of_tokens(model, field.sequence)
    if len(names) > _MAX_NAMES or len(field.joined) > _MAX_JOINED:
        return None
    unknown = next((names.index(name) for name in UNKNOWN_TOKENS if name in names), None)
    is_by_appearance = table is None and model.vocabulary is None and not model.is_trained
    return {
        "field": field.name,
        "text": field.text,
        "kind": field.kind,
        "joined": field.joined,
        "names": names,
        "labels": list(map(token_label, names)),
        "unknown": None if is_by_appearance else unknown,
        "isByAppearance": is_by_appearance,
        "width": model.n_inputs,
        "embedding": None if table is None else add(table),
    }


def _inputs_of_tokens(model: Model, sequence: Sequence) -> tuple[tuple[str, ...], Array | None]:
    """Tokens by the number of their input, or of their row in a table of inputs."""
    if sequence.encoding == "embedding":
        tokens = dict(zip(sequence.tokens[0], sequence.values[:, 0], strict=True))
        return tuple(tokens), np.array(list(tokens.values()))
    if model.vocabulary is None and not model.is_trained:
        return sequence.features, model.embedding
    given = sequence.has_given_vocabulary
    names, _ = vocabulary_columns(model, sequence.features, sequence.tokens, given)
    return names, model.embedding
