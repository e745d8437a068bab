"""The gradient through time, against PyTorch's autograd."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.analysis.gradient import gradient_norms, spectral_radius, state_distance
from rnnviz.analysis.series import LineSeries
from tests.witnesses import INPUT, STEPS, UNIT, assert_close, diagonal_layer, normal

VALUES = normal(STEPS, 2, INPUT)


def by_autograd(model: rv.Model, row: int, length: int) -> list[float]:
    """log10 ‖∂h_T/∂h_t‖₂, every Jacobian by itself."""
    own = {name: torch.tensor(array) for name, array in model.layers[0].weights.items()}
    recurrent = own["hidden.h"]
    matrix = torch.diag(recurrent) if recurrent.ndim == 1 else recurrent
    squash: Any = torch.relu if model.layers[0].activation("hidden") == "relu" else torch.tanh
    rows = torch.tensor(VALUES[:length, row])

    def on(hidden: torch.Tensor, start: int, stop: int) -> torch.Tensor:
        for x in rows[start:stop]:
            drive = own["hidden.x"] @ x + own["hidden.b"] + matrix @ hidden
            hidden = squash(drive + own.get("hidden.bh", 0))
        return hidden

    found = []
    for t in range(1, length + 1):
        state = on(torch.zeros(UNIT, dtype=torch.float64), 0, t)
        jacobian = torch.autograd.functional.jacobian(partial(on, start=t, stop=length), state)
        found.append(float(torch.linalg.matrix_norm(jacobian, 2).log10()))
    return found


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize(("row", "length"), [(0, STEPS), (1, 4)])
def test_it_is_autograds_also_after_padding(activation: str, row: int, length: int) -> None:
    model = rv.random_model("rnn", INPUT, UNIT, seed=5, gain=2, activation=activation, dtype=float)
    trace = rv.trace(model, rv.Sequence(VALUES, lengths=(STEPS, 4)))
    assert_close(gradient_norms(model, trace, row), by_autograd(model, row, length), 1e-9)


def test_it_is_autograds_for_a_one_to_one_recurrence() -> None:
    model = rv.Model((diagonal_layer(),))
    assert_close(gradient_norms(model, rv.trace(model, VALUES)), by_autograd(model, 0, STEPS), 1e-9)


def test_neither_very_small_nor_very_large_products_are_lost() -> None:
    for factor in (1e-3, 1e3):
        weights = {"hidden.x": np.ones((1, 1)), "hidden.h": np.full((1, 1), factor)}
        layer = rv.Layer(
            "rnn", "forward", weights | {"hidden.b": np.zeros(1)}, activations={"hidden": "relu"}
        )
        model = rv.Model((layer,))
        trace = rv.trace(model, np.full((101, 1), 1e-320 if factor > 1 else 1.0))
        back = gradient_norms(model, trace)
        assert back[0] == pytest.approx(100 * np.log10(factor))


def test_a_unit_that_is_switched_off_carries_no_gradient() -> None:
    weights = {"hidden.x": -np.ones((1, 1)), "hidden.h": np.ones((1, 1)), "hidden.b": np.zeros(1)}
    layer = rv.Layer("rnn", "forward", weights, activations={"hidden": "relu"})
    model = rv.Model((layer,))
    assert gradient_norms(model, rv.trace(model, [[1.0], [1.0]])).tolist() == [-np.inf, 0]


def test_the_radius_is_torchs_largest_eigenvalue() -> None:
    layer = rv.random_model("rnn", 2, 6, seed=2, dtype=float).layers[0]
    wanted = torch.linalg.eigvals(torch.tensor(layer.weights["hidden.h"])).abs().max()
    assert spectral_radius(layer) == pytest.approx(float(wanted))


def test_an_effect_is_the_distance_between_two_runs() -> None:
    model = rv.random_model("lstm", INPUT, UNIT, dtype=float)
    one, other = rv.trace(model, VALUES), rv.trace(model, VALUES + 0.1)
    wanted = ((one["cell"] - other["cell"]) ** 2).sum(axis=2) ** 0.5
    assert_close(state_distance(one, other, "cell", row=1), wanted[:, 1])


def test_other_networks_are_refused() -> None:
    for options in ({"cell": "gru"}, {"n_layers": 2}, {"direction": "backward"}):
        model = rv.random_model(**({"cell": "rnn", "n_inputs": INPUT} | options))
        with pytest.raises(rv.InputError, match="simple RNN"):
            gradient_norms(model, rv.trace(model, VALUES))
    squared = rv.Layer(
        "rnn", "forward", dict(diagonal_layer().weights), activations={"hidden": "sigmoid"}
    )
    with pytest.raises(rv.InputError, match="sigmoid"):
        gradient_norms(rv.Model((squared,)), rv.trace(rv.Model((squared,)), VALUES))


def test_a_line_needs_as_many_x_as_y() -> None:
    with pytest.raises(rv.InputError, match="as many x as y"):
        LineSeries("simple", "simple", np.zeros(2), np.zeros(3))
