"""Side by side: the same columns, rows by name, one scale a signal, and every run's own numbers."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.compare import comparison

CELLS = ("rnn", "lstm", "gru")


def traced(text: str = "abcab", cell: str = "lstm", units: int = 5, gain: float = 3) -> rv.Trace:
    sequence = rv.parse(text, kind="characters", vocabulary=tuple("abcX "))
    return rv.trace(rv.random_model(cell, 5, units, 2, seed=4, gain=gain), sequence)


def by_name(view: object, run: int) -> dict[str, object]:
    return {panel.signal.name: panel for panel in view.runs[run].panels}


def test_what_two_runs_have_is_matched_by_name_those_of_most_runs_first() -> None:
    view = comparison([traced(cell=cell) for cell in CELLS], CELLS)
    assert view.signals == ("hidden", "candidate")
    assert view.names == CELLS
    rows = [
        [row if isinstance(row, str) else f"own {row.signal.name}" for row in view.rows(run)]
        for run in range(3)
    ]
    # One network's answer has nothing to stand beside.
    assert rows[0] == ["own hidden", "candidate"]
    assert rows[1] == [
        f"own {n}" for n in ("hidden", "candidate", "cell", "forget", "input", "output")
    ]
    assert rows[2] == [f"own {n}" for n in ("hidden", "candidate", "reset", "update")]


def test_an_answer_is_shown_of_all_runs_or_of_none() -> None:
    with_answers = [traced(cell="rnn"), traced("abX", "rnn")]
    assert "probabilities" in comparison(with_answers, "xy").signals
    view = comparison([*with_answers, traced()], "xyz")
    assert all("probabilities" not in by_name(view, run) for run in range(3))


def test_every_panel_is_the_run_s_own_signal() -> None:
    traces = [traced(cell=cell, units=units) for cell, units in zip(CELLS, (3, 5, 4), strict=True)]
    view = comparison(traces, CELLS, layer=1)
    for run, trace in enumerate(traces):
        for name, panel in by_name(view, run).items():
            np.testing.assert_array_equal(panel.values, trace.layers[1].signals[name][:, 0].T)
    assert view.tokens == tuple("abcab")


def test_a_signal_has_one_scale_as_wide_as_any_run_needs() -> None:
    traces = [traced(gain=gain) for gain in (1, 10, 3)]
    view = comparison(traces, "abc")
    limit = max(float(np.abs(trace["cell"]).max()) for trace in traces)
    for run in range(3):
        panel = by_name(view, run)["cell"]
        assert (panel.low, panel.high) == (-limit, limit)
        gate = by_name(view, run)["forget"]
        assert (gate.low, gate.high) == (0, 1)


def test_two_inputs_stand_aligned_and_a_gap_is_empty() -> None:
    one, other = traced("ab ca"), traced("abXca")
    view = comparison([one, other], ["one", "other"])
    assert view.tokens == ("a", "b", "␣ | X", "c", "a")
    shorter = comparison([one, traced("abca")], ["one", "other"])
    assert shorter.tokens == ("a", "b", "␣ | ·", "c", "a")
    assert shorter.runs[1].tokens == ("a", "b", "", "c", "a")
    hidden = by_name(shorter, 1)["hidden"].values
    assert np.isnan(hidden[:, 2]).all()
    np.testing.assert_array_equal(hidden[:, [0, 1, 3, 4]], traced("abca")["hidden"][:, 0].T)


def test_three_inputs_stand_step_by_step() -> None:
    view = comparison([traced("ab"), traced("b"), traced("abc")], "xyz")
    assert view.tokens == ("a | b | a", "b | · | b", "· | · | c")


def test_columns_can_be_given() -> None:
    steps = [(0, 1, None), (None, 0, 1)]
    view = comparison([traced("ab"), traced("ab")], "xy", ["hidden"], steps=steps)
    assert view.tokens == ("a | ·", "b | a", "· | b")
    assert view.n_steps == 3


def test_one_run_alone_is_a_picture_too() -> None:
    view = comparison([traced(cell="gru")], ["GRU"])
    assert set(view.signals) == {"reset", "update", "candidate", "hidden"}


@pytest.mark.parametrize(
    ("names", "choice", "said"),
    [
        (["one"], {}, "2 runs and 1 names"),
        (["one", "other"], {"signals": ["update"]}, 'forget, .* but "update"'),
        (["one", "other"], {"layer": 2}, "no layer 2: it has 2"),
        (["one", "other"], {"row": 1}, "no row 1: it has 1"),
    ],
)
def test_what_cannot_stand_side_by_side_is_said(
    names: list[str], choice: dict[str, object], said: str
) -> None:
    with pytest.raises(rv.InputError, match=said):
        comparison([traced(), traced()], names, **choice)
