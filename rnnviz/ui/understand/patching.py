"""Patch through time: numbers of the run put into a second run, and what of its answer returns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from rnnviz.analysis.difference import shared_signals, trace_difference
from rnnviz.analysis.panels import OUTPUTS, PROBABILITIES, Panels
from rnnviz.analysis.patch import patch
from rnnviz.analysis.patched import STATES, Patched, PatchedUnits
from rnnviz.analysis.started_as import started_as
from rnnviz.core.libraries import optional_library
from rnnviz.engine.trace import Trace
from rnnviz.figures.difference import figure as draw_difference
from rnnviz.figures.patched import figure
from rnnviz.figures.plotly_json import PlotlyJson, to_page
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number, token_label
from rnnviz.ui import shell, state
from rnnviz.ui.controls.output_choice import (
    n_single_steps,
    output_choice,
    output_label,
    single_steps,
    step_choice,
    task_of,
)
from rnnviz.ui.controls.second_input import second_run, second_text
from rnnviz.ui.controls.widgets import number_field, select, show_chart
from rnnviz.ui.results import CACHE, model_of, trace_of
from rnnviz.ui.run import ShownRun
from rnnviz.ui.text import t
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun, is_large
from rnnviz.ui.understand.step_mark import StepMark

_STRONGEST = ""
# Steps of a long run that are patched, and units that are named.
_MOST_STEPS, _MOST_NAMED = 100, 12
_MOST_PRODUCTS = 100_000_000
# Shares that are no different to who looks at them; of such the earliest step is shown.
_SAME = 0.01


@dataclass(frozen=True, eq=False)
class PatchSeen:
    """Map of a patched pair of runs, and one of its patches.

    site    step and signal of that patch.
    units   what each unit alone brings back at that step.
    change  what the patch changes in run B.
    task    that names the outputs.
    """

    found: Patched
    site: tuple[int, str]
    units: PatchedUnits
    change: Panels
    task: str

    def to_frame(self) -> Any:
        """The map's table, and below it that of the units at the step, with a column `unit`."""
        alone = self.units.to_frame().assign(step=self.site[0])
        return optional_library("pandas").concat([self.found.to_frame(), alone])


def _settings(run: ShownRun) -> tuple[Any, ...]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="asked_row"):
        output = output_choice(run, "answer", t("patching.of_a"))
        is_choice = run.trace.readout == "softmax" and bool(run.trace.output_names)
        against = output_choice(run, "over", t("patching.of_b")) if is_choice else None
        at = step_choice(run)
    second = second_text(single_steps(run.choice), at)
    cell = run.trace.layers[state.shown_layer()].cell
    is_whole = len(run.model.layers) == len(cell.states) == 1 and state.get("put") != STATES
    more = [] if is_whole else [STATES]
    names = dict.fromkeys([*cell.states, *(gate.name for gate in cell.gates), *more])
    with st.container(horizontal=True, vertical_alignment="bottom", key="put_row"):
        state.fall_back("put", [_STRONGEST, *names])
        select("put", [_STRONGEST, *names], text=_signal_name)
        last = n_single_steps(run)
        state.fall_back("put_at", [None, *range(1, last + 1)])
        step = _players_step(run)
        own = "patching.strongest" if step is None else "patching.players"
        number_field("put_at", 1, last, placeholder=t(own))
    put_at = state.get("put_at")
    return (output, against, at, second), state.text_of("put"), put_at - 1 if put_at else step


def _players_step(run: ShownRun) -> int | None:
    """The step on which the player was put, of those that are shown; None where it was not."""
    step = state.cursor_step()
    start = 0 if run.choice.window is None else run.choice.window[0]
    return None if step is None else max(0, min(step - start, n_single_steps(run) - 1))


def _signal_name(option: str) -> str:
    if option == _STRONGEST:
        return t("patching.strongest")
    return t("patched.all_states") if option == STATES else t(f"signal.{option}")


def _compute(seen: SeenRun) -> PatchSeen:
    asked, signal, step = seen.settings
    found = patch_map(replace(seen, settings=asked))
    step, signal = site = _site(found, signal, step)
    other, patched = found.runs.other, found.trace(step, signal)
    names = shared_signals(other, patched, layer=seen.layer)
    states = (*seen.trace.layers[seen.layer].cell.states, patched.output_signal)
    drawn = [name for name in names if name in states]
    change = trace_difference(other, patched, drawn, layer=seen.layer)
    units = seen.call(Patched.at, found, step)
    return PatchSeen(found, site, units, change, task_of(seen.run.model))


def _takes_long(seen: SeenRun) -> bool:
    """True where the patched runs, one for each step and signal, take over a tenth of a second."""
    n_steps, signals = seen.trace.sequence.n_steps, seen.trace.layers[seen.layer].signals
    n_runs = min(n_steps, _MOST_STEPS) * len(signals)
    return is_large(seen) or n_runs * n_steps * seen.model.n_parameters > _MOST_PRODUCTS


@CACHE.cached
def patch_map(seen: SeenRun) -> Patched:
    """Map of the run and its second one; all steps of a short one. Raises RnnvizError."""
    output, against, at, text = seen.settings
    run = seen.run
    one, other = trace_of(run), second_run(run, text, at)
    time = one.sequence.n_steps - 1 if at is None else at
    if one.sequence.n_steps == other.sequence.n_steps:
        output, against = _outputs(one, other, time, output, against)
    model = model_of(run.model, one.sequence.n_features)
    is_forward = all(traced.direction == "forward" for traced in one.layers)
    last = time if is_forward else one.sequence.n_steps - 1
    steps = np.unique(np.linspace(0, last, min(last + 1, _MOST_STEPS)).astype(int))
    options = {"output": output, "against": against, "time": time, "layer": seen.layer}
    own = started_as(model, one)
    found: Patched = seen.call(patch, own, one, other, steps=steps.tolist(), **options)
    return found


def _outputs(
    one: Trace, other: Trace, time: int, output: int | None, against: int | None
) -> tuple[int | None, int | None]:
    """The outputs asked about; where both runs answer alike, the one that moves most against it."""
    if one.readout != "softmax" or not one.output_names or against is not None:
        return output, against
    before, after = (np.log(run.outputs[time, 0] + 1e-30) for run in (one, other))
    answer = int(before.argmax()) if output is None else output
    if answer != after.argmax():
        return output, None
    moved = np.abs(before - after - (before - after)[answer])
    return answer, int(moved.argmax())


def _site(found: Patched, signal: str, step: int | None) -> tuple[int, str]:
    """The step and signal that were chosen; where none were, those that bring back most."""
    steps, names = list(found.steps), (*found.signals, STATES)
    shares = np.column_stack([found.recovered, found.all_states])
    columns = [names.index(signal)] if signal in names else range(len(found.signals))
    must = [name == found.whole_state for name in names]
    rows = list(range(len(steps)))
    if step is not None:
        rows = [min(rows, key=lambda row: abs(steps[row] - step))]
    every = [(row, column) for row in rows for column in columns]
    # All of the state, where both runs read the same from there on, tells nothing.
    telling = [one for one in every if not (must[one[1]] and steps[one[0]] >= found.alike_from)]
    sites = (telling or every) if signal == _STRONGEST else every
    most = max(shares[site] for site in sites) - _SAME
    row, column = next(site for site in sites if shares[site] >= most)
    return steps[row], names[column]


def _said(one: PatchSeen) -> InsightSentence:
    found, (step, signal) = one.found, one.site
    row, column = found.steps.index(step), (*found.signals, STATES).index(signal)
    share = np.column_stack([found.recovered, found.all_states])[row, column]
    flips = np.flatnonzero(one.units.flips[column])
    facts = _pair_facts(one) | {
        "step": step + 1,
        "signal": _signal_name(signal),
        "share": f"{share:.0%}",
        "flips": len(flips),
        "width": one.units.flips.shape[1],
    }
    is_margin = bool(found.answers[1])
    return InsightSentence(
        "understand.patching.said" if is_margin else "understand.patching.value", facts
    )


def _pair_facts(one: PatchSeen) -> dict[str, Any]:
    """Where the runs first differ, and the answers of both."""
    found = one.found
    tokens = [run.sequence.tokens[0] for run in (found.runs.one, found.runs.other)]
    pairs = list(zip(*tokens, strict=True))
    differs = next((step for step, (a, b) in enumerate(pairs) if a != b), 0)
    a, b = (output_label(name, one.task, state.language()) for name in found.answers)
    return {
        "a": a,
        "b": b,
        "at": found.runs.time + 1,
        "in_a": format_number(found.margin.in_a),
        "in_b": format_number(found.margin.in_b),
        "differs": differs + 1,
        "token_a": token_label(pairs[differs][0]),
        "token_b": token_label(pairs[differs][1]),
    }


def _draw(one: PatchSeen, look: Look) -> PlotlyJson:
    return figure(_named(one, look.language), look)


def _named(one: PatchSeen, language: str) -> Patched:
    """The map with its answers named in a language."""
    margin = one.found.margin
    a, b = (output_label(name, one.task, language) for name in margin.names)
    return replace(one.found, margin=replace(margin, names=(a, b)))


def _marks(one: PatchSeen) -> tuple[StepMark, ...]:
    columns = np.full(one.found.runs.one.sequence.n_steps, np.nan)
    columns[list(one.found.steps)] = np.arange(len(one.found.steps))
    return (StepMark(columns),)


def _beneath(one: PatchSeen) -> None:
    look = shell.look()
    units = replace(one.units, patched=_named(one, look.language))
    ends = {"all": one.found.all_states[-1], "none": one.found.none}
    told = {name: f"{round(float(share), 6) + 0.0:.0%}" for name, share in ends.items()}
    if one.found.whole_state and one.found.alike_from <= one.found.steps[-1]:
        whole = _signal_name(one.found.whole_state)
        st.markdown(t("patching.whole", signal=whole, step=one.found.alike_from + 1))
    st.markdown(t("patching.ends", last=one.found.steps[-1] + 1, **told))
    st.markdown(_units_sentence(one))
    show_chart(to_page(figure(units, look)), "patched_units", alt=t("patching.units.alt"))
    step, signal = one.site
    title = t("patching.change", signal=_signal_name(signal), step=step + 1)
    st.markdown(title)
    names = (t("patching.run_b"), t("patching.patched"))
    change = _named_change(one, look.language)
    show_chart(to_page(draw_difference(change, look, names)), "patched_run", alt=title)


def _named_change(one: PatchSeen, language: str) -> Panels:
    """The change in run B, its outputs named in a language."""
    answers = (OUTPUTS.name, PROBABILITIES.name)
    panels = tuple(
        replace(panel, units=tuple(output_label(unit, one.task, language) for unit in panel.units))
        if panel.signal.name in answers
        else panel
        for panel in one.change.panels
    )
    return replace(one.change, panels=panels)


def _units_sentence(one: PatchSeen) -> str:
    """Which units flip the answer alone, at the step that is shown."""
    step, signal = one.site
    column = (*one.found.signals, STATES).index(signal)
    units = np.flatnonzero(one.units.flips[column]).tolist()
    listed = ", ".join(map(str, units[:_MOST_NAMED])) + "…" * (len(units) > _MOST_NAMED)
    facts = {"signal": _signal_name(signal), "step": step + 1, "units": listed}
    return t("patching.units" if units else "patching.no_unit", **facts)


INSIGHT = Insight(
    "patching",
    "rv.patch(model, sequence_a, sequence_b, layer={layer})",
    _compute,
    _said,
    _draw,
    _settings,
    _beneath,
    _marks,
    follows_step=True,
    takes_long=_takes_long,
)
