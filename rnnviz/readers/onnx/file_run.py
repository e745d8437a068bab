"""The file's own run: its nodes, from its own inputs, to the hidden states of a stack.

onnxruntime where it is installed, else onnx.reference, which has no activations but the usual ones,
no clip and no coupled gates, and none of onnxruntime's own operators.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.certainty import Reference, ReferenceRun, RunScope
from rnnviz.readers.onnx.run_inputs import RunInput, feed, trials

Session = Callable[[list[str], dict[str, Array]], list[Array]]
"""A model ready to run: names of outputs and inputs by name ▶ the outputs."""


class RunOutputs(NamedTuple):
    """Names of the values that are compared, and how they lie.

    read             an input of the graph, or what is computed in front.
    read_is_swapped  its first two axes are the other way round than X has them.
    tokens           what picks the rows of an embedding, "" without one; swapped as `read`.
    hidden           Y of the top node.
    batch_first      of X and of Y: the attribute layout.
    readout          of every step, "" for none; its logarithm where it is a LogSoftmax.
    """

    read: str
    read_is_swapped: bool
    tokens: str
    hidden: str
    batch_first: tuple[bool, bool]
    readout: str = ""
    has_logarithm: bool = False

    @property
    def names(self) -> list[str]:
        """Every name once."""
        return list(
            dict.fromkeys(filter(None, (self.read, self.tokens, self.hidden, self.readout)))
        )


@dataclass(frozen=True)
class OnnxFileRun(Reference):
    """A part of the file, run from the file's own inputs.

    data      the file up to the values that are compared.
    n_rows    rows to read at once, as many as its initial states are for.
    is_plain  whether onnx.reference has all that is in it.
    alone     the recurrent nodes by themselves, where no library runs the file.
    """

    data: bytes
    inputs: tuple[RunInput, ...]
    outputs: RunOutputs
    n_rows: int
    is_plain: bool
    alone: Reference | None = None
    scope: RunScope = "whole"

    libraries = ("onnx.reference", "onnxruntime")

    def run(self, values: Array) -> ReferenceRun:
        """The file's run on inputs of its own, of as many steps as the values where it has none."""
        failed: Exception = ValueError(self.outputs.read)
        for open_session in self._libraries():
            try:
                session = open_session(self.data)
                if (run := self._run(session, len(values))) is not None:
                    return run
            # Each library says in its own ways that it has not what the file needs.
            except Exception as error:
                failed = error
        if self.alone is None:
            raise failed
        return replace(self.alone.run(values), scope="arithmetic")

    def _libraries(self) -> list[Callable[[bytes], Session]]:
        found: list[Callable[[bytes], Session]] = []
        if find_spec("onnxruntime") is not None:
            found.append(open_runtime)
        return found + [open_reference] * self.is_plain

    def _run(self, session: Session, n_steps: int) -> ReferenceRun | None:
        """The first run of as many steps as were tried: which axis is time is not said."""
        for lengths, wanted in trials(self.inputs, n_steps):
            with suppress(Exception):
                run = self._arranged(session, feed(self.inputs, lengths, wanted, self.n_rows))
                if len(run.hidden) == wanted:
                    return run
        return None

    def _arranged(self, session: Session, given: dict[str, Array]) -> ReferenceRun:
        outputs = self.outputs
        computed = [name for name in outputs.names if name not in given]
        came = given | dict(zip(computed, session(computed, given), strict=True))
        below, above = outputs.batch_first
        hidden = came[outputs.hidden].transpose((1, 0, 2, 3) if above else (0, 2, 1, 3))
        hidden = hidden.reshape(*hidden.shape[:2], -1)
        is_swapped = outputs.read_is_swapped and outputs.read in given
        read = _in_time(came[outputs.read], 1, is_swapped, below)
        tokens = readout = None
        if outputs.tokens:
            tokens = _in_time(came[outputs.tokens], 0, outputs.read_is_swapped, below)
        if outputs.readout:
            readout = _of_steps(came[outputs.readout], hidden.shape[:2])
            readout = np.exp(readout) if outputs.has_logarithm and readout is not None else readout
        return ReferenceRun(read, hidden, tokens, readout)


def _in_time(array: Array, n_features: int, is_swapped: bool, is_batch_first: bool) -> Array:
    """(time, batch, …) of what has these two axes, or rows of one, in one order or the other."""
    whole = array[:, None] if array.ndim == 1 + n_features else array
    return whole.swapaxes(0, 1) if is_swapped != is_batch_first else whole


def _of_steps(array: Array, shape: tuple[int, ...]) -> Array | None:
    """Outputs (time, batch, output); None where the steps and rows cannot be told apart."""
    if array.shape[:2] == shape and array.ndim == 3:
        return array
    if array.shape[:2] == shape[::-1] and array.ndim == 3:
        return array.swapaxes(0, 1)
    is_flat = array.ndim == 2 and 1 in shape and len(array) == shape[0] * shape[1]
    return array.reshape(*shape, -1) if is_flat else None


def open_runtime(data: bytes) -> Session:
    """A model in onnxruntime, on one core."""
    onnxruntime = import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return lambda names, given: session.run(names, given)


def open_reference(data: bytes) -> Session:
    """A model in ONNX's reference implementation."""
    from onnx import load_from_string
    from onnx.reference import ReferenceEvaluator

    run: Any = ReferenceEvaluator(load_from_string(data)).run
    return lambda names, given: run(names, given)
