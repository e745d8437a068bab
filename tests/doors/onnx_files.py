"""ONNX files as exporters write them; the witness is onnxruntime on the file itself."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from tests.doors.case import SINGLE, Outcome, case, opened
from tests.witnesses import Array, normal


def run_onnx(path: Path, x: Array) -> Array:
    """onnxruntime's first output."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": x})[0])


class LearnedStates(nn.Module):
    """An LSTM whose initial states are parameters, expanded to the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 4)
        self.h, self.c = nn.Parameter(torch.randn(1, 1, 4)), nn.Parameter(torch.randn(1, 1, 4))

    def forward(self, x: Any) -> Any:
        states = (state.expand(-1, x.size(1), -1).contiguous() for state in (self.h, self.c))
        return self.rnn(x, tuple(states))[0]


@case("ONNX", "learned initial states, exported with dynamic axes", "onnxruntime")
def learned_states(folder: Path) -> Outcome:
    torch.manual_seed(0)
    exported(LearnedStates(), folder / "m.onnx", dynamic_axes={"x": {0: "t", 1: "b"}})
    return opened(folder / "m.onnx", SINGLE, run_onnx(folder / "m.onnx", SINGLE))


def exported(
    module: Any, path: Path, *, dynamo: bool = False, given: Any = None, **options: Any
) -> None:
    """A module as torch.onnx.export writes it."""
    x = torch.randn(5, 2, 3) if given is None else given
    with redirect_stdout(StringIO()):
        torch.onnx.export(
            module.eval(), (x,), str(path), dynamo=dynamo, input_names=["x"], **options
        )


def onnx_file(path: Path, nodes: list[Any], arrays: Mapping[str, Array]) -> Path:
    """A graph from x (time, batch, 3) to y."""
    ends = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["t", "b", 3]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, None),
    ]
    weights = [numpy_helper.from_array(value, name) for name, value in arrays.items()]
    graph = helper.make_graph(nodes, "graph", ends[:1], ends[1:], weights)
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path
    )
    return path


@case("ONNX", "weights through DequantizeLinear", "onnxruntime")
def quantised_weights(folder: Path) -> Outcome:
    def quantised(weights: Array) -> Array:
        return np.clip(np.round(weights * 25), -127, 127).astype(np.int8)

    arrays = {
        "wq": quantised(normal(1, 16, 3)),
        "rq": quantised(normal(1, 16, 4)),
        "scale": np.array(0.02, np.float32),
        "zero": np.array(0, np.int8),
    }
    nodes = [
        helper.make_node("DequantizeLinear", ["wq", "scale", "zero"], ["w"]),
        helper.make_node("DequantizeLinear", ["rq", "scale", "zero"], ["r"]),
        helper.make_node("LSTM", ["x", "w", "r"], ["y"], hidden_size=4),
    ]
    path = onnx_file(folder / "m.onnx", nodes, arrays)
    return opened(path, SINGLE, run_onnx(path, SINGLE)[:, 0])


class CellLoop(nn.Module):
    """An LSTMCell in a loop over time."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(3, 4)

    def forward(self, x: Any) -> Any:
        h = c = torch.zeros(x.size(1), 4)
        hidden = []
        for step in x:
            h, c = self.cell(step, (h, c))
            hidden.append(h)
        return torch.stack(hidden)


@case("ONNX", "an RNN unrolled by the dynamo exporter", "none", "dynamo=False")
def unrolled(folder: Path) -> Outcome:
    exported(nn.RNN(3, 4), folder / "m.onnx", dynamo=True, verbose=False)
    return opened(folder / "m.onnx", SINGLE, SINGLE)


@case("ONNX", "an LSTMCell unrolled by the older exporter", "none", "unroll|state_dict")
def unrolled_cell(folder: Path) -> Outcome:
    exported(CellLoop(), folder / "m.onnx")
    return opened(folder / "m.onnx", SINGLE, SINGLE)


@case("ONNX", "a bidirectional LSTM with peepholes", "onnxruntime")
def peepholes(folder: Path) -> Outcome:
    shapes = {"w": (2, 16, 3), "r": (2, 16, 4), "p": (2, 12)}
    arrays = {name: normal(*shape).astype(np.float32) for name, shape in shapes.items()}
    names = ["x", "w", "r", "", "", "", "", "p"]
    node = helper.make_node("LSTM", names, ["y"], hidden_size=4, direction="bidirectional")
    path = onnx_file(folder / "m.onnx", [node], arrays)
    hidden = run_onnx(path, SINGLE)
    return opened(path, SINGLE, np.concatenate([hidden[:, 0], hidden[:, 1]], axis=2))
