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
