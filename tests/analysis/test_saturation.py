"""Saturation counts the steps at which a gate is nearly closed or nearly open."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.saturation import saturation

GATES = [signal.name for signal in rv.CELLS["lstm"].signals if signal.kind == "gate"]


@pytest.mark.parametrize("gate", GATES)
def test_shares_are_those_counted_by_hand_padding_left_out(gate: str) -> None:
    values = np.random.default_rng(1).normal(size=(9, 3, 2))
    sequence = rv.Sequence(values, lengths=(9, 4, 6))
    trace = rv.trace(rv.random_model("lstm", 2, 5, seed=3, gain=10), sequence)
    view = saturation(trace, gate)
    for unit in range(5):
        seen = [
            float(trace[gate][time, row, unit])
            for row, length in enumerate(sequence.lengths)
            for time in range(length)
        ]
        assert len(seen) == 19
        assert view.closed[unit] == pytest.approx(sum(v < 0.1 for v in seen) / 19)
        assert view.open[unit] == pytest.approx(sum(v > 0.9 for v in seen) / 19)
    assert view.closed.max() > 0
    assert view.open.max() > 0


def test_what_is_no_gate_is_refused() -> None:
    trace = rv.trace(rv.random_model("lstm", 1, 2), [[0.5]])
    with pytest.raises(rv.InputError, match="forget, input, output"):
        saturation(trace, "cell")
