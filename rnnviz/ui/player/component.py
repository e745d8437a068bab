"""Streamlit components from the HTML, CSS and JavaScript files of this folder."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from rnnviz.javascript.generate import activations_script, cells_script

_OVERLAY = (
    *("playhead.js", "packet.js", "tick_labels.js", "tried_labels.js", "trace_meta.js"),
    *("laid_figure.js", "tried_heatmaps.js", "heatmap_tooltip.js", "overlay.js"),
)
_SCRIPTS = {
    "player": (*_OVERLAY, "player.js"),
    "linked_chart": (*_OVERLAY, "linked_chart.js"),
    "marked_chart": ("playhead.js", "packet.js", "marked_chart.js"),
    "cursor_sync": ("playhead.js", "packet.js", "cursor_sync.js"),
    "value_table": ("playhead.js", "packet.js", "value_table.js"),
    "jump_table": ("playhead.js", "packet.js", "jump_table.js"),
    "diagram": (
        *("playhead.js", "packet.js", "gaps.js", "activations.js", "diagram_values.js"),
        *("colour_scale.js", "gate_handles.js", "diagram_strips.js", "diagram.js"),
    ),
    "arithmetic": ("playhead.js", "packet.js", "gaps.js", "number_text.js", "arithmetic.js"),
    "minimap": (
        *("playhead.js", "packet.js", "gaps.js", "tick_labels.js", "overview_strip.js"),
        *("zoom.js", "minimap.js"),
    ),
    "live_network": (
        *("playhead.js", "packet.js", "activations.js", "engine.js", "typed_text.js"),
        *("model_spec.js", "placed_weights.js", "normal_numbers.js", "random_weights.js"),
        *("gaps.js", "number_text.js", "unit_update.js", "run_arithmetic.js"),
        *("live_arithmetic.js", "live_network.js"),
    ),
    "live_cells": (
        *("playhead.js", "packet.js", "gaps.js", "borrowed_engine.js", "trace_meta.js"),
        *("colour_range.js", "run_figure.js", "number_reader.js", "opened_model.js"),
        *("page_model.js", "live_cells.js"),
    ),
    "live_sliders": ("playhead.js", "packet.js", "live_sliders.js"),
    "answer": ("playhead.js", "packet.js", "gaps.js", "number_text.js", "answer.js"),
    "step_sentence": ("playhead.js", "packet.js", "step_sentence.js"),
    "text_axis": ("playhead.js", "packet.js", "gaps.js", "text_axis.js"),
    "image_buttons": ("playhead.js", "packet.js", "saved_picture.js", "image_buttons.js"),
    "slide_controls": ("packet.js", "slide_fitting.js", "slide_controls.js"),
    "progress_store": ("packet.js", "progress_store.js"),
    "page_history": ("page_history.js",),
}
# Makers of the constants that stand before a script.
_GENERATED = {"activations.js": activations_script, "engine.js": cells_script}


def component(name: str) -> Any:
    """A component's mount function, called with `data=` and `key=`."""
    # Notebooks and the static edition take these files without the app.
    import streamlit as st

    # Registered in every run: Streamlit keeps components by application, not by module.
    return st.components.v2.component(
        f"rnnviz_{name}",
        html=_html(name),
        css=style(name),
        js=_sent_script(name),
    )


@cache
def _html(name: str) -> str:
    return file_text(f"{name}.html")


@cache
def _sent_script(name: str) -> str:
    """A component's script without comments and indentation, which are a quarter of it."""
    lines = map(str.strip, script(name).splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


@cache
def style(component: str) -> str:
    """Style sheet of a component."""
    return file_text("spoken.css") + file_text(f"{component}.css")


def script(component: str) -> str:
    """One module with all scripts of a component: inline modules cannot import each other."""
    return "\n".join(map(script_text, script_files(component)))


def script_files(component: str) -> tuple[str, ...]:
    """Files of a component's module, in their order; the last one mounts it."""
    return _SCRIPTS[component]


def script_text(name: str) -> str:
    """Text of a script in this folder, after the constants that are generated for it."""
    generated = _GENERATED.get(name)
    return f"{generated()}{file_text(name)}" if generated else file_text(name)


def file_text(name: str) -> str:
    """Text of a file in this folder."""
    return files(__package__).joinpath(name).read_text("utf-8")
