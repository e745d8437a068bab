"""A small mark on the other pages while this session's training runs."""

from __future__ import annotations

import streamlit as st

from rnnviz.ui import shell
from rnnviz.ui.own_training import own_training
from rnnviz.ui.text import t


def training_mark() -> None:
    """The way back to the session's training, with how far it is; nothing when none runs."""
    job = own_training()
    if job is not None and job.is_alive:
        st.fragment(_mark, run_every=2.0)()


def _mark() -> None:
    job = own_training()
    if job is None:
        return
    done, total = job.progress
    share = f"{done / total:.0%}"
    label = t("train.mark", share=share) if job.is_alive else t("train.mark.done")
    with st.container(key="training_mark"):
        st.page_link(shell.page_file("train"), label=label, icon=":material/model_training:")
