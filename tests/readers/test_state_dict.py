"""State dicts as torch writes them, read and computed again by torch itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils import prune

import rnnviz as rv
from rnnviz.readers.read import import_model
from rnnviz.readers.result import ImportResult
from rnnviz.readers.state_dict import import_arrays
from tests.readers.saved import torch_saved
from tests.witnesses import Array, assert_close, normal

KINDS = {
    "RNN": ("rnn", 1),
    "GRU": ("gru_reset_after", 3),
    "LSTM": ("lstm", 4),
}


def drawn(module: Any) -> Any:
    """The same module in float64, every weight drawn normal."""
    module = module.double()
    with torch.no_grad():
        for i, weight in enumerate(module.parameters()):
            weight.copy_(torch.tensor(normal(*weight.shape, seed=i + 1) * 0.6))
    return module


def state(module: Any) -> dict[str, Array]:
    return {name: value.numpy() for name, value in module.state_dict().items()}


def hidden(model: rv.Model, values: Array) -> Array:
    """The top level's hidden states as rnnviz computes them."""
    top = [y for y in rv.trace(model, values).layers if y.level == len(model.levels) - 1]
    return np.concatenate([y.signals["hidden"] for y in top], axis=2)


def facts(found: ImportResult) -> dict[str, str]:
    return {fact.name: fact.value for fact in found.report}


OPTIONS = [
    ("RNN", {}),
    ("RNN", {"num_layers": 3, "bidirectional": True, "bias": False}),
    ("GRU", {"num_layers": 2}),
    ("GRU", {"bidirectional": True, "bias": False}),
    ("LSTM", {"num_layers": 3, "bidirectional": True}),
    ("LSTM", {"bias": False}),
    ("LSTM", {"proj_size": 2, "num_layers": 2, "bidirectional": True}),
    ("LSTM", {"proj_size": 4, "bias": False}),
]


@pytest.mark.parametrize("wrapper", ["", "encoder.rnn.", "module.net.rnn."])
@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_a_state_dict_is_computed_as_torch_does(
    name: str, options: dict[str, Any], wrapper: str
) -> None:
    module = drawn(getattr(torch.nn, name)(3, 5, **options))
    arrays = {wrapper + key: value for key, value in state(module).items()}
    [found] = import_arrays(arrays, {}, source="a file")
    values = normal(6, 2, 3)
    wanted = module(torch.tensor(values))[0].detach().numpy()
    assert_close(hidden(found.model, values), wanted)
    assert found.reference is not None
    assert_close(found.reference(values), wanted)
    assert found.name == wrapper.removeprefix("module.").rstrip(".")


@pytest.mark.parametrize("kind", ["RNNCell", "LSTMCell", "GRUCell"])
@pytest.mark.parametrize("bias", [True, False])
def test_numbered_cells_that_fit_are_levels_or_separate(kind: str, bias: bool) -> None:
    cells = drawn(
        torch.nn.ModuleList([getattr(torch.nn, kind)(n, 4, bias=bias) for n in (3, 4, 4)])
    )
    arrays = {f"cells.{name}": value for name, value in state(cells).items()}
    [found] = import_arrays(arrays, {}, source="a file")
    assert found.name == "cells"
    assert "stack" in {question.name for question in found.questions}
    values = normal(5, 2, 3)
    assert found.reference is not None
    assert len(found.model.levels) == 3
    assert_close(hidden(found.model, values), found.reference(values))
    rows, states = torch.tensor(values), [None] * 3
    for x in rows:
        for level, cell in enumerate(cells):
            states[level] = cell(x, states[level])
            x = states[level][0] if kind == "LSTMCell" else states[level]
    assert_close(found.reference(values)[-1], x.detach().numpy())
    separate = import_arrays(arrays, {"stack": "separate"}, source="a file")
    assert [each.name for each in separate] == ["cells.0", "cells.1", "cells.2"]


def test_cells_without_numbers_are_separate_unless_the_answer_says_levels() -> None:
    pair = drawn(
        torch.nn.ModuleDict({"first": torch.nn.LSTMCell(3, 4), "second": torch.nn.LSTMCell(4, 4)})
    )
    found = import_arrays(state(pair), {}, source="a file")
    assert [each.name for each in found] == ["first", "second"]
    assert found[0].questions[0].likely == "separate"
    [stacked] = import_arrays(state(pair), {"stack": "stacked"}, source="a file")
    assert len(stacked.model.levels) == 2


def test_relu_is_an_answer() -> None:
    module = drawn(torch.nn.RNN(3, 5, nonlinearity="relu"))
    [found] = import_arrays(state(module), {"activation": "relu"}, source="a file")
    values = normal(5, 2, 3)
    assert_close(hidden(found.model, values), module(torch.tensor(values))[0].detach().numpy())
    assert found.questions[0].options == ("tanh", "relu")


class Tagger(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.word_embeddings = torch.nn.Embedding(7, 3)
        self.lstm = torch.nn.LSTM(3, 5, bidirectional=True)
        self.hidden2tag = torch.nn.Linear(10, 4)
        self.norm = torch.nn.LayerNorm(10)


def test_the_embedding_and_the_readout_around_are_found() -> None:
    module = drawn(Tagger())
    [found] = import_arrays(state(module), {"readout_activation": "linear"}, source="a file")
    assert found.model.embedding is not None
    assert found.model.readout is not None
    assert_close(found.model.embedding, module.word_embeddings.weight.detach())
    values = normal(5, 2, 3)
    wanted = module.hidden2tag(module.lstm(torch.tensor(values))[0]).detach().numpy()
    assert_close(rv.trace(found.model, values).outputs, wanted)
    card = facts(found)
    assert card["embedding"] == "word_embeddings.weight (7, 3)"
    assert card["readout"] == "hidden2tag.weight (4, 10), linear"
    assert card["left_out"] == "norm.weight (10,), norm.bias (10,)"
    assert card["sizes"] == "3 → 5"
    assert card["directions"] == "forward, backward"


def test_what_is_not_clear_is_asked() -> None:
    arrays = state(drawn(torch.nn.GRU(3, 5)))
    arrays |= {"a.weight": normal(4, 5), "a.bias": normal(4), "b.weight": normal(6, 3)}
    [found] = import_arrays(arrays, {}, source="a file")
    asked = {question.name: question for question in found.questions}
    assert asked["readout"].options == ("a", "none")
    assert asked["embedding"].options == ("b", "none")
    assert found.model.readout is None
    answers = {"readout": "a", "embedding": "b", "readout_activation": "sigmoid"}
    [found] = import_arrays(arrays, answers, source="a file")
    assert found.model.readout is not None
    assert found.model.readout.activation == "sigmoid"
    assert_close(found.model.embedding, arrays["b.weight"])


def test_a_hidden_layer_under_another_is_not_taken_for_the_readout() -> None:
    arrays = state(drawn(torch.nn.GRU(3, 5)))
    arrays |= {"fc1.weight": normal(8, 5), "fc1.bias": normal(8)}
    arrays |= {"fc2.weight": normal(2, 8), "fc2.bias": normal(2)}
    [found] = import_arrays(arrays, {}, source="a file")
    assert found.model.readout is None
    assert found.questions[0].options == ("fc1", "none")


def test_each_stack_takes_what_lies_beside_it() -> None:
    part = {"embedding": torch.nn.Embedding(7, 3), "rnn": torch.nn.GRU(3, 5)}
    pair = {"encoder": torch.nn.ModuleDict(part)}
    part = {"embedding": torch.nn.Embedding(9, 3), "rnn": torch.nn.GRU(3, 5)}
    pair["decoder"] = torch.nn.ModuleDict({**part, "out": torch.nn.Linear(5, 9)})
    encoder, decoder = import_arrays(state(drawn(torch.nn.ModuleDict(pair))), {}, source="a file")
    assert (encoder.name, decoder.name) == ("encoder.rnn", "decoder.rnn")
    assert encoder.model.readout is None
    assert decoder.model.readout is not None
    assert encoder.model.embedding is not None
    assert decoder.model.embedding is not None
    assert (len(encoder.model.embedding), len(decoder.model.embedding)) == (7, 9)


@settings(max_examples=60)
@given(
    name=st.sampled_from(sorted(KINDS)),
    n_units=st.sampled_from([1, 2, 3, 4, 6, 8, 12, 96, 128]),
    n_inputs=st.integers(1, 13),
    n_layers=st.integers(1, 3),
    both=st.booleans(),
    bias=st.booleans(),
)
def test_the_shapes_tell_the_kind_and_the_sizes(
    name: str, n_units: int, n_inputs: int, n_layers: int, both: bool, bias: bool
) -> None:
    with torch.device("meta"):
        module = getattr(torch.nn, name)(n_inputs, n_units, n_layers, bidirectional=both, bias=bias)
    arrays = {key: np.zeros(value.shape, np.float32) for key, value in module.state_dict().items()}
    [found] = import_arrays(arrays, {}, source="a file")
    model = found.model
    assert {layer.cell_name for layer in model.layers} == {KINDS[name][0]}
    assert (model.n_inputs, len(model.levels)) == (n_inputs, n_layers)
    assert {layer.n_units for layer in model.layers} == {n_units}
    assert len(model.layers) == n_layers * (1 + both)


def changed(**changes: Any) -> dict[str, Array]:
    arrays = state(drawn(torch.nn.LSTM(3, 5, 2))) | changes
    return {name: array for name, array in arrays.items() if array is not None}


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        (
            changed(weight_ih_l0=normal(19, 3)),
            r"“weight_ih_l0” should be \(20, 3\) .* is \(19, 3\)",
        ),
        (changed(weight_ih_l1=normal(20, 3)), r"“weight_ih_l1” should be \(20, 5\)"),
        (changed(weight_hh_l0=normal(20, 7)), "“weight_hh_l0” should hold 1 .* of 7 units"),
        (changed(weight_hh_l0=normal(15, 5)), "should be of one kind, but they are gru"),
        (changed(weight_hh_l0=normal(20, 5, 1)), "“weight_hh_l0” should be a matrix"),
        (changed(bias_hh_l1=None), "“bias_hh_l1” is missing beside “weight_ih_l0”"),
        (changed(weight_hh_l0=None), "“weight_hh_l0” is missing"),
        (
            changed(bias_ih_l0=np.full(20, np.nan)),
            "“bias_ih_l0” should be finite, but 20 of its 20",
        ),
        (changed(bias_ih_l0=np.zeros(20, np.int8)), "“bias_ih_l0” should hold real .* is int8"),
        (changed(bias_ih_l0=np.zeros(20, complex)), "“bias_ih_l0” holds type complex128"),
        (changed(weight_hh_l0_u=normal(20)), "“weight_hh_l0” is computed from u by a rule"),
        ({"x": normal(2)}, r"“a file” should hold .*, but its arrays are x \(2,\)"),
        ({}, "it has no arrays of numbers"),
        ({"recurrent_kernel": normal(2, 8)}, "“kernel” is missing beside “recurrent_kernel”"),
        ({"forget.x": normal(2, 8)}, "The arrays forget.x make none of the cells"),
    ],
)
def test_what_does_not_fit_is_named(arrays: dict[str, Array], sentence: str) -> None:
    with pytest.raises(rv.ModelError, match=sentence):
        import_arrays(arrays, {}, source="a file")


def test_an_answer_that_is_no_option_is_refused() -> None:
    tensors = torch.nn.RNN(3, 5).state_dict()
    with pytest.raises(rv.ModelError, match="“activation” is one of tanh, relu, but “elu” came"):
        import_model(torch_saved(tensors), {"activation": "elu"})


def test_nan_is_read_as_zero_when_the_answer_insists() -> None:
    arrays = state(drawn(torch.nn.GRU(3, 5)))
    arrays["bias_ih_l0"] = np.where(np.arange(15) < 2, np.inf, arrays["bias_ih_l0"])
    [found] = import_arrays(arrays, {"nan": "zero"}, source="a file")
    assert found.model.layers[0].weights["reset.b"][:2].tolist() == [0, 0]
    assert facts(found)["nan"] == "bias_ih_l0: 2"


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
def test_normalised_and_pruned_weights_are_made_whole(is_new: bool) -> None:
    module = drawn(torch.nn.LSTM(3, 5))
    utils = torch.nn.utils
    (utils.parametrizations if is_new else utils).weight_norm(module, "weight_hh_l0")
    prune.random_unstructured(module, "weight_ih_l0", 0.4)
    for weight in module.parameters():
        weight.data *= 1.5
    values = normal(5, 2, 3)
    [found] = import_arrays(state(module), {}, source="a file")
    pruned = module.state_dict()["weight_ih_l0_orig"] * module.state_dict()["weight_ih_l0_mask"]
    assert_close(found.model.layers[0].weights["input.x"], pruned[:5])
    wanted = module(torch.tensor(values))[0].detach().numpy()
    assert_close(hidden(found.model, values), wanted)


def test_half_precision_is_read_into_float32() -> None:
    arrays = {name: array.astype(np.float16) for name, array in state(torch.nn.GRU(3, 5)).items()}
    [found] = import_arrays(arrays, {}, source="a file")
    assert facts(found)["numbers"] == "float16 → float32"
    assert found.model.dtype == np.float32


@pytest.mark.parametrize(
    ("name", "options", "cells"),
    [
        ("SimpleRNN", {}, {"rnn"}),
        ("LSTM", {}, {"lstm"}),
        ("GRU", {"reset_after": True}, {"gru_reset_after"}),
        ("GRU", {"reset_after": False}, {"gru"}),
    ],
)
@pytest.mark.parametrize("both", [True, False])
def test_keras_variables_are_read_by_name(
    name: str, options: dict[str, Any], cells: set[str], both: bool, monkeypatch: Any
) -> None:
    import keras
    from keras.src.backend.common import dtypes

    # On Torch, Keras casts float64 to float32 inside matmul (keras-team/keras#23223, #23704).
    monkeypatch.setitem(dtypes.BIT64_TO_BIT32_DTYPE, "float64", "float64")
    layer = getattr(keras.layers, name)(5, return_sequences=True, dtype="float64", **options)
    layer = keras.layers.Bidirectional(layer, dtype="float64") if both else layer
    layer.build((None, None, 3))
    layer.set_weights([normal(*w.shape, seed=i) * 0.6 for i, w in enumerate(layer.weights)])
    arrays = {variable.path: np.asarray(variable.value.detach()) for variable in layer.variables}
    arrays = {name: array for name, array in arrays.items() if "seed" not in name}
    [found] = import_arrays(arrays, {}, source="a file")
    assert {each.cell_name for each in found.model.layers} == cells
    values = normal(6, 2, 3)
    wanted = layer(torch.tensor(values.swapaxes(0, 1))).detach().numpy().swapaxes(0, 1)
    assert_close(hidden(found.model, values), wanted)


def test_a_keras_gru_without_biases_may_be_either_and_is_asked() -> None:
    arrays = {"gru/kernel": normal(3, 15), "gru/recurrent_kernel": normal(5, 15)}
    [found] = import_arrays(arrays, {}, source="a file")
    assert found.questions[0].options == ("gru_reset_after", "gru")
    [found] = import_arrays(arrays, {"cell": "gru"}, source="a file")
    assert found.model.layers[0].cell_name == "gru"


@pytest.mark.parametrize("cell", sorted(rv.CELLS))
def test_our_own_names_come_back_as_the_same_cell(cell: str) -> None:
    model = rv.random_model(cell, 3, 5, 2, bidirectional=True, dtype=np.float64)
    arrays = {
        f"layers.{layer.level}.{layer.direction}.{name}": array
        for layer in model.layers
        for name, array in layer.weights.items()
    }
    [found] = import_arrays(arrays, {"cell": cell}, source="a file")
    values = normal(5, 2, 3)
    assert_close(hidden(found.model, values), hidden(model, values), 0)
    [whole] = import_arrays(model.arrays(), {}, source="a file")
    assert [layer.title for layer in whole.model.layers] == [y.title for y in model.layers]
