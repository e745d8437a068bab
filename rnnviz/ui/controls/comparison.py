"""Runs side by side on one playhead, or subtracted, and the table of what differs most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from math import isnan
from typing import Any

import streamlit as st

from rnnviz.analysis.compare import Comparison, same_weights
from rnnviz.analysis.difference import PredictedOutputs, SignalDifference
from rnnviz.analysis.panels import Panels
from rnnviz.errors import InputError
from rnnviz.figures.theme import colour
from rnnviz.formatting import format_number
from rnnviz.network.layer import Layer
from rnnviz.ui import results, shell, state
from rnnviz.ui.build import WINDOW
from rnnviz.ui.controls.compare_cells import cells
from rnnviz.ui.controls.compare_inputs import inputs
from rnnviz.ui.controls.compare_interventions import backends, intervened
from rnnviz.ui.controls.compare_training import course
from rnnviz.ui.controls.cursor import resting
from rnnviz.ui.controls.widgets import segments
from rnnviz.ui.player.jump_table import jump_table
from rnnviz.ui.player.linked_chart import linked_chart
from rnnviz.ui.player.player import player
from rnnviz.ui.selections import ModelChoice, OpenedChoice, RunChoice, Runs
from rnnviz.ui.text import escaped, said, t

_PLAYHEAD = "compare"
_COLUMNS = ("signal", "largest", "mean", "where")
_CHART = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}


@dataclass(frozen=True)
class _Chart:
    """What one column shows."""

    title: str
    view: Panels
    figure: Any


def side_by_side(runs: Runs) -> None:
    """One player for all, a chart each, and under them what differs most."""
    with st.spinner(t("working"), show_time=True):
        view = results.compared(runs, state.get("order"))
    pairs = [(runs[0], other) for other in runs[1:]]
    with st.container(horizontal=True, vertical_alignment="center", key="sides_row"):
        if pairs:
            segments("sides", ("beside", "difference"), labelled=False)
        st.caption(_about(runs))
    wanted = _differences(runs) if pairs and state.get("sides") == "difference" else []
    charts = wanted or _beside(runs, view)
    name = results.name_of_runs(runs, state.get("order"), "difference" if wanted else "beside")
    _stepped(charts, view.tokens, name)
    _at_rest(runs, state.get("order"), bool(wanted))
    _open(runs)
    for number, pair in enumerate(pairs):
        _what_differs(*pair, number)


def _about(runs: Runs) -> str:
    """What the comparison shows, and of random cells which of them are the same network."""
    about = " ".join([t(f"compare.{state.get('compare')}.about"), *_cut(runs)])
    if state.get("compare") != "cells":
        return about
    layers = [(one.name, _layer(one)) for one in runs]
    pairs = [
        t("compare.cells.alike", one=one, other=other)
        for (one, first), (other, second) in combinations(layers, 2)
        if same_weights(first, second)
    ]
    return " ".join([about, *pairs])


def _cut(runs: Runs) -> list[str]:
    """That only the beginning of a long input is compared."""
    count = max(results.reading(run.given).n_steps for run in runs)
    return [t("compare.cut", shown=f"{WINDOW:,}", count=f"{count:,}")] if count > WINDOW else []


def _layer(one: RunChoice) -> Layer:
    read = results.traced(one.model, one.given).sequence
    return results.made(one.model, read.n_features).layers[one.layer]


def _beside(runs: Runs, view: Comparison) -> list[_Chart]:
    look = (state.get("order"), state.get("lang"), shell.is_dark())
    return [
        _Chart(run.name, view.runs[i], results.beside(runs, i, *look)) for i, run in enumerate(runs)
    ]


def _differences(runs: Runs) -> list[_Chart]:
    """A chart for every run but the first; none, with a sentence, where two share nothing."""
    look = (state.get("order"), state.get("lang"), shell.is_dark())
    try:
        views = results.subtracted(runs, state.get("order"))
    except InputError as error:
        st.warning(said(error), icon=":material/error:")
        return []
    return [
        _Chart(_minus(runs[0], runs[i]), view, results.apart(runs, i, *look))
        for i, view in enumerate(views, start=1)
    ]


def _minus(one: RunChoice, other: RunChoice) -> str:
    return f"{other.name} − {one.name}"


def _stepped(charts: list[_Chart], tokens: tuple[str, ...], name: str) -> None:
    """The player, and the charts whose cursors it moves."""
    groups = [f"run_{number}" for number in range(len(charts))]
    same = {"playhead": _PLAYHEAD, "language": state.get("lang")}
    player(
        replace(charts[0].view, tokens=tokens),
        name=f"{name}0",
        key="compare_player",
        group=groups[0],
        step=state.get("step"),
        jump=state.jumps(),
        **same,
    )
    for number, (column, one) in enumerate(zip(st.columns(len(charts)), charts, strict=True)):
        with column, st.container(key=groups[number]):
            st.plotly_chart(
                one.figure,
                key=f"chart_{number}",
                theme=None,
                config=_CHART,
                alt=t("compare.alt", run=one.title, steps=one.view.n_steps),
            )
    # Under the charts, since a component takes its place in a column though nothing is seen of it.
    for number, one in list(enumerate(charts))[1:]:
        key = f"beside_{number}"
        linked_chart(one.view, name=f"{name}{number}", key=key, group=groups[number], **same)


@st.fragment
def _at_rest(runs: Runs, order: str, is_difference: bool) -> None:
    """The number that is picked, in every run; a rest of the cursor reruns nothing but this."""
    view = results.compared(runs, order)
    drawn = results.subtracted(runs, order)[0] if is_difference else view.runs[0]
    step, signal, unit = resting(drawn, _PLAYHEAD)
    step = min(step, view.n_steps - 1)
    values = [
        f"{escaped(name)} **{_number(view, run, signal, str(unit), step)}**"
        for run, name in enumerate(view.names)
    ]
    facts = {"signal": t(f"signal.{signal}"), "unit": unit, "step": step + 1}
    where = t("compare.here", token=escaped(view.tokens[step]), **facts)
    st.markdown(f"{where}  {' · '.join(values)}")
    state.finish()


def _number(view: Comparison, run: int, signal: str, unit: str, step: int) -> str:
    """A run's number, or a dash where it has none."""
    for panel in view.runs[run].panels:
        if panel.signal.name == signal and unit in panel.units:
            value = float(panel.values[panel.units.index(unit), step])
            return "—" if isnan(value) else format_number(value)
    return "—"


def _open(runs: Runs) -> None:
    """The way to every run that a page of its own can show."""
    with st.container(horizontal=True, key="open_runs"):
        for number, one in enumerate(runs):
            if not one.given.vocabulary:
                _open_one(one, number)


def _open_one(one: RunChoice, number: int) -> None:
    page, choices = _page_of(one)
    label = t("compare.open", run=escaped(one.name), page=t(f"page.{page}"))
    icon = ":material/open_in_full:"
    if not isinstance(one.model, OpenedChoice) or one.model.origin != "file":
        query = state.address(**choices)
        st.page_link(shell.page(page), label=label, icon=icon, query_params=query)
    # A link can carry small files only.
    else:
        shell.way(page, label, icon, key=f"open_{number}", **choices)


def _page_of(one: RunChoice) -> tuple[str, dict[str, Any]]:
    """The page that shows a run alone, and what is to be chosen there."""
    shown = {"backend": one.model.backend, "layer": one.layer, "do": one.do, "versus": "changed"}
    if isinstance(one.model, ModelChoice):
        made = ("cell", "init", "layers", "direction")
        return "explore", {name: getattr(one.model, name) for name in made} | shown
    text = one.given.text if one.given.kind in ("characters", "words", "zoo") else ""
    name = f"{one.model.origin}:{one.model.name}".removesuffix(":")
    return "model", {"model": name, "moment": one.model.moment, "says": text} | shown


def _what_differs(one: RunChoice, other: RunChoice, number: int) -> None:
    """For every signal where it differs most, and whether the answers are the same."""
    try:
        sizes, answers = results.differing(one, other)
    except InputError as error:
        st.info(said(error), icon=":material/compare:")
        return
    if state.get("compare") == "backends":
        st.markdown(t("compare.rounding", largest=format_number(sizes[0].max)))
    jump_table(
        [_row(size) for size in sizes],
        key=f"most_{number}",
        playhead=_PLAYHEAD,
        caption=t("most", names=_minus(one, other)),
        columns=[*(t(f"most.{name}") for name in _COLUMNS), one.name, other.name],
    )
    if answers is not None:
        st.markdown(_answered(answers))


def _row(size: SignalDifference) -> dict[str, Any]:
    most = size.largest
    name = t(f"signal.{size.signal.name}")
    axis = "output" if size.signal.kind in ("probability", "output") else "unit"
    where = t("most.place", step=most.step + 1, token=most.token, axis=t(f"axis.{axis}"))
    numbers = [format_number(value) for value in (size.max, size.mean, most.one, most.other)]
    return {
        "cells": [name, *numbers[:2], f"{where} {most.unit}", *numbers[2:]],
        "colour": colour(size.signal.name, shell.is_dark()),
        "step": most.step,
        "signal": size.signal.name,
        "unit": int(most.unit) if axis == "unit" else None,
    }


def _answered(answers: PredictedOutputs) -> str:
    if not answers.flips:
        return t("most.agree")
    first = answers.flips[0]
    facts = {"count": len(answers.flips), "steps": len(answers.one), "step": first + 1}
    one, other = answers.one[first], answers.other[first]
    return t("most.flips", one=escaped(one or ""), other=escaped(other or ""), **facts)


COMPARISONS: dict[str, Callable[[], Runs]] = {
    "cells": cells,
    "inputs": inputs,
    "training": course,
    "intervened": intervened,
    "backends": backends,
}


def chosen_runs() -> Runs:
    """The runs of the comparison that is chosen, its choices drawn; few or none while they lack."""
    return COMPARISONS[state.get("compare")]()
