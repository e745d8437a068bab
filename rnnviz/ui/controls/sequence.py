"""The input: typed, uploaded or one of the samples."""

from __future__ import annotations

import streamlit as st

from rnnviz.core.sequence import Sequence
from rnnviz.errors import RnnvizError
from rnnviz.inputs.choices import chosen_format
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.files import Content, Text
from rnnviz.inputs.heartbeat import HOUR
from rnnviz.inputs.samples import Sample, samples
from rnnviz.inputs.table import Table
from rnnviz.recordings.source import SequenceSource
from rnnviz.ui import choices, results, state
from rnnviz.ui.controls.file_decisions import certain_decisions, open_decisions
from rnnviz.ui.controls.input_upload import (
    input_field_control,
    lost_input_row,
    upload_popover,
)
from rnnviz.ui.controls.notice import INPUT_NOTICE, Notice, put_notice, show_notice
from rnnviz.ui.controls.table_columns import column_controls
from rnnviz.ui.controls.unknown_tokens import stale_caption
from rnnviz.ui.controls.upload_doors import MAX_TYPED, clear_input
from rnnviz.ui.controls.widgets import (
    number_field,
    segments,
    select,
    text_button,
)
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
from rnnviz.ui.text import escape_markdown, t
from rnnviz.ui.url import File

ROW_NUMBERS = "#"
_EXAMPLE = str(choices.default_of("text"))
_TEXT_BEFORE = "text_before_numbers"
_LAST_READABLE: LastGood[InputChoice] = LastGood("last_readable")
# Folded out over the page; it folds up when a sample was taken.
_SAMPLES = "samples_open"


def sequence_controls() -> None:
    """The text or the file, the samples, and the upload."""
    check_link()
    if (lost := state.lost_input()) is not None:
        lost_input_row(lost)
        return
    if state.uploaded_input() is not None:
        file_row()
    elif state.get("kind") == "signal":
        _signal_row()
    else:
        kind = state.get("kind")
        input_field_control("text", MAX_TYPED, placeholder=t(f"text.{kind}"))
    _samples()
    upload_popover()


def settled_input() -> tuple[InputChoice, SequenceSource] | None:
    """The chosen input and its sequence, or, while it cannot be read, the last that could.

    A warning tells why: an upload that was refused, a text that has no tokens. None while its file
    is lost.
    """
    show_notice(INPUT_NOTICE)
    if state.lost_input() is not None:
        return None
    with st.spinner(t("working"), show_time=True):
        choice = chosen_input()
        settled = _LAST_READABLE.settle(choice, results.source_of)
    if settled is None:
        example = _example_input()
        settled = example, results.source_of(example)
    if settled[0] is not choice:
        stale_caption(settled[0])
    return settled


def _example_input() -> InputChoice:
    """Example that is read where nothing else can be."""
    kind = state.get("kind")
    return TypedNumbers(_example_of(kind)) if kind == "numbers" else TypedText(_EXAMPLE, "words")


def chosen_input() -> InputChoice:
    """The input that is chosen now."""
    file, kind = state.uploaded_input(), state.get("kind")
    if file is not None and not isinstance(content := uploaded_content(file), Text):
        return _chosen_data(file, content)
    text_kind: TokenKind = "words" if kind == "words" else "characters"
    encoding, size = state.get("encoding"), state.get("size")
    if file is not None:
        return TextFile(file, text_kind, encoding, size, chosen_how())
    if kind in ("signal", "numbers"):
        return chosen_numbers()
    return TypedText(state.text_of("text"), text_kind, encoding, size)


def _chosen_data(file: File, content: Content) -> DataFile:
    # A link may name columns that the table does not have.
    names = content.names if isinstance(content, Table) else ()
    axis = _axis(state.get("axis"))
    return DataFile(
        file,
        columns=tuple(name for name in state.names_of("columns") if name in names),
        scale=state.get("scale"),
        missing=state.get("missing"),
        axis=axis if axis in ("", *names) else None,
        how=chosen_how(),
    )


def chosen_numbers() -> InputChoice:
    """The signal or the typed numbers that are chosen, where there is no upload."""
    text = state.text_of("text")
    if state.get("kind") != "signal":
        return TypedNumbers(text)
    return Heartbeat() if text == "heartbeat" else ProbeSignal(text, 1)


def _axis(chosen: str) -> str | None:
    return {"": None, ROW_NUMBERS: ""}.get(chosen, chosen)


def reading_controls() -> None:
    """Controls of the encoding."""
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
    segments("kind", kinds, on_change=_fill_example)
    if state.get("kind") == "numbers":
        return
    segments("encoding", ("one_hot", "embedding"))
    if state.get("encoding") == "embedding":
        number_field("size", 1, choices.MAX_EMBEDDING_SIZE)


def _fill_example() -> None:
    """Numbers in place of a text that holds none, and that text again when they are left."""
    from rnnviz.inputs.numbers import parse_numbers

    text, numbers = state.text_of("text"), _example_of("numbers")
    if state.get("kind") != "numbers":
        if text == numbers and (before := st.session_state.get(_TEXT_BEFORE)):
            state.put(text=before)
        return
    try:
        parse_numbers(text)
    except RnnvizError:
        state.put(text=numbers, **{_TEXT_BEFORE: text})


def _example_of(kind: str) -> str:
    return next(sample.text.strip() for sample in samples() if sample.kind == kind)


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
            state.put(reading=[])
            put_notice(INPUT_NOTICE, Notice(error))
            check_link()
        else:
            state.put(upload=None)
            put_notice(INPUT_NOTICE, Notice(error))


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
    """Choices that the file of an input leaves open, with what was taken, and a table's columns."""
    if not isinstance(choice, DataFile | TextFile):
        return
    content = results.content_of(choice.file, choice.how)
    if isinstance(choice, DataFile) and isinstance(content, Table):
        column_controls(content, choice.axis)
        if choice.scale != "none":
            st.caption(t(f"scale.read.{choice.scale}"))
    open_decisions(choice.file, choice.how)


def _signal_row() -> None:
    facts = t("upload.array", rows=f"{HOUR:,}")
    _closable(f":material/ecg_heart: **{t('sample.heartbeat')}**  {facts}")


def _closable(text: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(text)
        text_button(t("upload.close"), "close", clear_input, icon=":material/close:")


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


def _use_sample(sample: Sample) -> None:
    clear_input()
    state.put(**{_SAMPLES: False})
    if sample.kind == "table":
        file = File(sample.file, sample.path.read_bytes())
        state.put(upload=file, columns=list(sample.columns), axis=sample.axis or "")
    else:
        state.put(text=sample.text.strip(), kind=sample.kind)


def _use_signal() -> None:
    clear_input()
    state.put(text="heartbeat", kind="signal", **{_SAMPLES: False})


def _table_controls(table: Table) -> None:
    axes = ["", ROW_NUMBERS, *table.names]
    state.fall_back("axis", axes)
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
