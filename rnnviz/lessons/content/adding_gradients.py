"""Gradients of the adding problem: of the LSTM while it learns, and of a simple network."""

from __future__ import annotations

from functools import cache

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.api import trace
from rnnviz.engine.gradients import Gradients, gradients
from rnnviz.engine.trace import Trace
from rnnviz.lessons.content import adding_task as adding
from rnnviz.lessons.content.networks import adding_example
from rnnviz.network.model import Model
from rnnviz.train.presets import preset

# Moments of the LSTM's training: while the error falls, and at the end.
LEARNING, TRAINED = 3, 4


def numbers_read() -> Sequence:
    """Numbers and marks of the adding problem, as in the lesson on training."""
    return adding_example(adding.CARRIES)


def lstm_at(moment: int) -> Model:
    """The LSTM that learns to add, at one of five moments of its training."""
    return preset(adding.CARRIES).snapshots()[moment].model


def simple_rnn(is_trained: bool = False) -> Model:
    """The simple network beside it, before or after its training."""
    own = preset(adding.FAILS)
    return own.model() if is_trained else own.untrained_model()


def last_step_only(wanted: float, n_steps: int) -> Array:
    """Target of the last step, none of the others, (time, output)."""
    targets = np.full((n_steps, 1), np.nan)
    targets[-1] = wanted
    return targets


def true_sum() -> float:
    """Sum of the two marked numbers."""
    values = numbers_read().values[:, 0]
    return float(values[values[:, adding.MARK] > 0, adding.VALUE].sum())


def _backward(model: Model, cut: int | None = None) -> Gradients:
    read = numbers_read()
    return gradients(model, read, last_step_only(true_sum(), read.n_steps), cut=cut)


@cache
def lstm_gradients(moment: int, steps: int | None = None) -> Gradients:
    """Gradients of the LSTM's loss at the last step, followed back so many steps; None for all."""
    return _backward(lstm_at(moment), None if steps is None else numbers_read().n_steps - steps)


@cache
def simple_gradients(is_trained: bool = False) -> Gradients:
    """Gradients of the simple network's loss at the last step."""
    return _backward(simple_rnn(is_trained))


@cache
def lstm_trace(moment: int) -> Trace:
    """Trace of the LSTM over the example."""
    return trace(lstm_at(moment), numbers_read())


def sizes(found: Gradients, state: str) -> Array:
    """Norm of the gradient with respect to a state at every step, (time,)."""
    return np.asarray(np.linalg.norm(found[state][:, 0], axis=1))


def share_at(found: Gradients, state: str, step: int) -> float:
    """Norm at a step as a share of that at the last step."""
    every = sizes(found, state)
    return float(every[step] / every[-1])
