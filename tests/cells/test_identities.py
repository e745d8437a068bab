"""The identities of equations.md, section 4, each proved on the engine's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, inf, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from tests.witnesses import BATCH, INPUT, STEPS, UNIT, Array, assert_close, normal

ROLES = {"x": (UNIT, INPUT), "h": (UNIT, UNIT), "b": (UNIT,), "bh": (UNIT,)}
VALUES = normal(STEPS, BATCH, INPUT, seed=7)
# Beyond 40 the float64 sigmoid is 1 exactly; at −800 it is 0 for every purpose.
ALWAYS, NEVER = 1e3, -800.0


def layer(cell: str, *, constant: Mapping[str, float] = {}, seed: int = 0) -> rv.Layer:
    """Random weights and states; the gates in `constant` get zero weights and that bias."""
    kind = rv.CELLS[cell]
    names = [(gate.name, role) for gate in kind.gates for role in ("x", "h", *kind.biases)]
    weights = {f"{g}.{r}": normal(*ROLES[r], seed=seed + i) for i, (g, r) in enumerate(names)}
    for name in weights:
        gate, role = name.split(".")
        if gate in constant:
            weights[name] = np.full(ROLES[role], constant[gate] if role == "b" else 0.0)
    states = {name: np.tanh(normal(BATCH, UNIT, seed=90 + seed)) for name in kind.states}
    return rv.Layer(cell, "forward", weights, states)


def traced(one: rv.Layer) -> rv.LayerTrace:
    return rv.trace(rv.Model((one,)), VALUES).layers[0]


def test_a_cell_that_forgets_all_is_only_what_this_step_writes() -> None:
    trace = traced(layer("lstm", constant={"forget": NEVER}))
    signals = trace.signals
    assert abs(trace.initial["cell"]).min() > 0.01
    assert_close(signals["cell"], signals["input"] * signals["candidate"])


def test_a_cell_that_keeps_all_and_writes_nothing_stays_as_it_began() -> None:
    trace = traced(layer("lstm", constant={"forget": ALWAYS, "input": NEVER}))
    for cell in trace.signals["cell"]:
        assert_close(cell, trace.initial["cell"])


@pytest.mark.parametrize("cell", ["gru", "gru_reset_after"])
def test_a_gru_that_passes_all_and_keeps_nothing_is_the_simple_network(cell: str) -> None:
    gru = layer(cell, constant={"reset": ALWAYS, "update": NEVER})
    weights = {n.replace("candidate", "hidden"): w for n, w in gru.weights.items() if "cand" in n}
    rnn = rv.Layer("rnn", "forward", weights, gru.initial)
    assert_close(traced(gru).signals["hidden"], traced(rnn).signals["hidden"])


@given(st.sampled_from(["rnn", "lstm", "gru", "gru_reset_after"]), st.integers(0, 10**6))
def test_gates_lie_within_0_and_1_and_squashed_signals_within_minus_1_and_1(
    cell: str, seed: int
) -> None:
    signals = traced(layer(cell, seed=seed)).signals
    for name, values in signals.items():
        if name in ("forget", "input", "output", "reset", "update"):
            assert (values > 0).all()
            assert (values < 1).all()
        elif name != "cell":
            assert (abs(values) < 1).all()


def test_the_cell_state_is_unbounded() -> None:
    always = {"forget": ALWAYS, "input": ALWAYS, "candidate": ALWAYS}
    trace = traced(layer("lstm", constant=always))
    assert rv.CELLS["lstm"].signal("cell").high == inf
    for t, cell in enumerate(trace.signals["cell"]):
        assert_close(cell, trace.initial["cell"] + t + 1)


def written(forget: Array, input_: Array, candidate: Array, start: Array, t: int) -> Array:
    """Σ_{j≤t} (Π_{k=j+1..t} f_k) ⊙ i_j ⊙ g_j + (Π_{k≤t} f_k) ⊙ c_0."""
    total = np.prod(forget[: t + 1], axis=0) * start
    for j in range(t + 1):
        total = total + np.prod(forget[j + 1 : t + 1], axis=0) * input_[j] * candidate[j]
    return total


def test_the_cell_is_the_sum_of_what_each_step_wrote_times_what_was_kept_since() -> None:
    trace = traced(layer("lstm"))
    f, i, g = (trace.signals[name] for name in ("forget", "input", "candidate"))
    for t in range(STEPS):
        assert_close(trace.signals["cell"][t], written(f, i, g, trace.initial["cell"], t), 1e-14)


@pytest.mark.parametrize(
    ("biases", "wanted"), [((0,), 1.44), ((1,), 3.19), ((2,), 7.88), ((1, 1), 7.88)]
)
def test_a_constant_forget_gate_fades_to_1_over_e_within_its_time_constant(
    biases: tuple[float, ...], wanted: float
) -> None:
    tau = -1 / log(1 / (1 + exp(-sum(biases))))
    assert round(tau, 2) == wanted
    n_steps = 20
    cell = remembered(biases, n_steps)
    assert_close(cell, np.exp(-np.arange(1, n_steps + 1) / tau), 1e-14)
    # 1/e falls between two whole steps; on the log scale the fade is a straight line.
    reached = np.interp(1.0, -np.log(cell), np.arange(1, n_steps + 1))
    assert reached == pytest.approx(tau, abs=1e-12)


def remembered(biases: tuple[float, ...], n_steps: int) -> Array:
    """A cell state that starts at 1, with constant gates that write nothing."""
    gates = ("forget", "input", "candidate", "output")
    weights = {f"{gate}.{role}": np.zeros((1, 1)) for gate in gates for role in ("x", "h")}
    weights |= {
        f"forget.{role}": np.array([b]) * 1.0 for role, b in zip(("b", "bh"), biases, strict=False)
    }
    one = rv.Layer("lstm", "forward", weights, {"cell": np.ones(1)})
    return rv.trace(rv.Model((one,)), np.ones((n_steps, 1, 1)))["cell"][:, 0, 0]
