"""Cells that are written out in the graph are refused, and the way that is said leads to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper

import rnnviz as rv
from tests.readers.onnx.onnx_files import model, node, weights
from tests.readers.onnx.torch_exports import exported

EXAMPLE = (torch.randn(5, 2, 3, generator=torch.Generator().manual_seed(1)),)


class Cells(torch.nn.Module):
    """A cell in a loop of its own."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.cell = getattr(torch.nn, kind)(3, 4)

    def forward(self, x: Any) -> Any:
        state, states = None, []
        for step in x:
            state = self.cell(step, state)
            states.append(state[0] if isinstance(state, tuple) else state)
        return torch.stack(states)


def saved(proto: Any, folder: Path) -> Path:
    path = folder / "model.onnx"
    onnx.save(proto, path)
    return path


def refusal(proto: Any, folder: Path) -> str:
    with pytest.raises(rv.ModelError) as caught:
        rv.open_model(saved(proto, folder))
    return str(caught.value)


def top(model: Any) -> Any:
    layers = rv.trace(model, EXAMPLE[0].numpy()).layers
    parts = [y.signals["hidden"] for y in layers if y.level == layers[-1].level]
    return np.concatenate(parts, axis=2)


@pytest.mark.parametrize("options", [{}, {"nonlinearity": "relu", "bidirectional": True}])
def test_an_rnn_of_the_new_exporter_opens_when_it_is_exported_as_it_says(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    torch.manual_seed(2)
    module = torch.nn.RNN(3, 4, **options)
    said = refusal(exported(module, EXAMPLE, dynamo=True), tmp_path)
    assert "unrolled" in said
    assert "torch.onnx.export(…, dynamo=False)" in said
    opened = rv.open_model(saved(exported(module, EXAMPLE, dynamo=False), tmp_path))
    with torch.no_grad():
        wanted = module(*EXAMPLE)[0].numpy()
    np.testing.assert_allclose(top(opened.model), wanted, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", ["LSTMCell", "GRUCell", "RNNCell"])
def test_a_cell_in_a_loop_opens_when_its_weights_are_saved_as_it_says(
    tmp_path: Path, kind: str
) -> None:
    torch.manual_seed(2)
    module = Cells(kind)
    said = refusal(exported(module, EXAMPLE, dynamo=False), tmp_path)
    assert "unrolled, written out 5 times" in said
    assert 'torch.save(module.state_dict(), "weights.pt")' in said
    torch.save(module.state_dict(), tmp_path / "weights.pt")
    opened = rv.open_model(tmp_path / "weights.pt")
    with torch.no_grad():
        wanted = module(*EXAMPLE).numpy()
    np.testing.assert_allclose(top(opened.model), wanted, rtol=0, atol=1e-6)


def looped(operator: str) -> Any:
    """A tanh RNN in the body of a Loop or a Scan, as tf2onnx and torch.jit write it."""
    infos = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("h", "x_t")]
    inner = [
        helper.make_node("MatMul", ["x_t", "W"], ["wx"]),
        helper.make_node("MatMul", ["h", "R"], ["rh"]),
        helper.make_node("Add", ["wx", "rh"], ["a"]),
        helper.make_node("Tanh", ["a"], ["next"]),
        helper.make_node("Identity", ["next"], ["out"]),
    ]
    results = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("next", "out")]
    if operator == "Scan":
        body = helper.make_graph(inner, "body", infos, results)
        outer = [helper.make_node("Scan", ["h0", "X"], ["last", "Y"], body=body, num_scan_inputs=1)]
    else:
        inner.insert(0, helper.make_node("Gather", ["X", "i"], ["x_t"]))
        inner.append(helper.make_node("Identity", ["go"], ["goes"]))
        counters = [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        ]
        goes = helper.make_tensor_value_info("goes", TensorProto.BOOL, [])
        body = helper.make_graph(inner, "body", [*counters, infos[0]], [goes, *results])
        outer = [helper.make_node("Loop", ["n", "yes", "h0"], ["last", "Y"], body=body)]
    rng = np.random.default_rng(0)
    shapes = {"W": (3, 4), "R": (4, 4), "h0": (2, 4)}
    arrays = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return model(outer, arrays | {"n": np.array(5), "yes": np.array(True)}, given={"X": (5, 2, 3)})


@pytest.mark.parametrize("operator", ["Loop", "Scan"])
def test_a_cell_in_the_body_of_a_loop_is_named(tmp_path: Path, operator: str) -> None:
    proto = looped(operator)
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    (y,) = session.run(None, {"X": EXAMPLE[0].numpy()})
    assert y.shape == (5, 2, 4)
    said = refusal(proto, tmp_path)
    assert f"in the body of a {operator}" in said
    assert 'model.save("model.keras")' in said


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_keras_models_saved_as_it_says_open(tmp_path: Path) -> None:
    import keras

    layers = [keras.layers.Input((None, 3)), keras.layers.LSTM(4, return_sequences=True)]
    network = keras.Sequential(layers)
    network.save(tmp_path / "model.keras")
    wanted = np.asarray(network(EXAMPLE[0].numpy().swapaxes(0, 1)).detach()).swapaxes(0, 1)
    opened = rv.open_model(tmp_path / "model.keras")
    np.testing.assert_allclose(top(opened.model), wanted, rtol=0, atol=1e-6)


def test_a_file_without_any_recurrence_is_told_apart(tmp_path: Path) -> None:
    said = refusal(exported(torch.nn.Linear(3, 4), EXAMPLE), tmp_path)
    assert "it holds none" in said
    assert "unrolled" not in said


def test_a_layer_called_for_every_timestep_is_told_apart(tmp_path: Path) -> None:
    arrays = weights("RNN", (4, 5), dtype=np.float32)
    calls = [node("RNN", arrays) for _ in range(201)]
    for i, call in enumerate(calls):
        call.output[0], call.output[1] = f"Y{i}", f"h{i}"
    assert "called for every timestep" in refusal(model(calls, arrays, made="Y0"), tmp_path)


@pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning")
def test_a_projected_lstm_opens_when_its_weights_are_saved_as_it_says(tmp_path: Path) -> None:
    module = torch.nn.LSTM(3, 4, proj_size=2)
    said = refusal(exported(module, EXAMPLE, dynamo=True), tmp_path)
    assert "proj_size" in said
    torch.save(module.state_dict(), tmp_path / "weights.pt")
    opened = rv.open_model(tmp_path / "weights.pt")
    with torch.no_grad():
        wanted = module(*EXAMPLE)[0].numpy()
    np.testing.assert_allclose(top(opened.model), wanted, rtol=0, atol=1e-6)
