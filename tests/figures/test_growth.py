"""The growth of a difference: lines in powers of ten, an axis that holds them, labels as typed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rnnviz.figures.growth import GrowthCurves, figure
from rnnviz.figures.theme import Look


def drawn(*values: list[float], tokens: tuple[str, ...] = (), parted: int | None = None):
    names = tuple(f"layer {i}" for i in range(len(values)))
    steps = tokens or tuple(str(i + 1) for i in range(len(values[0])))
    return figure(GrowthCurves(names, tuple(map(np.array, values)), steps, parted), Look())


def test_a_line_is_the_logarithm_and_0_is_a_gap() -> None:
    chart = drawn([0.0, 1e-6, 0.02], [1.0, 0.0, 5.0], parted=1)
    assert np.isnan(chart["data"][0]["y"][0])
    assert chart["data"][0]["y"][1:].tolist() == pytest.approx([-6, math.log10(0.02)])
    assert chart["data"][1]["x"] == [1, 2, 3]
    assert chart["layout"]["shapes"][0]["x0"] == 2
    assert chart["layout"]["showlegend"]


@pytest.mark.parametrize(
    "values",
    [[1e-40, 1e-30], [5e-324], [1e300, 1e-300], [math.inf, 1, 0], [math.nan], [1e-16], [0.0, 0.0]],
)
def test_the_axis_goes_up_and_has_ticks_on_it(values: list[float]) -> None:
    axis = drawn(values)["layout"]["yaxis"]
    low, high = axis["range"]
    assert low < high
    assert 1 < len(axis["tickvals"]) <= 8
    assert all(low < power < high for power in axis["tickvals"])
    assert len(set(axis["ticktext"])) == len(axis["tickvals"])


def test_labels_are_the_tokens_as_typed() -> None:
    axis = drawn([0.1, 0.2, 0.1], tokens=("<b>", "␣", "⏎"))["layout"]["xaxis"]
    assert axis["ticktext"] == ["&lt;b&gt;", "␣", "⏎"]
    assert "ticktext" not in drawn([0.1] * 25, tokens=("a",) * 25)["layout"]["xaxis"]
