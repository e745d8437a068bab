"""Every step of a shard's texts is in one row, and no row reads over a text's beginning."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.corpus.rows import BATCH_ROWS, batches, cut_rows

LENGTHS = st.lists(st.one_of(st.integers(1, 40), st.integers(1, 20_000)), min_size=1, max_size=90)


@settings(deadline=None, max_examples=60)
@given(LENGTHS, st.integers(0, 300), st.integers(0, 4096))
def test_rows_are_the_texts_and_what_stands_before_them(
    lengths: list[int], n_before: int, warm_up: int
) -> None:
    ends = n_before + np.cumsum(lengths)
    starts = ends - lengths
    known = np.concatenate([[0], starts[1:]])
    rows = cut_rows(starts, ends, known, warm_up)
    # In order, each row begins where the one before ends, and a text's end is a row's end.
    assert rows.starts[0] == n_before
    stops = rows.starts + rows.lengths
    assert stops[:-1].tolist() == rows.starts[1:].tolist()
    assert set(ends.tolist()) <= set(stops.tolist())
    text = np.searchsorted(starts, rows.starts, side="right") - 1
    assert (rows.leads == np.minimum(rows.starts - known[text], warm_up)).all()
    assert (rows.lengths > 0).all()


@settings(deadline=None, max_examples=60)
@given(LENGTHS)
def test_batches_hold_every_row_once_the_longest_first(lengths: list[int]) -> None:
    ends = np.cumsum(lengths)
    rows = cut_rows(ends - lengths, ends, ends - lengths, 128)
    found, of_part = [], [0, 0]
    for part, batch in batches(rows):
        assert 0 < len(batch.starts) <= BATCH_ROWS
        assert (np.diff(batch.lengths) <= 0).all()
        found += batch.starts.tolist()
        of_part[part] += len(batch.starts)
    assert sorted(found) == rows.starts.tolist()
    assert of_part[0] - of_part[1] in (0, 1)


def test_one_text_of_any_length_is_cut_into_even_rows() -> None:
    for n_steps, n_rows in ((300, 1), (2000, 3), (20_000, 9), (10**6, 64)):
        none = np.zeros(1, int)
        rows = cut_rows(none, none + n_steps, none, 128)
        assert len(rows.starts) == n_rows
        assert np.ptp(rows.lengths) <= 1
