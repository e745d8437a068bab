"""Figures of a scanned corpus: a unit's histogram and correlations, and all units of a signal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rnnviz.corpus.corpus_signal import CorpusSignal
from rnnviz.corpus.corpus_unit import CorpusUnit
from rnnviz.figures.corpus_signal import figure as draw_signal
from rnnviz.figures.corpus_unit import figure
from rnnviz.figures.theme import Look
from rnnviz.i18n import LANGUAGES, word
from tests.witnesses import assert_close, normal

_SHARES = np.abs(normal(40)) / np.abs(normal(40)).sum()
GATE = CorpusUnit(
    "forget", 3, 0.7, 0.1, 0.0, 0.4, np.linspace(0, 1, 41), _SHARES, {"word": -0.6, "space": 0.2},
    {"word": 0.3, "space": 0.1}, (), (),
)  # fmt: skip
_OPEN_EDGES = np.array([-np.inf, *(e / (1 - abs(e)) for e in np.linspace(-1, 1, 41)[1:-1]), np.inf])
MEMORY = replace(GATE, signal="cell", mean=-3.0, edges=_OPEN_EDGES)


def test_bars_stand_over_their_bins_and_beside_their_shifted_copies() -> None:
    histogram, follows, shifted = figure(GATE, Look())["data"]
    assert_close(histogram["x"], np.arange(40) / 40 + 0.0125)
    assert_close(histogram["y"], _SHARES)
    assert histogram["customdata"][4] == "0.100 … 0.125"
    assert follows["x"] == [-0.6, 0.2]
    assert shifted["x"] == [0.3, 0.1, -0.3, -0.1]
    assert shifted["y"] == [0, 1, 0, 1]


def test_no_line_tells_from_what_r_a_unit_is_found_since_random_labels_decide_that_too() -> None:
    shapes = figure(GATE, Look())["layout"]["shapes"]
    assert [shape["xref"] for shape in shapes] == ["x"]


def test_a_signal_without_bounds_is_drawn_to_its_ends_and_marked_by_its_numbers() -> None:
    drawn = figure(MEMORY, Look())
    centres = drawn["data"][0]["x"]
    assert_close(centres, np.linspace(-1, 1, 41)[:-1] + 0.025)
    assert drawn["data"][0]["customdata"][0].startswith("−∞")
    axis = drawn["layout"]["xaxis"]
    marks = dict(zip(axis["ticktext"], axis["tickvals"], strict=True))
    assert marks["3"] == pytest.approx(0.75)
    assert drawn["layout"]["shapes"][0]["x0"] == pytest.approx(-0.75)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_names_signal_unit_and_features(language: str) -> None:
    layout = figure(GATE, Look(language))["layout"]
    titles = [one["text"] for one in layout["annotations"]]
    assert any(word("signal.forget", language) in one and "3" in one for one in titles)
    assert layout["yaxis2"]["ticktext"][1] == word("units.feature.space", language)


def test_without_features_there_is_the_histogram_alone_with_room() -> None:
    drawn = figure(replace(GATE, correlations={}, shifted={}), Look())
    assert drawn["data"][1]["x"] == []
    assert drawn["layout"]["yaxis"]["domain"][0] > drawn["layout"]["yaxis2"]["domain"][1]


def test_every_unit_is_a_point_and_the_chosen_one_is_ringed() -> None:
    mean, std = normal(5), np.abs(normal(5, seed=1))
    view = CorpusSignal("hidden", mean, std, std, std, ("word",), normal(5, 1))
    points, ring = draw_signal(view, Look(), unit=2)["data"]
    assert_close(points["x"], mean)
    assert_close(points["y"], std)
    assert (ring["x"], ring["y"], ring["text"]) == ([mean[2]], [std[2]], ["2"])
    assert len(draw_signal(view, Look())["data"]) == 1


def test_units_of_a_signal_without_bounds_are_all_in_sight() -> None:
    mean, std = np.array([-400.0, 1.0, 3.0]), np.array([100.0, 1.0, 0.0])
    view = CorpusSignal("cell", mean, std, std, std, (), normal(3, 0), has_bounds=False)
    drawn = draw_signal(view, Look())
    (points,) = drawn["data"]
    assert_close(points["x"], [-400 / 401, 0.5, 0.75])
    assert_close(points["y"], [100 / 101, 0.5, 0])
    assert_close(points["customdata"][:, 0], mean)
    axis = drawn["layout"]["yaxis"]
    assert dict(zip(axis["ticktext"], axis["tickvals"], strict=True))["3"] == pytest.approx(0.75)
