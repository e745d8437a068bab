"""Gates of a layer with the shares of steps at which each unit is nearly 0 and nearly 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from rnnviz.analysis.saturation import Saturation
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library


@dataclass(frozen=True, eq=False)
class SaturatedUnits(Figured):
    """Saturation of every unit of some gates, by the gate's name."""

    drawing: ClassVar[str] = "saturated_units"
    gates: Mapping[str, Saturation]

    def to_frame(self) -> Any:
        """A pandas table, a row for each unit of each gate: `gate`, `unit`, `closed`, `open`."""
        rows = [
            {"gate": gate, "unit": unit, "closed": closed, "open": opened}
            for gate, one in self.gates.items()
            for unit, (closed, opened) in enumerate(zip(one.closed, one.open, strict=True))
        ]
        return optional_library("pandas").DataFrame(rows)
