"""Ways of naming arrays beside PyTorch's, Keras' and our own ▶ recurrent modules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from rnnviz.core.arrays import Array, Shapes
from rnnviz.readers.conventions.by_hand import by_hand_layers
from rnnviz.readers.conventions.jax import jax_layers
from rnnviz.readers.conventions.leaves import LeafGroup, leaf_groups
from rnnviz.readers.conventions.stacked import stacked_layers
from rnnviz.readers.conventions.tensorflow1 import gluon_layers, tensorflow_layers
from rnnviz.readers.recurrent import RecurrentModule
from rnnviz.readers.result import Answers
from rnnviz.readers.slots import Orientation
from rnnviz.readers.slotted import SlottedLayer, fit_places, slotted_module

_RULES = (jax_layers, tensorflow_layers, gluon_layers, by_hand_layers, stacked_layers)


def convention_modules(
    arrays: Mapping[str, Array], taken: Collection[str], answers: Answers
) -> tuple[RecurrentModule, ...]:
    """Every recurrent layer whose names one of these conventions knows.

    taken  names that another way of naming has read.

    Raises ModelError naming an array that is not finite.

    >>> import numpy as np
    >>> arrays = {"Wxh": np.ones((4, 3)), "Whh": np.ones((4, 4)), "bh": np.ones((4, 1))}
    >>> [module.cells for module in convention_modules(arrays, (), {})]
    [('rnn',)]
    """
    shapes = {name: array.shape for name, array in arrays.items() if name not in taken}
    layers: list[SlottedLayer] = []
    used: set[str] = set()
    for group in leaf_groups(shapes):
        for layer in _layers(group, shapes, answers):
            if not used.intersection(layer.slots):
                used.update(layer.slots)
                layers.append(layer)
    likely = _orientation(layers, shapes)
    return tuple(slotted_module(layer, arrays, answers, likely) for layer in layers)


def _orientation(layers: list[SlottedLayer], shapes: Shapes) -> Orientation:
    """How the file stores its matrices, where one of its layers tells."""
    for layer in layers:
        for fit in fit_places(layer.slots, shapes).values():
            found = [s for n, s in fit.slots.items() if layer.slots[n].is_transposed is None]
            if not fit.is_ambiguous and any(slot.is_transposed for slot in found):
                return "unit_columns"
    return "unit_rows"


def _layers(group: LeafGroup, shapes: Shapes, answers: Answers) -> Iterator[SlottedLayer]:
    for rule in _RULES:
        if layers := tuple(rule(group, shapes, answers)):
            yield from layers
            return
