"""From a choice to what it names: a sequence, or the recurrent stacks of a model."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any, assert_never

import numpy as np

from rnnviz.core.sequence import Sequence
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.files import Content, Text
from rnnviz.inputs.heartbeat import heartbeat
from rnnviz.inputs.parse import parse
from rnnviz.inputs.probe import probe_signal
from rnnviz.inputs.table import Table, table_sequence
from rnnviz.inputs.tokenise import TOKENISERS, iter_tokens
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model
from rnnviz.pretrained.registry import pretrained_model
from rnnviz.readers.result import ImportResult, Source
from rnnviz.recordings.bounded_text import long_text_bounded
from rnnviz.recordings.source import InMemory, SequenceSource
from rnnviz.train.config import TrainingConfig
from rnnviz.train.presets import preset
from rnnviz.train.saved_model import example_of
from rnnviz.train.tasks import TASKS
from rnnviz.ui import training_jobs
from rnnviz.ui.page_bounds import check_random_choice
from rnnviz.ui.selections import (
    DataFile,
    Heartbeat,
    InputChoice,
    ModelFile,
    ModelOrigin,
    PresetModel,
    ProbeSignal,
    PublishedInput,
    PublishedModel,
    RandomModel,
    TaskExample,
    TextFile,
    TrainedModel,
    TypedNumbers,
    TypedText,
    UntrainedModel,
)
from rnnviz.ui.url import File

# A sequence of more steps is long: it is recorded on disk, and shown a window at a time.
WINDOW = 1_000


def sequence_source(
    choice: InputChoice, content: Callable[[File, FileFormat], Content]
) -> SequenceSource:
    """The sequence of a choice, however long; `content` reads a file. Raises RnnvizError."""
    match choice:
        case TypedText(text):
            return _text(text, choice)
        case TextFile(file):
            read = content(file, choice.how)
            assert isinstance(read, Text)
            return _text(read.text, choice)
        case TypedNumbers(text):
            return InMemory(parse(text, kind="numbers"))
        case DataFile(file):
            return InMemory(_data(content(file, choice.how), choice))
        case Heartbeat():
            return InMemory(heartbeat())
        case ProbeSignal(signal, n_features):
            return InMemory(probe_signal(signal, n_features))
        case TaskExample(task, seed):
            return InMemory(TASKS[task].example(seed))
        case PublishedInput(name, part, text):
            return InMemory(pretrained_model(name).pronounce(text).network(part).sequence)
        case _:
            assert_never(choice)


def _text(text: str, choice: TypedText | TextFile) -> SequenceSource:
    known = choice.vocabulary or None if isinstance(choice, TypedText) else None
    kind, joined = choice.kind, choice.joined
    options: dict[str, Any] = {"encoding": choice.encoding, "size": choice.size}
    options |= {"vocabulary": known, "joined": joined}
    if sum(1 for _ in islice(iter_tokens(text, kind, joined), WINDOW + 1)) > WINDOW:
        name = choice.file.name if isinstance(choice, TextFile) else "text"
        return long_text_bounded(name, text, kind, **options)
    return InMemory(parse(text, kind, **options))


def _data(content: Content, choice: DataFile) -> Sequence:
    if not isinstance(content, Table):
        assert isinstance(content, Sequence)
        return content
    return table_sequence(
        content,
        choice.columns or None,
        scale=choice.scale,
        missing=choice.missing,
        axis=choice.axis,
    )


def truncate(source: SequenceSource) -> Sequence:
    """All of a sequence, or as many steps as can be shown one by one."""
    return source.window(0, min(source.n_steps, WINDOW))


def is_long(source: SequenceSource) -> bool:
    """True when a sequence has more steps than one window."""
    return source.n_steps > WINDOW


def is_wide(window: tuple[int, int] | None) -> bool:
    """True when a window has more steps than can be shown one by one."""
    return window is not None and window[1] - window[0] > WINDOW


def first_tokens(text: str, kind: str) -> tuple[str, ...]:
    """The tokens of a text, at most WINDOW."""
    return tuple(islice(TOKENISERS[kind](text), WINDOW))


def random_network(choice: RandomModel, n_inputs: int, dtype: Any = np.float32) -> Model:
    """A model with random weights. Raises ModelError for more of them than a page can hold."""
    check_random_choice(choice, n_inputs)
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
        dtype=dtype,
    )


def import_results(origin: ModelOrigin) -> tuple[ImportResult, ...]:
    """Every recurrent stack of an opened model. Raises RnnvizError where there is none."""
    match origin:
        case ModelFile(file, answers, names):
            beside = {each.name: each.data for each in file.beside}
            from rnnviz.readers.bounded_import import import_model_bounded

            source = Source(file.name, file.data, beside=beside)
            return import_model_bounded(source, dict(answers), dict(names))
        case PublishedModel(name, text):
            networks = pretrained_model(name).pronounce(text).networks
            return tuple(ImportResult(network.name, network.model) for network in networks)
        case PresetModel(name, moment):
            model = preset_moments(name)[moment][1]
            return (ImportResult("", model, task=preset(name).task),)
        case TrainedModel(job, moment):
            training = training_jobs.training_job(job)
            model, task = training.snapshots[moment].model, training.plan.task
            return (ImportResult("", model, task=task.name, example=example_of(task)),)
        case UntrainedModel(task_name, cell, units, seed):
            config = TrainingConfig(task_name, cell, units, seed=seed)
            return (ImportResult("", config.initial_model, task=task_name),)
        case _:
            assert_never(origin)


def preset_moments(name: str) -> tuple[tuple[int, Model], ...]:
    """A model trained here at the moments that are kept, by step; the untrained one first."""
    one = preset(name)
    kept = tuple((moment.step, moment.model) for moment in one.snapshots())
    return kept or ((0, one.untrained_model()), (one.steps, one.model()))
