"""Phase portrait: where a step moves one or two numbers of the state, with their nullclines."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from rnnviz.analysis.phase_portrait import PhasePortrait, phase_portrait
from rnnviz.core.arrays import Array
from rnnviz.engine.trace import LayerTrace
from rnnviz.figures.phase_portrait import figure
from rnnviz.i18n import word
from rnnviz.ui import state
from rnnviz.ui.controls.widgets import select
from rnnviz.ui.run import ShownRun
from rnnviz.ui.text import t
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun

_ALONE = "alone"


def _settings(run: ShownRun) -> tuple[Any, ...]:
    traced = run.trace.layers[state.shown_layer()]
    numbers = _names(traced)
    if len(numbers) <= 2:
        return ()
    with st.container(horizontal=True, vertical_alignment="bottom", key="asked_row"):
        options = ["", *map(str, range(len(numbers)))]
        names = dict(zip(options[1:], numbers, strict=True))
        for key, more in (("across", []), ("up", [_ALONE])):
            state.fall_back(key, [*options, *more])
            words = names | {"": t("phase.moves"), _ALONE: t("phase.alone")}
            select(key, [*options, *more], text=words.__getitem__)
    return tuple(map(state.text_of, ("across", "up")))


def _names(traced: LayerTrace) -> list[str]:
    """Names of all numbers of the state, as they are joined."""
    return [
        f"{t(f'signal.{name}')} {unit}"
        for name in traced.cell.states
        for unit in range(traced.signals[name].shape[2])
    ]


def _compute(seen: SeenRun) -> PhasePortrait:
    units = _units(seen.trace.layers[seen.layer], seen.settings) if seen.settings else None
    sequence = seen.trace.sequence
    found: PhasePortrait = seen.call(
        phase_portrait, seen.model, units, layer=seen.layer, sequence=sequence
    )
    return found


def _units(traced: LayerTrace, chosen: tuple[str, ...]) -> list[int]:
    """The numbers that were chosen; for those that were not, the ones that move most."""
    order = [int(one) for one in np.argsort(-_spread(traced), kind="stable")]
    found: list[int] = []
    for name in chosen:
        if name.isdecimal() and int(name) in order and int(name) not in found:
            found.append(int(name))
        elif name != _ALONE:
            taken = {*found, *(int(one) for one in chosen if one.isdecimal())}
            found.append(next(one for one in order if one not in taken))
    return found


def _spread(traced: LayerTrace) -> Array:
    """Standard deviation over the run of every number of the state."""
    states = [traced.signals[name][:, 0] for name in traced.cell.states]
    return np.asarray(np.concatenate(states, axis=1).std(axis=0))


def _said(found: PhasePortrait) -> InsightSentence:
    if found.points is None:
        shown = word("list.names", state.language()).join(map(_named, found.names))
        facts = {"names": shown, "rest": found.held.size - len(found.names)}
        return InsightSentence("understand.phase.slice", facts)
    n_stable = found.points.counts.get(0, 0)
    facts = {"count": len(found.points), "stable": n_stable}
    return InsightSentence("understand.phase.said", facts)


def _named(name: str) -> str:
    """A number of the state in the page's language, from `hidden[3]`."""
    signal, _, unit = name.rstrip("]").partition("[")
    return f"{t(f'signal.{signal}')} {unit}"


INSIGHT = Insight(
    "phase",
    "rv.phase_portrait(model, units=…, layer={layer}, sequence=sequence)",
    _compute,
    _said,
    figure,
    _settings,
)
