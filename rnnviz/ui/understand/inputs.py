"""Which inputs: an output attributed to what was read, by integrated gradients or occlusion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from rnnviz.analysis.attribute import attribute
from rnnviz.analysis.input_attributions import InputAttributions
from rnnviz.analysis.started_as import started_as
from rnnviz.engine.trace import Trace
from rnnviz.figures.input_attributions import figure, has_map
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number, token_label
from rnnviz.i18n import step_words
from rnnviz.ui import state
from rnnviz.ui.controls.output_choice import output_choice, output_label, step_choice, task_of
from rnnviz.ui.controls.widgets import select
from rnnviz.ui.run import ShownRun
from rnnviz.ui.text import t
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun, is_large
from rnnviz.ui.understand.step_mark import StepMark, column

_METHODS = ("integrated_gradients", "occlusion")
_MEAN = "mean"
# Points of the integral, more of them until it is exact enough, while the run is short enough.
_POINTS, _EXACT, _MOST_POINTS = (50, 200, 800), 0.01, 40_000
_MOST_PRODUCTS = 100_000_000


@dataclass(frozen=True, eq=False)
class Attributed:
    """Attributions, and the task that names the outputs; without these they are of hidden units."""

    found: InputAttributions
    task: str
    is_of_unit: bool = False

    def to_frame(self) -> Any:
        """The table of the attributions."""
        return self.found.to_frame()


def _settings(run: ShownRun) -> tuple[Any, ...]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="asked_row"):
        output = output_choice(run, "answer", t("answer.own"))
        at = step_choice(run)
        select("method", _METHODS)
        baseline = _baseline_choice(run)
    return output, at, state.text_of("method"), baseline


def _baseline_choice(run: ShownRun) -> str:
    is_text = run.trace.sequence.encoding != "values"
    tokens = run.model.vocabulary or run.trace.sequence.features
    if run.trace.sequence.encoding == "embedding" and run.model.vocabulary is None:
        tokens = tuple(dict.fromkeys(run.trace.sequence.tokens[0]))
    options = ["", *(tokens if is_text else (_MEAN,))]
    state.fall_back("baseline", options)
    select("baseline", options, text=_baseline_name if is_text else _plain_baseline)
    return state.text_of("baseline")


def _baseline_name(option: str) -> str:
    return token_label(option) if option else t("baseline.zeros")


def _plain_baseline(option: str) -> str:
    return t(f"baseline.{option or 'zeros'}")


def _compute(seen: SeenRun) -> Attributed:
    output, at, method, baseline = seen.settings
    model, trace = started_as(seen.model, seen.trace), seen.trace
    options = {"output": output, "time": at, "method": method}
    options["baseline"] = _numbers_of(trace, baseline)
    found = seen.call(attribute, model, trace.sequence, **options)
    for points in _POINTS[1:]:
        change = abs(found.value - found.baseline_value)
        is_exact = not found.points or abs(found.gap) <= _EXACT * change
        if is_exact or points * trace.sequence.n_steps > _MOST_POINTS:
            break
        found = seen.call(attribute, model, trace.sequence, points=points, **options)
    return Attributed(found, task_of(seen.run.model), not trace.output_names)


def _takes_long(seen: SeenRun) -> bool:
    """True where the rows that are run, each over all steps, take over a tenth of a second."""
    n_steps = seen.trace.sequence.n_steps
    rows = n_steps if seen.settings[2] == "occlusion" else _POINTS[0]
    return is_large(seen) or rows * n_steps * seen.model.n_parameters > _MOST_PRODUCTS


def _numbers_of(trace: Trace, baseline: str) -> Any:
    if trace.sequence.encoding == "values" and baseline == _MEAN:
        return trace.sequence.values[:, 0].mean(axis=0)
    return baseline or None


def _said(one: Attributed) -> InsightSentence:
    found = one.found
    most = int(np.abs(found.steps).argmax())
    facts = {
        "output": output_label(found.output, one.task, state.language()),
        "at": found.time + 1,
        "value": format_number(found.value),
        "before": format_number(found.baseline_value),
        "place": step_words(most + 1, found.tokens[most], state.language()),
        "part": _signed(found.steps[most]),
        "total": _signed(found.total),
        "gap": format_number(abs(found.gap)),
    }
    kind = "unit." if one.is_of_unit else ""
    return InsightSentence(f"understand.inputs.{kind}{found.method}", facts)


def _signed(number: float) -> str:
    return f"{number:+.3g}".replace("-", "−")


def _draw(one: Attributed, look: Look) -> PlotlyJson:
    name = output_label(one.found.output, one.task, look.language)
    if one.is_of_unit:
        name = f"{look.word('signal.hidden')} {name}"
        return figure(replace(one.found, output=name, scale="output"), look)
    return figure(replace(one.found, output=name), look)


def _marks(one: Attributed) -> tuple[StepMark, ...]:
    steps = len(one.found.steps)
    return column(steps), *([column(steps, axes=2)] if has_map(one.found) else [])


def _beneath(one: Attributed) -> None:
    if one.is_of_unit:
        which = "readout" if one.found.is_trained else "random"
        st.markdown(t(f"understand.inputs.no_output.{which}"))


INSIGHT = Insight(
    "inputs",
    'rv.attribute(model, sequence, output=…, time=…, method="integrated_gradients")',
    _compute,
    _said,
    _draw,
    _settings,
    _beneath,
    marks=_marks,
    takes_long=_takes_long,
)
