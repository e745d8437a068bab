"""Which output is asked about, at which step, and over which other one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rnnviz.engine.trace import Trace
from rnnviz.formatting import token_label
from rnnviz.network.model import Model
from rnnviz.ui import results, state
from rnnviz.ui.build import WINDOW
from rnnviz.ui.controls.widgets import number_field, select
from rnnviz.ui.named_rows import task_output_name
from rnnviz.ui.run import ShownRun
from rnnviz.ui.selections import ModelChoice, OpenedModel, RunChoice
from rnnviz.ui.text import t


def output_choice(run: ShownRun, key: str, own: str, more: Mapping[str, str] = {}) -> int | None:
    """A list of the outputs, after entries of another kind; None for one of these.

    own   words of the first entry, "" in links; `more` of further ones.
    """
    names = output_labels(run.trace, run.model, run.choice.model)
    options = {"": own, **more, **{str(number): name for number, name in enumerate(names)}}
    state.fall_back(key, options)
    select(key, list(options), text=options.__getitem__)
    chosen = state.text_of(key)
    return int(chosen) if chosen.isdecimal() else None


def task_of(choice: ModelChoice) -> str:
    """The task that a model learned, "" where it is not known."""
    return results.import_result_of(choice).task if isinstance(choice, OpenedModel) else ""


def output_labels(trace: Trace, model: Model, choice: ModelChoice) -> tuple[str, ...]:
    """Names of the outputs; without a readout the hidden numbers of the top level."""
    if not trace.output_names:
        return tuple(f"{t('signal.hidden')} {number}" for number in range(model.n_outputs))
    task = task_of(choice)
    return tuple(output_label(name, task, state.language()) for name in trace.output_names)


def output_label(name: str, task: str, language: str) -> str:
    """An output's name as it is shown in a language; "" for none."""
    return token_label(task_output_name(name, task, language)) if name else ""


def step_choice(run: ShownRun) -> int | None:
    """A field for the step whose output is asked about, counted from 0; None for the last."""
    last = n_single_steps(run)
    state.fall_back("at", [None, *range(1, last + 1)])
    number_field("at", 1, last, placeholder=t("at.last", step=last))
    chosen = state.get("at")
    return None if chosen is None else chosen - 1


def n_single_steps(run: ShownRun) -> int:
    """Steps of the run that stand one by one."""
    start, stop = single_steps(run.choice).window or (0, run.trace.sequence.n_steps)
    return stop - start


def single_steps(choice: RunChoice) -> RunChoice:
    """The run over as many steps as can stand one by one."""
    if choice.window is None:
        return choice
    start, stop = choice.window
    return replace(choice, window=(start, min(stop, start + WINDOW)))
