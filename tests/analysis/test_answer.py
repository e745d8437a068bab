"""The network's answer at every step: of what kind it is, and what is right where that is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.answer import MAX_BARS, answer
from rnnviz.train import preset
from rnnviz.train.presets import presets
from rnnviz.train.tasks import TASKS
from tests.witnesses import normal

KINDS = {
    "languages": "classes",
    "brackets": "classes",
    "temporal_order": "classes",
    "next_character": "next",
    "adding": "numbers",
    "flip_flop": "numbers",
    "sines": "numbers",
    "counting": "next",
    "reber": "next",
    "parity": "classes",
    "copy": "classes",
    "choices": "classes",
}


def answered(activation: str, n_outputs: int = 4, n_units: int = 3) -> rv.Trace:
    """A trace whose readout has this activation, over five steps of three features."""
    model = rv.random_model("gru", 3, n_units, n_outputs=n_outputs, seed=2, dtype=np.float64)
    assert model.readout is not None
    readout = replace(model.readout, activation=activation)
    return rv.trace(replace(model, readout=readout, is_trained=True), normal(5, 1, 3))


@pytest.mark.parametrize("name", [one.name for one in presets()])
def test_every_model_trained_here_answers_in_the_kind_of_its_task(name: str) -> None:
    one = preset(name)
    task = TASKS[one.task]
    trace = rv.trace(one.model(), task.example(1))
    view = answer(trace, one.task)
    assert view is not None
    assert view.kind == KINDS[one.task]
    assert view.names == task.outputs
    np.testing.assert_array_equal(view.values, trace.outputs[:, 0])
    assert view.is_asked_last == (one.task in {"languages", "temporal_order", "adding"})


@pytest.mark.parametrize("name", ["brackets_lstm", "flip_flop_gru", "temporal_order_lstm"])
def test_a_trained_model_is_right_where_the_right_answer_is_known(name: str) -> None:
    one = preset(name)
    view = answer(rv.trace(one.model(), TASKS[one.task].example(1)), one.task)
    assert view is not None
    known = ~np.isnan(view.truth)
    right = (
        view.best == view.truth if view.kind == "classes" else abs(view.values - view.truth) < 0.3
    )
    assert right[known].mean() > 0.95


def test_a_network_without_a_readout_has_no_answer() -> None:
    trace = rv.trace(rv.random_model("lstm", 3, 4), normal(5, 1, 3))
    assert answer(trace, "languages") is None


@pytest.mark.parametrize(
    ("activation", "kind"),
    [("softmax", "classes"), ("sigmoid", "labels"), ("linear", "numbers"), ("relu", "numbers")],
)
def test_the_readout_tells_the_kind_where_no_task_does(activation: str, kind: str) -> None:
    view = answer(answered(activation))
    assert view is not None
    assert view.kind == kind
    assert np.isnan(view.truth).all()
    assert not view.task


def test_a_task_of_other_outputs_is_not_believed() -> None:
    view = answer(answered("softmax"), "languages")
    assert view is not None
    assert (view.kind, view.task) == ("classes", "")


def test_random_weights_are_told_and_a_layer_from_the_end_too() -> None:
    model = rv.random_model("rnn", 3, 4, direction="both", n_outputs=2)
    view = answer(rv.trace(model, normal(5, 1, 3)))
    assert view is not None
    assert (view.is_trained, view.reads_ahead) == (False, True)
    forward = answer(answered("softmax"))
    assert forward is not None
    assert (forward.is_trained, forward.reads_ahead) == (True, False)


def test_outputs_are_the_next_token_where_somebody_says_so() -> None:
    vocabulary = ("a", "b", "c")
    model = rv.random_model("gru", 3, 4, n_outputs=3, seed=1)
    model = replace(model, vocabulary=vocabulary, is_trained=True)
    trace = rv.trace(model, rv.parse("abca"))
    view = answer(trace, next_of=vocabulary)
    assert view is not None
    assert (view.kind, view.names) == ("next", vocabulary)
    np.testing.assert_array_equal(view.truth, [1, 2, 0, np.nan])
    given = [trace.outputs[step, 0, output] for step, output in enumerate([1, 2, 0])]
    assert view.perplexity == pytest.approx(np.prod(given) ** (-1 / 3))
    # Another number of tokens than outputs cannot be the next of them.
    other = answer(trace, next_of=("a", "b"))
    assert other is not None
    assert other.kind == "classes"


def test_perplexity_is_the_number_of_tokens_where_all_are_equally_likely() -> None:
    model = preset("next_character_lstm").untrained_model()
    assert model.readout is not None
    blind = replace(model.readout, weights=0 * model.readout.weights, bias=0 * model.readout.bias)
    view = answer(rv.trace(replace(model, readout=blind), rv.parse("the cat")), "next_character")
    assert view is not None
    assert view.perplexity == pytest.approx(len(view.names))
    alone = answer(rv.trace(model, rv.parse("t")), "next_character")
    assert alone is not None
    assert alone.perplexity is None


def test_bars_keep_the_order_of_the_outputs_and_hold_the_likeliest() -> None:
    few = answer(answered("softmax", 4))
    assert few is not None
    assert few.bars == (0, 1, 2, 3)
    many = answer(answered("softmax", 40))
    assert many is not None
    assert len(many.bars) == MAX_BARS
    assert list(many.bars) == sorted(many.bars)
    left = [i for i in range(40) if i not in many.bars]
    assert many.values[:, left].max() <= many.values[:, list(many.bars)].max(axis=0).min()


def test_likeliest_outputs_come_first() -> None:
    view = answer(answered("softmax", 6))
    assert view is not None
    found = np.take_along_axis(view.values, view.likeliest(3), axis=1)
    np.testing.assert_array_equal(found, -np.sort(-view.values, axis=1)[:, :3])


def test_each_row_of_a_batch_has_its_own_answers_up_to_its_end() -> None:
    model = replace(rv.random_model("rnn", 3, 4, n_outputs=2), is_trained=True)
    trace = rv.trace(model, rv.Sequence(normal(6, 2, 3), lengths=(6, 4)))
    view = answer(trace, row=1)
    assert view is not None
    assert view.n_steps == 4
    assert np.isfinite(view.values).all()
    with pytest.raises(rv.InputError, match="row"):
        answer(trace, row=2)
