"""Which runs stand side by side: cells, inputs, a training, changes, or back ends."""

from __future__ import annotations

from collections.abc import Callable

from rnnviz.ui import state
from rnnviz.ui.choices import Runs
from rnnviz.ui.controls.course import course
from rnnviz.ui.controls.pair import inputs
from rnnviz.ui.controls.random_runs import cells
from rnnviz.ui.controls.twice import backends, intervened

COMPARISONS: dict[str, Callable[[], Runs]] = {
    "cells": cells,
    "inputs": inputs,
    "training": course,
    "intervened": intervened,
    "backends": backends,
}


def chosen_runs() -> Runs:
    """The runs of the comparison that is chosen, its choices drawn; few or none while they lack."""
    return COMPARISONS[state.get("compare")]()
