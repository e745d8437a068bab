"""The models trained here: every card is complete, and what it claims can be measured again."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.core.resources import asset
from rnnviz.network.model import Model
from rnnviz.train.optimiser import held_out_batch
from rnnviz.train.presets import Preset, preset, presets
from rnnviz.train.tasks import TASKS

FRESH_SEED, FRESH_ROWS = 2026, 120
NAMES = [one.name for one in presets()]
# They are here to show that they cannot: trained as those beside them that can.
FAILS = {"adding_rnn", "copy_lstm", "parity_linear_rnn"}


@cache
def model(name: str) -> Model:
    return preset(name).model()


def on_fresh_data(one: Preset, measured: Model) -> float:
    task = TASKS[one.task]
    batch = task.held_out_batch(np.random.default_rng(FRESH_SEED), FRESH_ROWS)
    return task.measure(rv.trace(measured, batch.sequence).outputs, batch)


def gain(one: Preset, metric: float) -> float:
    """The share of the way from chance to perfect; 0 is chance."""
    perfect = 1.0 if one.metric == "accuracy" else 0.0
    return (one.chance - metric) / (one.chance - perfect)


def test_there_is_a_model_of_every_task() -> None:
    assert {one.task for one in presets()} == set(TASKS)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_complete_in_both_languages(name: str) -> None:
    one = preset(name)
    for words in (one.title, one.about, one.data):
        assert set(words) == {"en", "zh"}
        assert words["en"].isascii() or set("“ⁿ−") & set(words["en"])
        assert any("\u4e00" <= character <= "\u9fff" for character in words["zh"])
    assert one.licence in ("public domain", "MIT", "Apache-2.0")
    assert one.seconds > 0
    assert one.torch
    assert one.date == ("2026-11-27" if one.for_finding else "2026-11-23")
    assert one.examples


@pytest.mark.parametrize("name", NAMES)
def test_a_card_agrees_with_its_task_and_its_plan(name: str) -> None:
    one, task = preset(name), TASKS[preset(name).task]
    assert one.vocabulary == task.vocabulary
    assert one.outputs == task.outputs
    assert one.metric == task.metric
    assert one.chance == pytest.approx(task.chance, abs=1e-6)
    assert one.config.learning_rate == one.rate


@pytest.mark.parametrize("name", NAMES)
def test_a_file_makes_the_trained_model(name: str) -> None:
    one, trained = preset(name), model(name)
    assert trained.is_trained
    assert trained.vocabulary == (one.vocabulary or None)
    assert trained.readout is not None
    assert trained.readout.names == one.outputs
    assert trained.layers[0].cell_name == one.cell
    assert trained.layers[0].n_units == one.units
    assert not one.untrained_model().is_trained
    assert trained.n_parameters == one.untrained_model().n_parameters
    assert trained.digest != one.untrained_model().digest


@pytest.mark.parametrize("name", NAMES)
def test_a_card_s_numbers_are_measured_again_by_the_engine(name: str) -> None:
    one = preset(name)
    batch = held_out_batch(one.config)
    for measured, claimed in (
        (model(name), one.held_out),
        (one.untrained_model(), one.before_training),
    ):
        outputs = rv.trace(measured, batch.sequence).outputs
        assert TASKS[one.task].measure(outputs, batch) == pytest.approx(claimed, abs=2e-4)


@pytest.mark.parametrize("name", sorted(set(NAMES) - FAILS))
def test_a_model_beats_chance_on_fresh_data_by_what_its_card_claims(name: str) -> None:
    one = preset(name)
    claimed = gain(one, one.held_out)
    assert claimed > 0.4
    assert gain(one, on_fresh_data(one, model(name))) > 0.9 * claimed
    assert gain(one, on_fresh_data(one, one.untrained_model())) < 0.1


@pytest.mark.parametrize("name", sorted(FAILS))
def test_a_model_that_fails_says_so(name: str) -> None:
    one = preset(name)
    assert abs(gain(one, one.held_out)) < 0.1
    assert abs(gain(one, on_fresh_data(one, model(name)))) < 0.15
    assert "does not learn" in one.title["en"]


def test_two_models_keep_five_moments_that_get_better() -> None:
    kept = {one.name: one.snapshots() for one in presets() if one.kept}
    assert {name: len(moments) for name, moments in kept.items()} == {
        "brackets_lstm": 5,
        "adding_lstm": 5,
    }
    for name, moments in kept.items():
        one, batch = preset(name), held_out_batch(preset(name).config)
        assert moments[0].model.digest == one.untrained_model().digest
        assert moments[-1].model.digest == model(name).digest
        assert [m.step for m in moments] == sorted({m.step for m in moments})
        assert moments[-1].step == one.steps
        # The first and the last are measured with every other card's.
        for moment in moments[1:-1]:
            outputs = rv.trace(moment.model, batch.sequence).outputs
            reached = TASKS[one.task].measure(outputs, batch)
            assert reached == pytest.approx(moment.metric, abs=2e-4)
        assert gain(one, moments[0].metric) < 0.1 < 0.9 < gain(one, moments[-1].metric)


@pytest.mark.parametrize("name", NAMES)
def test_every_example_can_be_read_and_answered(name: str) -> None:
    for example in preset(name).examples:
        trace = rv.trace(model(name), sequence(example))
        assert np.isfinite(trace.outputs).all()
        assert trace.output_names == preset(name).outputs


def sequence(example: Any) -> Any:
    return rv.parse(example["text"]) if "text" in example else np.array(example["numbers"])[:, None]


def test_the_brackets_of_its_example_are_counted() -> None:
    one = preset("brackets_lstm")
    for example in one.examples:
        steps = [1 if symbol in "([{" else -1 for symbol in example["text"]]
        outputs = rv.trace(model(one.name), rv.parse(example["text"])).outputs
        assert outputs[:, 0].argmax(axis=1).tolist() == np.cumsum(steps).tolist()


def test_the_orders_of_its_examples_are_told() -> None:
    one = preset("temporal_order_lstm")
    for example in one.examples:
        trace = rv.trace(model(one.name), rv.parse(example["text"]))
        order = "".join(letter for letter in example["text"] if letter in "XY")
        assert one.outputs[int(trace.outputs[-1, 0].argmax())] == order


def test_text_outside_the_vocabulary_is_read_as_unknown() -> None:
    outputs = rv.trace(model("next_character_lstm"), rv.parse("爱丽丝 said 7")).outputs
    assert np.allclose(outputs.sum(axis=2), 1, atol=1e-5)


def test_all_files_together_are_small() -> None:
    files = [path for path in asset("models").rglob("*") if path.suffix not in (".py", ".pyc")]
    assert sum(path.stat().st_size for path in files if path.is_file()) < 3_000_000


def test_a_model_for_a_finding_is_small_and_stands_after_the_others() -> None:
    made_for_finding = [one.for_finding for one in presets()]
    assert made_for_finding == sorted(made_for_finding)
    for one in presets():
        if one.for_finding:
            assert len(asset("models", f"{one.name}.safetensors").read_bytes()) <= 20_000
            assert one.seconds <= 60


def test_another_name_is_refused() -> None:
    with pytest.raises(rv.ModelError, match='"chess" was asked for'):
        preset("chess")


def test_the_readme_beside_the_files_gives_their_numbers() -> None:
    text = asset("models", "README.md").read_text("utf-8")
    for one in presets():
        numbers = [one.held_out, one.chance, one.before_training]
        said = " | ".join(f"{number:.4f}" for number in numbers)
        assert f"| `{one.name}` | {one.units} | {one.steps} | {one.metric} | {said} |" in text
