"""Differences between two models, the layers they are in, and the causes they turn out to be."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.i18n import word
from rnnviz.network.model import Model


@dataclass(frozen=True)
class Finding:
    """One difference that can be undone: its name, and what fills the gaps of its sentence.

    name   "gate_order", "reset", "bias_lost", "bias_doubled", "biases_merged", "biases_swapped",
           "forget_bias", "peepholes_lost", "update_inverted", "transposed", "int8", "float16",
           "bfloat16", "activation", "clip", "direction", "initial", "layers_swapped" or
           "directions_swapped".
    facts  (name, value) each, the same in every language; "faulty" is "one" or "other".
    """

    name: str
    facts: tuple[tuple[str, str], ...] = ()

    def fact(self, name: str) -> str:
        """The fact of a name; "" where there is none."""
        return dict(self.facts).get(name, "")


@dataclass(frozen=True)
class ModelPlace:
    """A layer, or what lies around the layers.

    kind       "layer", "inputs", "embedding" or "readout".
    is_paired  whether another layer of its level reads in the other direction.
    """

    kind: str
    level: int = 0
    direction: str = "forward"
    is_paired: bool = False

    def text(self, language: str = "en") -> str:
        """Its name in a sentence.

        >>> ModelPlace("layer", 1, "backward").text()
        'layer 2, backward'
        """
        if self.kind != "layer":
            return word(f"doctor.place.{self.kind}", language)
        if self.direction == "forward" and not self.is_paired:
            return word("layer.number", language, number=self.level + 1)
        return word(f"doctor.place.{self.direction}", language, number=self.level + 1)


def places_of(model: Model) -> tuple[ModelPlace, ...]:
    """The layers of a model as places."""
    return tuple(
        ModelPlace("layer", layer.level, layer.direction, len(model.levels[layer.level]) > 1)
        for layer in model.layers
    )


@dataclass(frozen=True)
class Cause:
    """A finding and the layers that it is about, numbered as in the first model."""

    finding: Finding
    places: tuple[ModelPlace, ...]
