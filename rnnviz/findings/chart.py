"""Numbers of a finding as bars, dots or lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library


@dataclass(frozen=True, eq=False)
class FindingChart(Figured):
    """Bars or dots over names, or lines over numbers; every word is a key of the app's words.

    x        of all series: names, drawn as bars, or numbers, drawn as lines.
    series   numbers of equal length by name; one alone needs no legend.
    x_title  "" for none.
    is_log   whether the numbers stand on a logarithmic axis, where names have dots: a bar would be
             as high as its axis is cut.
    chance   a dotted line across, such as of chance; none by default.
    """

    drawing: ClassVar[str] = "finding_chart"
    x: tuple[str, ...] | Array
    series: Mapping[str, Array]
    y_title: str
    x_title: str = ""
    is_log: bool = False
    chance: float | None = None

    @property
    def has_names(self) -> bool:
        """True for bars and dots."""
        return not isinstance(self.x, np.ndarray)

    def to_frame(self) -> Any:
        """A pandas table, a row for each place on the x axis."""
        return optional_library("pandas").DataFrame({"x": list(self.x), **self.series})
