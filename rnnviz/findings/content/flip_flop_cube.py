"""Fixed points of a network that remembers three bits: the corners, edges, faces and the middle of
a cube."""

from __future__ import annotations

from rnnviz.analysis.fixed_points import fixed_points
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.publication import Publication
from rnnviz.train.presets import preset

_MODEL = "flip_flop_gru"
# Stable corners, and the points between them by their number of unstable directions.
_CUBE = {"stable": (0, 8), "edges": (1, 12), "faces": (2, 6), "middle": (3, 1)}


def _measure(tell: TellProgress) -> FindingResult:
    found = fixed_points(preset(_MODEL).model(), seed=0)
    numbers = [
        MeasuredNumber(name, found.counts.get(unstable, 0), wanted, wanted, form="d")
        for name, (unstable, wanted) in _CUBE.items()
    ]
    return FindingResult(tuple(numbers), found)


FINDING = PublishedFinding(
    key="flip_flop_cube",
    publication=Publication(
        "D. Sussillo, O. Barak",
        2013,
        "Opening the Black Box: Low-Dimensional Dynamics in High-Dimensional Recurrent Neural"
        " Networks",
        "Neural Computation 25(3)",
        "https://doi.org/10.1162/NECO_a_00409",
    ),
    models=(_MODEL,),
    measure=_measure,
    choices={"understand": "fixed_points"},
)
