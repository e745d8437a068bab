"""The file's own run of a stack, made ready: what goes in, what comes out, the nodes between."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from rnnviz.errors import ModelError
from rnnviz.readers.onnx.constant_folding import Values
from rnnviz.readers.onnx.file_run import OnnxFileRun, RunOutputs
from rnnviz.readers.onnx.front import Front, is_graph_input
from rnnviz.readers.onnx.graph import Scope, Value
from rnnviz.readers.onnx.known import Unseen
from rnnviz.readers.onnx.readout import OnnxReadout
from rnnviz.readers.onnx.recurrent import RecurrentNode
from rnnviz.readers.onnx.reference import onnx_reference
from rnnviz.readers.onnx.run_inputs import InputRole, run_inputs
from rnnviz.readers.onnx.runnable import RunnableFile, Unrunnable
from rnnviz.readers.onnx.stacks import sources

_MAX_PICKED = 200
_STEPS = 32
_MAX_NUMBERS = 20_000_000
_MAX_COST = 4_000_000_000
_PRODUCTS = ("MatMul", "Gemm")
_PLACES: dict[int, InputRole] = {5: "zeros", 6: "zeros", 4: "lengths"}


class ProofMaker:
    """Runs of the stacks of one file.

    nodes     every recurrent node that was read.
    is_plain  whether onnx.reference knows all that these nodes have.
    """

    def __init__(
        self,
        file: RunnableFile,
        whole: Scope,
        values: Values,
        nodes: tuple[RecurrentNode, ...],
        *,
        is_plain: bool,
    ) -> None:
        self.file, self.whole, self.values, self.is_plain = file, whole, values, is_plain
        self.inputs = run_inputs(whole, _roles(nodes, values), _bounds(whole, values))

    def run(
        self, stack: tuple[RecurrentNode, ...], front: Front, readout: OnnxReadout | None
    ) -> OnnxFileRun | None:
        """The file's run of a stack; None where it cannot be run or its states not be taken out."""
        try:
            outputs = self._outputs(stack, front, readout)
            data, named = self.file.cut(outputs.names)
            self._check_cost(named)
        except (Unrunnable, ModelError, KeyError):
            return None
        read = front.read.name if front.read is not None else ""
        inputs = tuple(
            each.with_features(stack[0].n_inputs) if each.name == read else each
            for each in self.inputs
            if each.name in named
        )
        n_rows = max(_rows(node, self.values) for node in stack)
        is_plain = self.is_plain and b"com.microsoft" not in data
        return OnnxFileRun(data, inputs, outputs, n_rows, is_plain, onnx_reference(stack))

    def _check_cost(self, names: set[str]) -> None:
        """Raise Unrunnable for a run of too many numbers, as far as the shapes tell."""
        run = self.values.at_run_time((_STEPS, 1))
        made = (Value(self.whole, name) for name in names if name in self.whole.producers)
        if sum(_cost(value, run) for value in made) > _MAX_COST:
            raise Unrunnable(_MAX_COST)

    def _outputs(
        self, stack: tuple[RecurrentNode, ...], front: Front, readout: OnnxReadout | None
    ) -> RunOutputs:
        below, above, expose = stack[0], stack[-1], self.file.expose
        embedding = front.embedding
        is_every_step = readout is not None and not readout.step
        return RunOutputs(
            expose(front.read or below.scope.resolve(below.x)),
            front.is_swapped,
            expose(embedding.tokens) if embedding is not None else "",
            expose(self.file.expose_output(above.scope, above.node)),
            (below.is_batch_first, above.is_batch_first),
            expose(readout.output) if readout is not None and is_every_step else "",
            readout is not None and readout.has_logarithm,
        )


def _cost(value: Value, run: Values) -> int:
    """Numbers that a value has, times those that are summed up for each of them."""
    known = run.evaluate(*value)
    if not isinstance(known, np.ndarray | Unseen):
        return 0
    array = known if isinstance(known, np.ndarray) else known.array
    if array.size > _MAX_NUMBERS:
        return _MAX_COST + 1
    node, _ = value.scope.producers[value.name]
    if node.operator not in _PRODUCTS:
        return array.size
    factor = run.evaluate(value.scope, node.input(1))
    rows = factor.array if isinstance(factor, Unseen) else factor
    return array.size * max(getattr(rows, "shape", (1,)), default=1)


def _rows(node: RecurrentNode, values: Values) -> int:
    """Rows that a node must read at once, because the file has a state or a length for each."""
    states = [values.constant(node.scope, node.node.input(place)) for place in (5, 6)]
    axis = 0 if node.is_batch_first else 1
    lengths = values.constant(node.scope, node.lengths)
    counts: list[int] = [
        array.shape[axis] for array in states if array is not None and array.ndim == 3
    ]
    return max([*counts, 1 if lengths is None else lengths.size])


def _roles(nodes: tuple[RecurrentNode, ...], values: Values) -> dict[str, InputRole]:
    """Inputs of the graph that are lengths of rows, or initial states, which are taken as 0."""
    roles: dict[str, InputRole] = {}
    for node in nodes:
        for place, role in _PLACES.items():
            if name := node.node.input(place):
                roles |= dict.fromkeys(_inputs(node.scope, name, values), role)
    return roles


def _bounds(whole: Scope, values: Values) -> dict[str, int]:
    """Numbers of rows of the matrices that inputs of the graph pick from."""
    bounds: dict[str, int] = {}
    gathers = ((s, n) for s, n in whole.walk() if n.operator == "Gather" and len(n.inputs) > 1)
    for scope, node in islice(gathers, _MAX_PICKED):
        matrix, axis = values.constant(scope, node.inputs[0]), node.integer("axis")
        if matrix is not None and 0 <= axis < matrix.ndim:
            for name in _inputs(scope, node.inputs[1], values):
                bounds[name] = max(1, min(bounds.get(name, matrix.shape[axis]), matrix.shape[axis]))
    return bounds


def _inputs(scope: Scope, name: str, values: Values) -> Iterator[str]:
    """Inputs of the graph whose numbers a value holds."""
    return (value.name for value in sources(values, scope, name) if is_graph_input(value))
