"""Unit finder that can say no: features, units that follow them, and the controls beside them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import streamlit as st

from rnnviz.analysis.find_units import find_units
from rnnviz.analysis.found_units import (
    FeatureFinding,
    FoundUnits,
    UnitContext,
    closest_finding,
    feature_name,
)
from rnnviz.analysis.text_features import occurrences
from rnnviz.analysis.unit_stream import unit_stream
from rnnviz.errors import InputError, RnnvizError
from rnnviz.figures.found_units import figure
from rnnviz.figures.plotly_json import to_page
from rnnviz.figures.same_units import figure as draw_same_units
from rnnviz.formatting import format_number, token_label
from rnnviz.ui import shell, state
from rnnviz.ui.controls.widgets import select, show_chart, text_button, text_field
from rnnviz.ui.results import CACHE
from rnnviz.ui.run import ShownRun
from rnnviz.ui.searched_input import RUN, searched_features, searched_input, searched_places
from rnnviz.ui.selections import TypedText
from rnnviz.ui.text import escape_markdown, t, warn
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun, always

_LEAST_STEPS, _MOST_CHARACTERS, _WIDTH = 400, 60, 28
_CLEAREST = ""
# In place of a run's input where something else is looked through.
_NOTHING = TypedText("", "characters")


def _settings(run: ShownRun) -> tuple[Any, ...]:
    is_text = run.trace.sequence.encoding != "values"
    places = searched_places(run.choice, is_text)
    with st.container(horizontal=True, vertical_alignment="bottom", key="asked_row"):
        where = _place(run, places)
        if is_text:
            word = t("follows.own")
            text_field("follows", _MOST_CHARACTERS, placeholder=word, is_labelled=True)
    return where, state.text_of("follows") if is_text else ""


def _place(run: ShownRun, places: tuple[str, ...]) -> str:
    """What is looked through: the run where it is long enough, else what there is beside it."""
    standard = RUN if run.source.n_steps >= _LEAST_STEPS else places[-1]
    state.fall_back("looked", ["", *places])
    options = [standard, *(one for one in places if one != standard)]
    if not state.text_of("looked"):
        state.put(looked=standard)
    select("looked", options)
    return state.text_of("looked")


def _compute(seen: SeenRun) -> FoundUnits:
    # Only what is looked through and the model tell searches apart.
    is_run = seen.settings[0] == RUN
    return found_units(seen if is_run else replace(seen, run=replace(seen.run, input=_NOTHING)))


@CACHE.cached
def found_units(seen: SeenRun) -> FoundUnits:
    """The search of a view. Raises RnnvizError."""
    where, own = seen.settings
    model, read = searched_input(seen.run, where)
    stream = unit_stream(model, read, seen.layer, None)
    features = searched_features(seen.run, where, stream, own)
    found: FoundUnits = seen.call(find_units, model, read, features, layer=seen.layer)
    return found


def _said(found: FoundUnits) -> InsightSentence:
    facts: dict[str, Any] = {"steps": f"{found.stream.n_steps:,}", "count": len(found.features)}
    if found.found:
        listed = "; ".join(_told(one) for one in found.found)
        return InsightSentence("understand.unit_finder.said", facts | {"found": listed})
    closest = closest_finding(found.features)
    if closest is None:
        return InsightSentence("understand.unit_finder.few", facts)
    control, needed = max(closest.best.controls.values()), closest.best.needed
    facts |= {"closest": _told(closest), "control": f"{control:.2f}", "needed": f"{needed:.2f}"}
    return InsightSentence("understand.unit_finder.none", facts)


def _told(one: FeatureFinding) -> str:
    name, r = feature_name(one.name, state.language()), f"{one.best.r:.2f}".replace("-", "−")
    return t("unit_finder.follows", name=name, unit=one.unit, r=r)


def _beneath(found: FoundUnits) -> None:
    names = {one.name: feature_name(one.name, state.language()) for one in found.features}
    state.fall_back("feature", [_CLEAREST, *names])
    select("feature", [_CLEAREST, *names], text=lambda name: names.get(name, t("feature.own")))
    clearest = max(found.found or found.features, key=lambda one: abs(one.best.r)).name
    one = found[state.text_of("feature") or clearest]
    told = escape_markdown(found.sentence(one.name, state.language()))
    st.markdown(told, help=t("units.controls.help"))
    if found.stream.tokens is not None:
        label = t("unit_finder.colour", unit=one.unit)
        picked = f"{found.stream.signal}.{one.unit}"
        text_button(label, "colour_by_unit", _colour_by, picked, icon=":material/palette:")
    for lowest, key in ((False, "unit_finder.highest"), (True, "unit_finder.lowest")):
        st.caption(t(key, unit=one.unit))
        places = found.contexts(one.unit, lowest=lowest, width=_WIDTH)
        st.code("\n".join(map(_line, places)), language=None)
    _same_units(found, one.unit)
    if found.stream.tokens is not None:
        _to_corpus()


def _to_corpus() -> None:
    """The way to the same question over texts of any length."""
    if st.button(t("unit_finder.corpus"), icon=":material/library_books:", type="tertiary"):
        st.switch_page(shell.page_file("corpus"))


def _colour_by(picked: str) -> None:
    """Show the run's text coloured by a unit."""
    state.put(pick=picked, understand="coloured_text")


def _line(place: UnitContext) -> str:
    before, after = (_visible(text) for text in (place.before, place.after))
    token = f"⟦{_visible(place.token)}⟧"
    return f"{format_number(place.value):>7}  {before[-_WIDTH:]:>{_WIDTH}}{token}{after[:_WIDTH]}"


def _visible(text: str) -> str:
    return "".join(sign if sign == " " else token_label(sign) for sign in text)


def _same_units(found: FoundUnits, unit: int) -> None:
    """A span of what was read, the units that are on throughout, and other spans of theirs."""
    standard = found.contexts(unit)[0].step
    text_field("span", _MOST_CHARACTERS, placeholder=t("span.own"), is_labelled=True)
    try:
        start, stop = _span(found, state.text_of("span"), standard)
        same = found.same_units(start, stop)
    except RnnvizError as error:
        warn(error)
        return
    drawn = to_page(draw_same_units(same, shell.look()))
    show_chart(drawn, "same_units", alt=t("unit_finder.same.alt", count=len(same.spans)))


def _span(found: FoundUnits, text: str, standard: int) -> tuple[int, int]:
    """Steps of a typed text's first place, or of two typed numbers; by default of a high unit."""
    if not text:
        _, place = found.stream.place(standard)
        return standard - min(place, 3), standard + 1
    places = [] if found.stream.tokens is None else occurrences(found.stream.tokens, text).tolist()
    steps = re.fullmatch(r"\s*(\d+)\s*[-–]\s*(\d+)\s*", text)
    if not places and steps is None:
        raise InputError(
            "“{text}” stands nowhere in what was looked through; type a text that does, or two"
            " steps, as in 12-20.",
            text=text,
        )
    return (int(steps[1]) - 1, int(steps[2])) if steps is not None else (*places[0],)


INSIGHT = Insight(
    "unit_finder",
    "rv.find_units(model, text, layer={layer})",
    _compute,
    _said,
    figure,
    _settings,
    _beneath,
    takes_long=always,
    job_words="search",
)
