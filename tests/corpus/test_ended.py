"""What ends a scan from outside: Ctrl-C, a scheduler or workers that are killed, a full disk."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import rnnviz as rv
from rnnviz.cli import main
from rnnviz.cli.corpus_command import _check_versions, _Progress
from rnnviz.corpus.workers import _held_back, executor_of, results_of
from rnnviz.engine.open_model import open_model
from rnnviz.train.presets import preset
from rnnviz.train.saved_model import saved_model

N_TEXTS = 16
# A scan that is ended must still be at work: each shard waits a little once it is written.
SLOW = """
import time
from rnnviz.corpus import files, scan_corpus

def slow(*sketch):
    files.write_sketch(*sketch)
    time.sleep(5)

scan_corpus.write_sketch = slow
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model's file, sixteen texts, and their scan by one worker in `whole`."""
    folder = tmp_path_factory.mktemp("corpus")
    made = preset("brackets_lstm")
    (folder / "model.safetensors").write_bytes(saved_model(made.model(), made.config))
    (folder / "texts").mkdir()
    for number in range(N_TEXTS):
        text = "([{}])" * (90 + number)
        (folder / "texts" / f"{number:02}.txt").write_text(text, "utf-8")
    assert main(["corpus", *_typed(folder, "whole")]) == 0
    return folder


def _typed(place: Path, out: str) -> list[str]:
    return [str(place / "model.safetensors"), str(place / "texts"), "-o", str(place / out)]


def _bytes(folder: Path) -> bytes:
    return (folder / "corpus.parquet").read_bytes()


def _started(place: Path, out: str, *options: str, before: str = "") -> subprocess.Popen[str]:
    """The command as a program of its own; `before` is run in it first."""
    code = (
        f"import sys\n{before}\n"
        "from rnnviz.cli import main\n"
        "if __name__ == '__main__':\n"
        "    sys.exit(main(['corpus', *sys.argv[1:]]))\n"
    )
    program = place / f"{out}.py"
    program.write_text(code, "utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path(rv.__file__).parents[1])}
    command = [sys.executable, str(program), *_typed(place, out), *options]
    return subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def _wait_for_a_shard(folder: Path) -> None:
    while not list(folder.glob("shards/*.parquet")):
        time.sleep(0.005)


def test_sixteen_workers_write_the_same_bytes(place: Path) -> None:
    model = open_model(str(place / "model.safetensors"), {}, None, bounded=False).model
    with ThreadPoolExecutor(N_TEXTS) as pool:
        rv.corpus.scan(model, place / "texts", place / "sixteen", executor=pool)
    assert _bytes(place / "sixteen") == _bytes(place / "whole")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_says_what_is_kept_and_the_same_line_goes_on(place: Path, workers: str) -> None:
    out = f"stopped{workers}"
    started = _started(place, out, "--workers", workers, before=SLOW)
    _wait_for_a_shard(place / out)
    # A terminal sends it to every process.
    os.killpg(started.pid, signal.SIGINT)
    _, said = started.communicate(timeout=60)
    assert started.returncode == 130, said
    assert re.fullmatch(r"rnnviz: stopped; \d+% is kept, and this goes on: rnnviz .*\n", said)
    assert not (place / out / "corpus.parquet").exists()
    # Nobody waited for a worker's next shard.
    assert len(list((place / out / "shards").glob("*.parquet"))) <= int(workers)
    assert main(["corpus", *_typed(place, out)]) == 0
    assert _bytes(place / out) == _bytes(place / "whole")


def test_ctrl_c_while_workers_start_waits_until_all_are_there() -> None:
    """A worker that has not begun yet cannot leave the signal alone by itself."""
    code = "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('works')"
    said = b""

    def start() -> None:
        nonlocal said
        with _held_back():
            os.kill(os.getpid(), signal.SIGINT)
            said = subprocess.check_output([sys.executable, "-c", code])

    with pytest.raises(KeyboardInterrupt):
        start()
    assert said == b"works\n"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_workers_that_are_stopped_with_large_work_waiting_end() -> None:
    def stop() -> None:
        with executor_of(None, 2) as works:
            for number, _ in enumerate(results_of(works, [(len, bytes(700_000))] * 60)):
                if number == 3:
                    raise KeyboardInterrupt

    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        stop()
    # A program ends without waiting for daemons.
    for thread in set(threading.enumerate()) - before:
        if not thread.daemon:
            thread.join(30)
            assert not thread.is_alive()


def test_a_disk_without_room_is_one_sentence_and_nothing_is_lost(place: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))"
    started = _started(place, "full", "--workers", "2", before=limit)
    _, said = started.communicate(timeout=60)
    assert started.returncode == 2
    assert re.fullmatch(r"rnnviz: “.*” cannot be written \(File too large\).*\n", said)
    assert main(["corpus", *_typed(place, "full")]) == 0
    assert _bytes(place / "full") == _bytes(place / "whole")
    assert not list((place / "full" / "shards").glob(".*"))


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A scheduler and a worker of dask, processes of their own."""
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", *options]
    scheduler = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert scheduler.stderr is not None
    address = ""
    while not (found := re.search(r"tcp://127\.0\.0\.1:\d+", address)):
        address = scheduler.stderr.readline()
    (tmp_path / "slow.py").write_text(SLOW, "utf-8")
    preload = ["--preload", str(tmp_path / "slow.py")]
    options = [found[0], "--nthreads", "1", "--no-nanny", "--no-dashboard", *preload]
    worker = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_worker", *options], stderr=subprocess.DEVNULL
    )
    try:
        yield found[0], scheduler
    finally:
        for process in (worker, scheduler):
            process.kill()
            process.wait()
        scheduler.stderr.close()


def test_a_scheduler_that_is_killed_is_told_and_nothing_is_lost(
    place: Path, scheduler: tuple[str, subprocess.Popen[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    address, process = scheduler

    def kill() -> None:
        _wait_for_a_shard(place / "killed")
        process.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    assert main(["corpus", *_typed(place, "killed"), "--scheduler", address]) == 2
    killer.join()
    assert "The scheduler or its workers were ended from outside" in capsys.readouterr().err
    shards = place / "killed" / "shards"
    done = {path.name: path.stat().st_mtime_ns for path in shards.glob("*.parquet")}
    assert 0 < len(done) < N_TEXTS
    assert main(["corpus", *_typed(place, "killed")]) == 0
    assert _bytes(place / "killed") == _bytes(place / "whole")
    assert {name: (shards / name).stat().st_mtime_ns for name in done} == done


class _OfAnotherVersion(Executor):
    """Workers that do not find a name of this version."""

    def submit(self, *call: Any, **more: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(AttributeError("no attribute 'scan_plan'"))
        return future


def test_workers_with_another_version_are_told(place: Path, tmp_path: Path) -> None:
    model = preset("brackets_lstm").model()
    wanted = r"cannot take the work \(no attribute 'scan_plan'\); install the version of rnnviz"
    with pytest.raises(rv.RnnvizError, match=wanted):
        rv.corpus.scan(model, place / "texts", tmp_path, executor=_OfAnotherVersion())


@pytest.mark.parametrize(
    ("there", "said"),
    [("0.0.1", "has 0.0.1;"), (ModuleNotFoundError("rnnviz"), "has none;")],
    ids=["another", "none"],
)
def test_the_version_of_every_worker_is_compared(there: object, said: str) -> None:
    client = SimpleNamespace(run=lambda *call, on_error: {"a": version("rnnviz"), "b": there})
    with pytest.raises(rv.RnnvizError, match=f"but the worker b {said}"):
        _check_versions(client)


def test_progress_tells_the_time_left_line_by_line_in_a_pipe(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = [0.0]
    progress = _Progress(lambda: now[0])
    for seconds, done in (
        (0, 0.25),
        (10, 0.3),
        (40, 0.5),
        (45, 0.55),
        (3000, 0.56),
        (9000, 0.57),
        (9001, 1),
    ):
        now[0] = seconds
        progress(done)
    assert capsys.readouterr().err.splitlines() == [
        "reading texts:  50%, 80 s left",
        "reading texts:  56%, 71 min left",
        "reading texts:  57%, 3 h left",
        "reading texts: 100%",
    ]
    assert progress.done == 1
