"""From a choice to what it names: a sequence, or the stacks of a model file, preset or package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice

import numpy as np

from rnnviz.core.sequence import Sequence
from rnnviz.inputs.files import Content
from rnnviz.inputs.heartbeat import heartbeat
from rnnviz.inputs.parse import TextEncoding, TextKind, parse
from rnnviz.inputs.probe import probe_signal
from rnnviz.inputs.table import Table, table_sequence
from rnnviz.inputs.tokenise import iter_characters, iter_words
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model
from rnnviz.pretrained.registry import pretrained_model
from rnnviz.readers.read import import_model
from rnnviz.readers.result import ImportResult, Source
from rnnviz.recordings.source import InMemory, SequenceSource, long_text
from rnnviz.train.config import TrainingConfig
from rnnviz.train.presets import preset
from rnnviz.train.tasks import TASKS
from rnnviz.ui import training_jobs
from rnnviz.ui.selections import InputChoice, ModelChoice, OpenedChoice

# A sequence of more steps is long: it is recorded on disk, and shown a window at a time.
WINDOW = 1_000
_EACH = {"characters": iter_characters, "words": iter_words}


def read(choice: InputChoice, content: Callable[[], Content]) -> SequenceSource:
    """What is read, however long."""
    if choice.kind in _MADE:
        return InMemory(_MADE[choice.kind](choice))
    if choice.file is not None:
        return _from_file(choice, content())
    if choice.kind in _EACH:
        return _from_text(choice, choice.text)
    return InMemory(parse(choice.text, kind="numbers"))


def beginning(reading: SequenceSource) -> Sequence:
    """All of it, or as much as can be shown step by step."""
    return reading.window(0, min(reading.n_steps, WINDOW))


def is_long(reading: SequenceSource) -> bool:
    """Whether it has more steps than one window."""
    return reading.n_steps > WINDOW


def is_wide(window: tuple[int, int] | None) -> bool:
    """Whether a window has more steps than can be shown one by one."""
    return window is not None and window[1] - window[0] > WINDOW


def random(choice: ModelChoice, n_inputs: int) -> Model:
    """A model with random weights."""
    return random_model(
        choice.cell,
        n_inputs,
        choice.units,
        choice.layers,
        direction=choice.direction,
        seed=choice.seed,
        init=choice.init,
        gain=choice.gain,
        activation=choice.activation,
        recurrence=choice.recurrence,
    )


def import_results(choice: OpenedChoice) -> tuple[ImportResult, ...]:
    """Every recurrent stack that was opened. Raises RnnvizError where there is none."""
    if choice.origin == "file" and choice.file is not None:
        return import_model(Source(choice.file.name, choice.file.data), dict(choice.answers))
    if choice.origin == "zoo":
        reading = pretrained_model(choice.name).pronounce(choice.word)
        return tuple(ImportResult(part.name, part.model) for part in reading.networks)
    if choice.origin == "training":
        return (ImportResult("", training_jobs.job(choice.name).snapshots[choice.moment].model),)
    if choice.origin == "plan":
        return (ImportResult("", _untrained(dict(choice.answers))),)
    return (ImportResult("", versions(choice.name)[choice.moment][1]),)


def _untrained(plan: Mapping[str, str]) -> Model:
    seed = int(plan["seed"])
    return TrainingConfig(plan["task"], plan["cell"], int(plan["units"]), seed=seed).initial_model


def versions(name: str) -> tuple[tuple[int, Model], ...]:
    """A model trained here at the moments that are kept, by step; the untrained one first."""
    one = preset(name)
    kept = tuple((moment.step, moment.model) for moment in one.snapshots())
    return kept or ((0, one.untrained_model()), (one.steps, one.model()))


def _task(choice: InputChoice) -> Sequence:
    return TASKS[choice.text].example(np.random.default_rng(choice.size))


def _zoo(choice: InputChoice) -> Sequence:
    package, part = choice.columns
    return pretrained_model(package).pronounce(choice.text).network(part).sequence


_MADE: dict[str, Callable[[InputChoice], Sequence]] = {
    "signal": lambda choice: (
        heartbeat() if choice.text == "heartbeat" else probe_signal(choice.text, choice.size)
    ),
    "task": _task,
    "zoo": _zoo,
}


def _from_text(choice: InputChoice, text: str) -> SequenceSource:
    kind = _kind(choice)
    encoding: TextEncoding = "embedding" if choice.encoding == "embedding" else "one_hot"
    known = choice.vocabulary or None
    if sum(1 for _ in islice(_EACH[kind](text), WINDOW + 1)) > WINDOW:
        return long_text(text, kind, encoding=encoding, size=choice.size, vocabulary=known)
    return InMemory(parse(text, kind, encoding=encoding, size=choice.size, vocabulary=known))


def tokens(text: str, kind: str) -> tuple[str, ...]:
    """What a text is read as, a token a step, at most WINDOW."""
    return tuple(islice(_EACH[kind](text), WINDOW))


def _kind(choice: InputChoice) -> TextKind:
    return "words" if choice.kind == "words" else "characters"


def _from_file(choice: InputChoice, content: Content) -> SequenceSource:
    if isinstance(content, Table):
        return InMemory(
            table_sequence(
                content,
                choice.columns or None,
                scale=choice.scale,
                missing=choice.missing,
                axis=choice.axis,
            )
        )
    if isinstance(content, Sequence):
        return InMemory(content)
    return _from_text(choice, content.text)
