"""What tests of the app share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rnnviz.ui import kept_files


@pytest.fixture(autouse=True)
def _no_kept_files() -> Iterator[None]:
    """The server keeps no upload of another test."""
    kept_files._KEPT.clear()
    kept_files._HELD.clear()
    yield
    kept_files._KEPT.clear()
