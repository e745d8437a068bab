"""What a layer normalisation makes of a gate's products, as numbers that a sum can show."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.cells.lstm_layer_norm import moments
from rnnviz.core.arrays import Array
from rnnviz.network.layer import Layer


@dataclass(frozen=True)
class Norm:
    """One unit's part of a layer normalisation: `gain · (product − mean) + shift`.

    gain   γ / s: the unit's gain over the spread of all products.
    mean   μ of all products.
    shift  β, None where the layer has none.
    """

    gain: float
    mean: float
    shift: float | None


def norm(own: Layer, gate: str, role: str, read: Array, unit: int) -> Norm | None:
    """How `gate.role` (`x` or `h`) times `read` is normalised; None in a cell that does not.

    read  what the product is of, (feature,) or (hidden,). Ba et al. (2016), eq. 20.
    """
    if f"{gate}.g{role}" not in own.weights:
        return None
    products = {g.name: own.weights[f"{g.name}.{role}"] @ read for g in own.kind.gates}
    mean, spread = moments(products)
    gain = float(own.weights[f"{gate}.g{role}"][unit]) / float(spread[0])
    shift = own.weights.get(f"{gate}.s{role}")
    return Norm(gain, float(mean[0]), None if shift is None else float(shift[unit]))
