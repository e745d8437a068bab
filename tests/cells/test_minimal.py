"""MGU, minGRU, minLSTM and sLSTM against their papers' formulas, written out here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.analysis.contributions import contributions
from rnnviz.analysis.update import state_update
from rnnviz.engine.steps import iterate_steps
from tests.witnesses import BATCH, INPUT, STEPS, UNIT, Array, assert_close, normal, sigmoid

VALUES = normal(STEPS, BATCH, INPUT, seed=3)
CELLS = ("mgu", "min_gru", "min_lstm", "slstm")
MINIMAL = ("min_gru", "min_lstm")
every_cell = pytest.mark.parametrize("cell", CELLS)
minimal = pytest.mark.parametrize("cell", MINIMAL)
both = pytest.mark.parametrize("backend", ["numpy", "torch"])
candidates = pytest.mark.parametrize("candidate", ["linear", "positive", "tanh"])


def layer(cell: str, scale: float = 1, dtype: Any = np.float64, **options: Any) -> rv.Layer:
    """Random weights and random states, each within its signal's range."""
    kind = rv.CELLS[cell]
    sizes = {"unit": UNIT, "input": INPUT}
    weights = {
        param.name: (scale * normal(*(sizes[a] for a in param.axes), seed=i)).astype(dtype)
        for i, param in enumerate(kind.params)
    }
    states = {s: normal(BATCH, UNIT, seed=60 + i) for i, s in enumerate(kind.states)}
    if "normaliser" in states:
        states["normaliser"] = np.abs(states["normaliser"]) + 0.5
    return rv.Layer(cell, "forward", weights, {**states, **options.pop("initial", {})}, **options)


def traced(one: rv.Layer, backend: str = "numpy", values: Array = VALUES) -> rv.LayerTrace:
    return rv.trace(rv.Model((one,)), values, backend=backend, preactivations=True).layers[0]


def start(one: rv.Layer) -> list[Array]:
    return [one.initial[state] for state in one.cell.states]


def dense(one: rv.Layer, gate: str, x: Array, h: Array | None = None) -> Array:
    """W_x x + b, and W_h h + b_h where h is given."""
    w = one.weights
    drive = x @ w[f"{gate}.x"].T + w[f"{gate}.b"]
    return drive if h is None else drive + h @ w[f"{gate}.h"].T + w.get(f"{gate}.bh", 0)


def positive(x: Array) -> Array:
    """The paper's g: Feng et al. (2024), appendix B."""
    return np.array([v + 0.5 if v >= 0 else float(sigmoid(v)) for v in x.ravel()]).reshape(x.shape)


GIVEN = {"linear": lambda x: x, "positive": positive, "tanh": np.tanh}


def compare(trace: rv.LayerTrace, steps: list[dict[str, Array]]) -> None:
    for name, values in trace.signals.items():
        assert_close(values, np.stack([step[name] for step in steps]))


@both
def test_mgu_is_the_formula_of_zhou_from_a_random_state(backend: str) -> None:
    one = layer("mgu")
    (h,), steps = start(one), []
    for x in VALUES:
        f = sigmoid(dense(one, "forget", x, h))
        n = np.tanh(dense(one, "candidate", x, f * h))
        h = (1 - f) * h + f * n
        steps.append({"forget": f, "candidate": n, "hidden": h})
    compare(traced(one, backend), steps)


def test_an_mgu_that_always_writes_is_the_simple_network() -> None:
    one = layer("mgu")
    always = {"forget.x": 0.0, "forget.h": 0.0, "forget.b": 1e3}
    weights = {n: np.full(w.shape, always[n]) if n in always else w for n, w in one.weights.items()}
    mgu = rv.Layer("mgu", "forward", weights, one.initial)
    simple = {n.replace("candidate", "hidden"): w for n, w in weights.items() if "cand" in n}
    rnn = rv.Layer("rnn", "forward", simple, one.initial)
    assert_close(traced(mgu).signals["hidden"], traced(rnn).signals["hidden"])


def test_an_mgu_that_never_writes_stays_as_it_began() -> None:
    one = layer("mgu")
    never = {"forget.x": 0.0, "forget.h": 0.0, "forget.b": -800.0}
    weights = {n: np.full(w.shape, never[n]) if n in never else w for n, w in one.weights.items()}
    for hidden in traced(rv.Layer("mgu", "forward", weights, one.initial)).signals["hidden"]:
        assert_close(hidden, one.initial["hidden"])


@both
@candidates
def test_min_gru_is_the_paper_s_with_its_gate_turned_round(backend: str, candidate: str) -> None:
    """The paper's z is σ of the negated drive, and h = (1 − z) ⊙ h + z ⊙ ñ."""
    one = layer("min_gru", activations={"candidate": candidate})
    (h,), steps = start(one), []
    for x in VALUES:
        z = sigmoid(-dense(one, "update", x))
        n = GIVEN[candidate](dense(one, "candidate", x))
        h = (1 - z) * h + z * n
        steps.append({"update": 1 - z, "candidate": n, "hidden": h})
    compare(traced(one, backend), steps)


@both
@candidates
def test_min_lstm_is_the_formula_of_feng_from_a_random_state(backend: str, candidate: str) -> None:
    one = layer("min_lstm", activations={"candidate": candidate})
    (h,), steps = start(one), []
    for x in VALUES:
        f, i = sigmoid(dense(one, "forget", x)), sigmoid(dense(one, "input", x))
        n = GIVEN[candidate](dense(one, "candidate", x))
        h = f / (f + i) * h + i / (f + i) * n
        shares = {"forget_share": f / (f + i), "input_share": i / (f + i)}
        steps.append({"forget": f, "input": i, "candidate": n, **shares, "hidden": h})
    compare(traced(one, backend), steps)


def scan_log(coefficients: Array, values: Array) -> Array:
    """The paper's parallel scan in log space (appendix B), time first, for positive values."""
    a_star = np.concatenate([np.zeros_like(values[:1]), np.cumsum(np.log(coefficients), axis=0)])
    return np.exp(a_star + np.logaddexp.accumulate(np.log(values) - a_star, axis=0))[1:]


@minimal
def test_the_parallel_scan_of_the_paper_gives_what_the_steps_give(cell: str) -> None:
    begin = np.abs(normal(BATCH, UNIT, seed=5)) + 0.1
    one = layer(cell, activations={"candidate": "positive"}, initial={"hidden": begin})
    signals = traced(one).signals
    kept = signals["update" if cell == "min_gru" else "forget_share"]
    written = (1 - kept) * signals["candidate"]
    wanted = scan_log(kept, np.concatenate([begin[None], written]))
    assert_close(signals["hidden"], wanted)


@both
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_shares_of_two_gates_that_are_both_shut_are_those_of_their_logarithms(
    backend: str, dtype: Any
) -> None:
    """σ(−800) and σ(−801) are 0 in any type; their shares are 1/(1 + e⁻¹) and its rest."""
    weights = {p.name: np.zeros((1,) * len(p.axes), dtype) for p in rv.CELLS["min_lstm"].params}
    weights |= {"forget.b": np.array([-800], dtype), "input.b": np.array([-801], dtype)}
    trace = traced(rv.Layer("min_lstm", "forward", weights), backend, np.zeros((1, 1, 1)))
    assert trace.signals["forget_share"].item() == pytest.approx(1 / (1 + np.exp(-1)), abs=1e-6)
    assert trace.signals["input_share"].item() == pytest.approx(1 / (1 + np.e), abs=1e-6)


def slstm_by_hand(one: rv.Layer, forget: str) -> list[dict[str, Array]]:
    """Eqs. 8–14 of Beck et al. (2024), and 15–17 beside them; the gates as they are, unstabilised.

    The state (c, n, m) stands for c eᵐ and n eᵐ.
    """
    h, m, c, n = start(one)
    c, n, steps = c * np.exp(m), n * np.exp(m), []
    for x in VALUES:
        f_drive, i_drive = dense(one, "forget", x, h), dense(one, "input", x, h)
        f = np.exp(f_drive) if forget == "exponential" else sigmoid(f_drive)
        i = np.exp(i_drive)
        z = np.tanh(dense(one, "candidate", x, h))
        o = sigmoid(dense(one, "output", x, h))
        c, n = f * c + i * z, f * n + i
        h = o * c / n
        before, m = m, np.maximum(np.log(f) + m, i_drive)
        stabilised = {"forget": f * np.exp(before - m), "input": i * np.exp(-m)}
        states = {"cell": c * np.exp(-m), "normaliser": n * np.exp(-m), "stabiliser": m}
        steps.append({**stabilised, "candidate": z, "output": o, **states, "hidden": h})
    return steps


@both
@pytest.mark.parametrize("forget", ["sigmoid", "exponential"])
def test_slstm_is_the_unstabilised_formula_of_beck_from_a_random_state(
    backend: str, forget: str
) -> None:
    one = layer("slstm", activations={"forget": forget})
    compare(traced(one, backend), slstm_by_hand(one, forget))


@both
def test_slstm_is_the_cell_of_its_authors_from_nothing(backend: str) -> None:
    """Written after the pointwise function of their library: n = 0 at first, and m = ĩ there."""
    weights = layer("slstm").weights
    one = rv.Layer("slstm", "forward", weights)
    h = c = n = m = torch.zeros(BATCH, UNIT, dtype=torch.float64)
    for t, x in enumerate(VALUES):
        gates = ("forget", "input", "candidate", "output")
        f, i, z, o = (torch.tensor(dense(one, gate, x, h.numpy())) for gate in gates)
        kept = m + torch.nn.functional.logsigmoid(f)
        m = i if torch.all(n == 0) else torch.maximum(i, kept)
        i, f = torch.exp(i - m).clamp(max=1), torch.exp(kept - m).clamp(max=1)
        c, n = f * c + i * torch.tanh(z), f * n + i
        h = torch.sigmoid(o) * c / n
        signals = traced(one, backend).signals
        for name, value in {"hidden": h, "cell": c, "normaliser": n, "stabiliser": m}.items():
            assert_close(signals[name][t], value)


@both
def test_the_stabiliser_a_layer_starts_from_changes_nothing_of_what_it_shows(backend: str) -> None:
    """c and n scaled by e⁻ˢ and m moved by s stand for the same state."""
    one = layer("slstm")
    plain = traced(one, backend).signals
    h, m, c, n = start(one)
    for shift in (-3.0, 0.7, 20.0):
        scaled = {"cell": c * np.exp(-shift), "normaliser": n * np.exp(-shift)}
        moved = {"hidden": h, "stabiliser": m + shift, **scaled}
        again = traced(rv.Layer("slstm", "forward", one.weights, moved), backend).signals
        for name in ("hidden", "candidate", "output"):
            assert_close(again[name], plain[name])
        ratio = again["cell"] / again["normaliser"]
        assert_close(ratio, plain["cell"] / plain["normaliser"])


@both
def test_an_slstm_from_nothing_does_not_ask_where_its_stabiliser_began(backend: str) -> None:
    weights = layer("slstm").weights
    plain = traced(rv.Layer("slstm", "forward", weights), backend).signals
    for began in (-1e3, 5.0, 1e3):
        moved = rv.Layer("slstm", "forward", weights, {"stabiliser": np.full(UNIT, began)})
        again = traced(moved, backend).signals
        for name in ("hidden", "cell", "normaliser", "stabiliser"):
            assert_close(again[name], plain[name])


@both
def test_what_an_slstm_shows_is_a_mean_of_what_was_written(backend: str) -> None:
    one = rv.Layer("slstm", "forward", layer("slstm", 5).weights)
    signals = traced(one, backend).signals
    largest = np.maximum.accumulate(abs(signals["candidate"]))
    assert (abs(signals["cell"]) <= signals["normaliser"] * largest + 1e-12).all()
    assert (np.maximum(signals["forget"], signals["input"]) == 1).all()
    assert (signals["normaliser"] >= 1).all()


@both
@every_cell
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [12, 300])
def test_hard_weights_stay_numbers(cell: str, backend: str, dtype: Any, scale: float) -> None:
    values = np.concatenate([VALUES, 50 * VALUES])
    trace = traced(layer(cell, scale, dtype), backend, values)
    for signal in rv.CELLS[cell].signals:
        values = trace.signals[signal.name]
        assert np.isfinite(values).all(), signal.name
        assert signal.kind != "gate" or ((values >= 0) & (values <= 1)).all()


@pytest.mark.parametrize("cell", ["min_lstm", "slstm"])
@pytest.mark.parametrize("activation", ["hard_sigmoid", "relu"])
def test_a_gate_whose_logarithm_is_taken_is_a_sigmoid_or_an_exponential(
    cell: str, activation: str
) -> None:
    with pytest.raises(rv.ModelError, match=f'logarithm of forget, .* but “?"?{activation}'):
        layer(cell, activations={"forget": activation})


@every_cell
def test_gradients_reach_the_input_and_are_numbers(cell: str) -> None:
    values = torch.tensor(VALUES, requires_grad=True)
    model = rv.Model((rv.Layer(cell, "forward", layer(cell, 20).weights),))
    sequence = rv.Sequence(VALUES)
    *_, last = iterate_steps(model, sequence, backend="torch", inputs=values)
    last.outputs.sum().backward()
    assert values.grad is not None
    assert torch.isfinite(values.grad).all()


@every_cell
@pytest.mark.parametrize("activation", [0, 1])
def test_every_gate_is_its_drives_terms_and_what_the_stabiliser_makes_of_them(
    cell: str, activation: int
) -> None:
    chosen = {gate: names[activation] for gate, names in rv.CELLS[cell].activations.items()}
    one = layer(cell, activations=chosen)
    model = rv.Model((one,))
    trace = rv.trace(model, VALUES, preactivations=True)
    before, m = (trace.layers[0].before, trace.layers[0].signals)
    for gate in one.cell.gates:
        view = contributions(model, trace, layer=0, gate=gate.name, time=3, unit=2, row=1)
        at = (3, 1, 2)
        assert abs(view.preactivation - trace.layers[0].preactivations[gate.name][at]) < 1e-12
        if cell == "slstm" and gate.name in ("forget", "input"):
            kept = before["stabiliser"][at] if gate.name == "forget" else 0
            assert view.shift == pytest.approx(kept - m["stabiliser"][at], abs=1e-12)
            raw = {"sigmoid": sigmoid, "exponential": np.exp}[one.activation(gate.name)]
            assert view.value == pytest.approx(
                raw(view.preactivation) * np.exp(view.shift), abs=1e-12
            )
            assert "·exp(" in view.text
        else:
            assert view.shift is None


def test_the_hidden_state_of_an_slstm_is_what_the_output_shows_of_cell_over_normaliser() -> None:
    """Written out: o c (1/n), and n of f n_{t-1} and i."""
    model = rv.Model((layer("slstm"),))
    trace = rv.trace(model, VALUES)
    s, before = trace.layers[0].signals, trace.layers[0].before
    at = (3, 1, 2)
    view = state_update(model, trace, layer=0, state="hidden", time=3, unit=2, row=1)
    (shown,) = view.terms
    wanted = [s["output"][at], s["cell"][at], 1 / s["normaliser"][at]]
    assert [factor.value for factor in shown.factors] == pytest.approx(wanted)
    assert view.sum == pytest.approx(s["hidden"][at], abs=1e-12)
    view = state_update(model, trace, layer=0, state="normaliser", time=3, unit=2, row=1)
    kept, written = (term.value for term in view.terms)
    assert kept == pytest.approx(s["forget"][at] * before["normaliser"][at])
    assert written == s["input"][at]
