"""Who wrote an output: a score, or its lead over another, as a sum over the steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from rnnviz.analysis.written_output import WrittenOutput, written_output
from rnnviz.core.arrays import Array
from rnnviz.figures.attribution import figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number
from rnnviz.i18n import step_words, word
from rnnviz.ui import state
from rnnviz.ui.controls.output_choice import output_choice, output_label, step_choice, task_of
from rnnviz.ui.run import ShownRun
from rnnviz.ui.text import t
from rnnviz.ui.understand.insight import Insight, InsightSentence, SeenRun
from rnnviz.ui.understand.memory import keeps_memory
from rnnviz.ui.understand.step_mark import StepMark, crossing

_ALONE = "alone"


@dataclass(frozen=True, eq=False)
class WrittenAnswer:
    """The sum over the steps, the step whose answer is told, and the task that names outputs."""

    found: WrittenOutput
    at: int
    task: str
    is_of_unit: bool = False

    def to_frame(self) -> Any:
        """The table of the parts."""
        return self.found.to_frame()


def _settings(run: ShownRun) -> tuple[Any, ...]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="asked_row"):
        output = output_choice(run, "answer", t("answer.own"))
        more = {_ALONE: t("over.alone")}
        against = output_choice(run, "over", t("over.own"), more)
        at = step_choice(run)
    return output, _ALONE if state.text_of("over") == _ALONE else against, at


def _compute(seen: SeenRun) -> WrittenAnswer:
    output, against, at = seen.settings
    trace = seen.trace
    at = trace.sequence.n_steps - 1 if at is None else at
    order = np.argsort(-trace.outputs[at, 0], kind="stable")
    output = int(order[0]) if output is None else output
    over = _over(order, output, trace.readout == "softmax") if against is None else against
    against = None if over == _ALONE else over
    found = seen.call(written_output, seen.model, trace, output, against=against)
    return WrittenAnswer(found, at, task_of(seen.run.model), not trace.output_names)


def _over(order: Array, output: int, is_choice: bool) -> int | str:
    """The most probable of the other outputs; none where no output is chosen."""
    others = [int(one) for one in order if one != output]
    return others[0] if is_choice and others else _ALONE


def _said(one: WrittenAnswer) -> InsightSentence:
    found, at = one.found, one.at
    wrote = int(np.abs(found.parts[at]).argmax())
    a, b = _labels(one, state.language())
    facts = {
        "a": a,
        "b": b,
        "at": at + 1,
        "value": format_number(float(found.traced[at])),
        "part": format_number(float(found.parts[at, wrote])),
        "place": step_words(wrote + 1, found.tokens[wrote], state.language()),
        "initial": format_number(float(found.initial[at])),
        "bias": format_number(found.bias),
        "residual": f"{found.residual:.1g}",
    }
    key = "understand.written_answer.margin" if b else "understand.written_answer.score"
    return InsightSentence(key, facts)


def _labels(one: WrittenAnswer, language: str) -> tuple[str, str]:
    """The output and the one that it is held against; hidden units where there is none."""
    names = one.found.output, one.found.against
    a, b = (output_label(name, one.task, language) for name in names)
    if not one.is_of_unit:
        return a, b
    hidden = word("signal.hidden", language)
    return f"{hidden} {a}", f"{hidden} {b}" if b else ""


def _draw(one: WrittenAnswer, look: Look) -> PlotlyJson:
    a, b = _labels(one, look.language)
    return figure(replace(one.found, output=a, against=b), look)


def _marks(one: WrittenAnswer) -> tuple[StepMark, ...]:
    return crossing(len(one.found.tokens))


INSIGHT = Insight(
    "written_answer",
    "from rnnviz.analysis.written_output import written_output\n"
    "written_output(model, trace, output, against=…)",
    _compute,
    _said,
    _draw,
    _settings,
    marks=_marks,
    serves=keeps_memory,
    fitting="preset:brackets_lstm",
    heeds_changes=True,
)
