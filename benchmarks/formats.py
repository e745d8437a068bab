"""Each format opened and held against its framework: the largest difference, as a page says it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from rnnviz.engine.parity import measure_parity
from rnnviz.readers.read import import_model
from rnnviz.readers.result import Source

INPUTS, UNITS = 5, 24


def main() -> None:
    """Print a row a file: what it is, the cells found in it, max |Δh|, max |h|."""
    print(date.today())
    for title, make in FILES.items():
        name, data = make()
        for found in import_model(Source(name, data)):
            proof = measure_parity(found)
            cells = " + ".join(dict.fromkeys(layer.cell_name for layer in found.model.layers))
            numbers = f"{proof.difference:.1e} | {proof.size:.2g}" if proof else "no framework | "
            print(f"{title} | {cells} | {found.model.dtype} | {numbers}")


def _torch(**options: object) -> tuple[str, bytes]:
    import torch

    torch.manual_seed(0)
    module = torch.nn.LSTM(INPUTS, UNITS, 2, bidirectional=True, dtype=torch.float64)
    stream = BytesIO()
    torch.save(module.state_dict(), stream, **options)  # type: ignore[arg-type]
    return "model.pt", stream.getvalue()


def _legacy() -> tuple[str, bytes]:
    return _torch(_use_new_zipfile_serialization=False)


def _safetensors() -> tuple[str, bytes]:
    import torch
    from safetensors.torch import save

    torch.manual_seed(0)
    return "model.safetensors", save(torch.nn.GRU(INPUTS, UNITS, 2).state_dict())


def _npz() -> tuple[str, bytes]:
    import torch

    torch.manual_seed(0)
    state = torch.nn.RNN(INPUTS, UNITS).state_dict()
    stream = BytesIO()
    np.savez(stream, **{name: value.numpy() for name, value in state.items()})
    return "model.npz", stream.getvalue()


def _onnx() -> tuple[str, bytes]:
    from onnx import TensorProto, helper, numpy_helper

    drawn = np.random.default_rng(0)
    shapes = {"W": (2, 4 * UNITS, INPUTS), "R": (2, 4 * UNITS, UNITS), "P": (2, 3 * UNITS)}
    weights = [
        numpy_helper.from_array(0.3 * drawn.standard_normal(shape), name)
        for name, shape in shapes.items()
    ]
    names = ["X", "W", "R", "", "", "", "", "P"]
    node = helper.make_node("LSTM", names, ["Y"], hidden_size=UNITS, direction="bidirectional")
    ends = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, None) for name in "XY"]
    graph = helper.make_graph([node], "lstm", ends[:1], ends[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return "model.onnx", model.SerializeToString()


def _keras(suffix: str) -> Callable[[], tuple[str, bytes]]:
    def make() -> tuple[str, bytes]:
        os.environ.setdefault("KERAS_BACKEND", "torch")
        import keras

        keras.utils.set_random_seed(0)
        first = keras.layers.GRU(UNITS, return_sequences=True)
        layers = [
            keras.layers.Input((None, INPUTS)),
            keras.layers.Bidirectional(first),
            keras.layers.LSTM(UNITS, return_sequences=True),
        ]
        model = keras.Sequential(layers)
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"model{suffix}"
            (model.save_weights if suffix == ".weights.h5" else model.save)(path)
            return path.name, path.read_bytes()

    return make


FILES = {
    "PyTorch .pt": _torch,
    "PyTorch before 1.6": _legacy,
    "safetensors": _safetensors,
    "NumPy .npz": _npz,
    "ONNX": _onnx,
    "Keras .keras": _keras(".keras"),
    "Keras .h5": _keras(".h5"),
    "Keras .weights.h5": _keras(".weights.h5"),
}
