"""Numbers as shades of a colour scale: a byte a cell."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.panels import Panel
from rnnviz.core.arrays import Array

# 255 would be "////" in base64, which JSON for a page writes with six letters each.
SHADES = 254


def shades(panel: Panel) -> Array | None:
    """Its values (unit, time) as whole numbers, 0 at `low` to SHADES at `high`.

    None where one of them is no number, which a shade cannot say.
    """
    if not np.isfinite(panel.values).all():
        return None
    scaled = (panel.values - panel.low) * (SHADES / (panel.high - panel.low))
    return np.clip(np.rint(scaled), 0, SHADES).astype(np.uint8)


def ends(panel: Panel) -> list[float]:
    """The numbers that a panel's colour scale names."""
    return [panel.low, panel.high] if panel.low == 0 else [panel.low, 0, panel.high]


def marks(panel: Panel) -> list[float]:
    """The same, in shades."""
    return [SHADES * (end - panel.low) / (panel.high - panel.low) for end in ends(panel)]
