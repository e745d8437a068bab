"""`rv.watch` on models of Keras that torch computes, against what Keras itself gives."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.readers.keras.reference import keras_backend

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

keras = keras_backend()
LAYERS = keras.layers
VALUES = np.random.default_rng(4).normal(size=(2, 7, 3)).astype("float32")


@pytest.fixture(autouse=True)
def _seed() -> None:
    keras.utils.set_random_seed(4)


def sequential(*layers: Any) -> Any:
    model = keras.Sequential([keras.Input((None, 3)), *layers])
    rng = np.random.default_rng(5)
    model.set_weights([rng.normal(0, 0.6, weight.shape) for weight in model.get_weights()])
    return model


def numbers(tensor: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(tensor))


def every_step(layer: Any, values: Any) -> np.ndarray:
    """A layer's hidden states, (batch, time, unit), by another one of the same weights."""
    twin = type(layer).from_config(layer.get_config() | {"return_sequences": True})
    twin.build(values.shape)
    twin.set_weights(layer.get_weights())
    hidden = numbers(twin(values))
    return hidden[:, ::-1] if layer.go_backwards else hidden


@pytest.mark.parametrize(
    "options",
    [
        ("LSTM", {}),
        ("LSTM", {"activation": "softsign", "recurrent_activation": "hard_sigmoid"}),
        ("LSTM", {"go_backwards": True, "use_bias": False}),
        ("GRU", {}),
        ("GRU", {"reset_after": False}),
        ("SimpleRNN", {"unroll": True}),
    ],
)
def test_a_layer_that_gives_only_its_last_state_is_seen_at_every_step(options: Any) -> None:
    kind, given = options
    layer = getattr(LAYERS, kind)(4, name="rnn", **given)
    model = sequential(layer, LAYERS.Dense(2))
    alone = numbers(model(VALUES))
    with rv.watch(model) as seen:
        watched = numbers(model(VALUES))
    assert np.array_equal(alone, watched)
    trace = seen["rnn"][-1]
    assert np.abs(trace["hidden"].swapaxes(0, 1) - every_step(layer, VALUES)).max() < 1e-6
    assert trace.certainty is not None
    assert trace.certainty.grade == "proved"
    assert not layer.return_sequences
    assert "inner_loop" not in layer.__dict__


def test_gates_are_those_of_kerass_formula_from_the_states_that_were_given() -> None:
    layer = LAYERS.LSTM(4)
    layer.build(VALUES.shape)
    h, c = np.random.default_rng(1).normal(size=(2, 2, 4)).astype("float32")
    with rv.watch(layer) as seen:
        layer(VALUES, initial_state=[h, c])
    kernel, recurrent, bias = layer.get_weights()
    z = np.split(VALUES[:, 0] @ kernel + h @ recurrent + bias, 4, axis=1)
    names = ("input", "forget", "candidate", "output")
    for name, sum_ in zip(names, z, strict=True):
        gate = np.tanh(sum_) if name == "candidate" else 1 / (1 + np.exp(-sum_))
        assert np.abs(seen[""][0][name][0] - gate).max() < 1e-6
    assert np.abs(seen[""][0].layers[0].initial["cell"] - c).max() == 0


def test_both_directions_read_what_is_not_masked() -> None:
    model = keras.Sequential(
        [
            keras.Input((None,)),
            LAYERS.Embedding(9, 3, mask_zero=True),
            LAYERS.Bidirectional(LAYERS.GRU(4, return_sequences=True, name="gru"), name="both"),
            LAYERS.LSTM(5, name="top"),
        ]
    )
    ids = np.array([[1, 2, 3, 0, 0], [4, 0, 5, 6, 7], [0, 0, 1, 2, 0]])
    alone = numbers(model(ids))
    with rv.watch(model) as seen:
        watched = numbers(model(ids))
    assert np.array_equal(alone, watched)
    assert list(seen) == ["both/forward_gru", "both/backward_gru", "top"]
    for layer in seen.values():
        assert layer[0].sequence.lengths == (3, 4, 2)
        assert layer.difference < 1e-6
    # Each row alone, without what is masked.
    for row, real in enumerate(([1, 2, 3], [4, 5, 6, 7], [1, 2])):
        inside = model.layers[1](model.layers[0](np.array([real])))
        ours = [seen[path][0]["hidden"][: len(real), row] for path in list(seen)[:2]]
        assert np.abs(np.concatenate(ours, axis=1) - numbers(inside)[0]).max() < 1e-6
    assert np.abs(seen["top"][0]["hidden"][1, 2] - alone[2]).max() < 1e-6


def test_a_training_goes_on_as_it_would() -> None:
    def trained(is_watched: bool) -> Any:
        model = sequential(LAYERS.GRU(4, name="rnn"))
        model.compile("sgd", "mse")
        if is_watched:
            with rv.watch(model) as seen:
                model.fit(VALUES, np.zeros((2, 4)), epochs=3, verbose=0)
            assert seen["rnn"].n_calls == 3
            assert seen["rnn"].difference < 1e-6
        else:
            model.fit(VALUES, np.zeros((2, 4)), epochs=3, verbose=0)
        return model.get_weights()

    assert all(map(np.array_equal, trained(False), trained(True)))


@pytest.mark.parametrize("backwards", [False, True])
def test_a_stream_is_joined(backwards: bool) -> None:
    options = {"stateful": True, "return_sequences": True, "go_backwards": backwards}
    model = keras.Sequential(
        [keras.Input(batch_shape=(2, 7, 3)), LAYERS.LSTM(4, name="rnn", **options)]
    )
    with rv.watch(model) as seen:
        given = [numbers(model(VALUES)) for _ in range(2)]
    traces = seen["rnn"].joined()
    assert [trace.sequence.n_steps for trace in traces] == ([7, 7] if backwards else [14])
    given = [hidden[:, ::-1] if backwards else hidden for hidden in given]
    ours = np.concatenate([trace["hidden"] for trace in traces]).swapaxes(0, 1)
    assert np.abs(ours - np.concatenate(given, axis=1)).max() < 1e-6


def test_a_model_that_is_built_meanwhile_and_copies_of_it() -> None:
    model = keras.Sequential([LAYERS.SimpleRNN(4, name="rnn")])
    with rv.watch(model) as seen:
        model(VALUES)
        copy.deepcopy(model)(VALUES)
    assert (seen["rnn"].n_calls, seen["rnn"].n_steps) == (1, 7)


def test_models_in_models_layers_chosen_and_recordings(tmp_path: Path) -> None:
    inner = sequential(LAYERS.GRU(4, return_sequences=True, name="rnn"))
    inner.name = "encoder"
    model = sequential(inner, LAYERS.RNN(LAYERS.LSTMCell(3), name="top"))
    with rv.watch(model, layers="encoder/rnn", rows=1, to=tmp_path / "seen") as seen:
        hidden = numbers(inner(VALUES))
    recording = rv.Recording.load(tmp_path / "seen" / "encoder%2Frnn" / "000000")
    assert list(seen) == ["encoder/rnn"]
    assert np.abs(recording.window(0, 7)["hidden"][:, 0] - hidden[1]).max() < 1e-6
    with pytest.raises(rv.InputError, match="leave it out"), rv.watch(model, layers="encoder"):
        pass


def test_half_precision_is_shown_with_its_rounding() -> None:
    layer = LAYERS.LSTM(4, dtype="mixed_float16")
    with rv.watch(layer) as seen:
        layer(VALUES)
    assert "float16" in str(seen[""][0].certainty)
    assert 0 < seen[""].difference < 0.01


@pytest.mark.parametrize("option", ["dropout", "recurrent_dropout"])
def test_dropout_while_training_is_said_and_the_way_named_leads_on(option: str) -> None:
    layer = LAYERS.GRU(4, **{option: 0.5})
    with rv.watch(layer) as seen:
        layer(VALUES, training=True)
    with pytest.raises(rv.ModelError, match="training=False"):
        seen[""][0]
    with rv.watch(layer) as seen:
        layer(VALUES, training=False)
    assert seen[""].difference < 1e-6


def test_models_that_cannot_be_watched_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(rv.ModelError, match="Sequential has none"):
        rv.watch(sequential(LAYERS.Dense(2))).__enter__()
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(rv.ModelError, match="here jax does; set the environment variable"):
        rv.watch(sequential(LAYERS.LSTM(2))).__enter__()


def test_a_function_of_ones_own_is_said_when_a_trace_is_asked_for() -> None:
    def half(values: Any) -> Any:
        return values / 2

    layer = LAYERS.LSTM(4, activation=half)
    with rv.watch(layer) as seen:
        layer(VALUES)
    with pytest.raises(rv.ModelError, match="activation"):
        seen[""][0]
