"""Pages of the static edition: what stands around their content in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import urlencode

from rnnviz.i18n import word
from rnnviz.ui.player.packet import script_json

# Tags of BCP 47, by which a browser chooses fonts and voices.
TAGS = {"en": "en", "zh": "zh-CN"}
NAMES = {"en": "English", "zh": "中文"}
FRONT = "index.html"
READ = "read.html"
_ENTRIES = {"read": READ, "learn": f"{FRONT}#lessons", "glossary": "glossary.html"}


@dataclass(frozen=True)
class SitePage:
    """A page in one language.

    path     in the folder of its language, the same in every language.
    body     HTML of its content.
    entry    of the header that it belongs to, "read", "learn" or "glossary"; "" for none.
    head     HTML that goes into its head.
    scripts  paths, from its own folder, of the scripts that it runs.
    """

    path: str
    language: str
    title: str
    body: str
    entry: str = ""
    head: str = ""
    scripts: tuple[str, ...] = ()


def lesson_file(id: str) -> str:
    """Path of a lesson's page in the folder of its language."""
    return f"lesson-{id}.html"


def read_address(**choices: str) -> str:
    """Address of the Read page with a model, and a text where one is given.

    >>> read_address(model="adding_lstm")
    'read.html#model=adding_lstm'
    """
    return f"{READ}#{urlencode(choices)}"


def page_bytes(page: SitePage, languages: Iterable[str]) -> bytes:
    """HTML file of a page with the header, which leads to it in the other languages."""
    return (
        _template("page.html")
        .substitute(
            lang=TAGS[page.language],
            title=escape(f"{page.title} · rnnviz" if page.path != FRONT else page.title),
            head=page.head,
            skip=word("site.skip", page.language),
            pages=word("site.pages", page.language),
            links=_links(page),
            languages=_switch(page, languages),
            body=page.body,
            scripts="\n".join(f'<script src="{path}"></script>' for path in page.scripts),
        )
        .encode()
    )


def index_bytes(languages: tuple[str, ...]) -> bytes:
    """HTML file of the whole edition, which goes on to the front page in the reader's language."""
    links = (
        f'<li><a href="{one}/{FRONT}" lang="{TAGS[one]}">{NAMES[one]}</a></li>' for one in languages
    )
    return (
        _template("index.html")
        .substitute(lang=TAGS[languages[0]], links="".join(links), written=script_json(languages))
        .encode()
    )


def site_text(name: str) -> str:
    """Text of a file in this folder."""
    return files(__package__).joinpath(name).read_text("utf-8")


@cache
def _template(name: str) -> Template:
    return Template(site_text(name))


def _links(page: SitePage) -> str:
    return "".join(
        f'<a href="{path}"{_marked(entry == page.entry)}>{word(f"site.{entry}", page.language)}</a>'
        for entry, path in _ENTRIES.items()
    )


def _marked(is_here: bool) -> str:
    return ' aria-current="page"' if is_here else ""


def _switch(page: SitePage, languages: Iterable[str]) -> str:
    """Links to the same page in the other languages; nothing where there is only one."""
    links = "".join(
        f'<a href="../{one}/{page.path}" lang="{TAGS[one]}" hreflang="{TAGS[one]}"'
        f' data-language="{one}">{NAMES[one]}</a>'
        for one in languages
        if one != page.language
    )
    label = word("language", page.language)
    return f'<nav class="languages" aria-label="{label}">{links}</nav>' if links else ""
