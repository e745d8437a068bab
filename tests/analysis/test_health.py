"""`rnnviz.health` against formulas written out, on random states and rows of unequal length."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.analysis.health import DEAD
from rnnviz.core.arrays import Array
from tests.network.test_random_model import KEEPS, TURNED
from tests.witnesses import sigmoid

LENGTHS = (12, 7)
VALUES = np.random.default_rng(5).normal(size=(12, 2, 3))
SEQUENCE = rv.Sequence(VALUES, lengths=LENGTHS)
IS_REAL = np.arange(12)[:, None] < np.asarray(LENGTHS)
every_cell = pytest.mark.parametrize("cell", rv.CELLS)


def model_of(cell: str, **options: Any) -> rv.Model:
    return rv.random_model(cell, 3, 5, dtype=np.float64, **options)


def numbers_of(trace: rv.Trace, place: str = "0.forward", **options: Any) -> dict[str, float]:
    found = rv.health(trace, **options)
    return {n.removeprefix(f"{place}."): v for n, v in found.items() if n.startswith(place)}


def real(trace: rv.Trace, name: str, layer: int = 0) -> Array:
    return trace.layers[layer].signals[name][IS_REAL]


def changed(trace: rv.Trace, **signals: Array) -> rv.Trace:
    """A trace in which signals of the first layer are others."""
    layer = trace.layers[0]
    other = replace(layer, signals={**layer.signals, **signals})
    return replace(trace, layers=(other, *trace.layers[1:]))


@every_cell
def test_shares_of_every_gate_are_counts_of_its_real_numbers(cell: str) -> None:
    trace = rv.trace(model_of(cell), rv.Sequence(5 * VALUES, lengths=LENGTHS))
    found = numbers_of(trace)
    gates = [s.name for s in trace.layers[0].cell.signals if s.kind == "gate"]
    assert {n.split(".")[0] for n in found if n.endswith(".closed")} == set(gates)
    for gate in gates:
        values = real(trace, gate)
        assert found[f"{gate}.closed"] == pytest.approx(np.sum(values < 0.1) / values.size)
        assert found[f"{gate}.open"] == pytest.approx(np.sum(values > 0.9) / values.size)


@pytest.mark.parametrize("cell", [cell for cell in KEEPS if cell not in ("slstm", "min_lstm")])
def test_time_scales_are_those_of_the_gate_that_keeps(cell: str) -> None:
    trace = rv.trace(model_of(cell), SEQUENCE)
    gate = real(trace, KEEPS[cell])
    kept = 1 - gate if cell in TURNED else gate
    scales = np.sort([-1 / np.log(kept[:, unit]).mean() for unit in range(5)])
    found = numbers_of(trace)
    # Of five units the first, the third and the fifth are those of 10, 50 and 90 %.
    for name, index in (("q10", 0), ("q50", 2), ("q90", 4)):
        assert found[f"timescale.{name}"] == pytest.approx(scales[index], rel=1e-12)


def test_time_scales_of_min_lstm_are_those_of_its_share() -> None:
    trace = rv.trace(model_of("min_lstm"), SEQUENCE)
    share = real(trace, "forget") / (real(trace, "forget") + real(trace, "input"))
    scale = np.median(-1 / np.log(share).mean(axis=0))
    assert numbers_of(trace)["timescale.q50"] == pytest.approx(scale, rel=1e-12)


def test_time_scales_of_slstm_are_those_of_the_mean_that_it_reads_without_a_stabiliser() -> None:
    model = model_of("slstm")
    weights, values = model.layers[0].weights, VALUES[:, :1]
    trace = rv.trace(model, values)
    hidden, n, logs = np.zeros((1, 5)), np.zeros((1, 5)), []
    for t, x in enumerate(values):
        f, i = (
            x @ weights[f"{g}.x"].T
            + hidden @ weights[f"{g}.h"].T
            + weights[f"{g}.b"]
            + weights[f"{g}.bh"]
            for g in ("forget", "input")
        )
        before, n = n, sigmoid(f) * n + np.exp(i)
        if t:
            logs.append(np.log(sigmoid(f) * before / n)[0])
        hidden = trace["hidden"][t]
    scale = np.median(-1 / np.mean(logs, axis=0))
    assert numbers_of(trace)["timescale.q50"] == pytest.approx(scale, rel=1e-10)


def test_a_gate_held_at_a_half_forgets_in_one_and_a_half_steps() -> None:
    held = rv.trace(model_of("lstm"), SEQUENCE, intervene=[rv.Clamp("forget", 0.5)])
    assert numbers_of(held)["timescale.q10"] == pytest.approx(1 / np.log(2), rel=1e-12)
    kept = rv.trace(model_of("gru"), SEQUENCE, intervene=[rv.Clamp("update", 1)])
    assert numbers_of(kept)["timescale.q10"] == np.inf
    assert numbers_of(kept)["hidden.forgotten"] == 0


def test_balance_is_the_mean_share_of_what_was_kept() -> None:
    trace = rv.trace(model_of("lstm"), SEQUENCE)
    kept = np.abs(real(trace, "forget") * trace.layers[0].before["cell"][IS_REAL])
    new = np.abs(real(trace, "input") * real(trace, "candidate"))
    assert numbers_of(trace)["cell.kept"] == pytest.approx((kept / (kept + new)).mean(), rel=1e-12)


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_growth_is_the_geometric_mean_of_the_second_halves(direction: str) -> None:
    trace = rv.trace(model_of("lstm", direction=direction), SEQUENCE)
    ratios = []
    for row, length in enumerate(LENGTHS):
        cell = trace["cell"][:length, row]
        sizes = np.sqrt((cell**2).sum(axis=1))
        read = sizes if direction == "forward" else sizes[::-1]
        ratios.append(read[-1] / read[length // 2])
    found = numbers_of(trace, f"0.{direction}")
    assert found["cell.growth"] == pytest.approx(np.sqrt(ratios[0] * ratios[1]), rel=1e-12)
    assert found["cell.largest"] == np.abs(real(trace, "cell")).max()


def test_a_unit_that_stays_at_zero_is_dead_and_one_beyond_nine_tenths_is_saturated() -> None:
    trace = rv.trace(model_of("rnn"), SEQUENCE)
    hidden = np.array(trace["hidden"])
    hidden[:, :, 1] = DEAD / 2
    hidden[:, :, 2] = -0.95
    hidden[0, 0, 3] = -0.5
    found = numbers_of(changed(trace, hidden=hidden))
    assert (found["hidden.dead"], found["hidden.saturated"]) == (0.2, 0.2)


def test_relu_is_never_called_saturated() -> None:
    trace = rv.trace(rv.from_torch(torch.nn.RNN(3, 5, nonlinearity="relu").double()), SEQUENCE)
    high = np.where(IS_REAL[:, :, None], 0.95, trace["hidden"])
    assert "hidden.saturated" not in numbers_of(changed(trace, hidden=high))


def test_the_first_nan_is_the_signal_that_is_computed_first_at_the_step_read_first() -> None:
    trace = rv.trace(model_of("lstm"), SEQUENCE)
    broken = {name: np.array(trace[name]) for name in ("output", "cell", "hidden")}
    broken["hidden"][3:5, 1, 2] = np.nan
    broken["cell"][4, 0, 4] = np.inf
    broken["output"][3, 1, 2] = np.nan
    found = {n: v for n, v in numbers_of(changed(trace, **broken)).items() if "nan" in n}
    assert found == {
        "first_nan.output.step": 3,
        "first_nan.output.row": 1,
        "first_nan.output.unit": 2,
    }


def test_padding_is_no_nan_and_counts_nowhere() -> None:
    padded, alone = rv.trace(model_of("gru"), SEQUENCE), rv.trace(model_of("gru"), VALUES[:7, 1:])
    assert not any("nan" in name for name in numbers_of(padded))
    row = rv.trace(model_of("gru"), rv.Sequence(VALUES[:, 1:], lengths=(7,)))
    assert numbers_of(row) == numbers_of(alone)


def test_reach_of_the_gradient_is_that_of_torch() -> None:
    torch.manual_seed(3)
    cell = torch.nn.LSTMCell(3, 5).double()
    x = torch.tensor(VALUES[:, :1])
    states, state = [], None
    for step in x:
        state = cell(step, state)
        state[0].retain_grad()
        states.append(state[0])
    (states[-1] ** 2).sum().backward()
    norms = np.array([float(h.grad.norm()) for h in states])
    model = rv.from_torch(cell)
    targets = np.full((12, 1, 5), np.nan)
    targets[-1] = 0
    found = numbers_of(
        rv.trace(model, VALUES[:, :1]), gradients=rv.gradients(model, VALUES[:, :1], targets)
    )
    assert found["gradient.growth"] == pytest.approx(norms[0] / norms[-1], rel=1e-9)
    assert found["gradient.reach"] == 11 - np.flatnonzero(norms >= norms[-1] / np.e)[0]


def test_every_layer_and_direction_has_its_numbers() -> None:
    model = model_of("gru", n_layers=2, direction="both")
    places = {".".join(name.split(".")[:2]) for name in rv.health(rv.trace(model, SEQUENCE))}
    assert places == {"0.forward", "0.backward", "1.forward", "1.backward"}


@every_cell
def test_all_are_numbers_of_a_single_step_too(cell: str) -> None:
    found = rv.health(rv.trace(model_of(cell), VALUES[:1]))
    assert all(type(value) is float for value in found.values())
    assert not np.isnan(list(found.values())).any()


def test_what_is_no_trace_and_gradients_of_another_are_refused() -> None:
    with pytest.raises(rv.InputError, match="A Trace is wanted"):
        rv.health(model_of("gru"))  # type: ignore[arg-type]
    model = model_of("gru")
    other = rv.gradients(model, VALUES[:3], np.zeros((3, 2, 5)))
    with pytest.raises(rv.InputError, match="from the same model and sequence"):
        rv.health(rv.trace(model, VALUES), gradients=other)


@pytest.mark.parametrize("gradients", [3, "hidden", [], {}, rv.trace(model_of("gru"), SEQUENCE)])
def test_what_are_no_gradients_is_refused(gradients: Any) -> None:
    with pytest.raises(rv.InputError, match=r"should come from rv\.gradients"):
        rv.health(rv.trace(model_of("gru"), SEQUENCE), gradients=gradients)
