"""The share popover: the link, a file that works offline, pictures, numbers, code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from rnnviz.analysis.panels import Panels, main_signal_names, signal_names
from rnnviz.core.arrays import Array
from rnnviz.engine.trace import Trace
from rnnviz.i18n import word
from rnnviz.ui import address, results, run_figures, state, training_jobs, url
from rnnviz.ui.build import WINDOW
from rnnviz.ui.controls.cursor import picked_in
from rnnviz.ui.controls.model_switch import model_title
from rnnviz.ui.export_code import TracedRun, code_lines
from rnnviz.ui.live_results import typed_field
from rnnviz.ui.player.image_buttons import image_buttons
from rnnviz.ui.player.page_model import GROUP, PageView, page_drawing, page_model
from rnnviz.ui.player.player import player_packet
from rnnviz.ui.player.standalone_page import given_picture, standalone_page
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import (
    DataFile,
    ModelFile,
    OpenedModel,
    RunChoice,
    TextFile,
    TrainedModel,
    ViewChoice,
)
from rnnviz.ui.text import t
from rnnviz.ui.trace_files import trace_file
from rnnviz.ui.url import File


def share_controls(run: ShownRun, view: ViewChoice, *, height: int) -> None:
    """The popover with everything to save; the figure as high as on the page.

    Numbers only of what is shown step by step.
    """
    # Opened, it runs the page once more: the link says where the cursor has settled since.
    with st.popover(t("share"), icon=":material/ios_share:", key="sharing", on_change="rerun"):
        _link(run.choice)
        st.caption(t("share.picture"))
        image_buttons(key="image_buttons", group="panels", language=state.language())
        if run.is_wide:
            st.info(t("share.zoom", finest=f"{WINDOW:,}"))
        else:
            _files(run.choice, view, height)
        st.caption(t("share.code"))
        st.code(_code(run), language="python")


def _code(run: ShownRun) -> str:
    model, plan = run.choice.model, None
    if isinstance(model, OpenedModel) and isinstance(model.origin, TrainedModel):
        plan = training_jobs.training_job(model.origin.job).plan
    return code_lines(
        TracedRun(
            model,
            run.choice.input,
            run.trace.sequence.n_features,
            plan,
            run.trace.interventions,
            run.choice.window,
            run.is_wide,
        )
    )


def _files(run: RunChoice, view: ViewChoice, height: int) -> None:
    # What is kept until somebody asks for a file are choices, not what they name.
    trace = partial(results.trace_of, run)
    if run.window is None:
        st.caption(t("share.files"))
    else:
        first, last = run.window[0] + 1, run.window[1]
        st.caption(t("share.window", first=f"{first:,}", last=f"{last:,}"))
    with st.container(horizontal=True):
        _download("html", "text/html", _html(run, view, height))
        _download("csv", "text/csv", _file_of(trace, "csv"))
        for suffix in ("parquet", "npz"):
            _download(suffix, "application/octet-stream", _file_of(trace, suffix))


def _link(run: RunChoice) -> None:
    st.caption(t("share.link"))
    if any(not url.pack_file(file) for file in _uploads(run)):
        st.info(t("share.too_large"))
    elif isinstance(run.model, OpenedModel) and run.model.is_training:
        st.info(t("share.training"))
    else:
        st.code(_address(), language=None)


def _uploads(run: RunChoice) -> Iterator[File]:
    """The files that a link has to carry."""
    if isinstance(run.input, TextFile | DataFile):
        yield run.input.file
    if isinstance(run.model, OpenedModel) and isinstance(run.model.origin, ModelFile):
        yield run.model.origin.file


def _address() -> str:
    base = str(st.context.url or "").partition("?")[0]
    return f"{base.rstrip('/')}/?{address.url_query()}"


def _download(suffix: str, mime: str, make: Callable[[], str | bytes]) -> None:
    st.download_button(
        suffix.upper(),
        data=make,
        file_name=f"rnnviz-trace.{suffix}",
        mime=mime,
        key=f"download_{suffix}",
        on_click="ignore",
        help=t(f"share.{suffix}"),
    )


def _html(run: RunChoice, view: ViewChoice, height: int) -> Callable[[], str]:
    # Made only when asked for, and then outside the session: its choices are read now.
    place: dict[str, Any] = {"group": GROUP, "playhead": GROUP, "jump": 0}
    place |= {"step": state.cursor_step(), "veil": state.get("veil") == "on"}
    picked = picked_in(run_figures.panels_of(run, view))
    is_next = state.get("predicts") == "next"
    name = model_title(state.chosen_model())

    def build() -> str:
        # The drawing needs the signals that have no heatmap, too.
        every = signal_names(results.trace_of(run), view.layer)
        panels = run_figures.panels_of(run, replace(view, show=tuple(every)))
        look = view.look
        packet = player_packet(panels, name="", language=look.language, **place)
        figure = run_figures.figure_of(run, view, height)
        made = (
            None
            if view.is_difference or view.draw == "lines"
            else _page(run, view, panels, is_next)
        )
        drawing = _drawing(run, view, panels, can_hold=made is not None)
        given = given_picture(figure, packet, drawing)
        header, numbers = made or ({"examples": (), "about": ""}, None)
        return standalone_page(
            header | {"given": given, "picked": dict(zip(("signal", "unit"), picked, strict=True))},
            numbers,
            title=f"{name} · {word(f'cell.{panels.cell}', look.language)}",
            language=look.language,
            dark=look.dark,
        )

    return build


def _page(
    run: RunChoice, view: ViewChoice, panels: Panels, is_next: bool
) -> tuple[dict[str, Any], Array] | None:
    """The run's model for a page that computes what is typed there."""
    if run.window is not None:
        return None
    trace = results.trace_of(run)
    field = typed_field(run)
    shown = PageView(
        view.layer,
        panels,
        view.show or main_signal_names(trace, view.layer),
        results.answer_of(run, is_next, view.look.language),
        field,
        () if field is None else (field.text,),
    )
    model = results.model_of(run.model, trace.sequence.n_features)
    return page_model(model, trace, shown, {"": view.look})


def _drawing(run: RunChoice, view: ViewChoice, panels: Panels, *, can_hold: bool) -> bytes | None:
    """The live cell for a page of its own."""
    trace = results.trace_of(run)
    model = results.model_of(run.model, trace.sequence.n_features)
    return page_drawing(trace, panels, view.layer, model, view.look, can_hold=can_hold)


def _file_of(trace: Callable[[], Trace], suffix: str) -> Callable[[], bytes]:
    return lambda: trace_file(trace(), suffix)
