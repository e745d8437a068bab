"""A trained model as one file, which opens again with its letters and its task."""

from __future__ import annotations

import json

from rnnviz.network.model import Model
from rnnviz.readers.told import TRAINED_HERE
from rnnviz.train.config import TrainingConfig
from rnnviz.train.named_weights import name_weights
from rnnviz.train.safetensors_io import write_arrays
from rnnviz.train.task import Task

EXAMPLE_SEED = 1


def saved_model(model: Model, config: TrainingConfig) -> bytes:
    """A safetensors file of a model of this configuration; its metadata say what it learned.

    >>> config = TrainingConfig("brackets", "gru", 4)
    >>> b'"cell":"gru"' in saved_model(config.initial_model, config)
    True
    """
    return write_arrays(name_weights(model), _metadata(model, config))


def example_of(task: Task) -> str:
    """An example of a task that reads symbols, as a text; "" for one that reads numbers.

    >>> from rnnviz.train.tasks import TASKS
    >>> example_of(TASKS["languages"]), example_of(TASKS["adding"])
    ('Rauhala', '')
    """
    return "".join(task.example(EXAMPLE_SEED).tokens[0]) if task.vocabulary else ""


def _metadata(model: Model, config: TrainingConfig) -> dict[str, str]:
    task, readout, layer = config.task, model.readout, model.layers[0]
    assert readout is not None
    told = {
        "format": TRAINED_HERE,
        "cell": layer.cell_name,
        "readout_activation": readout.activation,
        "outputs": _written(readout.names),
        "task": task.name,
        "source": model.source,
    }
    if layer.cell_name == "rnn":
        told["activation"] = layer.activations.get("hidden", "tanh")
    if task.vocabulary:
        told["vocabulary"] = _written(task.vocabulary)
        told["example"] = example_of(task)
    return told


def _written(names: tuple[str, ...]) -> str:
    return json.dumps(names, ensure_ascii=False)
