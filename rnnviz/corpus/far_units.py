"""From a span of text to the units that are far out there, and from these to other places.

The numbers are standardised by the corpus: (state − mean) / standard deviation of the unit.

H. Strobelt, S. Gehrmann, H. Pfister, A. M. Rush, "LSTMVis: A Tool for Visual Analysis of Hidden
State Dynamics in Recurrent Neural Networks", IEEE Transactions on Visualization and Computer
Graphics 24 (2018), section 4, where all states are kept. A scan keeps the farthest places of every
unit, and other places are looked for among these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.analysis.text_features import ReadTokens, occurrences
from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.core.libraries import optional_library
from rnnviz.corpus.about import ScanAbout
from rnnviz.corpus.corpus_unit import CorpusContext, context_at, spread
from rnnviz.corpus.scan_plan import model_digest
from rnnviz.corpus.scan_shard import ShardSketch
from rnnviz.corpus.sketch import SignalSketch
from rnnviz.engine.api import trace
from rnnviz.engine.model_inputs import token_kind
from rnnviz.errors import InputError
from rnnviz.inputs.parse import parse
from rnnviz.inputs.tokenise import between_tokens
from rnnviz.network.model import Model

# Units of a span stay this far from their mean, and those of a token on average.
LEAST_Z, LEAST_MEAN_Z = 2.0, 1.0
# Steps around a place that are taken for the same: units do not all turn at one token.
REACH = 3
_MOST_UNITS, _MOST_MATCHES = 24, 12


@dataclass(frozen=True)
class FarUnit:
    """A unit that is far from its mean; z, by how many standard deviations."""

    signal: str
    unit: int
    z: float


@dataclass(frozen=True)
class SharedPlace:
    """A place of the corpus that is among the farthest of several of the units.

    context  what is read there; its value is how many units share it.
    units    these, with how far they are there.
    """

    context: CorpusContext
    units: tuple[FarUnit, ...]


@dataclass(frozen=True, eq=False, repr=False)
class FarUnits:
    """Units that are far out on what was given, the farthest first, and places that they share.

    given    what was given, as it is read.
    n_units  units that are as far, of which the farthest are told.
    places   of the corpus, those that most of the units share first; each of two units at least.
    """

    given: str
    n_units: int
    units: tuple[FarUnit, ...]
    places: tuple[SharedPlace, ...]

    def __repr__(self) -> str:
        return f"<FarUnits “{shown(self.given)}”: {self.n_units} units, {len(self.places)} places>"

    def to_frame(self) -> Any:
        """A pandas table, a row for each unit."""
        pandas = optional_library("pandas")
        return pandas.DataFrame([vars(one) for one in self.units], columns=["signal", "unit", "z"])


def units_at(sketch: ShardSketch, shard: int, step: int) -> FarUnits:
    """Units for which a place is among the farthest."""
    found = [one for one, *place in _tops(sketch) if _is_near((place[0], place[1]), (shard, step))]
    if not found:
        raise InputError(
            "Shard {shard}, step {step} should be among the farthest places of a unit, but it is of"
            " none; take one of its contexts.",
            shard=shown(shard),
            step=shown(step),
        )
    given = sketch.contexts.get((shard, step))
    read = "" if given is None else given.token
    return _far_units(sketch, read, found, (shard, step))


def units_after(sketch: ShardSketch, signal: str, token: str, means: Array) -> FarUnits:
    """Units of a signal by their means (unit,) over the steps of a token."""
    z = _standardised(sketch.signals[signal], means)
    far = [
        FarUnit(signal, unit, float(z[unit]))
        for unit in np.flatnonzero(abs(z) >= LEAST_MEAN_Z).tolist()
    ]
    return _far_units(sketch, token, far)


def units_in(sketch: ShardSketch, about: ScanAbout, model: Model, text: str, part: str) -> FarUnits:
    """Units that stay far from their mean throughout a part of a text that the model reads."""
    if model_digest(model) != about.model:
        raise InputError(
            "The model should be the one that was scanned, “{name}”, but another came; open that"
            " one.",
            name=shown(about.title),
        )
    sequence = parse(text, kind=token_kind(model))
    start, stop = _span(sequence.tokens[0], part)
    layer = trace(model, sequence).layers[about.layer]
    found = []
    for name, signal in sketch.signals.items():
        z = _standardised(signal, layer.signals[name][start:stop, 0])
        for sign in (1, -1):
            least = (sign * z).min(axis=0)
            units = np.flatnonzero(least >= LEAST_Z).tolist()
            found += [FarUnit(name, unit, float(sign * least[unit])) for unit in units]
    glue = between_tokens(token_kind(model))
    return _far_units(sketch, glue.join(sequence.tokens[0][start:stop]), found)


def _span(tokens: tuple[str, ...], part: str) -> tuple[int, int]:
    """Steps of the last place of a part of a text; of its last token where none is named."""
    if not part:
        return len(tokens) - 1, len(tokens)
    types = tuple(dict.fromkeys(tokens))
    ids = np.array([types.index(token) for token in tokens])
    places = occurrences(ReadTokens(ids, types), part).tolist()
    if not places:
        raise InputError(
            "“{part}” should be a part of the text, but stands nowhere in it; type what does.",
            part=shown(part),
        )
    return places[-1][0], places[-1][1]


def _standardised(signal: SignalSketch, states: Array) -> Array:
    """States (…, unit) less their mean over the corpus, in its standard deviations."""
    moments = signal.moments
    std = spread(moments)
    z = (np.asarray(states, float) - moments.mean) / np.where(std > 0, std, 1)
    return np.where(np.isfinite(z) & (std > 0), z, 0)


def _tops(sketch: ShardSketch) -> Iterator[tuple[FarUnit, int, int]]:
    """Every unit with the shards and steps where it is farthest."""
    for name, signal in sketch.signals.items():
        for tops, sign in ((signal.highest, 1), (signal.lowest, -1)):
            z = _standardised(signal, sign * tops.values.T).T
            units, places = np.nonzero(np.isfinite(tops.values))
            numbers = (one[units, places].tolist() for one in (z, tops.shards, tops.places))
            for unit, far, shard, step in zip(units.tolist(), *numbers, strict=True):
                yield FarUnit(name, unit, far), shard, step


def _far_units(
    sketch: ShardSketch, given: str, far: list[FarUnit], place: tuple[int, int] | None = None
) -> FarUnits:
    """The farthest of these units, and the places that they share but for the given one."""
    ordered = sorted(far, key=lambda one: (-abs(one.z), one.signal, one.unit))
    told = tuple(ordered[:_MOST_UNITS])
    return FarUnits(given, len(far), told, _shared(sketch, told, place))


def _shared(
    sketch: ShardSketch, units: tuple[FarUnit, ...], given: tuple[int, int] | None
) -> tuple[SharedPlace, ...]:
    """Places that are among the farthest of the most of these units, on the same side."""
    wanted = {(one.signal, one.unit, one.z > 0) for one in units}
    found: dict[tuple[int, int], list[FarUnit]] = {}
    for one, shard, step in _tops(sketch):
        if (one.signal, one.unit, one.z > 0) in wanted and not _is_near(given, (shard, step)):
            found.setdefault((shard, step), []).append(one)
    shared: list[SharedPlace] = []
    taken: list[tuple[int, int]] = []
    for place in sorted(found, key=lambda at: (-len(found[at]), at)):
        if len(shared) < _MOST_MATCHES and not any(_is_near(one, place) for one in taken):
            taken.append(place)
            near = [one for at, those in found.items() if _is_near(at, place) for one in those]
            if len(near) > 1:
                context = context_at(sketch, *place, float(len(near)))
                shared.append(SharedPlace(context, tuple(near)))
    return tuple(sorted(shared, key=lambda one: -len(one.units)))


def _is_near(one: tuple[int, int] | None, other: tuple[int, int]) -> bool:
    return one is not None and one[0] == other[0] and abs(one[1] - other[1]) <= REACH
