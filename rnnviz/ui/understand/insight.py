"""What a view of the page Understand is, and the run that it looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rnnviz.engine.trace import Trace
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.network.model import Model
from rnnviz.ui import results
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import RunChoice
from rnnviz.ui.understand.step_mark import StepMark


@dataclass(frozen=True)
class SeenRun:
    """A run and a layer of it, by its number, with a view's own settings."""

    run: RunChoice
    layer: int = 0
    settings: tuple[Any, ...] = ()

    @property
    def trace(self) -> Trace:
        """The trace of the run."""
        return results.trace_of(self.run)

    @property
    def model(self) -> Model:
        """The model of the run."""
        return results.model_of(self.run.model, self.trace.sequence.n_features)


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
    settings  draws the view's own controls and returns what they hold; None while the result is
              not there yet, whose progress it has drawn.
    beneath   draws what stands under the figure.
    marks     where the steps stand in the figure of a result: the player's is marked there, and a
              click goes to it.
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
    settings: Callable[[ShownRun], tuple[Any, ...] | None] | None = None
    beneath: Callable[[Any], None] | None = None
    marks: Callable[[Any], tuple[StepMark, ...]] | None = None
    serves: Callable[[ShownRun], bool] = lambda run: True
    fitting: str = ""
    is_beside: bool = False
    follows_step: bool = False
    heeds_changes: bool = False
