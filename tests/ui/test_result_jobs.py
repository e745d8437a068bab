"""Views beside the pages: one job a session, stopped, killed, in line, and kept for everyone."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import rnnviz as rv
from rnnviz.bounded.call import WorkStopped
from rnnviz.errors import ModelError
from rnnviz.i18n import LANGUAGES, word
from rnnviz.train import preset
from rnnviz.ui import result_jobs, results
from rnnviz.ui.result_jobs import ResultJob, trace_job
from rnnviz.ui.results import CACHE, model_of, trace_of
from rnnviz.ui.selections import ProbeSignal
from rnnviz.ui.understand.insight import SeenRun
from rnnviz.ui.understand.registry import INSIGHTS
from rnnviz.ui.view_jobs import insight_result, is_at_hand, view_job
from rnnviz.ui.waiting_line import Slots
from rnnviz.ui.watched_job import Watcher
from tests.bounded import work
from tests.test_app import APP, clicked
from tests.ui.test_understand_page import BRACKETS, PAGE, wait_for_jobs

PATIENCE = 60
SEEN = SeenRun(BRACKETS)


@pytest.fixture(autouse=True)
def _no_job_is_left() -> Iterator[None]:
    CACHE.clear()
    yield
    for job in result_jobs._JOBS.values():
        job.stop()
    for job in result_jobs._JOBS.values():
        job.wait(PATIENCE)
    result_jobs._JOBS.clear()


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Exponents that are never done; the file that the worker writes its number into."""
    path = tmp_path / "worker"
    use(monkeypatch, lambda seen: seen.call(work.write_and_wait, str(path)))
    return path


def use(monkeypatch: pytest.MonkeyPatch, compute: Callable[[SeenRun], object]) -> None:
    changed = replace(INSIGHTS["exponents"], compute=compute, takes_long=lambda seen: True)
    monkeypatch.setitem(INSIGHTS, "exponents", changed)


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def page(**choices: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=90)
    for key, value in {"lang": "en", **choices}.items():
        app.query_params[key] = value
    return app.switch_page(PAGE).run()


def begun(seen: SeenRun, by: Watcher) -> ResultJob:
    job = view_job("exponents", seen)
    by.look_at(job)
    job.start()
    return job


def test_a_job_keeps_for_everyone_what_a_page_would_compute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = INSIGHTS["exponents"].compute
    use(monkeypatch, plain)
    assert not is_at_hand("exponents", SEEN)
    job = begun(SEEN, Watcher())
    job.watchers.add(by := Watcher())
    job.wait(PATIENCE)
    assert job.status == "done"
    assert by in job.watchers
    assert is_at_hand("exponents", SEEN)
    found = insight_result("exponents", SEEN)
    model = model_of(BRACKETS.model, 0)
    np.testing.assert_array_equal(found.exponents, rv.lyapunov(model, trace_of(BRACKETS)).exponents)


def test_whoever_makes_the_same_choices_shares_one_job(endless: Path) -> None:
    first, second = Watcher(), Watcher()
    job = begun(SEEN, first)
    assert begun(replace(SEEN), second) is job
    until(lambda: job.status == "running" and endless.exists())
    first.leave()
    time.sleep(0.3)
    assert job.is_alive
    second.leave()
    job.wait(PATIENCE)
    assert job.status == "stopped"


def test_a_session_that_chooses_another_view_gives_the_first_one_up(endless: Path) -> None:
    by = Watcher()
    job = begun(SEEN, by)
    until(lambda: job.status == "running" and endless.exists())
    other = begun(replace(SEEN, settings=("other",)), by)
    job.wait(PATIENCE)
    assert job.status == "stopped"
    assert other.is_alive


def test_a_session_that_ends_gives_its_view_up(endless: Path) -> None:
    by = Watcher()
    job = begun(SEEN, by)
    until(lambda: job.status == "running" and endless.exists())
    assert pickle.loads(pickle.dumps(by)).job is None
    del by
    job.wait(PATIENCE)
    assert job.status == "stopped"


def test_one_that_is_wanted_again_while_it_is_given_up_begins_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun_by: list[SeenRun] = []

    def ended_once(seen: SeenRun) -> str:
        begun_by.append(seen)
        if len(begun_by) == 1:
            raise WorkStopped
        return "found"

    use(monkeypatch, ended_once)
    job = begun(SEEN, by := Watcher())
    job.wait(PATIENCE)
    assert by.job is job
    assert (job.status, len(begun_by)) == ("done", 2)
    assert insight_result("exponents", SEEN) == "found"


def test_a_full_line_tells_the_place_and_moves_on(
    endless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_jobs, "SLOTS", Slots(1))
    watchers = [Watcher() for _ in range(3)]
    jobs = [begun(replace(SEEN, settings=(n,)), by) for n, by in enumerate(watchers)]
    until(lambda: jobs[0].status == "running")
    until(lambda: sorted(job.place for job in jobs) == [0, 1, 2])
    watchers[0].leave()
    until(lambda: [job.status for job in jobs].count("running") == 1 and not jobs[0].is_alive)
    assert sorted(job.place for job in jobs[1:]) == [0, 1]


def test_a_worker_that_is_killed_is_a_sentence_and_the_view_can_be_computed_again(
    endless: Path,
) -> None:
    by = Watcher()
    job = begun(SEEN, by)
    until(lambda: endless.exists() and endless.read_text())
    os.kill(int(endless.read_text()), signal.SIGKILL)
    job.wait(PATIENCE)
    assert job.status == "failed"
    assert "was ended before it was done" in str(job.error)
    job.start()
    until(lambda: job.status == "running")
    assert job.error is None


def test_what_breaks_a_view_becomes_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, lambda seen: seen.call(work.break_down))
    job = begun(SEEN, by := Watcher())
    job.wait(PATIENCE)
    assert by.job is job
    assert job.status == "failed"
    assert "0x7f" not in str(job.error)
    assert "choose other settings and try again" in str(job.error)


def test_few_jobs_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_jobs, "MAX_RESULT_JOBS", 2)
    for number in range(5):
        view_job("exponents", replace(SEEN, settings=(number,)))._status = "stopped"
    assert len(result_jobs._JOBS) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_is_computed_and_has_a_button_that_ends_it(
    endless: Path, language: str
) -> None:
    app = page(model="preset:brackets_lstm", understand="exponents", lang=language)
    assert not app.exception
    (job,) = result_jobs._JOBS.values()
    texts = [one.value for one in app.markdown]
    assert any(word("job.view.begun", language, took=n) in texts for n in range(30))
    assert word("understand.exponents.caveat", language) not in [one.value for one in app.caption]
    clicked(app, "job_button")
    job.wait(PATIENCE)
    assert job.status == "stopped"
    assert endless.exists()


def test_the_picture_before_stays_while_the_next_is_computed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "worker"
    plain = INSIGHTS["exponents"]

    def slow_of_other_texts(seen: SeenRun) -> object:
        if seen.run == BRACKETS:
            return plain.compute(seen)
        return seen.call(work.write_and_wait, str(path))

    use(monkeypatch, slow_of_other_texts)
    app = page(model="preset:brackets_lstm", understand="exponents", says="([])[(")
    said = plain.said(insight_result("exponents", SEEN))
    sentence = f"**{word(said.key, 'en', **said.facts)}**"
    assert sentence in [one.value for one in app.markdown]
    app.text_input[0].set_value("([])").run()
    assert sentence in [one.value for one in app.markdown]
    assert [one.key for one in app.button if one.key == "job_button"]


def test_what_a_large_network_reads_is_computed_by_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = rv.trace(preset("brackets_lstm").model(), rv.parse("([])[("))
    monkeypatch.setattr(results, "MOST_PRODUCTS", 0)
    assert not results.is_traced(BRACKETS)
    job, by = trace_job(BRACKETS), Watcher()
    by.look_at(job)
    job.start()
    job.wait(PATIENCE)
    assert job.status == "done"
    assert results.is_traced(BRACKETS)
    np.testing.assert_array_equal(trace_of(BRACKETS)["cell"], wanted["cell"])


def test_a_page_waits_for_a_large_network_and_then_shows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(results, "MOST_PRODUCTS", 0)
    chosen = {"model": "preset:brackets_lstm", "says": "([])[(", "understand": "trajectories"}
    app = page(**chosen)
    if wait_for_jobs():
        app = app.run()
    assert not app.exception
    assert not app.warning
    assert word("understand.trajectories.caveat") in [one.value for one in app.caption]


def test_an_input_that_a_large_network_cannot_read_is_refused_before_it_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(results, "MOST_PRODUCTS", 0)
    other = replace(BRACKETS, input=ProbeSignal("noise", 5))
    with pytest.raises(ModelError):
        results.check_fits(other)
    results.check_fits(BRACKETS)
