"""Beside the picture: the live cell, how a number was made, the step's numbers, the equations."""

from __future__ import annotations

import streamlit as st

from rnnviz.cell import Cell
from rnnviz.figures import contributions as bars
from rnnviz.figures import dense as matrices
from rnnviz.figures.drawn import Drawn
from rnnviz.intervene.weights import reweighted
from rnnviz.model import Model
from rnnviz.trace import Trace
from rnnviz.ui import cached, frame, state
from rnnviz.ui.choices import AnyModel, InputChoice, ViewChoice
from rnnviz.ui.controls.done import answer_line, changed_place
from rnnviz.ui.controls.stepping import resting
from rnnviz.ui.player import diagram, numbers
from rnnviz.ui.text import t
from rnnviz.views.contributions import contributions
from rnnviz.views.dense import dense
from rnnviz.views.digits import digits
from rnnviz.views.effect import effect
from rnnviz.views.equations import latex, letter
from rnnviz.views.update import Update, state_update

_TABS = ("arithmetic", "numbers", "equations")
_STILL = {"displayModeBar": False}


def explain(model: AnyModel, given: InputChoice, view: ViewChoice, group: str) -> None:
    """The live cell, and under it a tab each: arithmetic, numbers, equations."""
    look = {"language": state.get("lang"), "dark": frame.is_dark()}
    trace, panels = cached.traced(model, given, view.do), cached.seen(model, given, view)
    made = cached.made(model, trace.sequence.n_features)
    name = cached.name_of(model, given, view)
    diagram(
        trace,
        panels,
        name=name,
        key="diagram",
        group=group,
        layer=view.layer,
        activations=made.layers[view.layer].activations,
        **look,
    )
    arithmetic, at_step, equations = st.tabs([t(f"tab.{name}") for name in _TABS])
    with arithmetic, st.container(key="arithmetic"):
        _arithmetic(model, given, view, group)
    with at_step:
        numbers(panels, name=name, key="numbers", group=group, **look)
    with equations:
        _equations(trace.layers[view.layer].kind)


@st.fragment
def _arithmetic(chosen: AnyModel, given: InputChoice, view: ViewChoice, group: str) -> None:
    """How the picked number was made; a rest of the cursor reruns nothing but this."""
    trace, layer = cached.traced(chosen, given, view.do), view.layer
    model = cached.made(chosen, trace.sequence.n_features)
    model = reweighted(model, trace.interventions)
    step, signal, unit = resting(cached.seen(chosen, given, view), group)
    if view.do:
        _compared(cached.traced(chosen, given), trace, layer, (step, signal, unit))
    kind = trace.layers[layer].kind
    gates = [gate.name for gate in kind.gates]
    if signal in gates:
        _gate(model, trace, layer, signal, step, unit)
    for name in kind.updates:
        _update(state_update(model, trace, layer=layer, state=name, time=step, unit=unit))
    if signal in gates:
        _weights(model, trace.sequence.features, layer, signal, unit)
    state.finish()


def _compared(one: Trace, other: Trace, layer: int, place: tuple[int, str, int]) -> None:
    """What stood here in the untouched run, and what it would have answered."""
    answer = effect(one, other, layer=layer, step=place[0]).answer
    lines = (
        [changed_place(one, other, layer, place)] if place[1] in other.layers[layer].signals else []
    )
    st.caption("  \n".join([*lines, *([answer_line(answer)] if answer else [])]))


def _update(update: Update) -> None:
    """The state with this step's numbers, and which part of it was kept and which written."""
    parts = [t(f"update.{term.name}", value=digits(term.value)) for term in update.terms]
    st.text(update.text + (f"\n{', '.join(parts)}" if len(parts) > 1 else ""))


def _gate(model: Model, trace: Trace, layer: int, gate: str, step: int, unit: int) -> None:
    look = {"language": state.get("lang"), "dark": frame.is_dark()}
    view = contributions(model, trace, layer=layer, gate=gate, time=step, unit=unit)
    figure = Drawn(bars.spec(view, **look))
    st.plotly_chart(figure, key="waterfall", theme=None, config=_STILL)


def _weights(model: Model, features: tuple[str, ...], layer: int, gate: str, unit: int) -> None:
    look = {"language": state.get("lang"), "dark": frame.is_dark()}
    folded = st.expander(
        t("arithmetic.weights"), icon=":material/grid_on:", key="weights", on_change="rerun"
    )
    # Drawn for those who look: thousands of weights need not come with every change of a choice.
    if folded.open:
        with folded:
            view = dense(model, layer, gate, features=features)
            figure = Drawn(matrices.spec(view, unit=unit, **look))
            st.plotly_chart(figure, key="matrices", theme=None, config=_STILL)


def _equations(cell: Cell) -> None:
    for line in latex(cell):
        st.latex(line)
    for signal in cell.signals:
        st.markdown(
            f"${letter(signal)}$ **{t(f'signal.{signal.name}')}**: {t(f'gloss.{signal.explained}')}"
        )
    st.caption(f"{t(f'note.{cell.name}')} {cell.source}.")
