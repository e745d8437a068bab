"""Several files that are uploaded together: which one is the model, and which lie beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.formats import MODEL_SUFFIXES
from rnnviz.readers.vocabulary import is_vocabulary_name

_INDEX = ".index.json"
# A graph or a configuration names its weights, and not the other way round.
_FIRST = (".onnx", ".keras")
_SHARD = re.compile(r"-\d+-of-\d+$")


def main_file(names: Iterable[str]) -> str:
    """The name of the model among files that were uploaded together.

    Raises ModelError where none or several of them can be it.

    >>> main_file(["model.onnx.data", "model.onnx"])
    'model.onnx'
    >>> main_file(["model-00001-of-00002.safetensors", "model.safetensors.index.json"])
    'model.safetensors.index.json'
    """
    every = sorted(set(names))
    files = [name for name in every if not _is_vocabulary(name)] or every
    for candidates in _ranked(files):
        if len(candidates) == 1 or (candidates and all(map(_is_shard, candidates))):
            return candidates[0]
        if candidates:
            raise ModelError(
                "One model was expected, with what belongs to it, but {names} came;"
                " open one of them after the other.",
                names=shown(", ".join(f"“{name}”" for name in candidates), 200),
            )
    raise ModelError(
        "A model file ending in {suffixes} was expected, but {names} came;"
        " choose the model as well.",
        suffixes=" ".join(MODEL_SUFFIXES),
        names=shown(", ".join(f"“{name}”" for name in files), 200),
    )


def _ranked(files: list[str]) -> Iterable[list[str]]:
    """Candidates for the model, the surest first."""
    yield [name for name in files if name.endswith(_INDEX)]
    yield [name for name in files if _suffix(name) in _FIRST]
    yield [name for name in files if _suffix(name) in MODEL_SUFFIXES]
    # The one file of an unknown kind is for the reader to refuse.
    yield files if len(files) == 1 else []


def _is_vocabulary(name: str) -> bool:
    """True for a vocabulary in a format that a model may have too."""
    return _suffix(name) in (".pkl", ".pickle") and is_vocabulary_name(PurePath(name).stem)


def _suffix(name: str) -> str:
    return PurePath(name).suffix.lower()


def _is_shard(name: str) -> bool:
    return _SHARD.search(PurePath(name).stem) is not None
