"""A run as one pass over a page hands it from control to control."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.engine.trace import Trace
from rnnviz.network.model import Model
from rnnviz.recordings.source import SequenceSource
from rnnviz.ui import results
from rnnviz.ui.build import is_wide
from rnnviz.ui.selections import RunChoice


@dataclass(frozen=True, eq=False)
class ShownRun:
    """A model at work on an input, without interventions, and what was computed from the choice.

    It ends with the pass: fragments and downloads keep its choice and ask the results again.

    source  the whole sequence, whatever window of it is shown.
    trace   of the steps that are shown; where they are too many to stand one by one, of the first.
    """

    choice: RunChoice
    source: SequenceSource
    model: Model
    trace: Trace

    @property
    def is_wide(self) -> bool:
        """True when more steps are shown than can stand one by one."""
        return is_wide(self.choice.window)


def run_of(choice: RunChoice, source: SequenceSource) -> ShownRun:
    """The run of a choice, whose input was read already. Raises RnnvizError."""
    model = results.model_of(choice.model, len(source.features))
    return ShownRun(choice, source, model, results.preview_of(choice))
