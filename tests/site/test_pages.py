"""Every page of the static edition as a file: what it links to, and what it says."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from rnnviz.i18n import LANGUAGES
from rnnviz.lessons.glossary import glossary
from rnnviz.lessons.lesson import Figure, Live
from rnnviz.lessons.registry import LESSONS, lesson, lesson_code
from rnnviz.site.files import Files
from rnnviz.site.networks import page_networks
from rnnviz.train.presets import general_presets


class Links(HTMLParser):
    """What a page loads, where its links lead, and the places that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {key: value or "" for key, value in attrs}
        if "id" in own:
            assert own["id"] not in self.places, own["id"]
            self.places.add(own["id"])
        found = [own[key] for key in ("src", "href", "srcset") if own.get(key)]
        (self.links if tag == "a" else self.loaded).extend(found)


def html_pages(edition: Files) -> dict[str, Links]:
    return {path: Links(data.decode()) for path, data in edition.items() if path.endswith(".html")}


def test_every_page_is_there_in_every_language(edition):
    names = {*(f"lesson-{id}.html" for id in LESSONS), "index.html", "glossary.html"}
    for language in LANGUAGES:
        assert {f"{language}/{name}" for name in names} <= edition.keys()


def test_pages_load_only_files_of_the_edition(edition):
    for path, page in html_pages(edition).items():
        for target in page.loaded:
            # A picture of a heatmap stands in the page itself.
            is_inside = target.startswith("data:image/png;base64,")
            assert is_inside or leads_to(path, target) in edition, (path, target[:80])


def test_links_lead_to_pages_and_places_that_are_there(edition):
    pages = html_pages(edition)
    for path, page in pages.items():
        for link in page.links:
            if urlsplit(link).scheme:
                assert link.startswith("https://"), (path, link)
                continue
            target = leads_to(path, link)
            assert target in edition, (path, link)
            place = urlsplit(link).fragment
            if place.startswith("model="):
                assert f"shared/models/{place.removeprefix('model=')}.js" in edition
            elif place:
                assert place in pages[target].places, (path, link)


def leads_to(path: str, link: str) -> str:
    link = link.split("#")[0].split("?")[0]
    return str((Path("/") / path).parent.joinpath(link).resolve())[1:] if link else path


def test_files_name_no_other_host(edition):
    for path, data in edition.items():
        if not path.startswith("shared/") or path.endswith("plotly.min.js"):
            continue
        hosts = set(re.findall(rb"https?://([\w.]+)", data))
        assert hosts <= {b"www.w3.org", b"arxiv.org"}, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_glossary_has_every_term(edition, language):
    places = html_pages(edition)[f"{language}/glossary.html"].places
    assert {term.id for term in glossary(language).terms} <= places


@pytest.mark.parametrize("id", LESSONS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lesson_has_its_figures_controls_and_tasks(edition, id, language):
    page, text = edition[f"{language}/lesson-{id}.html"].decode(), lesson(id, language)
    names = {part.name for part in text.parts if isinstance(part, Figure)}
    assert set(re.findall(r'data-figure="(\w+)"', page)) == names
    assert set(re.findall(r'data-live="(\w+)"', page)) == {
        part.name for part in text.parts if isinstance(part, Live)
    }
    assert set(re.findall(r'data-control="(\w+)"', page)) == {
        control.name for control in lesson_code(id).controls
    }
    assert re.findall(r'<form data-name="(\w+)"', page) == [
        part.name for part in text.parts if part in text.tasks
    ]
    assert "{fact:" not in page
    assert "(term:" not in page


def test_an_edition_of_one_language_has_no_other(edition):
    from rnnviz.site.front import front_files
    from rnnviz.site.lesson_page import glossary_files

    made = {**front_files("zh", ("zh",)), **glossary_files(("zh",))}
    assert all(path.startswith("zh/") for path in made)
    assert not any("../en/" in link for page in html_pages(made).values() for link in page.links)


def test_the_picture_of_the_front_page_names_its_answers_in_the_language(edition: Files) -> None:
    for name in ("network.svg", "network-narrow-dark.svg"):
        english, chinese = (edition[f"{one}/{name}"].decode() for one in ("en", "zh"))
        for text, here, elsewhere in (
            (english, "Croatian", "克罗地亚语"),
            (chinese, "克罗地亚语", "Croatian"),
        ):
            assert here in text
            assert elsewhere not in text


def test_the_edition_stays_small(edition: Files) -> None:
    packed = {path: len(gzip.compress(data, 6)) for path, data in edition.items()}
    models = sum(size for path, size in packed.items() if "/models/" in path)
    assert sum(packed.values()) - models <= 2_000_000
    assert sum(packed.values()) <= 3_500_000


def test_every_list_of_trained_networks_has_one_order(edition: Files) -> None:
    front = edition["en/index.html"].decode()
    linked = re.findall(r'href="read.html#model=(\w+)"', front)
    assert linked == [one.name for one in general_presets()]
    assert [one.key for one in page_networks() if one.is_trained] == linked
