"""The window of a long sequence is always one that there is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rnnviz.ui.visible_range import LEAST, clamped_range

STEPS = st.integers(-(10**9), 10**9)


@given(start=STEPS, stop=st.none() | STEPS, n_steps=st.integers(1, 10**7))
def test_whatever_is_asked_there_is_such_a_window(
    start: int, stop: int | None, n_steps: int
) -> None:
    first, last = clamped_range(start, stop, n_steps)
    assert 0 <= first < last <= n_steps
    assert last - first >= min(LEAST, n_steps)


@given(n_steps=st.integers(100, 10**7), data=st.data())
def test_a_window_that_there_is_stays_as_it_was_asked(n_steps: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, n_steps - LEAST))
    stop = data.draw(st.integers(start + LEAST, n_steps))
    assert clamped_range(start, stop, n_steps) == (start, stop)
