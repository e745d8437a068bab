"""Panel beside the picture: live cell, arithmetic of a number, the step's numbers, equations."""

from __future__ import annotations

from functools import partial

import streamlit as st

from rnnviz.analysis.gate_weights import gate_weights
from rnnviz.analysis.panels import Panels
from rnnviz.cells import CELLS
from rnnviz.core.cell import Cell
from rnnviz.diagrams.symbols import latex_equations, latex_symbol
from rnnviz.engine.trace import Trace
from rnnviz.figures.gate_weights import figure as gate_weights_figure
from rnnviz.figures.plotly_json import to_page
from rnnviz.figures.theme import Look
from rnnviz.interventions.weights import apply_weight_changes
from rnnviz.network.model import Model
from rnnviz.ui import address, results, run_figures, shell, state
from rnnviz.ui.controls.cursor import settled_cursor
from rnnviz.ui.controls.gate_holds import hold_gate
from rnnviz.ui.controls.model_about import lesson_line
from rnnviz.ui.controls.widgets import show_chart
from rnnviz.ui.live_results import network_packet_of
from rnnviz.ui.player.arithmetic import arithmetic, arithmetic_packet, covered_steps
from rnnviz.ui.player.diagram import diagram
from rnnviz.ui.player.live_network import live_network
from rnnviz.ui.player.value_table import value_table
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import RunChoice, ViewChoice
from rnnviz.ui.text import t

_TABS = ("arithmetic", "numbers", "equations")


def live_cell(run: ShownRun, panels: Panels, view: ViewChoice, name: str, group: str) -> None:
    """The drawing of the cell at the player's step, whose gates can be dragged.

    name  of the numbers in `panels`, for the browser: other numbers have another name.
    """
    look = shell.look()
    direction = run.trace.layers[view.layer].direction
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
        on_hold=None if run.choice.window else partial(hold_gate, "diagram", view.layer, direction),
    )
    is_drawn = state.get("versus") != "difference" and view.draw != "lines"
    network = network_packet_of(run.choice, view, group, name, is_drawn)
    if network is not None:
        live_network(network, key="live_network")
    elif run.choice.window is None:
        st.caption(t("live.too_large"))


def details_panel(run: ShownRun, panels: Panels, view: ViewChoice, name: str, group: str) -> None:
    """A tab each: arithmetic, numbers, equations.

    name  as in `live_cell`.
    """
    look = shell.look()
    titles = [t(f"tab.{tab}") for tab in _TABS]
    with st.container(key="why"):
        made, at_step, equations = st.tabs(
            titles, key=f"tabs_{state.language()}", on_change="rerun"
        )
        lesson_line(run)
    with made, st.container(key="arithmetic"):
        _arithmetic(run.choice, view, name, group)
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
def _arithmetic(run: RunChoice, view: ViewChoice, name: str, group: str) -> None:
    """Arithmetic of the picked number; a cursor that settles reruns only this."""
    trace, layer = results.trace_of(run), view.layer
    step, signal, unit = settled_cursor(run_figures.panels_of(run, view), group)
    model = _model(run, trace)
    steps = covered_steps(model, trace, layer, step)
    arithmetic(_packet(run, layer, steps, signal, unit, name, group, view.look), key="made")
    if signal in [gate.name for gate in trace.layers[layer].cell.gates]:
        _weights(model, trace.sequence.features, layer, signal, unit)
    address.write_url()


def _model(run: RunChoice, trace: Trace) -> Model:
    model = results.model_of(run.model, trace.sequence.n_features)
    return apply_weight_changes(model, trace.interventions)


@results.CACHE.cached
def _packet(
    run: RunChoice,
    layer: int,
    steps: range,
    signal: str,
    unit: int,
    name: str,
    group: str,
    look: Look,
) -> bytes:
    trace = results.trace_of(run)
    untouched = results.trace_of(run.untouched) if run.interventions else None
    return arithmetic_packet(
        _model(run, trace),
        trace,
        steps,
        layer=layer,
        signal=signal,
        unit=unit,
        name=name,
        playhead=group,
        look=look,
        untouched=untouched,
    )


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
