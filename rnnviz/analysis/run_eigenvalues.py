"""Eigenvalues of every step's Jacobian along a run: what the network is about to do at each step.

|λ| above 1 stretches a direction, below 1 lets it fade in −1/ln |λ| steps; an angle turns it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.jacobians import jacobians
from rnnviz.analysis.trace_part import trace_part
from rnnviz.core.arrays import Array, read_only
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.formatting import token_label
from rnnviz.network.model import Model

MAX_EIGEN_WORK = 5e9


@dataclass(frozen=True, eq=False, repr=False)
class RunEigenvalues(Figured):
    """Result of `rnnviz.run_eigenvalues`.

    eigenvalues  (time, state), complex, of each step the largest |λ| first.
    tokens       a visible label for every step.
    start        the number of the first step in a longer sequence.
    """

    drawing: ClassVar[str] = "run_eigenvalues"
    eigenvalues: Array
    tokens: tuple[str, ...]
    start: int = 0
    is_trained: bool = True

    @cached_property
    def radius(self) -> Array:
        """Largest |λ| at every step, (time,)."""
        return read_only(np.abs(self.eigenvalues[:, 0]))

    @cached_property
    def n_unstable(self) -> Array:
        """Directions that each step stretches, (time,)."""
        return read_only((np.abs(self.eigenvalues) > 1).sum(axis=1))

    def __repr__(self) -> str:
        low, high = self.radius.min(), self.radius.max()
        return f"<Eigenvalues of {len(self.tokens)} steps: largest |λ| {low:.3g} to {high:.3g}>"

    def to_frame(self) -> Any:
        """A pandas table: a row for each step and eigenvalue, `real`, `imag`, `size`."""
        pandas = optional_library("pandas")
        time, number = (index.reshape(-1) for index in np.indices(self.eigenvalues.shape))
        values = self.eigenvalues.reshape(-1)
        return pandas.DataFrame(
            {
                "time": time + self.start,
                "token": np.array(self.tokens)[time],
                "number": number,
                "real": values.real,
                "imag": values.imag,
                "size": np.abs(values),
            }
        )


@one_thread()
def run_eigenvalues(model: Model, trace: Trace, *, layer: int = 0, row: int = 0) -> RunEigenvalues:
    """Eigenvalues of ∂(states)/∂(states before) at every step of one row of a run.

    Raises what `rnnviz.jacobians` raises, and InputError for a layer or row that is not there and
    for more steps than can be computed in about a minute.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=3)
    >>> rv.run_eigenvalues(model, rv.trace(model, [[0.5], [0.1]])).eigenvalues.shape
    (2, 3)
    """
    if isinstance(trace, Trace):
        trace = trace_part(trace, row)
    found = jacobians(model, trace)
    check_index("layer", layer, len(found))
    states = found.layers[layer].states[:, 0]
    if len(states) * states.shape[1] ** 3 > MAX_EIGEN_WORK:
        raise InputError(
            "Eigenvalues of at most {most} steps of this layer can be computed, but {came} came;"
            " trace fewer steps.",
            most=int(MAX_EIGEN_WORK // states.shape[1] ** 3),
            came=len(states),
        )
    values = np.linalg.eigvals(states).astype(complex)
    order = np.argsort(-np.abs(values), axis=1, kind="stable")
    return RunEigenvalues(
        read_only(np.take_along_axis(values, order, axis=1)),
        tuple(map(token_label, trace.sequence.tokens[0])),
        trace.start,
        trace.is_trained,
    )
