"""Scan of one shard: a model reads it once, and of every signal a sketch is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.text_features import ReadTokens, text_features
from rnnviz.core.arrays import Array
from rnnviz.corpus.moments import StepFeatures
from rnnviz.corpus.shard_inputs import ShardInputs, StateWindow, known_tokens, shard_inputs
from rnnviz.corpus.shards import Shard
from rnnviz.corpus.sketch import SignalSketch
from rnnviz.corpus.window_sums import WindowSums, summer
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
    n_tokens     of the whole corpus, about: they select the kernel.
    is_compiled  whether sums are taken by a compiled loop.
    """

    layer: int
    warm_up: int
    seed: int
    n_tokens: int
    is_compiled: bool


@dataclass(frozen=True, eq=False)
class Context:
    """What is read around a step at which a unit is far out."""

    before: str
    token: str
    after: str


@dataclass(frozen=True, eq=False)
class ShardSketch:
    """Sketches of all signals over a shard, or over several that were added up.

    n_steps       tokens that were read; `n_unknown`, tokens left out.
    signals       by name.
    contexts      by shard and step, of the tops.
    samples       numbers (step, feature) of the features, for random labels.
    n_as_unknown  tokens of those read that the model takes for its "<unk>".
    n_damaged     places in files of text whose bytes are no UTF-8.
    """

    n_steps: int
    n_unknown: int
    signals: Mapping[str, SignalSketch]
    contexts: Mapping[tuple[int, int], Context]
    samples: Array
    n_as_unknown: int = 0
    n_damaged: int = 0

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
            self.n_as_unknown + other.n_as_unknown,
            self.n_damaged + other.n_damaged,
        )


def scan_shard(model: Model, shard: Shard, number: int, options: ScanOptions) -> ShardSketch:
    """Sketch of a shard, `number` of the corpus."""
    # A character has at most four bytes.
    before = shard.before(4 * options.warm_up) if options.warm_up else ""
    texts, n_damaged = shard.read()
    own = known_tokens(model, texts)
    sketches = _empty(model, options.layer)
    if not len(own.ids):
        none = np.zeros((0, len(FEATURES)))
        return ShardSketch(0, own.n_unknown, sketches, {}, none, 0, n_damaged)
    inputs = shard_inputs(model, own, known_tokens(model, [before]), options.warm_up)
    tracks = _Tracks.of(inputs, np.random.default_rng([options.seed, number]))
    take = summer(options.is_compiled)
    for window in inputs.windows(options.layer, options.n_tokens):
        features = tracks.at(window)
        for signal in model.layers[options.layer].cell.signals:
            sums, sketch = take(signal, window, features), sketches[signal.name]
            sketches[signal.name] = _with_window(sketch, sums, window, number)
    _check_size(sketches, model, options.layer)
    places = sorted(_places(sketches))
    read = _contexts(inputs, np.array([step for _, step in places], int))
    contexts = dict(zip(places, read, strict=True))
    return ShardSketch(
        inputs.n_steps,
        own.n_unknown,
        sketches,
        contexts,
        tracks.samples(inputs),
        own.n_as_unknown,
        n_damaged,
    )


def _with_window(
    sketch: SignalSketch, sums: WindowSums, window: StateWindow, number: int
) -> SignalSketch:
    parts = list(sketch.parts)
    parts[window.part] += sums.moments
    return SignalSketch(
        (parts[0], parts[1]),
        sketch.histogram + sums.histogram,
        sketch.highest.with_window(window.steps, sums.highest, number),
        sketch.lowest.with_window(window.steps, sums.lowest, number),
    )


def _empty(model: Model, layer: int) -> dict[str, SignalSketch]:
    own, n_tokens = model.layers[layer], len(model.vocabulary or ())
    n_columns = len(FEATURES) * (1 + N_SHIFTED)
    names = [signal.name for signal in own.cell.signals]
    return {name: SignalSketch.empty(own.width(name), n_columns, n_tokens) for name in names}


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

    @staticmethod
    def of(inputs: ShardInputs, generator: np.random.Generator) -> _Tracks:
        source = inputs.source
        read = ReadTokens(source.ids, source.tokens, tuple(inputs.firsts.tolist()))
        found = text_features(read)
        none = np.zeros(source.n_steps)
        columns = [found.get(name, none) for name in FEATURES]
        n_steps = source.n_steps
        least = max(1, n_steps // 20)
        by = generator.integers(least, max(least + 1, n_steps - least), N_SHIFTED)
        n_tokens = len(inputs.model.vocabulary or ())
        ids = source.feature_ids[source.ids]
        features = np.column_stack(columns).astype(inputs.model.dtype)
        return _Tracks(features, ids, n_tokens, tuple(by.tolist()))

    def at(self, window: StateWindow) -> StepFeatures:
        """Features, and then the copies one after the other, at a window's steps."""
        steps, total = window.steps.ravel(), len(self.features)
        turned = [self.features[(steps - by) % total] for by in self.by]
        features = np.concatenate([self.features[steps], *turned], axis=1)
        return StepFeatures.of(features, self.ids[steps], self.n_tokens, window.is_own.ravel())

    def samples(self, inputs: ShardInputs) -> Array:
        """Features at some steps, evenly apart."""
        steps = np.linspace(inputs.starts[0], inputs.source.n_steps - 1, N_SAMPLES).astype(int)
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


def _contexts(inputs: ShardInputs, steps: Array) -> Iterator[Context]:
    """What is read around some steps, in the text of each."""
    ids, tokens = inputs.source.ids, inputs.tokens
    glue = between_tokens(vocabulary_kind(tokens))
    whole = glue.join([tokens[number] for number in ids.tolist()])
    widths = np.array([len(token) for token in tokens]) + len(glue)
    places = np.concatenate([[0], np.cumsum(widths[ids])])
    first, stop = inputs.spans(steps)
    first, stop = np.maximum(first, steps - _CONTEXT), np.minimum(stop, steps + 1 + _CONTEXT)
    edges = places[np.column_stack([first, steps, steps + 1, stop])].tolist()
    for start, at, after, end in edges:
        parts = whole[start:at], whole[at:after], whole[after:end]
        yield Context(*(part.removesuffix(glue) for part in parts))
