"""Fit of two models: what differs in their layers, and both models with that undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import permutations

from rnnviz.doctor.findings import Cause, Finding, ModelPlace, places_of
from rnnviz.doctor.layer_fit import LayerPair, fit_layers
from rnnviz.doctor.settings import SETTINGS, with_settings_of
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model

_MOST_SWAPPED = 6  # layers, of which there are 720 orders
ALL_SETTINGS = frozenset(SETTINGS)


@dataclass(frozen=True, eq=False)
class ModelFit:
    """Fit of two models of one shape, whose layers are the same once all findings are undone.

    layers  of both, everything but their settings undone, in the order of the first model.
    swaps   findings about layers that have changed places.
    """

    one: Model
    other: Model
    layers: tuple[LayerPair, ...]
    swaps: tuple[Cause, ...]

    @cached_property
    def causes(self) -> tuple[Cause, ...]:
        """All that differs, the same finding in several layers once."""
        places: dict[Finding, list[ModelPlace]] = {}
        for fit, place in zip(self.layers, places_of(self.one), strict=True):
            for finding in fit.findings:
                places.setdefault(finding, []).append(place)
        found = (Cause(finding, tuple(where)) for finding, where in places.items())
        return (*self.swaps, *found)

    def undone(self, settings: frozenset[str] = ALL_SETTINGS) -> tuple[Model, Model]:
        """Both models with everything undone; of the settings, only those named."""
        mine = tuple(fit.one for fit in self.layers)
        theirs = tuple(with_settings_of(fit.other, fit.one, settings) for fit in self.layers)
        return recurrent_model(self.one, mine), recurrent_model(self.other, theirs)


def recurrent_model(model: Model, layers: Sequence[Layer]) -> Model:
    """The recurrent layers of a model alone: no embedding and no readout."""
    return Model(tuple(layers), source=model.source, is_trained=model.is_trained)


def fit_models(one: Model, other: Model) -> ModelFit | None:
    """The fit of two models; None where no known cause explains all that differs."""
    table = _Table(one.layers, other.layers)
    places = list(range(len(one.layers)))
    wrong = [i for i in places if table.fit(i, i) is None]
    if len(wrong) > _MOST_SWAPPED:
        return None
    for order in sorted(permutations(wrong), key=lambda order: _n_moved(order, wrong)):
        source = dict(zip(wrong, order, strict=True))
        fits = [table.fit(i, source.get(i, i)) for i in places]
        if all(fit is not None for fit in fits):
            kept = tuple(fit for fit in fits if fit is not None)
            return ModelFit(one, other, kept, tuple(_swaps(one, source)))
    return None


def _n_moved(order: Sequence[int], wrong: Sequence[int]) -> int:
    return sum(a != b for a, b in zip(order, wrong, strict=True))


@dataclass(frozen=True, eq=False)
class _Table:
    """Fits of the one's layers with the weights of the other's, made when they are asked for."""

    one: Sequence[Layer]
    other: Sequence[Layer]

    @cached_property
    def _made(self) -> dict[tuple[int, int], LayerPair | None]:
        return {}

    def fit(self, place: int, source: int) -> LayerPair | None:
        """Fit of a layer with the weights of another layer and the settings of its own place."""
        if (place, source) not in self._made:
            here, there = self.other[place], self.other[source]
            same_shape = here.cell_name == there.cell_name and here.sizes == there.sizes
            moved = replace(here, weights=there.weights) if same_shape else None
            self._made[place, source] = fit_layers(self.one[place], moved) if moved else None
        return self._made[place, source]


def _swaps(model: Model, source: Mapping[int, int]) -> Iterator[Cause]:
    moved = {place: other for place, other in source.items() if place != other}
    if not moved:
        return
    places = places_of(model)
    is_level = all(places[a].level == places[b].level for a, b in moved.items())
    name = "directions_swapped" if is_level else "layers_swapped"
    yield Cause(Finding(name), tuple(places[place] for place in moved))
