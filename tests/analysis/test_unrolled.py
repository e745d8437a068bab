"""An unrolled view is the trace's own states, up to the step asked for."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.unrolled import unrolled
from tests.witnesses import assert_close


def a_trace(n_layers: int = 1) -> rv.Trace:
    sequence = rv.parse("a cat", vocabulary=tuple("act "))
    return rv.trace(rv.random_model("rnn", 4, 5, n_layers, seed=3, gain=3), sequence)


@pytest.mark.parametrize(("asked", "shown"), [(1, 1), (3, 3), (9, 5)])
def test_it_shows_as_many_steps_as_asked_for_and_no_more_than_there_are(
    asked: int, shown: int
) -> None:
    trace = a_trace()
    view = unrolled(trace, asked)
    assert view.tokens == ("a", "␣", "c", "a", "t")[:shown]
    assert_close(view.hidden, trace["hidden"][:shown, 0].T)
    best = np.argmax(trace["probabilities"][:shown, 0], axis=1)
    assert view.outputs == tuple(trace.output_names[one] for one in best)


def test_several_layers_are_refused() -> None:
    with pytest.raises(rv.InputError, match="this trace has 2"):
        unrolled(a_trace(2), 3)
    with pytest.raises(rv.InputError):
        unrolled(a_trace(), 3, row=1)
