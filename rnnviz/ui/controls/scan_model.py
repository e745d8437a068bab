"""The model that was scanned: whether it is the one that is open, and the way to it."""

from __future__ import annotations

import streamlit as st

from rnnviz.train.presets import preset
from rnnviz.ui import scan_results, state
from rnnviz.ui.choices import UNTRAINED
from rnnviz.ui.controls.model_file import choose_model, settled_model
from rnnviz.ui.controls.model_switch import model_title
from rnnviz.ui.controls.widgets import text_button
from rnnviz.ui.scan_results import ScanChoice, scan_of
from rnnviz.ui.selections import OpenedModel
from rnnviz.ui.text import escape_markdown, t

_SHOWN = 8


def scanned_model(choice: ScanChoice, key: str) -> OpenedModel | None:
    """The open model where it was scanned; None after naming both models and the way to open it.

    key  of the sentence that says what it would be opened for.
    """
    model = None if state.chosen_model() == UNTRAINED else settled_model()
    if model is not None and scan_results.is_of_model(choice, model):
        return model
    about = scan_of(choice).about
    wanted = _named(about.title, about.model)
    digest = "" if model is None else scan_results.digest_of(model)
    st.info(t(key, open=_named(model_title(state.chosen_model()), digest), model=wanted))
    _way(about.model)
    return None


def _named(title: str, digest: str) -> str:
    """Title of a model with the beginning of its digest, which tells models of one title apart."""
    return escape_markdown(f"“{title}”" + (f" ({digest[:_SHOWN]})" if digest else ""))


def _way(digest: str) -> None:
    """A button for a model that comes with the app; for any other, where a file is opened."""
    shipped = scan_results.shipped_models().get(digest)
    if shipped is None:
        st.caption(t("corpus.model.file"))
        return
    title = preset(shipped).title[state.language()]
    label = t("corpus.model.open", name=escape_markdown(title))
    icon = ":material/psychology:"
    text_button(label, "open_scanned", choose_model, f"preset:{shipped}", icon=icon)
