"""Writer of a recording's arrays and pyramids, in a thread beside the computation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from rnnviz.core.arrays import Array
from rnnviz.recordings.array_file import NpyFile
from rnnviz.recordings.metadata import RecordingFiles
from rnnviz.recordings.pyramid import BASE, FACTOR, PyramidLevels, merge_blocks, summarise_blocks

_BLOCKS_AT_ONCE = 1024


@dataclass(frozen=True, eq=False)
class Writer:
    """Open arrays by name, and a thread that writes one chunk while the next is computed."""

    arrays: Mapping[str, _ArrayWriter]
    pool: ThreadPoolExecutor
    pending: list[Future[None]] = field(default_factory=list)

    def write(self, start: int, arrays: Mapping[str, Array]) -> None:
        """Hand over arrays (time, unit) from step `start`; the caller must not change them."""
        # At most one chunk waits, so that no more than two are in memory.
        self.wait()
        self.pending.append(self.pool.submit(self._write, start, dict(arrays)))

    def wait(self) -> None:
        """Wait until all is written. Raises the error of the writing thread."""
        while self.pending:
            self.pending.pop().result()

    def _write(self, start: int, arrays: Mapping[str, Array]) -> None:
        for name, values in arrays.items():
            self.arrays[name].write(start, values)


@contextmanager
def open_writer(files: RecordingFiles, names: list[str]) -> Iterator[Writer]:
    """Writer of the named arrays (time, unit); their pyramids are completed at the end."""
    with ExitStack() as stack, ThreadPoolExecutor(1) as pool:
        arrays = {name: _open_array(files, name, stack) for name in names}
        yield (writer := Writer(arrays, pool))
        writer.wait()
        for array in arrays.values():
            if array.pyramid is not None:
                array.pyramid.finish()


def _open_array(files: RecordingFiles, name: str, stack: ExitStack) -> _ArrayWriter:
    file = files.signal(name)
    opened = stack.enter_context(file.create())
    if name not in files.metadata.pyramid_names:
        return _ArrayWriter(file, opened, None)
    blocks = files.pyramid(name)
    pyramid = _PyramidWriter(blocks, stack.enter_context(blocks.create()), files.metadata.levels)
    return _ArrayWriter(file, opened, pyramid)


@dataclass(frozen=True, eq=False)
class _ArrayWriter:
    """Open file of an array (time, unit), and its pyramid if it has one."""

    file: NpyFile
    opened: BinaryIO
    pyramid: _PyramidWriter | None

    def write(self, start: int, values: Array) -> None:
        """Write steps (time, unit) from `start`, whole blocks of level 0 except at the end."""
        self.file.write(self.opened, start, values)
        if self.pyramid is not None:
            blocks = summarise_blocks(values, BASE)
            self.pyramid.file.write(self.pyramid.opened, start // BASE, blocks)


@dataclass(frozen=True, eq=False)
class _PyramidWriter:
    """Open file of a pyramid (block, statistic, unit)."""

    file: NpyFile
    opened: BinaryIO
    levels: PyramidLevels

    def finish(self) -> None:
        """Write the levels above the first, each from the one below."""
        for level in range(1, len(self.levels.lengths)):
            self.opened.flush()
            for start in range(0, self.levels.count(level - 1), _BLOCKS_AT_ONCE):
                self._merge(level, start)

    def _merge(self, level: int, start: int) -> None:
        levels, file = self.levels, self.file
        below, length = levels.first(level - 1), levels.lengths[level - 1]
        stop = min(start + _BLOCKS_AT_ONCE, levels.count(level - 1))
        n_steps = min(stop * length, levels.n_steps) - start * length
        merged = merge_blocks(file.read(below + start, below + stop), FACTOR, n_steps, length)
        file.write(self.opened, levels.first(level) + start // FACTOR, merged)
