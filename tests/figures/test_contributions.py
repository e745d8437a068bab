"""The bars of a drive's largest summands."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

import rnnviz as rv
from rnnviz.analysis.contributions import contributions
from rnnviz.figures.contributions import NEGATIVE, POSITIVE
from tests.analysis.test_contributions import SEQUENCE, a_stack

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])


def drawn(
    cell: str = "lstm", gate: str = "forget", layer: int = 0, n: int = 6, **look: Any
) -> go.Figure:
    model = a_stack(cell, ("forward", "backward"), 2)
    trace = rv.trace(model, SEQUENCE)
    view = contributions(model, trace, layer=layer, gate=gate, time=3, unit=2)
    return rv.figures.waterfall(view, n, **look)


def texts(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_the_bars_before_the_last_add_up_to_it() -> None:
    *bars, total = drawn().data[0].x
    assert len(bars) == 7
    assert sum(bars) == pytest.approx(total)


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", {"minus mean μ<sub>x</sub>", "shift β<sub>h</sub>", "bias b"}),
        ("zh", {"减去均值 μ<sub>x</sub>", "平移 β<sub>h</sub>", "偏置 b"}),
    ],
)
def test_a_layer_normalisation_names_its_mean_and_shift(language: str, wanted: set[str]) -> None:
    ticks = drawn("lstm_layer_norm", n=40, language=language).layout.yaxis.ticktext
    assert wanted <= set(ticks)


def test_a_peephole_is_named_by_the_state_it_sees() -> None:
    assert "c unit 2" in drawn("lstm_peephole", n=40).layout.yaxis.ticktext


def test_bars_are_red_above_zero_and_blue_below() -> None:
    bars = drawn(n=20).data[0]
    wanted = [POSITIVE if value > 0 else NEGATIVE for value in bars.x]
    assert list(bars.marker.color) == wanted
    assert {POSITIVE, NEGATIVE} == set(wanted)


def test_every_bar_has_its_number_at_the_right_with_a_real_minus() -> None:
    figure = drawn(n=20)
    written = [
        text.removeprefix("<b>").removesuffix("</b>")
        for text in texts(figure)[: len(figure.data[0].x)]
    ]
    for value, text in zip(figure.data[0].x, written, strict=True):
        assert "-" not in text
        assert float(text.replace("−", "-")) == pytest.approx(value, abs=0.006)


def test_labels_name_inputs_units_and_biases_in_both_languages() -> None:
    labels = drawn(n=20).layout.yaxis.ticktext
    assert {"x0", "h unit 4", "bias b<sub>x</sub>", "bias b<sub>h</sub>", "<b>sum</b>"} <= set(
        labels
    )
    labels = drawn(n=20, language="zh").layout.yaxis.ticktext
    assert {"x0", "h 神经元 4", "偏置 b<sub>x</sub>", "<b>加权和</b>"} <= set(labels)


def test_labels_name_the_layers_below_and_what_the_reset_gate_scales() -> None:
    labels = set(drawn("gru_reset_after", "candidate", layer=2, n=30).layout.yaxis.ticktext)
    assert {"h¹→ unit 0", "h¹← unit 4", "r⊙h unit 1", "bias r⊙b<sub>h</sub>"} <= labels


def test_the_rest_says_how_many_it_is() -> None:
    assert drawn(n=3).layout.yaxis.ticktext[-2] == "other 7 terms"
    assert drawn(n=3, language="zh").layout.yaxis.ticktext[-2] == "其余 7 项"


def test_a_symbol_is_quoted_and_a_name_with_a_tag_is_shown_as_typed() -> None:
    text = rv.parse("<b>", kind="characters")
    model = rv.random_model("lstm", text.n_features, 2)
    view = contributions(model, rv.trace(model, text), layer=0, gate="forget", time=0, unit=0)
    assert 'x "&lt;"' in rv.figures.waterfall(view, 20).layout.yaxis.ticktext
    assert "x“&lt;”" in rv.figures.waterfall(view, 20, language="zh").layout.yaxis.ticktext


def test_hovering_shows_the_weight_times_what_it_multiplies() -> None:
    weights = {"hidden.x": np.array([[2.0]]), "hidden.h": np.array([[-0.5]])}
    start = {"hidden": np.array([0.4])}
    model = rv.Model((rv.Layer("rnn", "forward", weights, start),))
    view = contributions(model, rv.trace(model, [[0.3]]), layer=0, gate="hidden", time=0, unit=0)
    assert list(rv.figures.waterfall(view).data[0].hovertext) == [
        "x0 = 2.00 × 0.300 = 0.600",
        "h unit 0 = −0.500 × 0.400 = −0.200",
        "<b>sum</b> = 0.400",
    ]


@LANGUAGES
def test_the_title_names_the_gate_its_value_the_unit_and_the_step(language: str) -> None:
    trace = rv.trace(a_stack("lstm", ("forward", "backward"), 2), SEQUENCE)
    value = f"{trace['forget'][3, 0, 2]:.2f}"
    title = next(text for text in texts(drawn(language=language)) if "<span" in text)
    name = {"en": "forget gate", "zh": "遗忘门"}[language]
    where = {"en": "unit 2, step 4", "zh": "神经元 2，第 4 步"}[language]
    assert f"{name} {value}" in title
    assert where in title


@LANGUAGES
def test_random_weights_are_said_to_be_random(language: str) -> None:
    model = rv.random_model("gru", 3, 5)
    view = contributions(model, rv.trace(model, SEQUENCE), layer=0, gate="reset", time=0, unit=0)
    said = {"en": "random weights, not trained", "zh": "随机权重，未经训练"}[language]
    assert said in texts(rv.figures.waterfall(view, language=language))
    assert said not in texts(drawn(language=language))


def test_a_dark_page_has_light_words() -> None:
    assert drawn().layout.yaxis.tickfont.color == "#1c2430"
    assert drawn(dark=True).layout.yaxis.tickfont.color == "#e8ebf0"


def test_the_figure_is_compact_and_leaves_most_of_a_narrow_card_to_the_bars() -> None:
    layout = drawn().layout
    assert layout.height <= 230
    assert layout.margin.l + layout.margin.r <= 420 / 2


def test_a_drive_of_nothing_is_drawn() -> None:
    zeros = {p.name: np.zeros((1, 1)) for p in rv.CELLS["rnn"].params if p.required}
    model = rv.Model((rv.Layer("rnn", "forward", zeros),))
    view = contributions(model, rv.trace(model, [[0.3]]), layer=0, gate="hidden", time=0, unit=0)
    figure = rv.figures.waterfall(view)
    assert list(figure.layout.xaxis.range) == [-1, 1]
    assert "tanh(0) = 0" in texts(figure)
