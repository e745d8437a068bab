"""Every finding: whether it holds, its words, its table, its figure, and the page that opens it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

import pytest

import rnnviz as rv
from rnnviz.figures.finding_chart import figure
from rnnviz.figures.theme import Look
from rnnviz.findings.chart import FindingChart
from rnnviz.findings.finding import PublishedFinding
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.i18n import LANGUAGES, has_word, word
from rnnviz.train.presets import preset
from rnnviz.ui.choices import ALL_CHOICES
from rnnviz.ui.understand.registry import INSIGHTS

FINDINGS: Mapping[str, PublishedFinding] = rv.findings.FINDINGS


@cache
def result(key: str) -> FindingResult:
    return FINDINGS[key].run()


def holds(key: str) -> bool:
    """Whether a finding holds on the models trained here, as its own tests say."""
    known = import_module(f"tests.findings.test_{key}").HOLDS
    assert isinstance(known, bool)
    return known


def test_findings_are_in_the_order_of_their_years() -> None:
    years = [one.publication.year for one in FINDINGS.values()]
    assert years == sorted(years)


@pytest.mark.parametrize("key", FINDINGS)
def test_a_finding_holds_or_not_as_it_did_and_tells_its_progress(key: str) -> None:
    told: list[float] = []
    found = FINDINGS[key].run(told.append)
    assert found.holds is holds(key), found
    assert (told[0], told[-1]) == (0, 1)
    assert told == sorted(told)
    assert any(one.is_asked for one in found.numbers)
    again = result(key)
    assert [one.value for one in again.numbers] == [one.value for one in found.numbers]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", FINDINGS)
def test_a_finding_has_its_words_and_no_others(key: str, language: str) -> None:
    names = {one.name for one in result(key).numbers}
    for part in ("", ".claim", ".caveat", ".limits", *(f".{name}" for name in names)):
        assert word(f"finding.{key}{part}", language)
    for part in ("place", "opens"):
        assert has_word(f"finding.{key}.{part}", "en") == has_word(f"finding.{key}.{part}", "zh")


@pytest.mark.parametrize("key", FINDINGS)
def test_a_finding_has_a_table_and_draws_its_view(key: str) -> None:
    found = result(key)
    table = found.to_frame()
    assert table.value.tolist() == [one.value for one in found.numbers]
    assert table.holds.all() == found.holds
    assert found.numbers[0].name in repr(found)
    figure = found.figure(language="zh", dark=True)
    assert figure is None if found.view is None else figure.data


@pytest.mark.parametrize("key", FINDINGS)
def test_a_finding_opens_a_page_with_each_model_that_it_was_measured_on(key: str) -> None:
    one = FINDINGS[key]
    assert one.key == key
    for name, text in one.choices.items():
        assert ALL_CHOICES[name].write(ALL_CHOICES[name].read(text)) in (text, "")
    assert [preset(name).name for name in one.models] == list(one.models)
    assert "model" not in one.choices
    if one.page == "understand":
        assert one.models
        assert one.choices["understand"] in INSIGHTS


def test_limits_that_came_after_first_numbers_are_marked() -> None:
    late = {key for key, one in FINDINGS.items() if one.is_limit_late}
    assert late == {"vanishing_gradient", "adding_problem", "identity_relu", "saturated_gates"}


def test_a_number_is_asked_to_lie_between_two_ends() -> None:
    between = MeasuredNumber("share", 0.25, low=0.2, high=0.3, form=".0%")
    assert between.holds
    assert between.criterion == "20%\N{NO-BREAK SPACE}…\N{NO-BREAK SPACE}30%"
    assert MeasuredNumber("count", 8, 8, 8, form="d").criterion == "=\N{NO-BREAK SPACE}8"
    assert MeasuredNumber("share", 0.1, low=0.2).criterion == "≥\N{NO-BREAK SPACE}0.2"
    assert not MeasuredNumber("share", 0.1, low=0.2).holds
    assert not MeasuredNumber("share", float("nan"), high=1).holds
    other = MeasuredNumber("share", 7)
    assert (other.is_asked, other.holds, other.criterion) == (False, True, "")
    assert not FindingResult((between, MeasuredNumber("error", 2, high=1))).holds


def test_a_finding_that_is_not_there_is_named_in_a_sentence() -> None:
    with pytest.raises(rv.InputError, match=r"no finding “cube”.*flip_flop_cube"):
        rv.findings.reproduce("cube")
    with pytest.raises(AttributeError, match="no attribute 'cube'"):
        _ = rv.findings.cube


def test_bars_stand_on_a_linear_axis() -> None:
    bars = result("chrono_initialisation").view
    assert isinstance(bars, FindingChart)
    drawn = figure(bars, Look())
    (one,) = drawn["data"]
    assert one["type"] == "bar"
    assert one["y"].tolist() == [
        result("chrono_initialisation")[name] for name in ("chrono", "forget_bias")
    ]
    assert "type" not in drawn["layout"]["yaxis"]
    assert drawn["layout"]["annotations"] == []


def test_dots_have_names_and_lines_have_numbers() -> None:
    dots = result("adding_problem").view
    assert isinstance(dots, FindingChart)
    drawn = figure(dots, Look())
    (one,) = drawn["data"]
    assert (one["type"], one["mode"]) == ("scatter", "markers+text")
    assert list(one["x"]) == [
        word(f"finding.adding_problem.{name}_short") for name in ("lstm", "rnn")
    ]
    assert one["y"].tolist() == [result("adding_problem")[name] for name in ("lstm", "rnn")]
    assert drawn["layout"]["yaxis"]["type"] == "log"
    assert drawn["layout"]["shapes"][0]["y0"] == result("adding_problem")["chance"]
    (named,) = drawn["layout"]["annotations"]
    assert 10 ** named["y"] == pytest.approx(1 / 6)
    assert len(dots.to_frame()) == 2

    lines = result("vanishing_gradient").view
    assert isinstance(lines, FindingChart)
    drawn = figure(lines, Look("zh", True))
    assert [one["type"] for one in drawn["data"]] == ["scatter", "scatter"]
    assert drawn["data"][1]["x"].tolist() == list(range(51))
    assert drawn["data"][1]["y"][50] == pytest.approx(result("vanishing_gradient")["lstm"])
    assert drawn["layout"]["showlegend"]
    assert drawn["layout"]["shapes"] == []
