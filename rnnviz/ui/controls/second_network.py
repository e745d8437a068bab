"""The second network of a comparison: one of those that can read what the first one reads."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError
from rnnviz.train.presets import preset, presets
from rnnviz.train.tasks import TASKS
from rnnviz.ui import results, state
from rnnviz.ui.choices import FILE
from rnnviz.ui.controls.model_switch import model_title
from rnnviz.ui.controls.output_choice import single_steps
from rnnviz.ui.controls.widgets import select
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import ModelChoice, ModelFile, OpenedModel, PresetModel, RandomModel
from rnnviz.ui.text import t

_RANDOM, _CELLS = "random", ("lstm", "gru", "rnn")
_SEED = 8


def second_network(run: ShownRun) -> str:
    """A list of the networks that can read the run's input; the chosen one, as links name it."""
    options = list(_offered(run))
    state.fall_back("beside", ["", *options])
    if not state.text_of("beside"):
        state.put(beside=options[0])
    select("beside", options, text=network_title)
    return state.text_of("beside")


def network_title(name: str) -> str:
    """Title of a network of the list."""
    kind, _, cell = name.partition(":")
    return t("beside.random", cell=t(f"cell.{cell}")) if kind == _RANDOM else model_title(name)


def network_choice(name: str, like: ModelChoice, n_units: int) -> ModelChoice:
    """The network of a name; a random one has as many units as the first.

    Raises InputError for a name that is none.
    """
    kind, _, rest = name.partition(":")
    backend = like.backend
    if kind == _RANDOM and rest in _CELLS:
        return RandomModel(rest, n_units, 1, "forward", _SEED, "xavier", 3.0, "", "full", backend)
    if kind == "preset":
        return OpenedModel(PresetModel(preset(rest).name), backend=backend)
    file = state.uploaded_model()
    if kind != FILE or file is None:
        raise InputError("There is no such network here; choose one of the list.")
    named = ModelFile(file, state.chosen_answers(), state.chosen_names())
    return OpenedModel(named, backend=backend)


def _offered(run: ShownRun) -> Iterator[str]:
    """Networks trained here that know the run's tokens or read as many numbers, then others."""
    chosen = state.chosen_model()
    read = results.trace_of(single_steps(run.choice)).sequence
    for one in presets():
        name = f"preset:{one.name}"
        if name != chosen and _reads(one.name, read):
            yield name
    if state.uploaded_model() is not None and chosen != FILE:
        yield FILE
    yield from (f"{_RANDOM}:{cell}" for cell in _CELLS)


def _reads(name: str, read: Sequence) -> bool:
    vocabulary, task = preset(name).vocabulary, TASKS[preset(name).task]
    if read.encoding == "values":
        return not vocabulary and task.n_inputs == read.n_features
    return set(read.tokens[0]) <= set(vocabulary)
