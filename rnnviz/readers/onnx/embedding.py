"""A matrix whose rows are picked by the tokens, directly before a recurrent node."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.onnx.constant_folding import Values
from rnnviz.readers.onnx.graph import Node, Value
from rnnviz.readers.onnx.recurrent import Recurrent
from rnnviz.readers.onnx.stacks import sizes, sources


def embedding_of(node: Recurrent, values: Values) -> tuple[Array, Node] | None:
    """The matrix (token, feature) and its Gather, None where something else comes before."""
    came = sources(values, node.scope, node.x)
    value = next(iter(came)) if len(came) == 1 else Value(node.scope, "")
    picker, _ = value.scope.makers.get(value.name, (None, 0))
    if picker is None or picker.operator != "Gather" or len(picker.inputs) < 2:
        return None
    matrix = values.constant(value.scope, picker.inputs[0])
    axis = picker.attributes.get("axis")
    is_matrix = matrix is not None and matrix.ndim == 2 and matrix.dtype.kind == "f"
    if matrix is None or not is_matrix or (axis is not None and axis.i != 0):
        return None
    if not _is_direct(node, value, matrix.shape[1], values):
        return None
    values.budget.spend(2 * matrix.nbytes)
    return (matrix.astype(np.float32) if matrix.itemsize < 4 else matrix), picker


def _is_direct(node: Recurrent, value: Value, n_features: int, values: Values) -> bool:
    for first, second in sizes(node.scope.frame, n_features):
        for shape in ((first, second), (first,), (second,)):
            rows = 1 + np.arange(first * second * n_features, dtype=np.float32)
            rows = rows[: int(np.prod(shape)) * n_features].reshape(*shape, n_features)
            came = values.probed({value: rows}).of(node.scope, node.x)
            if isinstance(came, np.ndarray) and _is_same(came, rows):
                return True
    return False


def _is_same(came: Array, rows: Array) -> bool:
    """Whether every row arrives whole, tokens along the first or the second axis."""
    whole = rows if rows.ndim == 3 else rows[:, None]
    return any(np.array_equal(came, wanted) for wanted in (whole, whole.swapaxes(0, 1)))
