"""The Read page of the static edition: its files."""

from __future__ import annotations

from collections.abc import Mapping


def read_files() -> Mapping[str, bytes]:
    """Files of the Read page by path, for all languages; `en/read.html` is the English page."""
    return {}
