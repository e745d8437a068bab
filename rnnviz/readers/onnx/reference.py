"""Recurrent nodes computed by ONNX's own libraries.

onnx.reference knows no activations but the usual ones, no clip and no coupled gates (onnx 1.23):
for these it is onnxruntime, where that is installed, in float32.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.certainty import Reference, ReferenceRun
from rnnviz.readers.onnx.recurrent import RecurrentNode

_VERSION, _FORMAT = 14, 8  # the operator set and the file format the nodes are run in
_FLAGS = ("input_forget", "linear_before_reset")
_NAMES = {"hidden": "initial_h", "cell": "initial_c"}
_INPUTS = ("X", "W", "R", "B", "", "initial_h", "initial_c", "P")
_FLOAT, _DOUBLE = 1, 11
_Run = Callable[[Any, dict[str, Array]], Array]


@dataclass(frozen=True, eq=False)
class OnnxReference(Reference):
    """Recurrent nodes of the file, each run in a model of its own and fed by the one below."""

    libraries = ("onnx.reference", "onnxruntime")

    nodes: tuple[RecurrentNode, ...]

    def run(self, values: Array) -> ReferenceRun:
        """Hidden states of the top level."""
        if all(map(_is_plain, self.nodes)):
            return ReferenceRun(values, _through(self.nodes, values, _by_reference))
        single = values.astype(np.float32)
        return ReferenceRun(values, _through(self.nodes, single, _by_runtime))


def onnx_reference(stack: tuple[RecurrentNode, ...]) -> OnnxReference | None:
    """The nodes' computation by ONNX's own libraries; None where none of them has it."""
    is_computable = all(map(_is_plain, stack)) or find_spec("onnxruntime") is not None
    return OnnxReference(stack) if is_computable else None


def _is_plain(node: RecurrentNode) -> bool:
    defaults = node.signature.default_activations
    is_default = all(tuple(c.operator for c in each) == defaults for each in node.activations)
    return is_default and node.clip is None and not node.flag("input_forget")


def _through(stack: tuple[RecurrentNode, ...], values: Array, run: _Run) -> Array:
    for node in stack:
        arrays = _arrays(node, values)
        y = run(_model(node, arrays), arrays)
        values = y.transpose(0, 2, 1, 3).reshape(*values.shape[:2], -1)
    return values


def _arrays(node: RecurrentNode, values: Array) -> dict[str, Array]:
    n_rows, directions = values.shape[1], len(node.directions)
    arrays = {"X": values} | dict(node.weights)
    for state, array in node.initial.items():
        shape = (directions, n_rows, node.n_units)
        arrays[_NAMES[state]] = np.broadcast_to(array, shape)
    return {name: np.ascontiguousarray(a, values.dtype) for name, a in arrays.items()}


def _model(node: RecurrentNode, arrays: dict[str, Array]) -> Any:
    from onnx import helper

    kind = _DOUBLE if arrays["X"].dtype == np.float64 else _FLOAT
    inputs = [name if name in arrays else "" for name in _INPUTS]
    while not inputs[-1]:
        inputs.pop()
    made = helper.make_node(node.operator, inputs, ["Y"], **_attributes(node))
    given = [helper.make_tensor_value_info(n, kind, a.shape) for n, a in arrays.items()]
    result = helper.make_tensor_value_info("Y", kind, None)
    graph = helper.make_graph([made], "recurrent", given, [result])
    imports = [helper.make_opsetid("", _VERSION)]
    return helper.make_model(graph, opset_imports=imports, ir_version=_FORMAT)


def _attributes(node: RecurrentNode) -> dict[str, Any]:
    """The node's attributes but layout: the input is (time, batch, feature) here."""
    chosen = [one for each in node.activations for one in each]
    attributes: dict[str, Any] = {name: 1 for name in _FLAGS if node.flag(name)}
    attributes["hidden_size"] = node.n_units
    attributes["direction"] = _direction(node)
    if node.clip is not None:
        attributes["clip"] = node.clip
    if not _is_plain(node):
        attributes["activations"] = [one.operator for one in chosen]
        attributes["activation_alpha"] = [one.arguments[0] for one in chosen if one.arguments]
        attributes["activation_beta"] = [one.arguments[1] for one in chosen if one.arguments[1:]]
    return {name: value for name, value in attributes.items() if value != []}


def _direction(node: RecurrentNode) -> str:
    if len(node.directions) == 2:
        return "bidirectional"
    return "forward" if node.directions[0] == "forward" else "reverse"


def _by_reference(model: Any, arrays: dict[str, Array]) -> Array:
    from onnx.reference import ReferenceEvaluator

    run: Any = ReferenceEvaluator(model).run
    y: Array = run(None, arrays)[0]
    return y


def _by_runtime(model: Any, arrays: dict[str, Array]) -> Array:
    onnxruntime = import_module("onnxruntime")
    y: Array = onnxruntime.InferenceSession(model.SerializeToString()).run(None, arrays)[0]
    return y
