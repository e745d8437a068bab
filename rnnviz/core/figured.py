"""Results that draw themselves: each names the file of `rnnviz.figures` that knows how."""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar


class Figured:
    """Result with a figure.

    drawing  the file in `rnnviz/figures/` whose `figure(view, look)` draws it. It is named, not
             imported: Plotly is loaded when a figure is asked for.
    """

    drawing: ClassVar[str]

    def figure(self, *, language: str = "en", dark: bool = False, **options: Any) -> Any:
        """A `plotly.graph_objects.Figure`, in English ("en") or Chinese ("zh").

        dark     whether it stands on a dark page.
        options  of the drawing, as `height`, in pixels.
        """
        drawn = import_module("rnnviz.figures.drawn")
        return drawn.drawn(self, self.drawing, language, dark, **options)
