"""Results of a whole class: pasted links and files, one table."""

from __future__ import annotations

import streamlit as st

from rnnviz.errors import RnnvizError
from rnnviz.lessons.class_results import MAX_PASTED, class_table, pasted_answers
from rnnviz.lessons.learner_answers import LearnerAnswers, answers_of_csv, table_csv
from rnnviz.ui import state
from rnnviz.ui.text import error_text, t

_MAX_FILES, _MAX_MEGABYTES = 300, 2


def collected_results() -> None:
    """A fold in which a teacher collects the results of a class."""
    fold = st.expander(
        t("results.collect"), icon=":material/groups:", key="collected_results", on_change="rerun"
    )
    if not fold.open:
        return
    with fold:
        st.markdown(t("results.collect_about"))
        pasted = st.text_area(t("results.links"), key="pasted_results", max_chars=MAX_PASTED)
        uploaded = st.file_uploader(
            t("results.files"),
            type="csv",
            accept_multiple_files=True,
            key="uploaded_results",
            max_upload_size=_MAX_MEGABYTES,
        )
        everyone, wrong = pasted_answers(pasted)
        for file in uploaded[:_MAX_FILES]:
            everyone += _from_file(file.getvalue())
        for error in wrong[:5]:
            st.warning(error_text(error), icon=":material/error:")
        if everyone:
            _show(everyone)


def _from_file(data: bytes) -> list[LearnerAnswers]:
    try:
        return answers_of_csv(data.decode("utf-8-sig", errors="replace"))
    except RnnvizError as error:
        st.warning(error_text(error), icon=":material/error:")
        return []


def _show(everyone: list[LearnerAnswers]) -> None:
    table = class_table(everyone, state.language())
    st.caption(t("results.count", count=len(everyone)))
    st.dataframe(table, hide_index=True)
    st.download_button(
        t("results.csv"),
        data=lambda: table_csv(table),
        file_name="rnnviz-class.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
