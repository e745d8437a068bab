"""What a unit keeps and writes, held against the equation of every cell written out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.unit_steps import changed_most, memory_state, unit_steps
from tests.witnesses import Array, normal

STEPS, UNITS = 7, 5
Numbers = Mapping[str, Array]
# The share of the old memory, and what is added to it, by the cell's paper.
LSTM: tuple[str, Callable[[Numbers], Array], Callable[[Numbers], Array]] = (
    "cell",
    lambda s: s["forget"],
    lambda s: s["input"] * s["candidate"],
)
GRU: tuple[str, Callable[[Numbers], Array], Callable[[Numbers], Array]] = (
    "hidden",
    lambda s: s["update"],
    lambda s: (1 - s["update"]) * s["candidate"],
)
EQUATIONS = {
    "lstm": LSTM,
    "lstm_peephole": LSTM,
    "lstm_projected": LSTM,
    "lstm_layer_norm": LSTM,
    "lstm_diagonal": LSTM,
    "slstm": LSTM,
    "linear_rnn": ("hidden", lambda s: s["forget"], lambda s: s["candidate"]),
    "lstm_no_forget": ("cell", lambda s: np.ones_like(s["input"]), LSTM[2]),
    "lstm_coupled": ("cell", LSTM[1], lambda s: (1 - s["forget"]) * s["candidate"]),
    "gru": GRU,
    "gru_reset_after": GRU,
    "min_gru": GRU,
    "mgu": ("hidden", lambda s: 1 - s["forget"], lambda s: s["forget"] * s["candidate"]),
    "mut1": ("hidden", lambda s: 1 - s["update"], lambda s: s["update"] * s["candidate"]),
    "min_lstm": (
        "hidden",
        lambda s: s["forget"] / (s["forget"] + s["input"]),
        lambda s: s["input"] / (s["forget"] + s["input"]) * s["candidate"],
    ),
}


def traced(cell: str, *held: object, **options: object) -> rv.Trace:
    model = rv.random_model(cell, 3, UNITS, seed=3, gain=2, dtype=np.float64, **options)  # type: ignore[arg-type]
    return rv.trace(model, normal(STEPS, 2, 3), intervene=held)  # type: ignore[arg-type]


def test_every_cell_but_the_simple_rnn_has_its_equation_here() -> None:
    assert set(EQUATIONS) | {"rnn"} == set(rv.CELLS)


@pytest.mark.parametrize("direction", ["forward", "backward"])
@pytest.mark.parametrize("cell", EQUATIONS)
def test_a_unit_keeps_and_writes_what_its_equation_says(cell: str, direction: str) -> None:
    state, kept, written = EQUATIONS[cell]
    trace = traced(cell, direction=direction)
    layer, units = trace.layers[0], np.arange(STEPS) % UNITS
    signals = {name: array[:, 1] for name, array in layer.signals.items()}
    memory = signals[state]
    order = slice(None) if direction == "forward" else slice(None, None, -1)
    before = np.concatenate([np.zeros((1, UNITS)), memory[order][:-1]])[order]
    assert memory_state(layer.cell) == state
    for step in unit_steps(trace, units, row=1):
        at = step.step, units[step.step]
        assert step.before == before[at]
        assert step.after == memory[at]
        assert step.kept == pytest.approx(kept(signals)[at], abs=1e-12)
        assert step.written == pytest.approx(written(signals)[at], abs=1e-12)
        assert step.kept * step.before + step.written == pytest.approx(step.after, abs=1e-12)
        assert not step.held
        assert not step.is_set


def test_a_simple_rnn_keeps_nothing_by_name() -> None:
    trace = traced("rnn")
    for step in unit_steps(trace, np.full(STEPS, 2)):
        assert (step.kept, step.written) == (None, None)
        assert step.after == trace["hidden"][step.step, 0, 2]


def test_what_is_held_is_named_at_its_units_and_steps_alone() -> None:
    held = rv.Clamp("forget", 0.25, units=2, start=2, stop=4), rv.Silence(1, start=5)
    steps = [unit_steps(traced("lstm", *held), np.full(STEPS, unit)) for unit in (1, 2)]
    assert [one.held for one in steps[0]] == [(), (), (), (), (), ("hidden",), ("hidden",)]
    assert [one.held for one in steps[1]] == [(), (), ("forget",), ("forget",), (), (), ()]
    assert [one.kept for one in steps[1]][2:4] == [0.25, 0.25]
    # The LSTM's memory is its cell state, which a silenced unit goes on to keep.
    assert not any(one.is_silenced for one in steps[0])
    silenced = unit_steps(traced("gru", rv.Silence(1)), np.full(STEPS, 1))
    assert all(one.is_silenced and one.after == 0 for one in silenced)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_memory_that_was_changed_before_a_step_is_the_one_it_started_from(cell: str) -> None:
    state = EQUATIONS[cell][0]
    trace = traced(cell, rv.SetState(state, 0.75, step=3, units=4))
    steps = unit_steps(trace, np.full(STEPS, 4))
    assert [one.is_set for one in steps] == [index == 3 for index in range(STEPS)]
    assert steps[3].before == 0.75
    kept = EQUATIONS[cell][1]({n: a[3, 0] for n, a in trace.layers[0].signals.items()})[4]
    assert steps[3].kept == pytest.approx(kept, abs=1e-12)


def test_the_unit_that_changed_most_moved_its_hidden_number_furthest() -> None:
    trace = traced("gru")
    hidden = np.concatenate([np.zeros((1, UNITS)), trace["hidden"][:, 1]])
    moved = np.abs(np.diff(hidden, axis=0))
    np.testing.assert_array_equal(changed_most(trace, row=1), moved.argmax(axis=1))


def test_units_that_are_not_there_are_refused() -> None:
    with pytest.raises(rv.InputError, match="unit"):
        unit_steps(traced("gru"), np.full(STEPS, UNITS))
