"""The sequences that come with the package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from rnnviz.core.checks import check_choice
from rnnviz.resources import asset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SampleKind = Literal["characters", "words", "numbers", "table"]


@dataclass(frozen=True)
class Sample:
    """A file to start with and how it is best read.

    id       its name in a link.
    kind     how `parse` should read it, or "table" for `read_file` and `table_sequence`.
    title    by language, "en" and "zh"; so is the source.
    columns  of a table, the features; axis, the column of tokens.

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
        """Where the file lies."""
        return asset("samples", self.file)

    @property
    def text(self) -> str:
        """What the file says."""
        return self.path.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def samples() -> tuple[Sample, ...]:
    """Every sample, in the order to offer them.

    >>> sorted({sample.kind for sample in samples()})
    ['characters', 'numbers', 'table', 'words']
    """
    listed = json.loads(asset("samples", "samples.json").read_text(encoding="utf-8"))
    return tuple(Sample(**{**one, "columns": tuple(one.get("columns", ()))}) for one in listed)


def sample(id: str) -> Sample:
    """A sample by its id. Raises InputError for another.

    >>> sample("sunspots").path.name
    'sunspots.csv'
    """
    known = {one.id: one for one in samples()}
    check_choice("sample", id, tuple(known))
    return known[id]
