"""What a state is made of at a step, against the traced states and against formulas."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.analysis.update import StateUpdate, state_update
from tests.analysis.test_contributions import SEQUENCE, UNIT, a_stack, questions
from tests.witnesses import LENGTHS


def asked(cell: str, state: str, **where: Any) -> tuple[StateUpdate, rv.Trace]:
    model = a_stack(cell, ("forward",), 1)
    trace = rv.trace(model, SEQUENCE)
    place = {"layer": 0, "time": 3, "unit": 4, "state": state, **where}
    return state_update(model, trace, **place), trace


def parts(view: StateUpdate) -> dict[str, list[float]]:
    return {term.name: [factor.value for factor in term.factors] for term in view.terms}


@given(questions(), st.data())
def test_the_terms_of_any_state_anywhere_add_up_to_it(
    question: dict[str, Any], data: st.DataObject
) -> None:
    trace = rv.trace(question["model"], SEQUENCE)
    del question["gate"]
    traced = trace.layers[question["layer"]]
    state = data.draw(st.sampled_from([*traced.cell.states, *traced.cell.updates]))
    values = traced.signals[state]
    question["unit"] %= values.shape[2]
    view = state_update(trace=trace, state=state, **question)
    value = values[question["time"], question["row"], question["unit"]]
    assert abs(view.sum - value) <= 1e-12 * (1 + sum(abs(term.value) for term in view.terms))
    assert view.value == value


def test_the_cell_state_keeps_a_part_of_the_old_and_writes_a_part_of_the_candidate() -> None:
    """Written out: f c_{t-1} and i g."""
    view, trace = asked("lstm", "cell")
    f, i, g = (trace[name][3, 0, 4] for name in ("forget", "input", "candidate"))
    assert parts(view) == {"kept": [f, trace["cell"][2, 0, 4]], "written": [i, g]}


def test_the_hidden_state_of_an_lstm_shows_a_part_of_its_cell() -> None:
    """Written out: o tanh(c_t)."""
    view, trace = asked("lstm", "hidden")
    o, c = trace["output"][3, 0, 4], trace["cell"][3, 0, 4]
    assert parts(view) == {"shown": [o, pytest.approx(np.tanh(c))]}


@pytest.mark.parametrize("cell", ["gru", "gru_reset_after"])
def test_the_hidden_state_of_a_gru_keeps_by_update_and_writes_by_the_rest(cell: str) -> None:
    """Written out: z h_{t-1} and (1 − z) n."""
    view, trace = asked(cell, "hidden")
    z, n = trace["update"][3, 0, 4], trace["candidate"][3, 0, 4]
    assert parts(view) == {"kept": [z, trace["hidden"][2, 0, 4]], "written": [1 - z, n]}


def test_the_hidden_state_of_a_simple_network_is_its_activation_alone() -> None:
    view, trace = asked("rnn", "hidden")
    assert parts(view) == {"written": [trace["hidden"][3, 0, 4]]}
    assert re.fullmatch(r"h = −?\d\.\d+", view.text)


def test_the_first_step_keeps_from_the_initial_state() -> None:
    model = a_stack("lstm", ("backward",), 1)
    trace = rv.trace(model, SEQUENCE)
    view = state_update(model, trace, layer=0, state="cell", time=LENGTHS[1] - 1, unit=0, row=1)
    assert parts(view)["kept"][1] == trace.layers[0].initial["cell"][1, 0]


def one_unit(
    cell: str, biases: dict[str, float], start: dict[str, float], **options: Any
) -> Callable[[str], StateUpdate]:
    """By state the update of one unit that nothing reaches but its biases and where it starts."""
    weights = {p.name: np.zeros((1,) * len(p.axes)) for p in rv.CELLS[cell].params}
    chosen = weights | {f"{gate}.b": np.array([float(bias)]) for gate, bias in biases.items()}
    initial = {state: np.array([value]) for state, value in start.items()}
    model = rv.Model((rv.Layer(cell, "forward", chosen, initial, **options),))
    trace = rv.trace(model, [[0.0]])
    return lambda state: state_update(model, trace, layer=0, state=state, time=0, unit=0)


def test_the_equation_has_the_steps_numbers() -> None:
    # σ(0) = 0.5 keeps half of −0.6; σ(−1) = 0.269 writes that much of tanh(0.5) = 0.462.
    update = one_unit("lstm", {"input": -1, "candidate": 0.5}, {"cell": -0.6})
    assert update("cell").text == "c = 0.500·(−0.600) + 0.269·0.462 = −0.176"
    assert update("hidden").text == "h = 0.500·tanh(−0.176) = −0.0870"


def test_the_equation_names_the_layers_own_cell_activation() -> None:
    # σ(0) = 0.5 keeps half of −0.6, and of relu(−0.3) nothing is shown; softsign is −0.3 / 1.3.
    for name, value, result in (("relu", 0.0, "0"), ("softsign", -0.3 / 1.3, "−0.115")):
        update = one_unit("lstm", {}, {"cell": -0.6}, activations={"cell_activation": name})(
            "hidden"
        )
        assert [factor.value for factor in update.terms[0].factors] == [0.5, pytest.approx(value)]
        assert update.text == f"h = 0.500·{name}(−0.300) = {result}"


def test_a_coupled_cell_writes_what_its_forget_gate_leaves() -> None:
    # σ(1) = 0.731 keeps that much of −0.6; the rest writes tanh(0.5) = 0.462.
    update = one_unit("lstm_coupled", {"forget": 1, "candidate": 0.5}, {"cell": -0.6})
    assert update("cell").text == "c = 0.731·(−0.600) + (1 − 0.731)·0.462 = −0.314"


def test_a_projected_cell_shows_before_it_projects() -> None:
    """Written out: o tanh(c_t)."""
    view, trace = asked("lstm_projected", "shown")
    o, c = trace["output"][3, 0, 4], trace["cell"][3, 0, 4]
    assert parts(view) == {"shown": [o, pytest.approx(np.tanh(c))]}


def test_a_projection_has_no_more_numbers_than_it_has() -> None:
    with pytest.raises(rv.InputError, match=r"no unit 4: it has 4"):
        asked("lstm_projected", "hidden")


def test_the_equation_of_a_gru_shows_what_is_left_to_write() -> None:
    # σ(1) = 0.731 keeps that much of 0.2; the rest writes tanh(−0.5) = −0.462.
    update = one_unit("gru", {"update": 1, "candidate": -0.5}, {"hidden": 0.2})
    assert update("hidden").text == "h = 0.731·0.200 + (1 − 0.731)·(−0.462) = 0.0219"


def test_numbers_too_small_for_a_decimal_point_are_powers_of_ten() -> None:
    update = one_unit("lstm", {"forget": -14}, {"cell": -0.6})
    assert update("cell").text == "c = 8.3e−7·(−0.600) + 0.500·0 = −5.0e−7"


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ({"state": "forget"}, "state should be one of hidden, cell, but “forget” came"),
        ({"layer": 1}, "no layer 1: it has 1"),
        ({"unit": UNIT}, "no unit 5: it has 5"),
        ({"time": 4, "row": 1}, "no step 4: it has 4"),
        ({"row": -1}, "no row -1: it has 2"),
    ],
)
def test_a_place_that_is_not_there_is_refused_in_one_sentence(
    where: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(rv.InputError, match=sentence):
        asked("lstm", **{"state": "cell", **where})


@pytest.mark.parametrize("cell", list(rv.CELLS))
def test_every_factor_of_an_update_is_a_signal_or_made_of_one(cell: str) -> None:
    kind = rv.CELLS[cell]
    signals = {signal.name for signal in kind.signals}
    inner = {signal.name for signal in kind.signals if signal.kind == "intermediate"}
    assert set(kind.updates) <= {*kind.states, *inner}
    for summands in kind.updates.values():
        for factor in (factor for summand in summands for factor in summand.factors):
            assert factor.rpartition(":")[2] in signals
