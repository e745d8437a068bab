"""Recordings beside the pages: shared, stopped, begun again, and never more than the disk holds."""

from __future__ import annotations

import os
import pickle
import signal
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
from rnnviz.bounded.pool import pool
from rnnviz.errors import InputError, ModelError
from rnnviz.network.model import Model
from rnnviz.recordings.source import NumericArray
from rnnviz.ui import recording_jobs
from rnnviz.ui.recording_jobs import RecordingJob, Viewer
from tests.bounded import work
from tests.bounded.test_run import children

PATIENCE = 60
N_STEPS = 3_000


@pytest.fixture(autouse=True)
def _no_recording_is_left() -> Iterator[None]:
    yield
    for job in recording_jobs._JOBS.values():
        job.stop()
    for job in recording_jobs._JOBS.values():
        job.wait(PATIENCE)
        job.delete_files()
    recording_jobs._JOBS.clear()
    assert not list(recording_jobs.recordings_folder().iterdir())


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Recordings that go no farther than their first part until this is set."""
    opened = threading.Event()

    def held(self: RecordingJob, fraction: float) -> None:
        told(self, fraction)
        while fraction < 1 and not opened.is_set() and not self.is_unwanted:
            time.sleep(0.005)

    told = RecordingJob.tell
    monkeypatch.setattr(RecordingJob, "tell", held)
    return opened


def model() -> Model:
    return rv.random_model("lstm", n_inputs=2, n_units=3, seed=1)


def numbers(n_steps: int = N_STEPS) -> NumericArray:
    return NumericArray(np.random.default_rng(0).normal(size=(n_steps, 2)))


def watched(name: str, by: Viewer, n_steps: int = N_STEPS) -> RecordingJob:
    return by.watch(name, model(), numbers(n_steps), "numpy")


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_recording_holds_what_a_trace_of_the_whole_does() -> None:
    job = watched("one", viewer := Viewer())
    job.wait(PATIENCE)
    assert (job.status, job.fraction, job.progress[0]) == ("done", 1.0, N_STEPS)
    whole = rv.trace(model(), numbers().window(0, N_STEPS))
    window = recording_jobs.finished_recording("one").window(1_000, 2_000)
    np.testing.assert_allclose(window["cell"], whole["cell"][1_000:2_000], rtol=0, atol=1e-12)
    assert viewer.job is job


def test_whoever_makes_the_same_choices_shares_one_recording() -> None:
    first, second = Viewer(), Viewer()
    assert watched("one", first) is watched("one", second)
    assert watched("two", second) is not first.job


def test_a_stopped_one_leaves_nothing_and_begins_again(gate: threading.Event) -> None:
    job = watched("one", by := Viewer())
    until(lambda: job.fraction > 0)
    job.stop()
    job.wait(PATIENCE)
    assert job.status == "stopped"
    assert job.recording is None
    assert not list(recording_jobs.recordings_folder().iterdir())
    with pytest.raises(InputError, match="no longer on the server"):
        recording_jobs.finished_recording("one")
    # Looking at it again is no wish to begin it again; the button is.
    assert watched("one", by).status == "stopped"
    gate.set()
    job.start()
    job.wait(PATIENCE)
    assert job.status == "done"


def test_one_that_nobody_looks_at_any_more_is_given_up(gate: threading.Event) -> None:
    first, second = Viewer(), Viewer()
    job = watched("one", first)
    watched("one", second)
    until(lambda: job.fraction > 0)
    first.leave()
    assert job.is_alive
    watched("two", second)
    job.wait(PATIENCE)
    assert job.status == "stopped"


def test_a_session_that_ends_gives_its_recording_up(gate: threading.Event) -> None:
    by = Viewer()
    job = watched("one", by)
    until(lambda: job.fraction > 0)
    del by
    gate.set()
    job.wait(PATIENCE)
    assert job.status == "stopped"


def test_who_comes_later_begins_a_stopped_one_again(gate: threading.Event) -> None:
    job = watched("one", first := Viewer())
    until(lambda: job.fraction > 0)
    job.stop()
    job.wait(PATIENCE)
    gate.set()
    assert watched("one", Viewer()) is job
    job.wait(PATIENCE)
    assert first.job is job


def test_no_more_record_at_once_than_there_are_slots(gate: threading.Event) -> None:
    viewers = [Viewer() for _ in range(recording_jobs.MAX_RECORDINGS_AT_ONCE + 1)]
    jobs = [watched(str(i), by) for i, by in enumerate(viewers)]
    until(
        lambda: (
            [job.status for job in jobs].count("running") == recording_jobs.MAX_RECORDINGS_AT_ONCE
        )
    )
    assert [job.status for job in jobs].count("waiting") == 1
    gate.set()
    for job in jobs:
        job.wait(PATIENCE)
    assert {job.status for job in jobs} == {"done"}


def test_the_one_that_nobody_looks_at_for_longest_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recording_jobs, "MAX_RECORDINGS", 2)
    by = Viewer()
    for name in ("one", "two"):
        watched(name, by).wait(PATIENCE)
    recording_jobs.finished_recording("one")
    watched("three", by).wait(PATIENCE)
    assert set(recording_jobs._JOBS) == {"one", "three"}
    assert len(list(recording_jobs.recordings_folder().iterdir())) == 2


def test_what_somebody_looks_at_stays_even_when_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recording_jobs, "MAX_RECORDINGS", 1)
    looking = Viewer()
    watched("one", looking).wait(PATIENCE)
    with pytest.raises(InputError, match="busy with 1 recordings; try again in a few minutes"):
        watched("two", Viewer())
    assert recording_jobs.finished_recording("one").n_steps == N_STEPS
    looking.leave()
    watched("two", later := Viewer()).wait(PATIENCE)
    assert later.job is not None
    assert later.job.status == "done"
    # The first had to go: the page that is loaded again records it again.
    later.leave()
    with pytest.raises(InputError, match="load the page again"):
        recording_jobs.finished_recording("one")
    watched("one", looking).wait(PATIENCE)
    assert recording_jobs.finished_recording("one").n_steps == N_STEPS


def test_the_disk_is_not_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    by = Viewer()
    job = watched("one", by)
    job.wait(PATIENCE)
    monkeypatch.setattr(recording_jobs, "MAX_DISK_BYTES", int(1.5 * job.n_bytes))
    watched("two", by).wait(PATIENCE)
    assert set(recording_jobs._JOBS) == {"two"}
    monkeypatch.setattr(recording_jobs, "MAX_DISK_BYTES", job.n_bytes // 2)
    with pytest.raises(InputError, match="fewer units, fewer layers or a shorter input"):
        watched("three", by)
    watched("short", by, N_STEPS // 8).wait(PATIENCE)
    assert recording_jobs.finished_recording("short").n_steps == N_STEPS // 8


def test_its_size_is_known_before_it_is_recorded() -> None:
    job = watched("one", viewer := Viewer())
    job.wait(PATIENCE)
    assert viewer.job is job
    said, there = job.n_bytes, recording_jobs.finished_recording("one").n_bytes
    assert there == pytest.approx(said, rel=0.01)


def test_what_cannot_be_read_says_so_before_it_begins() -> None:
    with pytest.raises(ModelError):
        Viewer().watch("one", rv.random_model("rnn", 5, 3), numbers(), "numpy")
    assert not recording_jobs._JOBS


def test_what_breaks_a_recording_becomes_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(recording_jobs, "record", work.break_down)
        job = watched("one", viewer := Viewer())
        job.wait(PATIENCE)
    assert viewer.job is job
    assert job.status == "failed"
    assert "0x7f" not in str(job.error)
    assert "choose other settings and try again" in str(job.error)
    watched("other settings", viewer).wait(PATIENCE)
    assert viewer.job.status == "done"


def test_a_worker_that_is_killed_leaves_nothing_and_says_so(
    gate: threading.Event,
) -> None:
    job = watched("one", viewer := Viewer())
    until(lambda: job.fraction > 0)
    for child in children(pool().start("working").process_id).split():
        os.kill(int(child), signal.SIGKILL)
    gate.set()
    job.wait(PATIENCE)
    assert viewer.job is job
    assert job.status == "failed"
    assert "was ended before it was done" in str(job.error)
    assert not list(recording_jobs.recordings_folder().iterdir())


def test_a_number_that_grows_too_large_says_at_which_step() -> None:
    exploding = rv.random_model("rnn", 2, 3, seed=1, gain=30, activation="relu")
    job = (by := Viewer()).watch("one", exploding, numbers(), "numpy")
    job.wait(PATIENCE)
    assert by.job is job
    assert job.status == "failed"
    assert "step" in str(job.error)


def test_a_session_can_be_kept_while_it_looks_at_one() -> None:
    watched("one", by := Viewer())
    assert pickle.loads(pickle.dumps(by)).job is None


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
        recording_jobs.delete_stale_folders()
        assert not dead.exists()
        assert (alive / "one").exists()
    finally:
        (alive / "one").rmdir()
        alive.rmdir()


def test_the_folder_of_a_process_goes_with_it() -> None:
    code = "from rnnviz.ui import recording_jobs; print(recording_jobs.recordings_folder())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not Path(done.stdout.strip()).exists()
