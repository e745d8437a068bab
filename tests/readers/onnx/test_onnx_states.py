"""Initial states: learned, computed from sizes, given at run time, left by another network."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper

import rnnviz as rv
from rnnviz.core.arrays import Array
from tests.readers.onnx.onnx_files import facts, found, model, node, only, weights
from tests.readers.onnx.torch_exports import TIME_AND_BATCH, exported

onnxruntime.set_default_logger_severity(4)
SPREAD = {
    "expand": lambda state, n: state.expand(-1, n, -1).contiguous(),
    "repeat": lambda state, n: state.repeat(1, n, 1),
    "tile": lambda state, n: torch.tile(state, (1, n, 1)),
    "added to zeros": lambda state, n: torch.zeros(len(state), n, 4) + state,
    "squashed": lambda state, n: torch.tanh(state).expand(-1, n, -1).contiguous(),
    "indexed": lambda state, n: state[:, torch.zeros(n, dtype=torch.int64)],
    "stacked": lambda state, n: torch.stack([y.expand(n, 4) for y in state.squeeze(1)]),
}


class Learned(torch.nn.Module):
    """A recurrent layer whose initial states are parameters, spread over the batch."""

    def __init__(self, kind: str, how: str, *, in_front: bool = False, **options: Any) -> None:
        super().__init__()
        self.recurrent = getattr(torch.nn, kind)(3, 4, **options)
        n = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
        self.h, self.c = (torch.nn.Parameter(torch.randn(n, 1, 4)) for _ in range(2))
        self.front = torch.nn.Linear(3, 3) if in_front else torch.nn.Identity()
        self.how, self.batch_axis = how, 0 if options.get("batch_first") else 1
        self.has_cell = kind == "LSTM"

    def forward(self, x: Any) -> Any:
        x = self.front(x)
        h, c = (SPREAD[self.how](y, x.size(self.batch_axis)) for y in (self.h, self.c))
        return self.recurrent(x, (h, c) if self.has_cell else h)[0]


def run(proto: Any, **values: Array) -> Array:
    """The first output as onnxruntime computes it."""
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    return np.asarray(session.run(None, values)[0])


def top(result: Any, values: Array) -> Array:
    """Our top level's hidden states (time, batch, unit)."""
    layers = rv.trace(result.model, values).layers
    level = layers[-1].level
    return np.concatenate([y.signals["hidden"] for y in layers if y.level == level], axis=2)


CASES = [(kind, how, {}, False, False) for kind in ("LSTM", "GRU") for how in SPREAD]
CASES += [
    ("LSTM", "expand", {"batch_first": True}, False, False),
    ("LSTM", "expand", {"num_layers": 2, "bidirectional": True}, False, False),
    ("GRU", "repeat", {"num_layers": 2, "batch_first": True}, False, False),
    ("LSTM", "expand", {}, True, False),
    ("LSTM", "expand", {}, False, True),
    ("LSTM", "repeat", {}, False, True),
    ("LSTM", "added to zeros", {"num_layers": 2}, False, True),
    ("LSTM", "repeat", {}, True, True),
]


@pytest.mark.parametrize(
    ("kind", "how", "options", "in_front", "dynamo", "is_free"),
    [(*case, True) for case in CASES] + [(*case, False) for case in CASES[:-4]],
)
def test_learned_states_are_read_however_they_are_spread_over_the_batch(
    kind: str, how: str, options: dict[str, Any], in_front: bool, dynamo: bool, is_free: bool
) -> None:
    torch.manual_seed(3)
    module = Learned(kind, how, in_front=in_front, **options)
    x = torch.randn(5, 2, 3)
    axes = (TIME_AND_BATCH,) if is_free else None
    result = only(exported(module, (x,), axes, dynamo=dynamo))
    assert facts(result)["initial_states"] == ("hidden, cell" if kind == "LSTM" else "hidden")
    with torch.no_grad():
        wanted, read = module(x).numpy(), module.front(x).numpy()
    if options.get("batch_first"):
        wanted, read = wanted.swapaxes(0, 1), read.swapaxes(0, 1)
    np.testing.assert_allclose(top(result, read), wanted, rtol=0, atol=1e-6)
    assert "Where" not in facts(result).get("left_out", "")


@pytest.mark.parametrize("dynamo", [False, True])
def test_zeros_of_the_inputs_size_are_zeros(dynamo: bool) -> None:
    class Zeros(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.recurrent = torch.nn.GRU(3, 4, batch_first=True)

        def forward(self, x: Any) -> Any:
            return self.recurrent(x, torch.zeros(1, x.size(0), 4))[0]

    proto = exported(Zeros(), (torch.randn(2, 5, 3),), ({0: "batch", 1: "time"},), dynamo=dynamo)
    row = next(row for row in only(proto).report if row.name == "initial_states")
    assert (row.value, row.origin) == ("0", "file")


ARRAYS = weights("GRU", (4, 5), dtype=np.float32)
FULL = ARRAYS | {"initial_h": np.zeros((1, 1, 5), np.float32)}


def started_by(nodes: list[Any], constants: dict[str, Array], **given: Any) -> Any:
    inputs = {"X": (None, None, 4)} | given
    return model([*nodes, node("GRU", FULL)], ARRAYS | constants, given=inputs)


def is_known(proto: Any) -> bool:
    """Whether the start is from the file."""
    row = next(row for row in only(proto).report if row.name == "initial_states")
    return row.origin == "file"


def test_states_that_depend_on_what_is_read_are_not_known() -> None:
    picked = [
        helper.make_node("Gather", ["table", "speaker"], ["row"]),
        helper.make_node("Unsqueeze", ["row", "zero"], ["initial_h"]),
    ]
    # Both speakers of a probe with 0 and 1 have the same row.
    table = np.float32([[1], [1], [2]]) * np.ones((3, 5), np.float32)
    constants = {"table": table, "zero": np.array([0])}
    assert not is_known(started_by(picked, constants, speaker=(None,)))
    assert not is_known(started_by([], {}, initial_h=(1, None, 5)))


def test_states_that_differ_by_row_are_not_one_row() -> None:
    counted = [
        helper.make_node("Shape", ["X"], ["n"], start=1, end=2),
        helper.make_node("Squeeze", ["n"], ["n0"]),
        helper.make_node("Range", ["nought", "n0", "one"], ["rows"]),
        helper.make_node("Gather", ["table", "rows"], ["initial_h"], axis=1),
    ]
    table = np.random.default_rng(0).normal(size=(1, 9, 5)).astype(np.float32)
    constants = {"table": table, "nought": np.array(0), "one": np.array(1)}
    assert not is_known(started_by(counted, constants))
    assert is_known(started_by(counted, constants | {"table": table[:, :1].repeat(9, 1)}))


@pytest.mark.parametrize("choice", [True, False])
def test_the_branch_that_is_taken_is_followed(choice: bool) -> None:
    made = [helper.make_tensor_value_info("s", TensorProto.FLOAT, None)]
    branches = {
        f"{name}_branch": helper.make_graph(
            [helper.make_node("Identity", [source], ["s"])], name, [], made
        )
        for name, source in (("then", "a"), ("else", "b"))
    }
    nodes = [helper.make_node("If", ["choice"], ["initial_h"], **branches)]
    a, b = np.random.default_rng(2).normal(size=(2, 1, 1, 5)).astype(np.float32)
    result = only(started_by(nodes, {"a": a, "b": b, "choice": np.array(choice)}))
    wanted = (a if choice else b).ravel()
    np.testing.assert_array_equal(result.model.layers[0].initial["hidden"], wanted)


def test_a_state_of_very_many_rows_is_one_row() -> None:
    rows = [helper.make_node("Expand", ["row", "shape"], ["initial_h"])]
    row = np.arange(5, dtype=np.float32)
    result = only(started_by(rows, {"row": row, "shape": np.array([1, 10**12, 5])}))
    np.testing.assert_array_equal(result.model.layers[0].initial["hidden"], row)


def test_a_decoder_does_not_start_where_its_encoder_ends_without_a_word() -> None:
    class Pair(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.decoder = torch.nn.LSTM(3, 4), torch.nn.LSTM(3, 4)

        def forward(self, x: Any, y: Any) -> Any:
            return self.decoder(y, self.encoder(x)[1])[0]

    examples = (torch.randn(5, 2, 3), torch.randn(6, 2, 3))
    axes = (TIME_AND_BATCH, {0: "later", 1: "batch"})
    encoder, decoder = found(exported(Pair(), examples, axes, names=("x", "y")))
    starts = [{row.name: row.origin for row in y.report} for y in (encoder, decoder)]
    assert [start["initial_states"] for start in starts] == ["file", "default"]
