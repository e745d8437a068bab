"""A scanned corpus: contexts, distributions and features of every unit, and what was not found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnviz.analysis.find_units import read_off
from rnnviz.analysis.found_units import LEAST_RISES, ReadOff, feature_name, finding_named
from rnnviz.analysis.unit_controls import N_CONTROLS
from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Cell
from rnnviz.core.checks import check_choice, is_whole_number, shown
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.corpus.files import read_sketch
from rnnviz.corpus.scan_shard import FEATURES, N_SHIFTED, ShardSketch
from rnnviz.corpus.sketch import bin_edges
from rnnviz.errors import InputError
from rnnviz.i18n import word


@dataclass(frozen=True)
class CorpusFeature:
    """What was found of one feature: the unit that follows it best, of any signal.

    best  its held-out correlation beside those of controls, by "shifted" and "labels".
    """

    name: str
    signal: str
    unit: int
    best: ReadOff


@dataclass(frozen=True)
class CorpusContext:
    """A place of the corpus where a unit is high or low.

    shard, step          where it is; before, token, after, what is read there.
    """

    value: float
    shard: int
    step: int
    before: str
    token: str
    after: str


@dataclass(frozen=True, eq=False, repr=False)
class CorpusScan(Figured):
    """Result of `rnnviz.corpus.scan`, and of `rnnviz.corpus.open` for a folder of it.

    folder      where it was written.
    n_shards    of the corpus.
    vocabulary  of the model.
    """

    drawing: ClassVar[str] = "found_units"
    folder: Path
    title: str
    cell: Cell
    layer: int
    vocabulary: tuple[str, ...]
    n_shards: int
    seed: int
    sketch: ShardSketch = field(repr=False)

    @property
    def n_steps(self) -> int:
        """Tokens that were read."""
        return self.sketch.n_steps

    @property
    def n_unknown(self) -> int:
        """Tokens that the model does not know, which were left out."""
        return self.sketch.n_unknown

    @property
    def n_units(self) -> int:
        """Units of the first signal."""
        return len(next(iter(self.sketch.signals.values())).histogram)

    @property
    def signals(self) -> tuple[str, ...]:
        """Signals that were scanned."""
        return tuple(self.sketch.signals)

    def __repr__(self) -> str:
        told = [f"{f.name}: {f.signal} {f.unit}, r = {f.best.r:.2f}" for f in self.found]
        size = f"{self.n_steps:,} tokens, {self.n_units} units"
        return f"<CorpusScan {size}; {'; '.join(told) or 'none'}>"

    @cached_property
    def features(self) -> tuple[CorpusFeature, ...]:
        """What was found of each feature of the text that varies."""
        varies = [part.feature_squares[: len(FEATURES)] > 0 for part in self._any.parts]
        there = np.flatnonzero(varies[0] & varies[1]).tolist()
        return tuple(self._feature(number) for number in there)

    @property
    def found(self) -> tuple[CorpusFeature, ...]:
        """Features that a single unit follows."""
        return tuple(one for one in self.features if one.best.is_found)

    def __getitem__(self, name: str) -> CorpusFeature:
        return finding_named(self.features, name)

    def contexts(
        self, signal: str, unit: int, *, lowest: bool = False
    ) -> tuple[CorpusContext, ...]:
        """Places of the corpus where a unit is highest, or lowest, the farthest first.

        Raises InputError for a signal or a unit that is not there.
        """
        sketch = self._of(signal, unit)
        tops, sign = (sketch.lowest, -1) if lowest else (sketch.highest, 1)
        found = []
        for value, shard, step in zip(
            tops.values[unit].tolist(),
            tops.shards[unit].tolist(),
            tops.places[unit].tolist(),
            strict=True,
        ):
            if np.isfinite(value):
                read = self.sketch.contexts[shard, step]
                parts = read.before, read.token, read.after
                found.append(CorpusContext(sign * value, shard, step, *parts))
        return tuple(found)

    def histogram(self, signal: str, unit: int) -> tuple[Array, Array]:
        """Edges (41,) and shares (40,) of a unit's numbers, of every fourth step."""
        counts = self._of(signal, unit).histogram[unit]
        return bin_edges(self.cell.signal(signal)), counts / max(1, counts.sum())

    def saturation(self, signal: str) -> tuple[Array, Array]:
        """Shares of steps, (unit,) each, in the lowest and in the highest tenth of the range."""
        counts = self._of(signal, 0).histogram
        tenth = counts.shape[1] // 10
        total = np.maximum(1, counts.sum(axis=1))
        return counts[:, :tenth].sum(axis=1) / total, counts[:, -tenth:].sum(axis=1) / total

    def text(self, language: str = "en") -> str:
        """What was found and what was not, a line each feature, in English or Chinese."""
        if not self.features:
            return word("units.corpus.none", language)
        return "\n".join(self.sentence(one.name, language) for one in self.features)

    def sentence(self, name: str, language: str = "en") -> str:
        """Sentence on one feature: the signal and the unit that follow it, or that none does."""
        one = self[name]
        kind = one.best.best_control
        said = word(
            f"units.unit.{one.best.verdict}",
            language,
            name=feature_name(one.name, language),
            unit=one.unit,
            r=f"{one.best.r:.2f}".replace("-", "−"),
            control=f"{one.best.controls[kind]:.2f}",
            which=word(f"units.control.{kind}", language),
        )
        return f"{word(f'signal.{one.signal}', language)}: {said}"

    def to_frame(self) -> Any:
        """A pandas table, a row for each unit of each signal: moments and correlations."""
        pandas = optional_library("pandas")
        tables = []
        for name, sketch in self.sketch.signals.items():
            moments = sketch.moments
            rows: dict[str, Any] = {
                "signal": name,
                "unit": np.arange(len(moments.mean)),
                "mean": moments.mean,
                "std": np.sqrt(moments.squares / max(1, moments.n)),
            }
            rows |= dict(zip(FEATURES, moments.correlations.T, strict=False))
            tables.append(pandas.DataFrame(rows))
        return pandas.concat(tables, ignore_index=True)

    @property
    def _any(self) -> Any:
        return next(iter(self.sketch.signals.values()))

    def _of(self, signal: str, unit: int) -> Any:
        check_choice("signal", signal, self.signals)
        sketch = self.sketch.signals[signal]
        if not is_whole_number(unit) or not 0 <= unit < len(sketch.histogram):
            raise InputError(
                "unit should be a whole number from 0 to {last}, but {came} came.",
                last=len(sketch.histogram) - 1,
                came=shown(unit),
            )
        return sketch

    def _feature(self, number: int) -> CorpusFeature:
        chosen = [self._best(s, [number]) for s in self.sketch.signals]
        place = int(np.argmax([abs(one[0][0]) for one in chosen]))
        signal = self.signals[place]
        unit, r = int(chosen[place][1][0]), float(chosen[place][2][0])
        controls = {"shifted": self._shifted(number), "labels": self._labels(number)}
        return CorpusFeature(
            FEATURES[number], signal, unit, read_off(r, controls, self._is_rare(number))
        )

    def _best(self, signal: str, columns: list[int]) -> tuple[Array, Array, Array]:
        """Of each column: r of the unit chosen on one part, the unit, and its r held out."""
        parts = self.sketch.signals[signal].parts
        old, new = (part.correlations[:, columns] for part in parts)
        return _chosen(old, new)

    def _shifted(self, number: int) -> Array:
        """Held-out r of the best units of the feature's shifted copies, over all signals."""
        n = len(FEATURES)
        columns = [n * (1 + copy) + number for copy in range(N_SHIFTED)]
        return _of_best([self._best(signal, columns) for signal in self.sketch.signals])

    def _labels(self, number: int) -> Array:
        """Held-out r of the best units of random labels drawn from the feature's numbers."""
        generator = np.random.default_rng([self.seed, number])
        shape = len(self.vocabulary), N_CONTROLS
        labels = generator.choice(self.sketch.samples[:, number], shape)
        if not np.ptp(labels):
            labels = generator.normal(size=shape)
        found = []
        for sketch in self.sketch.signals.values():
            old, new = (part.label_correlations(labels) for part in sketch.parts)
            found.append(_chosen(old, new))
        return _of_best(found)

    def _is_rare(self, number: int) -> bool:
        least = min(part.n * part.features[number] for part in self._any.parts)
        return bool(least < LEAST_RISES)


def _chosen(old: Array, new: Array) -> tuple[Array, Array, Array]:
    unit = np.abs(old).argmax(axis=0)
    columns = np.arange(old.shape[1])
    return old[unit, columns], unit, new[unit, columns]


def _of_best(found: list[tuple[Array, Array, Array]]) -> Array:
    """Held-out r of the signal whose unit was the best on the part it was chosen on."""
    old, new = (np.array([one[i] for one in found]) for i in (0, 2))
    place = np.abs(old).argmax(axis=0)
    return np.asarray(new[place, np.arange(new.shape[1])])


def open_scan(folder: str | Path) -> CorpusScan:
    """Scan of a folder that `rnnviz.corpus.scan` has written.

    Raises InputError for a folder without a whole scan.
    """
    place = Path(folder)
    merged = place / "corpus.parquet"
    try:
        plan: Mapping[str, Any] = json.loads((place / "plan.json").read_text("utf-8"))
        if not merged.exists():
            raise FileNotFoundError(merged)
        return CorpusScan(
            place,
            plan["title"],
            CELLS[plan["cell"]],
            plan["layer"],
            tuple(plan["vocabulary"]),
            len(plan["shards"]),
            plan["seed"],
            read_sketch(merged),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "“{name}” should hold a scan of a corpus, but it holds none, or a part of one; scan"
            " into it with `rnnviz corpus`.",
            name=shown(str(place)),
        ) from error
