"""Folders of scans that whoever started the app lets it open: no page opens any other path."""

from __future__ import annotations

import os
from pathlib import Path

from rnnviz.corpus.result import MERGED

# Set by `rnnviz --scans DIR`, or by who serves the app.
VARIABLE = "RNNVIZ_SCANS"
_MOST = 200


def scan_folders() -> dict[str, Path]:
    """Files of scans by the names of their folders: that of the variable, and those within it.

    None where it is not set, as on a server for everyone.
    """
    root = os.environ.get(VARIABLE, "")
    if not root or not Path(root).is_dir():
        return {}
    within = sorted(one for one in Path(root).iterdir() if one.is_dir())[:_MOST]
    files = {one.name: one / MERGED for one in (Path(root).resolve(), *within)}
    return {name: file for name, file in files.items() if file.is_file()}
