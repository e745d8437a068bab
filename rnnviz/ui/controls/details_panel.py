"""Beside the picture: the live cell, how a number was made, the step's numbers, the equations."""

from __future__ import annotations

import streamlit as st

from rnnviz.analysis.contributions import contributions
from rnnviz.analysis.difference import intervention_effect
from rnnviz.analysis.gate_weights import gate_weights
from rnnviz.analysis.update import Update, state_update
from rnnviz.cells import CELLS
from rnnviz.core.cell import Cell
from rnnviz.diagrams.symbols import latex, letter
from rnnviz.engine.trace import Trace
from rnnviz.figures import contributions as bars
from rnnviz.figures import gate_weights as matrices
from rnnviz.figures.plotly_json import Drawn
from rnnviz.formatting import format_number
from rnnviz.interventions.weights import reweighted
from rnnviz.network.model import Model
from rnnviz.ui import results, shell, state
from rnnviz.ui.controls.cursor import resting
from rnnviz.ui.controls.intervention_list import answer_line, changed_place
from rnnviz.ui.player.diagram import diagram
from rnnviz.ui.player.value_table import value_table
from rnnviz.ui.selections import AnyModel, InputChoice, ViewChoice
from rnnviz.ui.text import t

_TABS = ("arithmetic", "numbers", "equations")
_STILL = {"displayModeBar": False}


def explain(model: AnyModel, given: InputChoice, view: ViewChoice, group: str) -> None:
    """The live cell, and under it a tab each: arithmetic, numbers, equations."""
    look = {"language": state.get("lang"), "dark": shell.is_dark()}
    trace, panels = results.traced(model, given, view.do), results.seen(model, given, view)
    made = results.made(model, trace.sequence.n_features)
    name = results.name_of(model, given, view)
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
    titles = [t(f"tab.{tab}") for tab in _TABS]
    arithmetic, at_step, equations = st.tabs(
        titles, key=f"tabs_{look['language']}", on_change="rerun"
    )
    with arithmetic, st.container(key="arithmetic"):
        _arithmetic(model, given, view, group)
    with at_step:
        value_table(panels, name=name, key="value_table", group=group, **look)
    # Drawn for those who look, as the weights are.
    if equations.open:
        with equations:
            _equations(CELLS[panels.cell])


@st.fragment
def _arithmetic(chosen: AnyModel, given: InputChoice, view: ViewChoice, group: str) -> None:
    """How the picked number was made; a rest of the cursor reruns nothing but this."""
    trace, layer = results.traced(chosen, given, view.do), view.layer
    model = results.made(chosen, trace.sequence.n_features)
    model = reweighted(model, trace.interventions)
    step, signal, unit = resting(results.seen(chosen, given, view), group)
    if view.do:
        _compared(results.traced(chosen, given), trace, layer, (step, signal, unit))
    kind = trace.layers[layer].cell
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
    answer = intervention_effect(one, other, layer=layer, step=place[0]).prediction
    lines = (
        [changed_place(one, other, layer, place)] if place[1] in other.layers[layer].signals else []
    )
    st.caption("  \n".join([*lines, *([answer_line(answer)] if answer else [])]))


def _update(update: Update) -> None:
    """The state with this step's numbers, and which part of it was kept and which written."""
    parts = [t(f"update.{term.name}", value=format_number(term.value)) for term in update.terms]
    st.text(update.text + (f"\n{', '.join(parts)}" if len(parts) > 1 else ""))


def _gate(model: Model, trace: Trace, layer: int, gate: str, step: int, unit: int) -> None:
    look = {"language": state.get("lang"), "dark": shell.is_dark()}
    view = contributions(model, trace, layer=layer, gate=gate, time=step, unit=unit)
    figure = Drawn(bars.spec(view, **look))
    st.plotly_chart(figure, key="waterfall", theme=None, config=_STILL)


def _weights(model: Model, features: tuple[str, ...], layer: int, gate: str, unit: int) -> None:
    look = {"language": state.get("lang"), "dark": shell.is_dark()}
    folded = st.expander(
        t("arithmetic.weights"), icon=":material/grid_on:", key="weights", on_change="rerun"
    )
    # Drawn for those who look: thousands of weights need not come with every change of a choice.
    if folded.open:
        with folded:
            view = gate_weights(model, layer, gate, features=features)
            figure = Drawn(matrices.spec(view, unit=unit, **look))
            st.plotly_chart(figure, key="matrices", theme=None, config=_STILL)


def _equations(cell: Cell) -> None:
    for line in latex(cell):
        st.latex(line)
    for signal in cell.signals:
        st.markdown(
            f"${letter(signal)}$ **{t(f'signal.{signal.name}')}**: {t(f'gloss.{signal.gloss_key}')}"
        )
    st.caption(f"{t(f'note.{cell.name}')} {cell.source}.")
