"""A `.keras` archive that was unpacked: `model.weights.h5` with `config.json` beside it.

`model.to_json()` writes the same configuration, usually as `model.json`; Keras 1 and 2 wrote it so
beside the file of `model.save_weights`.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from io import BytesIO

from rnnviz.readers.keras.file import MAX_CONFIG, WEIGHTS_MEMBER
from rnnviz.readers.result import Source

_CONFIGS = ("config.json", "model.json", "architecture.json")


def packed_again(source: Source) -> Source | None:
    """The archive of a file of weights and the configuration beside it; None where there is none.

    >>> packed_again(Source("model.weights.h5", b"")) is None
    True
    """
    if source.data.startswith(b"PK"):
        return None
    config = next(filter(None, (_config(source, name) for name in _CONFIGS)), None)
    if config is None:
        return None
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("config.json", config)
        archive.writestr("metadata.json", _metadata(source))
        archive.writestr(WEIGHTS_MEMBER, source.data)
    return replace(source, data=stream.getvalue())


def _config(source: Source, name: str) -> bytes | None:
    """Configuration that Keras writes of a model, where this lies beside; else None."""
    data = source.sibling(name)
    if data is None or len(data) > MAX_CONFIG:
        return None
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    is_kerass = isinstance(content, dict) and {"class_name", "config"} <= content.keys()
    return data if is_kerass else None


def _metadata(source: Source) -> bytes:
    data = source.sibling("metadata.json")
    return data if data is not None and len(data) <= MAX_CONFIG else b"{}"
