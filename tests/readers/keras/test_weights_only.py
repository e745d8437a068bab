"""Keras files of weights alone: what is joined, what is asked, and what is likely."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

import rnnviz as rv
from rnnviz.errors import ModelError
from rnnviz.readers.keras import import_keras
from rnnviz.readers.result import Source
from tests.readers.keras.made import (
    SEQUENCES,
    VALUES,
    drawn,
    functional,
    likely,
    opened,
    said,
    saved,
    sequential,
    top,
)
from tests.witnesses import INPUT, UNIT, Array, assert_close, normal

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
WEIGHTS = ".weights.h5"
SQUARE: dict[str, Any] = {"units": INPUT, **SEQUENCES}


def test_levels_of_a_sequential_are_joined_without_a_question(tmp_path: Path) -> None:
    model = sequential(
        layers.GRU(**SQUARE),
        layers.Dropout(0.5),
        layers.LSTM(**SQUARE),
        layers.TimeDistributed(layers.Dense(1)),
    )
    (found,) = opened(model, tmp_path, WEIGHTS).values()
    assert {"stack", "order", "readout"}.isdisjoint(likely(found))
    assert likely(found)["readout_activation"] == "linear"
    trace = rv.trace(found.model, VALUES)
    assert trace.outputs is not None
    assert_close(trace.outputs, said(model, VALUES), 1e-5)


BETWEEN = {
    "a norm": lambda: layers.LayerNormalization(),
    "a batch norm": lambda: layers.BatchNormalization(),
    "a Dense": lambda: layers.Dense(INPUT, activation="relu"),
    "a convolution": lambda: layers.Conv1D(INPUT, 3, padding="same"),
    "a function": lambda: layers.Activation("relu"),
    "a slope": lambda: layers.LeakyReLU(),
    "a lambda": lambda: layers.Lambda(lambda values: values * 2),
    "a turn": lambda: layers.Permute((1, 2)),
}


@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN.keys())
def test_what_lies_between_parts_two_levels(between: Any, tmp_path: Path) -> None:
    middle = between()
    model = sequential(layers.LSTM(**SQUARE), middle, layers.LSTM(**SQUARE))
    found = opened(model, tmp_path, WEIGHTS)
    assert list(found) == ["layers/lstm", "layers/lstm_1"]
    assert all(likely(each)["stack"] == "separate" for each in found.values())
    below = passed(model.layers[:2], VALUES)
    assert_close(top(found["layers/lstm_1"], below), said(model, VALUES), 1e-5)
    (joined,) = opened(model, tmp_path, WEIGHTS, stack="stacked").values()
    assert len(joined.model.levels) == 2
    assert joined.certainty.grade == "assumed"


def test_only_where_something_lies_a_sequential_is_parted(tmp_path: Path) -> None:
    model = sequential(
        layers.LSTM(**SQUARE),
        layers.LSTM(**SQUARE),
        layers.LayerNormalization(),
        layers.LSTM(**SQUARE),
    )
    found = opened(model, tmp_path, WEIGHTS)
    assert [len(each.model.levels) for each in found.values()] == [2, 1]


def test_parallel_layers_are_likely_apart(tmp_path: Path) -> None:
    given = layers.Input((None, INPUT))
    sides = [layers.LSTM(**SQUARE)(given) for _ in range(2)]
    for merge in (layers.Add(), layers.Concatenate(), layers.Average()):
        found = opened(functional(given, merge(sides)), tmp_path, WEIGHTS)
        assert [likely(each)["stack"] for each in found.values()] == ["separate"] * 2


def test_two_inputs_are_likely_read_apart(tmp_path: Path) -> None:
    given = [layers.Input((None, INPUT)) for _ in range(2)]
    model = functional(given, [layers.LSTM(**SQUARE)(each) for each in given])
    assert {likely(each)["stack"] for each in opened(model, tmp_path, WEIGHTS).values()} == {
        "separate"
    }


def test_a_function_between_the_layers_of_a_functional_model_leaves_no_trace(
    tmp_path: Path,
) -> None:
    given = layers.Input((None, INPUT))
    outputs = layers.LSTM(**SQUARE)(keras.ops.relu(layers.LSTM(**SQUARE)(given)))
    (found,) = opened(functional(given, outputs), tmp_path, WEIGHTS).values()
    assert likely(found)["stack"] == "stacked"
    assert "the layers are levels of one stack" in str(found.certainty)


class OfItsOwn(keras.Model):
    """A model whose attributes are neither in the order of its call nor all listed."""

    def __init__(self) -> None:
        super().__init__()
        self.z_first = layers.LSTM(**SQUARE)
        self.a_second = layers.GRU(**SQUARE)
        self.norms = [layers.LayerNormalization()]

    def call(self, values: Any) -> Any:
        return self.a_second(self.norms[0](self.z_first(values)))


def test_a_class_of_its_own_is_asked_for_its_order(tmp_path: Path) -> None:
    model = OfItsOwn()
    model(VALUES)
    found = opened(drawn(model), tmp_path, WEIGHTS)
    first = next(iter(found.values()))
    assert len(found) == 2
    assert likely(first)["stack"] == "separate"
    (joined,) = opened(model, tmp_path, WEIGHTS, stack="stacked").values()
    assert set(likely(joined)) >= {"stack", "order"}


def test_layers_of_one_class_are_likely_called_as_they_were_made(tmp_path: Path) -> None:
    class TwoLayers(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.z = layers.LSTM(**SQUARE)
            self.a = layers.LSTM(**SQUARE)

        def call(self, values: Any) -> Any:
            return self.a(self.z(values))

    model = TwoLayers()
    model(VALUES)
    drawn(model)
    (found,) = opened(model, tmp_path, WEIGHTS).values()
    assert_close(top(found, VALUES), said(model, VALUES), 1e-5)
    assert found.certainty.grade == "assumed"


def test_a_layer_that_goes_backwards_is_found_by_its_name(tmp_path: Path) -> None:
    model = sequential(layers.LSTM(UNIT, go_backwards=True, name="backward", **SEQUENCES))
    (found,) = opened(model, tmp_path, WEIGHTS).values()
    assert likely(found)["go_backwards"] == "layers/lstm"
    assert_close(top(found, VALUES), said(model, VALUES)[::-1], 1e-5)
    (other,) = opened(model, tmp_path, WEIGHTS, go_backwards="none").values()
    assert other.model.layers[0].direction == "forward"


@pytest.mark.parametrize("n_outputs", [1, 2])
@pytest.mark.parametrize("above", [(), ("Softmax",), ("Dropout", "Dense")])
def test_a_softmax_over_one_output_is_never_an_option(
    n_outputs: int, above: tuple[str, ...], tmp_path: Path
) -> None:
    made = {"Dense": layers.Dense(2), "Dropout": layers.Dropout(0.1), "Softmax": layers.Softmax()}
    upper = [made[name] for name in above]
    model = sequential(layers.LSTM(UNIT), layers.Dense(n_outputs), *upper)
    (found,) = opened(model, tmp_path, WEIGHTS).values()
    (question,) = (q for q in found.questions if q.name == "readout_activation")
    assert ("softmax" in question.options) == (n_outputs > 1)
    usual = "softmax" if n_outputs > 1 else "linear"
    assert question.likely == ("relu" if "Dense" in above else usual)


def test_the_last_states_of_both_directions_are_no_step_of_a_readout(tmp_path: Path) -> None:
    model = sequential(layers.Bidirectional(layers.LSTM(UNIT)), layers.Dense(3))
    (found,) = opened(model, tmp_path, WEIGHTS).values()
    assert found.model.readout is None
    assert likely(found)["readout"] == "none"
    (found,) = opened(model, tmp_path, WEIGHTS, readout="layers/dense").values()
    assert found.model.readout is not None


def test_an_embedding_is_taken_only_from_directly_below(tmp_path: Path) -> None:
    def model(*between: Any) -> Any:
        below = (layers.Embedding(9, INPUT), *between)
        return sequential(*below, layers.LSTM(UNIT), shape=(None,))

    (found,) = opened(model(), tmp_path, WEIGHTS).values()
    assert found.model.embedding is not None
    assert "embedding" not in likely(found)
    (found,) = opened(model(layers.LayerNormalization()), tmp_path, WEIGHTS).values()
    assert found.model.embedding is None
    assert likely(found)["embedding"] == "none"


class WithNorm(layers.LSTMCell):
    """An LSTM cell with a norm, whose arrays hold an LSTM's."""

    def build(self, shape: Any) -> None:
        super().build(shape)
        self.norm = layers.LayerNormalization()
        self.norm.build((None, self.units))


class Peephole(layers.LSTMCell):
    """An LSTM cell with one more vector."""

    def build(self, shape: Any) -> None:
        super().build(shape)
        self.peephole = self.add_weight(shape=(self.units,), name="peephole")


@pytest.mark.parametrize("cell", [WithNorm, Peephole])
def test_a_cell_with_more_weights_than_an_lstm_is_none(cell: type[Any], tmp_path: Path) -> None:
    model = sequential(layers.RNN(cell(UNIT), **SEQUENCES))
    with pytest.raises(ModelError, match=r"Custom>rnn, whose code alone .* gate\.role"):
        opened(model, tmp_path, WEIGHTS)
    with pytest.raises(ModelError, match=rf"{cell.__name__}, whose code alone"):
        opened(model, tmp_path)


def test_the_arrays_of_a_class_of_its_own_open_under_the_names_of_their_gates(
    tmp_path: Path,
) -> None:
    """What the refusal advises."""
    model = sequential(layers.LSTM(UNIT, **SEQUENCES))
    arrays = {}
    for role, kernel in zip("xhb", model.get_weights(), strict=True):
        for i, gate in enumerate(("input", "forget", "candidate", "output")):
            part = kernel[..., i * UNIT : (i + 1) * UNIT]
            arrays[f"{gate}.{role}"] = part.T
    np.savez(tmp_path / "model.npz", **arrays)
    found = rv.open_model(tmp_path / "model.npz")
    assert_close(top(found, VALUES), said(model, VALUES), 1e-5)


@pytest.mark.parametrize("suffix", [".keras", ".h5", WEIGHTS])
@pytest.mark.parametrize("wrap", [lambda layer: layer, layers.Bidirectional])
def test_a_convolutional_lstm_is_called_by_its_name(wrap: Any, suffix: str, tmp_path: Path) -> None:
    for made, shape in (
        (layers.ConvLSTM1D(2, 3), (4, 8, 1)),
        (layers.ConvLSTM2D(2, 3), (4, 8, 8, 1)),
        (layers.ConvLSTM3D(2, 2), (4, 4, 4, 4, 1)),
    ):
        model = sequential(wrap(made), shape=shape)
        with pytest.raises(ModelError, match="gates are convolutions"):
            opened(model, tmp_path, suffix)


def keras_2_weights(version: str, arrays: dict[str, dict[str, Array]]) -> Source:
    """A file of `save_weights` of Keras 2."""
    stream = BytesIO()
    with h5py.File(stream, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in arrays]
        if version:
            file.attrs["keras_version"] = version.encode()
        for layer, named in arrays.items():
            group = file.create_group(layer)
            group.attrs["weight_names"] = [f"{layer}/{name}:0".encode() for name in named]
            for name, array in named.items():
                group[f"{layer}/{name}:0"] = array
    return Source("model_weights.h5", stream.getvalue())


def cell(n_gates: int, bias: tuple[int, ...] = (), n_inputs: int = UNIT) -> dict[str, Array]:
    shapes = {"kernel": (n_inputs, n_gates * UNIT), "recurrent_kernel": (UNIT, n_gates * UNIT)}
    shapes |= {"bias": bias} if bias else {}
    return {name: normal(*shape, seed=len(name)) for name, shape in shapes.items()}


@pytest.mark.parametrize(
    ("version", "gates", "form"),
    [
        ("2.1.6", "hard_sigmoid(0.2,0.5)", "gru"),
        ("2.2.4", "hard_sigmoid(0.2,0.5)", "gru"),
        ("2.2.4-tf", "hard_sigmoid(0.2,0.5)", "gru"),
        ("", "hard_sigmoid(0.2,0.5)", "gru"),
        ("2.3.1", "sigmoid", "gru"),
        ("2.3.0-tf", "sigmoid", "gru_reset_after"),
        ("2.4.0", "sigmoid", "gru_reset_after"),
        ("2.15.0", "sigmoid", "gru_reset_after"),
        ("3.15.1", "sigmoid", "gru_reset_after"),
    ],
)
def test_gates_and_form_follow_the_version_that_wrote_the_file(
    version: str, gates: str, form: str
) -> None:
    (lstm,) = import_keras(keras_2_weights(version, {"lstm": cell(4, (4 * UNIT,))}), {})
    assert likely(lstm)["recurrent_activation"] == gates
    assert lstm.model.layers[0].activation_names["forget"] == gates
    (gru,) = import_keras(keras_2_weights(version, {"gru": cell(3)}), {})
    assert likely(gru)["cell"] == form
    assert gru.model.layers[0].cell_name == form


def test_a_bias_of_two_rows_tells_tensorflow_2_of_tensorflow_1() -> None:
    """Both wrote "2.2.4-tf"; only the GRU of TensorFlow 2 resets after the product by default."""
    for bias, gates in (((2, 3 * UNIT), "sigmoid"), ((3 * UNIT,), "hard_sigmoid(0.2,0.5)")):
        (found,) = import_keras(keras_2_weights("2.2.4-tf", {"gru": cell(3, bias)}), {})
        assert likely(found)["recurrent_activation"] == gates


@pytest.mark.parametrize(
    ("between", "stack"),
    [
        ("dropout_1", "stacked"),
        ("spatial_dropout1d_3", "stacked"),
        ("masking_2", "stacked"),
        ("activation_1", "separate"),
        ("time_distributed_1", "separate"),
        ("mine", "separate"),
        ("lambda_1", "separate"),
    ],
)
def test_the_names_of_layers_without_weights_say_what_lies_between(
    between: str, stack: str
) -> None:
    lstm = cell(4, (4 * UNIT,))
    source = keras_2_weights("2.4.0", {"lstm_1": lstm, between: {}, "lstm_2": lstm})
    assert likely(import_keras(source, {})[0])["stack"] == stack


def test_a_norm_of_keras_2_parts_two_levels() -> None:
    lstm, norm = cell(4, (4 * UNIT,)), {"gamma": normal(UNIT), "beta": normal(UNIT)}
    source = keras_2_weights("2.15.0", {"lstm_1": lstm, "norm": norm, "lstm_2": lstm})
    found = import_keras(source, {})
    assert [each.name for each in found] == ["lstm_1", "lstm_2"]


KINDS = {
    "lstm": lambda: layers.LSTM(**SQUARE),
    "gru": lambda: layers.GRU(**SQUARE),
    "dropout": lambda: layers.Dropout(0.1),
    "norm": lambda: layers.LayerNormalization(),
    "dense": lambda: layers.Dense(INPUT),
    "relu": lambda: layers.ReLU(),
}
RECURRENT = {"lstm", "gru"}


@given(kinds=st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=7))
@settings(max_examples=15)
def test_every_stack_of_any_sequential_is_what_keras_computes_of_its_input(
    kinds: list[str],
) -> None:
    model = sequential(*(KINDS[kind]() for kind in kinds))
    if not RECURRENT & set(kinds):
        return
    with TemporaryDirectory() as folder:
        found = list(opened(model, Path(folder), WEIGHTS).values())
    runs = list(stretches(kinds))
    if len(kinds) > 4:
        # Where its layers lie in the file does not tell their order.
        several = sum(kind in RECURRENT for kind in kinds) > 1
        assert all("stack" in likely(result) for result in found) or not several
        return
    assert len(found) == len(runs)
    for result, (start, end) in zip(found, runs, strict=True):
        values = passed(model.layers[:start], VALUES)
        wanted = passed(model.layers[start:end], values)
        assert_close(top(result, values), wanted, 1e-5)


def passed(through: list[Any], values: Array) -> Array:
    """What layers make of values, time first."""
    turned = values.swapaxes(0, 1)
    for layer in through:
        turned = layer(turned)
    return np.asarray(keras.ops.convert_to_numpy(turned)).swapaxes(0, 1)


def stretches(kinds: list[str]) -> Iterator[tuple[int, int]]:
    """From where to where recurrent layers follow each other, or a dropout."""
    start: int | None = None
    for i, kind in enumerate([*kinds, "norm"]):
        if start is None and kind in RECURRENT:
            start = i
        elif start is not None and kind not in {*RECURRENT, "dropout"}:
            yield start, i
            start = None


def test_saved_weights_never_look_like_proof(tmp_path: Path) -> None:
    model = sequential(layers.LSTM(UNIT, **SEQUENCES))
    (found,) = opened(model, tmp_path, WEIGHTS).values()
    assert found.certainty.grade == "assumed"
    (found,) = opened(model, tmp_path, WEIGHTS, **likely(found)).values()
    assert found.certainty.grade == "checked"


def test_a_file_written_anew_does_not_tell_the_order(tmp_path: Path) -> None:
    """As `h5repack` and copies by hand write it: by name, lstm_1 before lstm."""
    model = sequential(layers.LSTM(**SQUARE), layers.LSTM(**SQUARE))
    source, stream = saved(model, tmp_path, WEIGHTS), BytesIO()
    with h5py.File(BytesIO(source.data)) as old, h5py.File(stream, "w") as new:
        for name in ("layers/lstm_1", "layers/lstm", "vars"):
            old.copy(name, new.require_group(str(Path(name).parent)) if "/" in name else new)
    found = import_keras(Source("copy.weights.h5", stream.getvalue()), {})
    assert all({"stack"} <= set(likely(each)) for each in found)
    assert len(found) == 1
    assert found[0].model.levels[0][0].weights["forget.x"].shape == (INPUT, INPUT)
    assert_close(top(found[0], VALUES), said(model, VALUES), 1e-5)


class Negated(layers.LSTM):
    """A layer of its own class with the arrays of Keras' LSTM."""


class NegatedCell(layers.LSTMCell):
    """A cell of its own class with the arrays of Keras' LSTM cell."""


@pytest.mark.parametrize("own", [lambda: Negated(UNIT), lambda: layers.RNN(NegatedCell(UNIT))])
def test_a_class_that_is_not_keras_is_told(own: Any, tmp_path: Path) -> None:
    (found,) = opened(sequential(own()), tmp_path, WEIGHTS).values()
    assert "of a class that is not Keras' own" in str(found.certainty)
    (plain,) = opened(sequential(layers.RNN(layers.LSTMCell(UNIT))), tmp_path, WEIGHTS).values()
    assert "of a class" not in str(plain.certainty)


@pytest.mark.parametrize("is_text_of_json", [False, True])
@pytest.mark.parametrize("num_words", [None, 4])
def test_the_tokenizer_of_keras_2_beside_a_file_names_its_rows(
    num_words: int | None, is_text_of_json: bool, tmp_path: Path
) -> None:
    """As tf.keras 2.15 writes `Tokenizer.to_json`, often put through `json.dump` once more."""
    words = {"?": 1, "the": 2, "cat": 3, "sat": 4, "mat": 5}
    n_rows = num_words or len(words) + 1
    config = {"num_words": num_words, "oov_token": "?", "word_index": json.dumps(words)}
    content = {"class_name": "Tokenizer", "config": config}
    beside = json.dumps(json.dumps(content) if is_text_of_json else content)
    model = sequential(layers.Embedding(n_rows, 3), layers.LSTM(4), shape=(None,))
    model.save(tmp_path / "model.keras")
    (tmp_path / "tokenizer.json").write_text(beside)
    found = rv.open_model(tmp_path / "model.keras")
    assert found.model.vocabulary == ("<0>", *words)[:n_rows]
