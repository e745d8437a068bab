"""The layers of a file of weights alone ▶ which recurrent ones read which, as far as it shows.

Levels are joined without a question only in a Sequential of Keras 3, which lists all that it calls:
in a Functional model or a class of its own a function without a layer may lie anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, permutations, starmap
from typing import Literal

from rnnviz.readers.keras.file import KerasFile
from rnnviz.readers.keras.stored_layers import StoredLayer, stored_layers
from rnnviz.readers.levels import SEPARATE, STACKED
from rnnviz.readers.result import Answers, ImportQuestion

Structure = Literal["sequential", "functional", "own", ""]
LayerRun = tuple[StoredLayer, ...]
_MAX_ORDERED = 5
_INPUT = re.compile(r"input(?:_layer)?(?:_?\d+)?")
_KNOWN = ("cells", "embedding", "dense")
_MERGE = re.compile(r"concat|add|average|multiply|maximum|minimum|subtract|dot|merge|attention")
_NUMBERED = re.compile(r"(.*?)_?(\d*)")

# HDF5 puts later objects into space that grew free when the names of a group outgrew their heap:
# of some 190 models of each size none of up to 4 layers was out of order, one in eleven of 5.
_MAX_IN_ORDER = 4


@dataclass(frozen=True, eq=False)
class StoredModel:
    """The layers of a file in order, and what kind of model lists them, "" where it is not said."""

    layers: tuple[StoredLayer, ...]
    structure: Structure
    is_keras_3: bool

    @cached_property
    def recurrent(self) -> LayerRun:
        """The recurrent layers as a model of this kind most likely calls them."""
        found = tuple(layer for layer in self.layers if layer.part == "cells")
        return _by_creation(found) if self.structure == "own" else found

    @cached_property
    def has_branches(self) -> bool:
        """True when layers beside each other are likely: several inputs, or one that merges."""
        words = [layer.word for layer in self.layers if layer.part != "cells"]
        merges = any(_MERGE.search(word) for word in words)
        return merges or sum(bool(_INPUT.fullmatch(word)) for word in words) > 1

    @cached_property
    def other(self) -> LayerRun:
        """The layers that are not inert, and neither recurrent nor an Embedding nor a Dense."""
        return tuple(y for y in self.layers if y.part not in _KNOWN and not y.is_inert)

    @cached_property
    def _places(self) -> dict[StoredLayer, int]:
        return {layer: i for i, layer in enumerate(self.layers)}

    def place(self, layer: StoredLayer) -> int:
        """Place of the layer in the file's order."""
        return self._places[layer]

    def is_direct(self, lower: StoredLayer, upper: StoredLayer) -> bool:
        """True when the model lists both and nothing between them that changes anything."""
        is_listed = not (lower.is_inside or upper.is_inside) and lower.model == upper.model
        # A class of its own has some of its layers in "layers", others at their attributes' names.
        is_listed |= self.structure == "own" and {lower.model, upper.model} == {"", "layers"}
        between = self.layers[self.place(lower) + 1 : self.place(upper)]
        if self.structure == "own" or self.place(lower) > self.place(upper):
            return is_listed and not self.other and not self._has_square(lower.n_outputs)
        return is_listed and all(layer.is_inert for layer in between)

    def _has_square(self, width: int) -> bool:
        """True when a Dense gives as many numbers as it reads, so that it fits between levels."""
        dense = (layer for layer in self.layers if layer.part == "dense")
        return any(layer.n_inputs == layer.n_outputs == width for layer in dense)

    def is_certain(self, lower: StoredLayer, upper: StoredLayer) -> bool:
        """True when the file shows that the upper one reads the lower."""
        return self.structure == "sequential" and self.is_direct(lower, upper)


def stored_model(file: KerasFile) -> StoredModel:
    """The layers of a file of weights alone."""
    layers = stored_layers(file)
    return StoredModel(layers, _structure(file, layers), file.names is None)


def _structure(file: KerasFile, layers: tuple[StoredLayer, ...]) -> Structure:
    if any(_INPUT.fullmatch(layer.word) and not layer.cells for layer in layers):
        return "functional"
    if file.names is not None:
        own = (not name.startswith(f"{g}/") for g, names in file.names.items() for name in names)
        return "own" if any(own) else ""
    if not all(layer.path.startswith("layers/") for layer in layers):
        return "own"
    title = file.titles.get("vars", "")
    if not re.fullmatch(r"sequential(_\d+)?", title) or not _is_in_order(layers):
        return "own" if title else ""
    return "sequential"


def _is_in_order(layers: LayerRun) -> bool:
    """True when the layers of a class come by their numbers: the file was not written anew."""
    if len(layers) > _MAX_IN_ORDER:
        return False
    last: dict[str, int] = {}
    for layer in layers:
        name, _, number = layer.path.rpartition("_")
        name, number = (name, number) if number.isdecimal() else (layer.path, "0")
        if int(number[:9]) < last.get(name, 0):
            return False
        last[name] = int(number[:9])
    return True


def _by_creation(layers: LayerRun) -> LayerRun:
    """As Keras numbered them when they were made, "lstm_2" and "lstm_3", or as they are called."""
    for names in ([y.name for y in layers], [y.path for y in layers]):
        found = [_NUMBERED.fullmatch(name) for name in names]
        numbers = [int(each[2] or 0) for each in found if each]
        if len({each[1] for each in found if each}) == 1 and len(set(numbers)) == len(layers):
            return tuple(y for _, y in sorted(zip(numbers, layers, strict=True), key=_first))
    return layers


def _first(pair: tuple[int, StoredLayer]) -> int:
    return pair[0]


def read_order(
    model: StoredModel, answers: Answers
) -> tuple[tuple[LayerRun, ...], tuple[ImportQuestion, ...]]:
    """The stacks of recurrent layers, lowest level first, and what was asked about them."""
    orders = _orders(model)
    by_name = {" > ".join(layer.path for layer in order): order for order in orders}
    order_question = ImportQuestion("order", tuple(by_name), next(iter(by_name)))
    asked = (order_question,) if len(by_name) > 1 else ()
    order = by_name[order_question.choose(answers)]
    pairs = [pair for pair in pairwise(order) if _fits(*pair)]
    certain = {pair for pair in pairs if model.is_certain(*pair)}
    if len(certain) == len(pairs):
        return _runs(order, certain), asked
    is_likely = all(model.is_direct(*pair) for pair in pairs) and not model.has_branches
    question = ImportQuestion("stack", (STACKED, SEPARATE), STACKED if is_likely else SEPARATE)
    if question.choose(answers) == STACKED:
        return _runs(order, set(pairs)), (question, *asked)
    return _runs(order, certain), (question,)


def _orders(model: StoredModel) -> list[LayerRun]:
    """The likely order first, then those in which each layer fits on the one below."""
    given = model.recurrent
    is_known = model.structure in ("sequential", "functional") or not model.is_keras_3
    if is_known or not 1 < len(given) <= _MAX_ORDERED:
        return [given]
    fitting = [order for order in permutations(given) if all(starmap(_fits, pairwise(order)))]
    likely = [order for order in fitting if order == given]
    return likely + [order for order in fitting if order != given] or [given]


def _fits(lower: StoredLayer, upper: StoredLayer) -> bool:
    return upper.n_inputs == lower.n_outputs


def _runs(
    order: LayerRun, joined: Container[tuple[StoredLayer, StoredLayer]]
) -> tuple[LayerRun, ...]:
    runs: list[LayerRun] = []
    for layer in order:
        if runs and (runs[-1][-1], layer) in joined:
            runs[-1] += (layer,)
        else:
            runs.append((layer,))
    return tuple(runs)
