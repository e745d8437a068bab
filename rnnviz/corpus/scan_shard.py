"""Scan of one shard: a model reads it once, and of every signal a sketch is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.text_features import ReadTokens, text_features
from rnnviz.core.arrays import Array
from rnnviz.corpus.moments import Moments
from rnnviz.corpus.shard_inputs import ShardInputs, known_tokens, shard_inputs
from rnnviz.corpus.shards import Shard
from rnnviz.corpus.sketch import SignalSketch, histogram
from rnnviz.errors import ModelError
from rnnviz.inputs.tokenise import between_tokens, vocabulary_kind
from rnnviz.network.model import Model

FEATURES = ("quotes", "depth", "line", "word", "letter", "upper", "digit", "space")
N_SHIFTED = 4
N_SAMPLES = 32
_CONTEXT = 24


@dataclass(frozen=True)
class ScanOptions:
    """What is looked at in every shard.

    layer        counted as in `trace.layers`.
    warm_up      steps read before each row, from what stands before it.
    seed         of the controls.
    total_steps  of a row, over the whole corpus: they select the kernel.
    """

    layer: int
    warm_up: int
    seed: int
    total_steps: int


@dataclass(frozen=True, eq=False)
class Context:
    """What is read around a step at which a unit is far out."""

    before: str
    token: str
    after: str


@dataclass(frozen=True, eq=False)
class ShardSketch:
    """Sketches of all signals over a shard, or over several that were added up.

    n_steps    tokens that were read; `n_unknown`, tokens left out.
    signals    by name.
    contexts   by shard and step, of the tops.
    samples    numbers (step, feature) of the features, for random labels.
    """

    n_steps: int
    n_unknown: int
    signals: Mapping[str, SignalSketch]
    contexts: Mapping[tuple[int, int], Context]
    samples: Array

    def __add__(self, other: ShardSketch) -> ShardSketch:
        signals = {name: one + other.signals[name] for name, one in self.signals.items()}
        wanted = _places(signals)
        contexts = {
            place: context
            for place, context in {**self.contexts, **other.contexts}.items()
            if place in wanted
        }
        samples = np.concatenate([self.samples, other.samples])
        return ShardSketch(
            self.n_steps + other.n_steps,
            self.n_unknown + other.n_unknown,
            signals,
            contexts,
            samples[:: -(-len(samples) // 2048)] if len(samples) > 2048 else samples,
        )


def scan_shard(model: Model, shard: Shard, number: int, options: ScanOptions) -> ShardSketch:
    """Sketch of a shard, `number` of the corpus."""
    # A character has at most four bytes.
    before = shard.before(4 * options.warm_up) if options.warm_up else ""
    own = known_tokens(model, shard.text())
    sketches = _empty(model, options.layer)
    if not len(own.ids):
        return ShardSketch(0, own.n_unknown, sketches, {}, np.zeros((0, len(FEATURES))))
    inputs = shard_inputs(model, own, known_tokens(model, before), options.warm_up)
    tracks = _Tracks.of(inputs, np.random.default_rng([options.seed, number]))
    for window in inputs.windows(options.layer, options.total_steps):
        for signal in model.layers[options.layer].cell.signals:
            states = window.signals[signal.name]
            so_far = sketches[signal.name]
            sketches[signal.name] = SignalSketch(
                _with_window(so_far.parts, states, tracks, window.steps),
                so_far.histogram + histogram(signal, states),
                so_far.highest.with_window(window.steps, states, number, 1),
                so_far.lowest.with_window(window.steps, states, number, -1),
            )
    _check_size(sketches, model, options.layer)
    contexts = {
        place: _context(inputs, place[1]) for place in _places(sketches) if place[0] == number
    }
    return ShardSketch(inputs.n_steps, own.n_unknown, sketches, contexts, tracks.samples(inputs))


def _empty(model: Model, layer: int) -> dict[str, SignalSketch]:
    own, n_tokens = model.layers[layer], len(model.vocabulary or ())
    n_columns = len(FEATURES) * (1 + N_SHIFTED)
    names = [signal.name for signal in own.cell.signals]
    return {name: SignalSketch.empty(own.width(name), n_columns, n_tokens) for name in names}


def _with_window(
    parts: tuple[Moments, Moments], states: Array, tracks: _Tracks, steps: Array
) -> tuple[Moments, Moments]:
    """Parts with a window: every other row is held out."""
    chosen, held_out = (
        so_far + _moments(states[:, part::2], tracks, steps[:, part::2])
        for part, so_far in enumerate(parts)
    )
    return chosen, held_out


def _moments(states: Array, tracks: _Tracks, steps: Array) -> Moments:
    flat, places = states.reshape(-1, states.shape[2]), steps.ravel()
    if not len(places):
        return Moments.empty(states.shape[2], tracks.n_columns, tracks.n_tokens)
    return Moments.of(flat, tracks.at(places), tracks.ids[places], tracks.n_tokens)


def _check_size(sketches: Mapping[str, SignalSketch], model: Model, layer: int) -> None:
    """Raise ModelError for states whose squares left the range of their type."""
    if not all(np.isfinite(one.moments.squares).all() for one in sketches.values()):
        raise ModelError(
            "The states of {layer} grow too large to be compared; use smaller weights or another"
            " activation.",
            layer=model.layers[layer].title,
        )


@dataclass(frozen=True, eq=False)
class _Tracks:
    """Features of a shard at every step of its source, and copies turned around it.

    features  (step, feature).
    ids       (step,): the token's number in the model's vocabulary, of `n_tokens`.
    by        steps that every copy is turned.
    """

    features: Array
    ids: Array
    n_tokens: int
    by: tuple[int, ...]

    @property
    def n_columns(self) -> int:
        """Features and copies."""
        return len(FEATURES) * (1 + len(self.by))

    @staticmethod
    def of(inputs: ShardInputs, generator: np.random.Generator) -> _Tracks:
        source = inputs.source
        read = ReadTokens(source.ids, source.tokens)
        found = text_features(read)
        none = np.zeros(source.n_steps)
        columns = [found.get(name, none) for name in FEATURES]
        n_steps = source.n_steps
        least = max(1, n_steps // 20)
        by = generator.integers(least, max(least + 1, n_steps - least), N_SHIFTED)
        ids = source.feature_ids[source.ids]
        features = np.column_stack(columns).astype(inputs.model.dtype)
        n_tokens = len(inputs.model.vocabulary or ())
        return _Tracks(features, ids, n_tokens, tuple(by.tolist()))

    def at(self, steps: Array) -> Array:
        """Features, and then the copies one after the other, at some steps, (step, column)."""
        total = len(self.features)
        turned = [self.features[(steps - by) % total] for by in self.by]
        return np.concatenate([self.features[steps], *turned], axis=1)

    def samples(self, inputs: ShardInputs) -> Array:
        """Features at some steps, evenly apart."""
        steps = np.linspace(inputs.n_before, inputs.source.n_steps - 1, N_SAMPLES).astype(int)
        return np.asarray(self.features[steps], float)


def _places(signals: Mapping[str, SignalSketch]) -> set[tuple[int, int]]:
    """Shards and steps of all tops."""
    places: set[tuple[int, int]] = set()
    for sketch in signals.values():
        for tops in (sketch.highest, sketch.lowest):
            is_there = np.isfinite(tops.values)
            shards, steps = tops.shards[is_there].tolist(), tops.places[is_there].tolist()
            places.update(zip(shards, steps, strict=True))
    return places


def _context(inputs: ShardInputs, step: int) -> Context:
    source = inputs.source
    first, last = max(0, step - _CONTEXT), min(source.n_steps, step + 1 + _CONTEXT)
    tokens = [source.tokens[i] for i in source.ids[first:last].tolist()]
    glue = between_tokens(vocabulary_kind(source.tokens))
    at = step - first
    return Context(glue.join(tokens[:at]), tokens[at], glue.join(tokens[at + 1 :]))
