"""The Python lines of a page's run for a notebook, with the public names of `rnnviz` alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import PurePath
from typing import Any, assert_never

from rnnviz.cells import CELLS
from rnnviz.inputs.choices import format_arguments
from rnnviz.inputs.samples import samples
from rnnviz.interventions.types import Intervention
from rnnviz.train.config import TrainingConfig
from rnnviz.ui.selections import (
    DataFile,
    Heartbeat,
    InputChoice,
    ModelChoice,
    ModelFile,
    OpenedModel,
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


@dataclass(frozen=True)
class TracedRun:
    """A run that the lines reproduce.

    n_inputs  features of a step, for a random model.
    config    of a training, whose choice names it only.
    window    of a long input the steps that are shown, from the first up to the second.
    is_wide   whether a column of the picture is many steps.
    """

    model: ModelChoice
    input: InputChoice
    n_inputs: int
    config: TrainingConfig | None = None
    interventions: Iterable[Intervention] = ()
    window: tuple[int, int] | None = None
    is_wide: bool = False


def code_lines(run: TracedRun) -> str:
    """Python that gives the same trace and its figure; what is a default is left out.

    Files that were uploaded are read from the notebook's folder.
    """
    network = [f"network = {_published(run.model)}"] if _is_published(run.model) else []
    lines = [
        "import rnnviz as rv",
        "",
        *network,
        f"sequence = {_sequence(run)}",
        f"model = {_model(run)}",
        *_figure(run),
    ]
    return "\n".join(lines)


def weights_file(config: TrainingConfig) -> str:
    """The name of the file in which a training is saved."""
    return f"{config.task_name}-{config.cell_name}.safetensors"


def _is_published(model: ModelChoice) -> bool:
    return isinstance(model, OpenedModel) and isinstance(model.origin, PublishedModel)


def _published(model: ModelChoice) -> str:
    """One network of a published model at work: it has a model and a sequence."""
    assert isinstance(model, OpenedModel)
    assert isinstance(model.origin, PublishedModel)
    name, text = model.origin.name, model.origin.text
    network = f".pronounce({text!r}).network({model.part!r})"
    return f"rv.pretrained_model({name!r}){network}"


def _model(run: TracedRun) -> str:
    model = run.model
    if isinstance(model, RandomModel):
        return _random_model(model, run.n_inputs)
    opened = _opened(model, run.config)
    if model.vocabulary:
        return f"{opened}.with_vocabulary({list(model.vocabulary)!r})"
    return opened


def _opened(model: OpenedModel, config: TrainingConfig | None) -> str:
    match model.origin:
        case ModelFile(file, answers, names):
            options = {"part": model.part or None, "names": dict(names) or None}
            return _call("rv.read_model", file.name, **options, **dict(answers))
        case PresetModel(name, moment):
            return f"rv.train.preset({name!r}).{_moment(moment)}"
        case PublishedModel():
            return "network.model"
        case TrainedModel():
            assert config is not None
            return _call("rv.train.load_weights", _Code(_config(config)), weights_file(config))
        case UntrainedModel(task, cell, units, seed):
            return f"{_config(TrainingConfig(task, cell, units, seed=seed))}.initial_model"
        case _:
            assert_never(model.origin)


def _random_model(model: RandomModel, n_inputs: int) -> str:
    choices = _other_choices(model.cell)
    return _call(
        "rv.random_model",
        model.cell,
        n_inputs=n_inputs,
        n_units=model.units,
        n_layers=model.layers if model.layers > 1 else None,
        direction=model.direction if model.direction != "forward" else None,
        seed=model.seed,
        init=model.init,
        gain=model.gain if model.gain != 1 else None,
        activation=model.activation if model.activation in choices else None,
        recurrence=model.recurrence if model.recurrence in choices else None,
    )


def _other_choices(cell: str) -> set[str]:
    """Activations and recurrences that are a cell's choices, but not its defaults."""
    choices = (*CELLS[cell].activations.values(), CELLS[cell].recurrences)
    return {name for choice in choices for name in choice[1:]}


def _moment(moment: int) -> str:
    if moment < 0:
        return "model()"
    return f"snapshots()[{moment}].model" if moment else "untrained_model()"


def _config(config: TrainingConfig) -> str:
    names, seed = (config.task_name, config.cell_name), config.seed or None
    return _call("rv.train.TrainingConfig", *names, config.units, seed=seed)


def _sequence(run: TracedRun) -> str:
    source = run.input
    match source:
        case TypedText(text, kind, vocabulary=vocabulary):
            vocabulary_ = list(vocabulary) or None
            return _call("rv.parse", text, kind=kind, **_encoding(source), vocabulary=vocabulary_)
        case TypedNumbers(text):
            return _call("rv.parse", text, kind="numbers")
        case TextFile(file, kind):
            # A recording reads a text of any length, a trace one whose numbers fit into memory.
            read = "rv.read_sequence" if run.window is None else "rv.read_text"
            return _call(read, _path(file), kind=kind, **_encoding(source))
        case DataFile(file, columns, scale, missing, axis, how):
            options = {"scale": scale, "missing": missing, "axis": axis, **format_arguments(how)}
            return _call("rv.read_sequence", _path(file), columns=list(columns) or None, **options)
        case Heartbeat():
            return "rv.heartbeat()"
        case ProbeSignal(signal, n_features):
            return _call("rv.probe_signal", signal, n_features=n_features)
        case TaskExample(task, seed):
            return f"rv.train.TASKS[{task!r}].example({seed})"
        case PublishedInput():
            return "network.sequence"
        case _:
            assert_never(source)


def _encoding(choice: TypedText | TextFile) -> dict[str, Any]:
    joined = {"joined": list(choice.joined)} if choice.joined else {}
    if choice.encoding == "one_hot":
        return joined
    return {"encoding": choice.encoding, "size": choice.size, **joined}


def _path(file: File) -> str:
    """The file's name, or the call that finds it where it came with the package."""
    for sample in samples():
        if sample.file == file.name and sample.path.read_bytes() == file.data:
            return _Code(f"rv.sample({sample.id!r}).path")
    return PurePath(file.name).name


def _figure(run: TracedRun) -> list[str]:
    """Lines from model and sequence to the figure."""
    backend = run.model.backend if run.model.backend != "numpy" else None
    model, sequence = _Code("model"), _Code("sequence")
    if run.window is None:
        edits = [_Code(_intervention(one)) for one in run.interventions] or None
        trace = _call("rv.trace", model, sequence, backend=backend, intervene=edits)
        return [f"trace = {trace}", "rv.figures.gates(trace)"]
    start, stop = run.window
    record = _call("rv.record", model, sequence, "recording", backend=backend)
    if run.is_wide:
        return [f"recording = {record}", f"rv.figures.window(recording, {start}, {stop})"]
    return [
        f"recording = {record}",
        f"trace = recording.window({start}, {stop})",
        "rv.figures.gates(trace)",
    ]


def _intervention(one: Intervention) -> str:
    """`rv.Clamp(gate='forget', value=1.0)`."""
    values = {f.name: getattr(one, f.name) for f in fields(one)}
    chosen = {f.name: values[f.name] for f in fields(one) if values[f.name] != f.default}
    return _call(f"rv.{type(one).__name__}", **chosen)


class _Code(str):
    """Python that is its own representation."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _call(function: str, *values: Any, **named: Any) -> str:
    """A call's source; arguments that are None are left out."""
    arguments = [repr(value) for value in values]
    arguments += [f"{name}={value!r}" for name, value in named.items() if value is not None]
    return f"{function}({', '.join(arguments)})"
