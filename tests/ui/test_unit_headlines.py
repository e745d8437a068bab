"""What the pages say where no unit follows a feature: the closest, and what it would need."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import rnnviz as rv
from rnnviz.analysis.find_units import read_off
from rnnviz.analysis.found_units import FoundUnits, ReadOff
from rnnviz.core.resources import asset
from rnnviz.corpus.result import CorpusScan
from rnnviz.i18n import word
from rnnviz.ui.controls.scan_features import found_sentence
from rnnviz.ui.understand.registry import INSIGHTS
from tests.analysis.test_find_units import planted

NEAR = read_off(0.76, {"shifted": np.array([0.1]), "labels": np.array([0.68])}, is_rare=False)
SELDOM = read_off(0.9, {"labels": np.array([0.1])}, is_rare=True)


def scan_with(*readings: ReadOff) -> CorpusScan:
    scan = rv.corpus.open(asset("scans", "alice.parquet"))
    features = zip(scan.features, readings, strict=False)
    told = tuple(replace(one, best=reading) for one, reading in features)
    return replace(scan, about=replace(scan.about, features=told))


def search_with(*readings: ReadOff) -> FoundUnits:
    found = planted()
    features = zip(found.features, readings, strict=False)
    return replace(found, features=tuple(replace(one, best=reading) for one, reading in features))


def test_the_closest_is_told_with_what_it_needs() -> None:
    told = found_sentence(scan_with(SELDOM, NEAR))
    assert all(number in told for number in ("0.76", "0.68", "0.78"))
    assert "0.90" not in told
    said = INSIGHTS["unit_finder"].said(search_with(SELDOM, NEAR))
    assert said.key == "understand.unit_finder.none"
    assert (said.facts["control"], said.facts["needed"]) == ("0.68", "0.78")
    assert "0.76" in said.facts["closest"]


def test_where_no_feature_rises_often_enough_nothing_is_called_closest() -> None:
    tokens = f"{scan_with().n_steps:,}"
    told = found_sentence(scan_with(SELDOM, SELDOM))
    assert told == word("corpus.found.few", "en", count=2, tokens=tokens)
    assert INSIGHTS["unit_finder"].said(search_with(SELDOM)).key == "understand.unit_finder.few"


def test_what_is_found_is_told_before_what_comes_closest() -> None:
    clear = read_off(-0.9, {"labels": np.array([0.1])}, is_rare=False)
    assert "−0.90" in found_sentence(scan_with(NEAR, clear))
    assert "0.76" not in found_sentence(scan_with(NEAR, clear))
