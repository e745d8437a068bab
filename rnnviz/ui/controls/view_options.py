"""View options: what is drawn of a trace, and how."""

from __future__ import annotations

import streamlit as st

from rnnviz.analysis.panels import main_signal_names, signal_names
from rnnviz.analysis.unit_order import ORDERS
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.ui import shell, state
from rnnviz.ui.controls.widgets import chips, segments, select, select_several, switch
from rnnviz.ui.selections import ViewChoice
from rnnviz.ui.text import t

MAX_LINES = 8


def view_controls(trace: Trace) -> ViewChoice:
    """Signals, units, their order, heatmaps or lines; the choice with its layer."""
    state.fall_back("layer", range(len(trace.layers)))
    with st.expander(t("group.view"), icon=":material/visibility:"):
        _looks(trace)
    layer = trace.layers[state.shown_layer()]
    return ViewChoice(
        layer=state.shown_layer(),
        order=state.get("order"),
        draw=state.get("draw"),
        show=tuple(
            name for name in signal_names(trace, state.shown_layer()) if name in state.get("show")
        ),
        only=_only(layer),
        look=shell.look(),
    )


def _looks(trace: Trace) -> None:
    segments("draw", ("heatmap", "lines"), is_labelled=False)
    select("order", ORDERS)
    if trace.sequence.encoding != "values":
        switch("ribbon", "1")
    _signals(trace)
    _units(trace.layers[state.shown_layer()])


def layer_switch(trace: Trace) -> None:
    """The switch between several layers."""
    if len(trace.layers) < 2:
        return
    indices = range(len(trace.layers))
    segments("layer", indices, text=lambda i: layer_title(trace.layers[i]), is_labelled=False)


def layer_title(layer: LayerTrace) -> str:
    """A layer's name in the switch: `Layer 2 ←`."""
    arrow = "→" if layer.direction == "forward" else "←"
    return f"{t('layer.number', number=layer.level + 1)} {arrow}"


def _signals(trace: Trace) -> None:
    options = signal_names(trace, state.shown_layer())
    state.put(show=[name for name in state.get("show") if name in options])
    main = main_signal_names(trace, state.shown_layer())
    chips("show", options, main, text=lambda name: t(f"signal.{name}"))


def _units(layer: LayerTrace) -> None:
    options = [str(unit) for unit in range(layer.n_units)]
    state.put(only=[unit for unit in state.get("only") if unit in options])
    few = t("only.first", count=MAX_LINES)
    placeholder = few if state.get("draw") == "lines" else t("only.all")
    select_several("only", options, placeholder=placeholder)


def _only(layer: LayerTrace) -> tuple[int, ...]:
    picked = tuple(int(unit) for unit in state.get("only"))
    if state.get("draw") == "heatmap":
        return picked
    return (picked or tuple(range(layer.n_units)))[:MAX_LINES]
