"""ONNX models made for the tests, in the ways that exporters write them."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from rnnviz.core.arrays import Array
from rnnviz.readers.onnx import import_onnx
from rnnviz.readers.result import ImportResult, Source

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
INPUTS = ("X", "W", "R", "B", "lengths", "initial_h", "initial_c", "P")


def weights(
    op: str, sizes: tuple[int, int], n_directions: int = 1, *, seed: int = 0, dtype: Any = float
) -> dict[str, Array]:
    """Random W, R, B of an operator for (input, unit) sizes."""
    rng = np.random.default_rng(seed)
    n_inputs, n_units = sizes
    rows = GATES[op] * n_units
    shapes = {"W": (rows, n_inputs), "R": (rows, n_units), "B": (2 * rows,)}
    return {k: rng.normal(0, 0.7, (n_directions, *s)).astype(dtype) for k, s in shapes.items()}


def node(op: str, arrays: dict[str, Array], *, prefix: str = "", **attributes: Any) -> Any:
    """A recurrent node that reads `prefix`X and these arrays."""
    names = [prefix + n if n in arrays or n == "X" else "" for n in INPUTS]
    while not names[-1]:
        names.pop()
    attributes.setdefault("hidden_size", arrays["R"].shape[-1])
    return helper.make_node(
        op,
        names,
        [f"{prefix}{y}" for y in ("Y", "Y_h")],
        name=f"{prefix}{op}".lower(),
        **attributes,
    )


def model(
    nodes: list[Any],
    arrays: dict[str, Array],
    *,
    given: dict[str, Any] | None = None,
    made: str = "Y",
    version: int = 17,
    functions: tuple[Any, ...] = (),
) -> Any:
    """A ModelProto of nodes and constants that reads `given`: shapes, or X of any shape."""
    given = {"X": (None, None, None)} if given is None else given
    is_double = "W" in arrays and np.asarray(arrays["W"]).dtype == np.float64
    floats = TensorProto.DOUBLE if is_double else TensorProto.FLOAT
    inputs = [
        helper.make_tensor_value_info(
            name, floats if name[0] in "Xh" else TensorProto.INT64, list(shape)
        )
        for name, shape in given.items()
    ]
    graph = helper.make_graph(
        nodes,
        "graph",
        inputs,
        [helper.make_tensor_value_info(made, floats, None)],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in arrays.items()],
    )
    imports = [helper.make_opsetid("", version)]
    imports += [helper.make_opsetid(f.domain, 1) for f in functions]
    return helper.make_model(graph, opset_imports=imports, functions=functions, ir_version=8)


def found(proto: Any, name: str = "model.onnx") -> tuple[ImportResult, ...]:
    """What the reader finds in it."""
    return import_onnx(Source(name, proto.SerializeToString()), {})


def only(proto: Any) -> ImportResult:
    """The only stack in it."""
    (one,) = found(proto)
    return one


def facts(one: ImportResult) -> dict[str, str]:
    """The card's values by name."""
    return {fact.name: fact.value for fact in one.report}
