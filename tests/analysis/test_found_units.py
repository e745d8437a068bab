"""What a feature needs beside its controls: in the verdict, the sentence and the figure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rnnviz.analysis.find_units import read_off
from rnnviz.analysis.found_units import closest_finding
from rnnviz.i18n import word
from tests.analysis.test_find_units import planted


def test_what_is_needed_beside_controls_is_where_a_feature_is_found_and_is_told() -> None:
    """0.5, and 0.1 above the largest control, or half of what is left up to 1."""
    for control, needed in ((0.2, 0.5), (0.45, 0.55), (0.68, 0.78), (0.9, 0.95)):
        for r, verdict in ((needed - 1e-9, False), (-needed - 1e-9, True)):
            reading = read_off(r, {"shifted": np.array([0.1, -control])}, is_rare=False)
            assert reading.needed == pytest.approx(needed)
            assert reading.is_found is verdict
    both = read_off(1.0, {"labels": np.array([1.0])}, is_rare=False)
    assert not both.is_found
    assert both.needed > 1
    assert np.isnan(read_off(0.9, {"labels": np.array([0.1])}, is_rare=True).needed)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_refusal_tells_what_is_needed_and_the_figure_marks_it(language: str) -> None:
    """A unit right of every control may still be too near them: the row's mark stands beyond it."""
    found = planted()
    near = read_off(0.76, {"shifted": np.array([0.1]), "labels": np.array([0.68])}, is_rare=False)
    seldom = read_off(0.76, {"labels": np.array([0.1])}, is_rare=True)
    depth = found["depth"]
    features = (
        replace(depth, name="word", best=near, probe=near),
        replace(depth, name="quotes", best=seldom, probe=seldom),
    )
    told = replace(found, features=features)
    sentence = told.sentence("word", language)
    assert [sentence.count(number) for number in ("0.76", "0.68", "0.78")] == [2, 2, 2]
    figure = told.figure(language=language)
    name = word("units.legend.needed", language)
    marks = [trace for trace in figure.data if trace.name == name]
    assert [list(one.x) for one in marks] == [pytest.approx([0.78, np.nan], nan_ok=True)] * 2
    circles = [trace for trace in figure.data if trace.mode == "markers+text"]
    assert all(one.x[0] < mark.x[0] for one, mark in zip(circles, marks, strict=True))
    far = read_off(0.9, {"labels": np.array([0.95])}, is_rare=False)
    assert closest_finding((*features, replace(depth, best=far))) is features[0]
    assert closest_finding(features[1:]) is None
