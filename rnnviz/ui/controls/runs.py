"""Which runs stand side by side: cells, inputs, a training, changes, or back ends."""

from __future__ import annotations

from collections.abc import Callable

from rnnviz.ui import state
from rnnviz.ui.controls.compare_cells import cells
from rnnviz.ui.controls.compare_inputs import inputs
from rnnviz.ui.controls.compare_interventions import backends, intervened
from rnnviz.ui.controls.compare_training import course
from rnnviz.ui.selections import Runs

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
