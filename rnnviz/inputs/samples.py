"""Sample files that come with the package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from rnnviz.core.checks import check_choice
from rnnviz.core.resources import asset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SampleKind = Literal["characters", "words", "numbers", "table"]


@dataclass(frozen=True)
class Sample:
    """Sample file and the options to read it with.

    id       name in a URL.
    kind     the kind for `parse`, or "table" for `read_file` and `table_sequence`.
    title    by language, "en" and "zh"; so is `source`.
    columns  features of a table; `axis` is its column of tokens.

    >>> samples()[0].id
    'sentence'
    """

    id: str
    file: str
    kind: SampleKind
    title: Mapping[str, str]
    source: Mapping[str, str]
    licence: str
    columns: tuple[str, ...] = ()
    axis: str | None = None

    @property
    def path(self) -> Path:
        """Path of the file."""
        return asset("samples", self.file)

    @property
    def text(self) -> str:
        """Content of the file."""
        return self.path.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def samples() -> tuple[Sample, ...]:
    """All samples in the order of the menu.

    >>> sorted({sample.kind for sample in samples()})
    ['characters', 'numbers', 'table', 'words']
    """
    entries = json.loads(asset("samples", "samples.json").read_text(encoding="utf-8"))
    return tuple(
        Sample(**{**entry, "columns": tuple(entry.get("columns", ()))}) for entry in entries
    )


def sample(id: str) -> Sample:
    """Sample by its id. Raises InputError for an unknown one.

    >>> sample("sunspots").path.name
    'sunspots.csv'
    """
    by_id = {each.id: each for each in samples()}
    check_choice("sample", id, tuple(by_id))
    return by_id[id]
