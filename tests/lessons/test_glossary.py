"""The glossary: one set of terms in both languages, in an order, and every link leads to one."""

from __future__ import annotations

import json
import re

import pytest

from rnnviz.core.resources import asset
from rnnviz.errors import InputError
from rnnviz.i18n import LANGUAGES
from rnnviz.lessons.glossary import glossary, linked_terms, parse_glossary, unlink_terms
from rnnviz.lessons.lesson import Prose
from rnnviz.lessons.mathml import mathml
from rnnviz.lessons.registry import LESSONS, lesson
from rnnviz.lessons.sheet import inline_html

every_language = pytest.mark.parametrize("language", LANGUAGES)
# GBK orders common characters by pinyin, but this one by its other reading, zhòng.
CHONG = str.maketrans("重", "虫")


def ids(language: str) -> set[str]:
    return {term.id for term in glossary(language).terms}


def lesson_texts(language: str) -> dict[str, str]:
    return {id: asset("lessons", f"{id}.{language}.md").read_text("utf-8") for id in LESSONS}


def test_both_languages_explain_the_same_terms_and_name_the_same_lessons() -> None:
    english, chinese = ({t.id: t for t in glossary(one).terms} for one in LANGUAGES)
    assert english.keys() == chinese.keys()
    assert len(english) >= 45
    for id, term in english.items():
        assert term.lessons == chinese[id].lessons
        assert set(term.lessons) <= set(LESSONS)
        formulas = [sorted(re.findall(r"\$[^$]+\$", one[id].text)) for one in (english, chinese)]
        assert [f for f in formulas[0] if "=" in f] == [f for f in formulas[1] if "=" in f], id


def test_english_is_in_the_order_of_letters_and_chinese_in_that_of_pinyin() -> None:
    names = [term.name for term in glossary("en").terms]
    assert names == sorted(names, key=str.lower)
    latin = [t.name for t in glossary("zh").terms if t.name[0].isascii()]
    rest = [t.name for t in glossary("zh").terms[len(latin) :]]
    assert latin == sorted(latin, key=str.lower)
    first = [name[0].translate(CHONG).encode("gbk") for name in rest]
    assert first == sorted(first)


@every_language
def test_a_term_is_short_whole_sentences_with_formulas_that_can_be_drawn(language: str) -> None:
    for term in glossary(language).terms:
        assert term.text.rstrip()[-1] in ".。", term.id
        assert len(unlink_terms(term.text)) < (420 if language == "en" else 200), term.id
        for formula in re.findall(r"\$([^$]+)\$", term.text):
            assert mathml(formula).startswith("<math")


@every_language
def test_every_link_to_a_term_leads_to_one(language: str) -> None:
    texts = {f"term {term.id}": term.text for term in glossary(language).terms}
    for place, text in (texts | lesson_texts(language)).items():
        assert set(linked_terms(text)) <= ids(language), place
        # A mistyped link is not taken for words.
        assert text.count("](term:") == len(linked_terms(text)), place
    for term in glossary(language).terms:
        assert term.id not in linked_terms(term.text)


@every_language
def test_a_lesson_links_to_a_term_once_and_only_in_its_paragraphs(language: str) -> None:
    for id, text in lesson_texts(language).items():
        in_prose = [p.text for p in lesson(id, language).parts if isinstance(p, Prose)]
        linked = [term for one in in_prose for term in linked_terms(one)]
        assert sorted(linked) == sorted(linked_terms(text)), id
        assert len(linked) == len(set(linked)), id


def test_paper_has_the_words_alone() -> None:
    assert (
        inline_html("a [hidden state](term:hidden_state) of **8**") == "a hidden state of <b>8</b>"
    )


def test_a_term_without_its_id_is_refused() -> None:
    with pytest.raises(InputError, match="## id: name"):
        parse_glossary("# T\n\nS\n\n## Gate\n\nA number.\n", "en")


@every_language
def test_every_term_is_linked_from_a_lesson_the_interface_or_another_term(language: str) -> None:
    words = json.loads(asset("locales", f"{language}.json").read_text("utf-8"))
    entries = [term.text for term in glossary(language).terms]
    texts = [*lesson_texts(language).values(), *words.values(), *entries]
    linked = {id for text in texts for id in linked_terms(text)}
    assert linked == ids(language)
    outside = {id for text in [*texts[: -len(entries)]] for id in linked_terms(text)}
    assert len(outside) > 0.8 * len(ids(language))


@every_language
def test_words_that_are_drawn_or_read_aloud_hold_no_links(language: str) -> None:
    """Only helps and sentences that the page writes as Markdown."""
    words = json.loads(asset("locales", f"{language}.json").read_text("utf-8"))
    linked = {key for key, said in words.items() if linked_terms(said)}
    assert {key for key in linked if not key.endswith(".help")} == {"preset.story"}
