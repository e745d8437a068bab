"""Every task by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rnnviz.train import number_tasks, text_tasks
from rnnviz.train.task import Batch, Metric, Task, TaskKind

__all__ = ["TASKS", "Batch", "Metric", "Task", "TaskKind"]

TASKS: Mapping[str, Task] = MappingProxyType({**text_tasks.TEXT_TASKS, **number_tasks.NUMBER_TASKS})
