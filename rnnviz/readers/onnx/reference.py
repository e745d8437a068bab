"""Recurrent nodes computed by ONNX's own libraries, each in a model of its own.

onnx.reference knows no activations but the usual ones, no clip and no coupled gates (onnx 1.23):
for these it is onnxruntime, where that is installed, in float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.certainty import Reference, ReferenceRun
from rnnviz.readers.onnx.file_run import open_reference, open_runtime
from rnnviz.readers.onnx.recurrent import RecurrentNode

_VERSION, _FORMAT = 14, 8  # the operator set and the file format the nodes are run in
_FLAGS = ("input_forget", "linear_before_reset")
_NAMES = {"hidden": "initial_h", "cell": "initial_c"}
_INPUTS = ("X", "W", "R", "B", "", "initial_h", "initial_c", "P")
_FLOAT, _DOUBLE = 1, 11


@dataclass(frozen=True, eq=False)
class NodeModel:
    """A model of one recurrent node that reads X, and the initial states that it reads beside."""

    data: bytes
    states: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class OnnxReference(Reference):
    """Recurrent nodes of the file, each run in a model of its own and fed by the one below."""

    models: tuple[NodeModel, ...]
    dtype: str
    is_plain: bool

    libraries = ("onnx.reference", "onnxruntime")

    def run(self, values: Array) -> ReferenceRun:
        """Hidden states of the top level."""
        hidden = values.astype(self.dtype)
        for model in self.models:
            session = (open_reference if self.is_plain else open_runtime)(model.data)
            (y,) = session(["Y"], {"X": hidden} | _states(model, hidden))
            hidden = y.transpose(0, 2, 1, 3).reshape(*hidden.shape[:2], -1)
        return ReferenceRun(values, hidden)


def onnx_reference(stack: tuple[RecurrentNode, ...]) -> OnnxReference | None:
    """The nodes' computation by ONNX's own libraries; None where none of them has it."""
    plain = all(map(is_standard, stack))
    if not plain and find_spec("onnxruntime") is None:
        return None
    is_double = any(a.itemsize > 4 for node in stack for a in node.weights.values())
    dtype = np.dtype(np.float64 if plain and is_double else np.float32)
    return OnnxReference(tuple(_model(node, dtype) for node in stack), str(dtype), plain)


def is_standard(node: RecurrentNode) -> bool:
    """True for a node that onnx.reference has with all its attributes."""
    defaults = node.signature.default_activations
    is_default = all(tuple(c.operator for c in each) == defaults for each in node.activations)
    return is_default and node.clip is None and not node.flag("input_forget")


def _states(model: NodeModel, hidden: Array) -> dict[str, Array]:
    """The initial states with as many rows as are read."""
    n_rows = hidden.shape[1]
    return {
        name: np.ascontiguousarray(
            np.broadcast_to(array, (len(array), n_rows, array.shape[2])), hidden.dtype
        )
        for name, array in model.states.items()
    }


def _model(node: RecurrentNode, dtype: np.dtype[Any]) -> NodeModel:
    from onnx import helper, numpy_helper

    kind = _DOUBLE if dtype == np.float64 else _FLOAT
    states = {_NAMES[state]: array for state, array in node.initial.items()}
    inputs = [name if name in {"X", *node.weights, *states} else "" for name in _INPUTS]
    while not inputs[-1]:
        inputs.pop()
    made = helper.make_node(node.operator, inputs, ["Y"], **_attributes(node))
    given = [helper.make_tensor_value_info(n, kind, [None] * 3) for n in ("X", *states)]
    result = helper.make_tensor_value_info("Y", kind, None)
    weights = [
        numpy_helper.from_array(np.ascontiguousarray(array, dtype), name)
        for name, array in node.weights.items()
    ]
    graph = helper.make_graph([made], "recurrent", given, [result], weights)
    imports = [helper.make_opsetid("", _VERSION)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=_FORMAT)
    return NodeModel(model.SerializeToString(), states)


def _attributes(node: RecurrentNode) -> dict[str, Any]:
    """The node's attributes but layout: the input is (time, batch, feature) here."""
    chosen = [one for each in node.activations for one in each]
    attributes: dict[str, Any] = {name: 1 for name in _FLAGS if node.flag(name)}
    attributes["hidden_size"] = node.n_units
    attributes["direction"] = _direction(node)
    if node.clip is not None:
        attributes["clip"] = node.clip
    if not is_standard(node):
        attributes["activations"] = [one.operator for one in chosen]
        attributes["activation_alpha"] = [one.arguments[0] for one in chosen if one.arguments]
        attributes["activation_beta"] = [one.arguments[1] for one in chosen if one.arguments[1:]]
    return {name: value for name, value in attributes.items() if value != []}


def _direction(node: RecurrentNode) -> str:
    if len(node.directions) == 2:
        return "bidirectional"
    return "forward" if node.directions[0] == "forward" else "reverse"
