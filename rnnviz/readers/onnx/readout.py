"""A Dense layer directly on the top hidden states: MatMul or Gemm, with what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.errors import ModelError
from rnnviz.network.model import Readout
from rnnviz.readers.onnx.constant_folding import Values
from rnnviz.readers.onnx.graph import OnnxNode, Scope, Value
from rnnviz.readers.onnx.known import Unseen
from rnnviz.readers.onnx.operators import MOVING
from rnnviz.readers.onnx.recurrent import RecurrentNode
from rnnviz.readers.onnx.stacks import Probe, probes, sources
from rnnviz.readers.onnx.tensor import widen

_ACTIVATIONS = {"Softmax": "softmax", "LogSoftmax": "softmax", "Sigmoid": "sigmoid"}
_PASSING = ("Identity", "Dropout", "Cast")
_ENDING = (*MOVING, *_ACTIVATIONS, "ArgMax", "Shape", "TopK")
_MAX_NODES = 8
_MAX_TRIED = 1_000
_LAST_AXIS_BY_DEFAULT = 13  # since this operator set; axis 1 before


@dataclass(frozen=True, eq=False)
class OnnxReadout:
    """A readout, its nodes, and the step that it reads: "t = T", "t = 1", "" for every one."""

    scope: Scope
    readout: Readout
    nodes: tuple[OnnxNode, ...]
    step: str

    @property
    def name(self) -> str:
        """The name of its weights in the file."""
        return self.nodes[0].inputs[1]

    @property
    def note(self) -> str:
        """Differences from a dense layer on every step: "LogSoftmax", the step."""
        return ", ".join(["LogSoftmax"] * self.has_logarithm + [self.step] * bool(self.step))

    @property
    def has_logarithm(self) -> bool:
        """True where the file's output is the logarithm of ours."""
        return any(node.operator == "LogSoftmax" for node in self.nodes)

    @property
    def output(self) -> Value:
        """What it makes."""
        return Value(self.scope, self.nodes[-1].outputs[0])


@dataclass(frozen=True, eq=False)
class _Dense:
    scope: Scope
    node: OnnxNode
    weights: Array  # (output, unit)
    bias: Array


Products = Mapping[Value, tuple[tuple[Scope, OnnxNode], ...]]


def products_by_value(whole: Scope, values: Values) -> Products:
    """By value, the products with it, or with numbers moved about that all come from it."""
    products = ((s, n) for s, n in whole.walk() if n.operator in ("MatMul", "Gemm"))
    found: dict[Value, tuple[tuple[Scope, OnnxNode], ...]] = {}
    for scope, node in islice(products, _MAX_TRIED):
        for value in sources(values, scope, node.input(0)):
            found[value] = (*found.get(value, ()), (scope, node))
    return found


def readout_of(top: RecurrentNode, products: Products, values: Values) -> OnnxReadout | None:
    """The readout of the top hidden states, None where something else comes after them.

    Nor is it one that reads the two directions at different steps, as both have ended in Y_h: no
    step of the model has its output.
    """
    outputs = (top.output(0), top.output(1))
    for scope, node in (place for value in outputs for place in products.get(value, ())):
        if scope.frame is not top.scope.frame:
            continue
        dense = _dense(scope, node, values)
        if dense is not None and dense.weights.shape[1] == top.n_units * len(top.directions):
            readout = _dense_readout(dense, top, values)
            if readout is not None:
                return readout
    return None


def _dense(scope: Scope, node: OnnxNode, values: Values) -> _Dense | None:
    weights = values.constant(scope, node.input(1))
    if weights is None or weights.ndim != 2 or weights.dtype.kind != "f" or not weights.size:
        return None
    if not node.outputs or not node.outputs[0]:
        return None
    values.budget.spend(2 * weights.nbytes)
    weights = widen(weights)
    if node.operator == "MatMul":
        return _Dense(scope, node, weights.T, np.zeros(weights.shape[1], weights.dtype))
    return _gemm(scope, node, weights, values)


def _gemm(scope: Scope, node: OnnxNode, weights: Array, values: Values) -> _Dense | None:
    scales = [
        float(node.attributes[n].f) if n in node.attributes else 1.0 for n in ("alpha", "beta")
    ]
    if node.integer("transA"):
        return None
    weights = scales[0] * (weights if node.integer("transB") else weights.T)
    bias = np.zeros(len(weights), weights.dtype)
    if node.input(2):
        added = _bias_vector(values.constant(scope, node.inputs[2]), len(weights))
        if added is None:
            return None
        bias = scales[1] * added
    return _Dense(scope, node, weights.astype(bias.dtype), bias)


def _bias_vector(array: Array | None, size: int) -> Array | None:
    """A bias (output,) that every step and row shares, None for another."""
    if array is None or array.dtype.kind != "f" or array.size not in (1, size):
        return None
    if array.size == size and array.shape and array.shape[-1] != size:
        return None
    return np.broadcast_to(widen(array).ravel(), (size,))


def _dense_readout(dense: _Dense, top: RecurrentNode, values: Values) -> OnnxReadout | None:
    for probe in probes(top, values):
        # In one step, both directions end where they began.
        if len(probe.hidden) == 1 and len(top.directions) > 1:
            continue
        came = probe.run(values).evaluate(dense.scope, dense.node.inputs[0])
        step = _step(came.array, probe) if isinstance(came, Unseen) else None
        if step is not None:
            return _with_activation(dense, values, came.array.ndim, step)
    return None


def _step(array: Array, probe: Probe) -> str | None:
    """The step whose hidden states an array holds, "" for every one; None for other numbers."""
    n = probe.hidden.shape[-1]
    if array.size not in (probe.hidden.size, probe.hidden[0].size) or array.shape[-1:] != (n,):
        return None
    rows = array.reshape(-1, n)
    steps = {"": probe.hidden, "t = T": probe.hidden[-1], "t = 1": probe.hidden[0]}
    for name, wanted in steps.items():
        flat = wanted.reshape(-1, n)
        if len(flat) == len(rows) and np.array_equal(flat, rows[np.argsort(rows[:, 0])]):
            return name
    return None


def _with_activation(dense: _Dense, values: Values, n_axes: int, step: str) -> OnnxReadout | None:
    """The product with the bias and the activation that come after it, if that is all."""
    bias, activation, nodes = dense.bias, "", [dense.node]
    while len(nodes) <= _MAX_NODES:
        after = _consumers(dense.scope, nodes[-1])
        node = after[0] if len(after) == 1 and all(after[0].outputs) else None
        if node is None or activation:
            break
        added = _added_bias(dense.scope, node, nodes[-1].outputs[0], values, len(bias))
        if added is not None:
            bias = bias + added
        elif node.operator in _ACTIVATIONS and _is_on_outputs(node, dense.scope, n_axes):
            activation = _ACTIVATIONS[node.operator]
        elif node.operator not in _PASSING:
            break
        nodes.append(node)
    if not _is_end(after, activation):
        return None
    try:
        readout = Readout(dense.weights, bias, activation=activation or "linear")
    except ModelError:
        return None
    return OnnxReadout(dense.scope, readout, tuple(nodes), step)


def _consumers(scope: Scope, node: OnnxNode) -> list[OnnxNode]:
    return scope.consumers.get(node.outputs[0], [])


def _is_end(after: list[OnnxNode], activation: str) -> bool:
    """True when no operator after it changes the numbers; a second activation would."""
    allowed = _ENDING if activation else tuple(set(_ENDING) - set(_ACTIVATIONS))
    return all(node.operator in allowed for node in after)


def _added_bias(scope: Scope, node: OnnxNode, name: str, values: Values, size: int) -> Array | None:
    if node.operator != "Add" or len(node.inputs) != 2:
        return None
    other = node.inputs[1] if node.inputs[0] == name else node.inputs[0]
    return _bias_vector(values.constant(scope, other), size)


def _is_on_outputs(node: OnnxNode, scope: Scope, n_axes: int) -> bool:
    if node.operator == "Sigmoid":
        return True
    default = -1 if scope.version >= _LAST_AXIS_BY_DEFAULT else 1
    return node.integer("axis", default) in (-1, n_axes - 1)
