"""What units are looked through on: the run's whole input, a book, or fresh examples of a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnviz.analysis.text_features import column_features, occurrences, text_features
from rnnviz.analysis.unit_stream import UnitStream
from rnnviz.core.arrays import Array
from rnnviz.errors import InputError
from rnnviz.network.model import Model
from rnnviz.recordings.token_ids import long_text
from rnnviz.train.task import Batch
from rnnviz.train.tasks import TASKS
from rnnviz.train.text_tasks import book
from rnnviz.ui import results
from rnnviz.ui.selections import ModelChoice, OpenedModel, RandomModel, RunChoice

BOOK, RUN, TASK = "book", "run", "task"
# Steps of fresh examples, about as many.
_EXAMPLE_STEPS, _SEED = 20_000, 1


def searched_places(run: RunChoice, is_text: bool) -> tuple[str, ...]:
    """What can be looked through, the run first."""
    task = _task(run.model)
    if task == "next_character":
        return RUN, BOOK
    if task in TASKS:
        return RUN, TASK
    return (RUN, BOOK) if isinstance(run.model, RandomModel) and is_text else (RUN,)


def searched_input(run: RunChoice, where: str) -> tuple[Model, Any]:
    """The model, and what it is to read, as `rnnviz.find_units` takes it. Raises RnnvizError."""
    if where == TASK:
        return results.model_of(run.model, 0), _examples(run.model).sequence
    if where == BOOK and not isinstance(run.model, RandomModel):
        return results.model_of(run.model, 0), book()
    is_book = where == BOOK
    read = long_text(book(), "characters") if is_book else results.source_of(run.input)
    return results.model_of(run.model, len(read.features)), read


def searched_features(
    run: RunChoice, where: str, stream: UnitStream, own: str
) -> Mapping[str, Array]:
    """Features by name, (time,): those of the text or table, a text's own, and right answers.

    Raises InputError where a text of one's own is not found.
    """
    tokens = stream.tokens
    if tokens is None:
        found = column_features(stream.values(0, stream.n_steps), stream.rows[0].features)
    elif own:
        inside = _inside(occurrences(tokens, own), stream.n_steps, own)
        found = {f"“{own}”": inside} | text_features(tokens)
    else:
        found = text_features(tokens)
    if where == TASK:
        found |= _right_answers(run.model)
    return found


def _inside(places: Array, n_steps: int, own: str) -> Array:
    inside = np.zeros(n_steps)
    for start, stop in places.tolist():
        inside[start:stop] = 1
    if inside.all() or not inside.any():
        raise InputError(
            "“{text}” should stand at some places of what is looked through and not at others, but"
            " it does not; type another word or sign.",
            text=own,
        )
    return inside


def _right_answers(choice: ModelChoice) -> dict[str, Array]:
    """Right answers that are numbers or one of two, by the output's name after an arrow."""
    task, batch = TASKS[_task(choice)], _examples(choice)
    targets = batch.targets.astype(float)
    if targets.ndim == 2 and (task.kind, len(task.outputs)) != ("tag", 2):
        return {}
    columns = targets.reshape(*targets.shape[:2], -1)
    real = [columns[:n, row] for row, n in enumerate(batch.sequence.lengths)]
    return {f"→ {n}": c for n, c in zip(task.outputs, np.concatenate(real).T, strict=False)}


def _examples(choice: ModelChoice) -> Batch:
    task = TASKS[_task(choice)]
    size = max(20, _EXAMPLE_STEPS // task.length)
    return task.held_out_batch(np.random.default_rng(_SEED), size)


def _task(choice: ModelChoice) -> str:
    return results.import_result_of(choice).task if isinstance(choice, OpenedModel) else ""
