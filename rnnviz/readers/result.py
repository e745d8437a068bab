"""What a reader finds in a file: recurrent stacks, where each fact came from, what to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rnnviz.core.arrays import Array
from rnnviz.network.model import Model

Origin = Literal["names", "shapes", "file", "framework", "default", "answer"]
Answers = Mapping[str, str]
Reference = Callable[[Array], Array]


@dataclass(frozen=True)
class Source:
    """A model file as it came.

    name    its name, for sentences and for its suffix.
    data    its bytes.
    folder  where it lies, None for an upload; a file may refer only to what lies beside it.
    """

    name: str
    data: bytes = field(repr=False)
    folder: Path | None = None


@dataclass(frozen=True)
class ReportRow:
    """One line of the card of what was found.

    name    what: "cell", "layers", "sizes", "directions", "gate_order", "biases", "activations",
            "embedding", "readout", "vocabulary", "numbers", "initial_states", "lengths", "nan",
            "left_out".
    value   in words or numbers that need no translation.
    origin  where it came from: the arrays' "names" or "shapes", what the "file" says, the
            "framework" whose rule it is, a "default" taken, or the user's "answer".
    """

    name: str
    value: str
    origin: Origin


@dataclass(frozen=True)
class ImportQuestion:
    """What a file does not say: its options, the likely one first taken."""

    name: str
    options: tuple[str, ...]
    likely: str


@dataclass(frozen=True, eq=False)
class ImportResult:
    """One recurrent stack of a file.

    name       its path in the file, "" where there is only one without a path.
    model      made with the answers given, or with the likely ones.
    facts      the card.
    questions  what the user may choose otherwise.
    witness    (time, batch, feature) ▶ the top level's hidden states (time, batch, unit) as the
               file's framework computes them; None where no framework can.
    """

    name: str
    model: Model
    report: tuple[ReportRow, ...] = ()
    questions: tuple[ImportQuestion, ...] = ()
    reference: Reference | None = None
