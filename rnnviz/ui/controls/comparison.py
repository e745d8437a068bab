"""Runs compared: charts on one playhead, side by side or subtracted, and what differs most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from math import isnan
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.analysis.compare import Comparison, same_weights
from rnnviz.analysis.difference import PredictedOutputs, SignalDifference
from rnnviz.analysis.panels import Panels
from rnnviz.errors import InputError
from rnnviz.formatting import format_number
from rnnviz.network.layer import Layer
from rnnviz.ui import address, comparison_results, results, shell, state
from rnnviz.ui.build import WINDOW
from rnnviz.ui.controls.compare_cells import cell_table, compare_cells
from rnnviz.ui.controls.compare_inputs import compare_inputs
from rnnviz.ui.controls.compare_interventions import compare_backends, compare_interventions
from rnnviz.ui.controls.compare_links import links_to_runs
from rnnviz.ui.controls.compare_models import compare_models
from rnnviz.ui.controls.compare_training import compare_training
from rnnviz.ui.controls.cursor import settled_cursor
from rnnviz.ui.controls.widgets import segments, show_chart
from rnnviz.ui.fingerprint import fingerprint
from rnnviz.ui.player.jump_table import jump_table
from rnnviz.ui.player.linked_chart import linked_chart
from rnnviz.ui.player.player import player
from rnnviz.ui.selections import ComparedRun, ComparedRuns
from rnnviz.ui.text import error_text, escape_markdown, t, warn

_PLAYHEAD = "compare"
_COLUMNS = ("signal", "largest", "mean", "where")


COMPARISONS: dict[str, Callable[[DeltaGenerator], ComparedRuns]] = {
    "training": compare_training,
    "inputs": compare_inputs,
    "intervened": compare_interventions,
    "cells": compare_cells,
    "models": compare_models,
    "backends": compare_backends,
}


@dataclass(frozen=True)
class _Chart:
    """One column of the comparison."""

    title: str
    view: Panels
    figure: Any


def compared_runs(expert: DeltaGenerator) -> ComparedRuns:
    """The runs of the chosen comparison, its controls drawn; fewer than two while choices lack.

    expert  where the rarer controls stand.
    """
    return COMPARISONS[state.get("compare")](expert)


def comparison_view(runs: ComparedRuns) -> None:
    """One player for all, a chart each, and under them what differs most."""
    order = state.text_of("order")
    with st.spinner(t("working"), show_time=True):
        view = comparison_results.comparison_of(runs, order)
    pairs = [(runs[0], other) for other in runs[1:]]
    is_apart = _is_apart(runs)
    with st.container(horizontal=True, vertical_alignment="center", key="sides_row"):
        if pairs and not is_apart:
            segments("sides", ("beside", "difference"), is_labelled=False)
        st.caption(_about(runs))
    is_subtracted = pairs and not is_apart and state.get("sides") == "difference"
    wanted = _differences(runs, order) if is_subtracted else []
    charts = wanted or _beside(runs, order, view)
    name = fingerprint(runs, order, "difference" if wanted else "beside")
    with st.container(key="runs_apart" if is_apart else "runs_alike"):
        _stepped(charts, view.tokens, name)
    _at_cursor(runs, order, bool(wanted))
    links_to_runs(runs)
    if is_apart:
        cell_table(runs)
    for number, pair in enumerate([] if is_apart else pairs):
        _what_differs(*pair, number)


def _is_apart(runs: ComparedRuns) -> bool:
    """True of cells whose units have nothing but their numbers in common."""
    if state.get("compare") != "cells":
        return False
    first, *others = map(_layer, runs)
    return not all(same_weights(first, other) for other in others)


def _about(runs: ComparedRuns) -> str:
    """Caption of the comparison, and of random cells which of them are the same network."""
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


def _cut(runs: ComparedRuns) -> list[str]:
    """The note that only the beginning of a long input is compared."""
    count = max(results.source_of(one.run.input).n_steps for one in runs)
    return [t("compare.cut", shown=f"{WINDOW:,}", count=f"{count:,}")] if count > WINDOW else []


def _layer(one: ComparedRun) -> Layer:
    n_features = len(results.source_of(one.run.input).features)
    return results.model_of(one.run.model, n_features).layers[one.layer]


def _beside(runs: ComparedRuns, order: str, view: Comparison) -> list[_Chart]:
    look = shell.look()
    return [
        _Chart(one.name, view.runs[i], comparison_results.compared_figure(runs, i, order, look))
        for i, one in enumerate(runs)
    ]


def _differences(runs: ComparedRuns, order: str) -> list[_Chart]:
    """A chart for every run but the first; none, with a warning, where two share no signal."""
    look = shell.look()
    try:
        views = comparison_results.differences_of(runs, order)
    except InputError as error:
        warn(error)
        return []
    return [
        _Chart(
            _minus(runs[0], runs[i]),
            view,
            comparison_results.difference_figure(runs, i, order, look),
        )
        for i, view in enumerate(views, start=1)
    ]


def _minus(one: ComparedRun, other: ComparedRun) -> str:
    return f"{other.name} − {one.name}"


def _stepped(charts: list[_Chart], tokens: tuple[str, ...], name: str) -> None:
    """The player, and the charts whose cursors it moves."""
    groups = [f"run_{number}" for number in range(len(charts))]
    same = {"playhead": _PLAYHEAD, "language": state.language()}
    player(
        replace(charts[0].view, tokens=tokens),
        name=f"{name}0",
        key="compare_player",
        group=groups[0],
        step=state.cursor_step(),
        jump=state.n_cursor_moves(),
        **same,
    )
    for number, (column, one) in enumerate(zip(st.columns(len(charts)), charts, strict=True)):
        with column, st.container(key=groups[number]):
            alt = t("compare.alt", run=one.title, steps=one.view.n_steps)
            show_chart(one.figure, f"chart_{number}", alt=alt)
    # Under the charts, since a component takes its place in a column though nothing is seen of it.
    for number, one in list(enumerate(charts))[1:]:
        key = f"beside_{number}"
        linked_chart(one.view, name=f"{name}{number}", key=key, group=groups[number], **same)


@st.fragment
def _at_cursor(runs: ComparedRuns, order: str, is_difference: bool) -> None:
    """The number that is picked, in every run; a cursor that settles reruns only this.

    Of units that have only their numbers in common, the mean size.
    """
    view = comparison_results.comparison_of(runs, order)
    drawn = comparison_results.differences_of(runs, order)[0] if is_difference else view.runs[0]
    step, signal, unit = settled_cursor(drawn, _PLAYHEAD)
    step = min(step, view.n_steps - 1)
    facts = {"step": step + 1, "token": escape_markdown(view.tokens[step])}
    if _is_apart(runs):
        where = t("compare.sizes", **facts)
        numbers = [_mean_size(one, step) for one in view.runs]
    else:
        where = t("compare.here", signal=t(f"signal.{signal}"), unit=unit, **facts)
        numbers = [_number(one, signal, str(unit), step) for one in view.runs]
    named = zip(view.names, numbers, strict=True)
    values = [f"{escape_markdown(name)} **{number}**" for name, number in named]
    st.markdown(f"{where}  {' · '.join(values)}")
    address.write_url()


def _mean_size(run: Panels, step: int) -> str:
    """Mean size of the hidden state's numbers at a step."""
    hidden = next(panel for panel in run.panels if panel.signal.name == "hidden")
    return format_number(float(abs(hidden.values[:, step]).mean()))


def _number(run: Panels, signal: str, unit: str, step: int) -> str:
    """A run's number, or a dash where it has none."""
    for panel in run.panels:
        if panel.signal.name == signal and unit in panel.units:
            value = float(panel.values[panel.units.index(unit), step])
            return "—" if isnan(value) else format_number(value)
    return "—"


def _what_differs(one: ComparedRun, other: ComparedRun, number: int) -> None:
    """Table of the largest difference of every signal, and whether the predictions agree."""
    try:
        sizes, outputs = comparison_results.differences_by_signal(one, other)
    except InputError as error:
        st.info(error_text(error), icon=":material/compare:")
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
    if outputs is not None:
        st.markdown(_prediction_line(outputs))


def _row(size: SignalDifference) -> dict[str, Any]:
    most = size.largest
    name = t(f"signal.{size.signal.name}")
    axis = "output" if size.signal.kind in ("probability", "output") else "unit"
    where = t("most.place", step=most.step + 1, token=most.token, axis=t(f"axis.{axis}"))
    numbers = [format_number(value) for value in (size.max, size.mean, most.one, most.other)]
    return {
        "cells": [name, *numbers[:2], f"{where} {most.unit}", *numbers[2:]],
        "colour": shell.look().colour(size.signal.name),
        "step": most.step,
        "signal": size.signal.name,
        "unit": int(most.unit) if axis == "unit" else None,
    }


def _prediction_line(outputs: PredictedOutputs) -> str:
    if not outputs.flips:
        return t("most.agree")
    first = outputs.flips[0]
    one, other = (escape_markdown(names[first] or "") for names in (outputs.one, outputs.other))
    count, steps = len(outputs.flips), len(outputs.one)
    return t("most.flips", one=one, other=other, count=count, steps=steps, step=first + 1)
