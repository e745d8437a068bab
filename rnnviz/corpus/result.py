"""A scanned corpus: contexts, distributions and features of every unit, and what was not found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnviz.analysis.found_units import feature_name, finding_named, reading_facts
from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Cell
from rnnviz.core.checks import check_choice, is_whole_number, shown
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.corpus.about import ScanAbout
from rnnviz.corpus.corpus_signal import CorpusSignal, corpus_signal
from rnnviz.corpus.corpus_unit import CorpusContext, CorpusUnit, contexts_of, corpus_unit
from rnnviz.corpus.far_units import FarUnits, units_after, units_at, units_in
from rnnviz.corpus.features import CorpusFeature
from rnnviz.corpus.files import sketch_of
from rnnviz.corpus.plain_file import ABOUT, SKETCH, reading
from rnnviz.corpus.scan_files import MERGED
from rnnviz.corpus.scan_shard import ShardSketch
from rnnviz.corpus.scan_source import ScanSource
from rnnviz.corpus.sketch import SignalSketch, bin_edges
from rnnviz.errors import InputError
from rnnviz.i18n import word
from rnnviz.network.model import Model


@dataclass(frozen=True, eq=False, repr=False)
class CorpusScan(Figured):
    """Result of `rnnviz.corpus.scan`, and of `rnnviz.corpus.open` for a folder or a file of it.

    source  the file that it is read from.
    about   model, choices and features.
    sketch  numbers of all signals, without the sums of tokens: `token_means` reads those.
    """

    drawing: ClassVar[str] = "found_units"
    source: ScanSource
    about: ScanAbout
    sketch: ShardSketch = field(repr=False)

    @property
    def cell(self) -> Cell:
        """Cell of the layer that was scanned."""
        return CELLS[self.about.cell]

    @property
    def title(self) -> str:
        """Name of the model."""
        return self.about.title

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Vocabulary of the model."""
        return self.about.vocabulary

    @property
    def n_shards(self) -> int:
        """Shards of the corpus."""
        return self.about.n_shards

    @property
    def n_steps(self) -> int:
        """Tokens that were read."""
        return self.sketch.n_steps

    @property
    def n_unknown(self) -> int:
        """Tokens that the model does not know, which were left out."""
        return self.sketch.n_unknown

    @property
    def n_as_unknown(self) -> int:
        """Tokens of those read that are not in the vocabulary: the model reads its "<unk>"."""
        return self.sketch.n_as_unknown

    @property
    def n_damaged(self) -> int:
        """Places in files of text whose bytes are no UTF-8, each read as one replacement sign."""
        return self.sketch.n_damaged

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

    @property
    def features(self) -> tuple[CorpusFeature, ...]:
        """What was found of each feature of the text that varies."""
        return self.about.features

    @property
    def found(self) -> tuple[CorpusFeature, ...]:
        """Features that a single unit follows."""
        return tuple(one for one in self.features if one.best.is_found)

    def __getitem__(self, name: str) -> CorpusFeature:
        return finding_named(self.features, name)

    def signal(self, signal: str) -> CorpusSignal:
        """All units of a signal; the figure has a point for each.

        Raises InputError for a signal that is not there.
        """
        sketch = self._of(signal, 0)
        return corpus_signal(self.cell.signal(signal), sketch)

    def unit(self, signal: str, unit: int) -> CorpusUnit:
        """All that was kept of a unit; its figure is its histogram beside its correlations.

        Raises InputError for a signal or a unit that is not there.
        """
        self._of(signal, unit)
        return corpus_unit(self.sketch, self.cell.signal(signal), unit)

    def contexts(
        self, signal: str, unit: int, *, lowest: bool = False
    ) -> tuple[CorpusContext, ...]:
        """Places of the corpus where a unit is highest, or lowest, the farthest first.

        Raises InputError for a signal or a unit that is not there.
        """
        self._of(signal, unit)
        return contexts_of(self.sketch, signal, unit, lowest=lowest)

    def histogram(self, signal: str, unit: int) -> tuple[Array, Array]:
        """Edges (41,) and shares (40,) of a unit's numbers, of every fourth step."""
        counts = self._of(signal, unit).histogram[unit]
        return bin_edges(self.cell.signal(signal)), counts / max(1, counts.sum())

    def saturation(self, signal: str) -> tuple[Array, Array]:
        """Shares of steps, (unit,) each, in the lowest and in the highest tenth of the range.

        Of a signal without bounds, below −4 and above 4.
        """
        return self._of(signal, 0).saturation

    def units_at(self, shard: int, step: int) -> FarUnits:
        """Units of all signals for which a place of the corpus is among the farthest.

        The scan keeps the farthest places of every unit and no others: of a unit that is not told,
        nothing is known at that place.
        """
        return units_at(self.sketch, shard, step)

    def units_after(self, token: str, signal: str) -> FarUnits:
        """Units that are far from their mean, on average, where a token was just read.

        Raises InputError for a token that does not occur, and for a signal that is not there.
        """
        self._of(signal, 0)
        place = self.vocabulary.index(token) if token in self.vocabulary else -1
        n = self.counts[place] if place >= 0 else 0
        if not n:
            raise InputError(
                "A token that occurs in the corpus was wanted, but “{came}” came; choose one of the"
                " model's vocabulary.",
                came=shown(token),
            )
        return units_after(self.sketch, signal, token, self.token_means(signal)[place])

    def units_in(self, model: Model, text: str, part: str = "") -> FarUnits:
        """Units of all signals that stay far from their mean throughout a part of a text.

        model  that was scanned: it reads the text, from its first state.
        part   of the text, where it stands last; "" for the last token.

        Raises InputError for another model, and for a part that does not stand in the text.
        """
        return units_in(self.sketch, self.about, model, text, part)

    @property
    def counts(self) -> Array:
        """Steps of each token of the vocabulary, (token,)."""
        return next(iter(self.sketch.signals.values())).moments.counts

    def token_means(self, signal: str) -> Array:
        """Mean of a signal over the steps at which each token was just read, (token, unit).

        NaN for a token that does not occur. It reads the file again, which holds these sums for
        every token. Raises InputError for a signal that is not there.
        """
        self._of(signal, 0)
        first, second = self.source.tokens(self.signals.index(signal))
        counts = self.counts[:, None]
        return np.where(counts > 0, (first + second) / np.maximum(counts, 1), np.nan)

    def text(self, language: str = "en") -> str:
        """What was found and what was not, a line each feature, in English or Chinese."""
        if not self.features:
            return word("units.corpus.none", language)
        return "\n".join(self.sentence(one.name, language) for one in self.features)

    def sentence(self, name: str, language: str = "en") -> str:
        """Sentence on one feature: the signal and the unit that follow it, or that none does."""
        one = self[name]
        said = word(
            f"units.unit.{one.best.verdict}",
            language,
            name=feature_name(one.name, language),
            unit=one.unit,
            **reading_facts(one.best, language),
        )
        return f"{word(f'signal.{one.signal}', language)}: {said}"

    def to_frame(self) -> Any:
        """A pandas table, a row for each unit of each signal: moments, saturation, correlations."""
        pandas = optional_library("pandas")
        tables = [self.signal(name).to_frame() for name in self.signals]
        return pandas.concat(tables, ignore_index=True)

    def _of(self, signal: str, unit: int) -> SignalSketch:
        check_choice("signal", signal, self.signals)
        sketch = self.sketch.signals[signal]
        if not is_whole_number(unit) or not 0 <= unit < len(sketch.histogram):
            raise InputError(
                "unit should be a whole number from 0 to {last}, but {came} came.",
                last=len(sketch.histogram) - 1,
                came=shown(unit),
            )
        return sketch


def open_scan(place: str | Path) -> CorpusScan:
    """Scan of a folder that `rnnviz.corpus.scan` has written, or of the corpus.parquet in it.

    It takes as long whatever was scanned: one file is read, and of it what does not grow with the
    vocabulary. Raises InputError for a folder without a whole scan, and for another file.
    """
    path = Path(place)
    file = path if path.is_file() else path / MERGED
    if not file.is_file():
        raise InputError(
            "“{name}” should hold a scan of a corpus, but it holds none, or a part of one; scan"
            " into it with `rnnviz corpus`.",
            name=shown(str(place)),
        )
    return read_scan(ScanSource(str(place), file))


def read_scan(source: ScanSource) -> CorpusScan:
    """Scan of a file. Raises InputError for one that holds none."""
    plain = source.plain()
    if ABOUT not in plain[0] and SKETCH in plain[0]:
        raise InputError(
            "“{name}” is one shard of a scan; open the corpus.parquet of the whole scan, which"
            " stands in the folder above the folder “shards”.",
            name=shown(source.name),
        )
    sketch = sketch_of(plain, source.name)
    with reading(source.name):
        about = ScanAbout.read(plain[0][ABOUT])
        names = [one.name for one in CELLS[about.cell].signals]
        if not sketch.signals or not set(sketch.signals) <= set(names):
            raise ValueError(names)
        if any(one.unit >= len(sketch.signals[one.signal].histogram) for one in about.features):
            raise ValueError(about.features)
    return CorpusScan(source, about, sketch)
