"""NumPy .npy files that are written and read in ranges of rows."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np

from rnnviz.core.arrays import Array, make_read_only


@dataclass(frozen=True)
class NpyFile:
    """NumPy .npy file with access by row.

    Plain reads and writes, because the pages of a memory map count as this program's memory.
    """

    path: Path
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]

    @property
    def header(self) -> bytes:
        """Header bytes of the .npy format."""
        stream = BytesIO()
        fields = {"descr": self.dtype.str, "fortran_order": False, "shape": self.shape}
        np.lib.format.write_array_header_1_0(stream, fields)
        return stream.getvalue()

    @property
    def n_row_bytes(self) -> int:
        """Bytes of one row."""
        return int(np.prod(self.shape[1:], dtype=np.int64)) * self.dtype.itemsize

    @property
    def n_bytes(self) -> int:
        """Bytes of the whole file."""
        return len(self.header) + self.shape[0] * self.n_row_bytes

    def create(self) -> BinaryIO:
        """Create the file with empty rows and open it for writing."""
        file = self.path.open("w+b")
        file.write(self.header)
        file.truncate(self.n_bytes)
        return file

    def write(self, file: BinaryIO, start: int, rows: Array) -> None:
        """Write rows from the one numbered `start`."""
        file.seek(len(self.header) + start * self.n_row_bytes)
        file.write(np.ascontiguousarray(rows, self.dtype).data)

    def read(self, start: int, stop: int) -> Array:
        """Read-only rows from `start` up to `stop`."""
        shape = (stop - start, *self.shape[1:])
        offset = len(self.header) + start * self.n_row_bytes
        count = int(np.prod(shape, dtype=np.int64))
        return make_read_only(
            np.fromfile(self.path, self.dtype, count, offset=offset).reshape(shape)
        )
