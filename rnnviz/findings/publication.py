"""Paper that a finding was published in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Publication:
    """A paper as its title page has it: no words that would have to be translated.

    venue  journal or conference, with its volume.
    link   to the paper, where it has a lasting one.
    """

    authors: str
    year: int
    title: str
    venue: str
    link: str = ""

    def __str__(self) -> str:
        return f"{self.authors} ({self.year}). {self.title}. {self.venue}."
