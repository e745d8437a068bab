"""Small tasks, a loop that trains any cell on them step by step, and the models trained here.

TASKS           every task by its name; `TASKS["adding"].example(1)` is a sequence of it.
TrainingConfig  what to train and how; `TrainingConfig("brackets", "lstm").initial_model`.
Training        a training of such a configuration, some steps at a time (needs torch).
load_weights    the trained model of a configuration, from the file that the page saved.
preset          a model trained here, by its name; `preset("brackets_lstm").model()`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz.train.config import TrainingConfig
    from rnnviz.train.loop import Training
    from rnnviz.train.named_weights import load_weights
    from rnnviz.train.presets import preset
    from rnnviz.train.tasks import TASKS

__all__ = ["TASKS", "Training", "TrainingConfig", "load_weights", "preset"]

# Imported when it is first asked for: who trains nothing need not load the tasks' data.
_LATER = {
    "TASKS": "rnnviz.train.tasks",
    "TrainingConfig": "rnnviz.train.config",
    "Training": "rnnviz.train.loop",
    "load_weights": "rnnviz.train.named_weights",
    "preset": "rnnviz.train.presets",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'rnnviz.train' has no attribute {name!r}")
