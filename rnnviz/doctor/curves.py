"""The growth of a difference as curves, named in a language."""

from __future__ import annotations

from rnnviz.doctor.result import ModelDiff
from rnnviz.figures.growth import GrowthCurves
from rnnviz.formatting import token_label


def growth_curves(found: ModelDiff, language: str = "en") -> GrowthCurves:
    """Largest |Δ| of every layer's hidden states at every step."""
    return GrowthCurves(
        tuple(place.text(language) for place in found.places),
        tuple(found.growth(layer) for layer in range(len(found.places))),
        tuple(map(token_label, found.tokens)),
        None if found.parting is None else found.parting.step,
    )
