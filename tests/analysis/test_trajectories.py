"""Trajectories against the covariance's own directions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.train import preset
from tests.cells.test_contracts import SEQUENCE, layer
from tests.witnesses import BATCH, LENGTHS, STEPS, UNIT


def test_coordinates_are_along_the_covariances_directions() -> None:
    trace = rv.trace(rv.Model((layer("lstm"),)), SEQUENCE)
    found = rv.trajectories(trace, n=4)
    states = np.concatenate([trace["hidden"], trace["cell"]], axis=2)
    real = states[SEQUENCE.is_real]
    values, directions = np.linalg.eigh(np.cov(real.T))
    wanted = (states - real.mean(axis=0)) @ directions[:, ::-1][:, :4]
    np.testing.assert_allclose(np.abs(found.coordinates), np.abs(wanted), atol=1e-10)
    np.testing.assert_allclose(found.explained, values[::-1][:4] / values.sum(), atol=1e-12)
    assert np.isnan(found.coordinates[LENGTHS[1] :, 1]).all()
    one = rv.trajectories(trace, state="cell", n=99)
    assert one.coordinates.shape == (STEPS, BATCH, UNIT)
    assert "2 rows" in repr(found)


def test_fixed_points_stand_where_their_states_do() -> None:
    model = preset("flip_flop_gru").model()
    points = rv.fixed_points(model)
    trace = rv.trace(model, rv.Sequence(np.sign(np.eye(3))[:, None].repeat(2, axis=1)))
    found = rv.trajectories(trace, points=points)
    wanted = (points.states - found.components.mean) @ found.components.directions.T
    np.testing.assert_allclose(found.points, wanted)
    figure = found.figure(language="zh")
    assert "稳定" in [one.name for one in figure.data]
    with pytest.raises(rv.InputError, match="same layer"):
        rv.trajectories(rv.trace(rv.Model((layer("gru"),)), SEQUENCE), points=points)


def test_table_and_figure_of_one_unit_and_one_step() -> None:
    model = rv.random_model("rnn", 1, 1)
    found = rv.trajectories(rv.trace(model, [[0.5]]))
    assert found.figure().data
    frame = rv.trajectories(rv.trace(model, [[0.5], [0.2]])).to_frame()
    assert list(frame.columns) == ["row", "time", "token", "pc1"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"layer": 3}, "no layer 3"),
        ({"state": "memory"}, "was asked for"),
        ({"n": 0}, "from 1 up"),
        ({"n": 1.5}, "from 1 up"),
    ],
)
def test_what_is_not_there_is_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(rv.InputError, match=told):
        rv.trajectories(rv.trace(rv.Model((layer("gru"),)), SEQUENCE), **options)


def test_what_is_no_trace_is_refused() -> None:
    with pytest.raises(rv.InputError, match="trace"):
        rv.trajectories([[0.5]])  # type: ignore[arg-type]
