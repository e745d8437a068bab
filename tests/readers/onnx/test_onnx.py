"""ONNX files are read as ONNX computes them: its operator tests, reference and runtime."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.case import node as cases
from onnx.reference import ReferenceEvaluator

import rnnviz as rv
from rnnviz.core.arrays import Array
from rnnviz.engine.parity import with_parity
from tests.readers.onnx.onnx_files import GATES, facts, found, model, node, only, weights

VALUES = np.random.default_rng(5).normal(size=(6, 3, 4))
onnxruntime.set_default_logger_severity(4)


def with_states(
    op: str, arrays: dict[str, Array], n_rows: int, *, batch_first: bool = False
) -> dict[str, Array]:
    """The arrays with random initial states, and random peepholes for an LSTM."""
    rng = np.random.default_rng(9)
    n_directions, _, n_units = arrays["R"].shape
    shape = (n_rows, n_directions, n_units) if batch_first else (n_directions, n_rows, n_units)
    more = {"initial_h": rng.normal(size=shape)}
    if op == "LSTM":
        more |= {
            "initial_c": rng.normal(size=shape),
            "P": rng.normal(size=(n_directions, 3 * n_units)),
        }
    return arrays | {name: a.astype(arrays["R"].dtype) for name, a in more.items()}


def by_runtime(proto: Any, values: Array, made: str = "Y") -> Array:
    """What onnxruntime makes of the whole file."""
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    name = session.get_inputs()[0].name
    return np.asarray(session.run([made], {name: values})[0])


def hidden(one: Any, values: Array) -> Array:
    """Our top hidden states, (time, batch, unit)."""
    trace = rv.trace(one.model, values)
    top = max(layer.level for layer in trace.layers)
    parts = [layer.signals["hidden"] for layer in trace.layers if layer.level == top]
    return np.concatenate(parts, axis=2)


def joined(y: Array, *, batch_first: bool = False) -> Array:
    """Y ▶ (time, batch, unit), directions side by side."""
    y = y.transpose(1, 0, 2, 3) if batch_first else y.transpose(0, 2, 1, 3)
    return y.reshape(*y.shape[:2], -1)


def check_own_run(one: Any, tolerance: float) -> None:
    """The file's own run, from its own input, gives our hidden states."""
    assert one.reference is not None
    assert one.reference.scope == "whole"
    run = one.reference.run(VALUES)
    assert len(run.hidden) == len(VALUES)
    # Gates that are not bounded make some networks grow, and float32's errors with them.
    if np.abs(run.hidden).max() < 5:
        np.testing.assert_allclose(hidden(one, run.inputs), run.hidden, rtol=0, atol=tolerance)


# onnx's own operator tests


def operator_tests() -> list[Any]:
    """Each operator's module of them registers its own when it is imported."""
    for op in GATES:
        import_module(f"{cases.__name__}.{op.lower()}")
    return list(cases._NodeTestCases)


def test_every_operator_test_of_onnx_is_among_them() -> None:
    names = {case.name for case in operator_tests()}
    assert len(names) >= 18
    assert {"test_lstm_with_peepholes", "test_gru_batchwise", "test_rnn_seq_length"} <= names


@pytest.mark.parametrize("case", operator_tests(), ids=lambda case: case.name)
def test_onnx_own_operator_tests_come_out_as_they_say(case: Any) -> None:
    (arrays, wanted), (own,) = case.data_sets[0], case.model.graph.node
    names = [name for name in own.input if name]
    constants = dict(zip(names[1:], arrays[1:], strict=True))
    proto = model([own], constants, given={names[0]: (None, None, None)}, made=own.output[-1])
    one = with_parity(only(proto), False)
    # Lengths that the file fixes are not kept.
    has_lengths = len(own.input) > 4 and bool(own.input[4])
    assert one.certainty.grade == ("assumed" if has_lengths else "proved")
    trace = rv.trace(one.model, in_time(own, arrays[0]))
    made = [came for name, came in zip(own.output, wanted_of(own, trace), strict=False) if name]
    for ours, theirs in zip(made, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def in_time(own: Any, x: Array) -> Array:
    return x.swapaxes(0, 1) if is_batch_first(own) else x


def is_batch_first(own: Any) -> bool:
    return any(a.name == "layout" and a.i for a in own.attribute)


def wanted_of(own: Any, trace: Any) -> list[Array]:
    """Y, Y_h and Y_c as the operator shapes them."""
    y = np.stack([layer.signals["hidden"] for layer in trace.layers], axis=1)
    states = trace.layers[0].cell.states
    last = [np.stack([layer.final[s] for layer in trace.layers]) for s in states]
    if is_batch_first(own):
        return [y.transpose(2, 0, 1, 3), *(state.swapaxes(0, 1) for state in last)]
    return [y, *last]


# every attribute, against ONNX's reference in float64 and onnxruntime in float32

ARGUMENTS = {
    "Affine": 2,
    "Elu": 1,
    "HardSigmoid": 2,
    "LeakyRelu": 1,
    "Relu": 0,
    "ScaledTanh": 2,
    "Sigmoid": 0,
    "Softplus": 0,
    "Softsign": 0,
    "Tanh": 0,
    "ThresholdedRelu": 1,
}
N_ACTIVATIONS = {"LSTM": 3, "GRU": 2, "RNN": 1}
SYMMETRIC = {"Sigmoid": (), "HardSigmoid": (0.3, 0.5)}


@st.composite
def chosen(draw: Any, op: str, n_directions: int, coupled: bool) -> dict[str, Any]:
    """Activations with their arguments, as the attributes of a node."""
    names: list[str] = []
    numbers: list[tuple[float, ...]] = []
    for place in range(N_ACTIVATIONS[op] * n_directions):
        if coupled and place % 3 == 0:
            name = draw(st.sampled_from(sorted(SYMMETRIC)))
            arguments: tuple[float, ...] = SYMMETRIC[name]
        else:
            name = draw(st.sampled_from(sorted(ARGUMENTS)))
            size = ARGUMENTS[name]
            number = st.sampled_from([0.25, 0.4, 0.7])
            arguments = tuple(draw(st.lists(number, min_size=size, max_size=size)))
        # Its RNN, unlike its LSTM and GRU, knows only the names as the operators have them.
        names.append(draw(st.sampled_from([name] if op == "RNN" else [name, name.lower()])))
        numbers.append(arguments)
    made = {
        "activations": names,
        "activation_alpha": [n[0] for n in numbers if n],
        "activation_beta": [n[1] for n in numbers if n[1:]],
    }
    return {name: value for name, value in made.items() if value}


@st.composite
def nodes(draw: Any) -> tuple[str, dict[str, Array], dict[str, Any]]:
    """An operator, its float32 arrays, and any combination of its attributes."""
    op = draw(st.sampled_from(sorted(GATES)))
    direction = draw(st.sampled_from(["forward", "reverse", "bidirectional"]))
    n_directions = 2 if direction == "bidirectional" else 1
    arrays = weights(op, (4, 5), n_directions, seed=draw(st.integers(0, 99)), dtype=np.float32)
    arrays = {name: array / 2 for name, array in arrays.items()}
    arrays |= with_states(op, arrays, VALUES.shape[1])
    optional = sorted(set(arrays) - {"W", "R"})
    left = set(draw(st.lists(st.sampled_from(optional), max_size=3)))
    attributes: dict[str, Any] = {"direction": direction}
    if op == "GRU":
        attributes["linear_before_reset"] = draw(st.integers(0, 1))
    if op == "LSTM":
        attributes["input_forget"] = draw(st.integers(0, 1))
    if draw(st.booleans()):
        attributes["clip"] = draw(st.sampled_from([0.3, 1.0, 2.5]))
    if draw(st.booleans()):
        coupled = bool(attributes.get("input_forget"))
        attributes |= draw(chosen(op, n_directions, coupled))
    return op, {name: a for name, a in arrays.items() if name not in left}, attributes


@settings(max_examples=120)
@given(nodes())
def test_every_attribute_means_what_onnxruntime_makes_of_it(
    drawn: tuple[str, dict[str, Array], dict[str, Any]],
) -> None:
    op, arrays, attributes = drawn
    proto = model([node(op, arrays, **attributes)], arrays)
    one = only(proto)
    values = VALUES.astype(np.float32)
    wanted = joined(by_runtime(proto, values))
    # Gates that are not bounded make some networks grow, and float32's errors with them.
    assume(np.abs(wanted).max() < 5)
    np.testing.assert_allclose(hidden(one, values), wanted, rtol=0, atol=2e-5)
    check_own_run(one, 2e-5)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize(
    ("op", "more"),
    [("LSTM", {}), ("GRU", {}), ("GRU", {"linear_before_reset": 1}), ("RNN", {})],
)
def test_float64_is_what_the_reference_computes(
    op: str, more: dict[str, int], direction: str, batch_first: bool
) -> None:
    arrays = weights(op, (4, 5), 2 if direction == "bidirectional" else 1)
    arrays |= with_states(op, arrays, 3, batch_first=batch_first)
    attributes = more | {"direction": direction, "layout": int(batch_first)}
    if direction == "bidirectional" and op == "RNN":
        attributes["activations"] = ["Tanh", "Tanh"]
    proto = model([node(op, arrays, **attributes)], arrays)
    read_in = VALUES.swapaxes(0, 1) if batch_first else VALUES
    (y,) = ReferenceEvaluator(proto).run(None, {"X": read_in})
    one = only(proto)
    wanted = joined(y, batch_first=batch_first)
    np.testing.assert_allclose(hidden(one, VALUES), wanted, rtol=0, atol=1e-12)
    check_own_run(one, 1e-12)


def test_an_rnn_may_name_an_activation_for_a_direction_that_it_has_not() -> None:
    arrays = weights("RNN", (4, 5))
    one = only(model([node("RNN", arrays, activations=["Relu", "Tanh"])], arrays))
    assert one.model.layers[0].activations == {"hidden": "relu"}


def test_a_default_argument_is_that_of_the_onnx_operator() -> None:
    arrays = weights("RNN", (4, 5))
    names = ("Elu", "HardSigmoid", "LeakyRelu", "ThresholdedRelu")
    said = [
        only(model([node("RNN", arrays, activations=[n])], arrays)).model.layers[0].activations
        for n in names
    ]
    assert [one["hidden"] for one in said] == [
        "elu(1)",
        "hard_sigmoid(0.2,0.5)",
        "leaky_relu(0.01)",
        "thresholded_relu(1)",
    ]


# where a node stands


def body(arrays: dict[str, Array], *, name: str) -> Any:
    """A graph without inputs that runs an LSTM on the X around it."""
    constants = [numpy_helper.from_array(a, n) for n, a in arrays.items()]
    made = [helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)]
    return helper.make_graph([node("LSTM", arrays)], name, [], made, constants)


def test_both_branches_of_an_if_are_found() -> None:
    first, second = (weights("LSTM", (4, n), seed=n, dtype=np.float32) for n in (5, 7))
    whole = helper.make_node(
        "If",
        ["choice"],
        ["Y"],
        name="which",
        then_branch=body(first, name="then"),
        else_branch=body(second, name="else"),
    )
    proto = model([whole], {"choice": np.array(True)})
    other, one = found(proto)
    assert (one.name, other.name) == ("which/then_branch/lstm", "which/else_branch/lstm")
    values = VALUES.astype(np.float32)
    np.testing.assert_allclose(hidden(one, values), joined(by_runtime(proto, values)), atol=1e-6)
    assert other.model.n_outputs == 7


def test_a_lstm_in_the_body_of_a_loop_is_found_with_weights_from_around_it() -> None:
    arrays = weights("LSTM", (4, 5), dtype=np.float32)
    inner = helper.make_graph(
        [node("LSTM", arrays), helper.make_node("Identity", ["go"], ["goes"])],
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
    constants = {"n": np.array(1), "yes": np.array(True)} | arrays
    loop = helper.make_node("Loop", ["n", "yes"], ["all"], name="loop", body=inner)
    proto = model([loop], constants, made="all")
    one = only(proto)
    values = VALUES.astype(np.float32)
    wanted = joined(by_runtime(proto, values, "all")[0])
    np.testing.assert_allclose(hidden(one, values), wanted, rtol=0, atol=1e-6)
    assert facts(one)["left_out"] == "Loop"


def test_functions_are_followed_with_their_arguments_and_attributes() -> None:
    arrays = weights("GRU", (4, 5), dtype=np.float32)
    upper = {f"u{n}": a for n, a in weights("GRU", (5, 6), seed=1, dtype=np.float32).items()}
    inner = helper.make_node("GRU", ["x", "w", "r", "b"], ["y"], hidden_size=5)
    flag = helper.make_node("GRU", [], []).attribute.add()
    flag.name, flag.ref_attr_name, flag.type = "linear_before_reset", "after", 2
    inner.attribute.append(flag)
    squeeze = helper.make_node("Squeeze", ["y", "one"], ["h"])
    one = helper.make_node("Constant", [], ["one"], value_ints=[1])
    function = helper.make_function(
        "own",
        "Recur",
        ["x", "w", "r", "b"],
        ["h"],
        [inner, one, squeeze],
        [helper.make_opsetid("", 17)],
        ["after"],
    )
    call = helper.make_node(
        "Recur", ["X", "W", "R", "B"], ["low"], name="low", domain="own", after=1
    )
    top = helper.make_node("GRU", ["low", "uW", "uR", "uB"], ["Y"], hidden_size=6)
    proto = model([call, top], arrays | upper, functions=(function,))
    (stack,) = found(proto)
    assert [layer.cell_name for layer in stack.model.layers] == ["gru_reset_after", "gru"]
    values = VALUES.astype(np.float32)
    np.testing.assert_allclose(
        hidden(stack, values), joined(by_runtime(proto, values)), rtol=0, atol=1e-6
    )
    assert "left_out" not in facts(stack)


# what feeds what


def two(between: list[Any], *, both: bool = False) -> Any:
    """Two LSTMs with other operators between Y and uX."""
    n_directions = 2 if both else 1
    direction = "bidirectional" if both else "forward"
    low = weights("LSTM", (4, 5), n_directions, dtype=np.float32)
    high = weights("LSTM", (5 * n_directions, 5), n_directions, seed=1, dtype=np.float32)
    high = {f"u{name}": array for name, array in high.items()}
    top = helper.make_node(
        "LSTM", ["uX", "uW", "uR", "uB"], ["uY"], hidden_size=5, direction=direction
    )
    nodes_ = [node("LSTM", low, direction=direction), *between, top]
    numbers_ = {"one": np.array([1]), "nought": np.float32(0), "unit": np.float32(1)}
    return model(nodes_, low | high | numbers_, made="uY")


def transposed(x: str, y: str, *perm: int) -> Any:
    return helper.make_node("Transpose", [x], [y], perm=perm)


def numbers(shape: tuple[int, ...]) -> Any:
    return numpy_helper.from_array(np.array(shape, np.int64))


def reshaped(x: str, y: str, *shape: int) -> list[Any]:
    constant = helper.make_node("Constant", [], [f"{y} shape"], value=numbers(shape))
    return [constant, helper.make_node("Reshape", [x, f"{y} shape"], [y])]


def cut(x: str, y: str, start: int) -> list[Any]:
    """One number of a shape."""
    ends = [(f"{y} {name}", number) for name, number in (("start", start), ("end", start + 1))]
    constants = [helper.make_node("Constant", [], [n], value=numbers((i,))) for n, i in ends]
    return [*constants, helper.make_node("Slice", [x, *(name for name, _ in ends)], [y])]


# As torch.onnx.export(dynamo=True) writes it.
RECKONED = [
    transposed("Y", "t", 0, 2, 1, 3),
    helper.make_node("Shape", ["t"], ["shape"]),
    *(node_ for i in range(4) for node_ in cut("shape", f"s{i}", i)),
    helper.make_node("Mul", ["s2", "s3"], ["both"]),
    *reshaped("both", "both1", -1),
    helper.make_node("Concat", ["s0", "s1", "both1"], ["flat"], axis=0),
    helper.make_node("Reshape", ["t", "flat"], ["uX"]),
]
WIRED = {
    "sizes reckoned": (RECKONED, False),
    "sizes reckoned, both directions": (RECKONED, True),
    "squeeze": ([helper.make_node("Squeeze", ["Y", "one"], ["uX"])], False),
    "reshape": (reshaped("Y", "uX", 0, -1, 5), False),
    "out and back": (
        [
            helper.make_node("Squeeze", ["Y", "one"], ["s"]),
            transposed("s", "b", 1, 0, 2),
            transposed("b", "uX", 1, 0, 2),
        ],
        False,
    ),
    "directions side by side": (
        [transposed("Y", "t", 0, 2, 1, 3), *reshaped("t", "uX", 0, 0, -1)],
        True,
    ),
    "split and joined": (
        [
            helper.make_node("Split", ["Y"], ["f", "b"], axis=1),
            helper.make_node("Squeeze", ["f", "one"], ["f1"]),
            helper.make_node("Squeeze", ["b", "one"], ["b1"]),
            helper.make_node("Concat", ["f1", "b1"], ["uX"], axis=-1),
        ],
        True,
    ),
}
MISWIRED = {
    "directions mixed": (reshaped("Y", "uX", 0, -1, 10), True),
    "time and batch swapped": (
        [
            helper.make_node("Squeeze", ["Y", "one"], ["s"]),
            transposed("s", "uX", 1, 0, 2),
        ],
        False,
    ),
    "the other direction first": (
        [
            helper.make_node("Split", ["Y"], ["f", "b"], axis=1),
            helper.make_node("Squeeze", ["f", "one"], ["f1"]),
            helper.make_node("Squeeze", ["b", "one"], ["b1"]),
            helper.make_node("Concat", ["b1", "f1"], ["uX"], axis=-1),
        ],
        True,
    ),
    **{
        f"{operator} between": (
            [
                helper.make_node("Squeeze", ["Y", "one"], ["s"]),
                helper.make_node(operator, ["s", *more], ["uX"]),
            ],
            False,
        )
        for operator, more in (("Abs", []), ("Max", ["nought"]), ("Mul", ["unit"]), ("Tanh", []))
    },
    "something computed between": (
        [
            helper.make_node("Squeeze", ["Y", "one"], ["s"]),
            helper.make_node("Relu", ["s"], ["uX"]),
        ],
        False,
    ),
}


@pytest.mark.parametrize("name", sorted(WIRED))
def test_nodes_wired_as_exporters_do_are_levels_of_one(name: str) -> None:
    between, both = WIRED[name]
    proto = two(between, both=both)
    one = only(proto)
    assert len(one.model.levels) == 2
    assert "left_out" not in facts(one)
    values = VALUES.astype(np.float32)
    wanted = joined(by_runtime(proto, values, "uY"))
    np.testing.assert_allclose(hidden(one, values), wanted, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", sorted(MISWIRED))
def test_nodes_wired_otherwise_stay_apart(name: str) -> None:
    between, both = MISWIRED[name]
    assert [len(one.model.levels) for one in found(two(between, both=both))] == [1, 1]


def test_two_that_read_the_same_states_stay_apart() -> None:
    low = weights("RNN", (4, 5), dtype=np.float32)
    high = {f"u{n}": a for n, a in weights("RNN", (5, 5), seed=1, dtype=np.float32).items()}
    squeeze = helper.make_node("Squeeze", ["Y", "one"], ["uX"])
    tops = [
        helper.make_node("RNN", ["uX", "uW", "uR"], [y], hidden_size=5) for y in ("first", "second")
    ]
    constants = low | high | {"one": np.array([1])}
    names = [one.name for one in found(model([node("RNN", low), squeeze, *tops], constants))]
    assert names == ["rnn", "first", "second"]


def test_a_shape_fixed_in_the_file_is_followed() -> None:
    low = weights("LSTM", (4, 5), 2, dtype=np.float32)
    high = {f"u{n}": a for n, a in weights("LSTM", (10, 5), seed=1, dtype=np.float32).items()}
    between = [transposed("Y", "t", 0, 2, 1, 3), *reshaped("t", "uX", 8, 2, 10)]
    top = helper.make_node("LSTM", ["uX", "uW", "uR"], ["uY"], hidden_size=5)
    nodes_ = [node("LSTM", low, direction="bidirectional"), *between, top]
    one = only(model(nodes_, low | high, given={"X": (8, 2, 4)}, made="uY"))
    assert len(one.model.levels) == 2


def test_older_operator_sets_say_axes_in_attributes() -> None:
    plain = weights("LSTM", (4, 5), dtype=np.float32)
    high = {f"u{n}": a for n, a in weights("LSTM", (5, 5), seed=1, dtype=np.float32).items()}
    built = [
        helper.make_node("Unsqueeze", ["flat"], ["W"], axes=[0]),
        helper.make_node("Slice", ["more"], ["R"], axes=[0, 1], starts=[1, 0], ends=[2, 99]),
        helper.make_node("Split", ["wide"], ["rest", "B"], axis=1, split=[3, 40]),
    ]
    rest = {
        "flat": plain["W"][0],
        "more": np.concatenate([plain["R"], plain["R"]]),
        "wide": np.concatenate([plain["B"][:, :3], plain["B"]], axis=1),
    }
    squeeze = helper.make_node("Squeeze", ["Y"], ["uX"], axes=[1])
    top = helper.make_node("LSTM", ["uX", "uW", "uR", "uB"], ["uY"], hidden_size=5)
    nodes_ = [*built, node("LSTM", plain), squeeze, top]
    proto = model(nodes_, rest | high, made="uY", version=9)
    one, values = only(proto), VALUES.astype(np.float32)
    wanted = joined(by_runtime(proto, values, "uY"))
    np.testing.assert_allclose(hidden(one, values), wanted, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("version", "is_readout"), [(11, False), (13, True)])
def test_softmax_without_an_axis_is_over_the_outputs_since_operator_set_13(
    version: int, is_readout: bool
) -> None:
    arrays = weights("GRU", (4, 5), dtype=np.float32)
    head = [
        *reshaped("Y", "h", 0, -1, 5),
        helper.make_node("MatMul", ["h", "V"], ["a"]),
        helper.make_node("Softmax", ["a"], ["y"]),
    ]
    constants = arrays | {"V": np.ones((5, 3), np.float32)}
    one = only(model([node("GRU", arrays), *head], constants, made="y", version=version))
    assert (one.model.readout is not None) == is_readout


# weights, states and what is around


def test_weights_are_folded_through_the_nodes_that_exporters_build_them_with() -> None:
    plain = weights("LSTM", (4, 5), dtype=np.float32)
    wanted = hidden(only(model([node("LSTM", plain)], plain)), VALUES)
    w = plain["W"][0]
    parts = {"a": w[:7], "b": w[7:].T.astype(np.float64), "R": plain["R"], "axes": np.array([0])}
    built = [
        transposed("b", "bt", 1, 0),
        helper.make_node("Cast", ["bt"], ["bc"], to=TensorProto.FLOAT),
        helper.make_node("Concat", ["a", "bc"], ["ab"], axis=0),
        helper.make_node("Unsqueeze", ["ab", "axes"], ["abu"]),
        helper.make_node("Identity", ["abu"], ["W"]),
        helper.make_node(
            "Constant", [], ["all"], value=numpy_helper.from_array(np.tile(plain["B"], 2))
        ),
        helper.make_node("Split", ["all"], ["B", "rest"], axis=1),
    ]
    proto = model([*built, node("LSTM", plain)], parts)
    np.testing.assert_array_equal(hidden(only(proto), VALUES), wanted)


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "double"])
def test_other_number_types_are_widened(kind: str) -> None:
    arrays = weights("GRU", (4, 5), dtype=np.float32)
    number = {"float16": TensorProto.FLOAT16, "bfloat16": TensorProto.BFLOAT16}.get(
        kind, TensorProto.DOUBLE
    )
    proto = model([node("GRU", arrays)], {})
    for name, array in arrays.items():
        proto.graph.initializer.append(
            helper.make_tensor(name, number, array.shape, array.ravel().tolist())
        )
    layer = only(proto).model.layers[0]
    assert layer.weights["update.x"].dtype == (np.float64 if kind == "double" else np.float32)
    exact = {"float16": 2.0**-11, "bfloat16": 2.0**-8, "double": 2.0**-24}[kind]
    np.testing.assert_allclose(layer.weights["update.x"], arrays["W"][0, :5], rtol=exact)


@pytest.mark.parametrize("rows", ["one", "many", "learned", "zeros"])
def test_initial_states_are_the_files_own_whatever_rows_come(rows: str) -> None:
    arrays = weights("GRU", (4, 5), dtype=np.float32)
    start = np.random.default_rng(2).normal(size=(1, 1, 5)).astype(np.float32)
    nodes_: list[Any] = []
    constants = arrays | {"initial_h": start}
    if rows == "many":
        constants["initial_h"] = np.tile(start, (1, 3, 1)) * np.float32([[[1], [2], [3]]])
    if rows in ("learned", "zeros"):
        nodes_ = [
            helper.make_node("Shape", ["X"], ["n"], start=1, end=2),
            helper.make_node("Concat", ["one", "n", "five"], ["shape"], axis=0),
            helper.make_node("Expand", ["h0", "shape"], ["initial_h"]),
        ]
        more = {"one": np.array([1]), "five": np.array([5])}
        h0 = start if rows == "learned" else np.zeros((), np.float32)
        constants = arrays | more | {"h0": h0}
    full = arrays | {"initial_h": start}
    proto = model([*nodes_, node("GRU", full)], constants)
    one = only(proto)
    values = VALUES.astype(np.float32)
    if rows == "one":
        values = values[:, :1]
    np.testing.assert_allclose(
        hidden(one, values), joined(by_runtime(proto, values)), rtol=0, atol=1e-6
    )
    assert facts(one)["initial_states"] == ("0" if rows == "zeros" else "hidden")


def test_states_and_lengths_that_come_at_run_time_are_said() -> None:
    arrays = weights("GRU", (4, 5), dtype=np.float32)
    full = arrays | {"initial_h": np.zeros((1, 3, 5)), "lengths": np.zeros(3)}
    given_ = {"X": (None, None, 4), "initial_h": (1, None, 5), "lengths": (None,)}
    one = only(model([node("GRU", full)], arrays, given=given_))
    said = {fact.name: fact for fact in one.report}
    assert (said["initial_states"].value, said["initial_states"].origin) == ("0", "default")
    assert said["lengths"].value == "lengths"
    assert not one.model.layers[0].initial


@pytest.mark.parametrize("dense", ["every step", "last by gather", "last by Y_h"])
@pytest.mark.parametrize("squash", ["Softmax", "LogSoftmax", "Sigmoid", ""])
def test_a_dense_layer_on_top_is_the_readout(dense: str, squash: str) -> None:
    arrays = weights("GRU", (4, 5), dtype=np.float32)
    rng = np.random.default_rng(4)
    more = {"V": rng.normal(size=(3, 5)), "d": rng.normal(size=(1, 3)), "Vt": np.zeros((5, 3))}
    more["Vt"] = more["V"].T
    constants = {n: a.astype(np.float32) for n, a in more.items()} | arrays
    constants |= {"one": np.array([1]), "zero": np.array([0]), "last": np.array(-1)}
    made = "logits" if squash else "y"
    if dense == "every step":
        nodes_ = [
            helper.make_node("Squeeze", ["Y", "one"], ["h"]),
            helper.make_node("MatMul", ["h", "Vt"], ["Vh"]),
            helper.make_node("Add", ["d", "Vh"], [made]),
        ]
    else:
        picked = [
            helper.make_node("Squeeze", ["Y", "one"], ["all"]),
            helper.make_node("Gather", ["all", "last"], ["h"]),
        ]
        if dense == "last by Y_h":
            picked = [helper.make_node("Squeeze", ["Y_h", "zero"], ["h"])]
        nodes_ = [*picked, helper.make_node("Gemm", ["h", "V", "d"], [made], transB=1)]
    if squash:
        attributes = {} if squash == "Sigmoid" else {"axis": -1}
        nodes_.append(helper.make_node(squash, ["logits"], ["y"], **attributes))
    proto = model([node("GRU", arrays), *nodes_], constants, made="y")
    one = only(proto)
    values = VALUES.astype(np.float32)
    wanted = by_runtime(proto, values, "y")
    wanted = np.exp(wanted) if squash == "LogSoftmax" else wanted
    came = rv.trace(one.model, values).outputs
    came = came if dense == "every step" else came[-1]
    np.testing.assert_allclose(came, wanted, rtol=0, atol=1e-6)
    assert ("t = T" in facts(one)["readout"]) == (dense != "every step")
    assert "left_out" not in facts(one)


@pytest.mark.parametrize(("made", "place", "step"), [("Y_h", 0, "t = 1"), ("Y", -1, "t = T")])
def test_a_layer_that_reads_backward_ends_at_the_first_step(
    made: str, place: int, step: str
) -> None:
    arrays = weights("GRU", (4, 5), dtype=np.float32)
    axes = {"zero": np.array([0]), "one": np.array([1]), "place": np.array(place)}
    constants = (
        arrays | axes | {"V": np.random.default_rng(5).normal(size=(5, 3)).astype(np.float32)}
    )
    head = [
        helper.make_node("Squeeze", ["Y", "one"], ["all"]),
        helper.make_node("Gather", ["all", "place"], ["h"]),
    ]
    if made == "Y_h":
        head = [helper.make_node("Squeeze", ["Y_h", "zero"], ["h"])]
    head.append(helper.make_node("MatMul", ["h", "V"], ["y"]))
    proto = model([node("GRU", arrays, direction="reverse"), *head], constants, made="y")
    one = only(proto)
    values = VALUES.astype(np.float32)
    came = rv.trace(one.model, values).outputs
    assert came is not None
    wanted = by_runtime(proto, values, "y")
    np.testing.assert_allclose(came[0 if step == "t = 1" else -1], wanted, rtol=0, atol=1e-6)
    assert step in facts(one)["readout"]


def test_a_dense_layer_inside_a_larger_head_is_no_readout() -> None:
    arrays = weights("GRU", (4, 5), dtype=np.float32)
    constants = arrays | {"V": np.ones((5, 3), np.float32), "one": np.array([1])}
    head = [
        helper.make_node("Squeeze", ["Y", "one"], ["h"]),
        helper.make_node("MatMul", ["h", "V"], ["a"]),
        helper.make_node("Relu", ["a"], ["y"]),
    ]
    one = only(model([node("GRU", arrays), *head], constants, made="y"))
    assert one.model.readout is None
    assert facts(one)["left_out"] == "MatMul, Relu"


def test_what_comes_before_is_said_when_it_is_no_embedding() -> None:
    arrays = weights("GRU", (4, 5), dtype=np.float32)
    scaled = [helper.make_node("Mul", ["raw", "two"], ["X"])]
    constants = arrays | {"two": np.array(2, np.float32)}
    given_ = {"raw": (None, None, 4)}
    one = only(model([*scaled, node("GRU", arrays)], constants, given=given_))
    assert one.model.embedding is None
    assert facts(one)["left_out"] == "Mul"


def test_the_card_says_what_the_file_says() -> None:
    arrays = weights("LSTM", (4, 5), 2, dtype=np.float32)
    one = only(model([node("LSTM", arrays, direction="bidirectional", clip=2.0)], arrays))
    assert one.name == ""
    assert facts(one) == {
        "cell": "lstm",
        "layers": "1",
        "sizes": "4 → 5",
        "directions": "forward, backward",
        "gate_order": "input, output, forget, candidate",
        "biases": "b + bh",
        "activations": "sigmoid, tanh, clip 2",
        "initial_states": "0",
        "numbers": "float32",
    }
