"""Beside the picture: the live cell, how a number was computed, the step's numbers, equations."""

from __future__ import annotations

import streamlit as st

from rnnviz.analysis.contributions import contributions
from rnnviz.analysis.difference import intervention_effect
from rnnviz.analysis.gate_weights import gate_weights
from rnnviz.analysis.panels import Panels
from rnnviz.analysis.update import StateUpdate, state_update
from rnnviz.cells import CELLS
from rnnviz.core.cell import Cell
from rnnviz.diagrams.symbols import latex_equations, latex_symbol
from rnnviz.engine.trace import Trace
from rnnviz.figures.contributions import figure as contributions_figure
from rnnviz.figures.gate_weights import figure as gate_weights_figure
from rnnviz.figures.plotly_json import to_page
from rnnviz.formatting import format_number
from rnnviz.interventions.weights import apply_weight_changes
from rnnviz.network.model import Model
from rnnviz.ui import address, results, shell, state
from rnnviz.ui.controls.cursor import settled_cursor
from rnnviz.ui.controls.intervention_list import changed_number, prediction_line
from rnnviz.ui.controls.widgets import show_chart
from rnnviz.ui.player.diagram import diagram
from rnnviz.ui.player.value_table import value_table
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import RunChoice, ViewChoice
from rnnviz.ui.text import t

_TABS = ("arithmetic", "numbers", "equations")


def details_panel(run: ShownRun, panels: Panels, view: ViewChoice, name: str, group: str) -> None:
    """The live cell, and under it a tab each: arithmetic, numbers, equations.

    name  of the numbers in `panels`, for the browser: other numbers have another name.
    """
    look = shell.look()
    diagram(
        run.trace,
        panels,
        name=name,
        key="diagram",
        group=group,
        layer=view.layer,
        activations=run.model.layers[view.layer].activations,
        language=look.language,
        dark=look.dark,
    )
    titles = [t(f"tab.{tab}") for tab in _TABS]
    arithmetic, at_step, equations = st.tabs(
        titles, key=f"tabs_{state.language()}", on_change="rerun"
    )
    with arithmetic, st.container(key="arithmetic"):
        _arithmetic(run.choice, view, group)
    with at_step:
        value_table(
            panels,
            name=name,
            key="value_table",
            group=group,
            language=look.language,
            dark=look.dark,
        )
    # Drawn for those who look, as the weights are.
    if equations.open:
        with equations:
            _equations(CELLS[panels.cell])


@st.fragment
def _arithmetic(run: RunChoice, view: ViewChoice, group: str) -> None:
    """Arithmetic of the picked number; a cursor that settles reruns only this."""
    trace, layer = results.trace_of(run), view.layer
    model = results.model_of(run.model, trace.sequence.n_features)
    model = apply_weight_changes(model, trace.interventions)
    step, signal, unit = settled_cursor(results.panels_of(run, view), group)
    if run.interventions:
        _compared(results.trace_of(run.untouched), trace, layer, (step, signal, unit))
    cell = trace.layers[layer].cell
    is_gate = signal in [gate.name for gate in cell.gates]
    if is_gate:
        _gate(model, trace, layer, signal, step, unit)
    for name in cell.updates:
        _update(state_update(model, trace, layer=layer, state=name, time=step, unit=unit))
    if is_gate:
        _weights(model, trace.sequence.features, layer, signal, unit)
    address.write_url()


def _compared(untouched: Trace, changed: Trace, layer: int, place: tuple[int, str, int]) -> None:
    """The number that stood here in the untouched run, and what that run would have answered."""
    lines = []
    if place[1] in changed.layers[layer].signals:
        lines.append(changed_number(untouched, changed, layer, place))
    answer = intervention_effect(untouched, changed, layer=layer, step=place[0]).prediction
    if answer is not None:
        lines.append(prediction_line(answer))
    st.caption("  \n".join(lines))


def _update(update: StateUpdate) -> None:
    """The state with this step's numbers, and which part of it was kept and which written."""
    parts = [t(f"update.{term.name}", value=format_number(term.value)) for term in update.terms]
    st.text(update.text + (f"\n{', '.join(parts)}" if len(parts) > 1 else ""))


def _gate(model: Model, trace: Trace, layer: int, gate: str, step: int, unit: int) -> None:
    view = contributions(model, trace, layer=layer, gate=gate, time=step, unit=unit)
    figure = to_page(contributions_figure(view, shell.look()))
    show_chart(figure, "waterfall")


def _weights(model: Model, features: tuple[str, ...], layer: int, gate: str, unit: int) -> None:
    folded = st.expander(
        t("arithmetic.weights"), icon=":material/grid_on:", key="weights", on_change="rerun"
    )
    # Drawn for those who look: thousands of weights need not come with every change of a choice.
    if folded.open:
        with folded:
            view = gate_weights(model, layer, gate, features=features)
            figure = to_page(gate_weights_figure(view, shell.look(), unit))
            show_chart(figure, "matrices")


def _equations(cell: Cell) -> None:
    for line in latex_equations(cell):
        st.latex(line)
    for signal in cell.signals:
        name, gloss = t(f"signal.{signal.name}"), t(f"gloss.{signal.gloss_key}")
        st.markdown(f"${latex_symbol(signal)}$ **{name}**: {gloss}")
    st.caption(f"{t(f'note.{cell.name}')} {cell.source}.")
