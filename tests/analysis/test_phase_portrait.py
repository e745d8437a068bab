"""Phase portraits against the formulas of one and two units, written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from tests.cells.test_contracts import layer
from tests.witnesses import UNIT

W = np.array([[1.8, -0.7], [0.6, 1.5]])


def two_units() -> rv.Model:
    weights = {"hidden.x": np.array([[1.0], [0.5]]), "hidden.h": W}
    return rv.Model((rv.Layer("rnn", "forward", weights),))


def test_two_units_move_as_their_formula_says() -> None:
    found = rv.phase_portrait(two_units(), input=[0.2], limits=[-1, 1])
    first, second = np.meshgrid(*found.axes)
    states = np.stack([first, second], axis=2)
    wanted = np.tanh(states @ W.T + [0.2, 0.1]) - states
    np.testing.assert_allclose(found.motion, wanted, atol=1e-12)
    assert found.names == ("hidden[0]", "hidden[1]")
    assert found.points is not None
    for one in found.points:
        np.testing.assert_allclose(np.tanh(W @ one.states + [0.2, 0.1]), one.states, atol=1e-9)


def test_a_nullcline_is_where_its_own_number_stays() -> None:
    """h₁ stays where artanh h₁ = w₁₁ h₁ + w₁₂ h₂, which gives h₂ for every h₁."""
    found = rv.phase_portrait(two_units(), limits=[-0.99, 0.99])
    places = found.nullcline(0)
    assert len(places) > 100
    exact = (np.arctanh(places[:, 0]) - W[0, 0] * places[:, 0]) / W[0, 1]
    inner = np.abs(places[:, 0]) < 0.9
    np.testing.assert_allclose(places[inner, 1], exact[inner], atol=2e-3)
    with pytest.raises(rv.InputError, match="no unit 2"):
        found.nullcline(2)


def test_one_unit_crosses_the_diagonal_at_its_fixed_points() -> None:
    weights = {"hidden.x": np.ones((1, 1)), "hidden.h": np.full((1, 1), 2.5)}
    found = rv.phase_portrait(rv.Model((rv.Layer("rnn", "forward", weights),)))
    at = found.axes[0]
    np.testing.assert_allclose(found.motion[:, 0], np.tanh(2.5 * at) - at, atol=1e-12)
    assert found.points is not None
    wanted = np.sort(found.points.states[:, 0])
    np.testing.assert_allclose(found.nullcline(0)[:, 0], wanted, atol=1e-4)
    assert len(wanted) == 3
    figure = found.figure(language="zh")
    assert "一步之后" in figure.layout.yaxis.title.text
    assert len(found.to_frame()) == len(at)


def test_other_numbers_are_held_and_then_no_point_is_claimed() -> None:
    model = rv.Model((layer("lstm"),))
    at = np.linspace(-0.5, 0.5, 2 * UNIT)
    found = rv.phase_portrait(model, [1, UNIT + 2], at=at, limits=[-1, 1])
    assert found.names == ("hidden[1]", "cell[2]")
    assert found.points is None
    place = at.copy()
    place[[1, UNIT + 2]] = found.axes[0][7], found.axes[1][90]
    start = {"hidden": place[None, :UNIT], "cell": place[None, UNIT:]}
    one = rv.Layer("lstm", "forward", model.layers[0].weights, start)
    after = rv.trace(rv.Model((one,)), np.zeros((1, 1, 3)))
    wanted = [after["hidden"][0, 0, 1] - place[1], after["cell"][0, 0, 2] - place[UNIT + 2]]
    np.testing.assert_allclose(found.motion[90, 7], wanted, atol=1e-12)
    figure = found.figure()
    assert "slice" in figure.layout.annotations[0].text
    assert [one.type for one in figure.data].count("contour") == 2
    arrows = figure.data[0]
    tails, heads = (np.stack([arrows.x[i::3], arrows.y[i::3]], axis=1) for i in (0, 1))
    column, row = (np.searchsorted(a, t) for a, t in zip(found.axes, tails.T, strict=True))
    assert (np.sign(heads - tails) == np.sign(found.motion[row, column])).all()
    assert (np.array(arrows.marker.size).reshape(-1, 3) > 0).tolist()[0] == [False, True, False]
    assert set(found.to_frame()) == {"hidden[1]", "cell[2]", "Δhidden[1]", "Δcell[2]"}
    assert "hidden[1] and cell[2]" in repr(found)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "name them"),
        ({"units": [0, 1, 2]}, "one or two"),
        ({"units": [1, 1]}, "different"),
        ({"units": []}, "one or two"),
        ({"units": 5}, "no unit 5"),
        ({"units": "ab"}, "no unit ab"),
        ({"units": 0, "at": [1.0]}, "5 finite"),
        ({"units": 0, "limits": [1, 0]}, "lower first"),
        ({"units": 0, "limits": "wide"}, "lower first"),
        ({"units": 0, "layer": 2}, "no layer 2"),
        ({"units": 0, "seed": "x"}, "seed"),
        ({"units": 0, "input": [1.0]}, "reads 3"),
    ],
)
def test_what_cannot_be_shown_is_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(rv.RnnvizError, match=told):
        rv.phase_portrait(rv.Model((layer("gru"),)), **options)


def test_a_module_is_refused() -> None:
    with pytest.raises(rv.ModelError, match="from_torch"):
        rv.phase_portrait(torch.nn.GRU(1, 2))  # type: ignore[arg-type]
