"""What a host watches: off by default, refused through a proxy, read by Prometheus' own parser."""

from __future__ import annotations

import asyncio
import runpy
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from rnnviz import cli
from rnnviz.ui.run_meter import MeteredSocket, RunMeter
from tests.browser.chromium import ROOT, serving
from tests.visitor import visiting

PATH = "/_stcore/metrics"
ADDRESS = "/?lang=en&units=4&text=abc"


@pytest.fixture(scope="module")
def watched() -> Iterator[str]:
    """Address of a server that tells its metrics."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RNNVIZ_METRICS", "1")
        with serving("app.py") as url:
            yield url


def told(url: str, query: str = "") -> dict[str, list[Sample]]:
    """Samples by family, as Prometheus reads them."""
    with urllib.request.urlopen(f"{url}{PATH}{query}") as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        text = answer.read().decode()
    return {one.name: list(one.samples) for one in text_string_to_metric_families(text)}


def value(samples: list[Sample], **labels: str) -> float:
    (found,) = (one.value for one in samples if one.labels == labels)
    return float(found)


async def told_to_visitor(url: str, *seeds: int) -> dict[str, list[Sample]]:
    """What the server tells while a visitor is there who chose these seeds."""
    async with visiting(url + ADDRESS) as visitor:
        for seed in seeds:
            await visitor.run(seed)
        assert not visitor.errors
        return told(url)


def test_runs_sessions_caches_jobs_and_refusals_are_told(watched: str) -> None:
    before = told(watched)
    after = asyncio.run(told_to_visitor(watched, 5, 6))
    runs, bins = after["rnnviz_script_runs"], after["rnnviz_script_run_seconds"]
    assert value(runs, by="visitor") - value(before["rnnviz_script_runs"], by="visitor") == 3
    assert value(runs, by="timer") == 0
    count = value([one for one in bins if one.name.endswith("_count")])
    earlier = before["rnnviz_script_run_seconds"]
    assert count - value([one for one in earlier if one.name.endswith("_count")]) == 3
    assert value([one for one in bins if one.name.endswith("_sum")]) > 0
    assert value(after["active_sessions"]) == 1
    assert value(after["rnnviz_result_cache_bytes"]) > 1_000
    assert value(after["rnnviz_upload_bytes"]) == 0
    assert value(after["rnnviz_refusals"], kind="unexpected") == 0
    assert value(after["process_resident_memory_bytes"]) > 50e6


def test_a_host_may_ask_for_some_of_it(watched: str) -> None:
    assert set(told(watched, "?families=rnnviz_refusals")) == {"rnnviz_refusals"}


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Forwarded-Proto"])
def test_who_comes_through_a_proxy_is_told_nothing(watched: str, name: str) -> None:
    asked = urllib.request.Request(watched + PATH, headers={name: "1.2.3.4"})
    with pytest.raises(HTTPError, match="404"):
        urllib.request.urlopen(asked)


@pytest.mark.parametrize("path", [PATH, f"/under{PATH}"])
def test_by_default_nobody_is_told(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.delenv("RNNVIZ_METRICS", raising=False)
    sent: list[dict[str, Any]] = []

    async def server(scope: Any, receive: Any, send: Any) -> None:
        await send({"passed": scope["path"]})

    async def send(message: Any) -> None:
        sent.append(message)

    closed = runpy.run_path(str(ROOT / "app.py"), run_name="server")["_for_its_host"](server)
    for one in (path, "/_stcore/health"):
        asyncio.run(closed({"type": "http", "path": one, "headers": []}, None, send))
    assert sent[0]["status"] == 404
    assert sent[-1] == {"passed": "/_stcore/health"}


def test_the_option_is_the_environment_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNVIZ_METRICS", "")
    seen = []
    monkeypatch.setattr(
        cli.runpy, "run_module", lambda *_, **__: seen.append(cli.os.environ["RNNVIZ_METRICS"])
    )
    monkeypatch.setattr(cli.sys, "argv", ["rnnviz"])
    assert cli.main([]) == cli.main(["--metrics"]) == 0
    assert seen == ["", "1"]


def test_who_turns_it_on_is_told_to_close_it_in_a_proxy(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "close that path in a proxy before the app" in told


def _asks(*, is_auto_rerun: bool = False) -> bytes:
    message = BackMsg()
    message.rerun_script.is_auto_rerun = is_auto_rerun
    return message.SerializeToString()


def _ends(status: ForwardMsg.ScriptFinishedStatus.ValueType) -> bytes:
    return ForwardMsg(hash="f" * 32, script_finished=status).SerializeToString()


def test_a_run_lasts_from_the_first_message_to_the_end_that_is_no_cut() -> None:
    meter, times = RunMeter(), iter([10.0, 10.3])
    socket = MeteredSocket(meter, clock=lambda: next(times))
    socket.say(_ends(ForwardMsg.FINISHED_SUCCESSFULLY))
    socket.hear(_asks(is_auto_rerun=True))
    socket.hear(b"no message of Streamlit")
    socket.hear(_asks())
    socket.hear(_asks())
    socket.say(_ends(ForwardMsg.FINISHED_EARLY_FOR_RERUN))
    socket.say(_ends(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY))
    assert meter.asked == {"visitor": 2, "timer": 1}
    assert meter.seconds == pytest.approx(0.3)
    assert [n for _, n in meter.within] == [0] * 3 + [1] * 6
