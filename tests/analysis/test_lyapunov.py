"""Lyapunov exponents against determinants, eigenvalues and closed formulas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.analysis.jacobians import linearised_signals
from rnnviz.core.derivative_push import Push
from tests.cells.test_contracts import SEQUENCE, layer
from tests.witnesses import INPUT, LENGTHS, UNIT, Array, normal, torch_module

every_cell = pytest.mark.parametrize("cell", list(rv.CELLS))


def linear(weights: Array) -> rv.Model:
    n = len(weights)
    arrays = {"hidden.x": np.ones((n, 1)), "hidden.h": weights}
    one = rv.Layer("rnn", "forward", arrays, activations={"hidden": "linear"})
    return rv.Model((one,))


def test_a_linear_network_has_the_logarithms_of_its_singular_values() -> None:
    """Of a symmetric W singular values are the sizes of its eigenvalues."""
    basis = np.linalg.qr(normal(4, 4))[0]
    sizes = np.array([1.2, 0.9, 0.5, 0.2])
    model = linear(basis * [1, -1, 1, 1] * sizes @ basis.T)
    found = rv.lyapunov(model, rv.trace(model, np.zeros((200, 1))), skip=100)
    np.testing.assert_allclose(found.exponents, np.log(sizes), rtol=0, atol=1e-10)
    # 1 + ln 1.2 / |ln 0.9| of a sum that first falls below 0 with the third.
    total = np.log(1.2) + np.log(0.9)
    assert found.dimension == pytest.approx(2 + total / abs(np.log(0.5)))


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_one_unit_has_the_mean_logarithm_of_its_slopes(direction: Any) -> None:
    weights = {"hidden.x": np.ones((1, 1)), "hidden.h": np.full((1, 1), 3.9)}
    model = rv.Model((rv.Layer("rnn", direction, weights),))
    trace = rv.trace(model, normal(60, 1))
    found = rv.lyapunov(model, trace, skip=0)
    slopes = np.log(3.9 * (1 - trace["hidden"][:, 0, 0] ** 2))
    assert found.exponents[0] == pytest.approx(slopes.mean(), abs=1e-10)
    parts = [
        part.mean() for part in np.array_split(slopes[:: 1 if direction == "forward" else -1], 10)
    ]
    assert found.errors[0] == pytest.approx(np.std(parts, ddof=1) / np.sqrt(10), abs=1e-10)
    assert found.running[-1, 0] == pytest.approx(found.exponents[0])


@pytest.mark.parametrize("name", ["LSTM", "GRU"])
def test_all_exponents_add_up_to_the_logarithm_of_torchs_determinants(name: str) -> None:
    model = rv.from_torch(torch_module(name))
    trace = rv.trace(model, SEQUENCE)
    size = UNIT * (2 if name == "LSTM" else 1)
    found = rv.lyapunov(model, trace, size, row=1, skip=0)
    cell = getattr(torch.nn, f"{name}Cell")(INPUT, UNIT).double()
    state = torch_module(name).state_dict()
    cell.load_state_dict({n: state[f"{n}_l0"] for n in cell.state_dict()})

    def step(before: Any, x: Any) -> Any:
        states = before.split(UNIT)
        after = cell(x, states if name == "LSTM" else states[0])
        return torch.cat(after) if name == "LSTM" else after

    before, total = torch.zeros(size).double(), 0.0
    for x in torch.tensor(SEQUENCE.values[: LENGTHS[1], 1]):
        jacobian = torch.autograd.functional.jacobian(lambda s, x=x: step(s, x), before)
        total += float(torch.linalg.slogdet(jacobian)[1])
        before = step(before, x).detach()
    assert found.exponents.sum() == pytest.approx(total / LENGTHS[1], abs=1e-10)


@every_cell
def test_products_with_vectors_are_those_of_the_formed_jacobians(cell: str) -> None:
    model = rv.Model((layer(cell),))
    trace = rv.trace(model, SEQUENCE, intervene=[rv.Silence([1], start=2)])
    formed = rv.jacobians(model, trace).layers[0]
    (found,) = linearised_signals(model, trace)
    vectors = {
        name: normal(3, width, seed=i)
        for i, (name, width) in enumerate(zip(formed.names, formed.widths, strict=True))
    }
    vectors["x"] = normal(3, INPUT, seed=9)
    push = Push(7, vectors)
    joined = np.concatenate([vectors[name] for name in formed.names], axis=1)
    by_hand = joined @ formed.states[3, 1].T + vectors["x"] @ formed.inputs[3, 1].T
    got = np.concatenate([push(found.signals[name]) for name in formed.names], axis=1)
    np.testing.assert_allclose(got, by_hand, rtol=0, atol=1e-12)


def test_a_network_that_forgets_all_has_minus_infinity() -> None:
    model = linear(np.zeros((2, 2)))
    found = rv.lyapunov(model, rv.trace(model, np.zeros((5, 1))))
    assert (found.exponents == -np.inf).all()
    assert found.dimension == 0
    assert found.figure().data


def test_table_figure_and_sentence() -> None:
    model = rv.Model((layer("gru"),))
    found = rv.lyapunov(model, rv.trace(model, SEQUENCE), n=3, seed=2)
    assert list(found.to_frame()["exponent"]) == list(found.exponents)
    assert (np.diff(found.exponents) <= 0).all()
    assert len(found.figure(language="zh").data) == 3
    assert "over 6 steps" in repr(found)


def test_the_frame_of_the_last_step_ends_within_the_plot() -> None:
    model = rv.Model((layer("gru"),))
    figure = rv.lyapunov(model, rv.trace(model, SEQUENCE), n=2, skip=1).figure()
    line = figure.data[0]
    assert figure.layout.xaxis.range == (line.x[0] - 0.5, line.x[-1] + 0.5) == (1.5, 6.5)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"n": 0}, "1 to 5"),
        ({"n": 6}, "1 to 5"),
        ({"skip": 6}, "skipped"),
        ({"layer": 1}, "no layer 1"),
        ({"row": 2}, "no row 2"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_is_not_there_is_refused(options: dict[str, Any], told: str) -> None:
    model = rv.Model((layer("gru"),))
    with pytest.raises(rv.RnnvizError, match=told):
        rv.lyapunov(model, rv.trace(model, SEQUENCE), **options)


def test_eigenvalues_along_a_run_are_those_of_every_step() -> None:
    model = rv.Model((replace(layer("lstm"), direction="backward"),))
    trace = rv.trace(model, SEQUENCE)
    found = rv.run_eigenvalues(model, trace, row=1)
    states = rv.jacobians(model, trace).states[: LENGTHS[1], 1]
    for values, jacobian in zip(found.eigenvalues, states, strict=True):
        wanted = np.sort_complex(np.linalg.eigvals(jacobian).astype(complex))
        np.testing.assert_allclose(np.sort_complex(values), wanted, atol=1e-9)
        assert (np.diff(np.abs(values)) <= 0).all()
    assert found.radius.tolist() == np.abs(found.eigenvalues[:, 0]).tolist()
    assert found.n_unstable.shape == (LENGTHS[1],)
    assert len(found.to_frame()) == LENGTHS[1] * 2 * UNIT
    assert len(found.figure(language="zh").data) == 3
    assert "4 steps" in repr(found)


def test_too_many_eigenvalues_are_refused() -> None:
    model = rv.random_model("gru", 1, 200)
    with pytest.raises(rv.InputError, match="fewer steps"):
        rv.run_eigenvalues(model, rv.trace(model, np.zeros((700, 1))))
