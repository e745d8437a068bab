"""What a view of the page Understand is, and the run that it looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rnnviz.engine.trace import Trace
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.network.model import Model
from rnnviz.ui import results
from rnnviz.ui.calls import call_here
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import RunChoice
from rnnviz.ui.understand.step_mark import StepMark

_MOST_CUBED, _MOST_SQUARED = 1e8, 5e8


@dataclass(frozen=True)
class SeenRun:
    """A run and a layer of it, by its number, with a view's own settings.

    call  calls a module's function that may take long, here or in a worker.
    """

    run: RunChoice
    layer: int = 0
    settings: tuple[Any, ...] = ()
    call: Callable[..., Any] = field(default=call_here, repr=False, compare=False)

    @property
    def trace(self) -> Trace:
        """The trace of the run."""
        return results.trace_of(self.run)

    @property
    def model(self) -> Model:
        """The model of the run."""
        return results.model_of(self.run.model, self.trace.sequence.n_features)


def is_large(seen: SeenRun) -> bool:
    """True where what is computed from all steps' Jacobians may take over a tenth of a second."""
    traced = seen.trace.layers[seen.layer]
    n_steps = seen.trace.sequence.n_steps
    size: int = sum(traced.signals[name].shape[2] for name in traced.cell.states)
    return n_steps * size**3 > _MOST_CUBED or (n_steps * size) ** 2 > _MOST_SQUARED


def never(seen: SeenRun) -> bool:
    """False: for a view that no run makes wait."""
    return False


def always(seen: SeenRun) -> bool:
    """True: for a view that may make any page wait."""
    return True


@dataclass(frozen=True)
class InsightSentence:
    """What is seen, as the key of a sentence with its numbers."""

    key: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Insight:
    """A view of the page: its words are `understand.KEY`, `.KEY.about` and `.KEY.caveat`.

    key       in links.
    call      the library's call that computes it.
    compute   its result, kept for all sessions; raises RnnvizError where a run has none.
    said      the sentence about a result.
    draw      the figure of a result; None for a view without one.
    settings  draws the view's own controls and returns what they hold.
    beneath   draws what stands under the figure.
    marks     where the steps stand in the figure of a result: the player's is marked there, and a
              click goes to it.
    takes_long  True where a page that waited for the result would stand still: a job computes it.
    job_words   keys of what the job's status says.
    serves    True for a run that the view can be of; `fitting` is a model that it serves.
    is_beside       True where the run's heatmaps stand beside the figure.
    follows_step    True for a view that is drawn again for another step of the player.
    heeds_changes   True for a view of the run, in which interventions act; False for one that runs
                    the network by itself.
    """

    key: str
    call: str
    compute: Callable[[SeenRun], Any]
    said: Callable[[Any], InsightSentence]
    draw: Callable[[Any, Look], PlotlyJson] | None = None
    settings: Callable[[ShownRun], tuple[Any, ...]] | None = None
    beneath: Callable[[Any], None] | None = None
    marks: Callable[[Any], tuple[StepMark, ...]] | None = None
    takes_long: Callable[[SeenRun], bool] = is_large
    job_words: str = "view"
    serves: Callable[[ShownRun], bool] = lambda run: True
    fitting: str = ""
    is_beside: bool = False
    follows_step: bool = False
    heeds_changes: bool = False
