"""Outputs and inputs of a task, named in the language of the page."""

from __future__ import annotations

from dataclasses import replace

from rnnviz.analysis.answer import Answer
from rnnviz.analysis.panels import INPUTS, OUTPUTS, PROBABILITIES, Panel, Panels
from rnnviz.formatting import token_label
from rnnviz.i18n import has_word, word

_ANSWERS = (PROBABILITIES.name, OUTPUTS.name)


def with_named_outputs(told: Answer, language: str) -> Answer:
    """The answer with its outputs in a language, where the task has words for them."""
    names = tuple(task_output_name(name, told.task, language) for name in told.names)
    return replace(told, names=names)


def with_named_rows(view: Panels, told: Answer | None, language: str) -> Panels:
    """Panels whose rows of answers are named as in `told`, and those of inputs by its task."""
    if told is None or told.kind == "next":
        return view
    return replace(view, panels=tuple(_with_names(one, told, language) for one in view.panels))


def _with_names(panel: Panel, told: Answer, language: str) -> Panel:
    if panel.signal.name in _ANSWERS:
        return replace(panel, units=tuple(map(token_label, told.names)))
    if panel.signal.name == INPUTS.name:
        return replace(
            panel, units=tuple(input_name(name, told.task, language) for name in panel.units)
        )
    return panel


def task_output_name(name: str, task: str, language: str) -> str:
    """An output of a task in a language, or its own name where the task has no word for it."""
    is_known = has_word(f"output.{task}.{name}", language)
    return word(f"output.{task}.{name}", language) if is_known else name


def input_name(name: str, task: str, language: str) -> str:
    """An input of a task in a language, or its own name where the task has no word for it."""
    is_known = has_word(f"input.{task}.{name}", language)
    return word(f"input.{task}.{name}", language) if is_known else name
