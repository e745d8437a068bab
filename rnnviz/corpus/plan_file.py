"""What a scan's folder says of the scan: two that agree in all that decides the result are one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.corpus.shards import Shard

FORMAT = 3
_CHOICES = ("layer", "warm_up", "seed")
_MOST_TOLD = 5


def told_shards(shards: Sequence[Shard]) -> dict[str, Any]:
    """Texts of a scan by their contents, and the parts that its shards are of them.

    A text that was moved or touched is the same; its name is told, and decides nothing.
    """
    paths = list(dict.fromkeys(shard.path for shard in shards))
    number = {path: i for i, path in enumerate(paths)}
    texts = [
        {"name": name, "n_bytes": Path(path).stat().st_size, "digest": _digest(path)}
        for path, name in zip(paths, _names(paths), strict=True)
    ]
    parts = [{**vars(shard), "path": number[shard.path]} for shard in shards]
    return {"texts": texts, "shards": parts}


def differences(old: bytes, new: Mapping[str, Any]) -> str:
    """What a folder's plan says otherwise than a new one, as `seed 0 → 1`; "" for the same scan.

    >>> plan = {"format": 3, "model": "a", "title": "LSTM", "layer": 0, "warm_up": 128, "seed": 0}
    >>> plan |= {"texts": [{"name": "a.txt", "digest": "1"}], "shards": []}
    >>> other = plan | {"seed": 1, "texts": [{"name": "a.txt", "digest": "2"}]}
    >>> differences(json.dumps(plan).encode(), other)
    'seed 0 → 1, a.txt (changed)'
    >>> differences(json.dumps(plan).encode(), plan | {"title": "renamed"})
    ''
    """
    try:
        plan = json.loads(old)
        if plan["format"] != FORMAT:
            return f"format {shown(plan['format'])} → {FORMAT}"
        found = list(_differences(plan, new))
    except (ValueError, KeyError, TypeError):
        return "plan.json ?"
    more = ["…"] if len(found) > _MOST_TOLD else []
    return ", ".join(found[:_MOST_TOLD] + more)


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old["model"] != new["model"]:
        titles = dict.fromkeys(shown(plan["title"], 60) for plan in (old, new))
        yield f"model {' → '.join(titles)}"
    for key in _CHOICES:
        if old[key] != new[key]:
            yield f"{key.replace('_', '-')} {shown(old[key])} → {shown(new[key])}"
    texts = list(_of_texts(old["texts"], new["texts"]))
    yield from texts
    if not texts and old["shards"] != new["shards"]:
        columns = [{part["column"] for part in plan["shards"]} - {""} for plan in (old, new)]
        told = [shown(", ".join(sorted(names)) or "none", 60) for names in columns]
        yield f"column {told[0]} → {told[1]}" if told[0] != told[1] else "shards"


def _of_texts(old: list[Any], new: list[Any]) -> Iterator[str]:
    """Texts that are new, changed or gone, by their names."""
    before, after = ({one["name"]: one["digest"] for one in texts} for texts in (old, new))
    kept = [one["digest"] for one in new]
    if [one["digest"] for one in old] == kept:
        return
    for name, digest in after.items():
        if name in before and before[name] != digest:
            yield f"{shown(name, 60)} (changed)"
        elif name not in before and digest not in before.values():
            yield f"{shown(name, 60)} (new)"
    for name, digest in before.items():
        if name not in after and digest not in kept:
            yield f"{shown(name, 60)} (gone)"


def _names(paths: list[str]) -> list[str]:
    """Names of files in the folder that they have in common."""
    folder = os.path.commonpath([os.path.abspath(Path(path).parent) for path in paths])  # noqa: PTH100
    return [Path(os.path.relpath(path, folder)).as_posix() for path in paths]


def _digest(path: str) -> str:
    with Path(path).open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
