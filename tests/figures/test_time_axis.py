"""Every token that fits is on the axis of time, and no two labels touch."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.analysis.panels import Panels, panels
from rnnviz.figures.notes import label_width
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.theme import Look
from rnnviz.figures.time_axis import fitting_labels, step_labels


def view_of(tokens: list[str]) -> Panels:
    sequence = rv.Sequence(np.eye(len(tokens))[:, None], (tuple(tokens),))
    return panels(rv.trace(rv.random_model("gru", len(tokens), 2), sequence), ["hidden"])


@given(st.lists(st.text("abcij", min_size=1, max_size=12), min_size=1, max_size=60))
def test_labels_never_touch_and_none_that_fits_is_left_out(tokens: list[str]) -> None:
    view = view_of(tokens)
    shown, column = fitting_labels(view), 640 / len(tokens)

    def ends(t: int) -> tuple[float, float]:
        half = max(label_width(tokens[t]), 7) / 2
        return (t + 0.5) * column - half, (t + 0.5) * column + half

    assert shown[0] == 0
    for one, other in pairwise(shown):
        assert ends(other)[0] > ends(one)[1]
        for between in range(one + 1, other):
            assert ends(between)[0] < ends(one)[1] + 1


def test_seventy_seven_letters_are_all_named_and_every_fifth_has_its_number() -> None:
    view = view_of(list("abcdefg" * 11))
    assert len(fitting_labels(view)) > 60
    axis = panels_figure(view, Look(), is_quantised=True)["layout"]["xaxis"]
    assert len(axis["ticktext"]) == 77
    numbered = [i + 1 for i, text in enumerate(step_labels(view, 5)) if f">{i + 1}<" in text]
    assert numbered == [1, *range(5, 78, 5)]


def test_of_more_steps_than_have_labels_those_are_named_that_have_a_number() -> None:
    axis = panels_figure(view_of(["a"] * 250), Look(), is_quantised=True)["layout"]["xaxis"]
    assert axis["tickvals"] == ["1", *map(str, range(10, 251, 10))]


@pytest.mark.parametrize(
    ("tokens", "labels"),
    [
        (("0.5 0", "0.1 1"), ["1", "2"]),
        (("2024-04-29", "2024-04-30"), ["2024-04-29", "2024-04-30"]),
    ],
)
def test_numbers_are_not_repeated_over_their_own_line_but_dates_are_named(
    tokens: tuple[str, str], labels: list[str]
) -> None:
    sequence = rv.Sequence([[[0.5, 0]], [[0.1, 1]]], (tokens,), features=("flow (m3/h)", "b"))
    trace = rv.trace(rv.random_model("gru", 2, 2), sequence)
    drawn = panels_figure(panels(trace, ["inputs", "hidden"]), Look())
    shown = [label.rpartition("<br>")[2] for label in drawn["layout"]["xaxis"]["ticktext"]]
    assert shown == labels
    assert drawn["layout"]["yaxis"]["ticktext"] == ["flow (m3/h)", "b"]
