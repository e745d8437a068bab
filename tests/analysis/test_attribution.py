"""Who wrote a memory: the sum of Levy et al. (2018), computed here a number at a time."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.attribution import attribution
from tests.witnesses import assert_close

STATES = {cell: next(iter(kind.updates), "") for cell, kind in rv.CELLS.items()}
KEEPING = [cell for cell, state in STATES.items() if state in ("cell", "hidden") and cell != "rnn"]


def traced(cell: str = "lstm", direction: str = "forward", steps: int = 7) -> rv.Trace:
    generator = np.random.default_rng(3)
    model = rv.random_model(cell, 3, 5, 1, direction=direction, seed=4, gain=2, dtype=np.float64)
    (layer,) = model.layers
    start = {name: generator.normal(size=layer.width(name)) for name in layer.cell.states}
    if cell == "slstm":
        start = {name: abs(values) for name, values in start.items()}
    layer = rv.Layer(cell, direction, layer.weights, start)
    sequence = rv.Sequence(generator.normal(size=(steps, 2, 3)), lengths=(steps, steps - 2))
    return rv.trace(rv.Model((layer,), is_trained=False), sequence)


def by_formula(trace: rv.Trace, unit: int, row: int, time: int, step: int) -> float:
    """(Π_{k=step+1..time} f_k) i_step g_step of an LSTM."""
    f, i, g = (trace[name][:, row, unit] for name in ("forget", "input", "candidate"))
    part = i[step] * g[step]
    for k in range(step + 1, time + 1):
        part = part * f[k]
    return float(part)


def test_every_part_of_an_lstms_memory_is_levys_product() -> None:
    trace = traced()
    view = attribution(trace, unit=3, row=1)
    assert view.parts.shape == (5, 5)
    for time in range(5):
        for step in range(5):
            wanted = by_formula(trace, 3, 1, time, step) if step <= time else 0.0
            assert view.parts[time, step] == pytest.approx(wanted, rel=1e-12, abs=1e-15)
        left = np.prod(trace["forget"][: time + 1, 1, 3]) * trace.layers[0].initial["cell"][1, 3]
        assert view.initial[time] == pytest.approx(left, rel=1e-12)


@pytest.mark.parametrize("cell", KEEPING)
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_the_parts_add_up_to_the_traced_state(cell: str, direction: str) -> None:
    trace = traced(cell, direction)
    for row, length in enumerate(trace.sequence.lengths):
        view = attribution(trace, unit=2, row=row)
        assert view.signal.name in ("cell", "hidden")
        wanted = trace[view.signal.name][:length, row, 2]
        assert_close(view.traced, wanted)
        assert_close(view.parts.sum(axis=1) + view.initial, wanted)
        assert view.residual < 1e-12


def test_a_grus_memory_is_written_by_what_its_update_gate_does_not_keep() -> None:
    trace = traced("gru")
    view = attribution(trace, unit=0)
    z, n = (trace[name][:, 0, 0] for name in ("update", "candidate"))
    assert_close(np.diag(view.parts), (1 - z) * n)
    assert_close(view.parts[3, 1], z[3] * z[2] * (1 - z[1]) * n[1])


def test_a_backward_layer_remembers_what_comes_later_in_the_text() -> None:
    parts = attribution(traced(direction="backward"), unit=1).parts
    assert (np.tril(parts, -1) == 0).all()
    assert (np.triu(parts) != 0).any()


def test_forget_0_remembers_the_last_step_alone_and_forget_1_everything() -> None:
    model = rv.random_model("lstm", 3, 5, seed=1, dtype=np.float64)
    values = np.random.default_rng(0).normal(size=(6, 1, 3))
    nothing = attribution(rv.trace(model, values, intervene=[rv.Clamp("forget", 0)]), unit=4).parts
    assert (nothing == np.diag(np.diag(nothing))).all()
    every = attribution(rv.trace(model, values, intervene=[rv.Clamp("forget", 1)]), unit=4).parts
    for step in range(6):
        assert (every[step:, step] == every[step, step]).all()


def test_a_state_that_was_written_to_from_outside_leaves_a_residual() -> None:
    model = rv.random_model("lstm", 3, 5, seed=1, dtype=np.float64)
    values = np.random.default_rng(0).normal(size=(6, 1, 3))
    trace = rv.trace(model, values, intervene=[rv.AddToState("cell", 0.5, units=[4], step=2)])
    assert attribution(trace, unit=4).residual > 0.1
    assert attribution(trace, unit=3).residual < 1e-12


def test_a_simple_network_has_no_gate_that_keeps() -> None:
    with pytest.raises(rv.InputError, match="has none; take an LSTM or a GRU"):
        attribution(traced("rnn"), unit=0)


@pytest.mark.parametrize("place", [{"unit": 5}, {"unit": 0, "row": 2}, {"unit": 0, "layer": 1}])
def test_a_place_that_is_not_there_is_refused(place: dict[str, int]) -> None:
    with pytest.raises(rv.InputError, match="The trace has no"):
        attribution(traced(), **place)
