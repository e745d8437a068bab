"""A run as one HTML file that needs no network and no Python: it reads what is typed there."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping
from typing import Any

from rnnviz.core.arrays import Array
from rnnviz.figures.plotly_json import plotly_script
from rnnviz.figures.theme import FONT, colour
from rnnviz.ui.player.component import file_text
from rnnviz.ui.player.packet import script_json
from rnnviz.ui.player.read_page import page_script, page_words, read_page_css, read_page_html


def standalone_page(
    header: Mapping[str, Any], numbers: Array | None, *, title: str, language: str, dark: bool
) -> str:
    """HTML text with Plotly, the page's script, and a model or a picture.

    header and numbers  those of `page_model`, or `given_picture` and None.
    """
    return file_text("standalone_page.html").format(
        lang=language,
        title=html.escape(title),
        variables=page_variables(dark) + page_font(language),
        css=read_page_css(),
        body=read_page_html(),
        plotly=plotly_script(),
        script=page_script(),
        header=script_json(header),
        numbers=script_json("" if numbers is None else _base64(numbers.astype("<f8").tobytes())),
        words=script_json(page_words(language)),
        dark=script_json(dark),
    )


def given_picture(figure: Any, player: bytes, diagram: bytes | None) -> dict[str, Any]:
    """A picture that a page shows as it is: its Plotly figure and the packets of its parts."""
    return {
        "figure": figure.to_dict(),
        "player": _base64(player),
        "diagram": None if diagram is None else _base64(diagram),
    }


def _base64(packet: bytes) -> str:
    return base64.b64encode(packet).decode()


# Quotes and dots of a Chinese font are as wide as its characters.
_LATIN = (
    'Inter, "Source Sans 3", "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial,'
    ' "Noto Sans", "DejaVu Sans"'
)


def page_font(language: str) -> str:
    """The CSS variable of the font: Latin ones stand first on a page that is not Chinese."""
    return f"--st-font: {FONT if language == 'zh' else f'{_LATIN}, {FONT}'};"


def page_variables(dark: bool) -> str:
    """CSS variables that the style sheets of this folder read, without the font."""
    values = {
        "rnnviz-ink": colour("ink", dark),
        "rnnviz-paper": colour("paper", dark),
        "rnnviz-soft": colour("soft", dark),
        "st-text-color": colour("ink", dark),
        "st-background-color": colour("paper", dark),
        "st-secondary-background-color": colour("line", dark),
        "st-border-color": colour("line", dark),
        "st-primary-color": colour("accent", dark),
        "st-code-font": "ui-monospace, monospace",
    }
    return " ".join(f"--{name}: {value};" for name, value in values.items())
