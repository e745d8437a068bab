"""Every task by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rnnviz.train import number_tasks, text_tasks
from rnnviz.train.task import Batch, Kind, Metric, Task

__all__ = ["TASKS", "Batch", "Kind", "Metric", "Task"]

TASKS: Mapping[str, Task] = MappingProxyType({**text_tasks.TASKS, **number_tasks.TASKS})
