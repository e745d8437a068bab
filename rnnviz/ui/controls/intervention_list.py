"""The interventions at a run: a chip each, the three ways to look at it, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

import streamlit as st

from rnnviz.analysis.intervention_effect import InterventionEffect, PredictionChange
from rnnviz.engine.trace import Trace
from rnnviz.errors import RnnvizError
from rnnviz.formatting import format_number, token_label
from rnnviz.interventions.serialise import to_text
from rnnviz.interventions.types import (
    AddToState,
    ChangeWeight,
    Clamp,
    Intervention,
    Reset,
    SetState,
    Silence,
)
from rnnviz.ui import edits, places, results, shell
from rnnviz.ui.controls.widgets import segments, text_button
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import ModelChoice, OpenedModel, RunChoice
from rnnviz.ui.text import error_text, escape_markdown, t, warn

VERSUS = ("changed", "difference", "untouched")


@dataclass(frozen=True, eq=False)
class AppliedEdits:
    """The page's interventions at a run.

    interventions  all of them, in the order of the list.
    refused        those that find nothing to act on, by place, and why.
    run            the run under the others; the untouched one where the changed one fails.
    trace          of this run.
    error          why the changed run fails.
    """

    interventions: tuple[Intervention, ...]
    refused: Mapping[int, RnnvizError]
    run: RunChoice
    trace: Trace
    error: RnnvizError | None = None

    @property
    def acts(self) -> bool:
        """True where at least one of them acts."""
        return bool(self.run.interventions)


def applied_edits(run: ShownRun) -> AppliedEdits:
    """The page's interventions at a run, and the run under those that act."""
    listed = edits.active_edits()
    # A recording is of the untouched run; its windows are looked at, not changed.
    if not listed or run.choice.window is not None:
        return AppliedEdits(listed, {}, run.choice, run.trace)
    refused = results.refused_edits(replace(run.choice, interventions=to_text(listed)))
    applied = [one for index, one in enumerate(listed) if index not in refused]
    changed = replace(run.choice, interventions=to_text(applied) if applied else "")
    try:
        return AppliedEdits(listed, refused, changed, results.trace_of(changed))
    except RnnvizError as error:
        return AppliedEdits(listed, refused, run.choice, run.trace, error)


def list_bar(applied: AppliedEdits, *, is_compared: bool = False) -> None:
    """Chips, undo and clear, and how the run is shown; empty before the first intervention.

    is_compared  where both runs are shown side by side, and `versus` is no choice.
    """
    listed = applied.interventions
    if not listed and not edits.can_undo():
        return
    with st.container(horizontal=True, key="done", vertical_alignment="center"):
        if applied.acts and not is_compared:
            segments("versus", VERSUS, is_labelled=False)
            _compare_button(applied.run.model)
        for index, one in enumerate(listed):
            _chip(index, one, applied.refused.get(index))
        can_undo, icon = edits.can_undo(), ":material/undo:"
        text_button(t("do.undo"), "do_undo", edits.undo_edit, icon=icon, disabled=not can_undo)
        if listed:
            icon = ":material/delete_sweep:"
            text_button(t("do.clear"), "do_clear", edits.clear_edits, icon=icon)
    for index, refused in applied.refused.items():
        why = t("do.cannot", change=intervention_text(listed[index]), why=error_text(refused))
        st.caption(f":material/block: {why}")
    if applied.error is not None:
        warn(applied.error)


def _compare_button(model: ModelChoice) -> None:
    """The button to Compare, which has no trainings."""
    if isinstance(model, OpenedModel) and model.is_training:
        return
    here = places.chosen_here() | {"compare": "intervened"}
    icon = ":material/compare:"
    shell.page_button("compare", t("versus.beside"), icon, key="side_by_side", **here)


def effect_line(effect: InterventionEffect) -> None:
    """Line of an intervention's effect on the hidden states and on the output."""
    parts = [_largest(effect)]
    if effect.prediction is not None:
        parts.append(t("effect.flips", count=effect.flips))
        parts.append(prediction_line(effect.prediction))
    st.caption(" · ".join(parts))


def prediction_line(prediction: PredictionChange) -> str:
    """The most probable output at a step, before and after."""
    return t(
        "effect.answer",
        step=prediction.step + 1,
        one=escape_markdown(token_label(prediction.one)),
        other=escape_markdown(token_label(prediction.other)),
        one_at=format_number(prediction.one_probability),
        other_at=format_number(prediction.other_probability),
        divergence=format_number(prediction.divergence),
    )


def _largest(effect: InterventionEffect) -> str:
    most = effect.largest
    if most is None:
        return t("effect.none")
    return t(
        "effect.most",
        unit=most.unit,
        step=most.step + 1,
        one=format_number(most.one),
        other=format_number(most.other),
    )


def _chip(index: int, one: Intervention, refused: RnnvizError | None) -> None:
    st.button(
        intervention_text(one),
        icon=":material/block:" if refused else ":material/close:",
        key=f"done_{index}",
        help=error_text(refused) if refused else t("do.remove"),
        on_click=edits.remove_edit,
        args=(index,),
    )


def intervention_text(one: Intervention) -> str:
    """An intervention in a few words; steps count from 1 as everywhere on the page."""
    parts = [_what(one)]
    if one.layer:
        parts.append(t("layer.number", number=one.layer + 1))
    return escape_markdown(" · ".join([*parts, *_when(one)]))


def _what(one: Intervention) -> str:
    match one:
        case Clamp():
            return f"{_signal(one.gate)}{_units(one.units)} = {format_number(one.value)}"
        case Silence():
            return t("done.silence", units=_units(one.units).strip())
        case SetState():
            return f"{_signal(one.state)}{_units(one.units)} := {format_number(one.value)}"
        case AddToState():
            sign = "+" if one.value >= 0 else "−"
            return f"{_signal(one.state)}{_units(one.units)} {sign} {format_number(abs(one.value))}"
        case ChangeWeight():
            index = one.index if isinstance(one.index, tuple) else (one.index,)
            return f"{one.param}[{', '.join(map(str, index))}] = {format_number(one.value)}"
        case Reset():
            return t("done.reset")
        case _:
            assert_never(one)


def _signal(name: str) -> str:
    try:
        return t(f"signal.{name}")
    # A link can name any gate; one that no cell has is refused, but shown as it came.
    except KeyError:
        return name


def _units(units: object) -> str:
    if not isinstance(units, tuple):
        return ""
    if len(units) > 4 and units == tuple(range(len(units))):
        return f" 0–{units[-1]}"
    few = ", ".join(map(str, units[:4])) + ("…" if len(units) > 4 else "")
    return f" {few}"


def _when(one: Intervention) -> list[str]:
    if isinstance(one, SetState | AddToState | Reset):
        return [t("done.at", step=one.step + 1)]
    if isinstance(one, ChangeWeight) or (one.start is None and one.stop is None):
        return []
    first = (one.start or 0) + 1
    if one.stop is None:
        return [t("done.from", step=first)]
    return [t("done.span", first=first, last=one.stop)]
