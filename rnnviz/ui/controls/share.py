"""What one can take away: the link, a file that works offline, pictures, numbers, code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO

import streamlit as st

from rnnviz.engine.trace import Trace
from rnnviz.i18n import word
from rnnviz.inputs.files import Text
from rnnviz.ui import results, state, url
from rnnviz.ui.build import WINDOW, is_wide
from rnnviz.ui.export_code import Making, Opening, Reading, lines_of_code
from rnnviz.ui.player.image_buttons import image_buttons
from rnnviz.ui.player.player import player_packet
from rnnviz.ui.player.standalone_page import standalone_page
from rnnviz.ui.selections import AnyModel, InputChoice, OpenedChoice, ViewChoice
from rnnviz.ui.text import t


def share_controls(model: AnyModel, given: InputChoice, view: ViewChoice, *, height: int) -> None:
    """The popover with everything to take away; the picture as high as on the page.

    Numbers only of what is shown step by step.
    """
    is_single = not is_wide(given.window)
    seen = results.traced(model, given, view.do) if is_single else results.glimpse(model, given)
    # Opened, it runs the page once more: the link says where the cursor has come to rest since.
    with st.popover(t("share"), icon=":material/ios_share:", key="sharing", on_change="rerun"):
        _link(model, given)
        st.caption(t("share.picture"))
        image_buttons(key="image_buttons", group="panels", language=state.get("lang"))
        if is_single:
            _files(model, given, view, height)
        else:
            st.info(t("share.zoom", finest=f"{WINDOW:,}"))
        st.caption(t("share.code"))
        code = lines_of_code(
            _reading(given),
            seen.sequence.n_features,
            _making(model),
            seen.interventions,
            window=given.window,
            is_wide=not is_single,
        )
        st.code(code, language="python")


def _files(model: AnyModel, given: InputChoice, view: ViewChoice, height: int) -> None:
    # What is kept until somebody asks for a file are choices, not what they name.
    trace = partial(results.traced, model, given, view.do)
    if given.window is None:
        st.caption(t("share.files"))
    else:
        first, last = given.window[0] + 1, given.window[1]
        st.caption(t("share.window", first=f"{first:,}", last=f"{last:,}"))
    with st.container(horizontal=True):
        _download("html", "text/html", _html(model, given, view, height))
        _download("csv", "text/csv", lambda: trace().to_frame().to_csv(index=False))
        _download("parquet", "application/octet-stream", lambda: _parquet(trace()))
        _download("npz", "application/octet-stream", lambda: _npz(trace()))


def _link(model: AnyModel, given: InputChoice) -> None:
    st.caption(t("share.link"))
    files = [given.file, model.file if isinstance(model, OpenedChoice) else None]
    if any(file is not None and not url.write_file(file) for file in files):
        st.info(t("share.too_large"))
        return
    if isinstance(model, OpenedChoice) and model.origin in ("training", "plan"):
        st.info(t("share.training"))
        return
    st.code(_address(), language=None)


def _address() -> str:
    base = str(st.context.url or "").partition("?")[0]
    return f"{base.rstrip('/')}/?{state.query()}"


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


def _html(model: AnyModel, given: InputChoice, view: ViewChoice, height: int) -> Callable[[], str]:
    # Made only when asked for, and then outside the session: its choices are read now.
    place = {"group": "panels", "playhead": "panels", "step": state.get("step"), "jump": 0}

    def made() -> str:
        panels = results.seen(model, given, view)
        figure = results.figure(model, given, view, height)
        packet = player_packet(panels, name="", language=view.language, **place)
        title = f"rnnviz · {word(f'cell.{panels.cell}', view.language)}"
        look = {"title": title, "language": view.language}
        return standalone_page(figure, packet, group="panels", dark=view.dark, **look)

    return made


def _parquet(trace: Trace) -> bytes:
    buffer = BytesIO()
    trace.to_frame().to_parquet(buffer)
    return buffer.getvalue()


def _npz(trace: Trace) -> bytes:
    buffer = BytesIO()
    trace.save(buffer)
    return buffer.getvalue()


def _making(model: AnyModel) -> Making | Opening:
    if not isinstance(model, OpenedChoice):
        return model
    name = model.file.name if model.file else model.name
    if model.origin in ("training", "plan"):
        name = "model.safetensors"
    return Opening(model.origin, name, model.part, model.answers, model.word, model.backend)


def _reading(given: InputChoice) -> Reading:
    return Reading(
        text=given.text,
        kind=given.kind,
        encoding=given.encoding,
        size=given.size,
        file=given.file.name if given.file else "",
        is_text=given.file is not None and isinstance(results.content(given.file), Text),
        columns=given.columns,
        scale=given.scale,
        missing=given.missing,
        axis=given.axis,
    )
