"""The input: typed, uploaded or one of the samples."""

from __future__ import annotations

import streamlit as st

from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError, RnnvizError
from rnnviz.inputs.choices import chosen_format
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.files import UPLOAD_SUFFIXES, Content, Text
from rnnviz.inputs.heartbeat import HOUR
from rnnviz.inputs.paste import PASTED
from rnnviz.inputs.samples import Sample, samples
from rnnviz.inputs.table import Table
from rnnviz.recordings.source import SequenceSource
from rnnviz.ui import choices, results, state, visible_range
from rnnviz.ui.controls.file_decisions import certain_decisions, open_decisions
from rnnviz.ui.controls.widgets import (
    number_field,
    segments,
    select,
    select_several,
    text_button,
    text_field,
)
from rnnviz.ui.kept_files import keep_file
from rnnviz.ui.last_good import LastGood
from rnnviz.ui.selections import (
    DataFile,
    Heartbeat,
    InputChoice,
    ProbeSignal,
    TextFile,
    TokenKind,
    TypedNumbers,
    TypedText,
)
from rnnviz.ui.text import escape_markdown, t, warn
from rnnviz.ui.url import File

MAX_TYPED = 20_000
ROW_NUMBERS = "#"
MAX_UPLOAD = 50
_NOTICE = "upload_notice"
_LAST_READABLE: LastGood[InputChoice] = LastGood("last_readable")
# What is folded out over the page, and folds up when something was taken.
_SAMPLES, _UPLOADS = "samples_open", "upload_open"


def sequence_controls() -> None:
    """The text or the file, the samples, and the upload."""
    check_link()
    if state.uploaded_input() is not None:
        file_row()
    elif state.get("kind") == "signal":
        _signal_row()
    else:
        kind = state.get("kind")
        text_field("text", MAX_TYPED, placeholder=t(f"text.{kind}"), on_change=_clear_notice)
    _samples()
    upload_popover("text", MAX_TYPED)


def settled_input() -> tuple[InputChoice, SequenceSource] | None:
    """The chosen input and its sequence, or, while it cannot be read, the last that could.

    A warning tells why: an upload that was refused, a text that has no tokens.
    """
    if notice := st.session_state.get(_NOTICE):
        warn(notice)
    with st.spinner(t("working"), show_time=True):
        return _LAST_READABLE.settle(chosen_input(), results.source_of)


def chosen_input() -> InputChoice:
    """The input that is chosen now."""
    file, kind = state.uploaded_input(), state.get("kind")
    if file is not None and not isinstance(uploaded_content(file), Text):
        return DataFile(
            file,
            columns=tuple(state.get("columns")),
            scale=state.get("scale"),
            missing=state.get("missing"),
            axis=_axis(state.get("axis")),
            how=chosen_how(),
        )
    text_kind: TokenKind = "words" if kind == "words" else "characters"
    encoding, size = state.get("encoding"), state.get("size")
    if file is not None:
        return TextFile(file, text_kind, encoding, size, chosen_how())
    if kind in ("signal", "numbers"):
        return chosen_numbers()
    return TypedText(state.text_of("text"), text_kind, encoding, size)


def chosen_numbers() -> InputChoice:
    """The signal or the typed numbers that are chosen, where there is no upload."""
    text = state.text_of("text")
    if state.get("kind") != "signal":
        return TypedNumbers(text)
    return Heartbeat() if text == "heartbeat" else ProbeSignal(text, 1)


def _axis(chosen: str) -> str | None:
    return {"": None, ROW_NUMBERS: ""}.get(chosen, chosen)


def reading_controls() -> None:
    """Controls of the encoding, in the sidebar."""
    file = state.uploaded_input()
    with st.expander(t("group.input"), icon=":material/input:", expanded=file is not None):
        content = uploaded_content(file) if file is not None else None
        if isinstance(content, Table):
            _table_controls(content)
        elif isinstance(content, Text):
            _text_controls(("characters", "words"))
        elif content is not None or state.get("kind") == "signal":
            st.caption(t("upload.as_is"))
        else:
            _text_controls(("characters", "words", "numbers"))
        if content is not None:
            certain_decisions(content)


def _text_controls(kinds: tuple[str, ...]) -> None:
    state.fall_back("kind", kinds)
    segments("kind", kinds)
    if state.get("kind") == "numbers":
        return
    segments("encoding", ("one_hot", "embedding"))
    if state.get("encoding") == "embedding":
        number_field("size", 1, choices.MAX_EMBEDDING_SIZE)


def encoding_caption(sequence: Sequence) -> None:
    """Line that tells what the network reads at every step."""
    st.caption(t(f"given.{sequence.encoding}", n=sequence.n_features))


def check_link() -> None:
    """Drop a file that a link carried and that cannot be read, and tell why."""
    file = state.uploaded_input()
    try:
        if file is not None:
            uploaded_content(file)
    except RnnvizError as error:
        if state.names_of("reading"):
            # The file as it was found, before the choice that it cannot be read with.
            state.put(reading=[], **{_NOTICE: error})
            check_link()
        else:
            state.put(upload=None, **{_NOTICE: error})


def chosen_how() -> FileFormat:
    """How the user says that the uploaded file is written. Raises InputError for another choice."""
    return chosen_format(state.chosen_reading())


def uploaded_content(file: File) -> Content:
    """The content of an uploaded file, read as the user says. Raises InputError."""
    return results.content_of(file, chosen_how())


def file_row() -> None:
    """The uploaded file: its name, its extent, and a button that closes it."""
    file = state.uploaded_input()
    assert file is not None
    content = uploaded_content(file)
    icon = ":material/article:" if isinstance(content, Text) else ":material/table:"
    _closable(f"{icon} **{escape_markdown(file.name)}**  {_extent(content)}")


def file_decisions(choice: InputChoice) -> None:
    """What the file of an input leaves open, and what was taken for it."""
    if isinstance(choice, DataFile | TextFile):
        open_decisions(choice.file, choice.how)


def _signal_row() -> None:
    facts = t("upload.array", rows=f"{HOUR:,}")
    _closable(f":material/ecg_heart: **{t('sample.heartbeat')}**  {facts}")


def _closable(text: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(text)
        text_button(t("upload.close"), "close", _clear, icon=":material/close:")


def _extent(content: Content) -> str:
    if isinstance(content, Table):
        return t("upload.table", rows=f"{content.n_rows:,}", columns=len(content.columns))
    if isinstance(content, Text):
        return t("upload.text", count=f"{len(content.text):,}")
    return t("upload.array", rows=f"{content.n_steps:,}")


def _samples() -> None:
    with st.popover(t("samples"), icon=":material/library_books:", key=_SAMPLES, on_change="rerun"):
        language = state.language()
        for sample in samples():
            source = f"{sample.source[language]} · {sample.licence}"
            title, key = sample.title[language], f"sample_{sample.id}"
            text_button(title, key, _use_sample, sample, help=source)
        source = t("sample.heartbeat.source")
        text_button(t("sample.heartbeat"), "sample_heartbeat", _use_signal, help=source)


def upload_popover(field: str, max_chars: int) -> None:
    """An uploader; a text of at most so many characters goes into the field instead."""
    with st.popover(t("upload"), icon=":material/upload_file:", key=_UPLOADS, on_change="rerun"):
        st.file_uploader(
            t("upload.label"),
            type=[suffix.lstrip(".") for suffix in UPLOAD_SUFFIXES],
            key="uploader",
            on_change=_use_upload,
            args=(field, max_chars),
            max_upload_size=MAX_UPLOAD,
            help=t("upload.help", suffixes=" ".join(UPLOAD_SUFFIXES)),
        )
        st.text_area(
            t("paste.label"),
            key="pasted",
            on_change=_use_pasted,
            args=(field, max_chars),
            placeholder="x\ty\n1\t2\n3\t4",
        )


def _use_sample(sample: Sample) -> None:
    _clear()
    state.put(**{_SAMPLES: False})
    if sample.kind == "table":
        file = File(sample.file, sample.path.read_bytes())
        state.put(upload=file, columns=list(sample.columns), axis=sample.axis or "")
    else:
        state.put(text=sample.text.strip(), kind=sample.kind)


def _use_signal() -> None:
    _clear()
    state.put(text="heartbeat", kind="signal", **{_SAMPLES: False})


def _use_upload(field: str, max_chars: int) -> None:
    uploaded = st.session_state["uploader"]
    if uploaded is not None:
        _take(File(uploaded.name, uploaded.getvalue()), field, max_chars)


def _use_pasted(field: str, max_chars: int) -> None:
    text = st.session_state["pasted"]
    if text.strip():
        st.session_state["pasted"] = ""
        _take(File(PASTED, text.strip("\r\n").encode()), field, max_chars)


def _take(file: File, field: str, max_chars: int) -> None:
    try:
        _check_size(file)
        content = results.content_of(file)
        keep_file(file)
    except RnnvizError as error:
        # What was there before stays: a file that cannot be read changes nothing but the notice.
        state.put(**{_NOTICE: error})
        return
    _clear()
    state.put(**{_UPLOADS: False})
    if isinstance(content, Text):
        state.put(kind="characters")
    if isinstance(content, Text) and len(content.text) <= max_chars:
        state.put(**{field: content.text})
    else:
        state.put(upload=file)


def _check_size(file: File) -> None:
    # The browser checks this too, but other clients need not.
    if len(file.data) > MAX_UPLOAD * 2**20:
        raise InputError(
            "“{name}” should have at most {bound} MB, but it has {came}; choose a part of it.",
            name=file.name,
            bound=MAX_UPLOAD,
            came=len(file.data) >> 20,
        )


def _clear_notice() -> None:
    state.put(**{_NOTICE: None})
    visible_range.reset_range()


def _clear() -> None:
    _clear_notice()
    if state.get("kind") == "signal":
        state.restore_defaults("kind", "text")
    state.put(upload=None, columns=[], axis="", reading=[])
    visible_range.reset_range()
    state.move_cursor(None)


def _table_controls(table: Table) -> None:
    names = list(table.names)
    state.put(columns=[name for name in state.names_of("columns") if name in names])
    axes = ["", ROW_NUMBERS, *names]
    state.fall_back("axis", axes)
    select_several("columns", names, placeholder=t("columns.all"))
    select("axis", axes, text=_axis_text)
    select("scale", ("standard", "minmax", "none"))
    _missing(table)


def _axis_text(name: str) -> str:
    return {"": t("axis.auto"), ROW_NUMBERS: t("axis.rows")}.get(name, name)


def _missing(table: Table) -> None:
    gaps = [f"{escape_markdown(c.name)} {c.n_missing}" for c in table.columns if c.n_missing]
    if gaps:
        st.caption(t("missing.named", gaps=", ".join(gaps)))
        select("missing", ("interpolate", "previous", "mean", "zero", "drop", "refuse"))
