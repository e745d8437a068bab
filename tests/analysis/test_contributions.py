"""Every summand of a gate's drive, against the engine's drives and against formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.analysis.contribution_terms import Term
from rnnviz.analysis.contributions import Contributions, contributions
from tests.witnesses import (
    LENGTHS,
    PROJECTION,
    STEPS,
    assert_close,
    diagonal_layer,
    normal,
    sigmoid,
)

BATCH, INPUT, UNIT = 2, 3, 5
OPTIONAL = [(), ("b",), ("bh",), ("b", "bh"), ("p", "sx"), ("b", "bh", "p", "sx", "sh")]
DIRECTIONS = {"forward": ("forward",), "backward": ("backward",), "both": ("forward", "backward")}
SEQUENCE = rv.Sequence(normal(STEPS, BATCH, INPUT, seed=3), lengths=LENGTHS)


def a_layer(
    cell: str,
    direction: Any = "forward",
    level: int = 0,
    *,
    width: int = INPUT,
    seed: int = 0,
    one_to_one: bool = False,
    dtype: Any = np.float64,
    biases: tuple[str, ...] = ("b", "bh", "p", "sx", "sh"),
) -> rv.Layer:
    """Random weights, states (batch, unit) and, of what may be left out, only what is named."""
    sizes = {"unit": UNIT, "input": width, "projection": PROJECTION}
    weights = {
        param.name: normal(*(sizes[axis] for axis in param.axes), seed=seed + i).astype(dtype)
        for i, param in enumerate(rv.CELLS[cell].params)
        if param.required or param.name.rpartition(".")[2] in biases
    }
    if one_to_one:
        full = {n: a for n, a in weights.items() if n.endswith(".h") and a.ndim == 2}
        weights |= {name: np.diag(array) for name, array in full.items()}
    kind = rv.CELLS[cell]
    initial = {
        s: np.tanh(normal(BATCH, sizes[kind.signal(s).axis], seed=seed + 80 + i))
        for i, s in enumerate(kind.states)
    }
    return rv.Layer(cell, direction, weights, initial, level)


def a_stack(cell: str, directions: tuple[str, ...], n_levels: int, **options: Any) -> rv.Model:
    seed = options.pop("seed", 0)
    hidden = {"unit": UNIT, "projection": PROJECTION}[rv.CELLS[cell].hidden_axis]
    return rv.Model(
        tuple(
            a_layer(
                cell,
                direction,
                level,
                width=hidden * len(directions) if level else INPUT,
                seed=seed + 100 * level + 50 * i,
                **options,
            )
            for level in range(n_levels)
            for i, direction in enumerate(directions)
        )
    )


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """A model of any cell, depth and direction, and a place in its trace."""
    cell = draw(st.sampled_from(list(rv.CELLS)))
    directions = DIRECTIONS[draw(st.sampled_from(list(DIRECTIONS)))]
    model = a_stack(
        cell,
        directions,
        draw(st.integers(1, 3)),
        seed=1000 * draw(st.integers(0, 10**4)),
        one_to_one=("one_to_one" in rv.CELLS[cell].recurrences) and draw(st.booleans()),
        biases=draw(st.sampled_from(OPTIONAL)),
    )
    row = draw(st.integers(0, BATCH - 1))
    return {
        "model": model,
        "layer": draw(st.integers(0, len(model.layers) - 1)),
        "gate": draw(st.sampled_from([gate.name for gate in rv.CELLS[cell].gates])),
        "time": draw(st.integers(0, LENGTHS[row] - 1)),
        "unit": draw(st.integers(0, UNIT - 1)),
        "row": row,
    }


def asked(model: rv.Model, sequence: Any = SEQUENCE, **where: Any) -> Contributions:
    chosen: dict[str, Any] = {"layer": 0, "time": 1, "unit": 2, **where}
    return contributions(model, rv.trace(model, sequence), **chosen)


def by_name(view: Contributions) -> dict[str, float]:
    return {f"{term.symbol} {term.name}".strip(): term.value for term in view.terms}


@given(questions())
def test_the_contributions_of_any_gate_anywhere_add_up_to_its_traced_drive(
    question: dict[str, Any],
) -> None:
    trace = rv.trace(question["model"], SEQUENCE, preactivations=True)
    view = contributions(trace=trace, **question)
    where = (question["time"], question["row"], question["unit"])
    traced = trace.layers[question["layer"]]
    assert abs(view.preactivation - traced.preactivations[question["gate"]][where]) <= 1e-10
    assert view.value == traced.signals[question["gate"]][where]
    assert all(term.value == pytest.approx(np.prod(term.factors)) for term in view.terms)


@given(questions(), st.integers(0, 20))
def test_the_largest_come_first_and_keep_the_sum(question: dict[str, Any], n: int) -> None:
    view = contributions(trace=rv.trace(question["model"], SEQUENCE), **question)
    shown = view.largest(n)
    assert sum(term.value for term in shown) == pytest.approx(view.preactivation, abs=1e-12)
    named = [term for term in shown if term.kind != "other"]
    sizes = [abs(term.value) for term in named]
    assert sizes == sorted(sizes, reverse=True)
    left_out = sorted(abs(term.value) for term in set(view.terms) - set(named))
    assert not left_out or not sizes or left_out[-1] <= sizes[-1]
    assert len(shown) == min(n + 1, len(view.terms))


def test_the_rest_is_one_term_that_counts_the_others() -> None:
    view = asked(a_stack("lstm", ("forward",), 1), gate="forget")
    assert len(view.terms) == INPUT + UNIT + 2
    *first, rest = view.largest(4)
    assert len(first) == 4
    assert (rest.kind, rest.name, rest.factors) == ("other", "6", ())


def test_the_forget_gate_of_an_lstm_is_the_products_of_its_matrices_rows() -> None:
    """Written out: W_x[u, j] x_t[j], W_h[u, j] h_{t-1}[j], b_x[u], b_h[u]; row 1, step 3."""
    model = a_stack("lstm", ("forward",), 1)
    trace = rv.trace(model, SEQUENCE)
    view = contributions(model, trace, layer=0, gate="forget", time=3, unit=4, row=1)
    w = model.layers[0].weights
    x, h = SEQUENCE.values[3, 1], trace["hidden"][2, 1]
    wanted = {
        "x x0": w["forget.x"][4, 0] * x[0],
        "x x1": w["forget.x"][4, 1] * x[1],
        "x x2": w["forget.x"][4, 2] * x[2],
        **{f"h {j}": w["forget.h"][4, j] * h[j] for j in range(UNIT)},
        "b_x": w["forget.b"][4],
        "b_h": w["forget.bh"][4],
    }
    assert by_name(view) == pytest.approx(wanted)
    assert list(by_name(view)) == list(wanted)
    assert view.value == pytest.approx(sigmoid(np.array(sum(wanted.values()))))
    assert (view.activation, view.signal.name, view.token) == ("sigmoid", "forget", "4")


def test_reset_before_scales_each_unit_of_the_hidden_state_by_its_own_reset() -> None:
    """Written out: W_hh[u, j] r_t[j] h_{t-1}[j], and one bias."""
    model = a_stack("gru", ("forward",), 1)
    trace = rv.trace(model, SEQUENCE)
    view = contributions(model, trace, layer=0, gate="candidate", time=3, unit=4)
    w, r, h = model.layers[0].weights, trace["reset"][3, 0], trace["hidden"][2, 0]
    terms = by_name(view)
    for j in range(UNIT):
        assert terms[f"r⊙h {j}"] == pytest.approx(w["candidate.h"][4, j] * r[j] * h[j])
    assert terms["b"] == w["candidate.b"][4]


def test_reset_after_scales_the_product_and_its_bias_by_the_units_own_reset() -> None:
    """Written out: r_t[u] W_hn[u, j] h_{t-1}[j], b_x[u], r_t[u] b_hn[u]."""
    model = a_stack("gru_reset_after", ("forward",), 1)
    trace = rv.trace(model, SEQUENCE)
    view = contributions(model, trace, layer=0, gate="candidate", time=3, unit=4)
    w, r, h = model.layers[0].weights, trace["reset"][3, 0, 4], trace["hidden"][2, 0]
    terms = by_name(view)
    for j in range(UNIT):
        assert terms[f"r⊙h {j}"] == pytest.approx(r * w["candidate.h"][4, j] * h[j])
    assert terms["b_x"] == w["candidate.b"][4]
    assert terms["r⊙b_h"] == pytest.approx(r * w["candidate.bh"][4])


@pytest.mark.parametrize("cell", ["gru", "gru_reset_after"])
def test_the_reset_and_update_gates_of_a_gru_read_the_hidden_state_unscaled(cell: str) -> None:
    model = a_stack(cell, ("forward",), 1)
    for gate in ("reset", "update"):
        assert {f"h {j}" for j in range(UNIT)} <= set(by_name(asked(model, gate=gate)))


def test_a_one_to_one_recurrence_gives_one_recurrent_term_the_units_own() -> None:
    """Written out: w[u] h_0[u] at the first step."""
    start = np.tanh(normal(BATCH, UNIT, seed=8))
    layer = diagonal_layer(initial={"hidden": start})
    view = asked(rv.Model((layer,)), gate="hidden", time=0, unit=3, row=1)
    recurrent = {name: value for name, value in by_name(view).items() if name.startswith("h ")}
    assert recurrent == {"h 3": pytest.approx(layer.weights["hidden.h"][3] * start[1, 3])}


def test_the_first_step_reads_the_given_initial_state() -> None:
    model = a_stack("lstm", ("forward",), 1)
    start = model.layers[0].initial["hidden"]
    factors = [
        t.factors for t in asked(model, gate="input", time=0, row=1).terms if t.symbol == "h"
    ]
    assert_close([h for _, h in factors], start[1])


def test_a_backward_layer_reads_the_state_after_the_next_token_and_starts_at_the_rows_end() -> None:
    model = a_stack("lstm", ("backward",), 1)
    trace = rv.trace(model, SEQUENCE)
    for time, wanted in [
        (1, trace["hidden"][2, 1]),
        (LENGTHS[1] - 1, model.layers[0].initial["hidden"][1]),
    ]:
        view = contributions(model, trace, layer=0, gate="forget", time=time, unit=0, row=1)
        assert_close([t.factors[1] for t in view.terms if t.symbol == "h"], wanted)


def test_a_higher_layer_reads_the_units_below_forward_then_backward() -> None:
    """Written out: W_x[u, j] h¹→[j], then W_x[u, 5 + j] h¹←[j]."""
    model = a_stack("rnn", ("forward", "backward"), 2)
    trace = rv.trace(model, SEQUENCE)
    view = contributions(model, trace, layer=3, gate="hidden", time=2, unit=1)
    w, terms = model.layers[3].weights["hidden.x"][1], by_name(view)
    for j in range(UNIT):
        forward, backward = (trace.layers[i].signals["hidden"][2, 0, j] for i in (0, 1))
        assert terms[f"h¹→ {j}"] == pytest.approx(w[j] * forward)
        assert terms[f"h¹← {j}"] == pytest.approx(w[UNIT + j] * backward)


def test_only_the_symbol_that_is_read_is_an_input_of_a_one_hot_text() -> None:
    text = rv.parse("a cat", kind="characters")
    # Two inputs more than symbols: a vocabulary larger than the text.
    model = rv.random_model("gru", text.n_features + 2, UNIT, dtype=np.float64)
    trace = rv.trace(model, text, preactivations=True)
    view = contributions(model, trace, layer=0, gate="reset", time=1, unit=3)
    inputs = [term for term in view.terms if term.symbol == "x"]
    weight = float(model.layers[0].weights["reset.x"][3, 1])
    assert inputs == [Term("symbol", "x", "␣", (weight, 1.0), weight)]
    assert view.token == "␣"
    assert abs(view.preactivation - trace.layers[0].preactivations["reset"][1, 0, 3]) <= 1e-10


def test_a_feature_that_is_zero_is_still_a_term_of_a_table() -> None:
    model = rv.random_model("lstm", 2, UNIT)
    table = rv.Sequence(np.array([[[0.0, 1.5]]]), features=("wind", "rain"))
    view = asked(model, table, gate="output", time=0)
    assert [t.name for t in view.terms if t.kind == "feature"] == ["wind", "rain"]


def test_a_bias_that_the_model_does_not_have_is_no_term() -> None:
    model = a_stack("lstm", ("forward",), 1, biases=("b",))
    assert [t.symbol for t in asked(model, gate="forget").terms if t.kind == "bias"] == ["b_x"]


@pytest.mark.parametrize("cell", list(rv.CELLS))
def test_a_float32_model_adds_up_to_its_precision(cell: str) -> None:
    model = a_stack(cell, ("forward",), 1, dtype=np.float32)
    trace = rv.trace(model, SEQUENCE, preactivations=True)
    for gate, drives in trace.layers[0].preactivations.items():
        view = contributions(model, trace, layer=0, gate=gate, time=3, unit=2)
        assert drives.dtype == np.float32
        assert abs(view.preactivation - drives[3, 0, 2]) <= 1e-5


def test_relu_is_named_where_the_layer_chose_it() -> None:
    model = rv.random_model("rnn", INPUT, UNIT, activation="relu", n_outputs=0)
    view = asked(model, gate="hidden")
    assert view.activation == "relu"
    assert view.value == pytest.approx(max(0.0, view.preactivation), abs=1e-6)
    assert view.text.startswith("relu(")


def test_the_activations_line_has_this_steps_numbers() -> None:
    # One unit, all weights 0 but the bias: σ(−1.5) = 0.182.
    one = {p.name: np.zeros((1,) * len(p.axes)) for p in rv.CELLS["gru"].params}
    model = rv.Model((rv.Layer("gru", "forward", one | {"reset.b": np.array([-1.5])}),))
    view = contributions(model, rv.trace(model, [[0.7]]), layer=0, gate="reset", time=0, unit=0)
    assert view.text == "σ(−1.50) = 0.182"


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        (
            {"gate": "update"},
            "gate should be one of forget, input, candidate, output, but “update”",
        ),
        ({"layer": 1}, "no layer 1: it has 1"),
        ({"layer": -1}, "no layer -1: it has"),
        ({"unit": UNIT}, "no unit 5: it has 5"),
        ({"time": STEPS}, "no step 6: it has 6"),
        ({"time": 4, "row": 1}, "no step 4: it has 4"),
        ({"row": 2}, "no row 2: it has 2"),
    ],
)
def test_a_place_that_is_not_there_is_refused_in_one_sentence(
    where: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(rv.InputError, match=sentence):
        asked(a_stack("lstm", ("forward",), 1), **{"gate": "forget", **where})


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (
            a_stack("gru", ("forward",), 1),
            r"gru layer 0 forward \(5\), but the trace was made by lstm",
        ),
        (a_stack("lstm", ("forward",), 2), "trace the sequence with this model"),
        (rv.random_model("lstm", INPUT, UNIT + 1), r"\(6\), but .* \(5\)"),
        (rv.random_model("lstm", INPUT + 1, UNIT), "reads 4 numbers a step, but .* has 3"),
        (a_stack("lstm", ("forward",), 1, seed=5), "weights make forget .* where the trace has"),
    ],
)
def test_a_trace_of_another_model_is_refused_in_one_sentence(
    other: rv.Model, sentence: str
) -> None:
    trace = rv.trace(a_stack("lstm", ("forward",), 1), SEQUENCE)
    with pytest.raises(rv.ModelError, match=sentence):
        contributions(other, trace, layer=0, gate="forget", time=1, unit=2)
