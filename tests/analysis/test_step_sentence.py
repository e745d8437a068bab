"""Sentences of a step: every number in them is of the trace, and nothing more is said."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.answer import Answer, answer
from rnnviz.analysis.step_sentence import (
    answer_phrases,
    step_sentences,
    telling_sentences,
    unit_phrase,
    unit_sentences,
)
from rnnviz.analysis.unit_steps import UnitStep, changed_most, unit_steps
from rnnviz.i18n import LANGUAGES, word
from rnnviz.train import preset
from rnnviz.train.presets import presets
from rnnviz.train.tasks import TASKS
from tests.witnesses import normal

LSTM = rv.CELLS["lstm"]


def numbers_in(sentence: str) -> list[float]:
    """Plain numbers, percents as shares; those with < or > left out."""
    found = re.findall(r"(?<![<>\d.])(−?\d+(?:\.\d+)?(?:e−?\d+)?)( ?%)?", sentence)
    return [float(n.replace("−", "-")) / (100 if percent else 1) for n, percent in found]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cell", rv.CELLS)
def test_the_numbers_of_a_sentence_are_those_of_the_trace(cell: str, language: str) -> None:
    model = rv.random_model(cell, 3, 4, seed=5, gain=2, dtype=np.float64)
    trace = rv.trace(model, normal(6, 1, 3))
    units = np.array([0, 1, 2, 3, 0, 1])
    steps = unit_steps(trace, units)
    said = unit_sentences(trace, units, language=language)
    for step, sentence in list(zip(steps, said, strict=True))[1:]:
        unit, *numbers = numbers_in(sentence)
        assert unit == step.unit
        if step.kept is None or step.written is None:
            wanted = [step.before, step.after]
        else:
            forgets = "forgets" in sentence or "遗忘" in sentence
            share = 1 - step.kept if forgets else step.kept
            is_cut = ">" in sentence or "<" in sentence or step.kept in (0, 1)
            shares = [] if is_cut else [share]
            old = [step.before]
            head = shares + old if language == "en" else old + shares
            wanted = [*head, step.written, step.after]
        assert numbers == pytest.approx(wanted, abs=0.0051)


@pytest.mark.parametrize(
    ("kept", "before", "said"),
    [
        (0.26, 0.5, "unit 7 forgets 74 % of its memory c = 0.50 and writes −0.33: now c = 1.00"),
        (0.5, 0.5, "unit 7 keeps 50 % of its memory c = 0.50 and writes −0.33: now c = 1.00"),
        (0.999, 0.5, "unit 7 keeps >99 % of its memory c = 0.50 and writes −0.33: now c = 1.00"),
        (0.001, 0.5, "unit 7 forgets >99 % of its memory c = 0.50 and writes −0.33: now c = 1.00"),
        (1, 0.5, "unit 7 keeps all of its memory c = 0.50 and writes −0.33: now c = 1.00"),
        (0, 0.5, "unit 7 forgets all of its memory c = 0.50 and writes −0.33: now c = 1.00"),
        (2, 0.5, "unit 7 multiplies its memory c = 0.50 by 2.00 and writes −0.33: now c = 1.00"),
        (-1, 0.5, "unit 7 multiplies its memory c = 0.50 by −1.00 and writes −0.33: now c = 1.00"),
        (0.26, 0.0, "unit 7 has nothing in its memory yet and writes −0.33: now c = 1.00"),
        (None, 0.5, "unit 7 goes from c = 0.50 to c = 1.00"),
    ],
)
def test_a_share_is_said_only_where_it_is_one(kept: float | None, before: float, said: str) -> None:
    written = None if kept is None else -0.33
    assert unit_phrase(UnitStep(0, 7, "cell", before, 1.0, kept, written), LSTM) == said


def test_what_was_held_or_set_is_told() -> None:
    step = UnitStep(3, 7, "cell", 0.5, 0.2, 0.4, 0.0, ("forget", "input"), True)
    assert unit_phrase(step, LSTM).endswith(
        "(its memory was changed just before) (held: forget gate, input gate)"
    )
    silenced = UnitStep(3, 7, "hidden", 0.5, 0.0, 0.4, 0.3, ("hidden",))
    assert unit_phrase(silenced, rv.CELLS["gru"]) == "unit 7 is switched off: h = 0"


def heads(trace: rv.Trace, layer: int = 0, language: str = "en") -> list[str]:
    units = np.zeros(trace.sequence.n_steps, int)
    said = step_sentences(trace, units, layer=layer, language=language)
    return [sentence.partition("：" if language == "zh" else ": ")[0] for sentence in said]


def test_what_is_read_is_named_for_every_kind_of_input() -> None:
    def one(sequence: rv.Sequence, **options: Any) -> list[str]:
        return heads(rv.trace(rv.random_model("gru", sequence.n_features, 3, **options), sequence))

    assert one(rv.parse("a b"))[:2] == ["Reads “a”", "Reads “␣”"]
    assert one(rv.parse("the cat", kind="words")) == ["Reads “the”", "Reads “cat”"]
    assert one(rv.parse("ab", encoding="embedding", size=2)) == ["Reads “a”", "Reads “b”"]
    assert one(rv.Sequence([[[0.5]], [[-1.25]]])) == ["Reads 0.50", "Reads −1.25"]
    flow = rv.Sequence([[[0.5, 2]]], features=("flow (m3/h)", "valve"), tokens=(("2024-04-29",),))
    assert one(flow) == ["Reads flow (m3/h) = 0.50, valve = 2.00"]
    assert one(rv.Sequence(normal(1, 1, 7))) == ["Reads 7 numbers"]
    assert one(rv.parse("ab"), direction="backward")[0] == "Reads “a”, coming from the end"


def test_an_upper_layer_does_not_read_the_token() -> None:
    model = rv.random_model("lstm", 2, 3, 2)
    assert heads(rv.trace(model, rv.parse("ab")), 1)[0] == "At “a”, layer 2 reads the layer below"


def view_of(values: list[list[float]], **fields: Any) -> Answer:
    array = np.array(values)
    names = tuple("abcdef"[: array.shape[1]])
    given = {
        "kind": "classes",
        "task": "",
        "names": names,
        "is_trained": True,
        "reads_ahead": False,
    }
    return Answer(values=array, truth=np.full(len(array), np.nan), **given | fields)


def test_an_answer_is_compared_with_the_step_before() -> None:
    phrases = answer_phrases(view_of([[0.6, 0.4], [0.3, 0.7], [0.2, 0.8], [0.201, 0.799]]))
    assert phrases == (
        "answer “a” 60 %",
        "answer “a” (60 %) → “b” (70 %)",
        "answer “b” 70 % → 80 %",
        "answer “b” still 80 %",
    )


def test_an_answer_that_knows_what_comes_is_not_compared() -> None:
    phrases = answer_phrases(view_of([[0.6, 0.4], [0.3, 0.7]], reads_ahead=True))
    assert phrases == ("answer “a” 60 %", "answer “b” 70 %")


def test_random_weights_have_no_answer_to_tell() -> None:
    assert answer_phrases(view_of([[0.6, 0.4]], is_trained=False)) == ()


def test_numbers_and_labels_tell_the_output_that_changed_most() -> None:
    values = [[0.1, 0.9], [0.7, 0.8]]
    assert answer_phrases(view_of(values, kind="numbers"))[1] == "answer “a” 0.10 → 0.70"
    assert answer_phrases(view_of(values, kind="labels"))[1] == "answer “a” 10 % → 70 %"


def test_the_token_to_come_is_not_compared_with_that_of_another_place() -> None:
    phrases = answer_phrases(view_of([[0.6, 0.4], [0.3, 0.7]], kind="next"))
    assert phrases == ("it expects “a” next (60 %)", "it expects “b” next (70 %)")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [one.name for one in presets()])
def test_every_model_trained_here_has_a_sentence_for_every_step(name: str, language: str) -> None:
    one = preset(name)
    trace = rv.trace(one.model(), TASKS[one.task].example(1))
    view = answer(trace, one.task)
    said = step_sentences(trace, changed_most(trace), view=view, language=language)
    assert len(said) == trace.sequence.n_steps
    assert not any(re.search(r"\{[a-z]|None|nan", sentence) for sentence in said)


def test_a_thousand_steps_of_a_large_layer_are_told_soon() -> None:
    trace = rv.trace(rv.random_model("lstm", 3, 256), normal(1000, 1, 3).astype(np.float32))
    said = step_sentences(trace, changed_most(trace))
    assert len(said) == 1000
    assert sum(map(len, said)) < 200_000


def test_a_row_that_ends_early_ends_its_sentences() -> None:
    trace = rv.trace(rv.random_model("gru", 3, 4), rv.Sequence(normal(6, 2, 3), lengths=(6, 4)))
    assert len(step_sentences(trace, changed_most(trace, row=1), row=1)) == 4


def test_a_weak_start_is_told_from_the_state_it_starts_from() -> None:
    model = rv.random_model("gru", 3, 4, dtype=np.float64)
    layer = replace(model.layers[0], initial={"hidden": np.full(4, 0.5)})
    trace = rv.trace(replace(model, layers=(layer,)), normal(2, 1, 3))
    assert "of its memory h = 0.50" in step_sentences(trace, np.array([1, 1]))[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_that_has_come_to_rest_is_said_to(language: str) -> None:
    """A tanh unit without input whose state is pushed once: h = tanh(0.5 h) falls to nothing."""
    weights = {"hidden.x": np.ones((1, 1)), "hidden.h": np.full((1, 1), 0.5)}
    model = rv.Model((rv.Layer("rnn", "forward", weights),))
    trace = rv.trace(model, np.concatenate([[[2.0]], np.ones((30, 1))]))
    moves, *_, rests = telling_sentences(trace, changed_most(trace), language=language)
    assert moves == word(
        "sentence.most",
        language,
        sentence=unit_sentences(trace, np.zeros(31, int), language=language)[0],
    )
    assert rests == word("sentence.still", language, unit=0)


def test_a_memory_at_rest_behind_an_output_gate_that_moves_is_told() -> None:
    trace = rv.trace(
        rv.random_model("lstm", 1, 1, seed=1),
        np.ones((2, 1)),
        intervene=[rv.Clamp("forget", 1), rv.Clamp("input", 0), rv.SetState("cell", 0.5, 1)],
    )
    assert trace["cell"][0, 0, 0] == 0
    said = telling_sentences(trace, changed_most(trace))
    assert said[0] == word("sentence.still", unit=0)
    assert said[1].startswith("Changed most: unit 0 keeps all of its memory c = 0.50")
