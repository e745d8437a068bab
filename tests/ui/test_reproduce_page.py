"""The page Reproduce: a card for each finding, measured again on request, and what it opens."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.findings.registry import FINDINGS
from rnnviz.i18n import LANGUAGES, word
from rnnviz.ui import finding_jobs as finding_jobs_module
from rnnviz.ui.finding_jobs import _JOBS as finding_job_store
from rnnviz.ui.finding_jobs import FindingJob, finding_jobs
from rnnviz.ui.understand.registry import INSIGHTS
from tests.bounded import work
from tests.test_app import APP, clicked
from tests.ui.test_understand_page import wait_for_jobs

PAGE = "rnnviz/ui/pages/reproduce.py"


def reproduce_page(**choices: str) -> AppTest:
    for job in finding_jobs(FINDINGS):
        job.wait(60)
    app = AppTest.from_file(str(APP), default_timeout=90)
    for key, value in {"lang": "en", **choices}.items():
        app.query_params[key] = value
    return app.switch_page(PAGE).run()


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in (*app.markdown, *app.caption, *app.code, *app.warning))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_its_card(language: str) -> None:
    app = reproduce_page(lang=language)
    assert not app.exception
    assert not app.error
    assert not app.warning
    for key, one in FINDINGS.items():
        assert word(f"finding.{key}", language) in said(app)
        assert str(one.publication.year) in said(app)
        assert f'rv.findings.reproduce("{key}")' in said(app)
        assert word(f"finding.{key}.limits", language) in said(app)
    results = [job.result for job in finding_jobs(FINDINGS)]
    hold = sum(one.holds for one in results if one is not None)
    assert word("reproduce.summary", language, hold=hold, count=len(FINDINGS)) in said(app)


def test_a_link_shows_one_finding_and_an_unknown_one_shows_all() -> None:
    app = reproduce_page(finding="flip_flop_cube")
    assert "rv.findings.reproduce" in said(app)
    assert "adding_problem" not in said(app)
    every: Any = reproduce_page(finding="no such finding")
    assert not every.exception
    assert "adding_problem" in said(every)


def test_a_finding_is_measured_again() -> None:
    app = reproduce_page(finding="adding_problem")
    (job,) = finding_jobs(["adding_problem"])
    before = job.result
    clicked(app, "again_adding_problem")
    job.wait(60)
    assert job.result is not before
    assert job.status == "done"


def test_a_card_keeps_its_result_while_it_is_measured_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = FINDINGS["adding_problem"]
    job = FindingJob(one)
    monkeypatch.setitem(finding_job_store, one.key, job)
    job.result = one.run()
    again = reproduce_page(finding=one.key)
    assert job.is_alive
    assert word("reproduce.holds") in said(again)
    assert word("reproduce.waiting", place=1) in said(again)
    assert "Measured in" not in said(again)
    assert not again.get("progress")


def test_the_summary_says_of_how_many_findings_it_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    for job in finding_jobs(FINDINGS):
        job.wait(60)
    for key in ("adding_problem", "parity"):
        monkeypatch.setitem(finding_job_store, key, FindingJob(FINDINGS[key]))
    app = AppTest.from_file(str(APP), default_timeout=90)
    app.query_params["lang"] = "en"
    assert "13 of 15 findings measured; 11 of these 13 hold so far." in said(
        app.switch_page(PAGE).run()
    )


OPENERS = [
    (key, f"open_{key}_{name}" if name else f"open_{key}")
    for key, one in FINDINGS.items()
    for name in one.models or ("",)
]


@pytest.mark.parametrize(("key", "opener"), OPENERS)
def test_a_card_opens_its_page_with_each_network(key: str, opener: str) -> None:
    app = clicked(reproduce_page(finding=key), opener)
    if wait_for_jobs():
        app = clicked(reproduce_page(finding=key), opener)
    assert not app.exception
    assert not app.error
    assert not app.warning
    view = INSIGHTS.get(FINDINGS[key].choices.get("understand", ""))
    assert view is None or word(f"understand.{view.key}.caveat") in said(app)


def test_a_measurement_that_breaks_off_is_told_and_can_be_begun_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finding_jobs_module, "measured_finding", work.tell_half_and_break)
    job = FindingJob(FINDINGS["adding_problem"])
    job.start()
    job.wait(60)
    assert (job.status, job.progress) == ("failed", (50, 100))
    assert job.error is not None
    assert job.result is None


def test_a_card_says_what_waits_and_what_broke_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding_jobs_module, "measured_finding", work.tell_half_and_break)
    one = FINDINGS["adding_problem"]
    job = FindingJob(one)
    monkeypatch.setitem(finding_job_store, one.key, job)
    waiting = reproduce_page(finding=one.key)
    assert not waiting.exception
    assert waiting.button(key=f"again_{one.key}").disabled
    assert word("reproduce.waiting", place=1) in [bar.proto.text for bar in waiting.get("progress")]
    job.start()
    job.wait(60)
    broken = reproduce_page(finding=one.key)
    assert not broken.exception
    assert "The measurement broke off" in broken.warning[0].value
    assert not broken.button(key=f"again_{one.key}").disabled
