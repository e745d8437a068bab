"""Thirty faults, each with the name that it is to be given, and a model with its faulty twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import rnnviz as rv
from rnnviz import Model
from tests.doctor.planted import (
    changed,
    exchanged,
    loaded,
    network,
    quantised,
    state_of,
    with_blocks,
    with_layer,
    with_weights,
)
from tests.witnesses import Array, normal

LSTM, GRU, DEEP, BOTH, RNN = (
    network("LSTM", num_layers=2),
    network("GRU"),
    network("GRU", inputs=6, num_layers=3),
    network("LSTM", bidirectional=True),
    network("RNN"),
)
Pair = tuple[Model, Model]


def planted(module: Any, *faults: Callable[[dict[str, Array]], dict[str, Array]]) -> Pair:
    """A module and its twin with faults in the arrays, one after the other."""
    state = state_of(module)
    for fault in faults:
        state = fault(state)
    return rv.from_torch(module), loaded(module, state)


def set_otherwise(module: Any, index: int = 0, **settings: Any) -> Pair:
    model = rv.from_torch(module)
    return model, with_layer(model, index, **settings)


def without_bias(state: dict[str, Array]) -> dict[str, Array]:
    return changed(state, "bias_hh", np.zeros_like)


def in_both_places(state: dict[str, Array]) -> dict[str, Array]:
    return state | {n.replace("ih", "hh"): a for n, a in state.items() if "bias_ih" in n}


def through_float16(state: dict[str, Array]) -> dict[str, Array]:
    return changed(state, "", lambda a: a.astype(np.float16))


def through_bfloat16(state: dict[str, Array]) -> dict[str, Array]:
    # torch itself rounds.
    return changed(state, "", lambda a: torch.tensor(a).bfloat16().float().numpy())


def reset_before(model: Model) -> Model:
    """The weights of a torch GRU in the cell of Cho et al., its two biases added."""

    def one_bias(layer: Any) -> dict[str, Array]:
        weights = {n: a for n, a in layer.weights.items() if not n.endswith(".bh")}
        sums = {n: a + layer.weights[f"{n}h"] for n, a in weights.items() if n.endswith(".b")}
        return weights | sums

    layers = [
        rv.Layer("gru", layer.direction, one_bias(layer), level=layer.level)
        for layer in model.layers
    ]
    return Model(tuple(layers))


def inverted(layer: Any) -> dict[str, Array]:
    """Weights of a GRU that writes (1 − z) h + z n."""
    return {n: -a if n.startswith("update") else a for n, a in layer.weights.items()}


def peepholes(scale: float) -> Model:
    weights = dict(rv.from_torch(LSTM).layers[0].weights)
    seen = {
        f"{g}.p": scale * normal(6, seed=i) for i, g in enumerate(("forget", "input", "output"))
    }
    return Model((rv.Layer("lstm_peephole", "forward", weights | seen),))


def started(scale: float) -> Model:
    return with_layer(rv.from_torch(GRU), initial={"hidden": scale * normal(6, seed=3)})


def plus_one(state: dict[str, Array]) -> dict[str, Array]:
    def opened(bias: Array) -> Array:
        return bias + np.repeat([0, 1, 0, 0], len(bias) // 4)

    return changed(state, "bias_ih", opened)


def read_transposed(array: Array) -> Array:
    """The numbers of (input, gate · unit) taken row by row for those of (gate · unit, input)."""
    return array.T.reshape(array.shape)


FAULTS: dict[str, tuple[str, Callable[[], Pair]]] = {
    "an LSTM of ONNX read as one of torch": (
        "gate_order",
        lambda: planted(LSTM, lambda s: with_blocks(s, (0, 3, 1, 2))),
    ),
    "a GRU of Keras read as one of torch": (
        "gate_order",
        lambda: planted(GRU, lambda s: with_blocks(s, (1, 0, 2))),
    ),
    "gates in another order in the biases alone": (
        "gate_order",
        lambda: planted(LSTM, lambda s: with_blocks(s, (1, 0, 2, 3), "bias")),
    ),
    "the reset before the product": (
        "reset",
        lambda: (rv.from_torch(DEEP), reset_before(rv.from_torch(DEEP))),
    ),
    "the recurrent bias lost": ("bias_lost", lambda: planted(LSTM, without_bias)),
    "the recurrent bias of a GRU lost": ("bias_lost", lambda: planted(GRU, without_bias)),
    "all biases lost": (
        "bias_lost",
        lambda: planted(RNN, lambda s: changed(s, "bias", np.zeros_like)),
    ),
    "a single bias of Keras in both places": (
        "bias_doubled",
        lambda: planted(LSTM, in_both_places),
    ),
    "both biases counted twice": (
        "bias_doubled",
        lambda: planted(GRU, lambda s: changed(s, "bias", lambda a: 2 * a)),
    ),
    "the two biases of a GRU added into one": (
        "biases_merged",
        lambda: planted(
            GRU, lambda s: {**s, "bias_ih_l0": s["bias_ih_l0"] + s["bias_hh_l0"]}, without_bias
        ),
    ),
    "the two biases of a GRU exchanged": (
        "biases_swapped",
        lambda: planted(GRU, lambda s: exchanged(s, "bias_ih_l0", "bias_hh_l0")),
    ),
    "hard_sigmoid": (
        "activation",
        lambda: set_otherwise(GRU, activations={"reset": "hard_sigmoid", "update": "hard_sigmoid"}),
    ),
    "the slope of Keras 3 in hard_sigmoid": (
        "activation",
        lambda: (
            with_layer(rv.from_torch(LSTM), activations={"forget": "hard_sigmoid"}),
            with_layer(rv.from_torch(LSTM), activations={"forget": "hard_sigmoid(0.1666667,0.5)"}),
        ),
    ),
    "relu": ("activation", lambda: set_otherwise(RNN, activations={"hidden": "relu"})),
    "a clip": ("clip", lambda: set_otherwise(LSTM, 1, clip=0.8)),
    "the direction": ("direction", lambda: set_otherwise(GRU, direction="backward")),
    "a recurrent kernel transposed": (
        "transposed",
        lambda: planted(
            LSTM,
            lambda s: changed(
                s, "weight_hh", lambda a: np.concatenate([b.T for b in np.split(a, 4)])
            ),
        ),
    ),
    "a kernel of Keras not transposed": (
        "transposed",
        lambda: planted(LSTM, lambda s: changed(s, "weight", read_transposed)),
    ),
    "layers exchanged": (
        "layers_swapped",
        lambda: planted(DEEP, lambda s: exchanged(s, "l1", "l2")),
    ),
    "directions exchanged": (
        "directions_swapped",
        lambda: planted(BOTH, lambda s: exchanged(s, "l0", "l0_reverse")),
    ),
    "int8, one scale": ("int8", lambda: planted(LSTM, lambda s: changed(s, "weight", quantised))),
    "int8, a scale a row": (
        "int8",
        lambda: planted(LSTM, lambda s: changed(s, "weight", lambda a: quantised(a, 1))),
    ),
    "float16": ("float16", lambda: planted(GRU, through_float16)),
    "bfloat16": ("bfloat16", lambda: planted(BOTH, through_bfloat16)),
    "a forget bias of 1 added": ("forget_bias", lambda: planted(LSTM, plus_one)),
    "the update gate the other way round": (
        "update_inverted",
        lambda: (rv.from_torch(GRU), with_weights(rv.from_torch(GRU), inverted)),
    ),
    "peepholes lost": ("peepholes_lost", lambda: (peepholes(0.5), peepholes(0))),
    "initial states lost": ("initial", lambda: (started(0.5), started(0))),
    "an order and float16": (
        "gate_order, float16",
        lambda: planted(LSTM, through_float16, lambda s: with_blocks(s, (2, 0, 3, 1))),
    ),
    "a lost bias and int8": (
        "bias_lost, int8",
        lambda: planted(GRU, without_bias, lambda s: changed(s, "weight", quantised)),
    ),
}
