"""The line of a long row keeps the largest of every column, and frames the window."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.telling_window import Profile
from rnnviz.figures.profile import figure
from rnnviz.figures.theme import Look


def test_a_spike_of_one_step_is_seen_in_a_long_row() -> None:
    values = np.full(100_003, 0.25)
    values[77_777], values[0] = 9.0, np.nan
    drawn = figure(Profile("surprise", values, 0, 0, 77_760, 77_808, 0), Look())
    steps, heights = (np.asarray(drawn["data"][0][axis]) for axis in "xy")
    size = steps[1] - steps[0]
    assert len(steps) <= 700
    assert np.nanmax(heights) == 9
    assert abs(steps[np.nanargmax(heights)] - 77_778) <= size
    [frame] = drawn["layout"]["shapes"]
    assert (frame["x0"], frame["x1"]) == (77_760.5, 77_808.5)
    assert drawn["layout"]["xaxis"]["ticktext"][0] == "20,000"


def test_a_row_without_scores_is_drawn() -> None:
    drawn = figure(Profile("surprise", np.array([np.nan]), 0, 0, 0, 1, 0), Look("zh"))
    assert drawn["layout"]["yaxis"]["range"][1] > 0
