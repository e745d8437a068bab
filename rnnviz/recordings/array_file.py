"""How a recording lies on disk: raw arrays that are written and read in pieces."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np

from rnnviz.core.arrays import Array, make_read_only


@dataclass(frozen=True)
class NpyFile:
    """An .npy file of so many rows, of which any stretch is written or read.

    Plain writes and reads: the pages of a memory map would count as this program's memory.
    """

    path: Path
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]

    @property
    def header(self) -> bytes:
        """The file's first bytes, by the .npy format."""
        head = BytesIO()
        about = {"descr": self.dtype.str, "fortran_order": False, "shape": self.shape}
        np.lib.format.write_array_header_1_0(head, about)
        return head.getvalue()

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return int(np.prod(self.shape[1:], dtype=np.int64)) * self.dtype.itemsize

    @property
    def n_bytes(self) -> int:
        """Bytes of the whole file."""
        return len(self.header) + self.shape[0] * self.row_bytes

    def create(self) -> BinaryIO:
        """The file, opened for writing, its rows still empty."""
        file = self.path.open("w+b")
        file.write(self.header)
        file.truncate(self.n_bytes)
        return file

    def write(self, file: BinaryIO, start: int, rows: Array) -> None:
        """Put rows where the one numbered `start` lies."""
        file.seek(len(self.header) + start * self.row_bytes)
        file.write(np.ascontiguousarray(rows, self.dtype).data)

    def read(self, start: int, stop: int) -> Array:
        """The rows from `start` up to `stop`, read-only."""
        shape = (stop - start, *self.shape[1:])
        offset = len(self.header) + start * self.row_bytes
        count = int(np.prod(shape, dtype=np.int64))
        return make_read_only(
            np.fromfile(self.path, self.dtype, count, offset=offset).reshape(shape)
        )
