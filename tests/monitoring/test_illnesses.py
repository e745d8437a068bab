"""Six planted illnesses, each named in a real training before its loss shows it.

The limits of `rnnviz.analysis.symptoms` were chosen on these trainings: they show that each symptom
is named where its cause is planted, and not how often it is missed or raised in vain elsewhere.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

import rnnviz as rv
from rnnviz.i18n import LANGUAGES

EVERY, LENGTH, ROWS, UNITS = 10, 24, 16, 12
LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class Regression(nn.Module):
    """A recurrent layer whose last hidden state is read out: the mean of its input is wanted."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.rnn, self.head = layer, nn.Linear(UNITS, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.rnn(x)[0][-1])


class Training:
    """A training with its log: every loss so far, and when each symptom was first named."""

    def __init__(self, model: Regression, batch: Callable[[int], torch.Tensor]) -> None:
        self.model, self.batch, self.losses = model, batch, list[float]()
        self.named: dict[str, int] = {}
        self.first_nan: dict[str, float] = {}
        self.log = rv.Log(model, every=EVERY, to=self._name)
        self.optimiser = torch.optim.SGD(
            [p for p in model.parameters() if p.requires_grad], lr=0.02
        )

    def _name(self, numbers: dict[str, float], step: int) -> None:
        # What is named before this step's loss is known.
        for symptom in rv.symptoms(numbers):
            assert all(symptom.text(language) for language in LANGUAGES)
            self.named.setdefault(symptom.kind, len(self.losses))
            if symptom.kind == "nan_inputs":
                self.first_nan = numbers

    def run(self, steps: int) -> Training:
        with self.log, warnings.catch_warnings():
            warnings.simplefilter("ignore", rv.HealthWarning)
            for step in range(steps):
                x = self.batch(step)
                loss = ((self.model(x) - x.nan_to_num().mean((0, 2), keepdim=True)[0]) ** 2).mean()
                self.optimiser.zero_grad()
                loss.backward()
                self.optimiser.step()
                self.losses.append(loss.item())
        return self


def scaled(step: int, factor: float = 1.0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(step)
    return factor * torch.randn(LENGTH, ROWS, 3, generator=generator)


def model_of(kind: str, **options: str) -> Regression:
    torch.manual_seed(1)
    return Regression(LAYERS[kind](3, UNITS, **options))


def with_forget_bias(value: float) -> Regression:
    model = model_of("lstm")
    with torch.no_grad():
        model.rnn.bias_ih_l0[UNITS : 2 * UNITS] = value
        model.rnn.bias_hh_l0[UNITS : 2 * UNITS] = 0
    return model


@pytest.mark.parametrize("kind", LAYERS)
def test_a_sound_training_has_no_symptom(kind: str) -> None:
    assert Training(model_of(kind), scaled).run(2 * EVERY + 1).named == {}


def test_a_forget_bias_of_minus_five() -> None:
    done = Training(with_forget_bias(-5), scaled).run(40)
    # At the first call. The loss falls as if nothing were wrong.
    assert done.named == {"closed_forget_gate": 0}
    assert np.mean(done.losses[-10:]) < np.mean(done.losses[:10])
    assert Training(with_forget_bias(1), scaled).run(1).named == {}


@pytest.mark.parametrize("nonlinearity", ["relu", "tanh"])
def test_an_exploding_recurrence(nonlinearity: str) -> None:
    model = model_of("rnn", nonlinearity=nonlinearity)
    with torch.no_grad():
        for bias in (model.rnn.bias_ih_l0, model.rnn.bias_hh_l0):
            bias.zero_()
        nn.init.orthogonal_(model.rnn.weight_hh_l0)
        model.rnn.weight_hh_l0 *= 1.8
    done = Training(model, lambda step: scaled(step, 0.01)).run(1)
    assert done.named["exploding_gradient"] == 0
    # A tanh keeps the state itself in bounds.
    assert ("exploding_state" in done.named) == (nonlinearity == "relu")
    assert np.isfinite(done.losses).all()


def test_dead_relu_units() -> None:
    model = model_of("rnn", nonlinearity="relu")
    with torch.no_grad():
        model.rnn.bias_ih_l0 -= 10
    done = Training(model, scaled).run(30)
    assert done.named["dead_units"] == 0
    # The loss still falls: the readout's bias alone learns.
    assert np.isfinite(done.losses).all()


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_gates_saturated_by_input_that_is_not_scaled(kind: str) -> None:
    done = Training(model_of(kind), lambda step: scaled(step, 500)).run(1)
    assert done.named["saturated_gates"] == 0


@pytest.mark.parametrize("kind", LAYERS)
def test_nan_from_one_bad_row_in_a_step_that_is_not_logged(kind: str) -> None:
    def batch(step: int) -> torch.Tensor:
        x = scaled(step)
        if step == 3:
            x[7, 11, 2] = torch.nan
        return x

    training = Training(model_of(kind), batch)
    done = training.run(5)
    # Named while the losses of steps 0, 1 and 2 are known, all of them finite.
    assert done.named["nan_inputs"] == 3
    assert np.isfinite(done.losses[:3]).all()
    assert not np.isfinite(done.losses[3])
    (symptom,) = [s for s in rv.symptoms(training.first_nan) if s.kind == "nan_inputs"]
    assert symptom.facts == {"step": 7, "row": 11, "unit": 2}
    assert "row 11" in str(symptom)


def test_a_frozen_layer() -> None:
    model = model_of("gru")
    for weight in model.rnn.parameters():
        weight.requires_grad_(False)
    done = Training(model, scaled).run(EVERY + 1)
    # At the second record; the loss falls, because the readout learns.
    assert done.named == {"unchanged_weights": EVERY}


def test_a_layer_that_the_optimiser_was_not_given() -> None:
    training = Training(model_of("lstm"), scaled)
    training.optimiser = torch.optim.SGD(training.model.head.parameters(), lr=0.02)
    assert training.run(EVERY + 1).named == {"unchanged_weights": EVERY}
