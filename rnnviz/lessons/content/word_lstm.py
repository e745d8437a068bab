"""An LSTM of two units over a word, and the sums behind its gates and states."""

from __future__ import annotations

from functools import cache

import numpy as np

from rnnviz.analysis.contributions import Contributions, contributions
from rnnviz.analysis.update import StateUpdate, state_update
from rnnviz.core.arrays import Array
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.lessons.content.networks import LSTM_GATES, sentence, small_network
from rnnviz.network.model import Model

WORD = "hello"
UNITS, SEED = 2, 21


@cache
def word_network() -> Model:
    """LSTM of two units with random weights."""
    return small_network("lstm", text=WORD, units=UNITS, seed=SEED)


@cache
def word_trace() -> Trace:
    """Trace of the network over the word."""
    return trace(word_network(), sentence(WORD))


def gate_sum(gate: str, time: int, unit: int) -> Contributions:
    """Summands of a gate's preactivation at a step counted from 0."""
    return contributions(word_network(), word_trace(), layer=0, gate=gate, time=time, unit=unit)


def state_sum(name: str, time: int, unit: int, other: Trace | None = None) -> StateUpdate:
    """Products that a state is the sum of, at a step counted from 0."""
    read = other or word_trace()
    return state_update(word_network(), read, layer=0, state=name, time=time, unit=unit)


def input_part(view: Contributions) -> float:
    """Sum of a preactivation's terms with the letter."""
    return sum(term.value for term in view.terms if term.symbol == "x")


def hidden_part(view: Contributions) -> float:
    """Sum of a preactivation's terms with both units' hidden states."""
    return sum(term.value for term in view.terms if term.symbol == "h")


def recomputed_states() -> tuple[Array, Array]:
    """Cell and hidden states (time, unit) by the six equations written out."""
    weights, h, c = word_network().layers[0].weights, np.zeros(UNITS), np.zeros(UNITS)
    cells, hiddens = [], []
    for x in sentence(WORD).values[:, 0]:
        f, i, g, o = (weights[f"{gate}.x"] @ x + weights[f"{gate}.h"] @ h for gate in LSTM_GATES)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
        cells.append(c)
        hiddens.append(h)
    return np.array(cells), np.array(hiddens)
