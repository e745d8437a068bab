"""A trace: a model reads a whole sequence, level by level, and every signal is kept.

Products with the input do not depend on the step before, so they are taken for all timesteps at
once; what is left for a step is the recurrent product and the cell's elementwise equation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence, nan_padding, zero_padding
from rnnviz.engine.kernels.select import available_libraries
from rnnviz.engine.model_runner import model_runner, output_names
from rnnviz.engine.trace import LayerTrace, Trace
from rnnviz.engine.trace_layer import trace_layer
from rnnviz.network.model import Model

if TYPE_CHECKING:
    from rnnviz.interventions.types import Intervention
    from rnnviz.readers.certainty import Certainty


def trace_model(
    model: Model,
    sequence: Sequence,
    *,
    backend: str = "numpy",
    device: str = "cpu",
    preactivations: bool = False,
    intervene: Iterable[Intervention] = (),
    known: tuple[Array, ...] | None = None,
    proof: Callable[[Trace], Certainty] | None = None,
) -> Trace:
    """Trace of the whole sequence through the whole model.

    preactivations  also keep each gate's sum before its activation.
    intervene       what is done to the network on the way (`rnnviz.interventions.types`). Every
                    step before the first that it touches has the same bits as without.
    known           hidden states (time, batch, unit) that the layers of a model of one level are
                    known to give; an LSTM is then computed at all its steps at once, and where it
                    gives others, step by step.
    proof           what measures the trace's certainty when that is first asked for.

    Raises ModelError when the sequence does not fit the model or the numbers grow beyond its type,
    and InputError for an intervention on what is not there.
    """
    given, runner = model, model_runner(model, sequence, backend, device, intervene)
    model, sequence = runner.model, runner.sequence
    # Only stepping keeps preactivations and gradients; no kernel does.
    available = available_libraries() if backend == "numpy" and not preactivations else None
    values = runner.tensor(runner.inputs)
    layers: list[LayerTrace] = []
    for level in runner.levels:
        # Numbers that grow beyond the type are reported by an error, not by NumPy's warnings.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            traced = [
                trace_layer(layer, values, available, preactivations, hidden)
                for layer, hidden in zip(level, known or (None,) * len(level), strict=True)
            ]
        joined = _joined([trace.signals["hidden"] for trace in traced])
        values = runner.tensor(zero_padding(joined, sequence))
        layers += traced
    return Trace(
        sequence,
        tuple(layers),
        nan_padding(runner.backend.numpy(runner.readout()(values)), sequence),
        model.source,
        output_names(model, sequence),
        model.is_trained,
        model.readout.activation if model.readout is not None else "",
        interventions=runner.interventions,
        proof=proof,
        model=given,
    )


def _joined(arrays: list[Array]) -> Array:
    # One array is not copied: outputs without a readout share the hidden states' memory.
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=-1)
