"""Features of a corpus: the unit that follows each best, of any signal, beside controls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.find_units import read_off
from rnnviz.analysis.found_units import LEAST_RISES, ReadOff
from rnnviz.core.arrays import Array
from rnnviz.corpus.scan_shard import FEATURES, N_SHIFTED, ShardSketch
from rnnviz.corpus.sketch import SignalSketch

# A feature is held against the correlation that one of twenty random labels of the tokens exceeds:
# the largest of a few is another for every seed, and that of many is 1 where tokens are few.
N_LABELS, LABELS_BELOW = 499, 0.95


@dataclass(frozen=True)
class CorpusFeature:
    """What was found of one feature: the unit that follows it best, of any signal.

    best  its held-out correlation beside those of controls, by "shifted" and "labels".
    """

    name: str
    signal: str
    unit: int
    best: ReadOff


def found_features(sketch: ShardSketch, n_tokens: int, seed: int) -> tuple[CorpusFeature, ...]:
    """What was found of each feature of the text that varies.

    n_tokens  of the model's vocabulary.
    seed      of the random labels.
    """
    parts = next(iter(sketch.signals.values())).parts
    varies = [part.feature_squares[: len(FEATURES)] > 0 for part in parts]
    there = np.flatnonzero(varies[0] & varies[1]).tolist()
    return tuple(_feature(sketch, number, n_tokens, seed) for number in there)


def _feature(sketch: ShardSketch, number: int, n_tokens: int, seed: int) -> CorpusFeature:
    signals = sketch.signals
    chosen = [_best(one, [number]) for one in signals.values()]
    place = int(np.argmax([abs(one[0][0]) for one in chosen]))
    unit, r = int(chosen[place][1][0]), float(chosen[place][2][0])
    controls = {
        "shifted": _of_best([_best(one, copies_of(number)) for one in signals.values()]),
        "labels": _labels(sketch, number, n_tokens, seed),
    }
    return CorpusFeature(
        FEATURES[number],
        list(signals)[place],
        unit,
        read_off(r, controls, _is_rare(sketch, number)),
    )


def copies_of(number: int) -> list[int]:
    """Columns of a feature's shifted copies.

    >>> copies_of(1)
    [9, 17, 25, 33]
    """
    return [len(FEATURES) * (1 + copy) + number for copy in range(N_SHIFTED)]


def _best(signal: SignalSketch, columns: list[int]) -> tuple[Array, Array, Array]:
    """Of each column: r of the unit chosen on one part, the unit, and its r held out."""
    old, new = (part.correlations[:, columns] for part in signal.parts)
    return _chosen(old, new)


def _labels(sketch: ShardSketch, number: int, n_tokens: int, seed: int) -> Array:
    """The held-out |r| that one in twenty random labels, drawn of the feature's numbers, exceed."""
    generator = np.random.default_rng([seed, number])
    shape = n_tokens, N_LABELS
    labels = generator.choice(sketch.samples[:, number], shape)
    if not np.ptp(labels):
        labels = generator.normal(size=shape)
    found = []
    for signal in sketch.signals.values():
        old, new = (part.label_correlations(labels) for part in signal.parts)
        found.append(_chosen(old, new))
    return np.quantile(np.abs(_of_best(found)), [LABELS_BELOW])


def _is_rare(sketch: ShardSketch, number: int) -> bool:
    parts = next(iter(sketch.signals.values())).parts
    return bool(min(part.n * part.features[number] for part in parts) < LEAST_RISES)


def _chosen(old: Array, new: Array) -> tuple[Array, Array, Array]:
    unit = np.abs(old).argmax(axis=0)
    columns = np.arange(old.shape[1])
    return old[unit, columns], unit, new[unit, columns]


def _of_best(found: list[tuple[Array, Array, Array]]) -> Array:
    """Held-out r of the signal whose unit was the best on the part it was chosen on."""
    old, new = (np.array([one[i] for one in found]) for i in (0, 2))
    place = np.abs(old).argmax(axis=0)
    return np.asarray(new[place, np.arange(new.shape[1])])
