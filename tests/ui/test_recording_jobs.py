"""Recordings beside the pages: shared, stopped, begun again, and never more than the disk holds."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.errors import InputError, ModelError
from rnnviz.network.model import Model
from rnnviz.recordings.source import NumericArray
from rnnviz.ui import recording_jobs
from rnnviz.ui.recording_jobs import Take, Watcher

PATIENCE = 60
N_STEPS = 3_000


@pytest.fixture(autouse=True)
def _no_recording_is_left() -> Iterator[None]:
    yield
    for take in recording_jobs._TAKES.values():
        take.stop()
    for take in recording_jobs._TAKES.values():
        take.wait(PATIENCE)
        take.drop()
    recording_jobs._TAKES.clear()
    assert not list(recording_jobs.root().iterdir())


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Recordings that go no farther than their first part until this is set."""
    opened = threading.Event()

    def held(self: Take, fraction: float) -> None:
        told(self, fraction)
        while fraction < 1 and not opened.is_set() and not self.is_told_to_stop:
            time.sleep(0.005)
        told(self, fraction)

    told = Take._progress
    monkeypatch.setattr(Take, "_progress", held)
    return opened


def model() -> Model:
    return rv.random_model("lstm", n_inputs=2, n_units=3, seed=1)


def numbers(n_steps: int = N_STEPS) -> NumericArray:
    return NumericArray(np.random.default_rng(0).normal(size=(n_steps, 2)))


def watched(name: str, by: Watcher, n_steps: int = N_STEPS) -> Take:
    return by.watch(name, model(), numbers(n_steps), "numpy")


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_recording_holds_what_a_trace_of_the_whole_does() -> None:
    take = watched("one", watcher := Watcher())
    take.wait(PATIENCE)
    assert (take.status, take.fraction, take.step) == ("done", 1.0, N_STEPS)
    whole = rv.trace(model(), numbers().window(0, N_STEPS))
    window = recording_jobs.recorded("one").window(1_000, 2_000)
    np.testing.assert_allclose(window["cell"], whole["cell"][1_000:2_000], rtol=0, atol=1e-12)
    assert watcher.take is take


def test_whoever_makes_the_same_choices_shares_one_recording() -> None:
    first, second = Watcher(), Watcher()
    assert watched("one", first) is watched("one", second)
    assert watched("two", second) is not first.take


def test_a_stopped_one_leaves_nothing_and_begins_again(gate: threading.Event) -> None:
    take = watched("one", by := Watcher())
    until(lambda: take.fraction > 0)
    take.stop()
    take.wait(PATIENCE)
    assert take.status == "stopped"
    assert take.recording is None
    assert not list(recording_jobs.root().iterdir())
    with pytest.raises(InputError, match="no longer on the server"):
        recording_jobs.recorded("one")
    # Looking at it again is no wish to begin it again; the button is.
    assert watched("one", by).status == "stopped"
    gate.set()
    take.go()
    take.wait(PATIENCE)
    assert take.status == "done"


def test_one_that_nobody_looks_at_any_more_is_given_up(gate: threading.Event) -> None:
    first, second = Watcher(), Watcher()
    take = watched("one", first)
    watched("one", second)
    until(lambda: take.fraction > 0)
    first.leave()
    assert take.is_alive
    watched("two", second)
    take.wait(PATIENCE)
    assert take.status == "stopped"


def test_a_session_that_ends_gives_its_recording_up(gate: threading.Event) -> None:
    by = Watcher()
    take = watched("one", by)
    until(lambda: take.fraction > 0)
    del by
    gate.set()
    take.wait(PATIENCE)
    assert take.status == "stopped"


def test_who_comes_later_begins_a_stopped_one_again(gate: threading.Event) -> None:
    take = watched("one", first := Watcher())
    until(lambda: take.fraction > 0)
    take.stop()
    take.wait(PATIENCE)
    gate.set()
    assert watched("one", Watcher()) is take
    take.wait(PATIENCE)
    assert first.take is take


def test_no_more_record_at_once_than_there_are_seats(gate: threading.Event) -> None:
    watchers = [Watcher() for _ in range(recording_jobs.MAX_AT_ONCE + 1)]
    takes = [watched(str(i), by) for i, by in enumerate(watchers)]
    until(lambda: [take.status for take in takes].count("running") == recording_jobs.MAX_AT_ONCE)
    assert [take.status for take in takes].count("waiting") == 1
    gate.set()
    for take in takes:
        take.wait(PATIENCE)
    assert {take.status for take in takes} == {"done"}


def test_the_one_that_nobody_looks_at_for_longest_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recording_jobs, "MAX_RECORDINGS", 2)
    by = Watcher()
    for name in ("one", "two"):
        watched(name, by).wait(PATIENCE)
    recording_jobs.recorded("one")
    watched("three", by).wait(PATIENCE)
    assert set(recording_jobs._TAKES) == {"one", "three"}
    assert len(list(recording_jobs.root().iterdir())) == 2


def test_what_somebody_looks_at_stays_even_when_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recording_jobs, "MAX_RECORDINGS", 1)
    looking = Watcher()
    watched("one", looking).wait(PATIENCE)
    with pytest.raises(InputError, match="busy with 1 recordings"):
        watched("two", Watcher())
    assert recording_jobs.recorded("one").n_steps == N_STEPS


def test_the_disk_is_not_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    by = Watcher()
    take = watched("one", by)
    take.wait(PATIENCE)
    monkeypatch.setattr(recording_jobs, "MAX_BYTES", int(1.5 * take.n_bytes))
    watched("two", by).wait(PATIENCE)
    assert set(recording_jobs._TAKES) == {"two"}
    monkeypatch.setattr(recording_jobs, "MAX_BYTES", take.n_bytes // 2)
    with pytest.raises(InputError, match="choose fewer units"):
        watched("three", by)


def test_its_size_is_known_before_it_is_recorded() -> None:
    take = watched("one", watcher := Watcher())
    take.wait(PATIENCE)
    assert watcher.take is take
    said, there = take.n_bytes, recording_jobs.recorded("one").n_bytes
    assert there == pytest.approx(said, rel=0.01)


def test_what_cannot_be_read_says_so_before_it_begins() -> None:
    with pytest.raises(ModelError):
        Watcher().watch("one", rv.random_model("rnn", 5, 3), numbers(), "numpy")
    assert not recording_jobs._TAKES


def test_what_breaks_a_recording_becomes_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object, **named: object) -> None:
        raise RuntimeError("out of memory at 0x7f")

    monkeypatch.setattr(recording_jobs, "record", broken)
    take = watched("one", watcher := Watcher())
    take.wait(PATIENCE)
    assert watcher.take is take
    assert take.status == "failed"
    assert "0x7f" not in str(take.error)


def test_a_number_that_grows_too_large_says_at_which_step() -> None:
    exploding = rv.random_model("rnn", 2, 3, seed=1, gain=30, activation="relu")
    take = (by := Watcher()).watch("one", exploding, numbers(), "numpy")
    take.wait(PATIENCE)
    assert by.take is take
    assert take.status == "failed"
    assert "step" in str(take.error)


def test_a_session_can_be_kept_while_it_looks_at_one() -> None:
    watched("one", by := Watcher())
    assert pickle.loads(pickle.dumps(by)).take is None


def test_what_a_dead_process_left_goes_and_what_a_living_one_holds_stays() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    temporary = Path(tempfile.gettempdir())
    dead = temporary / f"rnnviz-recordings-{int(ended.stdout)}-test"
    alive = temporary / f"rnnviz-recordings-{os.getppid()}-test"
    for folder in (dead, alive):
        (folder / "one").mkdir(parents=True)
    try:
        recording_jobs.sweep()
        assert not dead.exists()
        assert (alive / "one").exists()
    finally:
        (alive / "one").rmdir()
        alive.rmdir()


def test_the_folder_of_a_process_goes_with_it() -> None:
    code = "from rnnviz.ui import recording_jobs; print(recording_jobs.root())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not Path(done.stdout.strip()).exists()
