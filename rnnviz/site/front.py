"""Front page of the static edition: a network at work, the lessons, the models, and the server."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape

from rnnviz.analysis.answer import answer
from rnnviz.analysis.panels import Panels, panels
from rnnviz.engine.api import trace
from rnnviz.figures.panels import figure
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.inputs.parse import parse
from rnnviz.lessons.registry import LESSONS, MINUTES, lesson, lessons_about, numbered_title
from rnnviz.lessons.sheet import inline_html
from rnnviz.site.files import Files
from rnnviz.site.page import FRONT, SitePage, lesson_file, page_bytes, read_address
from rnnviz.train.presets import general_presets, preset
from rnnviz.ui.named_rows import with_named_outputs, with_named_rows

_MODEL, _READS = "languages_gru", "Fernández"
# As README has them.
_COMMANDS = 'pip install ".[app]"\nrnnviz'
_DARK, _NARROW = "(prefers-color-scheme: dark)", "(max-width: 40rem)"
# File of a picture and where it is shown, the last one everywhere else.
_PICTURES = {
    "network-narrow-dark.svg": f"{_DARK} and {_NARROW}",
    "network-narrow.svg": _NARROW,
    "network-dark.svg": _DARK,
    "network.svg": "",
}


def front_files(language: str, languages: Iterable[str]) -> Files:
    """The front page in a language and its picture on both grounds."""
    page = SitePage(FRONT, language, word("site.title", language), _body(language))
    pictures = {f"{language}/{name}": _picture(language, name) for name in _PICTURES}
    return {f"{language}/{FRONT}": page_bytes(page, languages), **pictures}


def _body(language: str) -> str:
    return "\n".join(
        (
            f"<h1>{word('site.title', language)}</h1>",
            f'<p class="lead">{word("site.about", language)}</p>',
            _figure(language),
            f'<h2 id="lessons">{word("learn.title", language)}</h2>',
            f"<p>{lessons_about(language)}</p>",
            f'<ol class="cards">{"".join(_card(id, language) for id in LESSONS)}</ol>',
            f"<h2>{word('site.models', language)}</h2>",
            f'<ul class="cards">{"".join(_models(language))}</ul>',
            f'<h2 id="server">{word("site.server", language)}</h2>',
            f"<p>{word('site.server_about', language)}</p>",
            f"<pre>{_COMMANDS}</pre>",
        )
    )


def _figure(language: str) -> str:
    said = escape(word("site.picture", language, text=_READS))
    sources = "".join(
        f'<source srcset="{name}" media="{where}">' for name, where in _PICTURES.items() if where
    )
    return (
        f'<figure class="picture"><picture>{sources}'
        f'<img src="network.svg" alt="{said}" width="960" height="440"></picture>'
        f'<figcaption class="soft">{said}</figcaption></figure>'
    )


@cache
def _view(language: str) -> Panels:
    card = preset(_MODEL)
    read = trace(card.model(), parse(_READS))
    told = answer(read, card.task)
    assert told is not None
    drawn = panels(read, ["probabilities", "hidden", "update"])
    return with_named_rows(drawn, with_named_outputs(told, language), language)


def _picture(language: str, name: str) -> bytes:
    look = Look(language, "dark" in name)
    width = 400 if "narrow" in name else 960
    return static_svg(figure(_view(language), look, height=440), width=width).encode()


def _card(id: str, language: str) -> str:
    title = escape(numbered_title(id, language))
    minutes = word("learn.minutes", language, minutes=MINUTES[id])
    return (
        f'<li><h3><a href="{lesson_file(id)}">{title}</a></h3>'
        f"<p>{inline_html(lesson(id, language).summary)}</p>"
        f'<p class="soft">{minutes} <span data-lesson="{id}" data-done="'
        f'{word("learn.done", language)}"></span></p></li>'
    )


def _models(language: str) -> Iterable[str]:
    for one in general_presets():
        title, about = escape(one.title[language]), escape(one.about[language])
        link = f'<a href="{read_address(model=one.name)}">{title}</a>'
        yield f'<li><h3>{link}</h3><p class="soft">{about}</p></li>'
