"""A difference is the one number minus the other, at the steps that belong together."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.align import step_by_step
from rnnviz.analysis.difference import (
    largest_differences,
    predicted_outputs,
    shared_signals,
    signal_differences,
    trace_difference,
)
from rnnviz.analysis.signal_order import ordered_signals

NAMES = [signal.name for signal in rv.CELLS["lstm"].signals]
ONE, OTHER = "abcab", "abXcb"
# By hand: X was inserted and the second a left out.
COLUMNS = [("a", 0, 0), ("b", 1, 1), ("+X", None, 2), ("c", 2, 3), ("−a", 3, None), ("b", 4, 4)]
KNOWN = tuple("abcX")


def traced(
    text: str = ONE, cell: str = "lstm", seed: int = 4, units: int = 5, **options: object
) -> rv.Trace:
    model = rv.random_model(cell, 4, units, 2, bidirectional=True, seed=seed, gain=3, **options)
    sequence = rv.parse(text, kind="characters", vocabulary=KNOWN)
    return rv.trace(model, sequence)


def by_hand(one: rv.Trace, other: rv.Trace, name: str, layer: int = 0) -> np.ndarray:
    """(unit, column), a number at a time."""
    first, second = (t.layers[layer].signals[name].astype(float) for t in (one, other))
    wide = np.full((first.shape[2], len(COLUMNS)), np.nan)
    for column, (_, i, j) in enumerate(COLUMNS):
        for unit in range(len(wide)):
            if i is not None and j is not None:
                wide[unit, column] = second[j, 0, unit] - first[i, 0, unit]
    return wide


@pytest.mark.parametrize("cell", rv.CELLS)
@pytest.mark.parametrize("layer", [0, 3])
def test_every_shared_signal_is_the_other_minus_the_one_where_both_have_a_step(
    cell: str, layer: int
) -> None:
    one, other = traced(cell=cell), traced(OTHER, cell=cell)
    view = trace_difference(one, other, layer=layer)
    assert view.tokens == tuple(token for token, _, _ in COLUMNS)
    own = [p for p in view.panels if p.signal.kind not in ("probability", "output")]
    assert [p.signal.name for p in own] == list(ordered_signals(rv.CELLS[cell]))
    for panel in own:
        wanted = by_hand(one, other, panel.signal.name, layer)
        np.testing.assert_array_equal(panel.values, wanted)


def test_before_the_inputs_part_a_model_that_reads_forward_does_not_differ() -> None:
    for panel in trace_difference(traced(), traced(OTHER)).panels:
        assert (panel.values[:, :2] == 0).all()
        assert (panel.values[:, 3] != 0).any()


def test_signals_of_one_kind_and_range_have_one_scale_that_their_largest_fills() -> None:
    one, other = traced(), traced(OTHER)
    gates = ("forget", "input", "output")
    alike = {name: gates if name in gates else (name,) for name in NAMES}
    for panel in trace_difference(one, other, units=[1]).panels:
        whole = [by_hand(one, other, name) for name in alike[panel.signal.name]]
        assert -panel.low == panel.high == max(np.nanmax(np.abs(values)) for values in whole)


def test_a_run_minus_itself_is_nothing_on_a_scale_that_can_be_drawn() -> None:
    for panel in trace_difference(traced(), traced()).panels:
        assert (panel.values == 0).all()
        assert (panel.low, panel.high) == (-1, 1)


def test_units_stand_in_the_order_asked_for() -> None:
    one, other = traced(), traced(OTHER)
    (panel,) = trace_difference(one, other, ["cell"], order="activity", units=[4, 0, 2]).panels
    activity = np.abs(one["hidden"][:, 0]).mean(axis=0)
    rows = sorted([0, 2, 4], key=lambda unit: -activity[unit])
    assert panel.units == tuple(map(str, rows))
    np.testing.assert_array_equal(panel.values, by_hand(one, other, "cell")[rows])


def test_steps_can_be_laid_over_each_other_otherwise() -> None:
    one, other = traced(), traced(OTHER)
    (panel,) = trace_difference(one, other, ["hidden"], steps=step_by_step(5, 5)).panels
    wanted = other["hidden"][:, 0].T.astype(float) - one["hidden"][:, 0].T
    np.testing.assert_array_equal(panel.values, wanted)


def test_two_cells_share_what_has_the_same_name_and_as_many_units() -> None:
    assert shared_signals(traced(cell="lstm"), traced(cell="gru")) == ("candidate", "hidden")
    assert shared_signals(traced(cell="lstm"), traced(cell="mgu")) == (
        "forget",
        "candidate",
        "hidden",
    )
    view = trace_difference(traced(cell="rnn"), traced(cell="lstm"))
    assert [panel.signal.name for panel in view.panels] == ["hidden"]


def test_what_differs_most_is_found_with_its_place_and_both_numbers() -> None:
    one, other = traced(), traced(OTHER)
    everything = {
        (name, str(unit), column): value
        for name in NAMES
        for (unit, column), value in np.ndenumerate(by_hand(one, other, name))
        if not np.isnan(value)
    }
    found = largest_differences(one, other, 7)
    ordered = sorted(map(abs, everything.values()), reverse=True)[:7]
    assert [abs(most.difference) for most in found] == ordered
    for most in found:
        assert most.difference == everything[most.signal.name, most.unit, most.step]
        token, i, j = COLUMNS[most.step]
        name, unit = most.signal.name, int(most.unit)
        assert most.token == token
        assert (most.one, most.other) == (one[name][i, 0, unit], other[name][j, 0, unit])


def test_no_more_is_found_than_there_is() -> None:
    one, other = traced("abc", units=2), traced("ab", units=2)
    found = largest_differences(one, other, 50, signals=["hidden"])
    assert {(most.unit, most.step) for most in found} == {("0", 0), ("0", 1), ("1", 0), ("1", 1)}
    assert len(found) == 4


def test_every_signal_has_its_largest_and_its_mean_the_largest_first() -> None:
    one, other = traced(), traced(OTHER)
    found = signal_differences(one, other)
    assert {size.signal.name for size in found} == set(NAMES)
    assert [s.max for s in found] == sorted((s.max for s in found), reverse=True)
    for size in found:
        apart = np.abs(by_hand(one, other, size.signal.name))
        assert size.max == np.nanmax(apart)
        assert size.mean == pytest.approx(np.nanmean(apart), rel=1e-12)


def test_a_difference_is_of_random_weights_only_where_both_runs_are() -> None:
    random = traced()
    taught = rv.Trace(random.sequence, random.layers, random.outputs, is_trained=True)
    assert not trace_difference(random, random).is_trained
    assert trace_difference(random, taught).is_trained


def read_out(logits: list[list[float]], names: tuple[str, ...] = ("no", "yes")) -> rv.Trace:
    """A trace with these numbers before its softmax."""
    trace = rv.trace(rv.random_model("gru", 1, 2), np.ones((len(logits), 1, 1)))
    whole = np.exp(logits)[:, None] / np.exp(logits).sum(axis=1)[:, None, None]
    return rv.Trace(trace.sequence, trace.layers, whole, output_names=names)


def test_what_is_most_probable_and_where_that_flips() -> None:
    one = read_out([[0, 1], [2, 1], [0, 3], [4, 1]])
    other = read_out([[1, 0], [3, 1], [0, 1]])
    found = predicted_outputs(one, other)
    assert found is not None
    assert found.one == ("yes", "no", "yes", "no")
    assert found.other == ("no", "no", "yes", None)
    assert found.flips == (0,)


def test_answers_of_other_names_are_not_compared() -> None:
    one, other = read_out([[0, 1]]), read_out([[0, 1]], ("y0", "y1"))
    assert predicted_outputs(one, other) is None


def test_without_a_softmax_there_are_no_answers() -> None:
    bare = rv.trace(rv.random_model("gru", 1, 2), np.ones((5, 1, 1)))
    assert predicted_outputs(bare, read_out([[0, 1]] * 5)) is None


@pytest.mark.parametrize(
    ("other", "choice", "said"),
    [
        (traced(units=6), {}, r"forget \(5\).* forget \(6\)"),
        (traced(cell="gru"), {"signals": ["cell"]}, 'candidate, hidden, but "cell"'),
        (traced(), {"layer": 4}, "no layer 4: it has 4"),
        (traced(), {"row": 1}, "no row 1: it has 1"),
        (traced(), {"units": [5]}, "no unit 5: it has 5"),
    ],
)
def test_what_cannot_be_subtracted_is_said_in_a_sentence(
    other: rv.Trace, choice: dict[str, object], said: str
) -> None:
    with pytest.raises(rv.InputError, match=said):
        trace_difference(traced(), other, **choice)
