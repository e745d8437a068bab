"""`rnnviz.diff`: two models that should be the same, compared number by number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from rnnviz.doctor.around import Around, compare_around
from rnnviz.doctor.comparable import check_comparable
from rnnviz.doctor.findings import Cause, places_of
from rnnviz.doctor.layer_fit import float64_layer
from rnnviz.doctor.model_fit import ModelFit, fit_models, recurrent_model
from rnnviz.doctor.parting import Parting, deltas, first_parting
from rnnviz.doctor.proof import felt_causes, left_over
from rnnviz.doctor.reading import ReadModel, read_both
from rnnviz.doctor.result import ModelDiff, OtherWeight
from rnnviz.doctor.rounding import is_same, size_of
from rnnviz.engine.run import trace_model
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model


def diff(
    a: Any,
    b: Any,
    sequence: Any = None,
    *,
    names: Iterable[str] = (),
    path: str = "",
) -> ModelDiff:
    """Where two models that should be the same part, and the cause where it can be proved.

    a, b      each a Model, an ImportResult, the path of a model file, or a live `torch.nn` module;
              of one shape: equal inputs, layers, directions and units.
    sequence  what both read, as `rnnviz.trace` takes it: a Sequence, numbers (time, input) or
              (time, batch, input), token ids. For a live module what the module takes; the other
              model then reads what reached the module's recurrent layer. By default 32 steps of
              noise.
    names     two, for sentences; by default a file's name, else "a" and "b".
    path      which recurrent layer of a live module that runs several: "encoder.rnn".

    Both run in float64, so that only their weights and settings part them. A cause is named where
    undoing it in one of the models makes the difference vanish to rounding, over the sequence and
    over noise from random states: gates in another order, the reset before or after the product,
    a bias lost or doubled, another activation, a clip, the direction, a transposed kernel, layers
    in each other's place, weights rounded to int8, float16 or bfloat16. Differences as small as
    float32's rounding are none. It takes about as long as ten forward runs.

    Raises ModelError for models of different shapes and for files that cannot be read, InputError
    for a sequence that does not fit them.

    >>> from dataclasses import replace
    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=2, n_units=3)
    >>> clipped = replace(model, layers=(replace(model.layers[0], clip=0.1),))
    >>> found = rv.diff(model, clipped)
    >>> found.parting.signal.name, found.cause
    ('reset', 'clip')
    """
    return compared(*read_both(a, b, sequence, names, path))


def compared(one: ReadModel, other: ReadModel) -> ModelDiff:
    """The comparison of two models that were opened; errors as `diff`."""
    check_comparable(one, other)
    mine, theirs = _plain(one.model), _plain(other.model)
    places = places_of(mine)
    traced = trace_model(mine, one.sequence)
    around = compare_around(one, other, traced)
    snapped = _snapped(mine, theirs)
    read = other.sequence if around.embedding else one.sequence
    parting = (
        around.embedding
        or first_parting(traced, trace_model(snapped, read), places)
        or around.readout
    )
    # Weights that are tried in a narrow type may be infinite there, and match none.
    with np.errstate(over="ignore", invalid="ignore"):
        fit = fit_models(one.model, other.model)
    causes, unfelt, left = _causes(fit, around, one, parting)
    row = parting.row if parting is not None else 0
    return ModelDiff(
        (one.name, other.name),
        places,
        one.sequence.tokens[row],
        parting,
        causes,
        left,
        unfelt,
        tuple(sorted(_others(mine, snapped), key=lambda each: -each.largest)),
        deltas(traced, trace_model(theirs, other.sequence)),
        tuple((each.name, clause) for each in (one, other) for clause in each.assumed),
    )


_Causes = tuple[tuple[Cause, ...], tuple[Cause, ...], float | None]


def _causes(
    fit: ModelFit | None, around: Around, one: ReadModel, parting: Parting | None
) -> _Causes:
    """Proved causes, those that do not change these runs, and the difference left once undone."""
    if fit is None or around.causes is None:
        return (), (), None
    if parting is None:
        return (), (*fit.causes, *around.causes), None
    left = left_over(fit, one.sequence)
    if left is None:
        return (), (), None
    felt, unfelt = felt_causes(fit, one.sequence)
    return (*around.causes, *felt), unfelt, left


def _plain(model: Model) -> Model:
    return recurrent_model(model, tuple(map(float64_layer, model.layers)))


def _snapped(one: Model, other: Model) -> Model:
    """The other model with the numbers of the one wherever they are the same to rounding."""
    pairs = zip(one.layers, other.layers, strict=True)
    return recurrent_model(other, tuple(_snapped_layer(*pair) for pair in pairs))


def _snapped_layer(one: Layer, other: Layer) -> Layer:
    weights, initial = dict(other.weights), dict(other.initial)
    for name, array in one.weights.items():
        like = weights.get(name)
        if like is not None and is_same(array, like, _role_size(name, one, other)):
            weights[name] = array
    for name, array in one.initial.items():
        like = initial.get(name)
        if like is not None and is_same(array, like, max(1.0, size_of(array, like))):
            initial[name] = array
    return replace(other, weights=weights, initial=initial)


def _role_size(name: str, one: Layer, other: Layer) -> float:
    """The largest size of a number of the same role in either layer."""
    role = name.rpartition(".")[2]
    weights = (each for layer in (one, other) for each in layer.weights.items())
    return size_of(*(array for each, array in weights if each.endswith(f".{role}")))


def _others(one: Model, snapped: Model) -> Iterator[OtherWeight]:
    for place, layer, like in zip(places_of(one), one.layers, snapped.layers, strict=True):
        for name, array in layer.weights.items():
            other = like.weights.get(name)
            if other is not None and other.shape == array.shape and other is not array:
                largest = float(np.abs(other - array).max())
                if largest:
                    yield OtherWeight(place, name, largest)
