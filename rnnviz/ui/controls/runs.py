"""Which runs stand side by side: cells, inputs, moments of a training, or back ends."""

from __future__ import annotations

from collections.abc import Callable

from rnnviz.ui import state
from rnnviz.ui.choices import Runs
from rnnviz.ui.controls.course import course
from rnnviz.ui.controls.pair import inputs
from rnnviz.ui.controls.random_runs import backends, cells

COMPARISONS: dict[str, Callable[[], Runs]] = {
    "cells": cells,
    "inputs": inputs,
    "training": course,
    "backends": backends,
}


def chosen_runs() -> Runs:
    """The runs of the comparison that is chosen, its choices drawn; few or none while they lack."""
    return COMPARISONS[state.get("compare")]()
