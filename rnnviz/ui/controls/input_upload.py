"""Upload of an input: a file, a pasted table, and a file that was there before a reload."""

from __future__ import annotations

import streamlit as st

from rnnviz.inputs.files import UPLOAD_SUFFIXES
from rnnviz.inputs.paste import PASTED
from rnnviz.ui import state, visible_range
from rnnviz.ui.controls.notice import INPUT_NOTICE, put_notice
from rnnviz.ui.controls.upload_doors import INPUT_UPLOAD, MAX_UPLOAD, clear_input, take_input
from rnnviz.ui.controls.widgets import text_button, text_field
from rnnviz.ui.kept_files import LostFile
from rnnviz.ui.text import escape_markdown, t
from rnnviz.ui.url import File

# A text that is too long for its field is kept under this name.
_LONG_TEXT = "pasted.txt"


def input_field_control(field: str, max_chars: int, *, placeholder: str) -> None:
    """The text field; a text of more characters than it takes is read as a file would be."""
    text_field(field, placeholder=placeholder, on_change=_use_typed, args=(field, max_chars))


def upload_popover() -> None:
    """An uploader, and a field for a pasted table."""
    with st.popover(
        t("upload"), icon=":material/upload_file:", key=INPUT_UPLOAD, on_change="rerun"
    ):
        _uploader()
        st.text_area(
            t("paste.label"), key="pasted", on_change=_use_pasted, placeholder="x\ty\n1\t2\n3\t4"
        )


def lost_input_row(lost: LostFile) -> None:
    """The uploader for an input that the server no longer has, and the way back to text."""
    st.warning(lost_text(lost), icon=":material/history:")
    _uploader()
    text_button(t("upload.close"), "close", clear_input, icon=":material/close:")


def lost_text(lost: LostFile) -> str:
    """Sentence about a file that the server no longer has, or that its link does not give."""
    if not lost.digest:
        return t("lost.damaged")
    name = escape_markdown(lost.name)
    return t("lost", name=name) if name else t("lost.unnamed")


def _uploader() -> None:
    # Of every type: what is not read is answered with a sentence.
    st.file_uploader(
        t("upload.label"),
        key="uploader",
        on_change=_use_upload,
        max_upload_size=MAX_UPLOAD,
        help=t("upload.help", suffixes=" ".join(UPLOAD_SUFFIXES)),
    )


def _use_upload() -> None:
    uploaded = st.session_state["uploader"]
    if uploaded is not None:
        take_input(File(uploaded.name, uploaded.getvalue()))


def _use_pasted() -> None:
    text = st.session_state["pasted"]
    if text.strip():
        st.session_state["pasted"] = ""
        take_input(File(PASTED, text.strip("\r\n").encode(errors="replace")))


def _use_typed(field: str, max_chars: int) -> None:
    put_notice(INPUT_NOTICE, None)
    visible_range.reset_range()
    text = state.text_of(field)
    if len(text) > max_chars:
        state.restore_defaults(field)
        take_input(File(_LONG_TEXT, text.encode(errors="replace")))
