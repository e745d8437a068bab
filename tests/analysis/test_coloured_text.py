"""A ribbon shows every token once, in lines, with the unit's own number behind it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.analysis.coloured_text import coloured_text
from rnnviz.formatting import token_label


def traced(text: str) -> rv.Trace:
    sequence = rv.parse(text, kind="characters")
    return rv.trace(rv.random_model("lstm", sequence.n_features, 3, seed=2), sequence)


@given(st.text("ab \n", min_size=1, max_size=40), st.integers(1, 9))
@settings(deadline=None)
def test_read_line_by_line_it_is_the_text_with_the_units_numbers(text: str, width: int) -> None:
    trace = traced(text)
    marked = np.array([letter == "a" for letter in text])
    view = coloured_text(trace, 1, width=width, marked=marked)
    there = ~np.isnan(view.values)
    tokens = np.array(view.tokens)
    assert tokens[there].tolist() == list(map(token_label, text))
    assert set(tokens[~there]) <= {""}
    np.testing.assert_array_equal(view.values[there], trace["cell"][:, 0, 1])
    np.testing.assert_array_equal(view.marked[there], marked)
    assert view.values.shape[1] <= width
    assert view.limit >= np.abs(view.values[there]).max()


def test_lines_end_after_a_line_feed_else_after_the_last_space_that_fits() -> None:
    view = coloured_text(traced("ab cd ef\ngh"), 0, width=7)
    lines = ["".join(line) for line in view.tokens]
    assert lines == ["ab␣cd␣", "ef⏎", "gh"]


def test_what_is_not_there_is_refused() -> None:
    for choice in ({"unit": 3}, {"unit": 0, "row": 1}, {"unit": 0, "signal": "update"}):
        with pytest.raises(rv.InputError, match=r"has no (unit 3|row 1)|\"update\" was asked"):
            coloured_text(traced("ab"), **choice)
