"""Windows of a run, in memory and on disk, against the run itself."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.reports import whole_run as room
from rnnviz.reports.sample import spread_windows
from rnnviz.reports.whole_run import started_at, whole_run
from tests.witnesses import assert_close, normal, torch_module

VALUES = normal(90, 1, 3, seed=4)


@pytest.fixture(scope="module")
def model() -> rv.Model:
    return rv.from_torch(torch_module("LSTM", num_layers=2, bidirectional=True))


def ignore(done: float) -> None:
    assert 0 <= done <= 1


@pytest.mark.parametrize("bytes_in_memory", [10**9, 0])
def test_a_window_runs_again_to_the_same_numbers(
    model: rv.Model, monkeypatch: pytest.MonkeyPatch, bytes_in_memory: int
) -> None:
    monkeypatch.setattr(room, "MAX_IN_MEMORY", bytes_in_memory)
    whole, sequence = rv.trace(model, VALUES), rv.Sequence(VALUES)
    with whole_run(model, sequence, ignore) as run:
        for start, stop in ((0, 9), (40, 57), (80, 90)):
            window = run.window(0, start, stop)
            assert (window.start, window.whole) == (start, 90)
            assert window.sequence.tokens == (tuple(map(str, range(start + 1, stop + 1))),)
            again = rv.trace(started_at(model, (window,)), window.sequence)
            for here, there, of_all in zip(window.layers, again.layers, whole.layers, strict=True):
                for name, values in here.signals.items():
                    assert_close(values, of_all.signals[name][start:stop])
                    assert_close(values, there.signals[name])


def test_windows_of_rows_of_unequal_length_start_from_their_own_states(model: rv.Model) -> None:
    sequence = rv.Sequence(normal(20, 3, 3), lengths=(20, 4, 11))
    whole = rv.trace(model, sequence)
    with whole_run(model, sequence, ignore) as run:
        started, windows = spread_windows(run, 7, 6)
    assert windows.lengths == (6,) * 7
    again, seen = rv.trace(started, windows), set()
    for at, tokens in enumerate(windows.tokens):
        start = int(tokens[0]) - 1
        rows = [
            row
            for row in (0, 2)
            if np.array_equal(sequence.values[start : start + 6, row], windows.values[:, at])
        ]
        assert len(rows) == 1
        assert start + 6 <= sequence.lengths[rows[0]]
        seen.add(rows[0])
        for here, of_all in zip(again.layers, whole.layers, strict=True):
            part = of_all.signals["cell"][start : start + 6, rows[0]]
            assert_close(here.signals["cell"][:, at], part)
    assert seen == {0, 2}


def test_of_more_rows_than_memory_holds_the_first_are_run(
    model: rv.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    sequence = rv.Sequence(normal(20, 3, 3), lengths=(20, 4, 11))
    size = room.recording_size(model, sequence)
    monkeypatch.setattr(room, "MAX_IN_MEMORY", 2 * size)
    with whole_run(model, sequence, ignore) as run:
        assert (run.n_rows, run.lengths) == (2, (20, 4))
