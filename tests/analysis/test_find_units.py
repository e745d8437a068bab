"""The search for units: it finds what was planted, and refuses what is not there."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import rnnviz as rv
from rnnviz.analysis.found_units import FoundUnits
from rnnviz.analysis.unit_stream import unit_stream
from rnnviz.train import preset
from rnnviz.train.tasks import TASKS
from rnnviz.train.text_tasks import balanced, book

LETTERS = "()ab "
COUNTER = 3


def text_of(n: int, seed: int = 0) -> str:
    """Balanced parentheses up to five deep, with letters between them."""
    random = np.random.default_rng(seed)
    brackets = "".join("(" if sign in "([{" else ")" for sign in balanced(random, n))
    return "".join(sign + "".join(random.choice(list("ab "), 2)) for sign in brackets)


def network(n_units: int = 8, counts: bool = True) -> rv.Model:
    """A simple network of random weights, one unit of which counts open brackets."""
    random = np.random.default_rng(5)
    x = random.normal(0, 0.5, (n_units, len(LETTERS)))
    h = random.normal(0, 0.2, (n_units, n_units))
    if counts:
        x[COUNTER], h[COUNTER] = [1, -1, 0, 0, 0], np.eye(n_units)[COUNTER]
    weights = {"hidden.x": x, "hidden.h": h, "hidden.b": np.zeros(n_units)}
    layer = rv.Layer("rnn", "forward", weights, activations={"hidden": "relu"})
    return rv.Model((layer,), vocabulary=tuple(LETTERS))


@cache
def planted() -> FoundUnits:
    return rv.find_units(network(), text_of(1500))


@cache
def alice() -> FoundUnits:
    """The shipped network on the last quarter of the book, half of it not trained on."""
    return rv.find_units(preset("next_character_lstm").model(), book()[-36_000:])


def test_a_planted_counter_of_brackets_is_found() -> None:
    found = planted()["depth"]
    assert found.unit == COUNTER
    assert found.best.r == pytest.approx(1, abs=1e-9)
    assert found.best.is_found
    assert found.probe.is_found
    assert max(found.best.controls.values()) < 0.9


@pytest.mark.parametrize("seed", range(3))
def test_a_random_network_is_refused(seed: int) -> None:
    model = rv.random_model("lstm", len(LETTERS), 16, seed=seed, dtype=float)
    model = model.with_vocabulary(tuple(LETTERS))
    assert rv.find_units(model, text_of(1500, seed), seed=seed).found == ()
    assert not rv.find_units(network(counts=False), text_of(1500, seed))["depth"].best.is_found


def test_the_quote_cell_of_the_shipped_network_is_refused_and_the_place_in_a_word_found() -> None:
    quotes, word = alice()["quotes"], alice()["word"]
    assert quotes.best.verdict == "control"
    assert abs(quotes.best.r) < quotes.best.controls["labels"]
    assert not quotes.probe.is_found
    assert word.best.is_found
    assert word.unit == 73
    assert word.effect > 2 * alice().silencing.typical > 0


def test_each_bit_of_the_flip_flop_network_is_held_by_a_unit_of_its_own() -> None:
    batch = TASKS["flip_flop"].held_out_batch(np.random.default_rng(4), 100)
    bits = {f"held {bit}": batch.targets[:, :, bit] for bit in range(3)}
    found = rv.find_units(preset("flip_flop_gru").model(), batch.sequence, bits)
    assert [one.unit for one in found.found] == [14, 6, 18]
    assert min(abs(one.best.r) for one in found.found) > 0.99
    assert min(one.effect for one in found.found) > 2 * found.silencing.typical


def test_held_out_correlations_are_numpys_over_the_steps_held_out() -> None:
    text = text_of(1000, seed=2)
    found = rv.find_units(network(), text)
    hidden = rv.trace(network(), rv.parse(text))["hidden"][:, 0]
    depth = np.cumsum([(sign == "(") - (sign == ")") for sign in text])
    # 20 blocks of 150 steps; the first 15 of each belong to no part, every other is held out.
    steps = np.arange(len(text))
    held_out = (steps // 150 % 2 == 1) & (steps % 150 >= 15)
    at = [one.name for one in found.features].index("depth")
    moving = hidden.std(axis=0) > 0
    expected = np.corrcoef(hidden[held_out][:, moving].T, depth[held_out])[-1, :-1]
    np.testing.assert_allclose(found.correlations[at][moving], expected, atol=1e-12)


def streams() -> list[tuple[rv.Model, Any, int]]:
    long = rv.random_model("gru", 3, 4, seed=1, dtype=float, n_layers=2)
    both = rv.random_model("lstm", 3, 4, seed=2, dtype=float, bidirectional=True)
    random = np.random.default_rng(0)
    rows = rv.Sequence(random.normal(size=(30, 20, 3)), lengths=(30, 7) * 10)
    values = random.normal(size=(9000, 3))
    return [(long, values, 1), (both, values[:600], 1), (both, rows, 0), (long, rows, 1)]


@pytest.mark.parametrize(("model", "read", "layer"), streams())
def test_windows_hold_the_states_of_a_trace_of_the_whole(
    model: rv.Model, read: Any, layer: int
) -> None:
    stream = unit_stream(model, read, layer, None)
    found = np.concatenate([states for _, states in stream.windows()])
    trace = rv.trace(model, read)
    states = trace.layers[layer].signals[stream.signal]
    lengths = trace.sequence.lengths
    expected = np.concatenate([states[:length, row] for row, length in enumerate(lengths)])
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert next(start for start, _ in stream.windows()) == 0


def test_contexts_are_the_steps_at_which_a_unit_is_highest() -> None:
    text = text_of(1500)
    contexts = planted().contexts(COUNTER)
    hidden = rv.trace(network(), rv.parse(text))["hidden"][:, 0, COUNTER]
    assert contexts[0].value == hidden.max() == 5
    assert [hidden[one.step] for one in contexts] == [one.value for one in contexts]
    for one in contexts:
        assert one.token == text[one.step]
        assert text[: one.step].endswith(one.before)
        assert text[one.step + 1 :].startswith(one.after)
    assert planted().contexts(COUNTER, lowest=True)[0].value == hidden.min()


def test_a_silenced_unit_costs_what_the_surprise_says() -> None:
    model = preset("next_character_lstm").model()
    text = book()[-30_000:-29_360]
    found = rv.find_units(model, text, {"e": [sign == "e" for sign in text]})
    pieces = [text[start : start + 160] for start in (0, 160, 320, 480)]
    unit = found["e"].unit

    def bits(**options: Any) -> float:
        said = []
        for piece in pieces:
            trace = rv.trace(model, rv.parse(piece), **options)
            place = {name: i for i, name in enumerate(trace.output_names)}
            known = [t for t in range(32, 160) if piece[t] in place]
            said += [-np.log2(trace.outputs[t - 1, 0, place[piece[t]]]) for t in known]
        return float(np.mean(said))

    expected = bits(intervene=[rv.Silence(unit)]) - bits()
    assert found.silencing.measure == "bits"
    assert found["e"].effect == pytest.approx(expected, abs=1e-4)


def test_own_features_are_given_as_numbers_or_as_a_function_of_the_tokens() -> None:
    text = text_of(400)
    depth = np.cumsum([(sign == "(") - (sign == ")") for sign in text])
    found = rv.find_units(
        network(), text, {"given": depth, "told": lambda t: [one == "a" for one in t]}
    )
    assert found["given"].unit == COUNTER
    assert found["given"].best.is_found
    assert found["told"].best.verdict == "control"
    rows = rv.parse([text_of(60, seed) for seed in range(12)])
    place = np.tile(np.arange(180)[:, None], (1, 12))
    assert rv.find_units(network(), rows, {"place": place})["place"].unit >= 0


def test_a_data_frame_gives_its_columns_and_a_trace_its_sequence() -> None:
    text = text_of(400)
    depth = np.cumsum([(sign == "(") - (sign == ")") for sign in text])
    read = rv.trace(network(), rv.parse(text))
    found = rv.find_units(network(), read, pd.DataFrame({"depth": depth * 1e200}))
    assert found["depth"].best.r == pytest.approx(1, abs=1e-9)


def test_several_texts_are_rows_each_from_the_initial_states() -> None:
    texts = [text_of(200, seed) for seed in range(4)]
    one = rv.find_units(network(), texts, ["depth", "position"], seed=3)
    other = rv.find_units(network(), rv.parse(texts), ["depth", "position"], seed=3)
    np.testing.assert_allclose(one.correlations, other.correlations, atol=1e-12)
    # Four rows: a place that rises four times is not judged.
    assert one["position"].best.verdict == "few"
    assert one["depth"].best.is_found


def test_states_whose_squares_leave_their_type_are_refused() -> None:
    weights = {"hidden.x": np.ones((2, 1)), "hidden.h": 1.5 * np.eye(2), "hidden.b": np.zeros(2)}
    layer = rv.Layer("rnn", "forward", weights, activations={"hidden": "relu"})
    values = np.abs(np.random.default_rng(0).normal(size=(900, 1)))
    with pytest.raises(rv.ModelError, match="grow too large to be compared"):
        rv.find_units(rv.Model((layer,)), values)


def test_columns_of_a_table_are_its_features_and_no_more_than_the_input() -> None:
    model = rv.random_model("gru", 2, 12, seed=4, dtype=float)
    values = np.random.default_rng(1).normal(size=(2000, 2))
    found = rv.find_units(model, values)
    assert [one.name for one in found.features] == ["x0", "x1"]
    assert found.found == ()
    assert found.silencing.measure == "share"


def test_a_feature_that_is_there_seldom_is_not_judged() -> None:
    text = text_of(400)
    marks = np.zeros(len(text))
    marks[[100, 500, 900]] = 1
    found = rv.find_units(network(), text, {"rare": marks})
    assert found["rare"].best.verdict == found["rare"].probe.verdict == "few"
    assert "cannot be told" in found.text()


def test_equal_seeds_give_equal_results_and_progress_ends_the_search() -> None:
    one, other = (rv.find_units(network(), text_of(400), ["depth"], seed=7) for _ in range(2))
    assert one["depth"].best.controls == other["depth"].best.controls
    done: list[float] = []
    rv.find_units(network(), text_of(400), "depth", progress=done.append)
    assert done == sorted(done)
    assert done[-1] == 1

    def stop(part: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rv.find_units(network(), text_of(400), progress=stop)


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (("no model", "()" * 300), {}, "A Model is wanted"),
        ((network(), "()"), {}, "on 400 steps or more"),
        ((network(), ""), {}, "At least one"),
        ((network(), "z" * 500), {}, "z"),
        ((network(), "(" * 500), {"features": ["depht"]}, "features should be one of"),
        ((network(), "()" * 300), {"features": {"one": [1] * 600}}, "same at every step"),
        ((network(), "()" * 300), {"features": {"one": [1, 2]}}, "should be 600 finite numbers"),
        ((network(), "()" * 300), {"features": {"one": [np.nan, 1] * 300}}, "600 finite numbers"),
        ((network(), "()" * 300), {"features": {"one": "text"}}, "600 finite numbers"),
        ((network(), "()" * 300), {"features": {}}, "nothing to look for"),
        ((network(), "()" * 300), {"features": {i: [0, 1] * 300 for i in range(33)}}, "At most 32"),
        ((network(), "()" * 300), {"layer": 1}, "from 0 to 0"),
        ((network(), "()" * 300), {"signal": "forget"}, "signal should be one of"),
        ((network(), "()" * 300), {"seed": -1}, "A seed is"),
        ((network(), np.zeros((500, 2))), {}, "reads 5 numbers"),
        ((network(), Path("book.txt")), {}, "read_sequence opens a file"),
        ((preset("sines_lstm").model(), "text" * 200), {}, "but a text came"),
    ],
)
def test_what_cannot_be_looked_through_is_refused_in_a_sentence(
    arguments: Any, options: Any, said: str
) -> None:
    with pytest.raises(rv.RnnvizError, match=said):
        rv.find_units(*arguments, **options)


def test_units_and_features_that_are_not_there_are_refused() -> None:
    with pytest.raises(rv.InputError, match="width should be a whole number from 1 to 200"):
        planted().contexts(1, width=0)
    with pytest.raises(rv.InputError, match="unit should be a whole number from 0 to 7"):
        planted().contexts(8)
    with pytest.raises(rv.InputError, match="The features are"):
        _ = planted()["quotes"]


def test_sentences_table_and_repr_tell_the_numbers() -> None:
    frame = planted().to_frame()
    assert frame.loc[frame.feature == "depth", "unit"].tolist() == [COUNTER]
    assert f"unit {COUNTER}, r = 1.00" in repr(planted())
    assert f"Unit {COUNTER} follows “bracket depth”: r = 1.00" in planted().text()
    assert f"神经元 {COUNTER} 反映“括号深度”：在留出的步上 r = 1.00" in planted().text("zh")
    assert not planted().correlations.flags.writeable


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_figure_fills_what_is_found(language: str) -> None:
    figure = planted().figure(language=language, dark=language == "zh")
    readings = [trace for trace in figure.data if trace.mode == "markers+text"]
    names = [one.name for one in planted().features]
    filled = [
        name
        for name, mark in zip(names, readings[0].marker.symbol, strict=True)
        if mark == "circle"
    ]
    assert filled == [one.name for one in planted().found]
    assert len(figure.layout.yaxis.ticktext) == len(names)
