"""What the browser is told of an answer, read by the packet's description."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.answer import Answer, answer
from rnnviz.i18n import LANGUAGES
from rnnviz.train import preset
from rnnviz.train.tasks import TASKS
from rnnviz.ui.player.answer import N_NEXT, answer_packet
from tests.ui.packets import unpacked


def answers(name: str, text: str = "", *held: Any) -> Answer:
    one = preset(name)
    sequence = rv.parse(text) if text else TASKS[one.task].example(1)
    view = answer(rv.trace(one.model(), sequence, intervene=held), one.task)
    assert view is not None
    return view


def read(view: Answer, **options: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    header, values = unpacked(answer_packet(view, playhead="p", language="en", **options))
    steps = header["n_steps"]
    series = {
        name: values[start : start + steps * count].reshape(steps, count)
        for name, (start, count) in header["series"].items()
    }
    return header, series


def test_classes_keep_their_places_and_the_best_is_named_at_every_step() -> None:
    view = answers("languages_gru", "Schneider")
    header, series = read(view)
    assert header["rows"] == [view.names[i] for i in view.bars]
    np.testing.assert_allclose(series["values"], view.values[:, list(view.bars)], rtol=1e-6)
    best = [header["names"][int(i)] for i in series["best"][:, 0]]
    assert best == [view.names[i] for i in view.values.argmax(axis=1)]
    np.testing.assert_allclose(series["best"][:, 1], view.values.max(axis=1), rtol=1e-6)
    assert np.isnan(series["truth"]).all()


def test_many_classes_leave_a_rest_that_fills_up_to_one() -> None:
    view = answers("languages_gru", "Schneider")
    header, series = read(view)
    left = len(view.names) - len(view.bars)
    assert ("rest" in header["words"]) == (left > 0)
    np.testing.assert_allclose(series["values"].sum(axis=1) + series["rest"][:, 0], 1, atol=1e-5)


def test_next_tokens_are_listed_by_probability_with_the_one_that_came() -> None:
    view = answers("next_character_lstm", "the cat")
    header, series = read(view)
    assert series["which"].shape == (7, N_NEXT)
    assert (np.diff(series["values"]) <= 0).all()
    came = [header["names"][int(i)] for i in series["truth"][:-1, 0]]
    assert came == list("he␣cat")
    index = [view.names.index(letter) for letter in "he cat"]
    given = [view.values[step, output] for step, output in enumerate(index)]
    np.testing.assert_allclose(series["truth"][:-1, 1], given, rtol=1e-6)
    assert np.isnan(series["truth"][-1]).all()


@pytest.mark.parametrize("name", ["adding_lstm", "flip_flop_gru", "sines_lstm"])
def test_numbers_stand_beside_the_right_ones_on_one_scale(name: str) -> None:
    view = answers(name)
    header, series = read(view)
    np.testing.assert_allclose(series["values"], view.values, rtol=1e-6)
    np.testing.assert_allclose(series["truth"], view.truth, rtol=1e-6)
    known = np.concatenate([view.values.ravel(), view.truth[np.isfinite(view.truth)]])
    assert header["low"] <= min(0, known.min())
    assert header["high"] >= known.max()


def test_a_changed_run_tells_what_it_answered_without_the_change() -> None:
    plain = answers("languages_gru", "Schneider")
    held = answers("languages_gru", "Schneider", rv.Clamp("update", 1))
    header, series = read(held, original=plain)
    before = [header["names"][int(i)] for i in series["before"][:, 0]]
    assert before == [plain.names[i] for i in plain.best]
    np.testing.assert_allclose(series["original"], plain.values[:, list(held.bars)], rtol=1e-6)
    assert "before" not in read(plain)[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_numbers_no_share_is_told(language: str) -> None:
    packet = answer_packet(answers("sines_lstm"), playhead="p", language=language)
    header, _ = unpacked(packet)
    assert "{share}" not in header["words"]["was"]
    assert "{name}" in header["words"]["was"]


def test_a_name_keeps_its_spaces_and_a_token_shows_them() -> None:
    assert read(answers("flip_flop_gru"))[0]["rows"] == ["bit 1", "bit 2", "bit 3"]
    assert "␣" in read(answers("next_character_lstm", "the cat"))[0]["names"]


def test_of_a_large_vocabulary_only_the_tokens_that_are_named_are_sent() -> None:
    steps, size = 20, 5_000
    values = np.random.default_rng(0).dirichlet(np.full(size, 0.01), steps)
    names = tuple(f"token{i}" for i in range(size))
    view = Answer("next", "", names, values, np.full(steps, np.nan), True, False)
    header, series = read(view)
    assert len(header["names"]) <= steps * N_NEXT
    assert header["names"][int(series["best"][3, 0])] == names[values[3].argmax()]
