"""Units of a model over a corpus: read once, kept as sketches that add up.

>>> import rnnviz as rv
>>> callable(rv.corpus.scan)
True
"""

from __future__ import annotations

from rnnviz.corpus.result import CorpusContext, CorpusFeature, CorpusScan, open_scan
from rnnviz.corpus.scan_corpus import scan

open = open_scan

__all__ = ["CorpusContext", "CorpusFeature", "CorpusScan", "open", "scan"]
