"""The glossary: terms of the lessons and of the interface, and links to them in a text.

A text links to a term as `[hidden state](term:hidden_state)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from rnnviz.core.resources import asset
from rnnviz.errors import InputError

GLOSSARY = "glossary"
_LINK = re.compile(r"\[(?P<words>[^\]]+)\]\(term:(?P<id>\w+)\)")
_HEAD = re.compile(r"## (?P<id>\w+): (?P<name>.+)")
_SEE = re.compile(r"\{see: (?P<lessons>[\w, ]+)\}")


@dataclass(frozen=True)
class GlossaryEntry:
    """A term and what it means.

    text     Markdown, with links to other terms.
    lessons  ids of the lessons in which it is seen at work.
    """

    id: str
    name: str
    text: str
    lessons: tuple[str, ...]


@dataclass(frozen=True)
class Glossary:
    """All terms in the order in which they are shown."""

    title: str
    summary: str
    terms: tuple[GlossaryEntry, ...]

    def term(self, id: str) -> GlossaryEntry | None:
        """The term of this id, or None."""
        return next((term for term in self.terms if term.id == id), None)


@cache
def glossary(language: str) -> Glossary:
    """The glossary in a language.

    >>> glossary("en").term("hidden_state").name
    'Hidden state'
    """
    text = asset("lessons", f"{GLOSSARY}.{language}.md").read_text("utf-8")
    return parse_glossary(text, language)


def parse_glossary(text: str, language: str) -> Glossary:
    """Glossary of a text: `# title`, a summary, then `## id: name` and paragraphs for each term.

    Raises InputError for a heading without an id.
    """
    head, *entries = re.split(r"\n(?=## )", text)
    title, _, summary = head.partition("\n")
    terms = tuple(_term(entry, language) for entry in entries)
    return Glossary(title.removeprefix("# ").strip(), summary.strip(), terms)


def _term(entry: str, language: str) -> GlossaryEntry:
    first, _, rest = entry.partition("\n")
    head = _HEAD.fullmatch(first.strip())
    if head is None:
        raise InputError(
            'The glossary ({language}) has a term "{came}" where `## id: name` is wanted.',
            language=language,
            came=first,
        )
    see = _SEE.search(rest)
    lessons = tuple(id.strip() for id in see["lessons"].split(",")) if see else ()
    return GlossaryEntry(head["id"], head["name"], _SEE.sub("", rest).strip(), lessons)


def linked_terms(text: str) -> tuple[str, ...]:
    """Ids of the terms that a text links to, in order.

    >>> linked_terms("a [unit](term:unit) of an [LSTM](term:lstm)")
    ('unit', 'lstm')
    """
    return tuple(found["id"] for found in _LINK.finditer(text))


def link_terms(text: str, address: Callable[[str], str]) -> str:
    """Text with Markdown links in place of those to terms; `address` gives the URL of an id.

    >>> link_terms("a [unit](term:unit)", "/learn?term={}".format)
    'a [unit](/learn?term=unit)'
    """
    if "(term:" not in text:
        return text
    return _LINK.sub(lambda found: f"[{found['words']}]({address(found['id'])})", text)


def unlink_terms(text: str) -> str:
    """Text with the words alone in place of links to terms, for paper.

    >>> unlink_terms("a [unit](term:unit)")
    'a unit'
    """
    return _LINK.sub(lambda found: found["words"], text)
