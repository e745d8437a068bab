"""The file's own run proves a reading; whatever it does not prove is said."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

import rnnviz as rv
from rnnviz.core.arrays import Array
from rnnviz.engine.parity import with_parity
from rnnviz.readers.onnx.file_run import open_runtime
from rnnviz.readers.result import ImportResult
from tests.readers.onnx.onnx_files import facts, found, model, node, only, weights
from tests.readers.onnx.torch_exports import TIME_AND_BATCH, exported

ARRAYS = weights("LSTM", (4, 5), dtype=np.float32)
STARTED = ARRAYS | {"initial_h": np.zeros((1, 1, 5), np.float32)}
BATCH_AND_TIME = {0: "batch", 1: "time"}


def measured(result: ImportResult) -> ImportResult:
    """The result with its parity, measured in this process."""
    return with_parity(result, False)


def certainty(proto: Any) -> Any:
    return measured(only(proto)).certainty


def assumed(result: ImportResult) -> list[tuple[str, str]]:
    """Names and values of what is assumed."""
    return [(each.name, each.value) for each in result.assumptions]


class Tagger(torch.nn.Module):
    """Token ids ▶ embedding ▶ two levels ▶ probabilities."""

    def __init__(self, kind: str, *, batch_first: bool) -> None:
        super().__init__()
        options = {"bidirectional": True, "batch_first": batch_first, "num_layers": 2}
        self.embedding = torch.nn.Embedding(11, 4)
        self.recurrent = getattr(torch.nn, kind)(4, 5, **options)
        self.linear = torch.nn.Linear(10, 3)

    def forward(self, tokens: Any) -> Any:
        return self.linear(self.recurrent(self.embedding(tokens))[0]).log_softmax(-1)


@pytest.mark.parametrize(
    ("kind", "batch_first", "dynamo"),
    [("LSTM", True, False), ("GRU", False, False), ("RNN", True, False), ("LSTM", True, True)],
)
def test_a_tagger_is_proved_from_its_token_ids_to_its_outputs(
    kind: str, batch_first: bool, dynamo: bool
) -> None:
    torch.manual_seed(4)
    axes = (BATCH_AND_TIME if batch_first else TIME_AND_BATCH,)
    example = (torch.zeros(2, 3, dtype=torch.int64),)
    proto = exported(Tagger(kind, batch_first=batch_first), example, axes, dynamo=dynamo)
    result = measured(only(proto))
    assert result.certainty.grade == "proved"
    assert result.parity is not None
    # PyTorch's new exporter fixes sizes at times, though they are named.
    assert dynamo or result.parity.n_steps == 32
    assert result.reference is not None
    run = result.reference.run(np.zeros((32, 1, 4), np.float32))
    assert run.token_ids is not None
    assert len(np.unique(run.token_ids)) > 1
    assert run.outputs is not None
    np.testing.assert_allclose(run.outputs.sum(axis=-1), 1, rtol=1e-5)


class Classifier(torch.nn.Module):
    """Values ▶ a layer ▶ probabilities of one step, or of where each direction ends."""

    def __init__(self, *, both: bool, reads: str) -> None:
        super().__init__()
        self.reads = reads
        self.recurrent = torch.nn.LSTM(4, 5, batch_first=True, bidirectional=both)
        self.linear = torch.nn.Linear(10 if both else 5, 3)

    def forward(self, values: Any) -> Any:
        every, (ends, _) = self.recurrent(values)
        read = {
            "h_n": lambda: torch.cat([*ends], -1),
            "output[:, -1] beside output[:, 0]": lambda: torch.cat(
                [every[:, -1, :5], every[:, 0, 5:]], -1
            ),
            "output[:, -1]": lambda: every[:, -1],
            "output[:, 0]": lambda: every[:, 0],
        }
        return self.linear(read[self.reads]()).softmax(-1)


@pytest.mark.parametrize("dynamo", [False, True])
@pytest.mark.parametrize("n_rows", [1, 2])
@pytest.mark.parametrize(
    ("both", "reads", "step"),
    [
        (True, "h_n", None),
        (True, "output[:, -1] beside output[:, 0]", None),
        (True, "output[:, -1]", -1),
        (True, "output[:, 0]", 0),
        (False, "h_n", -1),
        (False, "output[:, -1]", -1),
    ],
)
def test_a_readout_has_the_files_outputs_at_its_step_or_is_left_out(
    dynamo: bool, n_rows: int, both: bool, reads: str, step: int | None
) -> None:
    torch.manual_seed(4)
    # Every size is fixed, those of a single row too.
    values = np.random.default_rng(4).normal(size=(n_rows, 6, 4)).astype(np.float32)
    proto = exported(Classifier(both=both, reads=reads), (torch.tensor(values),), dynamo=dynamo)
    one = measured(only(proto))
    assert one.certainty.grade == "proved"
    assert (one.model.readout is None) == (step is None)
    if step is None:
        assert facts(one)["left_out"] == "Gemm, Softmax"
        return
    (wanted,) = open_runtime(proto.SerializeToString())([proto.graph.output[0].name], {"x": values})
    came = rv.trace(one.model, values.swapaxes(0, 1)).outputs
    assert came is not None
    np.testing.assert_allclose(came[step], wanted, rtol=0, atol=1e-6)
    assert ("t = 1" if step == 0 else "t = T") in facts(one)["readout"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layout", [0, 1])
def test_a_layer_that_reads_the_input_is_proved(dtype: Any, layout: int) -> None:
    arrays = weights("GRU", (4, 5), 2, dtype=dtype)
    proto = model([node("GRU", arrays, direction="bidirectional", layout=layout)], arrays)
    found_ = certainty(proto)
    assert found_.grade == "proved"
    assert found_.parity.dtype == np.dtype(dtype).name


def test_a_reading_that_is_wrong_is_never_proved() -> None:
    result = only(model([node("LSTM", ARRAYS)], ARRAYS))
    layer = result.model.layers[0]
    swapped = {"forget.x": layer.weights["input.x"], "input.x": layer.weights["forget.x"]}
    wrong = replace(layer, weights=dict(layer.weights) | swapped)
    other = measured(replace(result, model=rv.Model((wrong,))))
    assert other.certainty.grade == "assumed"
    assert "the framework's own run differs" in str(other.certainty)


def test_the_reference_survives_pickling() -> None:
    result = only(model([node("LSTM", ARRAYS)], ARRAYS))
    again = pickle.loads(pickle.dumps(result))
    values = np.zeros((6, 1, 4), np.float32)
    np.testing.assert_array_equal(again.reference(values), result.reference(values))


def test_a_layer_in_functions_is_proved_in_the_whole_file() -> None:
    inner = helper.make_node("LSTM", ["x", "w", "r", "b"], ["y"], hidden_size=5)
    outer = helper.make_node("Recur", ["x", "w", "r", "b"], ["y"], domain="own")
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    functions = tuple(
        helper.make_function("own", name, ["x", "w", "r", "b"], ["s"], [call, squeeze], imports)
        for name, call, squeeze in (
            ("Recur", inner, helper.make_node("Relu", ["y"], ["s"])),
            ("Twice", outer, helper.make_node("Relu", ["y"], ["s"])),
        )
    )
    call = helper.make_node("Twice", ["X", "W", "R", "B"], ["Y"], domain="own")
    assert certainty(model([call], ARRAYS, functions=functions)).grade == "proved"


def test_an_operator_of_another_domain_behind_the_layer_does_not_matter() -> None:
    behind = helper.make_node("Strange", ["Y"], ["z"], domain="com.example")
    before = helper.make_node("Strange", ["Xraw"], ["X"], domain="com.example")
    assert certainty(model([node("LSTM", ARRAYS), behind], ARRAYS, made="z")).grade == "proved"
    result = measured(
        only(model([before, node("LSTM", ARRAYS)], ARRAYS, given={"Xraw": (None, 4)}))
    )
    assert assumed(result) == [("front", "com.example::Strange")]
    assert result.parity is not None
    assert result.parity.scope == "arithmetic"


FRONTS = {
    "MatMul": [helper.make_node("MatMul", ["Xraw", "square"], ["X"])],
    "Add": [helper.make_node("Add", ["Xraw", "row"], ["X"])],
    "LayerNormalization": [helper.make_node("LayerNormalization", ["Xraw", "row"], ["X"])],
    "Conv": [
        helper.make_node("Transpose", ["Xraw"], ["a"], perm=[1, 2, 0]),
        helper.make_node("Conv", ["a", "kernel"], ["b"], pads=[1, 1]),
        helper.make_node("Transpose", ["b"], ["X"], perm=[2, 0, 1]),
    ],
    "Slice": [helper.make_node("Slice", ["Xraw", "last", "before", "zero", "last"], ["X"])],
    "DequantizeLinear, QuantizeLinear": [
        helper.make_node("QuantizeLinear", ["Xraw", "scale", "point"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "scale", "point"], ["X"]),
    ],
}


@pytest.mark.parametrize("front", sorted(FRONTS))
def test_what_stands_in_front_is_said_and_computed_by_the_file(front: str) -> None:
    rng = np.random.default_rng(3)
    constants: dict[str, Array] = {
        "square": rng.normal(size=(4, 4)).astype(np.float32),
        "row": np.float32([1, 2, 3, 4]),
        "kernel": rng.normal(size=(4, 4, 3)).astype(np.float32),
        "last": np.array([-1]),
        "before": np.array([-(2**40)]),
        "zero": np.array([0]),
        "scale": np.float32(0.1),
        "point": np.int8(0),
    }
    proto = model(
        [*FRONTS[front], node("LSTM", ARRAYS)], ARRAYS | constants, given={"Xraw": (None, None, 4)}
    )
    result = measured(only(proto))
    assert assumed(result) == [("front", front)]
    assert result.certainty.grade == "assumed"
    assert result.parity is not None
    assert result.parity.scope == "whole"
    assert result.parity.agrees


@pytest.mark.parametrize("is_same", [True, False])
def test_states_of_a_fixed_number_of_rows_are_read_with_as_many(is_same: bool) -> None:
    states = np.random.default_rng(4).normal(size=(1, 3, 5)).astype(np.float32)
    states = states[:, :1].repeat(3, axis=1) if is_same else states
    found_ = certainty(model([node("LSTM", STARTED)], STARTED | {"initial_h": states}))
    assert found_.grade == "proved"


def test_two_layers_with_a_normalisation_between_are_never_one() -> None:
    class Pair(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.low, self.norm = torch.nn.LSTM(3, 4), torch.nn.BatchNorm1d(4)
            self.high = torch.nn.LSTM(4, 4)

        def forward(self, x: Any) -> Any:
            low = self.norm(self.low(x)[0].permute(1, 2, 0)).permute(2, 0, 1)
            return self.high(low)[0]

    low, high = map(measured, found(exported(Pair(), (torch.randn(5, 2, 3),), (TIME_AND_BATCH,))))
    assert low.certainty.grade == "proved"
    assert assumed(high) == [("front", "BatchNormalization, LSTM")]
    assert high.parity is not None
    assert high.parity.agrees


def test_branches_beside_each_other_are_each_proved() -> None:
    other = weights("GRU", (4, 3), seed=7, dtype=np.float32)
    named = {f"g{name}": array for name, array in other.items()}
    beside = helper.make_node("GRU", ["X", "gW", "gR", "gB"], ["Z"], hidden_size=3)
    both = helper.make_node("Concat", ["Y", "Z"], ["out"], axis=-1)
    proto = model([node("LSTM", ARRAYS), beside, both], ARRAYS | named, made="out")
    assert [measured(each).certainty.grade for each in found(proto)] == ["proved", "proved"]


def test_states_from_an_input_are_assumed_zero(tmp_path: Path) -> None:
    given = {"X": (None, None, 4), "initial_h": (1, None, 5)}
    proto = model([node("LSTM", STARTED)], ARRAYS, given=given)
    result = measured(only(proto))
    assert assumed(result) == [("onnx_start_given", "initial_h")]
    assert result.parity is not None
    assert result.parity.agrees
    onnx.save(proto, tmp_path / "model.onnx")
    with pytest.warns(rv.AssumptionWarning, match="takes them from its input initial_h"):
        rv.read_model(tmp_path / "model.onnx", bounded=False)


def test_a_decoder_that_starts_where_its_encoder_ends_says_by_how_much_it_differs() -> None:
    class Pair(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.decoder = torch.nn.GRU(3, 4), torch.nn.GRU(3, 4)

        def forward(self, x: Any, y: Any) -> Any:
            return self.decoder(y, self.encoder(x)[1])[0]

    examples = (torch.randn(5, 2, 3), torch.randn(6, 2, 3))
    axes = (TIME_AND_BATCH, {0: "later", 1: "batch"})
    encoder, decoder = map(measured, found(exported(Pair(), examples, axes, names=("x", "y"))))
    assert encoder.certainty.grade == "proved"
    assert assumed(decoder) == [("onnx_start_computed", "GRU")]
    assert "the framework's own run differs by" in str(decoder.certainty)


def test_a_layer_called_step_by_step_is_one_layer() -> None:
    class Steps(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.LSTM(3, 4)

        def forward(self, x: Any) -> Any:
            state, outputs = None, []
            for step in x.split(1):
                output, state = self.layer(step, state)
                outputs.append(output)
            return torch.cat(outputs)

    torch.manual_seed(5)
    module, x = Steps(), torch.randn(5, 2, 3)
    for dynamo in (False, True):
        result = measured(only(exported(module, (x,), dynamo=dynamo)))
        assert ("onnx_calls", "5") in assumed(result)
        assert result.parity is not None
        assert (result.parity.scope, result.parity.agrees) == ("arithmetic", True)
        assert result.left_out == ()
        with torch.no_grad():
            wanted = module(x).numpy()
        came = rv.trace(result.model, x.numpy()).layers[0].signals["hidden"]
        np.testing.assert_allclose(came, wanted, rtol=0, atol=1e-6)


@pytest.mark.parametrize("how", ["given", "fixed", "computed"])
def test_lengths_are_assumed_unless_they_are_given(how: str) -> None:
    arrays = ARRAYS | {"lengths": np.zeros(1, np.int32)}
    nodes: list[Any] = [node("LSTM", arrays)]
    constants = dict(ARRAYS)
    proto = model(nodes, constants)
    if how == "given":
        info = helper.make_tensor_value_info("lengths", TensorProto.INT32, [None])
        proto.graph.input.append(info)
    elif how == "fixed":
        lengths = numpy_helper.from_array(np.full(1, 32, np.int32), "lengths")
        proto.graph.initializer.append(lengths)
    else:
        made = helper.make_node("ReduceSum", ["mask"], ["lengths"], keepdims=0)
        proto.graph.node.insert(0, made)
        info = helper.make_tensor_value_info("mask", TensorProto.INT32, [None, None])
        proto.graph.input.append(info)
    result = measured(only(proto))
    assert assumed(result) == ([] if how == "given" else [("onnx_lengths", "lstm")])
    assert (result.certainty.grade == "proved") == (how == "given")


def test_halves_and_rounding_are_said(tmp_path: Path) -> None:
    from onnxruntime.quantization import quantize_dynamic

    halves = {name: array.astype(np.float16) for name, array in ARRAYS.items()}
    assert ("onnx_halves", "float16") in assumed(only(model([node("LSTM", halves)], halves)))
    paths = [tmp_path / name for name in ("plain.onnx", "quantised.onnx")]
    onnx.save(model([node("LSTM", ARRAYS)], ARRAYS), paths[0])
    quantize_dynamic(*paths, op_types_to_quantize=["LSTM"])
    result = measured(only(onnx.load(paths[1])))
    assert assumed(result) == [("onnx_rounding", "")]
    assert result.parity is not None
    assert 1e-6 < result.parity.difference < 0.05


def test_a_layer_in_a_loop_is_checked_by_itself() -> None:
    inner = helper.make_graph(
        [node("LSTM", ARRAYS), helper.make_node("Identity", ["go"], ["goes"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        ],
        [
            helper.make_tensor_value_info("goes", TensorProto.BOOL, []),
            helper.make_tensor_value_info("Y", TensorProto.FLOAT, None),
        ],
    )
    loop = helper.make_node("Loop", ["n", "yes"], ["all"], name="loop", body=inner)
    constants = {"n": np.array(1), "yes": np.array(True)} | ARRAYS
    assert certainty(model([loop], constants, made="all")).grade == "checked"


class Normed(torch.nn.Module):
    """A layer whose recurrent weights are computed in the graph of others."""

    def __init__(self, make: Any) -> None:
        super().__init__()
        self.layer = torch.nn.LSTM(3, 4)
        make(self.layer)

    def forward(self, x: Any) -> Any:
        return self.layer(x)[0]


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated:FutureWarning")
@pytest.mark.parametrize(
    "make",
    [
        lambda layer: torch.nn.utils.parametrizations.weight_norm(layer, "weight_hh_l0"),
        lambda layer: torch.nn.utils.weight_norm(layer, "weight_ih_l0"),
    ],
    ids=["parametrised", "old"],
)
def test_weights_with_weight_norm_are_read(make: Any) -> None:
    torch.manual_seed(6)
    proto = exported(Normed(make), (torch.randn(5, 2, 3),), (TIME_AND_BATCH,))
    assert any(each.op_type == "ReduceL2" for each in proto.graph.node)
    assert certainty(proto).grade == "proved"


def test_a_product_of_constants_is_a_weight_where_it_costs_little() -> None:
    rng = np.random.default_rng(2)
    constants = {"a": rng.normal(size=(1, 20, 2)), "b": rng.normal(size=(1, 2, 5))}
    nodes = [
        helper.make_node("MatMul", ["a", "b"], ["ab"]),
        helper.make_node("Add", ["R0", "ab"], ["R"]),
        node("LSTM", ARRAYS),
    ]
    given = {name: array.astype(np.float32) for name, array in constants.items()}
    given |= {"R0": ARRAYS["R"], "W": ARRAYS["W"], "B": ARRAYS["B"]}
    assert certainty(model(nodes, given)).grade == "proved"


def test_token_ids_that_are_computed_are_said() -> None:
    nodes = [
        helper.make_node("Add", ["ids", "one"], ["tokens"]),
        helper.make_node("Gather", ["E", "tokens"], ["X"]),
        node("LSTM", ARRAYS),
    ]
    constants = ARRAYS | {"E": np.float32(np.arange(40).reshape(10, 4) % 7), "one": np.array(1)}
    result = measured(only(model(nodes, constants, given={"ids": (None, None)})))
    assert assumed(result) == [("computed_tokens", "Add")]


def test_a_loop_in_front_that_never_ends_is_not_run() -> None:
    infos = [
        helper.make_tensor_value_info("i", TensorProto.INT64, []),
        helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        helper.make_tensor_value_info("x", TensorProto.FLOAT, None),
    ]
    made = [
        helper.make_tensor_value_info("goes", TensorProto.BOOL, []),
        helper.make_tensor_value_info("out", TensorProto.FLOAT, None),
    ]
    inner = [
        helper.make_node("Identity", ["go"], ["goes"]),
        helper.make_node("Neg", ["x"], ["out"]),
    ]
    body = helper.make_graph(inner, "body", infos, made)
    loop = helper.make_node("Loop", ["n", "yes", "Xraw"], ["X"], body=body)
    constants = {"n": np.array(2**62), "yes": np.array(True)} | ARRAYS
    result = only(model([loop, node("LSTM", ARRAYS)], constants, given={"Xraw": (None, None, 4)}))
    assert assumed(result) == [("front", "Loop")]
    parity = measured(result).parity
    assert parity is not None
    assert parity.scope == "arithmetic"


def test_a_quantised_embedding_is_an_embedding() -> None:
    rng = np.random.default_rng(8)
    stored = rng.integers(-90, 90, (9, 4)).astype(np.int8)
    nodes = [
        helper.make_node("Gather", ["E", "tokens"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["X"]),
        node("LSTM", ARRAYS),
    ]
    constants = ARRAYS | {"E": stored, "s": np.float32(0.05), "z": np.int8(4)}
    result = measured(only(model(nodes, constants, given={"tokens": (None, None)})))
    assert result.certainty.grade == "proved"
    assert result.model.embedding is not None
    wanted = (stored.astype(np.float32) - 4) * np.float32(0.05)
    np.testing.assert_allclose(result.model.embedding, wanted, rtol=1e-6)
