"""Arrays on their way to disk: written beside the computing, with their pyramids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from rnnviz.core.arrays import Array
from rnnviz.recordings.metadata import Metadata
from rnnviz.recordings.pyramid import BASE, FACTOR, merge_blocks, summarise_blocks

_BLOCKS_AT_ONCE = 1024


@dataclass(frozen=True, eq=False)
class Writer:
    """Open files by name, and a thread that writes one part while the next is computed."""

    files: Mapping[str, _File]
    pool: ThreadPoolExecutor
    pending: list[Future[None]] = field(default_factory=list)

    def write(self, start: int, arrays: Mapping[str, Array]) -> None:
        """Hand over steps (time, unit) from `start`, which nobody changes any more."""
        # One part waits at most, so that no more than two are in memory.
        self.wait()
        self.pending.append(self.pool.submit(self._write, start, dict(arrays)))

    def wait(self) -> None:
        """Until what was handed over is written; raises what went wrong there."""
        while self.pending:
            self.pending.pop().result()

    def _write(self, start: int, arrays: Mapping[str, Array]) -> None:
        for name, values in arrays.items():
            self.files[name].write(start, values)


@contextmanager
def open_writer(about: Metadata, folder: Path, names: list[str]) -> Iterator[Writer]:
    """A writer of those arrays (time, unit); their pyramids are finished at the end."""
    with ExitStack() as stack, ThreadPoolExecutor(1) as pool:
        files = {name: _File.create(about, folder, name, stack) for name in names}
        yield (writing := Writer(files, pool))
        writing.wait()
        for file in files.values():
            file.finish()


@dataclass(frozen=True, eq=False)
class _File:
    """An array (time, unit) being written, and its pyramid where it has one."""

    about: Metadata
    folder: Path
    name: str
    steps: BinaryIO
    blocks: BinaryIO | None

    @staticmethod
    def create(about: Metadata, folder: Path, name: str, stack: ExitStack) -> _File:
        """Both files, opened."""
        steps = stack.enter_context(about.signal_file(folder, name).create())
        has_blocks = name in about.pyramid_names
        opened = (
            stack.enter_context(about.pyramid_file(folder, name).create()) if has_blocks else None
        )
        return _File(about, folder, name, steps, opened)

    def write(self, start: int, values: Array) -> None:
        """Steps (time, unit) from `start`, a whole number of base blocks unless the last."""
        self.about.signal_file(self.folder, self.name).write(self.steps, start, values)
        if self.blocks is not None:
            rows = self.about.pyramid_file(self.folder, self.name)
            rows.write(self.blocks, start // BASE, summarise_blocks(values, BASE))

    def finish(self) -> None:
        """The levels above the first, each from the one below."""
        if self.blocks is None:
            return
        levels, rows = self.about.levels, self.about.pyramid_file(self.folder, self.name)
        for level in range(1, len(levels.lengths)):
            self.blocks.flush()
            below, length = levels.first(level - 1), levels.lengths[level - 1]
            count = levels.count(level - 1)
            for start in range(0, count, _BLOCKS_AT_ONCE):
                stop = min(start + _BLOCKS_AT_ONCE, count)
                held = min(stop * length, levels.n_steps) - start * length
                joined = merge_blocks(rows.read(below + start, below + stop), FACTOR, held, length)
                rows.write(self.blocks, levels.first(level) + start // FACTOR, joined)
