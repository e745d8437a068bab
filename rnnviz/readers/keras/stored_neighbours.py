"""The Embedding below and the Dense above the recurrent layers of a file of weights alone.

One that stands directly beside them in a Sequential of Keras 3 is taken; any other that fits is
asked about, for what lies between it and them may not be in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rnnviz.readers.keras.stored_layers import StoredLayer
from rnnviz.readers.keras.stored_order import LayerRun, StoredModel
from rnnviz.readers.result import Answers, ImportQuestion

_Role = Literal["embedding", "readout"]
_NONE = "none"
_MAX_OPTIONS = 12
_READOUTS = ("softmax", "linear", "sigmoid", "relu", "tanh")


@dataclass(frozen=True, eq=False)
class StoredNeighbours:
    """The Embedding below and the Dense above a run of recurrent layers, by the run."""

    below: Mapping[LayerRun, StoredLayer]
    above: Mapping[LayerRun, StoredLayer]

    def chain(self, run: LayerRun) -> LayerRun:
        """The run with its neighbours, lowest first."""
        ends = (self.below.get(run), self.above.get(run))
        below, above = ((layer,) if layer is not None else () for layer in ends)
        return (*below, *run, *above)


def neighbours(
    model: StoredModel, runs: tuple[LayerRun, ...], answers: Answers
) -> tuple[StoredNeighbours, tuple[ImportQuestion, ...]]:
    """The neighbours of each run, and what was asked about them."""
    below, about_below = _of_role("embedding", model, runs, answers)
    above, about_above = _of_role("readout", model, runs, answers)
    activation = tuple(_activation(model, layer) for layer in list(above.values())[:1])
    return StoredNeighbours(below, above), (*about_below, *about_above, *activation)


def _of_role(
    role: _Role, model: StoredModel, runs: tuple[LayerRun, ...], answers: Answers
) -> tuple[dict[LayerRun, StoredLayer], tuple[ImportQuestion, ...]]:
    near = {run: layer for run in runs if (layer := _near(role, model, run)) is not None}
    certain = {run: layer for run, layer in near.items() if _is_certain(role, model, run, layer)}
    if certain or len(runs) != 1:
        return certain, ()
    (run,) = runs
    fits = {y.path: y for y in model.layers if _fits(role, y, run)}
    options = (*list(fits)[:_MAX_OPTIONS], _NONE)
    is_likely = run in near and not (role == "readout" and run[-1].is_both)
    question = ImportQuestion(role, options, near[run].path if is_likely else _NONE)
    layer = fits.get(question.choose(answers))
    return {run: layer} if layer is not None else {}, (question,) if fits else ()


def _fits(role: _Role, layer: StoredLayer, run: LayerRun) -> bool:
    if role == "embedding":
        return layer.part == "embedding" and layer.n_outputs == run[0].n_inputs
    return layer.part == "dense" and layer.n_inputs == run[-1].n_outputs


def _near(role: _Role, model: StoredModel, run: LayerRun) -> StoredLayer | None:
    """The next layer that is not inert; in a class of its own the only one that fits."""
    if model.structure == "own":
        fitting = [y for y in model.layers if _fits(role, y, run)]
        is_only = len(fitting) == 1 and not model.other
        return fitting[0] if is_only else None
    at = model.place(run[0] if role == "embedding" else run[-1])
    beside = model.layers[:at][::-1] if role == "embedding" else model.layers[at + 1 :]
    layer = next((y for y in beside if not y.is_inert), None)
    return layer if layer is not None and _fits(role, layer, run) else None


def _is_certain(role: _Role, model: StoredModel, run: LayerRun, layer: StoredLayer) -> bool:
    end = run[0] if role == "embedding" else run[-1]
    # A Dense may read the last states of both directions, which no step of ours has together.
    is_of_steps = role == "embedding" or not end.is_both or layer.store.endswith("/layer")
    is_listed = layer.model == end.model and not end.is_inside
    return model.structure == "sequential" and is_listed and is_of_steps


def _activation(model: StoredModel, layer: StoredLayer) -> ImportQuestion:
    options = _READOUTS[1:] if layer.n_outputs == 1 else _READOUTS
    return ImportQuestion("readout_activation", options, _likely_activation(model, layer))


def _likely_activation(model: StoredModel, layer: StoredLayer) -> str:
    after = (y for y in model.layers[model.place(layer) + 1 :] if not y.is_inert)
    upper = next(after, None) if model.structure != "own" else None
    if upper is not None and upper.part == "dense" and upper.n_inputs == layer.n_outputs:
        return "relu"
    # A softmax over a single output is always 1.
    return "softmax" if layer.n_outputs > 1 else "linear"
