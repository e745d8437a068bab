"""Training: every cell learns, and how the steps are taken together changes no bit."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.train import config as configs
from rnnviz.train.loop import Training, TrainingConfig, snapshot_steps
from rnnviz.train.network import trainable_model
from rnnviz.train.optimiser import held_out_batch
from rnnviz.train.tasks import TASKS

SMALL: dict[str, Any] = {"units": 6, "batch": 4, "steps": 5, "snapshots": 3}


@pytest.mark.parametrize("cell", rv.CELLS)
def test_every_cell_learns_to_hold_bits(cell: str) -> None:
    training = Training(
        TrainingConfig("flip_flop", cell, 12, steps=40, batch=12, rate=0.02, snapshots=2)
    )
    progress = training.advance(40)
    first, last = training.snapshots
    assert training.is_done
    assert last.loss < first.loss
    assert last.metric > TASKS["flip_flop"].chance + 0.1
    assert progress.metric == last.metric


@pytest.mark.parametrize("cell", rv.CELLS)
def test_a_model_answers_as_the_network_in_torch(cell: str) -> None:
    start = TrainingConfig("languages", cell, units=5, layers=2).initial_model
    trained = trainable_model(start)
    with torch.no_grad():
        for weights in trained.parameters:
            weights += torch.linspace(-0.5, 0.5, weights.numel()).reshape(weights.shape)
    read = TASKS["languages"].held_out_batch(np.random.default_rng(4), 3).sequence
    outputs = rv.trace(trained.model("nudged"), read).outputs[read.is_real]
    with torch.no_grad():
        drives = trained.outputs(torch.tensor(np.asarray(read.values)))
    wanted = torch.softmax(drives, dim=2).numpy()[read.is_real]
    assert np.abs(outputs - wanted).max() < 1e-5


def test_a_simple_network_may_start_as_the_identity_with_relu_and_trains_as_torchs() -> None:
    config = TrainingConfig("adding", "rnn", units=5, init="identity", activation="relu")
    start = config.initial_model
    weights = dict(start.layers[0].weights)
    assert (weights["hidden.h"] == np.eye(5)).all()
    assert not any(weights[f"hidden.{role}"].any() for role in ("b", "bh"))
    generator = np.random.default_rng(5)
    weights["hidden.h"] = generator.normal(0, 0.4, (5, 5)).astype(np.float32)
    start = replace(start, layers=(replace(start.layers[0], weights=weights),))
    own = trainable_model(start)
    read = generator.normal(size=(7, 3, 2)).astype(np.float32)
    hidden, states = torch.zeros(3, 5), []
    w = {name: torch.tensor(array) for name, array in weights.items()}
    for x in torch.tensor(read):
        hidden = torch.relu(x @ w["hidden.x"].T + hidden @ w["hidden.h"].T)
        states.append(hidden)
    with torch.no_grad():
        assert (own.recurrent.hidden(torch.tensor(read)) - torch.stack(states)).abs().max() < 1e-5
    assert own.model("as it is").layers[0].activation("hidden") == "relu"


def test_what_is_measured_in_training_is_what_the_model_on_its_own_reaches() -> None:
    plan = TrainingConfig("brackets", "gru", **SMALL)
    training = Training(plan)
    training.advance(5)
    batch = held_out_batch(plan)
    outputs = rv.trace(training.model(), batch.sequence).outputs
    assert plan.task.measure(outputs, batch) == pytest.approx(
        training.snapshots[-1].metric, abs=1e-4
    )


@pytest.mark.parametrize(("cell", "name"), [("rnn", "RNN"), ("lstm", "LSTM")])
def test_a_trained_model_answers_as_torch_with_its_weights(cell: str, name: str) -> None:
    training = Training(TrainingConfig("brackets", cell, **SMALL))
    training.advance(5)
    model = training.model()
    weights, order = (
        model.layers[0].weights,
        {"rnn": ["hidden"]}.get(cell, ["input", "forget", "candidate", "output"]),
    )
    module = getattr(torch.nn, name)(6, 6)
    for role, theirs in zip(("x", "h", "b", "bh"), module.parameters(), strict=True):
        theirs.data = torch.tensor(np.concatenate([weights[f"{gate}.{role}"] for gate in order]))
    read = TASKS["brackets"].example(np.random.default_rng(1))
    assert model.readout is not None
    with torch.no_grad():
        hidden = module(torch.tensor(np.asarray(read.values)))[0].numpy()
    drive = hidden @ model.readout.weights.T + model.readout.bias
    exponent = np.exp(drive)
    wanted = exponent / exponent.sum(axis=2, keepdims=True)
    assert np.abs(rv.trace(model, read).outputs - wanted).max() < 1e-5


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("chunks", [(1, 1, 1, 1, 1), (2, 3), (4, 9)])
def test_going_on_after_a_stop_gives_the_same_bits(cell: str, chunks: tuple[int, ...]) -> None:
    plan = TrainingConfig("languages", cell, **SMALL)
    whole, parts = Training(plan), Training(plan)
    whole.advance(5)
    for steps in chunks:
        parts.advance(steps)
    assert parts.model().digest == whole.model().digest
    assert [s.model.digest for s in parts.snapshots] == [s.model.digest for s in whole.snapshots]
    assert [(p.step, p.loss, p.metric) for p in parts.history] == [
        (p.step, p.loss, p.metric) for p in whole.history
    ]


def test_another_seed_gives_other_weights_and_other_batches() -> None:
    one, other = (Training(TrainingConfig("adding", "rnn", seed=seed, **SMALL)) for seed in (0, 1))
    assert one.advance(5).loss != other.advance(5).loss
    assert one.model().digest != other.model().digest


def test_snapshots_start_untrained_and_end_with_the_last_step() -> None:
    training = Training(
        TrainingConfig("languages", "gru_reset_after", 6, steps=9, batch=4, snapshots=4)
    )
    assert not training.model().is_trained
    assert [s.step for s in training.snapshots] == [0]
    assert training.snapshots[0].model.digest == training.config.initial_model.digest
    training.advance(100)
    assert [s.step for s in training.snapshots] == [0, 1, 3, 9]
    assert training.step == 9
    assert training.model().is_trained
    assert training.model().vocabulary == TASKS["languages"].vocabulary
    assert training.snapshot().metric == training.snapshots[-1].metric
    assert [p.step for p in training.history if p.metric is not None] == [1, 3, 9]


@given(steps=st.integers(1, 20_000), count=st.integers(2, 64))
def test_moments_run_from_nothing_to_the_last_step(steps: int, count: int) -> None:
    kept = snapshot_steps(steps, count)
    assert kept[0] == 0
    assert kept[-1] == steps
    assert list(kept) == sorted(set(kept))
    assert len(kept) <= count


def test_threads_are_put_back_as_they_were() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        training = Training(TrainingConfig("brackets", "lstm", **SMALL))
        training.advance(2)
        training.snapshot()
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("units", 0),
        ("units", 257),
        ("units", 2.5),
        ("units", True),
        ("layers", 5),
        ("steps", 0),
        ("steps", 10**9),
        ("batch", 0),
        ("rate", 0.0),
        ("rate", float("nan")),
        ("rate", float("inf")),
        ("rate", "fast"),
        ("seed", -1),
        ("snapshots", 1),
    ],
)
def test_a_number_out_of_bounds_is_refused(name: str, bad: Any) -> None:
    with pytest.raises(rv.ModelError, match=name):
        TrainingConfig("brackets", "lstm", **{name: bad})


def test_unknown_names_are_refused() -> None:
    with pytest.raises(rv.ModelError, match='no task "chess"; choose one of next_character'):
        TrainingConfig("chess", "lstm")
    with pytest.raises(rv.ModelError, match='no cell "transformer"'):
        TrainingConfig("brackets", "transformer")


def test_a_training_cannot_go_backwards() -> None:
    with pytest.raises(rv.ModelError, match="at least 1 step, but -1 came"):
        Training(TrainingConfig("brackets", "lstm")).advance(-1)


def test_a_loss_that_is_no_number_ends_the_training_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = TASKS["adding"]

    def broken(generator: np.random.Generator, size: int) -> Any:
        batch = task.training_batch(generator, size)
        return replace(batch, targets=np.full(batch.targets.shape, np.inf))

    monkeypatch.setattr(configs, "TASKS", {"adding": replace(task, training_batch=broken)})
    training = Training(TrainingConfig("adding", "rnn", **SMALL))
    with pytest.raises(rv.ModelError, match=r"broke off after step 0: .* smaller learning rate"):
        training.advance()
    assert training.step == 0


def test_without_torch_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    training = Training(TrainingConfig("brackets", "lstm", **SMALL))
    assert not training.model().is_trained
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(rv.MissingLibraryError, match="pip install torch"):
        training.advance()


@pytest.mark.parametrize("cell", ["gru", "lstm", "slstm"])
def test_training_longer_is_the_longer_training(cell: str) -> None:
    half = TrainingConfig("languages", cell, 6, steps=200, batch=2, snapshots=3, cools=False)
    if cell == "slstm":
        half = replace(half, steps=20)
    whole, parts = Training(replace(half, steps=2 * half.steps)), Training(half)
    whole.advance(2 * half.steps)
    parts.advance(half.steps)
    assert parts.is_done
    parts.extend(half.steps)
    assert not parts.is_done
    parts.advance(half.steps)
    assert parts.model().arrays().keys() == whole.model().arrays().keys()
    wanted = whole.model().arrays()
    assert all(np.array_equal(a, wanted[name]) for name, a in parts.model().arrays().items())
    assert [p.loss for p in parts.history] == [p.loss for p in whole.history]
    assert parts.snapshots[-1].metric == whole.snapshots[-1].metric
    assert [s.step for s in parts.snapshots][-1] == 2 * half.steps
    assert parts.config == whole.config


def test_a_training_that_cools_cannot_be_made_longer() -> None:
    training = Training(TrainingConfig("brackets", "gru", **SMALL))
    with pytest.raises(rv.ModelError, match="only with cools=False"):
        training.extend(5)
    with pytest.raises(rv.ModelError, match="at least 1 step"):
        Training(replace(training.config, cools=False)).extend(0)


@pytest.mark.parametrize("came", ["3", None, 1.5, True, float("nan")])
def test_steps_that_are_no_count_are_refused(came: Any) -> None:
    training = Training(TrainingConfig("brackets", "gru", **SMALL, cools=False))
    with pytest.raises(rv.ModelError, match="at least 1 step"):
        training.advance(came)
    with pytest.raises(rv.ModelError, match="at least 1 step"):
        training.extend(came)


def test_names_that_are_no_text_and_endless_numbers_are_refused() -> None:
    with pytest.raises(rv.ModelError, match="no cell"):
        TrainingConfig("brackets", [])  # type: ignore[arg-type]
    with pytest.raises(rv.ModelError, match="steps from 1"):
        TrainingConfig("brackets", "gru", steps=10**5_000)
