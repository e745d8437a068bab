"""Folders of scans that whoever started the app lets it open: no page opens any other path."""

from __future__ import annotations

import os
from pathlib import Path

from rnnviz.corpus.scan_files import scan_files

# Set by `rnnviz --scans DIR`, or by who serves the app.
VARIABLE = "RNNVIZ_SCANS"


def scan_folders() -> dict[str, Path]:
    """Files of scans by the names of their folders: that of the variable, and those within it.

    None where it is not set, as on a server for everyone.
    """
    root = os.environ.get(VARIABLE, "")
    if not root or not Path(root).is_dir():
        return {}
    return scan_files(Path(root))
