"""The answer on the page: what stands there for each kind of network, and what is said with it."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import rnnviz as rv
from rnnviz.i18n import LANGUAGES, word
from rnnviz.interventions.serialise import to_text
from rnnviz.train.presets import preset, presets
from rnnviz.ui.choices import OPENING
from tests.test_app import clicked, opened, packet
from tests.ui.packets import unpacked


def header(app: AppTest) -> dict[str, Any]:
    """What the browser is told of the answer."""
    assert not app.exception
    return unpacked(packet(app, "answer"))[0]


def has(app: AppTest, component: str) -> bool:
    return any(
        element.proto.component_name == f"rnnviz_{component}"
        for element in app.get("bidi_component")
    )


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption))


def test_the_app_opens_with_an_answer() -> None:
    app = opened(model=OPENING)
    assert header(app)["lead"] == "It thinks the name is"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [one.name for one in presets()])
def test_every_model_trained_here_leads_with_what_it_was_asked(name: str, language: str) -> None:
    found = header(opened(model=f"preset:{name}", lang=language))
    assert found["lead"] == word(f"answer.lead.{preset(name).task}", language)


def test_an_untrained_cell_says_that_nothing_was_trained_and_offers_a_trained_one() -> None:
    app = opened(model="untrained", cell="lstm")
    assert not has(app, "answer")
    assert "No answer: nothing was trained." in said(app)
    app = clicked(app, "open_trained")
    assert header(app)["lead"] == "It thinks the name is"


def test_an_untrained_readout_answers_and_says_that_it_means_nothing() -> None:
    found = header(opened(model="untrained", cell="rnn"))
    assert found["lead"] == "Its guess before any training"
    assert found["notes"] == ["Random weights: this answer means nothing."]
    before = header(opened(model="preset:brackets_lstm", moment="0"))
    assert before["lead"] == "Its guess before any training"


def test_no_network_of_classes_is_said_to_expect_what_comes_next() -> None:
    assert word("gloss.probabilities") == "the network's answer"
    notes = header(opened(model="preset:languages_gru"))["notes"]
    assert notes == [
        "Trained for the last step; until then it guesses.",
        "Knows only these 8.",
    ]


def test_perplexity_is_told_of_a_text_that_the_network_predicts() -> None:
    (note,) = header(opened(model="preset:next_character_lstm", says="the cat"))["notes"]
    assert note.startswith("Perplexity on this text: ")
    assert header(opened(model="preset:next_character_lstm", says="t"))["notes"] == []


def test_a_held_gate_stands_beside_the_answer_that_it_changed() -> None:
    do = to_text((rv.Clamp("update", 0.9),))
    series = header(opened(model="preset:languages_gru", do=do))["series"]
    assert {"original", "before"} <= set(series)
    plain = header(opened(model="preset:languages_gru", do=do, versus="untouched"))["series"]
    assert "original" not in plain


def sentences(app: AppTest) -> dict[str, Any]:
    assert not app.exception
    return unpacked(packet(app, "step_sentence"))[0]


@pytest.mark.parametrize("cell", rv.CELLS)
def test_every_cell_has_a_sentence_for_every_step(cell: str) -> None:
    found = sentences(
        opened(model="untrained", cell=cell, text="abcab", units="4", pick="hidden.2")
    )
    assert len(found["picked"]) == len(found["telling"]) == len(found["telling_units"]) == 5
    assert all("unit 2" in sentence for sentence in found["picked"])
    assert found["picked"][0].startswith("Reads “a”: ")


def test_sentences_are_of_the_layer_that_is_shown_and_in_the_language_of_the_page() -> None:
    app = opened(model="untrained", layers="2", layer="1", text="ab", lang="zh", cell="gru")
    found = sentences(app)
    assert found["picked"][0].startswith("读到“a”时，第 2 层")


def test_a_unit_beyond_the_layer_has_the_sentences_of_its_last() -> None:
    found = sentences(opened(model="untrained", units="4", pick="cell.99", text="ab"))
    assert 0 <= found["unit"] < 4


def test_a_language_of_a_surname_is_named_in_the_page_s_language() -> None:
    found = header(opened(model="preset:languages_gru", lang="zh"))
    assert "德语" in found["rows"]
    assert "German" in header(opened(model="preset:languages_gru", lang="en"))["rows"]
