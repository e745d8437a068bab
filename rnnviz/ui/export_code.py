"""The few Python lines that make a page's trace in a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Protocol

from rnnviz.cells import CELLS
from rnnviz.interventions.types import Intervention


@dataclass(frozen=True)
class Reading:
    """How an input was read; `file` is a name, empty for typed text, `is_text` what it holds.

    kind  as in `rnnviz.parse`, or "signal" and "task" for what was made.
    """

    text: str
    kind: str
    encoding: str
    size: int
    file: str = ""
    is_text: bool = False
    columns: tuple[str, ...] = ()
    scale: str = "standard"
    missing: str = "interpolate"
    axis: str | None = None


class Making(Protocol):
    """How a random model was made."""

    @property
    def cell(self) -> str:
        """The cell's name."""

    @property
    def units(self) -> int:
        """Units a layer."""

    @property
    def layers(self) -> int:
        """Layers in the stack."""

    @property
    def direction(self) -> str:
        """forward, backward or both."""

    @property
    def seed(self) -> int:
        """The seed of the weights."""

    @property
    def init(self) -> str:
        """The initialisation's name."""

    @property
    def gain(self) -> float:
        """What multiplies the drawn matrices."""

    @property
    def activation(self) -> str:
        """Activation of the gate that has a choice; "" for the cell's own."""

    @property
    def recurrence(self) -> str:
        """Form of the recurrent weights; "" for the cell's own."""

    @property
    def backend(self) -> str:
        """numpy or torch."""


@dataclass(frozen=True)
class Opening:
    """How a model was opened.

    origin   "file", "preset", "zoo" or "training".
    name     of the file, the preset or the package's module.
    part     which of the stacks found there, "" for the only one.
    answers  what was said of a file.
    word     what a published model reads.
    """

    origin: str
    name: str
    part: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    word: str = ""
    backend: str = "numpy"


def lines_of_code(
    reading: Reading,
    n_inputs: int,
    making: Making | Opening,
    interventions: Iterable[Intervention] = (),
    *,
    window: tuple[int, int] | None = None,
    is_wide: bool = False,
) -> str:
    """Python that gives the same trace with `rnnviz` alone; what is a default is left out.

    window   of a long input the steps that are shown, from the first up to the second; `is_wide`
             where a column of the picture is many of them.
    """
    if isinstance(making, Opening):
        imported, model = _opened(making)
    else:
        imported, model = [], _random(making, n_inputs)
    if isinstance(making, Opening) and making.origin == "zoo":
        needed: list[str] = []
        sequence = "network.sequence"
    else:
        needed, sequence = _sequence(reading)
    backend = making.backend if making.backend != "numpy" else None
    done = {"intervene": [_Code(_touched(one)) for one in interventions] or None}
    return "\n".join(
        [
            *sorted({*imported, *needed, *(_SPAN if is_wide else [])}),
            "import rnnviz as rv",
            "",
            *model[:-1],
            f"sequence = {sequence}",
            f"model = {model[-1]}",
            *_shown(backend, done, window, is_wide),
        ]
    )


class _Code(str):
    """Python that is its own representation."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _touched(one: Intervention) -> str:
    """`rv.Clamp(gate='forget', value=1.0)`."""
    given = {f.name: getattr(one, f.name) for f in fields(one)}
    own = {f.name: given[f.name] for f in fields(one) if given[f.name] != f.default}
    return _call(f"rv.{type(one).__name__}", [], **own)


_SPAN = [
    "from rnnviz.figures.window import draw",
    "from rnnviz.analysis.window import recording_window",
]


def _shown(
    backend: str | None, done: dict[str, Any], window: tuple[int, int] | None, is_wide: bool
) -> list[str]:
    """From model and sequence to the picture."""
    if window is None:
        trace = _call("rv.trace", ["model", "sequence"], backend=backend, **done)
        return [f"trace = {trace}", "rv.figures.gates(trace)"]
    record = _call("rv.record", ["model", "sequence", "'recording'"], backend=backend)
    start, stop = window
    if is_wide:
        return [f"recording = {record}", f"draw(recording_window(recording, {start}, {stop}))"]
    return [
        f"recording = {record}",
        f"trace = recording.window({start}, {stop})",
        "rv.figures.gates(trace)",
    ]


def _random(making: Making, n_inputs: int) -> list[str]:
    others = _others(making.cell)
    made = _call(
        "rv.random_model",
        [repr(making.cell)],
        n_inputs=n_inputs,
        n_units=making.units,
        n_layers=making.layers if making.layers > 1 else None,
        direction=making.direction if making.direction != "forward" else None,
        seed=making.seed,
        init=making.init,
        gain=making.gain if making.gain != 1 else None,
        activation=making.activation if making.activation in others else None,
        recurrence=making.recurrence if making.recurrence in others else None,
    )
    return [made]


def _others(cell: str) -> set[str]:
    """Activations and recurrences that are a cell's choices, but not its defaults."""
    choices = (*CELLS[cell].activations.values(), CELLS[cell].recurrences)
    return {name for choice in choices for name in choice[1:]}


def _opened(opening: Opening) -> tuple[list[str], list[str]]:
    """Imports, and lines of which the last is the model."""
    name = opening.name
    if opening.origin == "preset":
        return ["from rnnviz.train.presets import preset"], [f"preset({name!r}).model()"]
    if opening.origin == "zoo":
        spoken = f"spoken = pretrained_model({name!r}).pronounce({opening.word!r})"
        lines = [spoken, f"network = spoken.network({opening.part!r})", "network.model"]
        return ["from rnnviz.pretrained.registry import pretrained_model"], lines
    part_ = opening.part or None
    return [], [_call("rv.read_model", [repr(name)], part=part_, **dict(opening.answers))]


def _sequence(reading: Reading) -> tuple[list[str], str]:
    """Imports, and the call that gives the sequence."""
    if reading.kind == "signal" and reading.text == "heartbeat":
        return ["from rnnviz.inputs.heartbeat import heartbeat"], "heartbeat()"
    if reading.kind == "signal":
        call = _call("probe_signal", [repr(reading.text)], n_features=reading.size)
        return ["from rnnviz.inputs.probe import probe_signal"], call
    if reading.kind == "task":
        call = f"TASKS[{reading.text!r}].example(np.random.default_rng({reading.size}))"
        return ["import numpy as np", "from rnnviz.train.tasks import TASKS"], call
    if reading.is_text:
        return _LONG_TEXT, _long_text(reading)
    return [], _read(reading)


_LONG_TEXT = [
    "from pathlib import Path",
    "from rnnviz.recordings.source import long_text",
    "from rnnviz.inputs.files import read_file",
]


def _long_text(reading: Reading) -> str:
    embedded = reading.encoding == "embedding"
    return _call(
        "long_text",
        [f"read_file({reading.file!r}, Path({reading.file!r})).text"],
        kind=reading.kind,
        encoding="embedding" if embedded else None,
        size=reading.size if embedded else None,
    )


def _read(reading: Reading) -> str:
    if reading.file:
        return _call(
            "rv.read_sequence",
            [repr(reading.file)],
            columns=list(reading.columns) or None,
            scale=reading.scale,
            missing=reading.missing,
            axis=reading.axis,
        )
    embedded = reading.kind != "numbers" and reading.encoding == "embedding"
    return _call(
        "rv.parse",
        [repr(reading.text)],
        kind=reading.kind,
        encoding="embedding" if embedded else None,
        size=reading.size if embedded else None,
    )


def _call(function: str, given: list[str], **named: Any) -> str:
    arguments = given + [f"{name}={value!r}" for name, value in named.items() if value is not None]
    return f"{function}({', '.join(arguments)})"
