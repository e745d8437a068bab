"""Files of whole scans in a folder and in the folders within it."""

from __future__ import annotations

from pathlib import Path

MERGED = "corpus.parquet"
_MOST = 200


def scan_files(root: Path) -> dict[str, Path]:
    """Files of scans by the names of their folders: that of `root`, and those within it.

    >>> from rnnviz.core.resources import asset
    >>> scan_files(asset("samples"))
    {}
    """
    within = sorted(one for one in root.iterdir() if one.is_dir())[:_MOST]
    files = {one.name: one / MERGED for one in (root.resolve(), *within)}
    return {name: file for name, file in files.items() if file.is_file()}
