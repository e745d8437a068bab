"""Files of whole scans in a folder and in the folders within it."""

from __future__ import annotations

from pathlib import Path

MERGED = "corpus.parquet"
_MOST = 200


def scan_files(root: Path) -> dict[str, Path]:
    """Files of scans by the names of their folders: that of `root`, and those within it.

    A folder that may not be read holds none.

    >>> from rnnviz.core.resources import asset
    >>> scan_files(asset("samples"))
    {}
    """
    whole = root.resolve()
    found = [*whole.glob(MERGED), *sorted(whole.glob(f"*/{MERGED}"))[:_MOST]]
    return {file.parent.name: file for file in found if file.is_file()}
