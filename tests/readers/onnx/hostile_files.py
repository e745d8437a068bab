"""ONNX files whose cost would grow faster than they do, of any size n: one function a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from rnnviz.core.arrays import Array
from tests.readers.onnx.onnx_files import model, node, weights

ARRAYS = weights("LSTM", (4, 5), dtype=np.float32)
GRU = weights("GRU", (4, 5), dtype=np.float32)
STARTED = GRU | {"initial_h": np.zeros((1, 1, 5), np.float32)}


def many_inputs(n: int) -> Any:
    """Inputs that declare a million numbers each, and states computed from the last."""
    given = {f"X{i}": (1000, 1000) for i in range(n)} | {"X": (None, None, 4)}
    last = helper.make_node("Identity", [f"X{n - 1}"], ["initial_h"])
    return model([last, node("GRU", STARTED)], GRU, given=given)


def many_inputs_and_products(n: int) -> Any:
    """As many products as inputs, each a readout that might be."""
    given = {f"X{i}": (i + 2, 999) for i in range(n)} | {"X": (None, None, 4)}
    products = [helper.make_node("MatMul", ["Y", "V"], [f"p{i}"]) for i in range(n)]
    constants = ARRAYS | {"V": np.ones((5, 3), np.float32)}
    return model([node("LSTM", ARRAYS), *products], constants, given=given, made="p0")


def wide_products(n: int) -> Any:
    """Products with numbers that a wide Concat gathers from the states."""
    joined = helper.make_node("Concat", ["Y"] * n, ["wide"], axis=-1)
    products = [helper.make_node("MatMul", ["wide", "V"], [f"p{i}"]) for i in range(n)]
    constants = ARRAYS | {"V": np.ones((5 * n, 1), np.float32)}
    return model([node("LSTM", ARRAYS), joined, *products], constants, made="p0")


def function_with_attributes(n: int) -> Any:
    """A function of n attributes that is called n times."""
    imports = [helper.make_opsetid("", 17)]
    inner = helper.make_node("Identity", ["x"], ["y"])
    names = [f"a{i}" for i in range(n)]
    function = helper.make_function("own", "F", ["x"], ["y"], [inner], imports, names)
    calls = [helper.make_node("F", ["X"], [f"y{i}"], domain="own") for i in range(n)]
    return model([*calls, node("LSTM", ARRAYS)], ARRAYS, functions=(function,))


def function_with_defaults(n: int) -> Any:
    """A function of n attributes with defaults that is called n times."""
    proto = function_with_attributes(n)
    function = proto.functions[0]
    del function.attribute[:]
    function.attribute_proto.extend(helper.make_attribute(f"a{i}", i) for i in range(n))
    return proto


def function_with_inputs(n: int) -> Any:
    """A function of n inputs that is called n times."""
    imports = [helper.make_opsetid("", 17)]
    inner = helper.make_node("Identity", ["x0"], ["y"])
    names = [f"x{i}" for i in range(n)]
    function = helper.make_function("own", "F", names, ["y"], [inner], imports)
    calls = [helper.make_node("F", ["X"], [f"y{i}"], domain="own") for i in range(n)]
    return model([*calls, node("LSTM", ARRAYS)], ARRAYS, functions=(function,))


def function_with_a_wide_node(n: int) -> Any:
    """A function of one node with n inputs that is called n times."""
    imports = [helper.make_opsetid("", 17)]
    inner = helper.make_node("Max", ["x"] * n, ["y"])
    function = helper.make_function("own", "F", ["x"], ["y"], [inner], imports)
    calls = [helper.make_node("F", ["X"], [f"y{i}"], domain="own") for i in range(n)]
    return model([*calls, node("LSTM", ARRAYS)], ARRAYS, functions=(function,))


def function_with_a_full_body(n: int) -> Any:
    """A function whose If has n constants in its branch, called n times."""
    imports = [helper.make_opsetid("", 17)]
    constants = [numpy_helper.from_array(np.float32(i), f"c{i}") for i in range(n)]
    made = [helper.make_tensor_value_info("c0", TensorProto.FLOAT, None)]
    body = helper.make_graph([], "body", [], made, constants)
    inner = helper.make_node("If", ["x"], ["y"], then_branch=body, else_branch=body)
    function = helper.make_function("own", "F", ["x"], ["y"], [inner], imports)
    calls = [helper.make_node("F", ["X"], [f"y{i}"], domain="own") for i in range(n)]
    return model([*calls, node("LSTM", ARRAYS)], ARRAYS, functions=(function,))


def full_bodies(n: int) -> Any:
    """Branches of n constants each, that all states are computed through."""
    proto = model([node("LSTM", ARRAYS)], ARRAYS)
    constants = [numpy_helper.from_array(np.float32(i), f"c{i}") for i in range(n)]
    made = [helper.make_tensor_value_info("c0", TensorProto.FLOAT, None)]
    body = helper.make_graph([], "body", [], made, constants)
    proto.graph.node.append(
        helper.make_node("If", ["X"], ["z"], then_branch=body, else_branch=body)
    )
    return proto


def huge_state(count: int) -> Callable[[int], Any]:
    def made(n: int) -> Any:
        fill = helper.make_node("ConstantOfShape", ["shape"], ["initial_h"])
        shape = {"shape": np.array([1, count // 5, 5])}
        rest = [helper.make_node("Identity", ["X"], [f"i{i}"]) for i in range(n)]
        return model([fill, *rest, node("GRU", STARTED)], GRU | shape)

    return made


def huge_state_moved(n: int) -> Any:
    """A huge state that is cast, cut, picked from, transposed and multiplied on its way."""
    names = [f"h{i}" for i in range(n + 1)]
    ways: list[Callable[[str, str], Any]] = [
        lambda a, b: helper.make_node("Cast", [a], [b], to=TensorProto.FLOAT),
        lambda a, b: helper.make_node("Transpose", [a], [b], perm=[0, 1, 2]),
        lambda a, b: helper.make_node("Mul", [a, a], [b]),
        lambda a, b: helper.make_node("Gather", [a, "places"], [b], axis=0),
        lambda a, b: helper.make_node("Tile", [a, "none"], [b]),
    ]
    moves = [ways[i % 5](a, b) for i, (a, b) in enumerate(pairwise(names))]
    fill = helper.make_node("ConstantOfShape", ["shape"], ["h0"])
    last = helper.make_node("Identity", [names[-1]], ["initial_h"])
    constants = {
        "shape": np.array([1, 10**11, 5]),
        "places": np.array([0]),
        "none": np.array([0, 1, 1]),
    }
    return model([fill, *moves, last, node("GRU", STARTED)], GRU | constants)


def huge_shape_operand(n: int) -> Any:
    """A shape that is itself made of 10¹² numbers, used n times."""
    first = helper.make_node("ConstantOfShape", ["count"], ["shape"])
    uses = [helper.make_node("ConstantOfShape", ["shape"], [f"s{i}"]) for i in range(n)]
    uses += [helper.make_node("Reshape", ["X", "shape"], [f"r{i}"]) for i in range(n)]
    last = helper.make_node("Expand", ["row", "shape"], ["initial_h"])
    constants = {"count": np.array([10**12]), "row": np.zeros(5, np.float32)}
    return model([first, *uses, last, node("GRU", STARTED)], GRU | constants)


def big_products(n: int) -> Any:
    """Constant matrices whose product would be n² numbers of n each, as weights."""
    product = helper.make_node("MatMul", ["a", "b"], ["ab"])
    cut = helper.make_node("Slice", ["ab", "starts", "ends"], ["W"])
    constants = {
        "a": np.ones((1, n, n // 8 + 1), np.float32),
        "b": np.ones((1, n // 8 + 1, n), np.float32),
        "starts": np.array([0, 0, 0]),
        "ends": np.array([1, 20, 4]),
        "R": ARRAYS["R"],
    }
    return model([product, cut, node("LSTM", ARRAYS | {"W": ARRAYS["W"]})], constants)


def split_wide(n: int) -> Any:
    """A constant in n pieces, and all of them together again as weights."""
    parts = [f"s{i}" for i in range(n)]
    split = helper.make_node("Split", ["flat"], parts, axis=0)
    back = helper.make_node("Concat", parts, ["joined"], axis=0)
    shape = helper.make_node("Reshape", ["joined", "shape"], ["W"])
    constants = {"flat": np.ones(n, np.float32), "shape": np.array([1, 20, n // 20])}
    lstm = node("LSTM", weights("LSTM", (n // 20, 5), dtype=np.float32))
    return model([split, back, shape, lstm], constants | {k: ARRAYS[k] for k in ("R", "B")})


def many_layers(n: int) -> Any:
    """Layers beside each other that read one input, behind a long chain."""
    count = min(n, 200)
    chain = [helper.make_node("Relu", [f"c{i}"], [f"c{i + 1}"]) for i in range(n)]
    first = helper.make_node("Relu", ["X"], ["c0"])
    layers = [
        helper.make_node("LSTM", [f"c{n}", "W", "R", "B"], [f"y{i}", f"h{i}"], hidden_size=5)
        for i in range(count)
    ]
    return model([first, *chain, *layers], ARRAYS, made="y0")


def layers_started_by_a_chain(n: int) -> Any:
    """Layers whose states are each computed at the end of one long chain of sizes."""
    count = min(n, 200)
    chain = [helper.make_node("Add", [f"c{i}", "zero"], [f"c{i + 1}"]) for i in range(n)]
    first = helper.make_node("Shape", ["X"], ["c0"], start=1, end=2)
    shape = helper.make_node("Concat", ["one", f"c{n}", "five"], ["shape"], axis=0)
    spread = helper.make_node("Expand", ["row", "shape"], ["initial_h"])
    layers = [
        helper.make_node("GRU", ["X", "W", "R", "B", "", "initial_h"], [f"y{i}"], hidden_size=5)
        for i in range(count)
    ]
    constants = {
        "zero": np.array([0]),
        "one": np.array([1]),
        "five": np.array([5]),
        "row": np.ones(5, np.float32),
    }
    return model([first, *chain, shape, spread, *layers], GRU | constants, made="y0")


def stack_of_layers(n: int) -> Any:
    """Layers on top of each other in sizes that the file fixes, large ones."""
    count = min(n, 200)
    arrays = weights("RNN", (5, 5), dtype=np.float32)
    nodes = []
    for i in range(count):
        nodes.append(helper.make_node("RNN", [f"x{i}", "W", "R", "B"], [f"y{i}"], hidden_size=5))
        nodes.append(helper.make_node("Squeeze", [f"y{i}", "one"], [f"x{i + 1}"]))
    given = {"x0": (100, 100, 5)} | {f"X{i}": (i + 90, 90) for i in range(n)}
    return model(nodes, arrays | {"one": np.array([1])}, given=given, made=f"y{count - 1}")


def shared_weights(n: int) -> Any:
    """Two hundred layers of one large weight."""
    arrays = weights("RNN", (n, 5), dtype=np.float32)
    layers = [
        helper.make_node("RNN", [f"x{i}", "W", "R", "B"], [f"y{i}"], hidden_size=5)
        for i in range(200)
    ]
    given = {f"x{i}": (None, None, n) for i in range(200)}
    return model(layers, arrays, given=given, made="y0")


def many_consumers(n: int) -> Any:
    """A product whose result n nodes read, n times."""
    squeeze = helper.make_node("Squeeze", ["Y", "one"], ["h"])
    products = [helper.make_node("MatMul", ["h", "V"], [f"p{i}"]) for i in range(n)]
    readers = [helper.make_node("Identity", ["p0"], [f"r{i}"]) for i in range(n)]
    constants = ARRAYS | {"V": np.ones((5, 3), np.float32), "one": np.array([1])}
    return model([node("LSTM", ARRAYS), squeeze, *products, *readers], constants, made="p0")


def quantised(n: int) -> Any:
    """A byte that is spread to many, and dequantised again and again."""
    spread = helper.make_node("Expand", ["byte", "shape"], ["q"])
    uses = [
        helper.make_node("DequantizeLinear", ["q", "scale"], [f"d{i}"], axis=0) for i in range(n)
    ]
    back = helper.make_node("Concat", [f"d{i}" for i in range(n)], ["W"], axis=1)
    constants: dict[str, Array] = {
        "byte": np.array(3, np.int8),
        "shape": np.array([1, 10**6, 4]),
        "scale": np.float32(0.5),
    }
    rest = {k: ARRAYS[k] for k in ("R", "B")}
    return model([spread, *uses, back, node("LSTM", ARRAYS)], constants | rest)


def blocks(n: int) -> Any:
    """A scale for blocks of 2⁴⁰ numbers."""
    made = helper.make_node("DequantizeLinear", ["q", "s"], ["W"], axis=1, block_size=2**40)
    constants = {
        "q": np.ones((1, 20, 4), np.int8),
        "s": np.ones((1, 1 + n, 4), np.float32),
        "R": ARRAYS["R"],
    }
    return model([made, node("LSTM", ARRAYS)], constants, version=21)


KINDS: Mapping[str, tuple[Callable[[int], Any], int]] = {
    "many inputs": (many_inputs, 20_000),
    "many inputs and products": (many_inputs_and_products, 2_000),
    "wide products": (wide_products, 2_000),
    "a function of many attributes": (function_with_attributes, 2_000),
    "a function of many defaults": (function_with_defaults, 2_000),
    "a function of many inputs": (function_with_inputs, 2_000),
    "a function of a wide node": (function_with_a_wide_node, 2_000),
    "a function of a full body": (function_with_a_full_body, 2_000),
    "full bodies": (full_bodies, 15_000),
    "a state of 2e8 numbers": (huge_state(2 * 10**8), 100),
    "a state of 1e12 numbers": (huge_state(10**12), 100),
    "a huge state that is moved": (huge_state_moved, 50),
    "a shape of 1e12 numbers": (huge_shape_operand, 2_000),
    "products of constants": (big_products, 3_000),
    "a constant in many pieces": (split_wide, 60_000),
    "many layers behind a chain": (many_layers, 20_000),
    "many layers started by a chain": (layers_started_by_a_chain, 20_000),
    "a stack of large sizes": (stack_of_layers, 2_000),
    "large weights that are shared": (shared_weights, 200_000),
    "a product that many read": (many_consumers, 10_000),
    "a byte dequantised often": (quantised, 500),
    "blocks of 2⁴⁰ numbers": (blocks, 1_000),
}
"""By kind, what makes the file, and an n that is large for it."""
