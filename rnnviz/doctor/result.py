"""Two models compared: where they part, how the difference grows, and its proved causes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnviz.core.arrays import Array
from rnnviz.core.checks import is_whole_number, shown
from rnnviz.core.html_table import html_lines
from rnnviz.core.libraries import optional_library
from rnnviz.doctor.findings import Cause, ModelPlace
from rnnviz.doctor.parting import Parting
from rnnviz.errors import InputError


@dataclass(frozen=True)
class OtherWeight:
    """A weight that differs beyond rounding: its layer, its name, and its largest |Δ|."""

    place: ModelPlace
    name: str
    largest: float


@dataclass(frozen=True, eq=False)
class ModelDiff:
    """Result of `rnnviz.diff`; `print` shows it in sentences.

    names    of the two models.
    places   of the layers.
    tokens   one a step, of the row of the batch in which the models part first.
    parting  the first number that differs beyond rounding; None where none does.
    causes   that were undone, after which the difference was gone; () where none was proved.
    left     largest |Δ| once they are undone; None where no cause was proved.
    unfelt   differences between the models that change nothing on this sequence.
    others   weights that differ, the largest |Δ| first.
    deltas   largest |Δ| (time,) over units and rows, by the layer's number and the signal.
    assumed  assumptions made without evidence when the models were opened, (name, clause) each.
    """

    names: tuple[str, str]
    places: tuple[ModelPlace, ...]
    tokens: tuple[str, ...]
    parting: Parting | None
    causes: tuple[Cause, ...]
    left: float | None
    unfelt: tuple[Cause, ...]
    others: tuple[OtherWeight, ...]
    deltas: Mapping[tuple[int, str], Array]
    assumed: tuple[tuple[str, Any], ...] = ()

    @property
    def is_same(self) -> bool:
        """True where no number of the two runs differs beyond rounding."""
        return self.parting is None

    @property
    def cause(self) -> str:
        """Names of the proved causes, "gate_order" or "bias_lost, float16"; "" for none."""
        return ", ".join(dict.fromkeys(cause.finding.name for cause in self.causes))

    @property
    def largest(self) -> float:
        """Largest |Δ| of all signals of all layers."""
        return max((float(array.max(initial=0.0)) for array in self.deltas.values()), default=0.0)

    def growth(self, layer: int) -> Array:
        """Largest |Δ| of a layer's hidden states at every step, (time,).

        layer  its number in `places`. Raises InputError for one that there is not.
        """
        if not is_whole_number(layer) or not 0 <= layer < len(self.places):
            raise InputError(
                "layer should be a whole number from 0 to {last}, but {came} came.",
                last=len(self.places) - 1,
                came=shown(layer),
            )
        return self.deltas[layer, "hidden"]

    def text(self, language: str = "en") -> str:
        """Everything in sentences, a paragraph each, in English or Chinese."""
        from rnnviz.doctor.told import told

        return "\n".join(told(self, language))

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        verdict = "the same to rounding" if self.is_same else self.cause or "no cause proved"
        return f"<ModelDiff {self.names[0]} and {self.names[1]}: {verdict}>"

    def _repr_html_(self) -> str:
        """The sentences as HTML; all text is escaped, for a file may be hostile."""
        from rnnviz.doctor.told import told

        return html_lines(told(self))

    def figure(self, language: str = "en", dark: bool = False) -> Any:
        """The growth of the difference as a `plotly.graph_objects.Figure`, a line a layer."""
        from rnnviz.doctor.curves import growth_curves
        from rnnviz.figures.notebook import parting

        return parting(growth_curves(self, language), language=language, dark=dark)

    def to_frame(self) -> Any:
        """A pandas table: a row for each layer, signal and step, with the largest |Δ| there."""
        pandas = optional_library("pandas")
        rows = [
            {
                "layer": layer,
                "place": self.places[layer].text(),
                "signal": signal,
                "time": time,
                "delta": delta,
            }
            for (layer, signal), array in self.deltas.items()
            for time, delta in enumerate(array.tolist())
        ]
        return pandas.DataFrame(rows)
