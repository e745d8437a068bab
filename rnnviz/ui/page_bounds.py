"""What a page builds from an input, bounded before it is built."""

from __future__ import annotations

from rnnviz.cells import CELLS
from rnnviz.errors import ModelError
from rnnviz.network.model import Model
from rnnviz.network.weight_count import check_weight_count
from rnnviz.ui.selections import RandomModel

MAX_PAGE_WEIGHTS = 20_000_000
MAX_PAGE_UNITS = 20_000
MAX_PAGE_VALUES = 60_000_000


def check_random_choice(choice: RandomModel, n_inputs: int) -> None:
    """Raise ModelError for a random network of too many weights for a page."""
    directions = 2 if choice.direction == "both" else 1
    sizes = n_inputs, choice.units, choice.layers, directions
    check_weight_count(CELLS[choice.cell], *sizes, n_outputs=n_inputs, bound=MAX_PAGE_WEIGHTS)


def check_trace_choice(model: Model, n_steps: int) -> None:
    """Raise ModelError for a trace of more units or numbers than a page can hold."""
    widest = max(max(layer.n_units for layer in model.layers), model.n_inputs)
    if widest > MAX_PAGE_UNITS:
        raise ModelError(
            "A page shows networks of at most {bound} units and inputs, but this one has {came};"
            " trace it in Python with rnnviz.trace.",
            bound=f"{MAX_PAGE_UNITS:,}",
            came=f"{widest:,}",
        )
    n_values = n_steps * sum(layer.n_units * len(layer.cell.signals) for layer in model.layers)
    if n_values > MAX_PAGE_VALUES:
        raise ModelError(
            "A page shows at most {bound} numbers at once, but {steps} steps of this network are"
            " {came}; choose a shorter input, or trace it in Python with rnnviz.trace.",
            bound=f"{MAX_PAGE_VALUES:,}",
            steps=n_steps,
            came=f"{n_values:,}",
        )
