"""A part of a trace against a run of its own, from the states that the steps before left."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.trace_part import trace_part
from rnnviz.engine.run import trace_model
from tests.witnesses import assert_close, normal

LENGTHS = (7, 5)


@pytest.fixture(scope="module")
def model() -> rv.Model:
    """Two levels of both directions, that start from states of their own for every row."""
    parts = [rv.random_model("lstm", n_inputs=3, n_units=4, seed=i).layers[0] for i in range(4)]
    wide = [rv.random_model("lstm", n_inputs=8, n_units=4, seed=i).layers[0] for i in range(4)]
    layers = [
        replace(
            (parts, wide)[level][level * 2 + i],
            level=level,
            direction=direction,
            initial={"hidden": normal(2, 4, seed=9), "cell": normal(2, 4, seed=8)},
        )
        for level in (0, 1)
        for i, direction in enumerate(("forward", "backward"))
    ]
    return rv.Model(tuple(layers))


@pytest.fixture(scope="module")
def trace(model: rv.Model) -> rv.Trace:
    return rv.trace(model, rv.Sequence(normal(7, 2, 3, seed=7), lengths=LENGTHS))


@pytest.mark.parametrize("row", [0, 1])
def test_a_row_is_its_own_run(trace: rv.Trace, row: int) -> None:
    part = trace_part(trace, row)
    assert part.sequence.lengths == (LENGTHS[row],)
    assert part.model is not None
    again = trace_model(part.model, part.sequence)
    for one, other in zip(part.layers, again.layers, strict=True):
        for name in one.signals:
            assert_close(one.signals[name], other.signals[name])
            assert_close(one.signals[name], trace_layer(trace, one)[name][: LENGTHS[row], [row]])
        for name in one.final:
            assert_close(one.final[name], other.final[name])


def trace_layer(trace: rv.Trace, like: rv.LayerTrace) -> dict[str, np.ndarray]:
    found = (y for y in trace.layers if (y.level, y.direction) == (like.level, like.direction))
    return dict(next(found).signals)


def test_steps_go_on_from_the_states_before_them() -> None:
    model = rv.random_model("gru", n_inputs=3, n_units=5, seed=1)
    values = normal(9, 3, seed=2)
    part = trace_part(rv.trace(model, values), start=4, stop=7)
    assert part.model is not None
    assert_close(trace_model(part.model, part.sequence)["hidden"], part["hidden"])
    assert (part.start, part.whole, part.sequence.tokens) == (4, 9, (("5", "6", "7"),))
    again = trace_part(part, start=1)
    assert (again.start, again.whole) == (5, 9)


def test_interventions_count_from_the_first_step_of_the_part() -> None:
    model = rv.random_model("lstm", n_inputs=3, n_units=5, seed=1)
    edits = [
        rv.Clamp("forget", 0.5, start=1, stop=6, row=1),
        rv.Clamp("input", 0.5, start=6, row=1),
        rv.Clamp("output", 0.5, row=0),
        rv.Silence(2, start=0, stop=3),
        rv.SetState("cell", 0.7, step=5, row=1),
        rv.Reset(2),
        rv.ChangeWeight("forget.b", 1, 0.3),
    ]
    whole = rv.trace(model, normal(9, 2, 3, seed=2), intervene=edits)
    part = trace_part(whole, row=1, start=3, stop=7)
    assert part.interventions == (
        rv.Clamp("forget", 0.5, stop=3),
        rv.Clamp("input", 0.5, start=3),
        rv.SetState("cell", 0.7, step=2),
        rv.ChangeWeight("forget.b", 1, 0.3),
    )
    assert part.model is not None
    again = trace_model(part.model, part.sequence, intervene=part.interventions)
    assert_close(again["cell"], part["cell"], 1e-6)
    assert_close(again["forget"], part["forget"], 1e-6)


@pytest.mark.parametrize("steps", [(0, 0), (-1, 3), (2, 6), (4, 2)])
def test_steps_outside_the_row_are_refused(trace: rv.Trace, steps: tuple[int, int]) -> None:
    with pytest.raises(rv.InputError, match="A window is of steps from 0 up to 5"):
        trace_part(trace, 1, *steps)
