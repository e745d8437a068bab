"""A case at a door: what goes in, what an independent witness says, and what the door answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

import rnnviz as rv
from tests.witnesses import Array, normal

Door = Literal[
    "PyTorch", "safetensors", "Keras", "ONNX", "NumPy", "live torch.nn module", "sequence file"
]
RELATIVE = 1e-5
# An input of five steps, two rows and three features, for what computes in single precision.
SINGLE = normal(5, 2, 3).astype(np.float32)


@dataclass(frozen=True)
class Outcome:
    """What a door answered.

    difference  largest difference from the witness, relative to the witness' largest number; None
                where nothing was read.
    grade       of the reading, "" where it has none.
    said        the sentence of a refusal, or what was assumed.
    """

    difference: float | None = None
    grade: str = ""
    said: str = ""

    @property
    def is_right(self) -> bool:
        """True where something was read, and as the witness reads it."""
        return self.difference is not None and self.difference <= RELATIVE

    @property
    def is_honest(self) -> bool:
        """True unless a wrong reading looks like a right one."""
        return self.difference is None or self.is_right or self.grade == "assumed"


@dataclass(frozen=True)
class Case:
    """One case.

    door     where it goes in.
    title    the kind of file or habit, for people.
    witness  whose numbers are the right ones.
    run      gives the outcome; the folder is for its files.
    says     what the sentence of a refusal or of an assumption must hold; "" where the case must
             be read as the witness reads it.
    """

    door: Door
    title: str
    witness: str
    run: Callable[[Path], Outcome] = field(repr=False)
    says: str = ""

    def fault(self, outcome: Outcome) -> str:
        """Why the outcome wrongs the user; "" where it does not."""
        if not outcome.is_honest:
            return f"wrong by {outcome.difference:.1e} and graded {outcome.grade or 'nothing'}"
        if outcome.is_right:
            return ""
        if not self.says:
            return f"not read: {outcome.said}"
        return "" if re.search(self.says, outcome.said) else f"does not say so: {outcome.said}"


CASES: list[Case] = []


def case(
    door: Door, title: str, witness: str, says: str = ""
) -> Callable[[Callable[[Path], Outcome]], Callable[[Path], Outcome]]:
    """Register a function as a case."""

    def register(run: Callable[[Path], Outcome]) -> Callable[[Path], Outcome]:
        CASES.append(Case(door, title, witness, run, says))
        return run

    return register


def relative(ours: Any, wanted: Any) -> float:
    """Largest difference relative to the largest number wanted; infinite for another shape."""
    ours, wanted = np.asarray(ours, float), np.asarray(wanted, float)
    if ours.shape != wanted.shape:
        return float("inf")
    size = float(np.abs(wanted).max(initial=0.0)) or 1.0
    difference = float(np.abs(ours - wanted).max(initial=0.0)) / size
    return float("inf") if np.isnan(difference) else difference


def top_hidden(traced: rv.Trace) -> Array:
    """Hidden states of the top level, (time, batch, unit), directions beside each other."""
    top = max(layer.level for layer in traced.layers)
    layers = [layer.signals["hidden"] for layer in traced.layers if layer.level == top]
    return np.concatenate(layers, axis=-1)


def opened(path: Path, values: Any, wanted: Any, **answers: str) -> Outcome:
    """A model file, its hidden states on an input held against the witness'."""

    def read() -> Outcome:
        found = rv.open_model(path, answers)
        if len(found.parts) > 1:
            return Outcome(said=f"several stacks: {', '.join(found.parts)}")
        hidden = top_hidden(rv.trace(found.model, values))
        said = "; ".join(map(str, found.certainty.assumptions))
        return Outcome(relative(hidden, wanted), found.certainty.grade, said)

    return answered(read)


def answered(read: Callable[[], Outcome]) -> Outcome:
    """The outcome of a reading, or of its refusal."""
    try:
        return read()
    except rv.RnnvizError as error:
        return Outcome(said=str(error))
