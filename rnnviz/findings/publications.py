"""Papers that several findings come from."""

from __future__ import annotations

from rnnviz.findings.publication import Publication

LONG_SHORT_TERM_MEMORY = Publication(
    "S. Hochreiter, J. Schmidhuber",
    1997,
    "Long Short-Term Memory",
    "Neural Computation 9(8)",
    "https://doi.org/10.1162/neco.1997.9.8.1735",
)
