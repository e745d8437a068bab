"""The player as a widget of Jupyter, VS Code, Colab and marimo."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import anywidget
import traitlets

from rnnviz.analysis.cursor import check_index, check_signal
from rnnviz.core.writing import write_whole
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.notebook.player_page import PLOTLY, Shown, compact, frame_page, notebook_text
from rnnviz.notebook.plotly_source import packed, packed_plotly, plotly_source
from rnnviz.notebook.saved_output import saved_output, whole_page
from rnnviz.ui.player.arithmetic import arithmetic_packet, covered_steps
from rnnviz.ui.player.page_model import GROUP


class Player(anywidget.AnyWidget):
    """The player of a trace; what is picked in it is read and set here.

    step    at which it stands, counted from 0 in the trace.
    unit    that is picked.
    signal  that is picked: "forget", "cell", …

    A cell with `player.step` shows where it stands, `player.step = 3` moves it, and
    `player.observe(f, ["step", "unit"])` calls `f` when it moves.
    """

    _esm = compact(notebook_text("frame_around.js") + notebook_text("widget.js"))
    name = traitlets.Unicode().tag(sync=True)
    page = traitlets.Bytes().tag(sync=True)
    plotly = traitlets.Dict().tag(sync=True)
    arithmetic = traitlets.Bytes().tag(sync=True)
    step = traitlets.Int().tag(sync=True)
    unit = traitlets.Int().tag(sync=True)
    signal = traitlets.Unicode().tag(sync=True)

    def __init__(self, shown: Shown) -> None:
        source, missing = plotly_source(), word("notebook.missing", shown.language)
        self._shown = shown
        super().__init__(
            name=f"rnnviz-{uuid4().hex}",
            page=packed(frame_page(shown)),
            plotly={**source._asdict(), "place": PLOTLY, "missing": missing},
            step=shown.start + shown.step,
            **shown.picked,
        )
        self.on_msg(self._send_plotly)
        if not shown.computes and shown.trace.model is not None:
            self.observe(self._tell, ["step", "unit", "signal"])
            self._tell()

    def html(self) -> str:
        """The player as an HTML page of its own, which needs neither Python nor a network."""
        return whole_page(self._shown)

    def save(self, path: str | Path) -> None:
        """Write `html()` to a file. Raises RnnvizError for a path that cannot be written."""
        write_whole(Path(path), self.html().encode("utf-8", "replace"))

    def _send_plotly(self, _widget: Any, asked: Any, _buffers: Any) -> None:
        if isinstance(asked, dict) and asked.get("rnnviz") == "plotly":
            self.send({"rnnviz": "plotly"}, [packed_plotly()])

    def _tell(self, _change: Any = None) -> None:
        """Make the arithmetic of the picked number; of a long run the steps around this one."""
        shown, place = self._shown, (self.signal, self.unit)
        model, trace, layer = shown.trace.model, shown.trace, shown.layer
        assert model is not None
        steps = covered_steps(model, trace, layer, self.step - shown.start)
        wanted = (*place, steps)
        values = trace.layers[layer].signals.get(self.signal)
        if wanted == getattr(self, "_told", None) or values is None:
            return
        self._told = wanted
        if self.unit < values.shape[2]:
            self.arithmetic = arithmetic_packet(
                model,
                trace,
                steps,
                layer=layer,
                signal=self.signal,
                unit=self.unit,
                name="",
                playhead=GROUP,
                look=Look(shown.language, bool(shown.dark)),
            )

    @traitlets.validate("step")
    def _check_step(self, proposal: Any) -> int:
        shown = self._shown
        check_index("time", proposal["value"], shown.trace.sequence.n_steps, shown.start)
        return int(proposal["value"])

    @traitlets.validate("unit")
    def _check_unit(self, proposal: Any) -> int:
        check_index("unit", proposal["value"], self._shown.trace.layers[self._shown.layer].n_units)
        return int(proposal["value"])

    @traitlets.validate("signal")
    def _check_signal(self, proposal: Any) -> str:
        known = [panel.signal.name for panel in self._shown.view.panels.panels]
        check_signal(proposal["value"], known)
        return str(proposal["value"])

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The player as HTML, which a saved notebook keeps, and the view where only that is live.

        JupyterLab prefers a view, and has nothing but an error in its place without a kernel. There
        the frame of the HTML speaks with the widget's model all the same: they share a window.
        """
        bundle = super()._repr_mimebundle_(**options)
        if bundle is None:
            return None
        data, metadata = bundle
        kept = data if _needs_view() else {"text/plain": data["text/plain"]}
        return {**kept, "text/html": saved_output(self._shown, self.name)}, metadata


def _needs_view() -> bool:
    """True in Colab and VS Code, which make a widget's model only for its view.

    Without a kernel VS Code falls back to HTML. A Jupyter server that was started in a terminal of
    VS Code has its variables, too, and names the notebook.
    """
    is_vscode = any(name.startswith("VSCODE_") for name in os.environ)
    return "google.colab" in sys.modules or (is_vscode and "JPY_SESSION_NAME" not in os.environ)
