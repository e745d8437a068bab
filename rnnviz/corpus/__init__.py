"""Units of a model over a corpus: read once, kept as sketches that add up.

>>> import rnnviz as rv
>>> callable(rv.corpus.scan)
True
"""

from __future__ import annotations

from rnnviz.corpus.corpus_signal import CorpusSignal
from rnnviz.corpus.corpus_unit import CorpusContext, CorpusUnit
from rnnviz.corpus.far_units import FarUnit, FarUnits
from rnnviz.corpus.features import CorpusFeature
from rnnviz.corpus.result import CorpusScan, open_scan
from rnnviz.corpus.scan_corpus import scan

open = open_scan

__all__ = [
    "CorpusContext",
    "CorpusFeature",
    "CorpusScan",
    "CorpusSignal",
    "CorpusUnit",
    "FarUnit",
    "FarUnits",
    "open",
    "scan",
]
