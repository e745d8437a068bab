"""Weights in several files: the shards that Hugging Face's `save_pretrained` writes.

`model.safetensors.index.json` maps each array's name to its shard, for example
`model-00001-of-00002.safetensors` (huggingface_hub, "Serialization", `save_torch_state_dict`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.limits import MAX_FILE, MAX_HEADER
from rnnviz.readers.result import Source

_SHARD = re.compile(
    r"(?P<stem>.+)-(?P<index>\d{5})-of-(?P<count>\d{5})(?P<end>\.[a-z]+)", re.DOTALL
)
_MAX_SHARDS = 1_000


def is_shard(name: str) -> bool:
    """True for the name of one of several shards.

    >>> is_shard("model-00001-of-00002.safetensors"), is_shard("model-00001-of-00001.bin")
    (True, False)
    """
    found = _SHARD.fullmatch(name)
    return found is not None and int(found["count"]) > 1


def is_index(data: bytes) -> bool:
    """True for the text of an index of shards."""
    return data[:1] == b"{" and len(data) <= MAX_HEADER and b'"weight_map"' in data


def parts_of(source: Source) -> Iterator[tuple[str, Source]]:
    """Every shard with its kind, from the index or from one of them.

    Raises ModelError naming the shards that are not beside it, and above MAX_FILE bytes together.
    """
    names = _names(source)
    found = {name: _data(source, name) for name in names}
    missing = [name for name, data in found.items() if data is None]
    if missing:
        raise ModelError(
            "“{name}” is one of {count} parts of a model, but {missing} is not beside it; put all"
            " of them into one folder, or upload them together.",
            name=shown(source.name),
            count=len(names),
            missing=shown(", ".join(f"“{each}”" for each in missing), 200),
        )
    if sum(len(data or b"") for data in found.values()) > MAX_FILE:
        raise ModelError(
            "A model may be {bound} bytes large, but the parts of “{name}” are larger together;"
            " save its recurrent layers alone.",
            bound=MAX_FILE,
            name=shown(source.name),
        )
    for name, data in found.items():
        kind = "safetensors" if name.endswith(".safetensors") else "checkpoint"
        yield kind, replace(source, name=name, data=data or b"")


def _data(source: Source, name: str) -> bytes | None:
    return source.data if name == source.name else source.sibling(name)


def _names(source: Source) -> list[str]:
    if found := _SHARD.fullmatch(source.name):
        count = int(found["count"])
        if count <= _MAX_SHARDS:
            return [
                f"{found['stem']}-{i:05}-of-{count:05}{found['end']}" for i in range(1, count + 1)
            ]
    try:
        weights = json.loads(source.data)["weight_map"]
        names = list(dict.fromkeys(weights.values()))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _damaged(source) from error
    is_plain = all(type(name) is str and name == PurePath(name).name for name in names)
    if not is_plain or not 0 < len(names) <= _MAX_SHARDS:
        raise _damaged(source)
    return names


def _damaged(source: Source) -> ModelError:
    return ModelError(
        "“{name}” should name the file of every array, as the index of a model in several parts"
        " does, but it is damaged or something else; copy it again.",
        name=shown(source.name),
    )
