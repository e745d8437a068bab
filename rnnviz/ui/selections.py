"""What a page shows is made from its choices alone: what is read, by which model, how it is drawn.

The representation of a choice tells it from every other; a file stands in it by its digest.
"""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.inputs.features import FillMethod
from rnnviz.inputs.parse import TextEncoding
from rnnviz.inputs.table import Scale
from rnnviz.ui.url import File


@dataclass(frozen=True)
class InputChoice:
    """What is read: typed text, or a table and how its columns are read.

    kind  "characters", "words", "numbers"; "signal", `text` a test signal of `size` features;
          "task", `text` a task and `size` the seed of its example; "zoo", `text` as the network
          `columns` (package, part) reads it.
    vocabulary  the tokens that are inputs, where others than the text's own shall be.
    window  of a long one the steps that are shown, from the first up to the second.
    """

    text: str
    kind: str
    encoding: TextEncoding
    size: int
    file: File | None = None
    columns: tuple[str, ...] = ()
    scale: Scale = "standard"
    missing: FillMethod = "interpolate"
    axis: str | None = None
    vocabulary: tuple[str, ...] = ()
    window: tuple[int, int] | None = None


@dataclass(frozen=True)
class ModelChoice:
    """A random model's making."""

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
class OpenedChoice:
    """A model that was opened, not made.

    origin      "file", "preset", "zoo", "training", or "plan" for one that is yet to be.
    name        of the preset, the package or the training; "" for the others.
    part        which of the stacks found there.
    answers     what the user said of a file, (question, option) each; the fields of a plan.
    vocabulary  tokens of its inputs, where the user gave them.
    moment      of its training: 0 before, counted up; -1 the last.
    word        what a published model reads: its second part starts where its first one ended.
    """

    origin: str
    name: str
    file: File | None
    part: str
    answers: tuple[tuple[str, str], ...]
    vocabulary: tuple[str, ...]
    moment: int
    word: str
    backend: str


AnyModel = ModelChoice | OpenedChoice


@dataclass(frozen=True)
class RunChoice:
    """One run of a comparison: what it is called, its model, and what that reads.

    do     the interventions under which it runs, as in `ViewChoice`.
    layer  the one that is shown, of all the runs the same.
    """

    name: str
    model: AnyModel
    given: InputChoice
    do: str = ""
    layer: int = 0


Runs = tuple[RunChoice, ...]


@dataclass(frozen=True)
class ViewChoice:
    """What is drawn of a trace, and how.

    do       the interventions under which it runs, as `rnnviz.interventions.serialise` writes them.
    against  whether its difference from the untouched run is drawn.
    """

    layer: int
    order: str
    draw: str
    show: tuple[str, ...]
    only: tuple[int, ...]
    language: str
    dark: bool
    do: str = ""
    against: bool = False
