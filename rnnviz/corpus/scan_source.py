"""Where a scan is read from: its file or bytes, which a bounded process reads if need be."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnviz.bounded.limits import reading_limits
from rnnviz.bounded.run import run_bounded
from rnnviz.core.arrays import Array
from rnnviz.corpus.plain_file import PlainSketch, read_plain, read_token_sums
from rnnviz.errors import InputError


@dataclass(frozen=True)
class ScanSource:
    """The file of a scan.

    place       its path or bytes; `name`, what it is called in sentences.
    is_bounded  True to read it in a process of its own, within limits on time and memory.
    """

    name: str
    place: Path | bytes = field(repr=False)
    is_bounded: bool = False

    def plain(self) -> PlainSketch:
        """Metadata and columns without the sums of tokens. Raises InputError."""
        if not self.is_bounded:
            return read_plain(self.place, self.name)
        return run_bounded(read_plain, self.place, self.name, **self._bounds)

    def tokens(self, signal: int) -> tuple[Array, Array]:
        """Sums over the steps of each token, as `read_token_sums` reads them. Raises InputError."""
        if not self.is_bounded:
            return read_token_sums(self.place, self.name, signal)
        return run_bounded(read_token_sums, self.place, self.name, signal, **self._bounds)

    @property
    def _bounds(self) -> dict[str, Any]:
        place = self.place
        n_bytes = place.stat().st_size if isinstance(place, Path) else len(place)
        return {
            "name": self.name,
            "error": InputError,
            "limits": reading_limits(n_bytes),
            # Imported once, by the process that waits.
            "modules": ("pyarrow.parquet",),
        }
