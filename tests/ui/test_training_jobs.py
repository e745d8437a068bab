"""Trainings beside the pages: they go on, stop, go on again, and never more than a few."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from rnnviz.bounded.pool import pool
from rnnviz.errors import InputError
from rnnviz.train.loop import Training, TrainingConfig
from rnnviz.ui import training_jobs
from rnnviz.ui.training_jobs import TrainingJob
from tests.bounded import work
from tests.bounded.test_run import children

PLAN = TrainingConfig("brackets", "lstm", units=4, steps=30, batch=4, snapshots=4)
LONG = TrainingConfig("brackets", "lstm", units=4, steps=20_000, batch=4)
PATIENCE = 60


@pytest.fixture(autouse=True)
def _no_job_is_left() -> Iterator[None]:
    yield
    for job in list(training_jobs._JOBS.values()):
        job.stop()
    for job in list(training_jobs._JOBS.values()):
        job.wait(PATIENCE)
    training_jobs._JOBS.clear()


def until(true: object, patience: float = PATIENCE) -> None:
    end = time.monotonic() + patience
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_job_trains_to_its_end_as_a_training_in_the_open_does() -> None:
    job = training_jobs.start_training(PLAN)
    job.wait(PATIENCE)
    alone = Training(PLAN)
    alone.advance(PLAN.steps)
    assert job.status == "done"
    assert job.is_done
    assert [one.loss for one in job.history] == [one.loss for one in alone.history]
    for mine, wanted in zip(job.snapshots, alone.snapshots, strict=True):
        assert mine.model.digest == wanted.model.digest


def test_a_stopped_job_goes_on_where_it_stopped() -> None:
    job = training_jobs.start_training(LONG)
    until(lambda: job.progress[0] > 2)
    job.stop()
    job.wait(PATIENCE)
    stopped = job.progress[0]
    assert job.status == "stopped"
    assert not job.is_alive
    job.start()
    until(lambda: job.progress[0] > stopped)
    alone = Training(LONG)
    alone.advance(stopped + 1)
    losses = [one.loss for one in job.history[: stopped + 1]]
    assert losses == [one.loss for one in alone.history]


def test_no_more_train_at_once_than_the_server_has_slots() -> None:
    many = [training_jobs.start_training(LONG) for _ in range(training_jobs.MAX_TRAININGS + 1)]
    until(lambda: sum(job.status == "running" for job in many) == training_jobs.MAX_TRAININGS)
    assert [job.status for job in many].count("waiting") == 1
    next(job for job in many if job.status == "running").stop()
    until(lambda: all(job.status != "waiting" for job in many))


def test_one_that_waits_for_a_slot_can_be_stopped_too() -> None:
    many = [training_jobs.start_training(LONG) for _ in range(training_jobs.MAX_TRAININGS + 1)]
    until(lambda: sum(job.status == "running" for job in many) == training_jobs.MAX_TRAININGS)
    waiting = next(job for job in many if job.status == "waiting")
    waiting.stop()
    waiting.wait(PATIENCE)
    assert waiting.status == "stopped"
    assert not waiting.history


def test_an_old_job_makes_room_and_says_so_when_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training_jobs, "MAX_JOBS", 2)
    first = training_jobs.start_training(PLAN)
    first.wait(PATIENCE)
    running = training_jobs.start_training(LONG)
    training_jobs.start_training(LONG)
    with pytest.raises(InputError, match="which keeps the last 2; start it again"):
        training_jobs.training_job(first.name)
    with pytest.raises(InputError, match="busy with 2 trainings; try again in a few minutes"):
        training_jobs.start_training(PLAN)
    running.stop()
    running.wait(PATIENCE)
    again = training_jobs.start_training(PLAN)
    again.wait(PATIENCE)
    assert [one.loss for one in again.history] == [one.loss for one in first.history]


def test_what_breaks_a_training_becomes_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(training_jobs, "train_on", work.break_down)
        job = training_jobs.start_training(PLAN)
        job.wait(PATIENCE)
    assert job.status == "failed"
    assert "0x7f" not in str(job.error)
    assert "choose other settings and try again" in str(job.error)
    other = training_jobs.start_training(replace(PLAN, steps=20))
    other.wait(PATIENCE)
    assert other.is_done


def test_a_training_whose_worker_is_killed_goes_on_from_where_it_was_stopped_last() -> None:
    job = training_jobs.start_training(LONG)
    until(lambda: job.progress[0] > 2)
    job.stop()
    job.wait(PATIENCE)
    stopped = job.progress[0]
    job.start()
    until(lambda: job.progress[0] > stopped)
    for child in children(pool().start("working").process_id).split():
        os.kill(int(child), signal.SIGKILL)
    job.wait(PATIENCE)
    assert job.status == "failed"
    assert "was ended before it was done" in str(job.error)
    job.start()
    until(lambda: job.is_alive and job.progress[0] > stopped + 1)
    job.stop()
    job.wait(PATIENCE)
    assert [one.step for one in job.history] == list(range(1, len(job.history) + 1))
    assert len(job.health) == len(job.snapshots)


def test_who_waits_is_told_the_place_in_line() -> None:
    count = training_jobs.MAX_TRAININGS
    many = [training_jobs.start_training(LONG) for _ in range(count)]
    until(lambda: all(job.status == "running" for job in many))
    first = training_jobs.start_training(LONG)
    until(lambda: first.place == 1)
    second = training_jobs.start_training(LONG)
    until(lambda: second.place == 2)
    first.stop()
    until(lambda: second.place == 1)
    many[0].stop()
    until(lambda: second.status == "running")
    assert (first.place, second.place) == (0, 0)


def test_time_left_is_what_the_rest_takes_at_the_pace_so_far() -> None:
    job = TrainingJob("one", PLAN)
    assert job.seconds_left is None
    alone = Training(PLAN)
    alone.advance(10)
    job.history = alone.history
    wanted = alone.history[-1].seconds / 10 * 20
    assert job.seconds_left == pytest.approx(wanted)
