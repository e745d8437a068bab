"""Keras files against Keras itself and against the equations written out on Keras' own arrays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import h5py
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers
from keras.src.backend.common import dtypes

import rnnviz as rv
from rnnviz.errors import MissingLibraryError, ModelError
from rnnviz.readers.keras import import_keras
from rnnviz.readers.result import ImportResult, Source
from tests.witnesses import BATCH, INPUT, STEPS, UNIT, Array, assert_close, normal, sigmoid

# Keras 3.15 converts Torch tensors in a way that NumPy 2 no longer likes.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

VALUES = normal(STEPS, BATCH, INPUT, seed=90)
FORMATS = (".keras", ".h5")
SEQUENCES: dict[str, Any] = {"return_sequences": True}
SIX = "hard_sigmoid(0.16666666666666666,0.5)"


@pytest.fixture(autouse=True)
def _keras_computes_in_float64(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # On Torch, Keras casts float64 to float32 inside matmul (keras-team/keras#23223, #23704).
    monkeypatch.setitem(dtypes.BIT64_TO_BIT32_DTYPE, "float64", "float64")
    before = keras.config.dtype_policy(), keras.config.floatx()
    keras.config.set_dtype_policy("float64")
    keras.config.set_floatx("float64")
    yield
    keras.config.set_dtype_policy(before[0])
    keras.config.set_floatx(before[1])


def drawn(model: Any, seed: int = 0) -> Any:
    """The same model with every weight drawn at random, biases too."""
    weights = model.get_weights()
    model.set_weights([normal(*w.shape, seed=seed + i) * 0.6 for i, w in enumerate(weights)])
    return model


def sequential(*each: Any, n_inputs: int = INPUT) -> Any:
    return drawn(keras.Sequential([layers.Input((None, n_inputs)), *each]))


def saved(model: Any, folder: Path, suffix: str) -> Source:
    path = folder / f"model{suffix}"
    if suffix == ".weights.h5":
        model.save_weights(path)
    else:
        model.save(path)
    return Source(path.name, path.read_bytes())


def reread(
    model: Any, folder: Path, suffix: str = ".keras", **answers: str
) -> tuple[ImportResult, ...]:
    return import_keras(saved(model, folder, suffix), answers)


def said(model: Any, values: Array = VALUES) -> Array:
    """Keras' own outputs (time, batch, unit)."""
    outputs = model(values.swapaxes(0, 1))
    return np.asarray(keras.ops.convert_to_numpy(outputs)).swapaxes(0, 1)


def top(found: ImportResult, values: Array = VALUES) -> Array:
    """Our hidden states of the top level, forward then backward."""
    trace = rv.trace(found.model, values)
    n_sides = len(found.model.levels[-1])
    return np.concatenate([y.signals["hidden"] for y in trace.layers[-n_sides:]], axis=2)


def facts(found: ImportResult) -> dict[str, str]:
    return {fact.name: fact.value for fact in found.report}


KINDS: dict[str, Callable[..., Any]] = {
    "rnn": layers.SimpleRNN,
    "lstm": layers.LSTM,
    "gru": lambda *a, **o: layers.GRU(*a, reset_after=False, **o),
    "gru_reset_after": layers.GRU,
}


@pytest.mark.parametrize("suffix", [*FORMATS, ".weights.h5"])
@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("cell", KINDS)
def test_every_cell_gives_what_keras_gives(
    cell: str, use_bias: bool, suffix: str, tmp_path: Path
) -> None:
    model = sequential(KINDS[cell](UNIT, use_bias=use_bias, **SEQUENCES))
    (found,) = reread(model, tmp_path, suffix, cell=cell)
    assert found.name == ""
    assert [layer.cell_name for layer in found.model.layers] == [cell]
    assert_close(top(found), said(model))
    assert found.reference is not None
    assert_close(found.reference(VALUES), said(model))
    asked = [q.name for q in found.questions]
    assert ("cell" in asked) == (suffix == ".weights.h5" and not use_bias and "gru" in cell)


@pytest.mark.parametrize("suffix", [*FORMATS, ".weights.h5"])
@pytest.mark.parametrize("cell", KINDS)
def test_bidirectional_levels_are_read_in_order(cell: str, suffix: str, tmp_path: Path) -> None:
    model = sequential(
        layers.Bidirectional(KINDS[cell](UNIT, **SEQUENCES)),
        layers.Dropout(0.5),
        layers.Bidirectional(KINDS[cell](2, **SEQUENCES)),
        KINDS["lstm"](3, **SEQUENCES),
    )
    (found,) = reread(model, tmp_path, suffix)
    assert [len(level) for level in found.model.levels] == [2, 2, 1]
    assert_close(top(found), said(model))
    assert found.reference is not None
    assert_close(found.reference(VALUES), said(model))


def hard(slope: float) -> Callable[[Array], Array]:
    return lambda z: np.clip(slope * z + 0.5, 0, 1)


def lstm_by_hand(weights: list[Array], gate: Callable[[Array], Array]) -> list[dict[str, Array]]:
    """keras.layers.LSTM on its own arrays, order i, f, c, o."""
    kernel, recurrent, bias = weights
    h, c, seen = np.zeros((BATCH, UNIT)), np.zeros((BATCH, UNIT)), []
    for x in VALUES:
        i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=1)
        i, f, g, o = gate(i), gate(f), np.tanh(g), gate(o)
        c = f * c + i * g
        h = o * np.tanh(c)
        seen.append({"input": i, "forget": f, "candidate": g, "output": o, "cell": c, "hidden": h})
    return seen


def gru_by_hand(weights: list[Array]) -> list[dict[str, Array]]:
    """keras.layers.GRU on its own arrays, order z, r, h, reset before or after by the bias."""
    (kernel, recurrent, bias), h, seen = weights, np.zeros((BATCH, UNIT)), []
    own, other = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
    for x in VALUES:
        xz, xr, xh = np.split(x @ kernel + own, 3, axis=1)
        hz, hr, hh = np.split(h @ recurrent + other, 3, axis=1)
        z, r = sigmoid(xz + hz), sigmoid(xr + hr)
        before = (r * h) @ recurrent[:, 2 * UNIT :]
        n = np.tanh(xh + (r * hh if bias.ndim == 2 else before))
        h = z * h + (1 - z) * n
        seen.append({"update": z, "reset": r, "candidate": n, "hidden": h})
    return seen


def assert_signals(found: ImportResult, steps: list[dict[str, Array]]) -> None:
    trace = rv.trace(found.model, VALUES)
    for name in steps[0]:
        assert_close(trace[name], np.stack([step[name] for step in steps]))


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(("gate", "by_hand"), [("sigmoid", sigmoid), ("hard_sigmoid", hard(1 / 6))])
def test_every_signal_of_the_lstm_is_that_of_its_equations(
    gate: str, by_hand: Callable[[Array], Array], suffix: str, tmp_path: Path
) -> None:
    model = sequential(layers.LSTM(UNIT, recurrent_activation=gate, **SEQUENCES))
    (found,) = reread(model, tmp_path, suffix)
    assert_signals(found, lstm_by_hand(model.get_weights(), by_hand))
    assert facts(found)["gate_order"] == "input, forget, candidate, output"


@pytest.mark.parametrize("cell", ["gru", "gru_reset_after"])
def test_every_signal_of_the_gru_is_that_of_its_equations(cell: str, tmp_path: Path) -> None:
    model = sequential(KINDS[cell](UNIT, **SEQUENCES))
    (found,) = reread(model, tmp_path)
    assert_signals(found, gru_by_hand(model.get_weights()))


ACTIVATIONS = [
    *("relu", "linear", "elu", "selu", "softsign", "softplus", "silu", "mish", "hard_sigmoid"),
    *("relu6", "leaky_relu", "log_sigmoid", "hard_tanh", "celu", None),
]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_keras_own(name: str | None, tmp_path: Path) -> None:
    model = sequential(layers.LSTM(UNIT, activation=name, recurrent_activation=name, **SEQUENCES))
    # Small drives: above 20 Torch's softplus is its argument.
    model.set_weights([weight * 0.1 for weight in model.get_weights()])
    (found,) = reread(model, tmp_path)
    assert_close(top(found), said(model))


def test_an_activation_that_is_a_layer_has_its_slope(tmp_path: Path) -> None:
    model = sequential(layers.SimpleRNN(UNIT, activation=layers.LeakyReLU(0.07), **SEQUENCES))
    (found,) = reread(model, tmp_path)
    assert found.model.layers[0].activations == {"hidden": "leaky_relu(0.07)"}
    assert_close(top(found), said(model))


@pytest.mark.parametrize("name", ["gelu", "softmax"])
def test_an_activation_that_is_not_known_is_named(name: str, tmp_path: Path) -> None:
    model = sequential(layers.LSTM(UNIT, activation=name, **SEQUENCES))
    with pytest.raises(ModelError, match=name):
        reread(model, tmp_path)


def test_cells_on_each_other_in_one_layer_are_levels(tmp_path: Path) -> None:
    cells = [layers.LSTMCell(4), layers.GRUCell(5), layers.LSTMCell(2), layers.SimpleRNNCell(3)]
    model = sequential(layers.RNN(cells, **SEQUENCES))
    for suffix in (*FORMATS, ".weights.h5"):
        (found,) = reread(model, tmp_path, suffix)
        assert [y.cell_name for y in found.model.layers] == [
            "lstm",
            "gru_reset_after",
            "lstm",
            "rnn",
        ]
        assert_close(top(found), said(model))


def test_one_cell_in_a_layer_is_that_cell(tmp_path: Path) -> None:
    model = sequential(layers.RNN(layers.GRUCell(UNIT), **SEQUENCES))
    for suffix in FORMATS:
        assert_close(top(reread(model, tmp_path, suffix)[0]), said(model))


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("turns", [(True,), (True, False), (False, True), (True, True)])
def test_a_layer_that_goes_backwards_is_drawn_in_reading_order(
    turns: tuple[bool, ...], suffix: str, tmp_path: Path
) -> None:
    model = sequential(*(layers.LSTM(UNIT, go_backwards=turn, **SEQUENCES) for turn in turns))
    (found,) = reread(model, tmp_path, suffix)
    is_reversed = sum(turns) % 2 == 1
    wanted = said(model)[::-1] if is_reversed else said(model)
    assert_close(top(found), wanted)
    assert found.reference is not None
    assert_close(found.reference(VALUES), wanted)
    assert ("go_backwards=True" in facts(found)["directions"]) == is_reversed


@pytest.mark.parametrize("suffix", FORMATS)
def test_embedding_and_readout_are_read_with_the_stack(suffix: str, tmp_path: Path) -> None:
    model = keras.Sequential(
        [
            layers.Input((None,)),
            layers.Embedding(7, INPUT, mask_zero=True, name="e"),
            layers.SpatialDropout1D(0.5),
            layers.GRU(UNIT, **SEQUENCES),
            layers.TimeDistributed(layers.Dense(4, activation="sigmoid")),
        ]
    )
    (found,) = reread(drawn(model), tmp_path, suffix)
    readout, embedding = found.model.readout, found.model.embedding
    assert readout is not None
    assert embedding is not None
    assert readout.activation == "sigmoid"
    assert_close(embedding, model.get_weights()[0])
    assert facts(found)["left_out"] == "mask_zero=True e"
    tokens = np.array([[1, 2, 3, 6], [4, 5, 1, 2]])
    outputs = rv.trace(found.model, np.asarray(embedding)[tokens.T]).outputs
    assert outputs is not None
    wanted = np.asarray(keras.ops.convert_to_numpy(model(tokens))).swapaxes(0, 1)
    assert_close(outputs, wanted)


@pytest.mark.parametrize(
    ("upper", "wanted"),
    [
        ((layers.Dense(3), layers.Activation("softmax")), "softmax"),
        ((layers.Dense(3), layers.Softmax()), "softmax"),
        ((layers.Dense(3),), "linear"),
        ((layers.Dense(3, use_bias=False, activation="hard_sigmoid"),), SIX),
    ],
    ids=["activation", "softmax layer", "linear", "no bias"],
)
def test_a_readout_has_the_activation_on_it(
    upper: tuple[Any, ...], wanted: str, tmp_path: Path
) -> None:
    model = sequential(layers.LSTM(UNIT, **SEQUENCES), *upper)
    (found,) = reread(model, tmp_path)
    assert found.model.readout is not None
    assert found.model.readout.activation == wanted
    assert "left_out" not in facts(found)


def test_of_last_states_in_both_directions_there_is_no_readout(tmp_path: Path) -> None:
    """Keras' Dense reads the backward layer's state at the first token, ours the same token's."""
    model = sequential(layers.Bidirectional(layers.LSTM(UNIT)), layers.Dense(2))
    (found,) = reread(model, tmp_path)
    assert found.model.readout is None
    assert facts(found)["left_out"] == "Dense dense, return_sequences=False bidirectional".replace(
        "dense,", f"{model.layers[1].name},"
    ).replace("bidirectional", model.layers[0].name)


@pytest.mark.parametrize("merge", ["sum", "ave", "mul"])
def test_layers_above_a_sum_of_directions_are_a_stack_of_their_own(
    merge: str, tmp_path: Path
) -> None:
    both = layers.Bidirectional(layers.LSTM(UNIT, **SEQUENCES), merge_mode=merge, name="both")
    model = sequential(both, layers.GRU(4, name="upper", **SEQUENCES))
    lower, upper = reread(model, tmp_path)
    assert (lower.name, upper.name) == ("both", "upper")
    assert f"merge_mode={merge} both" in facts(lower)["left_out"]
    merged = np.split(top(lower), 2, axis=2)
    hidden = {"sum": sum(merged), "ave": sum(merged) / 2, "mul": merged[0] * merged[1]}[merge]
    assert_close(top(upper, hidden), said(model))


def test_a_layer_in_between_parts_two_stacks(tmp_path: Path) -> None:
    lower, upper = (layers.LSTM(UNIT, name=name, **SEQUENCES) for name in ("lower", "upper"))
    norm = layers.BatchNormalization(name="norm")
    model = sequential(lower, norm, upper)
    first, second = reread(model, tmp_path)
    assert (first.name, second.name) == ("lower", "upper")
    assert facts(second)["left_out"] == "BatchNormalization norm"


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_functional_model_with_models_inside(suffix: str, tmp_path: Path) -> None:
    inner = keras.Sequential(
        [
            layers.Input((None, UNIT)),
            layers.GRU(4, name="a", **SEQUENCES),
            layers.Dropout(0.1),
            layers.GRU(3, name="b", **SEQUENCES),
        ],
        name="inner",
    )
    given = layers.Input((None, INPUT))
    hidden, h, c = layers.LSTM(UNIT, return_state=True, name="encoder", **SEQUENCES)(given)
    model = drawn(keras.Model(given, inner(hidden)))
    (found,) = reread(model, tmp_path, suffix)
    assert [y.n_units for y in found.model.layers] == [UNIT, 4, 3]
    assert_close(top(found), said(model))
    decoder = layers.LSTM(UNIT, name="decoder", **SEQUENCES)(hidden, initial_state=[h, c])
    model = drawn(keras.Model(given, layers.Add(name="add")([hidden, decoder])))
    first, second = reread(model, tmp_path, suffix)
    assert (first.name, second.name) == ("encoder", "decoder")
    assert facts(second)["left_out"] == "Add add, initial_state decoder"


def test_weights_alone_ask_for_their_functions(tmp_path: Path) -> None:
    square = {"units": INPUT, **SEQUENCES}
    first = layers.GRU(name="second", **square)
    model = sequential(
        first,
        layers.LSTM(name="first", recurrent_activation="hard_sigmoid", **square),
        layers.Dense(2, activation="linear"),
    )
    source = saved(model, tmp_path, ".weights.h5")
    (found,) = import_keras(source, {"recurrent_activation": SIX, "readout_activation": "linear"})
    questions = {q.name: q for q in found.questions}
    roles = {"activation", "recurrent_activation", "readout_activation"}
    assert set(questions) == roles | {"go_backwards"}
    assert found.model.readout is not None
    assert found.model.readout.activation == "linear"
    hidden = lstm_by_hand_over(model)
    assert_close(
        rv.trace(import_keras(source, {})[0].model, VALUES).layers[0].signals["hidden"], hidden
    )


def lstm_by_hand_over(model: Any) -> Array:
    """The first layer's outputs (time, batch, unit)."""
    below = keras.Sequential([layers.Input((None, INPUT)), model.layers[0]])
    return said(below)


def test_layers_of_weights_that_cannot_lie_on_each_other_are_apart(tmp_path: Path) -> None:
    given = layers.Input((None, INPUT))
    a, b = (kind(UNIT, **SEQUENCES)(given) for kind in (layers.LSTM, layers.GRU))
    model = drawn(keras.Model(given, layers.Concatenate()([a, b])))
    found = reread(model, tmp_path, ".weights.h5")
    assert sorted(f.name for f in found) == ["layers/gru", "layers/lstm"]


def keras_2(
    groups: dict[str, dict[str, Array]],
    config: list[dict[str, Any]] | None = None,
    version: str = "2.2.4",
) -> Source:
    """A file as Keras 2 wrote it: `save_weights_to_hdf5_group` in keras/engine/saving.py."""
    stream = BytesIO()
    with h5py.File(stream, "w") as file:
        holder = file
        if config is not None:
            model = {"class_name": "Sequential", "config": {"name": "m", "layers": config}}
            file.attrs["model_config"] = json.dumps(model).encode()
            file.attrs["keras_version"] = version.encode()
            holder = file.create_group("model_weights")
        holder.attrs["layer_names"] = [name.encode() for name in groups]
        holder.attrs["backend"] = b"tensorflow"
        holder.attrs["keras_version"] = version.encode()
        for layer, arrays in groups.items():
            group = holder.create_group(layer)
            group.attrs["weight_names"] = [name.encode() for name in arrays]
            for name, array in arrays.items():
                group.create_dataset(name, data=array)
    return Source("model.h5", stream.getvalue())


def arrays_of(name: str, n_gates: int, bias: tuple[int, ...], seed: int = 1) -> dict[str, Array]:
    shapes = {"kernel": (INPUT, n_gates * UNIT), "recurrent_kernel": (UNIT, n_gates * UNIT)}
    shapes["bias"] = bias
    return {f"{name}/{k}:0": normal(*s, seed=seed + len(k)) * 0.6 for k, s in shapes.items()}


def layer(kind: str, **options: Any) -> dict[str, Any]:
    config = {"name": "r", "units": UNIT, "return_sequences": True, "activation": "tanh"}
    return {"class_name": kind, "config": config | options}


@pytest.mark.parametrize("version", ["2.2.4", "2.15.0", "3.0.0"])
def test_hard_sigmoid_is_that_of_the_version_that_wrote_the_file(version: str) -> None:
    arrays = arrays_of("r", 4, (4 * UNIT,))
    source = keras_2({"r": arrays}, [layer("LSTM", recurrent_activation="hard_sigmoid")], version)
    (found,) = import_keras(source, {})
    gate = hard(0.2 if version.startswith("2") else 1 / 6)
    steps = lstm_by_hand(list(arrays.values()), gate)
    assert_signals(found, steps)
    assert found.reference is not None
    assert_close(found.reference(VALUES), np.stack([step["hidden"] for step in steps]))


@pytest.mark.parametrize("is_whole", [True, False])
def test_the_gru_of_keras_2_has_its_reset_before_unless_it_says_so(is_whole: bool) -> None:
    arrays = arrays_of("r/gru_cell", 3, (3 * UNIT,))
    config = [layer("GRU", recurrent_activation="sigmoid")] if is_whole else None
    source = keras_2({"r": arrays, "dropout": {}}, config)
    (found,) = import_keras(source, {} if is_whole else {"recurrent_activation": "sigmoid"})
    assert found.model.layers[0].cell_name == "gru"
    assert_signals(found, gru_by_hand(list(arrays.values())))


def cudnn_matrices(arrays: list[Array], n_gates: int) -> tuple[list[Array], list[Array]]:
    """What CuDNN reads: each gate's memory as (unit, input) and (unit, unit) matrices."""
    kernels = [k.ravel().reshape(UNIT, INPUT) for k in np.split(arrays[0], n_gates, axis=1)]
    return kernels, np.split(arrays[1], n_gates, axis=1)


@pytest.mark.parametrize("is_whole", [True, False])
def test_the_lstm_of_cudnn_is_turned_round(is_whole: bool) -> None:
    """CuDNN Developer Guide, cudnnRNNMode_t: W x + R h + b_W + b_R with (unit, input) matrices."""
    arrays = arrays_of("r", 4, (8 * UNIT,))
    own = list(arrays.values())
    kernels, recurrent = cudnn_matrices(own, 4)
    bias = own[2][: 4 * UNIT] + own[2][4 * UNIT :]
    weights = [np.concatenate([m.T for m in ms], axis=1) for ms in (kernels, recurrent)]
    config = [layer("CuDNNLSTM")] if is_whole else None
    (found,) = import_keras(keras_2({"r": arrays}, config), {})
    assert found.reference is None
    assert_signals(found, lstm_by_hand([*weights, bias], sigmoid))


@pytest.mark.parametrize("is_whole", [True, False])
def test_the_gru_of_cudnn_is_turned_round(is_whole: bool) -> None:
    arrays = arrays_of("r", 3, (6 * UNIT,))
    own = list(arrays.values())
    weights = [np.concatenate([m.T for m in ms], axis=1) for ms in cudnn_matrices(own, 3)]
    config = [layer("CuDNNGRU")] if is_whole else None
    (found,) = import_keras(keras_2({"r": arrays}, config), {})
    assert found.model.layers[0].cell_name == "gru_reset_after"
    assert_signals(found, gru_by_hand([*weights, own[2].reshape(2, -1)]))


def test_both_directions_and_embedding_of_keras_2_without_a_configuration() -> None:
    forward, backward = (
        arrays_of(f"b/{side}_lstm", 4, (4 * UNIT,), seed=s)
        for s, side in enumerate(("forward", "backward"))
    )
    embedding = {"e/embeddings:0": normal(9, INPUT, seed=7)}
    dense = {"d/kernel:0": normal(2 * UNIT, 4, seed=8), "d/bias:0": normal(4, seed=9)}
    source = keras_2({"e": embedding, "b": forward | backward, "d": dense})
    answers = {"recurrent_activation": "sigmoid", "readout": "d", "readout_activation": "linear"}
    (found,) = import_keras(source, answers)
    assert_close(found.model.embedding, embedding["e/embeddings:0"])
    assert found.model.readout is not None
    assert_close(found.model.readout.weights, dense["d/kernel:0"].T)
    trace = rv.trace(found.model, VALUES)
    steps = lstm_by_hand(list(forward.values()), sigmoid)
    assert_close(trace["hidden"], np.stack([step["hidden"] for step in steps]))
    assert found.reference is not None
    assert_close(found.reference(VALUES), top(found))


def tokens_in(config: dict[str, Any], **texts: str) -> tuple[str, ...] | None:
    """The vocabulary read from a .keras file with a lookup below its embedding."""
    name = config["class_name"].lower()
    config = config | {"config": {"name": name, **config["config"]}}
    each = [config, {"class_name": "Embedding", "config": {"name": "e"}}, layer("SimpleRNN")]
    weights = BytesIO()
    with h5py.File(weights, "w") as file:
        file["layers/embedding/vars/0"] = normal(6, INPUT)
        for i, array in enumerate(arrays_of("r", 1, (UNIT,)).values()):
            file[f"layers/simple_rnn/cell/vars/{i}"] = array
    stream = BytesIO()
    with ZipFile(stream, "w") as file:
        model = {"class_name": "Sequential", "config": {"layers": each}}
        file.writestr("config.json", json.dumps(model))
        file.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        file.writestr("model.weights.h5", weights.getvalue())
        for store, text in texts.items():
            file.writestr(f"assets/layers/{store}/vocabulary.txt", text)
    (found,) = import_keras(Source("model.keras", stream.getvalue()), {})
    tokens, rows = found.model.vocabulary, found.model.embedding
    assert rows is not None
    assert len(rows) == (len(tokens) if tokens else 6)
    return tokens


def test_the_vocabulary_comes_from_the_configuration_or_from_its_file() -> None:
    lookup = {"class_name": "StringLookup", "config": {"vocabulary": ["a", "b"]}}
    assert tokens_in(lookup) == ("[UNK]", "a", "b")
    masked = {"vocabulary": ["a"], "mask_token": "", "num_oov_indices": 1, "oov_token": "?"}
    assert tokens_in({**lookup, "config": masked}) == ("", "?", "a")
    whole = {"vocabulary": ["[UNK]", "a", "b"]}
    assert tokens_in({**lookup, "config": whole}) == ("[UNK]", "a", "b")
    text = {"class_name": "TextVectorization", "config": {"vocabulary": ["a", "b"]}}
    assert tokens_in(text) == ("", "[UNK]", "a", "b")
    kept = {"class_name": "TextVectorization", "config": {"vocabulary": None}}
    assert tokens_in(kept, text_vectorization="\n[UNK]\nthe") == ("", "[UNK]", "the")
    assert tokens_in({**lookup, "config": {"vocabulary": list("abcdefgh")}}) is None
    hashed = {"vocabulary": ["a"], "num_oov_indices": 2}
    assert tokens_in({**lookup, "config": hashed}) == ("[UNK]", "<1>", "a")
    kept = {"class_name": "StringLookup", "config": {"vocabulary": None, "num_oov_indices": 2}}
    assert tokens_in(kept, string_lookup="[UNK]\n[UNK]\na") == ("[UNK]", "<1>", "a")
    assert tokens_in(kept, string_lookup="[UNK]\na\na") is None


def test_narrow_numbers_are_widened(tmp_path: Path) -> None:
    arrays = arrays_of("r", 4, (4 * UNIT,))
    config = [layer("LSTM")]
    half = {name: array.astype(np.float16) for name, array in arrays.items()}
    (found,) = import_keras(keras_2({"r": half}, config), {})
    assert_close(found.model.layers[0].weights["input.x"], half["r/kernel:0"].T[:UNIT])
    stream = BytesIO()
    with h5py.File(stream, "w") as file:
        for i, array in enumerate(arrays.values()):
            bits = np.ascontiguousarray(array, np.float32).view(np.uint32) >> 16
            data = bits.astype(np.uint16).view("V2")
            file.create_dataset(f"r/cell/vars/{i}", data=data).attrs["dtype"] = "bfloat16"
    (found,) = import_keras(Source("a.weights.h5", stream.getvalue()), {})
    got = found.model.layers[0].weights["input.x"]
    np.testing.assert_allclose(got, arrays["r/kernel:0"].T[:UNIT], rtol=2**-7)


def test_weights_that_do_not_fit_are_named() -> None:
    arrays = arrays_of("r", 4, (3 * UNIT,))
    with pytest.raises(ModelError, match="“r” should be"):
        import_keras(keras_2({"r": arrays}, [layer("LSTM")]), {})
    with pytest.raises(ModelError, match="needs 3 arrays"):
        import_keras(keras_2({"r": dict(list(arrays.items())[:2])}, [layer("LSTM")]), {})


def test_an_embedding_whose_weights_are_not_in_the_file_is_left_out() -> None:
    embedding = {"e/embeddings:0": normal(9, INPUT)}
    config = [{"class_name": "Embedding", "config": {"name": "e"}}, layer("SimpleRNN")]
    source = keras_2({"e": embedding, "r": arrays_of("r", 1, (UNIT,))}, config)
    stream = BytesIO(source.data)
    with h5py.File(stream, "r+") as file:
        del file["model_weights/e/e/embeddings:0"]
    (found,) = import_keras(Source("model.h5", stream.getvalue()), {})
    assert found.model.embedding is None
    assert facts(found)["left_out"] == "Embedding e"


def test_without_h5py_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnviz.readers.hdf5.find_spec", lambda name: None)
    with pytest.raises(MissingLibraryError, match="pip install h5py"):
        import_keras(Source("model.h5", b"\x89HDF"), {})


@given(
    stack=st.lists(
        st.tuples(st.sampled_from(list(KINDS)), st.integers(1, 6), st.booleans(), st.booleans()),
        min_size=1,
        max_size=3,
    ),
    suffix=st.sampled_from(FORMATS),
    seed=st.integers(0, 1000),
)
@settings(max_examples=6)
def test_any_stack_of_layers_gives_what_keras_gives(
    stack: list[tuple[str, int, bool, bool]], suffix: str, seed: int
) -> None:
    each = []
    for cell, n_units, is_both, use_bias in stack:
        made = KINDS[cell](n_units, use_bias=use_bias, **SEQUENCES)
        each.append(layers.Bidirectional(made) if is_both else made)
    model = drawn(sequential(*each), seed)
    with TemporaryDirectory() as folder:
        (found,) = reread(model, Path(folder), suffix)
    assert_close(top(found), said(model))


@pytest.mark.parametrize("is_whole", [True, False])
@pytest.mark.parametrize(("kind", "order"), [("LSTM", "icfo"), ("GRU", "zrh")])
def test_the_gates_of_keras_1_are_arrays_of_their_own(
    kind: str, order: str, is_whole: bool
) -> None:
    """`trainable_weights` in Keras 1, keras/layers/recurrent.py: lstm_1_W_i, lstm_1_U_i, …"""
    shapes = {"W": (INPUT, UNIT), "U": (UNIT, UNIT), "b": (UNIT,)}
    arrays = {
        f"r_{role}_{gate}": normal(*shape, seed=10 * i + len(shape)) * 0.6
        for i, gate in enumerate(order)
        for role, shape in shapes.items()
    }
    config = {"name": "r", "output_dim": UNIT, "inner_activation": "hard_sigmoid"}
    options = {"activation": "tanh", "return_sequences": True}
    whole = [{"class_name": kind, "config": config | options}] if is_whole else None
    (found,) = import_keras(keras_2({"r": arrays}, whole, "1.2.2"), {})
    stacked = [
        np.concatenate([arrays[f"r_{role}_{g}"] for g in ("ifco" if kind == "LSTM" else order)], -1)
        for role in shapes
    ]
    if kind == "LSTM":
        assert_signals(found, lstm_by_hand(stacked, hard(0.2)))
    else:
        assert found.model.layers[0].cell_name == "gru"
        assert found.model.layers[0].activation_names["update"].startswith("hard_sigmoid")
        (sigmoids,) = import_keras(
            keras_2({"r": arrays}, None, "1.2.2"), {"recurrent_activation": "sigmoid"}
        )
        assert_signals(sigmoids, gru_by_hand(stacked))
