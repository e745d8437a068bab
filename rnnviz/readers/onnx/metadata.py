"""Vocabularies in an ONNX file's `metadata_props` (onnx.proto, ModelProto): texts by key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rnnviz.readers.vocabulary import Vocabulary, vocabularies_in


def metadata_vocabularies(proto: Any) -> Iterator[Vocabulary]:
    """Vocabularies written as JSON, or as a text of the characters in their order.

    proto  a ModelProto.
    """
    return vocabularies_in({entry.key: _value(entry.value) for entry in proto.metadata_props})


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
