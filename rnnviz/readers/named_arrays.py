"""Arrays by name as a file holds them, the vocabularies among them, and what was dequantised."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from rnnviz.core.arrays import Array
from rnnviz.readers.certainty import Assumption
from rnnviz.readers.result import ImportResult, Source
from rnnviz.readers.settings import HyperParameters, settings_in
from rnnviz.readers.told import Told, told_in, vocabularies_told
from rnnviz.readers.vocabulary import Vocabulary

_IN_GROUPS = re.compile(r".*/(?:weight|bias)_(?:ih|hh)(?:_l\d{1,4}(?:_reverse)?)?", re.DOTALL)


@dataclass(frozen=True)
class NamedArrays:
    """Content of a file of named arrays.

    vocabularies  those that the file gives by name.
    quantised     names of arrays that stand for quantised weights.
    told          what the file says of a model trained here.
    settings      that it gives beside its arrays.
    unsure        names of weights of a second direction that may be those of a second level.
    """

    arrays: Mapping[str, Array]
    vocabularies: tuple[Vocabulary, ...] = ()
    quantised: frozenset[str] = frozenset()
    told: Told = field(default_factory=Told)
    settings: tuple[HyperParameters, ...] = ()
    unsure: frozenset[str] = frozenset()


def read_named_arrays(kind: str, source: Source) -> NamedArrays:
    """Content of a file of named arrays of a known kind. Raises ModelError for another."""
    return _READERS[kind](source)


def _npz(source: Source) -> NamedArrays:
    from rnnviz.readers import npz

    return npz.read_npz_content(source)


def _hdf5(source: Source) -> NamedArrays:
    from rnnviz.readers import hdf5

    arrays = hdf5.read_hdf5(source).arrays
    # A group for each module of a state dict.
    if any(map(_IN_GROUPS.fullmatch, arrays)):
        arrays = {name.replace("/", "."): array for name, array in arrays.items()}
    return NamedArrays(arrays)


def _safetensors(source: Source) -> NamedArrays:
    from rnnviz.readers import safetensors

    arrays, metadata = safetensors.read_safetensors_content(source)
    return NamedArrays(
        arrays,
        vocabularies_told(metadata),
        told=told_in(metadata),
        settings=tuple(settings_in(metadata)),
    )


def _checkpoint(source: Source) -> NamedArrays:
    from rnnviz.readers.torch import container

    return container.read_checkpoint_content(source)


def _shards(source: Source) -> NamedArrays:
    from rnnviz.readers import shards

    parts = [read_named_arrays(kind, part) for kind, part in shards.parts_of(source)]
    return NamedArrays(
        {name: array for part in parts for name, array in part.arrays.items()},
        tuple(vocabulary for part in parts for vocabulary in part.vocabularies),
        frozenset(name for part in parts for name in part.quantised),
        settings=tuple(settings for part in parts for settings in part.settings),
    )


_READERS: dict[str, Callable[[Source], NamedArrays]] = {
    "npz": _npz,
    "hdf5": _hdf5,
    "safetensors": _safetensors,
    "checkpoint": _checkpoint,
    "shards": _shards,
}


def with_dequantised(
    results: Iterable[ImportResult], quantised: frozenset[str]
) -> tuple[ImportResult, ...]:
    """Imports that say which of their arrays were quantised.

    PyTorch's own run of such a model quantises its inputs as well, so that it gives other numbers.
    """
    return tuple(_with_dequantised(result, quantised) for result in results)


def _with_dequantised(result: ImportResult, quantised: frozenset[str]) -> ImportResult:
    names = [array.name for array in result.evidence.arrays if array.name in quantised]
    if not names:
        return result
    modules = ", ".join(dict.fromkeys(name.rpartition(".")[0] or name for name in names))
    assumed = Assumption("dequantised", modules)
    evidence = result.evidence
    return replace(result, evidence=replace(evidence, assumed=(*evidence.assumed, assumed)))
