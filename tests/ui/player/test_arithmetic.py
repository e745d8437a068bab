"""The packet of the arithmetic: every step's numbers, against the trace and a formula."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.attribution import memory_flow
from rnnviz.figures.theme import Look
from rnnviz.ui.player.arithmetic import MOST_TERMS, arithmetic_packet, covered_steps
from tests.ui.packets import unpacked

MEMORIES = [name for name, cell in rv.CELLS.items() if cell.updates]


def traced(cell: str, **options: object) -> tuple[rv.Model, rv.Trace]:
    sequence = rv.parse("Ada Lovelace wrote it")
    model = rv.random_model(cell, sequence.n_features, 9, seed=4, gain=3, **options)
    return model, rv.trace(model, sequence)


def packet(
    model: rv.Model, trace: rv.Trace, signal: str, unit: int
) -> tuple[dict[str, object], np.ndarray]:
    same = {"name": "", "playhead": "", "look": Look()}
    steps = range(trace.sequence.n_steps)
    return unpacked(
        arithmetic_packet(model, trace, steps, layer=0, signal=signal, unit=unit, **same)
    )


@pytest.mark.parametrize("cell", rv.CELLS)
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_the_rows_add_up_to_the_sum_that_makes_the_gate(cell: str, direction: str) -> None:
    model, trace = traced(cell, direction=direction)
    gate = trace.layers[0].cell.gates[0].name
    header, values = packet(model, trace, gate, 5)
    n_steps = trace.sequence.n_steps
    rows = values[: (len(header["rows"]) + 1) * n_steps].reshape(-1, n_steps)
    np.testing.assert_allclose(np.nansum(rows[:-1], axis=0), rows[-1], atol=1e-5)
    assert [float(text.replace("−", "-")) for text in header["numbers"]] == pytest.approx(
        trace[gate][:, 0, 5].tolist(), rel=6e-3, abs=1e-4
    )


def test_an_lstms_rows_are_its_weights_times_what_it_reads() -> None:
    model, trace = traced("lstm")
    header, values = packet(model, trace, "forget", 2)
    weights, n_steps = model.layers[0].weights, trace.sequence.n_steps
    hidden = np.vstack([trace.layers[0].initial["hidden"], trace["hidden"][:-1, 0]])
    for row, made in zip(header["rows"], values.reshape(-1, n_steps), strict=False):
        if row["labels"][0].startswith("h unit"):
            unit = int(row["labels"][0].split()[-1])
            np.testing.assert_allclose(
                made, weights["forget.h"][2, unit] * hidden[:, unit], atol=1e-5
            )
    assert header["rows"][0]["labels"][:3] == ['x "A"', 'x "d"', 'x "a"']


@pytest.mark.parametrize("cell", MEMORIES)
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_what_was_written_and_kept_gives_the_state_also_after_a_change(
    cell: str, direction: str
) -> None:
    model, _ = traced(cell, direction=direction)
    state = next(
        name
        for name, sums in rv.CELLS[cell].updates.items()
        if {one.role for one in sums} == {"kept", "written"}
    )
    for own in ([], [rv.SetState(state, 2.0, 7)], [rv.Reset(9)], [rv.Silence(3, start=3)]):
        changed = rv.trace(model, rv.parse("Ada Lovelace wrote it"), intervene=own)
        flow = memory_flow(changed, 3)
        value, turn = flow.initial, -1 if direction == "backward" else 1
        parts = (flow.kept, flow.written, flow.by_hand)
        steps = zip(*(part[::turn] for part in parts), strict=True)
        found = [value := kept * value + written + hand for kept, written, hand in steps]
        np.testing.assert_allclose(found[::turn], changed[state][:, 0, 3], atol=2e-4)
        assert own or not flow.by_hand.any()


def test_a_long_run_sends_the_steps_around_the_cursor() -> None:
    sequence = rv.parse("abcdefghij" * 40)
    model = rv.random_model("lstm", sequence.n_features, 128, seed=1)
    trace = rv.trace(model, sequence)
    for step in (0, 79, 200, 399):
        steps = covered_steps(model, trace, 0, step)
        assert step in steps
        assert len(steps) * (sequence.n_features + 128) <= MOST_TERMS
    assert covered_steps(model, trace, 0, 399).stop == 400


def test_the_others_are_units_and_every_bias_has_a_row_that_never_changes() -> None:
    model, trace = traced("lstm")
    header, values = packet(model, trace, "forget", 2)
    *products, rest, b_x, b_h = [row["labels"] for row in header["rows"]]
    # One symbol and nine units: five units are shown.
    assert (len(products), rest) == (6, ["other 4 units"])
    assert (b_x, b_h) == (["bias bₓ"], ["bias bₕ"])
    rows = values.reshape(-1, trace.sequence.n_steps)
    weights = model.layers[0].weights
    for made, name in ((rows[7], "forget.b"), (rows[8], "forget.bh")):
        np.testing.assert_allclose(made, np.full(len(made), weights[name][2]), atol=1e-6)


def test_the_others_of_columns_and_units_are_terms() -> None:
    sequence = np.random.default_rng(2).normal(size=(5, 1, 4))
    model = rv.random_model("gru", 4, 9, seed=4)
    header, _ = packet(model, rv.trace(model, sequence), "update", 0)
    assert ["other 7 terms"] in [row["labels"] for row in header["rows"]]


def test_every_part_of_a_long_run_has_the_same_rows() -> None:
    sequence = rv.parse("abcdefghij" * 40)
    model = rv.random_model("gru", sequence.n_features, 128, seed=1, gain=2)
    trace = rv.trace(model, sequence)
    found = []
    for step in (0, 200, 399):
        steps = covered_steps(model, trace, 0, step)
        assert len(steps) < 400
        place = {"layer": 0, "signal": "update", "unit": 3, "name": "", "playhead": ""}
        header, _ = unpacked(arithmetic_packet(model, trace, steps, look=Look(), **place))
        found.append([row["labels"] for row in header["rows"][1:]])
    assert found[0] == found[1] == found[2]
