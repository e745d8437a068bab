"""File of the shape that a scan of 10⁹ tokens has: full tops, moments and contexts, random."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rnnviz.analysis.find_units import read_off
from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.corpus.about import ScanAbout
from rnnviz.corpus.features import CorpusFeature
from rnnviz.corpus.files import write_sketch
from rnnviz.corpus.moments import Moments
from rnnviz.corpus.scan_shard import FEATURES, N_SHIFTED, Context, ShardSketch
from rnnviz.corpus.sketch import N_BINS, SignalSketch
from rnnviz.corpus.tops import N_FARTHEST, Tops

N_TOKENS, N_SHARDS = 10**9, 4000
_COLUMNS = len(FEATURES) * (1 + N_SHIFTED)


def write_large_scan(folder: Path, *, n_units: int = 256, n_vocabulary: int = 100) -> Path:
    """Write corpus.parquet of an LSTM into a folder, and return its path."""
    generator = np.random.default_rng(0)
    vocabulary = tuple(f"{number}" for number in range(n_vocabulary))
    signals = {one.name: _signal(generator, n_units, n_vocabulary) for one in CELLS["lstm"].signals}
    samples = generator.random((2048, len(FEATURES)))
    sketch = ShardSketch(N_TOKENS, 12345, signals, _contexts(signals), samples)
    features = tuple(
        CorpusFeature(name, "cell", unit, read_off(0.8, _controls(generator), False))
        for unit, name in enumerate(FEATURES)
    )
    about = ScanAbout("large", "lstm", 0, vocabulary, "0" * 64, N_SHARDS, 128, 0, features)
    write_sketch(folder / "corpus.parquet", sketch, about.written())
    return folder / "corpus.parquet"


def _controls(generator: np.random.Generator) -> dict[str, Array]:
    return {kind: generator.uniform(-0.2, 0.2, 19) for kind in ("shifted", "labels")}


def _signal(generator: np.random.Generator, n_units: int, n_vocabulary: int) -> SignalSketch:
    parts = tuple(_moments(generator, n_units, n_vocabulary) for _ in range(2))
    histogram = generator.integers(0, N_TOKENS // N_BINS, (n_units, N_BINS))
    return SignalSketch(
        (parts[0], parts[1]), histogram, _tops(generator, n_units), _tops(generator, n_units)
    )


def _moments(generator: np.random.Generator, n_units: int, n_vocabulary: int) -> Moments:
    n = N_TOKENS // 2
    return Moments(
        n,
        generator.uniform(-0.5, 0.5, n_units),
        generator.uniform(0.01, 0.3, n_units) * n,
        generator.uniform(0.1, 0.9, _COLUMNS),
        generator.uniform(0.1, 0.2, _COLUMNS) * n,
        generator.uniform(-0.02, 0.02, (n_units, _COLUMNS)) * n,
        generator.normal(size=(n_vocabulary, n_units)) * n / n_vocabulary,
        np.full(n_vocabulary, n / n_vocabulary),
    )


def _tops(generator: np.random.Generator, n_units: int) -> Tops:
    shape = n_units, N_FARTHEST
    values = -np.sort(-generator.uniform(1, 4, shape), axis=1)
    # Some places are those of several units, as in a corpus.
    places = generator.integers(0, 20_000, shape) * 40
    return Tops(values, places, generator.integers(0, N_SHARDS, shape))


def _contexts(signals: dict[str, SignalSketch]) -> dict[tuple[int, int], Context]:
    found = {}
    for one in signals.values():
        for tops in (one.highest, one.lowest):
            for place in _pairs(tops):
                text = f"{place[0]:012} {place[1]:011}"
                found[place] = Context(text, "x", text[::-1])
    return found


def _pairs(tops: Tops) -> list[tuple[int, int]]:
    return list(zip(tops.shards.ravel().tolist(), tops.places.ravel().tolist(), strict=True))
