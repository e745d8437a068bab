"""Every task by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rnnviz.train import choice_task, language_tasks, number_tasks, text_tasks
from rnnviz.train.task import Batch, Metric, Task, TaskKind

__all__ = ["TASKS", "Batch", "Metric", "Task", "TaskKind"]

TASKS: Mapping[str, Task] = MappingProxyType(
    {
        **text_tasks.TEXT_TASKS,
        **number_tasks.NUMBER_TASKS,
        **language_tasks.LANGUAGE_TASKS,
        **choice_task.CHOICE_TASKS,
    }
)
