"""The shell of every page: the header with the language switch, the style, the error handler."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from functools import cache
from math import ceil
from pathlib import Path

import streamlit as st

from rnnviz.errors import RnnvizError
from rnnviz.figures.notes import label_width
from rnnviz.figures.theme import Look, colours
from rnnviz.i18n import LANGUAGES
from rnnviz.ui import brand, places, state
from rnnviz.ui.player.page_history import page_history
from rnnviz.ui.player.player import overlay_css
from rnnviz.ui.refusals import UNEXPECTED, count_refusal
from rnnviz.ui.session_end import watch_session
from rnnviz.ui.text import error_text, t

# 中文 in ASCII: for other letters Streamlit loads a catalogue of emojis, which takes 5 MB.
_NAMES = {"en": "EN", "zh": "&#20013;&#25991;"}
# Size of text on a projector, times that on a screen.
_PROJECTED = 1.6
# The same on a slide, and the height of its figure, for a window of so many lines.
_IN_CLASS = 1.8
_LINES = 720
_FIGURE = 0.73
# A line of its caption, as a share of the window, and what it holds, in pixels of the usual size.
_CAPTION_LINE = 0.034
_CAPTION_WIDTH = 360
_LINES_KEY = "slide_lines"
_LOG = logging.getLogger(__name__)


def page_file(name: str) -> Path:
    """The file of a page."""
    return Path(__file__).parent / "pages" / f"{name}.py"


def page_button(name: str, label: str, icon: str, *, key: str, **choices: object) -> None:
    """A button to another page with these choices and uploads; all else there is at its default."""
    if st.button(label, icon=icon, key=key, type="tertiary"):
        places.bring(**choices)
        st.switch_page(page_file(name))


def is_dark() -> bool:
    """True when the page is shown on a dark ground."""
    return bool(st.context.theme.type == "dark")


def look(caption: str = "") -> Look:
    """Look of the page's figures: its language, whether it is dark, and the size of its text.

    caption  under the figure; on a slide, a long one leaves less room for it.
    """
    if is_class():
        share = slide_lines() / _LINES
        height = round((_FIGURE - _CAPTION_LINE * _lines_over(caption)) * slide_lines())
        return Look(state.language(), is_dark(), _IN_CLASS * share, height)
    return Look(state.language(), is_dark(), _PROJECTED if is_projected() else 1.0)


def _lines_over(caption: str) -> int:
    """Lines of a caption on a slide beyond the three that have room."""
    return max(0, ceil(label_width(caption) / _CAPTION_WIDTH) - 3)


def is_projected() -> bool:
    """True where a picture on Read is to be read from the last row of a room."""
    return bool(state.get("projector") and not places.page_path().endswith("/learn"))


def is_class() -> bool:
    """True where a lesson is shown as slides."""
    return bool(places.page_path().endswith("/learn") and state.get("class"))


def slide_lines() -> int:
    """Height that a slide is drawn for, in pixels."""
    return int(st.session_state.get(_LINES_KEY, _LINES))


def set_slide_lines(wanted: object) -> None:
    """Draw slides for a window of this height, in pixels; anything else leaves it as it is."""
    if isinstance(wanted, int | float) and 0 < wanted < 10 * _LINES:
        st.session_state[_LINES_KEY] = max(_LINES // 2, round(wanted))


def is_embedded() -> bool:
    """True within a frame of another page (`?embed=true`), which shows the content alone."""
    return bool(st.context.is_embedded)


def page_header() -> None:
    """The style of the page, and the switch of its language where it stands by itself."""
    _freeze_once()
    watch_session()
    st.html(f"<style>{_style()}{_variables(look())}</style>")
    page_history()
    if not is_embedded():
        _logo_and_language()
    state.settle_language()


def _logo_and_language() -> None:
    brand.show_logo("logo-dark.svg" if is_dark() else "logo.svg")
    with st.container(key="language"):
        st.segmented_control(
            t("language"),
            LANGUAGES,
            format_func=_NAMES.__getitem__,
            default=state.language(),
            required=True,
            key=state.widget_key("lang"),
            label_visibility="collapsed",
        )


def slide_css() -> str:
    """The style of a slide: large type, and nothing around it."""
    return Path(__file__).with_name("class.css").read_text("utf-8")


def show_errors(run: Callable[[], None]) -> None:
    """Run a page; an error becomes one sentence, never a traceback."""
    try:
        run()
    except RnnvizError as error:
        st.error(error_text(error), icon=":material/error:")
    except Exception:
        _LOG.exception("A page failed")
        count_refusal(UNEXPECTED)
        st.error(t("error.unexpected"), icon=":material/error:")


@cache
def _freeze_once() -> None:
    # What was imported need not be looked at again when garbage is collected.
    # To collect it first would find some forty objects and keep the first picture waiting.
    gc.freeze()


@cache
def _style() -> str:
    files = (Path(__file__).with_name(name) for name in ("style.css", "print.css"))
    return "".join(file.read_text("utf-8") for file in files) + overlay_css()


def _table_scale(look: Look) -> float:
    """Size of text in tables of numbers, where that in figures has `look.scale`."""
    return look.scale / 1.2 if is_class() else look.scale


def _variables(look: Look) -> str:
    chosen = {**colours(look.dark), "type": _table_scale(look)}
    named = "".join(f"--rnnviz-{name}:{value};" for name, value in chosen.items())
    return f":root{{{named}}}"
