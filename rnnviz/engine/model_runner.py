"""A model made ready to read one sequence: its inputs, a runner for every layer, its readout."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.core.activations import activation
from rnnviz.core.arrays import Array
from rnnviz.core.backend import Backend, Function, Tensor, get_backend
from rnnviz.core.checks import listed
from rnnviz.core.sequence import Sequence, zero_padding
from rnnviz.engine.layer_runner import LayerRunner
from rnnviz.engine.model_inputs import encode_for_model
from rnnviz.errors import ModelError
from rnnviz.network.model import Model

if TYPE_CHECKING:
    from rnnviz.interventions.types import Intervention


@dataclass(frozen=True, eq=False)
class ModelRunner:
    """A model on a back end, reading one sequence.

    model     with the weights that interventions change.
    sequence  encoded for the model.
    inputs    its values (time, batch, input), zero at padding.
    levels    runners of the layers by level, bottom first.
    """

    model: Model
    sequence: Sequence
    inputs: Tensor
    backend: Backend
    interventions: tuple[Intervention, ...]
    levels: list[list[LayerRunner]]

    def tensor(self, values: Tensor) -> Tensor:
        """Numbers as the back end's array, in the model's type."""
        return self.backend.array(values, self.model.dtype)

    def readout(self) -> Function:
        """Function from hidden states of the top level to outputs of the model."""
        return readout_function(self.model, self.backend)


def model_runner(
    model: Model,
    sequence: Sequence,
    backend: str,
    device: str,
    intervene: Iterable[Intervention],
    inputs: Tensor | None = None,
) -> ModelRunner:
    """A runner, once sequence and interventions are known to fit the model.

    inputs  a Torch tensor (time, batch, input) read in place of the sequence's values.

    Raises ModelError when the sequence does not fit the model, and InputError for an intervention
    on what is not there.
    """
    library = get_backend(backend, device)
    sequence = encode_for_model(model, sequence)
    if inputs is None:
        inputs = check_input_range(model, zero_padding(sequence.values, sequence))
    interventions = listed(intervene)
    model = _with_changed_weights(model, sequence, interventions) if interventions else model
    on, numbers = (library, model.dtype, sequence, None), count()
    levels = [
        [LayerRunner(layer, *on, next(numbers), interventions) for layer in level]
        for level in model.levels
    ]
    return ModelRunner(model, sequence, inputs, library, interventions, levels)


def _with_changed_weights(
    model: Model, sequence: Sequence, interventions: tuple[Intervention, ...]
) -> Model:
    from rnnviz.interventions.validate import validate_interventions
    from rnnviz.interventions.weights import apply_weight_changes

    return apply_weight_changes(
        model, validate_interventions(model, interventions, sequence.n_steps, sequence.n_rows)
    )


def check_input_range(model: Model, values: Array) -> Array:
    """The values, when all are in the range of the model's type.

    Raises ModelError otherwise.
    """
    is_wider = values.dtype.itemsize > model.dtype.itemsize
    if is_wider and max(values.max(), -values.min()) > np.finfo(model.dtype).max:
        raise ModelError(
            "The model computes in {dtype}, but the sequence holds numbers too large for it;"
            " scale them down.",
            dtype=model.dtype,
        )
    return values


def readout_function(model: Model, backend: Backend) -> Function:
    """Function from hidden states of the top level to outputs; the states without a readout."""
    if model.readout is None:
        return lambda hidden: hidden
    weights = backend.array(np.ascontiguousarray(model.readout.weights.T), model.dtype)
    bias = backend.array(model.readout.bias, model.dtype)
    name = model.readout.activation
    function = backend.softmax if name == "softmax" else activation(name, backend)
    return lambda hidden: function(hidden @ weights + bias)


def apply_readout(
    model: Model, hidden: Array, *, backend: str = "numpy", device: str = "cpu"
) -> Array:
    """Outputs (time, batch, output) from hidden states of the top level."""
    library = get_backend(backend, device)
    return library.numpy(readout_function(model, library)(library.array(hidden, model.dtype)))


def output_names(model: Model, sequence: Sequence) -> tuple[str, ...]:
    """Names of the readout's outputs; a random readout as wide as a one-hot text predicts it."""
    if model.readout is None:
        return ()
    n_outputs = len(model.readout.names)
    fits = sequence.encoding == "one_hot" and n_outputs == sequence.n_features
    is_random = model.vocabulary is None and not model.is_trained
    return sequence.features if fits and is_random else model.readout.names
