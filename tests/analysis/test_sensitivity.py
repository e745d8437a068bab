"""A fan holds one unit's signal of every row."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.sensitivity import sensitivity


def traced() -> rv.Trace:
    values = np.random.default_rng(1).normal(size=(6, 3, 2))
    return rv.trace(rv.random_model("lstm", 2, 5, seed=3), values)


def test_every_line_is_one_row_of_the_trace() -> None:
    view = sensitivity(traced(), "forget", 4, ("a", "b", "c"), marks=(1, 5), highlighted=2)
    for row in range(3):
        np.testing.assert_array_equal(view.values[row], traced()["forget"][:, row, 4])
    assert (view.n_steps, view.signal.name) == (6, "forget")


@pytest.mark.parametrize("wrong", [{"unit": 5}, {"highlighted": 3}, {"marks": (6,)}, {"layer": 1}])
def test_what_is_not_there_is_refused(wrong: dict[str, object]) -> None:
    choice = {"signal": "cell", "unit": 0, "names": ("a", "b", "c"), **wrong}
    with pytest.raises(rv.InputError, match="The trace has no"):
        sensitivity(traced(), **choice)
