"""What a host watches of the server, beside what Streamlit tells at /_stcore/metrics."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import get_instance
from streamlit.runtime.stats import CounterStat, GaugeStat, HistogramStat, Stat

from rnnviz.ui.run_meter import MeteredSocket, RunMeter
from rnnviz.ui.warm_up import import_first_modules

_RUNS, _RUN_SECONDS = "rnnviz_script_runs", "rnnviz_script_run_seconds"
_CACHE, _UPLOADS = "rnnviz_result_cache_bytes", "rnnviz_upload_bytes"
_JOBS, _JOB_BYTES = "rnnviz_jobs", "rnnviz_job_bytes"
_REFUSALS = "rnnviz_refusals"
_MEMORY, _CPU = "process_resident_memory_bytes", "process_cpu_seconds"
_HELP = {
    _RUNS: "Runs of the script that were asked for, by a visitor or by a part that renews itself.",
    _RUN_SECONDS: "Time from a visitor's message to the end of its run.",
    _CACHE: "Results kept for all sessions together.",
    _UPLOADS: "Uploads that sessions hold or that are kept for reloads.",
    _JOBS: "Trainings, recordings, measurements, views and large traces on the server.",
    _JOB_BYTES: "What they keep: recordings on disk.",
    _REFUSALS: "Sentences shown in place of a result.",
    _MEMORY: "Memory of the process that is resident.",
    _CPU: "Processor time of the process, user and system.",
}


class ServerMetrics:
    """The app's families for Streamlit's registry of statistics."""

    def __init__(self, meter: RunMeter) -> None:
        self._meter = meter

    @property
    def stats_families(self) -> Sequence[str]:
        """Names of all families."""
        return tuple(_HELP)

    def get_stats(self, family_names: Sequence[str] | None = None) -> Mapping[str, Sequence[Stat]]:
        """Numbers as they are now, by family."""
        # A host may ask while they are imported.
        import_first_modules()
        from rnnviz.ui import kept_files, refusals, results

        meter = self._meter
        told: dict[str, Sequence[Stat]] = {
            _RUNS: [_counter(_RUNS, count, by=who) for who, count in meter.asked.items()],
            _RUN_SECONDS: [_run_seconds(meter)],
            _CACHE: [_gauge(_CACHE, results.CACHE.n_bytes)],
            _UPLOADS: [_gauge(_UPLOADS, kept_files.n_bytes_uploaded())],
            **_job_stats(),
            _REFUSALS: [
                _counter(_REFUSALS, n, kind=k) for k, n in refusals.refusal_counts().items()
            ],
            _MEMORY: [_gauge(_MEMORY, size) for size in _resident_bytes()],
            _CPU: [_counter(_CPU, int(time.process_time()))],
        }
        return {name: stats for name, stats in told.items() if name in (family_names or told)}


def _run_seconds(meter: RunMeter) -> Stat:
    within = meter.within
    name, unit, text = _RUN_SECONDS, "seconds", _HELP[_RUN_SECONDS]
    return HistogramStat(name, within, meter.seconds, within[-1][1], unit=unit, help=text)


def _job_stats() -> dict[str, Sequence[Stat]]:
    from rnnviz.ui.background_job import all_jobs

    jobs = all_jobs()
    counts = Counter((one.kind, one.status) for one in jobs)
    sizes: Counter[str] = Counter()
    for one in jobs:
        # A training and a measurement tell none.
        sizes[one.kind] += getattr(one, "n_bytes", 0)
    return {
        _JOBS: [_gauge(_JOBS, n, kind=k, status=s) for (k, s), n in sorted(counts.items())],
        _JOB_BYTES: [_gauge(_JOB_BYTES, size, kind=k) for k, size in sorted(sizes.items())],
    }


def _resident_bytes() -> Iterator[int]:
    status = Path("/proc/self/status")
    # Other systems tell only the most that it ever was.
    lines = status.read_text("utf-8").splitlines() if status.exists() else []
    yield from (1024 * int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def _gauge(name: str, value: int, **labels: str) -> Stat:
    return GaugeStat(name, value, labels, _unit(name), _HELP[name])


def _counter(name: str, value: int, **labels: str) -> Stat:
    return CounterStat(name, value, labels, _unit(name), _HELP[name])


def _unit(name: str) -> str:
    last = name.rpartition("_")[2]
    return last if last in ("bytes", "seconds") else ""


def metered(inner: ASGIApp) -> ASGIApp:
    """The server with its runs counted, and with the app's families beside Streamlit's."""
    meter = RunMeter()
    get_instance().stats_mgr.register_provider(ServerMetrics(meter))

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await inner(scope, *_overheard(MeteredSocket(meter), receive, send))
        else:
            await inner(scope, receive, send)

    return serve


def _overheard(socket: MeteredSocket, receive: Receive, send: Send) -> tuple[Receive, Send]:
    async def hear() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive" and message.get("bytes"):
            socket.hear(message["bytes"])
        return message

    async def say(message: Message) -> None:
        if message["type"] == "websocket.send" and message.get("bytes"):
            socket.say(message["bytes"])
        await send(message)

    return hear, say
