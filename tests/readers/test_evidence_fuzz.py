"""Names and shapes drawn at random around real layers: right, asked or refused in a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.engine.parity import with_parity
from rnnviz.readers.state_dict import import_arrays
from tests.readers.test_state_dict import drawn, hidden, state
from tests.witnesses import Array, assert_close, normal

X = normal(5, 2, 3)
WORDS = st.sampled_from(
    [
        *("weight", "bias", "weight_ih", "weight_hh_l0", "kernel", "recurrent_kernel", "gamma"),
        *("W_f", "U_f", "Wxh", "Whh", "b_i", "h0", "w_ci", "i2h", "h2h", "norm", "ln", "cell"),
        *("rnn", "module", "lstm", "gru", "fc", "0", "1", "2", "_raw", "weight_g", "weight_v"),
        *("parametrizations", "original0", "fw", "bw", "forward", "backward", "forget.x"),
        *("hidden.h", "l0_i2h_weight", "²", "embedding", "V", "b", "_", ".", "/"),
    ]
)
NAMES = st.lists(WORDS, min_size=1, max_size=4).flatmap(
    lambda words: st.sampled_from([".", "/", "_"]).map(lambda between: between.join(words))
)
SHAPES = st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 8, 12, 16, 20]), max_size=3).map(tuple)
ARRAYS = st.dictionaries(NAMES, SHAPES, max_size=12)


def arrays_of(shapes: dict[str, tuple[int, ...]]) -> dict[str, Array]:
    return {name: normal(*shape) for name, shape in shapes.items()}


@settings(max_examples=150)
@given(ARRAYS)
def test_any_names_and_shapes_are_read_or_refused_in_a_sentence(
    shapes: dict[str, tuple[int, ...]],
) -> None:
    try:
        results = import_arrays(arrays_of(shapes), {}, source="a file")
    except rv.RnnvizError:
        return
    for result in results:
        assert rv.trace(result.model, normal(2, 1, result.model.n_inputs)).layers


LAYERS = {
    "lstm": drawn(torch.nn.LSTM(3, 4)),
    "gru": drawn(torch.nn.GRU(3, 4, 2)),
    "cell": drawn(torch.nn.LSTMCell(3, 4)),
    "rnn": drawn(torch.nn.RNN(3, 4, bidirectional=True)),
}


@settings(max_examples=100)
@given(kind=st.sampled_from(sorted(LAYERS)), name=NAMES, shape=SHAPES.filter(len))
def test_what_is_added_under_a_layers_path_is_never_silent(
    kind: str, name: str, shape: tuple[int, ...]
) -> None:
    own = {f"net.{kind}.{key}": value for key, value in state(LAYERS[kind]).items()}
    added = f"net.{kind}.{name}"
    if added in own:
        return
    try:
        results = import_arrays(own | {added: normal(*shape)}, {}, source="a file")
    except rv.RnnvizError:
        return
    for result in results:
        is_used = added in {array.name for array in result.evidence.arrays}
        assert is_used or result.questions, str(result)


@settings(max_examples=60)
@given(kind=st.sampled_from(sorted(LAYERS)), others=ARRAYS)
def test_a_reading_that_is_checked_computes_as_its_layer(
    kind: str, others: dict[str, tuple[int, ...]]
) -> None:
    own = {f"net.{kind}.{key}": value for key, value in state(LAYERS[kind]).items()}
    beside = {f"other.{name}": value for name, value in arrays_of(others).items()}
    try:
        results = import_arrays(own | beside, {}, source="a file")
    except rv.RnnvizError:
        return
    [found] = [result for result in results if result.name == f"net.{kind}"]
    found = with_parity(found)
    if found.certainty.grade != "assumed":
        assert_close(hidden(found.model, X), witness(kind))


def witness(kind: str) -> Array:
    layer: Any = LAYERS[kind]
    if kind == "cell":
        whole = torch.nn.LSTM(3, 4).double()
        whole.load_state_dict({f"{key}_l0": value for key, value in layer.state_dict().items()})
        layer = whole
    return np.asarray(layer(torch.tensor(X))[0].detach().numpy())
