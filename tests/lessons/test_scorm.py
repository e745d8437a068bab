"""SCORM packages: a manifest as SCORM 1.2 asks for it, and one page that needs no network."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rnnviz.cli import main
from rnnviz.i18n import LANGUAGES, word
from rnnviz.lessons.interactive import NumberAnswer, SettingsAnswer
from rnnviz.lessons.lesson import Reveal
from rnnviz.lessons.option_order import option_order
from rnnviz.lessons.registry import lesson, lesson_code
from rnnviz.lessons.scorm import scorm_package

IMS = "{http://www.imsproject.org/xsd/imscp_rootv1p1p2}"
ADL = "{http://www.adlnet.org/xsd/adlcp_rootv1p2}"
SOME = ("reads", "gru", "dense", "training")


def opened(id: str, language: str, seed: int = 1) -> tuple[ElementTree.Element, str]:
    """The manifest and the page."""
    with zipfile.ZipFile(io.BytesIO(scorm_package(id, language, seed))) as package:
        assert package.testzip() is None
        assert package.namelist() == ["imsmanifest.xml", "index.html"]
        manifest = ElementTree.fromstring(package.read("imsmanifest.xml"))
        return manifest, package.read("index.html").decode("utf-8")


class Forms(HTMLParser):
    """The forms of a page with their data and the values of their radio buttons; what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.values: dict[str, list[str]] = {}
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {key: value or "" for key, value in attrs}
        sources = [own[key] for key in ("src", "href") if key in own and tag != "a"]
        self.loaded += [source for source in sources if not source.startswith("data:")]
        if tag == "form":
            self.forms.append(own)
        if own.get("type") == "radio":
            self.values.setdefault(own["name"], []).append(own["value"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_manifest_is_one_of_scorm_1_2(language: str) -> None:
    manifest, _ = opened("gru", language)
    assert manifest.tag == f"{IMS}manifest"
    assert re.fullmatch(r"[A-Za-z_][\w.-]*", manifest.get("identifier", ""))
    # In this order, as the schema has them.
    assert [child.tag for child in manifest] == [
        f"{IMS}{name}" for name in ("metadata", "organizations", "resources")
    ]
    assert manifest.findtext(f"{IMS}metadata/{IMS}schema") == "ADL SCORM"
    assert manifest.findtext(f"{IMS}metadata/{IMS}schemaversion") == "1.2"
    [course] = manifest.findall(f"{IMS}organizations/{IMS}organization")
    assert manifest.find(f"{IMS}organizations").get("default") == course.get("identifier")
    assert course.findtext(f"{IMS}title") == lesson("gru", language).title
    [item] = course.findall(f"{IMS}item")
    [page] = manifest.findall(f"{IMS}resources/{IMS}resource")
    assert item.get("identifierref") == page.get("identifier")
    assert (page.get("type"), page.get(f"{ADL}scormtype")) == ("webcontent", "sco")
    assert page.get("href") == "index.html"
    assert [file.get("href") for file in page.findall(f"{IMS}file")] == ["index.html"]
    identifiers = [element.get("identifier") for element in manifest.iter()]
    named = [identifier for identifier in identifiers if identifier]
    assert len(named) == len(set(named)) == 4


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", SOME)
def test_the_page_asks_what_the_lesson_asks_in_the_order_of_the_seed(
    id: str, language: str
) -> None:
    _, page = opened(id, language, 7)
    one, code, found = lesson(id, language), lesson_code(id), Forms(page)
    assert not found.loaded
    assert "{fact" not in page
    asked = {form["data-name"]: form for form in found.forms}
    settings = [n for n, wanted in code.exercises.items() if isinstance(wanted, SettingsAnswer)]
    by_hand = set(settings)
    assert page.count(word("scorm.by_hand", language)) == len(settings)
    assert [*asked] == [part.name for part in one.tasks if part.name not in by_hand]
    assert len(asked) >= 5
    for question in one.questions:
        form = asked[question.name]
        assert form["data-counts"] == "true"
        assert form["data-right"] == str(code.answers[question.name]())
        order = option_order(len(question.options), 7, id, question.name)
        assert found.values[question.name] == [str(at) for at in order]
    for name, wanted in code.exercises.items():
        if isinstance(wanted, NumberAnswer) and name not in by_hand:
            assert float(asked[name]["data-right"]) == wanted.value()
            assert float(asked[name]["data-tolerance"]) == wanted.tolerance
            assert json.loads(asked[name]["data-mistakes"]) == wanted.mistakes()
    reveals = [part.name for part in one.parts if isinstance(part, Reveal)]
    assert re.findall(r'<section data-after="(\w+)" hidden>', page) == reveals
    # Every picture has a name, by its caption.
    names = re.findall(r'<svg role="img" aria-label(?:ledby)?="([^"]+)"', page)
    assert len(names) == page.count("<svg") >= 1
    own = (one.title, html.escape(one.title))
    assert all(f'<figcaption id="{name}">' in page or name in own for name in names)
    assert len(page) < 2_000_000


def test_the_command_line_writes_a_package(tmp_path: Path) -> None:
    path = tmp_path / "gru.zip"
    assert main(["lesson", "gru", "--scorm", str(path), "--language", "zh", "--seed", "3"]) == 0
    assert path.read_bytes() == scorm_package("gru", "zh", 3)


def test_a_place_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lesson", "gru", "--scorm", str(tmp_path / "no" / "gru.zip")]) == 2
    assert "rnnviz: " in capsys.readouterr().err
    assert main(["lesson", "../gru", "--scorm", str(tmp_path / "x.zip")]) == 2
    assert "the lessons are reads, " in capsys.readouterr().err
