"""The few Python lines that make a page's trace in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Reading:
    """How an input was read; `file` is a name, empty for typed text."""

    text: str
    kind: str
    encoding: str
    size: int
    file: str = ""
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
        """Of the simple RNN."""

    @property
    def recurrence(self) -> str:
        """Of the simple RNN."""

    @property
    def backend(self) -> str:
        """numpy or torch."""


def lines_of_code(reading: Reading, n_inputs: int, making: Making) -> str:
    """Python that gives the same trace with `rnnviz` alone; what is a default is left out."""
    model = _call(
        "rv.random_model",
        [repr(making.cell)],
        n_inputs=n_inputs,
        n_units=making.units,
        n_layers=making.layers if making.layers > 1 else None,
        direction=making.direction if making.direction != "forward" else None,
        seed=making.seed,
        init=making.init,
        gain=making.gain if making.gain != 1 else None,
        activation=making.activation if making.activation != "tanh" else None,
        recurrence=making.recurrence if making.recurrence != "full" else None,
    )
    backend = making.backend if making.backend != "numpy" else None
    return "\n".join(
        [
            "import rnnviz as rv",
            "",
            f"sequence = {_sequence(reading)}",
            f"model = {model}",
            f"trace = {_call('rv.trace', ['model', 'sequence'], backend=backend)}",
            "rv.figures.gates(trace)",
        ]
    )


def _sequence(reading: Reading) -> str:
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
