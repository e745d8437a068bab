"""Still pictures: what stands on them once."""

from __future__ import annotations

import rnnviz as rv
from rnnviz.figures.static_svg import static_svg


def test_a_shared_axis_of_time_is_labelled_once() -> None:
    trace = rv.trace(rv.random_model("lstm", 3, 2), rv.parse("QZ", vocabulary="QZ#"))
    drawn = static_svg(rv.figures.gates(trace, signals=["forget", "input", "output"]))
    assert drawn.count("Q<") == 1
    assert drawn.count("Z<") == 1
