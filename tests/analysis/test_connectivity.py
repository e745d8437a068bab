"""Gradients between all pairs of steps, with PyTorch's autograd as the witness."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from tests.cells.test_contracts import SEQUENCE, layer
from tests.witnesses import BATCH, INPUT, LENGTHS, MODULES, STEPS, UNIT, Array, normal

WEIGHTS = normal(4, 2 * UNIT, seed=8)


def by_torch(module: Any, values: Array) -> Array:
    """∂h_t/∂x_s of one row, (t, hidden, s, input)."""
    x = torch.tensor(values)
    found: Array = torch.autograd.functional.jacobian(lambda one: module(one)[0], x).numpy()
    return found


def log_norm(values: Array, axis: Any) -> Array:
    with np.errstate(divide="ignore"):
        found: Array = np.log10(np.sqrt((values**2).sum(axis=axis)))
    return found


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("row", range(BATCH))
def test_norms_are_autograds_in_both_directions(name: str, row: int) -> None:
    module = MODULES[name](INPUT, UNIT, bidirectional=True).double()
    readout = rv.Readout(WEIGHTS, np.zeros(4), names=("a", "b", "c", "d"))
    model = replace(rv.from_torch(module), readout=readout)
    trace = rv.trace(model, SEQUENCE)
    wanted = by_torch(module, np.asarray(SEQUENCE.values[: LENGTHS[row], row]))
    hidden = rv.connectivity(model, trace, row=row)
    np.testing.assert_allclose(hidden.logarithms, log_norm(wanted, (1, 3)), atol=1e-10)
    unit = rv.connectivity(model, trace, unit=UNIT + 1, row=row)
    np.testing.assert_allclose(unit.logarithms, log_norm(wanted[:, UNIT + 1], 2), atol=1e-10)
    logit = rv.connectivity(model, trace, output="c", row=row)
    projected = np.einsum("h,thsi->tsi", WEIGHTS[2], wanted)
    np.testing.assert_allclose(logit.logarithms, log_norm(projected, 2), atol=1e-10)
    assert logit.target == "c"


@pytest.mark.parametrize("name", ["softmax", "tanh", ""])
def test_the_losss_gradients_are_autograds(name: str) -> None:
    module = torch.nn.LSTM(INPUT, UNIT).double()
    readout = rv.Readout(WEIGHTS[:, :UNIT], normal(4, seed=2), activation=name or "linear")
    model = replace(rv.from_torch(module), readout=readout if name else None)
    trace = rv.trace(model, SEQUENCE)
    targets: Array = normal(STEPS, BATCH, 4 if name else UNIT, seed=6)
    targets[2, 1, 0] = np.nan
    classes = np.array([[0, 1], [-1, 3], [2, -1], [3, 0], [1, -1], [0, -1]])
    if name == "softmax":
        targets = classes

    def losses(x: Any) -> Any:
        hidden = module(x)[0]
        scores = hidden @ torch.tensor(readout.weights).T + torch.tensor(readout.bias)
        if name == "softmax":
            wanted = torch.tensor(targets[: LENGTHS[1], 1])
            return torch.nn.functional.cross_entropy(
                scores, wanted, ignore_index=-1, reduction="none"
            )
        wanted = torch.tensor(targets[: LENGTHS[1], 1])
        outputs = torch.tanh(scores) if name else hidden
        squares = (outputs - torch.nan_to_num(wanted)) ** 2
        return (squares * ~torch.isnan(wanted)).sum(axis=1)

    x = torch.tensor(SEQUENCE.values[: LENGTHS[1], 1])
    wanted = torch.autograd.functional.jacobian(losses, x).numpy()
    found = rv.connectivity(model, trace, targets=targets, row=1)
    np.testing.assert_allclose(found.logarithms, log_norm(wanted, 2), atol=1e-10)
    assert "loss" in found.figure().layout.annotations[0].text


def test_a_wide_input_has_the_norms_of_a_narrow_one() -> None:
    module = torch.nn.LSTM(40, 3).double()
    model, values = rv.from_torch(module), normal(5, 1, 40)
    found = rv.connectivity(model, rv.trace(model, values))
    np.testing.assert_allclose(
        found.logarithms, log_norm(by_torch(module, values[:, 0]), (1, 3)), atol=1e-10
    )


def test_a_level_is_looked_at_by_what_it_reads() -> None:
    module = torch.nn.GRU(INPUT, UNIT, num_layers=2).double()
    model = rv.from_torch(module)
    trace = rv.trace(model, SEQUENCE)
    upper = torch.nn.GRU(UNIT, UNIT).double()
    state = module.state_dict()
    upper.load_state_dict({n: state[n.replace("l0", "l1")] for n in upper.state_dict()})
    wanted = by_torch(upper, trace.layers[0].signals["hidden"][:, 0])
    top = rv.connectivity(model, trace, level=1)
    np.testing.assert_allclose(top.logarithms, log_norm(wanted, (1, 3)), atol=1e-10)
    assert rv.connectivity(model, trace, level=0).level == 0


@pytest.mark.parametrize("is_bidirectional", [False, True])
@pytest.mark.parametrize("name", MODULES)
def test_a_stacks_gradients_reach_the_models_input(name: str, is_bidirectional: bool) -> None:
    module = MODULES[name](INPUT, UNIT, num_layers=3, bidirectional=is_bidirectional).double()
    width = UNIT * (1 + is_bidirectional)
    readout = rv.Readout(WEIGHTS[:, :width], np.zeros(4))
    model = replace(rv.from_torch(module), readout=readout)
    trace = rv.trace(model, SEQUENCE)
    wanted = by_torch(module, np.asarray(SEQUENCE.values[: LENGTHS[1], 1]))
    hidden = rv.connectivity(model, trace, row=1)
    np.testing.assert_allclose(hidden.logarithms, log_norm(wanted, (1, 3)), atol=1e-10)
    logit = rv.connectivity(model, trace, output=2, row=1)
    projected = np.einsum("h,thsi->tsi", readout.weights[2], wanted)
    np.testing.assert_allclose(logit.logarithms, log_norm(projected, 2), atol=1e-10)


def test_a_stack_is_followed_beyond_float64_too() -> None:
    """Two linear levels of w: Σ of the ways from s to t is (t − s + 1) w^{t−s}."""
    weights = {"hidden.x": np.ones((1, 1)), "hidden.h": np.full((1, 1), 1e-4)}
    layers = [
        rv.Layer("rnn", "forward", weights, level=n, activations={"hidden": "linear"})
        for n in range(2)
    ]
    model = rv.Model(tuple(layers))
    found = rv.connectivity(model, rv.trace(model, np.zeros((150, 1))))
    lag = np.arange(150)
    np.testing.assert_allclose(found.by_lag, np.log10(lag + 1) - 4 * lag, atol=1e-9)
    wide = rv.from_torch(torch.nn.GRU(50, 100, num_layers=2))
    with pytest.raises(rv.InputError, match="level=1"):
        rv.connectivity(wide, rv.trace(wide, np.zeros((200, 50))))


@pytest.mark.parametrize(("weight", "power"), [(1e-4, -4), (1e4, 4), (0.0, -np.inf)])
def test_what_vanishes_or_explodes_is_followed_beyond_float64(weight: float, power: float) -> None:
    """h_t = w h_{t−1} + x_t: ∂h_t/∂x_s = w^{t−s}, here down to 10⁻⁸⁰⁰ and up to 10⁸⁰⁰."""
    weights = {"hidden.x": np.ones((1, 1)), "hidden.h": np.full((1, 1), weight)}
    model = rv.Model(
        (rv.Layer("rnn", "forward", weights, activations={"hidden": "linear"}),), is_trained=False
    )
    trace = rv.trace(model, np.zeros((201, 1)))
    lag = np.subtract.outer(np.arange(201), np.arange(201))
    with np.errstate(invalid="ignore"):
        wanted = np.where(lag < 0, -np.inf, np.where(lag == 0, 0.0, lag * power))
    for options in ({}, {"unit": 0}):
        found = rv.connectivity(model, trace, **options)
        np.testing.assert_allclose(found.logarithms, wanted, atol=1e-9)
        np.testing.assert_allclose(found.by_lag, wanted[:, 0], atol=1e-9)
    assert found.memory_length == (0 if power < 0 else np.median(np.arange(100, 201)))


def test_the_memory_length_holds_nine_tenths_of_the_gradient() -> None:
    weights = {"hidden.x": np.ones((1, 1)), "hidden.h": np.full((1, 1), 0.5)}
    model = rv.Model((rv.Layer("rnn", "forward", weights, activations={"hidden": "linear"}),))
    found = rv.connectivity(model, rv.trace(model, np.zeros((60, 1))))
    # 1 − 2^−(k+1) ≥ 0.9 first at k = 3.
    assert found.memory_length == 3
    assert found.lengths[:5].tolist() == [0, 1, 2, 2, 2]
    assert "length 3" in repr(found)


def test_interventions_cut_the_way_back() -> None:
    model = rv.Model((layer("gru"),))
    trace = rv.trace(model, SEQUENCE, intervene=[rv.SetState("hidden", 0.2, 3)])
    found = rv.connectivity(model, trace)
    assert (found.logarithms[3:, :3] == -np.inf).all()
    assert np.isfinite(found.logarithms[2, :3]).all()


@pytest.mark.parametrize(
    ("least", "low", "labels"),
    [
        (-7.0, -2, ("≤10⁻²", "10⁻¹", "10⁰")),
        (-1.4, -1.4, ("10⁻¹", "10⁰")),
        (0.1, 0.1, ("1.26", "2.51")),
    ],
)
def test_colours_tell_at_most_three_powers_of_ten_apart(
    least: float, low: float, labels: tuple[str, ...]
) -> None:
    model = rv.Model((layer("gru"),))
    found = rv.connectivity(model, rv.trace(model, SEQUENCE))
    logarithms = np.full((STEPS, STEPS), -np.inf)
    logarithms[np.tril_indices(STEPS)] = 0.3
    logarithms[0, 0], logarithms[1, 0], logarithms[2, 0] = 0.4, least, -np.inf
    heatmap = replace(found, logarithms=logarithms).figure().data[0]
    assert (heatmap.zmin, heatmap.zmax) == (low, 0.4)
    assert heatmap.colorbar.ticktext == labels


def test_figure_and_table_hold_the_numbers() -> None:
    model = rv.Model((layer("lstm"),))
    trace = rv.trace(model, SEQUENCE)
    found = rv.connectivity(model, trace, unit=2)
    figure = found.figure(language="zh")
    below = np.tril_indices(STEPS)
    np.testing.assert_allclose(figure.data[0].z[below], found.logarithms[below], rtol=1e-6)
    assert "神经元 2" in figure.layout.annotations[0].text
    frame = found.to_frame().set_index(["time", "step"])
    assert frame["log10_norm"][4, 1] == found.logarithms[4, 1]
    assert frame["lag"][4, 1] == 3


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"unit": 5}, "no unit 5"),
        ({"unit": "a"}, "no unit a"),
        ({"output": 0}, "readout"),
        ({"output": 0, "unit": 0}, "one of the three"),
        ({"targets": [0]}, "Targets are"),
        ({"level": 1}, "no level 1"),
        ({"row": 2}, "no row 2"),
    ],
)
def test_what_is_not_there_is_refused(options: dict[str, Any], told: str) -> None:
    model = rv.Model((layer("gru"),))
    with pytest.raises(rv.RnnvizError, match=told):
        rv.connectivity(model, rv.trace(model, SEQUENCE), **options)


def test_an_unknown_output_and_too_long_a_way_are_refused() -> None:
    model = rv.random_model("gru", 1, 2, n_outputs=2)
    trace = rv.trace(model, [[0.1]])
    with pytest.raises(rv.InputError, match="was asked for"):
        rv.connectivity(model, trace, output="none")
    with pytest.raises(rv.InputError, match="no output 2"):
        rv.connectivity(model, trace, output=2)
    wide = rv.random_model("gru", 100, 100)
    with pytest.raises(rv.InputError, match="one unit or output"):
        rv.connectivity(wide, rv.trace(wide, np.zeros((1500, 100))))
    with pytest.raises(rv.InputError, match="trace"):
        rv.connectivity(model, None)  # type: ignore[arg-type]
