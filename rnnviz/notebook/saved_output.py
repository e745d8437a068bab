"""The player as HTML of an output: a picture, and a script that puts the player in its place."""

from __future__ import annotations

import base64
from html import escape

from rnnviz.figures.panels import figure
from rnnviz.figures.plotly_json import plotly_script
from rnnviz.figures.static_svg import static_svg
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.notebook.player_page import PLOTLY, Shown, compact, frame_page, notebook_text
from rnnviz.notebook.plotly_source import packed
from rnnviz.ui.player.page_model import heatmap_panels

_WIDTH = 860


def saved_output(shown: Shown, name: str) -> str:
    """HTML that shows the picture, on paper and where no script may run, and else the player.

    It needs neither a kernel nor a network. By its name the widget's model finds it.
    """
    page = base64.b64encode(packed(whole_page(shown))).decode()
    script = compact(notebook_text("frame_around.js") + notebook_text("saved_output.js"))
    script = script.replace("NAME", name).replace("PAGE", page)
    return (
        f'<div data-rnnviz="{name}">{_picture(shown)}</div><script>(() => {{{script}}})()</script>'
    )


def whole_page(shown: Shown) -> str:
    """The page as a file of its own, with Plotly."""
    return frame_page(shown).replace(PLOTLY, plotly_script())


def _picture(shown: Shown) -> str:
    look = Look(shown.language, bool(shown.dark))
    drawn = static_svg(figure(heatmap_panels(shown.view), look), width=_WIDTH)
    source = base64.b64encode(drawn.encode()).decode()
    said = escape(word("notebook.picture", shown.language, source=shown.trace.source))
    fitting = f'width="{_WIDTH}" style="max-width: 100%; height: auto"'
    return f'<img alt="{said}" {fitting} src="data:image/svg+xml;base64,{source}">'
