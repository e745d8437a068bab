"""Marks of the player's step over any chart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.i18n import word
from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack
from rnnviz.ui.understand.step_mark import StepMark


def marked_chart(
    marks: Iterable[StepMark], *, key: str, chart: str, playhead: str, language: str
) -> None:
    """Marks over the chart in the container keyed `chart`, of the step of a playhead.

    A click in the chart moves the playhead to the step that stands there; with the chart in focus
    the arrows up and down turn through the units.
    """
    header = {
        "playhead": playhead,
        "chart": chart,
        "marks": [_spec(mark) for mark in marks],
        "words": {"keys": word("marks.keys", language)},
    }
    component("marked_chart")(data=pack(header), key=key)


def _spec(mark: StepMark) -> dict[str, Any]:
    return {
        "x": _places(mark.x),
        "y": _places(mark.y),
        "axes": mark.axes,
        "radius": mark.radius,
    }


def _places(places: Array | None) -> list[float | None] | None:
    if places is None:
        return None
    real = np.isfinite(places).tolist()
    return [one if is_real else None for one, is_real in zip(places.tolist(), real, strict=True)]
