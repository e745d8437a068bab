"""Jacobians of every step, with PyTorch's autograd as the witness."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.analysis.layer_jacobians import LayerJacobians
from rnnviz.core.backend import get_backend
from rnnviz.engine.layer_runner import LayerRunner
from tests.cells.test_contracts import SEQUENCE, layer
from tests.witnesses import BATCH, INPUT, LENGTHS, STEPS, UNIT, Array, diagonal_layer, normal

SHORT = rv.Sequence(normal(3, BATCH, INPUT, seed=3), lengths=(3, 2))
every_cell = pytest.mark.parametrize("cell", list(rv.CELLS))
HELD = {
    "rnn": [rv.SetState("hidden", 0.3, 1, units=[0, 3]), rv.Silence([2], start=1)],
    "lstm": [
        rv.Clamp("forget", 0.5, units=[1, 2], row=1),
        rv.AddToState("cell", 0.5, 2),
        rv.Reset(1, row=0),
    ],
    "slstm": [rv.Clamp("input", 0.25, units=[4]), rv.SetState("cell", -1.0, 2)],
    "min_lstm": [rv.Clamp("forget", 0.25, units=[0], start=1)],
}


def by_autograd(model: rv.Model, values: Array, held: list[Any]) -> tuple[list[Array], list[Array]]:
    """∂(states)/∂(states before) and ∂(states)/∂x of each step of one row, all states joined.

    Each step is one of its own: what is differentiated by are the initial states of a model that
    reads one token; interventions count from there.
    """
    names = model.layers[0].cell.states
    before = dict(model.layers[0].initial.items())
    states, inputs = [], []
    for t, x in enumerate(values):
        here = [moved(one, t) for one in held if moved(one, t) is not None]
        by_state, by_input, before = one_step(model, before, x, here, names)
        states.append(by_state)
        inputs.append(by_input)
    return states, inputs


def moved(one: Any, t: int) -> Any:
    """The intervention for a run of the step t alone, None where it does not act there."""
    if hasattr(one, "step"):
        return replace(one, step=0, row=None) if one.step == t else None
    acts = (one.start or 0) <= t < (one.stop or STEPS)
    return replace(one, start=None, stop=None, row=None) if acts else None


def one_step(
    model: rv.Model, before: dict[str, Array], x: Array, held: list[Any], names: tuple[str, ...]
) -> tuple[Array, Array, dict[str, Array]]:
    one, sequence = model.layers[0], rv.Sequence(x[None, None])
    reset = model.layers[0].initial

    def joined(x: Any, *leaves: Any) -> Any:
        runner = LayerRunner(one, get_backend("torch"), np.dtype(float), sequence, None, 0, held)
        runner.__dict__["initial"] = {n: torch.tensor(np.atleast_2d(reset[n])) for n in names}
        state = {n: leaf[None] for n, leaf in zip(names, leaves, strict=True)}
        signals, _ = runner.step(0, runner.linear.inputs(x[None]), runner.state_before(0, state))
        return torch.cat([signals[n][0] for n in names])

    leaves = [torch.tensor(before[n]) for n in names]
    by_x, *by_state = torch.autograd.functional.jacobian(joined, (torch.tensor(x), *leaves))
    after = joined(torch.tensor(x), *leaves).numpy()
    ends = np.cumsum([one.width(n) for n in names])[:-1]
    split = dict(zip(names, np.split(after, ends), strict=True))
    return torch.cat(by_state, dim=1).numpy(), by_x.numpy(), split


def check(found: LayerJacobians, model: rv.Model, sequence: rv.Sequence, held: list[Any]) -> None:
    for row, length in enumerate(sequence.lengths):
        start = {n: a[row] for n, a in model.layers[0].initial.items()}
        alone = replace(model, layers=(replace(model.layers[0], initial=start),))
        here = [one for one in held if getattr(one, "row", None) in (None, row)]
        values = np.asarray(sequence.values[:length, row], float)
        if found.direction == "backward":
            values = values[::-1]
        states, inputs = by_autograd(alone, values, here)
        turn = -1 if found.direction == "backward" else 1
        for got, wanted in ((found.states, states), (found.inputs, inputs)):
            np.testing.assert_allclose(got[:length, row][::turn], wanted, rtol=0, atol=1e-10)
            assert np.isnan(got[length:, row]).all()


@every_cell
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_jacobians_of_every_cell_are_autograds(cell: str, direction: Any) -> None:
    model = rv.Model((replace(layer(cell), direction=direction),))
    found = rv.jacobians(model, rv.trace(model, SHORT)).layers[0]
    check(found, model, SHORT, [])


@pytest.mark.parametrize("cell", HELD)
def test_interventions_count(cell: str) -> None:
    model, held = rv.Model((layer(cell),)), HELD[cell]
    found = rv.jacobians(model, rv.trace(model, SHORT, intervene=held)).layers[0]
    check(found, model, SHORT, held)


def test_a_clamped_gate_has_the_derivative_0() -> None:
    model = rv.Model((layer("lstm"),))
    gates = [rv.Clamp(gate, 0.5) for gate in ("forget", "input", "output")]
    trace = rv.trace(model, SEQUENCE, intervene=[*gates, rv.Clamp("candidate", 0.1)])
    found = rv.jacobians(model, trace).layers[0]
    assert (found.of("cell", "hidden")[: LENGTHS[1]] == 0).all()
    assert (found.of("hidden", "x")[: LENGTHS[1]] == 0).all()
    wanted = np.broadcast_to(0.5 * np.eye(UNIT), (STEPS, UNIT, UNIT))
    np.testing.assert_array_equal(found.of("cell", "cell")[:, 0], wanted)


def test_levels_and_directions_are_those_of_a_whole_run_in_torch() -> None:
    module = torch.nn.GRU(INPUT, UNIT, num_layers=2, bidirectional=True).double()
    model = rv.from_torch(module)
    trace = rv.trace(model, SEQUENCE)
    found = rv.jacobians(model, trace)
    assert len(found) == 4
    assert found.layers[2].inputs.shape == (STEPS, BATCH, UNIT, 2 * UNIT)
    # The last row's first step of the second level, backward: read last of all.
    below = torch.tensor(np.concatenate([one["hidden"][0, 1] for one in signals(trace)[:2]]))
    before = torch.tensor(trace.layers[3].signals["hidden"][1, 1])
    w, u, b, c = (
        getattr(module, f"{name}_l1_reverse").detach()
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    cell = torch.nn.GRUCell(2 * UNIT, UNIT).double()
    cell.load_state_dict({"weight_ih": w, "weight_hh": u, "bias_ih": b, "bias_hh": c})
    by_x, by_h = torch.autograd.functional.jacobian(cell, (below, before))
    np.testing.assert_allclose(found.layers[3].inputs[0, 1], by_x, atol=1e-10)
    np.testing.assert_allclose(found.layers[3].states[0, 1], by_h, atol=1e-10)


def signals(trace: rv.Trace) -> list[Any]:
    return [one.signals for one in trace.layers]


def test_a_one_to_one_recurrence_stays_a_diagonal() -> None:
    model = rv.Model((diagonal_layer(),))
    trace = rv.trace(model, SEQUENCE)
    block = rv.jacobians(model, trace).layers[0].blocks["hidden", "hidden"]
    assert block.matrix is None
    assert block.diagonal is not None
    slopes = (1 - trace["hidden"] ** 2) * model.layers[0].weights["hidden.h"]
    real = SEQUENCE.is_real
    np.testing.assert_allclose(block.diagonal.reshape(STEPS, BATCH, UNIT)[real], slopes[real])


def test_a_model_in_float32_and_a_text_are_read_too() -> None:
    model = rv.random_model("gru", 4, 3, seed=1)
    found = rv.jacobians(model, rv.trace(model, rv.parse("abca", kind="characters")))
    assert found.states.shape == (4, 1, 3, 3)
    assert found.states.dtype == np.float64
    frame = found.to_frame()
    assert list(frame["token"]) == list("abca")
    assert (frame["state_norm"] > 0).all()
    assert not found.states.flags.writeable
    assert "4 steps" in repr(found)


def test_results_are_pickled_whole_and_cannot_be_written() -> None:
    model = rv.Model((layer("lstm"),))
    trace = rv.trace(model, SEQUENCE)
    found = rv.jacobians(model, trace)
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.states, found.states)
    block = again.layers[0].blocks["hidden", "hidden"]
    assert not found.layers[0].blocks["hidden", "hidden"].matrix.flags.writeable
    assert block.matrix is not None
    for one in (
        rv.fixed_points(model, n_starts=8),
        rv.connectivity(model, trace),
        rv.lyapunov(model, trace),
        rv.run_eigenvalues(model, trace),
        rv.trajectories(trace),
        rv.phase_portrait(model, [0, 1]),
    ):
        assert repr(pickle.loads(pickle.dumps(one))) == repr(one)


def test_what_does_not_fit_is_refused() -> None:
    model = rv.random_model("gru", 2, 3, seed=1)
    trace = rv.trace(model, [[0.1, 0.2]])
    with pytest.raises(rv.ModelError, match="from_torch"):
        rv.jacobians(torch.nn.GRU(2, 3), trace)  # type: ignore[arg-type]
    with pytest.raises(rv.InputError, match=r"rv.trace\(model"):
        rv.jacobians(model, [[0.1, 0.2]])  # type: ignore[arg-type]
    with pytest.raises(rv.ModelError, match="was made by"):
        rv.jacobians(rv.random_model("gru", 2, 4), trace)
    with pytest.raises(rv.ModelError, match="do not make the states"):
        rv.jacobians(rv.random_model("gru", 2, 3, seed=2), trace)
    found = rv.jacobians(model, trace)
    with pytest.raises(rv.InputError, match="was asked for"):
        found.layers[0].of("cell", "hidden")
    with pytest.raises(rv.InputError, match="has no step 4"):
        found.figure(time=4)


def test_a_run_too_long_to_keep_is_refused_before_it_is_computed() -> None:
    model = rv.random_model("lstm", 1, 128)
    trace = rv.trace(model, np.zeros((5000, 1)))
    with pytest.raises(rv.InputError, match="shorten the sequence"):
        rv.jacobians(model, trace)


def test_the_figure_shows_one_step_with_its_states_apart() -> None:
    model = rv.Model((layer("lstm"),))
    found = rv.jacobians(model, rv.trace(model, SEQUENCE))
    figure = found.figure(time=1, row=1, language="zh")
    np.testing.assert_array_equal(figure.data[0].z, found.states[1, 1].astype(np.float32))
    assert len(figure.layout.shapes) == 2
    assert figure.layout.xaxis.ticktext[1] == "细胞状态"
