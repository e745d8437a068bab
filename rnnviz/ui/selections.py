"""Choices of a page's user: the input, the model, and how their run is drawn.

A class for every kind of input and of model; `match` tells them apart. All are frozen; by what they
hold, in which a file stands by its digest, is kept what is computed from them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from rnnviz.figures.theme import Look
from rnnviz.inputs.features import FillMethod
from rnnviz.inputs.file_format import AS_FOUND, FileFormat
from rnnviz.inputs.parse import TextEncoding
from rnnviz.inputs.table import Scale
from rnnviz.ui.url import File

TokenKind = Literal["characters", "words"]


@dataclass(frozen=True)
class TypedText:
    """A typed text or an example, and how it is read.

    size        numbers for each token, of an embedding.
    vocabulary  the tokens that are inputs; () for those of the text.
    joined      tokens of several characters or words, each read as one.
    """

    text: str
    kind: TokenKind
    encoding: TextEncoding = "one_hot"
    size: int = 8
    vocabulary: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextFile:
    """An uploaded text, and how it is read, as `TypedText`."""

    file: File
    kind: TokenKind
    encoding: TextEncoding = "one_hot"
    size: int = 8
    how: FileFormat = AS_FOUND
    joined: tuple[str, ...] = ()


@dataclass(frozen=True)
class TypedNumbers:
    """Numbers that were typed, as `rnnviz.parse` reads them."""

    text: str


@dataclass(frozen=True)
class DataFile:
    """An uploaded table or array, and how a table's columns are read, as `rnnviz.read_sequence`."""

    file: File
    columns: tuple[str, ...] = ()
    scale: Scale = "standard"
    missing: FillMethod = "interpolate"
    axis: str | None = None
    how: FileFormat = AS_FOUND


@dataclass(frozen=True)
class Heartbeat:
    """An hour of a made-up heart."""


@dataclass(frozen=True)
class ProbeSignal:
    """A test signal of `rnnviz.probe_signal`."""

    signal: str
    n_features: int


@dataclass(frozen=True)
class TaskExample:
    """An example of a training task, drawn from a seed."""

    task: str
    seed: int


@dataclass(frozen=True)
class PublishedInput:
    """A text as one of the networks of a published model reads it."""

    name: str
    part: str
    text: str


InputChoice = (
    TypedText
    | TextFile
    | TypedNumbers
    | DataFile
    | Heartbeat
    | ProbeSignal
    | TaskExample
    | PublishedInput
)


@dataclass(frozen=True)
class RandomModel:
    """A model with random weights, as `rnnviz.random_model` makes it."""

    cell: str
    units: int
    layers: int
    direction: str
    seed: int
    init: str
    gain: float
    activation: str
    recurrence: str
    backend: str


@dataclass(frozen=True)
class ModelFile:
    """An uploaded model.

    answers  to what its file leaves open, (question, option) each.
    names    what its arrays are where their names do not tell, (array, slot) each.
    """

    file: File
    answers: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PresetModel:
    """A model trained here, at a moment of its training: 0 before it, counted up; -1 the last."""

    name: str
    moment: int = -1


@dataclass(frozen=True)
class PublishedModel:
    """A published model and its text: its second part starts where its first one ended."""

    name: str
    text: str


@dataclass(frozen=True)
class TrainedModel:
    """A training of this server, at one of the moments it kept."""

    job: str
    moment: int


@dataclass(frozen=True)
class UntrainedModel:
    """The network that a training would start from."""

    task: str
    cell: str
    units: int
    seed: int


ModelOrigin = ModelFile | PresetModel | PublishedModel | TrainedModel | UntrainedModel


@dataclass(frozen=True)
class OpenedModel:
    """A model that was opened: from a file, a list, or a training.

    part        the name of one of the recurrent stacks found there; "" for the only one.
    vocabulary  the tokens of its inputs, where the user gave them.
    """

    origin: ModelOrigin
    part: str = ""
    vocabulary: tuple[str, ...] = ()
    backend: str = "numpy"

    @property
    def is_training(self) -> bool:
        """True when the model is of a training on this server, which a link cannot name."""
        return isinstance(self.origin, TrainedModel | UntrainedModel)


ModelChoice = RandomModel | OpenedModel


@dataclass(frozen=True)
class RunChoice:
    """A model at work on an input.

    window         of a long input the steps that are shown, from the first up to the second.
    interventions  under which it runs, as `rnnviz.interventions.serialise` writes them.
    """

    model: ModelChoice
    input: InputChoice
    window: tuple[int, int] | None = None
    interventions: str = ""

    @property
    def untouched(self) -> RunChoice:
        """The run without interventions."""
        return replace(self, interventions="")


@dataclass(frozen=True)
class ViewChoice:
    """The view of a trace: what is drawn, and how.

    is_difference  whether its difference from the untouched run is drawn.
    """

    layer: int
    order: str
    draw: str
    show: tuple[str, ...]
    only: tuple[int, ...]
    look: Look
    is_difference: bool = False


@dataclass(frozen=True)
class ComparedRun:
    """One run of a comparison, its name, and the layer that is shown, of all the runs the same."""

    name: str
    run: RunChoice
    layer: int = 0


ComparedRuns = tuple[ComparedRun, ...]
