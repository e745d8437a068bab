"""A simple network over the sentence: one unit pushed once, and the number of its weights."""

from __future__ import annotations

from functools import cache

from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.interventions.types import AddToState
from rnnviz.lessons.content.networks import sentence, small_network
from rnnviz.network.model import Model

# The value added to one unit's state, and the step before which it is added, counted from 0.
PUSH, PUSHED = 0.5, 4


def rnn(recurrence: str = "full") -> Model:
    """Simple network with random weights."""
    return small_network("rnn", recurrence=recurrence)


@cache
def rnn_trace(recurrence: str = "full") -> Trace:
    """Trace of the simple network over the sentence."""
    return trace(rnn(recurrence), sentence())


def pushed_trace(recurrence: str, unit: int) -> Trace:
    """Trace of the simple network with one unit's state pushed once."""
    push = AddToState("hidden", PUSH, PUSHED, units=unit)
    return trace(rnn(recurrence), sentence(), intervene=[push])


def n_reached(recurrence: str, unit: int) -> int:
    """Number of units that the push ever changes."""
    change = pushed_trace(recurrence, unit)["hidden"] != rnn_trace(recurrence)["hidden"]
    return int(change.any(axis=(0, 1)).sum())


def n_weights(name: str, recurrence: str = "full") -> int:
    """Size of one of the simple network's weights, "U", "W", "b", "V" or "d"."""
    model = rnn(recurrence)
    layer, readout = model.layers[0].weights, model.readout
    assert readout is not None
    arrays = {
        "U": (layer["hidden.x"],),
        "W": (layer["hidden.h"],),
        "b": (layer["hidden.b"], layer["hidden.bh"]),
        "V": (readout.weights,),
        "d": (readout.bias,),
    }
    return sum(array.size for array in arrays[name])


def n_products(n_steps: int) -> int:
    """Number of multiplications with weights in so many steps."""
    return n_steps * sum(map(n_weights, "UWV"))
