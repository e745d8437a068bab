"""Spans at which the same units are on, against a search through every step."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.found_units import FoundUnits
from rnnviz.train import preset
from rnnviz.train.text_tasks import book

TEXT = book()[:6000]
RABBIT = TEXT.index("Rabbit")


@cache
def found() -> FoundUnits:
    return rv.find_units(preset("next_character_lstm").model(), TEXT, ["word"])


@cache
def cells() -> np.ndarray:
    trace = rv.trace(preset("next_character_lstm").model(), rv.parse(TEXT))
    return trace["cell"][:, 0]


@pytest.mark.parametrize(("start", "stop"), [(RABBIT + 2, RABBIT + 5), (100, 102), (0, 1)])
def test_units_are_those_on_throughout_and_spans_have_them_on(start: int, stop: int) -> None:
    same = found().same_units(start, stop, threshold=0.3)
    signed = cells() > 0.3, cells() < -0.3
    expected = [
        (unit, sign)
        for unit in range(128)
        for sign, on in zip((1, -1), signed, strict=True)
        if on[start:stop, unit].all() and on[:, unit].mean() <= 0.5
    ]
    # A state within the rounding of one byte of the threshold may fall on either side.
    close = np.abs(np.abs(cells()[start:stop]) - 0.3).min(axis=0) < 0.02
    pairs = zip(same.units, same.signs, strict=True)
    assert [p for p in pairs if not close[p[0]]] == [p for p in expected if not close[p[0]]]
    for span in same.spans:
        is_on = np.array(same.signs) * cells()[span.start : span.stop][:, list(same.units)] > 0.28
        assert (is_on.sum(axis=1) >= span.n_on).all()
        assert span.stop <= start or span.start >= stop
        assert "".join(span.tokens) == TEXT[span.start : span.stop]


def test_other_spans_are_of_about_the_same_length_those_with_most_units_first() -> None:
    same = found().same_units(RABBIT + 2, RABBIT + 5, n=5)
    assert len(same.spans) == 5
    assert [one.n_on for one in same.spans] == sorted((s.n_on for s in same.spans), reverse=True)
    assert same.given.tokens == tuple("bbi")


def test_no_span_crosses_the_beginning_of_a_row() -> None:
    rows = rv.parse([TEXT[:300], TEXT[300:700]])
    looked = rv.find_units(preset("next_character_lstm").model(), rows, ["word"])
    for span in looked.same_units(10, 12, threshold=0.1, n=50).spans:
        assert span.stop <= 300 or span.start >= 300


def test_a_span_of_nothing_in_common_has_no_units_and_no_spans() -> None:
    same = found().same_units(0, 900, threshold=0.9)
    assert (same.units, same.spans) == ((), ())
    assert len(same.to_frame()) == 0
    assert "No unit" in same.figure().layout.annotations[0].text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figure_and_table_show_a_line_for_each_span(language: str) -> None:
    same = found().same_units(RABBIT + 2, RABBIT + 5, n=4)
    assert "<b>bbi</b>" in same.figure(language=language).data[0].text[0]
    assert same.to_frame().text.tolist() == ["".join(one.tokens) for one in same.spans]
    assert repr(same).startswith("<SameUnits “bbi”: ")


@pytest.mark.parametrize(
    ("span", "options", "said"),
    [
        ((5, 5), {}, "A span is from 1 to 1000 of the steps 0 to 6000"),
        ((-1, 5), {}, "A span is"),
        ((0, 6001), {}, "A span is"),
        ((0, 2.5), {}, "A span is"),
        ((0, 3), {"threshold": 0}, "should be above 0"),
        ((0, 3), {"threshold": "high"}, "should be above 0"),
        ((0, 3), {"n": "all"}, "n should be a whole number"),
    ],
)
def test_a_span_outside_the_text_is_refused(span: Any, options: Any, said: str) -> None:
    with pytest.raises(rv.InputError, match=said):
        found().same_units(*span, **options)
