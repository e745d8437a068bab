"""Model files read, and run by their framework, in a bounded process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import islice
from pkgutil import iter_modules

from rnnviz import cells
from rnnviz.bounded.limits import MEGABYTE, Limits, is_small_and_plain, reading_limits
from rnnviz.bounded.refusals import excess_error
from rnnviz.bounded.run import run_bounded
from rnnviz.core.arrays import Array
from rnnviz.errors import ModelError
from rnnviz.readers.certainty import Reference, ReferenceRun
from rnnviz.readers.hdf5 import HDF5_MODULES
from rnnviz.readers.result import Answers, ImportResult, Source
from rnnviz.readers.shards import is_shard

# Imported by the process that waits, so that no call has to.
READER_MODULES = (
    "rnnviz.readers.keras",
    "rnnviz.readers.npz",
    "rnnviz.readers.onnx",
    "rnnviz.readers.safetensors",
    "rnnviz.readers.torch.container",
    *(f"rnnviz.cells.{cell.name}" for cell in iter_modules(cells.__path__)),
)
# A framework alone takes a second of time and a gigabyte of addresses.
_RUNNING_LIMITS = Limits(20, 3_000 * MEGABYTE, 90, 200 * MEGABYTE)
_MAX_SEARCHED = 16 * MEGABYTE
_MAX_ENTRIES = 1_000


def import_model_bounded(
    source: Source,
    answers: Answers = {},
    names: Mapping[str, str] = {},
    bounded: bool | None = True,
) -> tuple[ImportResult, ...]:
    """Every recurrent stack of a model file, as `import_model` reads it, in a bounded process.

    bounded  False to read it in this process; None to do so where it is small and plain.

    Raises ModelError as `import_model` does, and where it takes too much time or memory.
    """
    if not (_is_costly(source) if bounded is None else bounded):
        try:
            return _import_here(source, answers, names)
        except MemoryError as error:
            limits = reading_limits(_size(source))
            raise excess_error(ModelError, "memory", source.name, limits) from error
    return run_bounded(
        _import_here,
        source,
        dict(answers),
        dict(names),
        name=source.name,
        error=ModelError,
        limits=reading_limits(_size(source)),
        modules=(*READER_MODULES, *(HDF5_MODULES if _holds_hdf5(source) else ())),
    )


def _import_here(
    source: Source, answers: Answers, names: Mapping[str, str]
) -> tuple[ImportResult, ...]:
    # A page that opens no file does without the readers of all formats.
    from rnnviz.readers.read import import_model

    return import_model(source, answers, names)


def run_reference_bounded(reference: Reference, values: Array, name: str) -> ReferenceRun:
    """The framework's run of a file of a name, in a bounded process.

    Raises ModelError where it takes too much time or memory, or fails.
    """
    return run_bounded(
        run_reference,
        reference,
        values,
        name=name,
        error=ModelError,
        limits=_RUNNING_LIMITS,
        work="computing",
        modules=reference.libraries,
    )


def run_reference(reference: Reference, values: Array) -> ReferenceRun:
    """The framework's run, in this process."""
    return reference.run(values)


def _is_costly(source: Source) -> bool:
    is_graph = source.name.lower().endswith(".onnx")
    return is_graph or bool(source.beside) or not is_small_and_plain(source.data)


def _holds_hdf5(source: Source) -> bool:
    return source.name.lower().endswith((".keras", ".h5", ".hdf5"))


def _size(source: Source) -> int:
    """Bytes of the file and of those that it may refer to."""
    beside = sum(map(len, source.beside.values()))
    return len(source.data) + beside + _size_beside(source)


def _size_beside(source: Source) -> int:
    """Bytes of the files in its folder whose names stand in it, and of the other shards."""
    if source.folder is None or len(source.data) > _MAX_SEARCHED:
        return 0
    try:
        entries = islice(source.folder.iterdir(), _MAX_ENTRIES)
        named = (
            entry
            for entry in entries
            if os.fsencode(entry.name) in source.data
            or (is_shard(source.name) and is_shard(entry.name))
        )
        return sum(entry.stat().st_size for entry in named if entry.is_file())
    except OSError:
        return 0
