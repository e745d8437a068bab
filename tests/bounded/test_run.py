"""A function in a bounded process: its result, its refusal, and every way to go beyond."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnviz.bounded import pool as pool_module
from rnnviz.bounded import run
from rnnviz.bounded.limits import Limits, is_limited
from rnnviz.bounded.pool import pool
from rnnviz.bounded.run import run_bounded
from rnnviz.errors import InputError, ModelError
from tests.bounded import work

MB = 1_000_000
LIMITS = Limits(cpu_s=0.3, memory=60 * MB, wall_s=5, result_bytes=20 * MB)
on_linux = pytest.mark.skipif(not is_limited(), reason="the system has no such limits")


def bounded(function: Callable[..., Any], *arguments: Any, limits: Limits = LIMITS) -> Any:
    return run_bounded(function, *arguments, name="a.csv", error=InputError, limits=limits)


def refusal(function: Callable[..., Any], *arguments: Any, limits: Limits = LIMITS) -> str:
    with pytest.raises(InputError) as refused:
        bounded(function, *arguments, limits=limits)
    return str(refused.value)


def test_a_result_comes_back_as_it_is() -> None:
    values = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(bounded(work.double, values), values * 2)


def test_arrays_keep_that_they_are_read_only() -> None:
    fixed = np.arange(3)
    fixed.flags.writeable = False
    assert not bounded(work.echo, fixed).flags.writeable
    assert bounded(work.echo, np.arange(3)).flags.writeable


@pytest.mark.parametrize(
    "value",
    [
        {"a": (1, 2.5, "静夜思", b"\x00", None, True)},
        [np.array([1, 2], "datetime64[us]"), np.array(["x", None], object), np.float32(1.5)],
        {3, frozenset({4})},
        Path("a.csv"),
        np.ones((3, 4))[:, ::2],
        np.asfortranarray(np.ones((3, 4))),
        np.zeros(0),
    ],
    ids=repr,
)
def test_what_readers_return_passes(value: Any) -> None:
    assert repr(bounded(work.echo, value)) == repr(value)


def test_an_array_that_lies_in_the_file_is_not_sent() -> None:
    data = np.arange(10 * MB, dtype=np.uint8).tobytes()
    limits = Limits(2, 100 * MB, 9, result_bytes=MB)
    part = bounded(work.part_of, data, 5, 9 * MB, limits=limits)
    np.testing.assert_array_equal(part, np.frombuffer(data, np.uint8)[5 : 9 * MB])
    assert not part.flags.writeable


def test_it_runs_in_another_process_each_time() -> None:
    ids = {bounded(work.process_id), bounded(work.process_id), os.getpid()}
    assert len(ids) == 3


def test_a_refusal_comes_back_as_itself() -> None:
    with pytest.raises(InputError) as refused:
        bounded(work.refuse, "b.csv")
    assert refused.value.facts == {"name": "b.csv", "kind": "float64"}
    assert str(refused.value) == "“b.csv” is of float64."


def test_the_sentence_is_of_the_class_that_was_asked_for() -> None:
    with pytest.raises(ModelError):
        run_bounded(work.read_null, name="a.h5", error=ModelError, limits=LIMITS)


@on_linux
def test_endless_work_is_stopped_by_its_cpu_time() -> None:
    begun = time.monotonic()
    assert "the 0.3 s of computing" in refusal(work.compute_for_ever)
    assert time.monotonic() - begun < 4


def test_endless_waiting_is_stopped_by_the_clock() -> None:
    limits = Limits(5, 60 * MB, 0.3, MB)
    begun = time.monotonic()
    assert "takes longer to read than" in refusal(work.wait_for_ever, limits=limits)
    assert time.monotonic() - begun < 4


@on_linux
def test_memory_is_bounded() -> None:
    assert bounded(work.take_memory, 20 * MB) == 20 * MB
    assert "more than 60 MB of memory" in refusal(work.take_memory, 200 * MB)


def test_the_size_of_the_result_is_bounded() -> None:
    assert len(bounded(work.return_zeros, 10 * MB)) == 10 * MB
    assert "holds more than 20 MB" in refusal(work.return_zeros, 30 * MB)


@pytest.mark.parametrize(
    "function", [work.read_null, work.leave, work.fail, work.answer_with_what_cannot_be_pickled]
)
def test_a_crash_is_a_sentence(function: Callable[[], Any]) -> None:
    assert refusal(function) == (
        "“a.csv” cannot be read: it is damaged, or not what its name says; save it again."
    )


@on_linux
def test_a_library_that_ends_itself_had_no_memory_or_a_damaged_file() -> None:
    assert "takes more than 60 MB of memory, or is damaged; choose a part" in refusal(work.abort)


def test_a_mistake_in_a_reader_is_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    refusal(work.fail)
    assert "KeyError: 'a mistake of ours'" in caplog.text


@on_linux
def test_no_file_is_written(tmp_path: Path) -> None:
    assert bounded(work.write_file, str(tmp_path / "new")) == "OSError"


@on_linux
def test_few_files_and_connections_are_opened() -> None:
    assert bounded(work.open_sockets, 1_000) < 64


def test_an_answer_that_would_run_something_is_not_taken(caplog: pytest.LogCaptureFixture) -> None:
    harm = Path("/tmp/rnnviz-harm")
    assert "cannot be read" in refusal(work.answer_with_harm)
    assert "NotAllowedError" in caplog.text
    assert not harm.exists()


@on_linux
def test_the_end_of_the_waiting_process_is_survived() -> None:
    bounded(work.kill_waiting_process)
    assert bounded(work.echo, 1) == 1
    assert "cannot be read" in refusal(work.kill_waiting_process_and_leave)
    assert bounded(work.echo, 1) == 1


def test_calls_from_many_threads_all_come_back() -> None:
    answers: dict[int, int] = {}

    def ask(i: int) -> None:
        answers[i] = bounded(work.echo, i)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == {i: i for i in range(12)}


def test_a_slow_call_keeps_no_other_waiting() -> None:
    slow = threading.Thread(target=bounded, args=(work.wait, 1.5))
    slow.start()
    begun = time.monotonic()
    assert bounded(work.echo, 1) == 1
    assert time.monotonic() - begun < 1
    slow.join()


def open_files() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


@on_linux
def test_nothing_stays_open_and_no_child_stays_behind() -> None:
    bounded(work.echo, 1)
    before = open_files()
    for function in (work.process_id, work.read_null, work.compute_for_ever):
        try:
            bounded(function)
        except InputError:
            continue
    assert open_files() <= before
    server = pool().start("reading").process_id
    until = time.monotonic() + 5
    while children(server) and time.monotonic() < until:
        time.sleep(0.05)
    assert not children(server)


def children(process: int) -> str:
    return Path(f"/proc/{process}/task/{process}/children").read_text()


@on_linux
def test_the_waiting_process_holds_no_more_files_after_many_calls() -> None:
    def held() -> int:
        process = pool().start("reading").process_id
        return len(list(Path(f"/proc/{process}/fd").iterdir()))

    bounded(work.echo, 1)
    time.sleep(0.2)
    before = held()
    for _ in range(20):
        bounded(work.echo, 1)
    time.sleep(0.2)
    assert held() <= before


@pytest.fixture
def started_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the system has no safe fork."""
    monkeypatch.setattr("rnnviz.bounded.pool.is_limited", lambda: False)


@pytest.mark.usefixtures("started_anew")
def test_without_fork_a_process_starts_for_each_call() -> None:
    assert bounded(work.echo, {"a": np.ones(3)})["a"].tolist() == [1, 1, 1]
    with pytest.raises(InputError, match="is of float64"):
        bounded(work.refuse, "b.csv")
    assert "cannot be read" in refusal(work.read_null)


@pytest.mark.usefixtures("started_anew")
def test_without_fork_the_clock_still_stops_it() -> None:
    limits = Limits(5, 100 * MB, 1.5, MB)
    assert "takes longer to read than" in refusal(work.wait_for_ever, limits=limits)


def test_without_processes_the_function_runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "HAS_PROCESSES", False)
    assert bounded(work.process_id) == os.getpid()


@on_linux
def test_an_idle_process_ends_and_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pool_module._IDLE_SECONDS, "computing", 0.5)
    # Another test may have started one that waits longer.
    pool().stop()

    def ask() -> Any:
        return run_bounded(
            work.echo, 1, name="a", error=InputError, limits=LIMITS, work="computing"
        )

    assert ask() == 1
    first = pool().start("computing").process_id
    until = time.monotonic() + 10
    while is_running(first) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(first)
    assert ask() == 1
    assert pool().start("computing").process_id != first


def is_running(process: int) -> bool:
    state = Path(f"/proc/{process}/stat")
    return state.exists() and state.read_text().rpartition(") ")[2][0] != "Z"


@on_linux
def test_a_copy_of_the_program_starts_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    bounded(work.echo, 1)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if bounded(work.echo, 2) == 2 else 1
            pool().stop()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert bounded(work.echo, 3) == 3


@on_linux
@pytest.mark.parametrize("end", ["pass", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"])
def test_the_waiting_process_ends_with_the_program(end: str) -> None:
    code = (
        "from tests.bounded.test_run import *; print(pool().start('reading').process_id);"
        f" bounded(work.echo, 1); print(end='', flush=True); {end}"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    process = int(done.stdout)
    until = time.monotonic() + 5
    while Path(f"/proc/{process}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{process}").exists()
