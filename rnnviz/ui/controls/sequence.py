"""What is read: typed, uploaded or one of the samples."""

from __future__ import annotations

import streamlit as st

from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError, RnnvizError
from rnnviz.inputs.files import SUFFIXES, Text, read_file
from rnnviz.inputs.heartbeat import HOUR
from rnnviz.inputs.samples import Sample, samples
from rnnviz.inputs.table import Table
from rnnviz.ui import results, state, visible_range
from rnnviz.ui.controls.widgets import number, segments, select
from rnnviz.ui.selections import InputChoice
from rnnviz.ui.text import escaped, said, t
from rnnviz.ui.url import File, hold

MAX_TYPED = 20_000
ROW_NUMBERS = "#"
MAX_UPLOAD = 50
_NOTICE = "upload_notice"
_GOOD = "last_readable"
# What is folded out over the page, and folds up when something was taken.
_SAMPLES, _UPLOADS = "samples_open", "upload_open"


def sequence_controls() -> None:
    """Over the picture: the text or the file, the samples, the upload."""
    check_link()
    if state.get("upload"):
        file_row()
    elif state.get("kind") == "signal":
        _signal_row()
    else:
        _text_row()
    _samples()
    upload("text", MAX_TYPED)


def readable() -> InputChoice | None:
    """The input as it is chosen, or, while that cannot be read, the last one that could.

    What is to be said about it is shown: an upload that was refused, a text that has no tokens.
    """
    if notice := st.session_state.get(_NOTICE):
        st.warning(said(notice), icon=":material/error:")
    try:
        with st.spinner(t("working"), show_time=True):
            results.reading(chosen())
    except RnnvizError as error:
        st.warning(said(error), icon=":material/error:")
        return st.session_state.get(_GOOD)
    state.put(**{_GOOD: chosen()})
    return chosen()


def chosen() -> InputChoice:
    """The input as it is chosen now."""
    return InputChoice(
        text=state.get("text"),
        kind=state.get("kind"),
        encoding=state.get("encoding"),
        size=1 if state.get("kind") == "signal" else state.get("size"),
        file=state.get("upload"),
        columns=tuple(state.get("columns")),
        scale=state.get("scale"),
        missing=state.get("missing"),
        axis=_axis(state.get("axis")),
    )


def _axis(chosen: str) -> str | None:
    return {"": None, ROW_NUMBERS: ""}.get(chosen, chosen)


def reading_controls() -> None:
    """How the input becomes numbers, in the sidebar."""
    with st.expander(t("group.input"), icon=":material/input:", expanded=bool(state.get("upload"))):
        _reading()


def _reading() -> None:
    file = state.get("upload")
    if file is not None:
        read = results.content(file)
        if not isinstance(read, Text):
            _table_controls(read)
            return
    if state.get("kind") == "signal" and file is None:
        st.caption(t("upload.as_is"))
        return
    _text_controls(("characters", "words") if file else ("characters", "words", "numbers"))


def _text_controls(kinds: tuple[str, ...]) -> None:
    state.settle("kind", kinds)
    segments("kind", kinds)
    if state.get("kind") != "numbers":
        segments("encoding", ("one_hot", "embedding"))
    if state.get("kind") != "numbers" and state.get("encoding") == "embedding":
        number("size", 1, state.MAX_SIZE)


def given_caption(read: Sequence) -> None:
    """What the network is given at every step, in one line."""
    st.caption(t(f"given.{read.encoding}", n=read.n_features))


def check_link() -> None:
    """A link may carry a file that cannot be read; it is then said and put aside."""
    file = state.get("upload")
    try:
        if file is not None:
            results.content(file)
    except RnnvizError as error:
        state.put(upload=None, **{_NOTICE: error})


def _text_row() -> None:
    st.text_input(
        t("text"),
        state.get("text"),
        key=state.widget("text"),
        live=True,
        on_change=_hush,
        max_chars=MAX_TYPED,
        placeholder=t(f"text.{state.get('kind')}"),
        label_visibility="collapsed",
    )


def file_row() -> None:
    """The file that was uploaded: its name, its extent, and how to close it."""
    file = state.get("upload")
    icon = ":material/article:" if isinstance(results.content(file), Text) else ":material/table:"
    _closable(f"{icon} **{escaped(file.name)}**  {_extent(file)}")


def _signal_row() -> None:
    facts = t("upload.array", rows=f"{HOUR:,}")
    _closable(f":material/ecg_heart: **{t('sample.heartbeat')}**  {facts}")


def _closable(said: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(said)
        st.button(
            t("upload.close"),
            icon=":material/close:",
            type="tertiary",
            on_click=_clear,
            key="close",
        )


def _extent(file: File) -> str:
    read = results.content(file)
    if isinstance(read, Table):
        return t("upload.table", rows=f"{read.n_rows:,}", columns=len(read.columns))
    if isinstance(read, Text):
        return t("upload.text", count=f"{len(read.text):,}")
    return t("upload.array", rows=f"{read.n_steps:,}")


def _samples() -> None:
    with st.popover(t("samples"), icon=":material/library_books:", key=_SAMPLES, on_change="rerun"):
        for sample in samples():
            language = state.get("lang")
            st.button(
                sample.title[language],
                key=f"sample_{sample.id}",
                on_click=_take_sample,
                args=(sample,),
                type="tertiary",
                help=f"{sample.source[language]} · {sample.licence}",
            )
        st.button(
            t("sample.heartbeat"),
            key="sample_heartbeat",
            on_click=_take_signal,
            type="tertiary",
            help=t("sample.heartbeat.source"),
        )


def upload(field: str, most: int) -> None:
    """What takes a file; a text of at most so many characters goes into the field instead."""
    with st.popover(t("upload"), icon=":material/upload_file:", key=_UPLOADS, on_change="rerun"):
        st.file_uploader(
            t("upload.label"),
            type=[suffix.lstrip(".") for suffix in SUFFIXES],
            key="uploader",
            on_change=_take_upload,
            args=(field, most),
            max_upload_size=MAX_UPLOAD,
            help=t("upload.help"),
        )


def _take_sample(sample: Sample) -> None:
    _clear()
    state.put(**{_SAMPLES: False})
    if sample.kind == "table":
        file = File(sample.file, sample.path.read_bytes())
        state.put(upload=file, columns=list(sample.columns), axis=sample.axis or "")
    else:
        state.put(text=sample.text.strip(), kind=sample.kind)


def _take_signal() -> None:
    _clear()
    state.put(text="heartbeat", kind="signal", **{_SAMPLES: False})


def _take_upload(field: str, most: int) -> None:
    given = st.session_state["uploader"]
    if given is None:
        return
    file = File(given.name, given.getvalue())
    try:
        _check_size(file)
        read = read_file(file.name, file.data)
        hold(file)
    except RnnvizError as error:
        # What was there before stays: a file that cannot be read changes nothing but the notice.
        state.put(**{_NOTICE: error})
        return
    _clear()
    state.put(**{_UPLOADS: False})
    if isinstance(read, Text):
        state.put(kind="characters")
    if isinstance(read, Text) and len(read.text) <= most:
        state.put(**{field: read.text})
    else:
        state.put(upload=file)


def _check_size(file: File) -> None:
    # The browser checks this too, and nobody has to use ours.
    if len(file.data) > MAX_UPLOAD * 2**20:
        raise InputError(
            "“{name}” should have at most {bound} MB, but it has {came}; choose a part of it.",
            name=file.name,
            bound=MAX_UPLOAD,
            came=len(file.data) >> 20,
        )


def _hush() -> None:
    state.put(**{_NOTICE: None})
    visible_range.forget()


def _clear() -> None:
    _hush()
    if state.get("kind") == "signal":
        state.start_over("kind", "text")
    state.put(upload=None, columns=[], axis="")
    visible_range.forget()
    state.jump(None)


def _table_controls(read: object) -> None:
    if not isinstance(read, Table):
        st.caption(t("upload.as_is"))
        return
    names = list(read.names)
    state.put(columns=[name for name in state.get("columns") if name in names])
    axes = ["", ROW_NUMBERS, *names]
    state.settle("axis", axes)
    st.multiselect(
        t("columns"),
        names,
        state.get("columns"),
        key=state.widget("columns"),
        placeholder=t("columns.all"),
        help=t("columns.help"),
    )
    st.selectbox(
        t("axis"),
        axes,
        axes.index(state.get("axis")),
        format_func=lambda name: {"": t("axis.auto"), ROW_NUMBERS: t("axis.rows")}.get(name, name),
        key=state.widget("axis"),
        help=t("axis.help"),
    )
    select("scale", ("standard", "minmax", "none"))
    _missing(read)


def _missing(table: Table) -> None:
    gaps = [f"{escaped(c.name)} {c.n_missing}" for c in table.columns if c.n_missing]
    if gaps:
        st.caption(t("missing.named", gaps=", ".join(gaps)))
        select("missing", ("interpolate", "previous", "mean", "zero", "drop", "refuse"))
