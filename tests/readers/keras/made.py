"""Keras models with drawn weights, saved and read again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

import rnnviz as rv
from rnnviz.engine.parity import with_parity
from rnnviz.readers.keras import import_keras
from rnnviz.readers.result import ImportResult, Source
from tests.witnesses import BATCH, INPUT, STEPS, Array, normal

VALUES = normal(STEPS, BATCH, INPUT, seed=91).astype(np.float32)
SEQUENCES: dict[str, Any] = {"return_sequences": True}


def drawn(model: Any) -> Any:
    """The model with every weight that is trained drawn at random."""
    for i, weight in enumerate(model.trainable_weights):
        weight.assign(normal(*weight.shape, seed=i) * 0.6)
    return model


def sequential(*each: Any, shape: tuple[int | None, ...] = (None, INPUT), **options: Any) -> Any:
    """A Sequential of these layers, with drawn weights."""
    return drawn(keras.Sequential([layers.Input(shape), *each], **options))


def functional(inputs: Any, outputs: Any) -> Any:
    """A Functional model, with drawn weights."""
    return drawn(keras.Model(inputs, outputs))


def saved(model: Any, folder: Path, suffix: str) -> Source:
    """The file of a model, whole or weights alone."""
    path = folder / f"model{suffix}"
    (model.save_weights if suffix == ".weights.h5" else model.save)(path)
    return Source(path.name, path.read_bytes())


def opened(
    model: Any, folder: Path, suffix: str = ".keras", **answers: str
) -> dict[str, ImportResult]:
    """What is read of a model's file, by the name of its stack, compared with Keras."""
    found = import_keras(saved(model, folder, suffix), answers)
    return {each.name: with_parity(replace(each, answers=answers)) for each in found}


def said(model: Any, values: Array) -> Array:
    """Keras' own outputs, time first where there is time."""
    outputs = np.asarray(keras.ops.convert_to_numpy(model(values.swapaxes(0, 1))))
    return outputs.swapaxes(0, 1) if outputs.ndim > 2 else outputs


def top(found: ImportResult, values: Array) -> Array:
    """Our hidden states of the top level, forward then backward."""
    trace = rv.trace(found.model, values)
    n_sides = len(found.model.levels[-1])
    return np.concatenate([y.signals["hidden"] for y in trace.layers[-n_sides:]], axis=2)


def likely(found: ImportResult) -> dict[str, str]:
    """The likely answers to its questions."""
    return {question.name: question.likely for question in found.questions}
