"""Saturated gates, counted unit by unit in gates that PyTorch's weights give."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.figures.theme import Look
from rnnviz.findings.saturated_units import SaturatedUnits
from rnnviz.train import preset
from rnnviz.train.text_tasks import book_parts

# Eight output gates are above 0.9 in more than 90 % of the steps.
HOLDS = False


def test_units_are_counted_that_are_saturated_in_nine_steps_of_ten() -> None:
    found = rv.findings.reproduce("saturated_gates")
    text = book_parts()[1][:5_000]
    run = rv.trace(preset("next_character_lstm").model(), rv.parse(text, kind="characters"))
    often = 0.9 * len(text)
    counts = {
        gate: (
            sum((values < 0.1).sum() > often for values in run[gate][:, 0].T),
            sum((values > 0.9).sum() > often for values in run[gate][:, 0].T),
        )
        for gate in ("forget", "output")
    }
    assert counts == {"forget": (0, 27), "output": (0, 8)}
    assert [found["closed"], found["open"]] == pytest.approx([0, 27 / 128])
    assert [found["blocked"], found["revealed"]] == pytest.approx([0, 8 / 128])


def test_each_unit_of_each_gate_is_a_point_and_a_row() -> None:
    from rnnviz.figures.saturated_units import figure

    view = rv.findings.reproduce("saturated_gates").view
    assert isinstance(view, SaturatedUnits)
    drawn = figure(view, Look())["data"]
    assert [len(one["x"]) for one in drawn] == [128, 128, 128]
    np.testing.assert_array_equal(drawn[1]["y"], view.gates["forget"].open)
    assert len(view.to_frame()) == 3 * 128
