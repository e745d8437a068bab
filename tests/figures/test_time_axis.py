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
from rnnviz.figures.time_axis import evenly_numbered, fitting_labels, step_labels


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


@given(st.integers(1, 400), st.sampled_from([270.0, 640.0]))
def test_numbers_of_steps_are_thinned_to_every_nth_and_never_touch(n: int, width: float) -> None:
    view = view_of([str(t + 1) for t in range(n)])
    shown = evenly_numbered(view, width)
    steps = {later - one for one, later in pairwise(shown[1:] if len(shown) > 2 else shown)}
    assert len(steps) <= 1
    for one, later in pairwise(shown):
        halves = (label_width(str(one + 1)) + label_width(str(later + 1))) / 2
        assert (later - one) * width / n >= halves


@pytest.mark.parametrize(
    ("scale", "numbers"), [(1.0, [1, *range(5, 101, 5)]), (1.8, [1, *range(10, 101, 10)])]
)
def test_numbers_alone_are_fewer_in_the_type_of_a_slide(scale: float, numbers: list[int]) -> None:
    view = view_of([str(t + 1) for t in range(100)])
    axis = panels_figure(view, Look(scale=scale))["layout"]["xaxis"]
    assert [int(text) for text in axis["ticktext"]] == numbers


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
