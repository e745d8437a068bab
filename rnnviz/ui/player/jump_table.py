"""Table whose rows jump to a step, signal and unit of the heatmaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack


def jump_table(
    rows: Iterable[Mapping[str, Any]],
    *,
    key: str,
    playhead: str,
    caption: str,
    columns: Iterable[str],
) -> None:
    """Table of a playhead's group, a button in the first cell of every row.

    rows   with `cells`, the `colour` of the first, and the target `step`, `signal` and `unit`;
           the unit is None for a row that is no unit.
    """
    header = {
        "playhead": playhead,
        "caption": caption,
        "columns": list(columns),
        "rows": list(rows),
    }
    component("jump_table")(data=pack(header), key=key)
