"""Pairs of models that are the same, by the ways in which people come to two of one."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import keras
import numpy as np
import torch
from safetensors.numpy import save_file

import rnnviz as rv
from tests.doctor.planted import network, state_of, with_layer
from tests.witnesses import normal

NETWORKS: dict[str, Any] = {
    "RNN": network("RNN"),
    "LSTM": network("LSTM"),
    "GRU": network("GRU"),
    "LSTM of two layers, both ways": network("LSTM", num_layers=2, bidirectional=True),
    "GRU of two layers": network("GRU", num_layers=2),
    "LSTM without biases": network("LSTM", bias=False),
    "GRU both ways without biases": network("GRU", bidirectional=True, bias=False),
}
Way = Callable[[Any, Path], tuple[Any, Any]]


def state_dict(module: Any, folder: Path) -> Path:
    torch.save(module.state_dict(), folder / "m.pt")
    return folder / "m.pt"


def onnx(module: Any, folder: Path) -> Path:
    path = folder / "m.onnx"
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (torch.randn(5, 2, module.input_size),), path, dynamo=False)
    return path


def safetensors(module: Any, folder: Path) -> Path:
    save_file(state_of(module), folder / "m.safetensors")
    return folder / "m.safetensors"


def npz(module: Any, folder: Path) -> Path:
    np.savez(folder / "m.npz", **state_of(module))
    return folder / "m.npz"


def in_float64(module: Any, folder: Path) -> Path:
    arrays = {name: array.astype(np.float64) for name, array in state_of(module).items()}
    np.savez(folder / "m64.npz", **arrays)
    return folder / "m64.npz"


def rounded_once(module: Any, _folder: Path) -> tuple[Any, Any]:
    """Weights in float64 and what float32 makes of them."""
    twin = type(module)(
        module.input_size,
        module.hidden_size,
        num_layers=module.num_layers,
        bidirectional=module.bidirectional,
        bias=module.bias,
        dtype=torch.float64,
    )
    with torch.no_grad():
        for i, weight in enumerate(twin.parameters()):
            weight.copy_(torch.tensor(0.6 * normal(*weight.shape, seed=i)))
    fine = rv.from_torch(twin)
    return fine, rv.from_torch(twin.float())


WAYS: dict[str, Way] = {
    "a state dict and the live module": lambda m, f: (state_dict(m, f), m),
    "a state dict and its ONNX export": lambda m, f: (state_dict(m, f), onnx(m, f)),
    "the live module and its ONNX export": lambda m, f: (m, onnx(m, f)),
    "safetensors and a state dict": lambda m, f: (safetensors(m, f), state_dict(m, f)),
    "npz and safetensors": lambda m, f: (npz(m, f), safetensors(m, f)),
    "an ONNX export and float64": lambda m, f: (onnx(m, f), in_float64(m, f)),
    "float64 and float32": rounded_once,
}


def keras_layer(kind: str, **options: Any) -> Any:
    """A Keras model of one layer, every number drawn."""
    layer = getattr(keras.layers, kind)(6, return_sequences=True, **options)
    model = keras.Sequential([keras.layers.Input((None, 4)), layer])
    for i, weight in enumerate(model.trainable_weights):
        weight.assign(0.6 * normal(*weight.shape, seed=i))
    return model


def keras_files(model: Any, folder: Path) -> tuple[Path, Path]:
    model.save(folder / "m.keras")
    model.save_weights(folder / "m.weights.h5")
    return folder / "m.keras", folder / "m.weights.h5"


def as_torch_has_it(kind: str, model: Any, folder: Path) -> tuple[Path, Path]:
    """A Keras file and its weights as they are written into a torch state dict."""
    kernel, recurrent, bias = (keras.ops.convert_to_numpy(each) for each in model.weights)
    # Keras' GRU has z before r, and both biases one under the other.
    order = (1, 0, 2) if kind == "GRU" else (0, 1, 2, 3)

    def ordered(array: Any) -> Any:
        blocks = np.split(array, len(order))
        return torch.tensor(np.concatenate([blocks[i] for i in order]))

    both = bias if bias.ndim == 2 else np.stack([bias, 0 * bias])
    state = {
        "weight_ih_l0": ordered(kernel.T),
        "weight_hh_l0": ordered(recurrent.T),
        "bias_ih_l0": ordered(both[0]),
        "bias_hh_l0": ordered(both[1]),
    }
    torch.save(state, folder / "m.pt")
    model.save(folder / "m.keras")
    return folder / "m.keras", folder / "m.pt"


def one_bias(name: str) -> tuple[Any, Any]:
    """A module, and its weights with each two biases added in float32."""
    module = network(name)
    state = state_of(module)
    state["bias_ih_l0"] = state["bias_ih_l0"] + state["bias_hh_l0"]
    state["bias_hh_l0"] = 0 * state["bias_hh_l0"]
    twin = network(name)
    twin.load_state_dict({key: torch.tensor(array) for key, array in state.items()})
    return rv.from_torch(module), rv.from_torch(twin)


def weight_normalised(_folder: Path) -> tuple[Any, Any]:
    """A module with weight normalisation, and the same with the product taken in float32."""
    module = torch.nn.utils.parametrizations.weight_norm(network("GRU"), "weight_hh_l0")
    plain = network("GRU")
    with torch.no_grad():
        plain.weight_hh_l0.copy_(module.weight_hh_l0)
        for name in ("weight_ih_l0", "bias_ih_l0", "bias_hh_l0"):
            getattr(plain, name).copy_(getattr(module, name))
    return module, plain


def seeing_nothing(_folder: Path) -> tuple[Any, Any]:
    """An LSTM, and the same with peepholes that are 0."""
    layer = rv.from_torch(network("LSTM")).layers[0]
    peepholes = {f"{gate}.p": np.zeros(6) for gate in ("forget", "input", "output")}
    seeing = rv.Layer("lstm_peephole", "forward", {**layer.weights, **peepholes})
    return rv.Model((layer,)), rv.Model((seeing,))


def hard(name: str) -> Any:
    return with_layer(rv.from_torch(network("LSTM")), activations={"forget": name})


OTHERS: dict[str, Callable[[Path], tuple[Any, Any]]] = {
    "LSTM: two files of Keras": lambda f: keras_files(keras_layer("LSTM"), f),
    "GRU: two files of Keras": lambda f: keras_files(keras_layer("GRU"), f),
    "LSTM: Keras and torch": lambda f: as_torch_has_it("LSTM", keras_layer("LSTM"), f),
    "GRU: Keras and torch": lambda f: as_torch_has_it("GRU", keras_layer("GRU"), f),
    "LSTM: biases added": lambda _: one_bias("LSTM"),
    "RNN: biases added": lambda _: one_bias("RNN"),
    "weight normalisation": weight_normalised,
    "peepholes of 0": seeing_nothing,
    "two spellings of an activation": lambda _: (
        hard("hard_sigmoid"),
        hard("hard_sigmoid(0.2, 0.5)"),
    ),
    "a random model and itself": lambda _: (rv.random_model("mut1", 4, 6),) * 2,
}


def all_pairs() -> Iterator[tuple[str, Callable[[Path], tuple[Any, Any]]]]:
    """Every network by every way, and the others."""
    for name, module in NETWORKS.items():
        for way, make in WAYS.items():
            yield f"{name}: {way}", lambda folder, m=module, w=make: w(m, folder)
    yield from OTHERS.items()
