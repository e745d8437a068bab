"""Fixed points against a known network, roots found by bisection, and autograd's eigenvalues."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.analysis.components import components
from rnnviz.analysis.fixed_points import FixedPoints
from rnnviz.train import preset
from tests.witnesses import UNIT, diagonal_layer, normal, torch_module


@pytest.fixture(scope="module")
def cube() -> FixedPoints:
    return rv.fixed_points(preset("flip_flop_gru").model(), seed=0)


def one_unit(weight: float, bias: float = 0.0) -> rv.Model:
    """h ↦ tanh(w h + x + b)."""
    weights = {"hidden.x": [[1.0]], "hidden.h": [[weight]], "hidden.b": [bias]}
    arrays = {name: np.array(value) for name, value in weights.items()}
    return rv.Model((rv.Layer("rnn", "forward", arrays),))


def roots(weight: float, drive: float) -> list[float]:
    """Roots of tanh(w h + drive) − h, by bisection between the signs on a grid."""

    def rest(h: float) -> float:
        return float(np.tanh(weight * h + drive) - h)

    grid, found = np.linspace(-1.0, 1.0, 2000), []
    for low, high in zip(grid[:-1].tolist(), grid[1:].tolist(), strict=True):
        if rest(low) * rest(high) > 0:
            continue
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (low, middle) if rest(low) * rest(middle) <= 0 else (middle, high)
        found.append(low)
    return found


def test_three_bits_are_a_cube_of_27_points(cube: FixedPoints) -> None:
    """Sussillo & Barak (2013), fig. 3: corners stable, edges, faces and the centre saddles."""
    assert dict(cube.counts) == {0: 8, 1: 12, 2: 6, 3: 1}
    assert [one.kind for one in cube][:9] == ["stable"] * 8 + ["saddle"]
    assert (cube.speed < 1e-9).all()


def test_every_point_is_one_of_torchs_cell_with_autograds_eigenvalues(cube: FixedPoints) -> None:
    layer = preset("flip_flop_gru").model().layers[0]
    w = {name: torch.tensor(array.astype(float)) for name, array in layer.weights.items()}

    def step(h: Any) -> Any:
        z, r = (
            torch.sigmoid(w[f"{g}.b"] + w[f"{g}.h"] @ h + w[f"{g}.bh"]) for g in ("update", "reset")
        )
        n = torch.tanh(w["candidate.b"] + r * (w["candidate.h"] @ h + w["candidate.bh"]))
        return z * h + (1 - z) * n

    for one in cube:
        h = torch.tensor(one.states)
        np.testing.assert_allclose(step(h), one.states, rtol=0, atol=1e-9)
        wanted = np.linalg.eigvals(torch.autograd.functional.jacobian(step, h).numpy())
        sizes = -np.sort(-np.abs(wanted))
        np.testing.assert_allclose(np.abs(one.eigenvalues), sizes, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    ("weight", "bias", "x"), [(2.5, 0.2, 0.0), (0.7, 0.1, 0.3), (-3.0, 0.2, 0.0)]
)
def test_one_unit_has_the_roots_of_its_equation(weight: float, bias: float, x: float) -> None:
    found = rv.fixed_points(one_unit(weight, bias), input=[x])
    wanted = roots(weight, bias + x)
    np.testing.assert_allclose(np.sort(found.states[:, 0]), wanted, rtol=0, atol=1e-9)
    slopes = weight * (1 - found.states[:, 0] ** 2)
    np.testing.assert_allclose(found.eigenvalues[:, 0].real, slopes, atol=1e-9)
    times = [one.time_constants[0] for one in found]
    np.testing.assert_allclose(times, -1 / np.log(np.abs(slopes)), rtol=1e-7)


def test_a_negative_weight_turns_with_a_period_of_two_steps() -> None:
    (one,) = rv.fixed_points(one_unit(-3.0))
    assert one.is_rotation
    assert one.kind == "unstable"
    assert one.periods[0] == pytest.approx(2)
    assert "unstable" in repr(one)


def test_what_moves_slowly_is_given_when_it_is_asked_for() -> None:
    # Just before the two roots of tanh(1.5 h + b) = h meet there is none, but a slow passage.
    ghost = one_unit(1.5, 0.27)
    assert len(rv.fixed_points(ghost)) == 1
    slow = [one for one in rv.fixed_points(ghost, slow=0.2) if not one.is_fixed]
    assert len(slow) == 1
    h = np.linspace(-0.9, 0, 20_001)
    rest = np.abs(np.tanh(1.5 * h + 0.27) - h)
    assert slow[0].speed == pytest.approx(rest.min(), abs=1e-6)


def test_a_line_of_fixed_points_is_said_to_be_more_than_points() -> None:
    weights = {"hidden.x": np.ones((2, 1)), "hidden.h": np.eye(2)}
    layer = rv.Layer("rnn", "forward", weights, activations={"hidden": "linear"})
    found = rv.fixed_points(rv.Model((layer,)))
    assert found.is_cut
    assert found[0].n_marginal == 2
    assert (found[0].time_constants == np.inf).all()
    assert "more than" in repr(found)


def test_an_lstm_has_both_states_by_name_and_equal_seeds_find_equal_points() -> None:
    model = rv.from_torch(torch_module("LSTM"))
    one, other = (rv.fixed_points(model, seed=3, n_starts=64) for _ in range(2))
    np.testing.assert_array_equal(one.states, other.states)
    assert one.states.shape[1] == 2 * UNIT
    for point in one:
        assert list(point.named) == ["hidden", "cell"]
        start = {name: array[None] for name, array in point.named.items()}
        layer = replace(model.layers[0], initial=start)
        after = rv.trace(rv.Model((layer,)), np.zeros((1, 1, 3)))
        np.testing.assert_allclose(after["cell"][0, 0], point.named["cell"], atol=1e-8)


def test_a_higher_layer_and_a_token_are_read() -> None:
    model = rv.from_torch(torch_module("GRU", num_layers=2))
    assert rv.fixed_points(model, layer=1, n_starts=32).input.any()
    text = replace(rv.random_model("gru", 2, 3), vocabulary=("a", "b"))
    assert rv.fixed_points(text, input="b", n_starts=32).input.tolist() == [0, 1]
    with pytest.raises(rv.InputError, match="no token"):
        rv.fixed_points(text, input="c")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"seed": -1}, "seed"),
        ({"layer": 1}, "no layer 1"),
        ({"input": [1.0, 2.0]}, "reads 1 finite"),
        ({"input": [float("nan")]}, "reads 1 finite"),
        ({"input": [None]}, "reads 1 finite"),
        ({"n_starts": 0}, "starts"),
        ({"n_starts": 10**9}, "starts"),
        ({"slow": -1}, "speed"),
        ({"slow": "much"}, "speed"),
        ({"sequence": []}, "at least one"),
    ],
)
def test_what_cannot_be_searched_is_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(rv.RnnvizError, match=told):
        rv.fixed_points(one_unit(1.0), **options)


def test_a_module_is_refused_and_too_many_starts_of_a_wide_layer() -> None:
    with pytest.raises(rv.ModelError, match="from_torch"):
        rv.fixed_points(torch.nn.GRU(1, 2))  # type: ignore[arg-type]
    with pytest.raises(rv.InputError, match="n_starts="):
        rv.fixed_points(rv.random_model("lstm", 1, 200), n_starts=5000)


def test_the_figure_has_planes_points_and_a_unit_circle(cube: FixedPoints) -> None:
    figure = cube.figure(language="zh", dark=True)
    names = [trace.name for trace in figure.data if trace.showlegend]
    assert names[1:3] == ["稳定 · 8", "1 个不稳定方向 · 12"]
    assert figure.layout.shapes[0].type == "circle"
    axes = components(cube.states, 3)
    wanted = axes.coordinates(cube.states[:8])
    np.testing.assert_allclose(np.stack([figure.data[1].x, figure.data[1].y]), wanted[:, :2].T)
    frame = cube.to_frame()
    assert list(frame["unstable"]) == [one.n_unstable for one in cube]
    assert frame["hidden[23]"][0] == cube[0].states[23]


def test_a_figure_without_any_point_or_plane_is_drawn_too() -> None:
    nowhere = rv.fixed_points(preset("brackets_lstm").model(), n_starts=16)
    assert not len(nowhere)
    assert nowhere.far >= 0
    assert nowhere.figure().data
    assert rv.fixed_points(rv.Model((diagonal_layer(),)), n_starts=16).figure().data
    assert rv.fixed_points(one_unit(0.5), n_starts=4).figure().data


def test_components_are_those_of_the_covariance() -> None:
    states = normal(40, 5) @ normal(5, 5, seed=2)
    found = components(states, 2)
    values = np.sort(np.linalg.eigvalsh(np.cov(states.T)))[::-1]
    np.testing.assert_allclose(found.explained, values[:2] / values.sum())
    np.testing.assert_allclose(found.coordinates(states).var(axis=0, ddof=1), values[:2])
