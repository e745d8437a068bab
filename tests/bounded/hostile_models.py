"""Model files that are small or cheap to make and were dear to read, by name."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np

Make = Callable[[], bytes]
Arrays = dict[str, Any]


# safetensors


def safetensors(tensors: Iterable[tuple[str, str, tuple[int, ...], int]]) -> bytes:
    """A file of zeros: name, type, shape and bytes of each tensor."""
    header, end = {}, 0
    for name, kind, shape, size in tensors:
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(end)


def lstms(paths: Iterable[str], n_units: int = 1, kind: str = "F32") -> bytes:
    size = {"F32": 4, "BF16": 2, "F8_E4M3": 1}[kind]
    parts = [
        (f"{path}.weight_{side}h_l0", kind, (4 * n_units, n_units), 4 * n_units * n_units * size)
        for path in paths
        for side in "ih"
    ]
    return safetensors(parts)


def many_stacks(count: int, length: int) -> bytes:
    return lstms(f"{'a' * length}.s{i}_x.rnn" for i in range(count))


def many_levels(count: int) -> bytes:
    return lstms(f"rnn.{i}" for i in range(count))


def deep_paths(count: int) -> bytes:
    return lstms(".".join(["a"] * 200 + [f"b{i}"]) for i in range(count))


def levels_of_one_module(count: int) -> bytes:
    parts = [(f"rnn.weight_{side}h_l{i}", "F32", (4, 1), 16) for i in range(count) for side in "ih"]
    return safetensors(parts)


def strangers(count: int) -> bytes:
    lstm = [(f"rnn.weight_{side}h_l0", "F32", (4, 1), 16) for side in "ih"]
    return safetensors([*lstm, *((f"rnn.w{i}", "F32", (1,), 4) for i in range(count))])


# ONNX


def onnx(nodes: list[Any], arrays: Arrays, n_inputs: int = 0, functions: Any = ()) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    names = ["X", *(f"i{i}" for i in range(n_inputs))]
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()],
    )
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    model = helper.make_model(graph, opset_imports=imports, functions=functions, ir_version=8)
    return bytes(model.SerializeToString())


LSTM = {"W": np.ones((1, 4, 1), np.float32), "R": np.ones((1, 4, 1), np.float32)}


def lstm_node(prefix: str = "", states: str = "", x: str = "X") -> Any:
    from onnx import helper

    inputs = [x, "W", "R", *(["", "", states, states] if states else [])]
    outputs = [f"{prefix}Y", f"{prefix}Y_h"]
    return helper.make_node("LSTM", inputs, outputs, hidden_size=1, name=f"{prefix}lstm")


def graph_inputs(count: int, n_lstms: int) -> bytes:
    nodes = [lstm_node(f"p{i}" if i else "", x=f"i{i}") for i in range(n_lstms)]
    return onnx(nodes, LSTM, count)


def constant_states(numbers: int) -> bytes:
    from onnx import helper

    made = helper.make_node("ConstantOfShape", ["shape"], ["s"])
    arrays = {**LSTM, "shape": np.array([1, numbers, 1])}
    return onnx([made, lstm_node(states="s")], arrays)


def constants_of_states(count: int) -> bytes:
    from onnx import helper

    nodes = []
    for i in range(count):
        nodes.append(helper.make_node("ConstantOfShape", ["shape"], [f"s{i}"]))
        nodes.append(lstm_node(f"p{i}" if i else "", f"s{i}"))
    return onnx(nodes, {**LSTM, "shape": np.array([1, 10_000_000, 1])})


def constant_weights(numbers: int) -> bytes:
    from onnx import helper

    made = helper.make_node("ConstantOfShape", ["shape"], ["W"])
    return onnx([made, lstm_node()], {"R": LSTM["R"], "shape": np.array([1, 4, numbers])})


def functions_of_many_attributes(count: int, calls: int) -> bytes:
    from onnx import helper

    inner = helper.make_node("Identity", ["x"], ["y"])
    imports = [helper.make_opsetid("", 17)]
    names = [f"a{i}" for i in range(count)]
    function = helper.make_function("own", "F", ["x"], ["y"], [inner], imports, names)
    values = dict.fromkeys(names, 1)
    made = [helper.make_node("F", ["X"], [f"z{i}"], domain="own", **values) for i in range(calls)]
    return onnx([*made, lstm_node()], LSTM, functions=[function])


def functions_of_many_inputs(count: int, calls: int) -> bytes:
    from onnx import helper

    inner = helper.make_node("Identity", ["x0"], ["y"])
    names = [f"x{i}" for i in range(count)]
    function = helper.make_function(
        "own", "F", names, ["y"], [inner], [helper.make_opsetid("", 17)]
    )
    made = [helper.make_node("F", ["X"] * count, [f"z{i}"], domain="own") for i in range(calls)]
    return onnx([*made, lstm_node()], LSTM, functions=[function])


def functions_in_functions(depth: int, width: int) -> bytes:
    from onnx import helper

    imports = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    functions = []
    for i in range(depth):
        operator, domain = (f"F{i + 1}", "own") if i + 1 < depth else ("Identity", "")
        calls = [helper.make_node(operator, ["x"], [f"y{j}"], domain=domain) for j in range(width)]
        functions.append(helper.make_function("own", f"F{i}", ["x"], ["y0"], calls, imports))
    call = helper.make_node("F0", ["X"], ["z"], domain="own")
    return onnx([call, lstm_node()], LSTM, functions=functions)


def body_initialisers(bodies: int, count: int) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    one = helper.make_tensor_value_info("b", TensorProto.FLOAT, None)
    nodes = []
    for i in range(bodies):
        held = [numpy_helper.from_array(np.float32(1), f"c{i}_{j}") for j in range(count)]
        body = helper.make_graph(
            [helper.make_node("Identity", [f"c{i}_0"], ["b"])], f"g{i}", [], [one], held
        )
        nodes.append(helper.make_node("If", ["go"], [f"o{i}"], then_branch=body, else_branch=body))
    return onnx([*nodes, lstm_node()], LSTM, 0)


def probing_products(count: int, width: int) -> bytes:
    from onnx import helper

    nodes = [lstm_node()]
    nodes += [
        helper.make_node("MatMul", ["Y_h" if not i else f"m{i - 1}", "V"], [f"m{i}"])
        for i in range(count)
    ]
    return onnx(nodes, {**LSTM, "V": np.zeros((width, width), np.float32)})


def many_lstms(count: int) -> bytes:
    return onnx([lstm_node(f"p{i}" if i else "") for i in range(count)], LSTM)


def chained_lstms(count: int) -> bytes:
    from onnx import helper

    nodes, x = [], "X"
    for i in range(count):
        nodes.append(lstm_node(f"p{i}" if i + 1 < count else "", x=x))
        x = f"q{i}"
        nodes.append(helper.make_node("Squeeze", [f"p{i}Y", "one"], [x]))
    return onnx(nodes, {**LSTM, "one": np.array([1])})


def folded_chain(count: int, size: int) -> bytes:
    from onnx import helper

    nodes = [helper.make_node("Add", [f"c{i}", "c0"], [f"c{i + 1}"]) for i in range(count)]
    nodes.append(helper.make_node("Slice", [f"c{count}", "a", "b"], ["W"]))
    arrays = {"c0": np.zeros((1, 4, size), np.float32), "R": LSTM["R"]}
    return onnx([*nodes, lstm_node()], arrays | {"a": np.array([0]), "b": np.array([1])})


def transposed_chain(count: int, size: int) -> bytes:
    from onnx import helper

    nodes = [
        helper.make_node("Transpose", [f"c{i}"], [f"c{i + 1}"], perm=[0, 2, 1])
        for i in range(count)
    ]
    nodes.append(helper.make_node("Identity", [f"c{count}"], ["W"]))
    return onnx([*nodes, lstm_node()], {"c0": np.zeros((1, 4, size), np.float32), "R": LSTM["R"]})


# PyTorch


def checkpoint(pickle: bytes, method: int = ZIP_DEFLATED, **members: bytes) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", method) as archive:
        archive.writestr("archive/data.pkl", pickle)
        for key, data in members.items():
            archive.writestr(f"archive/data/{key.lstrip('_')}", data)
    return stream.getvalue()


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def whole(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def pickled_tensor(shape: tuple[int, ...], kind: str, count: int, key: str = "0") -> bytes:
    stride = [int(np.prod(shape[i + 1 :], dtype=int)) for i in range(len(shape))]
    storage = b"(" + text("storage") + f"ctorch\n{kind}Storage\n".encode() + text(key) + text("cpu")
    sizes = b"".join(b"(" + b"".join(map(whole, axes)) + b"t" for axes in (shape, stride))
    rebuilt = b"ctorch._utils\n_rebuild_tensor_v2\n("
    return (
        rebuilt
        + storage
        + whole(count)
        + b"tQ"
        + whole(0)
        + sizes
        + b"\x89ccollections\nOrderedDict\n)RtR"
    )


def shared_storage(kind: str, names: int, rows: int, item: int) -> bytes:
    shape = (4 * rows, rows)
    count = 4 * rows * rows
    one = pickled_tensor(shape, kind, count)
    entries = b"".join(text(f"s{i}.weight_{side}h_l0") + one for i in range(names) for side in "ih")
    return checkpoint(b"\x80\x02}(" + entries + b"u.", _0=bytes(count * item))


def wide_dictionary(count: int) -> bytes:
    entries = b"".join(text(f"k{i}") + b"N" for i in range(count))
    return checkpoint(b"\x80\x02}(" + entries + b"u.")


def wide_dictionaries(count: int, width: int) -> bytes:
    wide = b"}q\x00(" + b"".join(text(f"k{i}") + b"N" for i in range(width)) + b"u0"
    entries = b"".join(text(f"d{i}") + b"h\x00" for i in range(count))
    return checkpoint(b"\x80\x02" + wide + b"}(" + entries + b"u.")


def many_numbers(count: int) -> bytes:
    return checkpoint(b"\x80\x02}(" + text("a") + b"](" + b"K\x01" * count + b"eu.")


def many_tensors(count: int) -> bytes:
    entries = b"".join(
        text(f"s{i}.weight_{side}h_l0") + pickled_tensor((4, 1), "Float", 4)
        for i in range(count)
        for side in "ih"
    )
    return checkpoint(b"\x80\x02}(" + entries + b"u.", _0=bytes(16))


# Keras


def keras(config: dict[str, Any]) -> bytes:
    import h5py

    weights, stream = BytesIO(), BytesIO()
    with h5py.File(weights, "w") as file:
        file["layers/lstm/cell/vars/0"] = np.ones((1, 4))
        file["layers/lstm/cell/vars/1"] = np.ones((1, 4))
        file["layers/lstm/cell/vars/2"] = np.ones(4)
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.8.0"}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", weights.getvalue())
    return stream.getvalue()


def sequential(layers: list[dict[str, Any]]) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": "s", "layers": layers}}


def layer(kind: str, name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": name, **config}}


FIRST = [layer("InputLayer", "in", batch_shape=[None, None, 1]), layer("LSTM", "lstm", units=1)]


def dense_layers(count: int) -> bytes:
    return keras(sequential([*FIRST, *(layer("Dense", f"d{i}", units=1) for i in range(count))]))


def same_layers(count: int) -> bytes:
    return keras(sequential([FIRST[0], *[layer("LSTM", "lstm", units=1)] * count]))


def nested_models(depth: int) -> bytes:
    model = sequential(FIRST)
    for _ in range(depth):
        model = sequential([FIRST[0], model])
    return keras(model)


def functional(count: int) -> bytes:
    def made(name: str, kind: str, before: list[str], **config: Any) -> dict[str, Any]:
        history = [
            {"class_name": "__keras_tensor__", "config": {"keras_history": [one, 0, 0]}}
            for one in before
        ]
        nodes = [{"args": history, "kwargs": {}}] if before else []
        return layer(kind, name, **config) | {"name": name, "inbound_nodes": nodes}

    layers = [made("in", "InputLayer", [], batch_shape=[None, None, 1])]
    layers.append(made("lstm", "LSTM", ["in"], units=1))
    names = ["lstm"]
    for i in range(count):
        layers.append(made(f"d{i}", "Concatenate", names[-50:]))
        names.append(f"d{i}")
    config = {
        "name": "f",
        "layers": layers,
        "input_layers": [["in", 0, 0]],
        "output_layers": [[names[-1], 0, 0]],
    }
    return keras({"class_name": "Functional", "config": config})


# NumPy


def npz(arrays: Arrays) -> bytes:
    stream = BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def a_diagonal_of(count: int) -> bytes:
    return npz(
        {"hidden.x": np.ones((count, 1), np.float32), "hidden.h": np.ones(count, np.float32)}
    )


MODELS: dict[str, tuple[str, Make]] = {
    "stacks of long names": ("m.safetensors", lambda: many_stacks(150, 200)),
    "very many stacks": ("m.safetensors", lambda: many_stacks(4_000, 100)),
    "many levels": ("m.safetensors", lambda: many_levels(4_000)),
    "deep paths": ("m.safetensors", lambda: deep_paths(2_000)),
    "levels of one module": ("m.safetensors", lambda: levels_of_one_module(4_900)),
    "strangers beside a layer": ("m.safetensors", lambda: strangers(9_000)),
    "bfloat16 stacks": ("m.safetensors", lambda: lstms((f"s{i}" for i in range(20)), 300, "BF16")),
    "float8 stacks": ("m.safetensors", lambda: lstms((f"s{i}" for i in range(20)), 300, "F8_E4M3")),
    "a header of a hundred thousand names": (
        "m.safetensors",
        lambda: safetensors((f"n{i}", "F32", (1,), 4) for i in range(100_000)),
    ),
    "a thousand graph inputs": ("m.onnx", lambda: graph_inputs(2_000, 1_000)),
    "fifty thousand graph inputs": ("m.onnx", lambda: graph_inputs(50_000, 1)),
    "initial states of 2e8 numbers": ("m.onnx", lambda: constant_states(2 * 10**8)),
    "initial states of 1e12 numbers": ("m.onnx", lambda: constant_states(10**12)),
    "many initial states of 1e7 numbers": ("m.onnx", lambda: constants_of_states(100)),
    "weights of 1e8 numbers": ("m.onnx", lambda: constant_weights(25_000_000)),
    "functions of many attributes": ("m.onnx", lambda: functions_of_many_attributes(1_000, 500)),
    "functions of many inputs": ("m.onnx", lambda: functions_of_many_inputs(2_000, 1_000)),
    "functions in functions": ("m.onnx", lambda: functions_in_functions(5, 12)),
    "body initialisers": ("m.onnx", lambda: body_initialisers(20, 5_000)),
    "probing products": ("m.onnx", lambda: probing_products(3_000, 600)),
    "many LSTMs": ("m.onnx", lambda: many_lstms(3_000)),
    "chained LSTMs": ("m.onnx", lambda: chained_lstms(2_000)),
    "a folded chain": ("m.onnx", lambda: folded_chain(3_000, 500_000)),
    "a transposed chain": ("m.onnx", lambda: transposed_chain(3_000, 500_000)),
    "a shared bfloat16 storage": ("m.pt", lambda: shared_storage("BFloat16", 200, 500, 2)),
    "a shared float8 storage": ("m.pt", lambda: shared_storage("Float8_e4m3fn", 200, 500, 1)),
    "a shared float storage": ("m.pt", lambda: shared_storage("Float", 200, 500, 4)),
    "a shared half storage": ("m.pt", lambda: shared_storage("Half", 200, 500, 2)),
    "a wide dictionary": ("m.pt", lambda: wide_dictionary(160_000)),
    "wide dictionaries": ("m.pt", lambda: wide_dictionaries(1_000, 10_000)),
    "many numbers": ("m.pt", lambda: many_numbers(490_000)),
    "many tensors": ("m.pt", lambda: many_tensors(4_000)),
    "thousands of Dense layers": ("m.keras", lambda: dense_layers(3_000)),
    "thousands of LSTM layers": ("m.keras", lambda: same_layers(5_000)),
    "nested models": ("m.keras", lambda: nested_models(30)),
    "a wide functional model": ("m.keras", lambda: functional(250)),
    "a million diagonal units": ("m.npz", lambda: a_diagonal_of(5_000_000)),
    "an array of many members": (
        "m.npz",
        lambda: npz({f"s{i}.weight_{s}h_l0": np.ones((4, 1)) for i in range(4_000) for s in "ih"}),
    ),
}
