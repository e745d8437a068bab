"""One static edition for all tests: to write it takes longer than to read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnviz.i18n import LANGUAGES
from rnnviz.site.edition import static_edition
from rnnviz.site.files import Files
from rnnviz.site.writer import write_files


@pytest.fixture(scope="session")
def edition() -> Files:
    return static_edition(LANGUAGES)


@pytest.fixture(scope="session")
def site(edition: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    write_files(folder, edition)
    return folder
