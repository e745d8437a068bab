"""Networks of other cells, which the page draws itself as soon as one of them is chosen."""

from __future__ import annotations

import gzip
import json
import string
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from rnnviz.analysis.unit_order import MANY_UNITS
from rnnviz.cells import CELLS
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.figures.axes import MOST_NAMED
from rnnviz.figures.heatmap import MOST_LETTERED
from rnnviz.figures.theme import Look
from rnnviz.inputs.parse import parse
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model
from rnnviz.ui.player.component import component
from rnnviz.ui.player.drawn_weights import drawn_spec
from rnnviz.ui.player.live_network import MAX_DRAWN_WEIGHTS
from rnnviz.ui.player.page_model import GROUP, PageView, layer_panels, page_figure, page_model

# The page gives a template the network's own units and inputs.
_TEXT, _UNITS = "ab", 2


def live_cells(cells: Sequence[str], look: Look, *, key: str) -> None:
    """What the page needs to show a random network of these cells before the server does."""
    component("live_cells")(data=cells_packet(tuple(cells), look), key=key)


@cache
def cells_packet(cells: tuple[str, ...], look: Look) -> bytes:
    """Header of a page and how weights are drawn, by cell: JSON, compressed by gzip.

    The same for every reader, so that a browser gets it once.
    """
    header = {
        "playhead": GROUP,
        "mostDrawn": MAX_DRAWN_WEIGHTS,
        "mostUnits": MANY_UNITS - 1,
        "mostLettered": MOST_LETTERED,
        "cells": {cell: _templates(cell, look) for cell in cells},
    }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


def _templates(cell: str, look: Look) -> dict[str, Any]:
    """By activation of the gate that has a choice, "" for the cell's own."""
    _, *others = next(iter(CELLS[cell].activations.values()), ("",))
    return {one: _template(cell, one, look) for one in ("", *others)}


def _template(cell: str, activation: str, look: Look) -> dict[str, Any]:
    model, run, view = _read(cell, activation, _TEXT)
    made = page_model(model, run, view, {"light": look})
    assert made is not None
    texts = _texts() if model.readout else ()
    return {
        "header": made[0],
        "drawn": drawn_spec(model, 0, "pytorch"),
        "figures": [page_figure(_read(cell, activation, text)[2], look) for text in texts],
    }


def _texts() -> Iterator[str]:
    """Texts whose panels of outputs differ in height; the last stands for all longer ones."""
    return (string.ascii_letters[:count] for count in range(1, MOST_NAMED + 2))


def _read(cell: str, activation: str, text: str) -> tuple[Model, Trace, PageView]:
    """A small network of the cell, its run on a text, and the view of it."""
    read = parse(text, kind="characters")
    model = random_model(cell, read.n_features, _UNITS, activation=activation)
    run = trace(model, read)
    every, shown = layer_panels(run)
    return model, run, PageView(0, every, shown, None, None, ())
