"""Unit finder of the page Understand: what it finds, what it refuses, and how a search ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.text_features import ReadTokens, occurrences
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.train import preset
from rnnviz.train.tasks import TASKS
from rnnviz.ui.selections import OpenedModel, PresetModel, RunChoice, TypedText
from rnnviz.ui.understand.insight import SeenRun
from rnnviz.ui.understand.registry import INSIGHTS
from rnnviz.ui.view_jobs import insight_result
from tests.test_app import clicked
from tests.ui.test_understand_page import BRACKETS, FLIP_FLOP, said, understand_page

LSTM = RunChoice(OpenedModel(PresetModel("next_character_lstm")), TypedText("a", "characters"))


def test_the_quote_cell_of_the_writer_is_refused_and_what_is_there_is_found() -> None:
    found = insight_result("unit_finder", SeenRun(LSTM, 0, ("book", "")))
    assert not found["quotes"].best.is_found
    assert found["quotes"].best.controls["labels"] > abs(found["quotes"].best.r)
    told = INSIGHTS["unit_finder"].said(found)
    assert told.key.endswith("said")
    assert "quotes" not in told.facts["found"]


def test_brackets_are_looked_through_on_fresh_examples_of_the_task() -> None:
    found = insight_result("unit_finder", SeenRun(BRACKETS, 0, ("task", "[")))
    batch = TASKS["brackets"].held_out_batch(np.random.default_rng(1), 500)
    wanted = rv.find_units(preset("brackets_lstm").model(), batch.sequence, ["depth"])
    one, other = found["depth"], wanted["depth"]
    assert (one.unit, one.best.r) == (other.unit, pytest.approx(other.best.r, abs=1e-9))
    assert "“[”" in [feature.name for feature in found.features]
    assert INSIGHTS["unit_finder"].draw(found, Look("zh"))["data"]  # type: ignore[misc]


def test_right_answers_of_a_task_are_features_too() -> None:
    found = insight_result("unit_finder", SeenRun(FLIP_FLOP, 0, ("task", "")))
    assert {f"→ bit {n}" for n in (1, 2, 3)} <= {one.name for one in found.features}
    held = [found[f"→ bit {n}"].unit for n in (1, 2, 3)]
    batch = TASKS["flip_flop"].held_out_batch(np.random.default_rng(1), 333)
    hidden = rv.trace(preset("flip_flop_gru").model(), batch.sequence)["hidden"]
    for number, unit in enumerate(held):
        pair = hidden[..., unit].reshape(-1), batch.targets[..., number].reshape(-1)
        r = np.corrcoef(*pair)[0, 1]
        assert r == pytest.approx(found[f"→ bit {number + 1}"].best.r, abs=0.02)


def test_a_text_is_found_where_it_stands_and_not_over_the_end_of_a_row() -> None:
    text = ReadTokens(np.array([0, 1, 0, 1, 0, 0]), ("a", "b"), (0, 3))
    assert occurrences(text, "ab").tolist() == [[0, 2]]
    assert occurrences(text, "ba").tolist() == [[1, 3], [3, 5]]
    words = ReadTokens(np.array([0, 1, 2, 0, 1]), ("new", "york", "is"))
    assert occurrences(words, "new york").tolist() == [[0, 2], [3, 5]]
    assert occurrences(words, "").tolist() == []


def test_the_same_search_is_made_once() -> None:
    one = insight_result("unit_finder", SeenRun(BRACKETS, 0, ("task", "(")))
    other = replace(BRACKETS, input=TypedText("[]", "characters"))
    assert insight_result("unit_finder", SeenRun(other, 0, ("task", "("))) is one
    assert insight_result("unit_finder", SeenRun(BRACKETS, 0, ("task", "["))) is not one


def test_the_page_looks_through_a_task_and_shows_contexts_and_spans() -> None:
    choices = {"model": "preset:brackets_lstm", "understand": "unit_finder"}
    insight_result("unit_finder", SeenRun(BRACKETS, 0, ("task", "")))
    app = understand_page(**choices, lang="zh", feature="depth", span="([")
    assert not app.exception
    assert not app.warning
    assert "括号深度" in said(app)
    assert sum("⟦" in one.value for one in app.code) == 2
    coloured = clicked(app, "colour_by_unit")
    assert not coloured.exception
    assert word("understand.coloured_text.caveat", "zh") in said(coloured)
    unit = insight_result("unit_finder", SeenRun(BRACKETS, 0, ("task", "")))["depth"].unit
    assert coloured.session_state["chosen"]["pick"] == f"cell.{unit}"
    nowhere = understand_page(**choices, span="x")
    assert "“x” stands nowhere" in nowhere.warning[0].value
    steps = understand_page(**choices, span="3-5")
    assert not steps.exception
    assert not steps.warning


def test_a_run_that_is_too_short_is_refused_in_a_sentence() -> None:
    app = understand_page(model="preset:brackets_lstm", understand="unit_finder", looked="run")
    assert not app.exception
    assert "take a longer text" in app.warning[0].value
    other = understand_page(
        model="preset:brackets_lstm", understand="unit_finder", follows="no such text"
    )
    assert "type another word or sign" in other.warning[0].value
