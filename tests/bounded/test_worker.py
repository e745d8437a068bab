"""A function in a worker: what it tells, how it is ended, and every way to fail."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from rnnviz.bounded import run
from rnnviz.bounded.call import WorkStopped
from rnnviz.bounded.limits import Limits, is_limited
from rnnviz.bounded.pool import pool
from rnnviz.bounded.worker import LIMITS, run_in_worker
from rnnviz.errors import InputError
from tests.bounded import work

MB = 1_000_000
on_linux = pytest.mark.skipif(not is_limited(), reason="the system has no such limits")


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    "value", [{"a": (1, "静夜思")}, MappingProxyType({"b": 2.5}), np.ones((3, 4))[:, ::2]], ids=repr
)
def test_a_result_comes_back_as_it_is(value: Any) -> None:
    assert repr(run_in_worker(work.echo, value)) == repr(value)


def test_a_method_runs_there_too() -> None:
    assert run_in_worker(work.Counted.plus, work.Counted(2), 3) == 5


def test_it_runs_in_a_process_of_its_own_that_gives_way_and_takes_one_core() -> None:
    assert run_in_worker(work.process_id) != os.getpid()
    assert run_in_worker(work.niceness) == os.nice(0) + 5
    assert run_in_worker(work.libraries_threads) == ["1", "1", "1"]


@on_linux
def test_where_memory_runs_out_it_is_ended_before_the_server() -> None:
    ended_first = run_in_worker(work.own_number, "oom_score_adj")
    assert int(ended_first) > int(work.own_number("oom_score_adj"))


def test_it_may_write_files(tmp_path: Path) -> None:
    assert run_in_worker(work.write_file, str(tmp_path / "new")) == "written"


def test_a_refusal_comes_back_as_itself() -> None:
    with pytest.raises(InputError, match="is of float64"):
        run_in_worker(work.refuse, "b.csv")


def test_a_mistake_of_ours_tells_where() -> None:
    with pytest.raises(RuntimeError, match="a mistake of ours"):
        run_in_worker(work.fail)


@on_linux
@pytest.mark.parametrize("function", [work.ended_by_the_system, work.read_null])
def test_a_worker_that_is_killed_is_a_sentence(function: Callable[[], Any]) -> None:
    with pytest.raises(InputError, match="was ended before it was done"):
        run_in_worker(function)
    assert run_in_worker(work.echo, 1) == 1


@on_linux
def test_time_and_memory_are_bounded() -> None:
    small = Limits(0.3, 60 * MB, 9, 20 * MB, may_write=True)
    with pytest.raises(InputError, match="GB of memory; choose fewer units"):
        run_in_worker(work.take_memory, 200 * MB, limits=small)
    with pytest.raises(InputError, match="minutes of computing; choose fewer units"):
        run_in_worker(work.compute_for_ever, limits=small)
    assert run_in_worker(work.take_memory, 200 * MB) == 200 * MB
    assert LIMITS.may_write


def test_what_does_not_tell_is_ended_at_once(tmp_path: Path) -> None:
    stop, number = threading.Event(), tmp_path / "number"

    def end_soon() -> None:
        until(lambda: number.exists() and number.read_text())
        stop.set()

    threading.Thread(target=end_soon).start()
    with pytest.raises(WorkStopped):
        run_in_worker(work.write_and_wait, str(number), is_unwanted=stop.is_set)
    until(lambda: not is_alive(int(number.read_text())))


def test_what_tells_is_ended_there_and_puts_things_in_order(tmp_path: Path) -> None:
    told: list[float] = []
    path = tmp_path / "order"
    with pytest.raises(WorkStopped):
        run_in_worker(
            work.tell_until_stopped,
            str(path),
            progress=told.append,
            is_unwanted=lambda: len(told) > 4,
        )
    assert told == [0.5] * 5
    assert path.read_text() == "stopped"


@on_linux
def test_the_end_of_the_waiting_process_is_survived() -> None:
    assert run_in_worker(work.echo, 1) == 1
    os.kill(pool().start("working").process_id, 9)
    assert run_in_worker(work.echo, 2) == 2


@pytest.fixture
def started_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the system has no safe fork."""
    monkeypatch.setattr("rnnviz.bounded.pool.is_limited", lambda: False)


@pytest.mark.usefixtures("started_anew")
def test_without_fork_a_process_starts_for_each_call(tmp_path: Path) -> None:
    told: list[float] = []
    with pytest.raises(WorkStopped):
        run_in_worker(
            work.tell_until_stopped,
            str(tmp_path / "order"),
            progress=told.append,
            is_unwanted=lambda: len(told) > 2,
        )
    with pytest.raises(WorkStopped):
        run_in_worker(work.wait_for_ever, is_unwanted=lambda: True)
    with pytest.raises(InputError, match="was ended before"):
        run_in_worker(work.leave)


def test_without_processes_the_function_runs_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(run, "HAS_PROCESSES", False)
    assert run_in_worker(work.process_id) == os.getpid()
    told: list[float] = []
    with pytest.raises(WorkStopped):
        run_in_worker(
            work.tell_until_stopped,
            str(tmp_path / "order"),
            progress=told.append,
            is_unwanted=lambda: len(told) > 1,
        )
    assert len(told) == 2
