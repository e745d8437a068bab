"""What was done to the run: a chip each, the three ways to look at it, and what came of it."""

from __future__ import annotations

import streamlit as st

from rnnviz.analysis.difference import InterventionEffect, PredictionChange
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
from rnnviz.ui import edits, results, shell
from rnnviz.ui.controls.widgets import segments
from rnnviz.ui.selections import AnyModel, InputChoice, OpenedChoice
from rnnviz.ui.text import escaped, said, t

VERSUS = ("changed", "difference", "untouched")


def fitting(model: AnyModel, given: InputChoice) -> str:
    """The interventions that find what they act on, as text; "" for none or a run that fails."""
    kept = _kept(model, given)
    try:
        results.traced(model, given, kept)
    except RnnvizError:
        return ""
    return kept


def _kept(model: AnyModel, given: InputChoice) -> str:
    done = edits.chosen()
    refused = results.refusals(model, given, to_text(done)) if done else {}
    kept = [one for index, one in enumerate(done) if index not in refused]
    return to_text(kept) if kept else ""


def done_bar(model: AnyModel, given: InputChoice, *, is_beside: bool = False) -> None:
    """The chips, undo and clear, and how the run is shown; nothing where nothing was ever done.

    is_beside  where both runs stand side by side anyway, and there is no such choice.
    """
    done = edits.chosen()
    if not done and not edits.can_undo():
        return
    refused = results.refusals(model, given, to_text(done)) if done else {}
    with st.container(horizontal=True, key="done", vertical_alignment="center"):
        if done and not is_beside:
            segments("versus", VERSUS, labelled=False)
            _side_by_side(model)
        for index, one in enumerate(done):
            _chip(index, one, refused.get(index))
        st.button(
            t("do.undo"),
            icon=":material/undo:",
            key="do_undo",
            type="tertiary",
            disabled=not edits.can_undo(),
            on_click=edits.undo,
        )
        if done:
            st.button(
                t("do.clear"),
                icon=":material/delete_sweep:",
                key="do_clear",
                type="tertiary",
                on_click=edits.clear,
            )
    try:
        results.traced(model, given, _kept(model, given))
    except RnnvizError as error:
        st.warning(said(error), icon=":material/error:")


def _side_by_side(model: AnyModel) -> None:
    """The way to Compare, which knows of no trainings."""
    subject = "random"
    if isinstance(model, OpenedChoice):
        if model.origin in ("training", "plan"):
            return
        subject = "opened"
    to = {"compare": "intervened", "subject": subject}
    shell.way("compare", t("versus.beside"), ":material/compare:", key="side_by_side", **to)


def effect_line(found: InterventionEffect) -> None:
    """What it did to the hidden states and to what came out, in a line."""
    parts = [_most(found)]
    if found.prediction is not None:
        parts.append(t("effect.flips", count=found.flips))
        parts.append(answer_line(found.prediction))
    st.caption(" · ".join(parts))


def answer_line(answer: PredictionChange) -> str:
    """The most probable output at a step, before and after."""
    return t(
        "effect.answer",
        step=answer.step + 1,
        one=escaped(token_label(answer.one)),
        other=escaped(token_label(answer.other)),
        one_at=format_number(answer.one_probability),
        other_at=format_number(answer.other_probability),
        divergence=format_number(answer.divergence),
    )


def _most(found: InterventionEffect) -> str:
    most = found.largest
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
        said_of(one),
        icon=":material/block:" if refused else ":material/close:",
        key=f"done_{index}",
        help=said(refused) if refused else t("do.remove"),
        on_click=edits.remove,
        args=(index,),
    )


def said_of(one: Intervention) -> str:
    """An intervention in a few words; steps count from 1 as everywhere on the page."""
    what = _what(one)
    layer = one.layer or 0
    where = [what, t("layer.number", number=layer + 1)] if layer else [what]
    return escaped(" · ".join([*where, *_when(one)]))


def _what(one: Intervention) -> str:
    if isinstance(one, Clamp):
        return f"{_signal(one.gate)}{_units(one.units)} = {format_number(one.value)}"
    if isinstance(one, Silence):
        return t("done.silence", units=_units(one.units).strip())
    if isinstance(one, SetState):
        return f"{_signal(one.state)}{_units(one.units)} := {format_number(one.value)}"
    if isinstance(one, AddToState):
        sign = "+" if one.value >= 0 else "−"
        return f"{_signal(one.state)}{_units(one.units)} {sign} {format_number(abs(one.value))}"
    if isinstance(one, ChangeWeight):
        index = one.index if isinstance(one.index, tuple) else (one.index,)
        return f"{one.param}[{', '.join(map(str, index))}] = {format_number(one.value)}"
    return t("done.reset")


def _signal(name: str) -> str:
    try:
        return t(f"signal.{name}")
    # A link can name any gate; one that no cell has is refused, but shown as it came.
    except KeyError:
        return name


def _units(units: object) -> str:
    if not isinstance(units, tuple):
        return ""
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


def changed_place(one: Trace, other: Trace, layer: int, place: tuple[int, str, int]) -> str:
    """The picked number in the untouched run and in this one."""
    step, signal, unit = place
    values = [trace.layers[layer].signals[signal][step, 0, unit] for trace in (one, other)]
    before, after = (format_number(float(value)) for value in values)
    facts = {"signal": t(f"signal.{signal}"), "unit": unit, "step": step + 1}
    return t("effect.here", one=before, other=after, **facts)
