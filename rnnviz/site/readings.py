"""What networks read and answer, for weights of any cell that are opened in the page.

The page puts such a reading before the header of a cell: a network of that cell that has learned
the task.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnviz.analysis.panels import INPUTS, OUTPUTS, PROBABILITIES
from rnnviz.i18n import word
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model
from rnnviz.site.networks import PageNetwork, first_view, view_parts
from rnnviz.train.config import TrainingConfig
from rnnviz.train.tasks import TASKS

# Of weights that name no task.
NUMBERS = "numbers"
READINGS = (*TASKS, NUMBERS)
_CELL, _UNITS, _SEED = "rnn", 4, 1
_SIGNALS = (INPUTS.name, PROBABILITIES.name, OUTPUTS.name)
_KEPT = ("answer", "tokens", "glue", "readsNumbers", "examples")


def reading_parts(name: str, language: str) -> dict[str, Any]:
    """Header entries on inputs and answers of a task, or of numbers without a task.

    name  one of `READINGS`.
    """
    network = PageNetwork(f"reads_{name}", _model(name), (_example(name),), _task(name))
    run, view = first_view(network, language)
    shown = tuple(one for one in view.shown if one in _SIGNALS)
    header, _ = view_parts(network.model, run, replace(view, shown=shown), language)
    return {
        **{entry: header[entry] for entry in _KEPT},
        "title": word(f"task.{name}", language) if name in TASKS else "",
        "outputs": TASKS[name].outputs if name in TASKS else (),
        "text": header["network"]["text"],
        "readout": header["network"]["readout"],
        "isOneHot": header["arithmetic"]["isOneHot"],
        "panels": [one for one in header["player"]["panels"] if one["name"] in _SIGNALS],
        "looks": {ground: _look(look) for ground, look in header["looks"].items()},
    }


def _model(name: str) -> Model:
    if name in TASKS:
        return replace(TrainingConfig(name, _CELL, _UNITS).initial_model, is_trained=True)
    return replace(random_model(_CELL, 1, _UNITS, n_outputs=0), is_trained=True)


def _task(name: str) -> str:
    return name if name in TASKS else ""


def _example(name: str) -> str:
    """An input to try, as it is typed."""
    if name not in TASKS:
        return "0.5; -0.5;"
    task = TASKS[name]
    read = task.example(_SEED)
    if task.vocabulary:
        return "".join(read.tokens[0])
    return "; ".join(" ".join(f"{number:.3g}" for number in step) for step in read.values[:, 0])


def _look(look: dict[str, Any]) -> dict[str, Any]:
    inks = {name: ink for name, ink in look["inks"].items() if name in _SIGNALS}
    return {"figure": look["figure"], "inks": inks}
