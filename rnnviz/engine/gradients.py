"""Back-propagation through time: the gradient of a loss by every signal, state and weight.

P. J. Werbos, "Backpropagation through time: what it does and how to do it", Proc. IEEE 78 (1990).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.core.activations import activation
from rnnviz.core.arrays import Array, Arrays
from rnnviz.core.backend import Tensor
from rnnviz.core.checks import is_one_of, is_whole_number, shown
from rnnviz.core.tape import Taped, pull_back, tape_backend
from rnnviz.engine.api import sequence_for_model
from rnnviz.engine.model_runner import ModelRunner, model_runner
from rnnviz.engine.taped_run import TapedLayer, taped_run
from rnnviz.engine.wanted import check_model
from rnnviz.errors import InputError, ModelError
from rnnviz.network.model import Model

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rnnviz.core.sequence import Sequence

_DTYPE = np.dtype(np.float64)
# What is kept to go back through: measured for a signal at one step, and for each of its numbers.
_BYTES_A_SIGNAL, _BYTES_A_NUMBER = 4_000, 200
MAX_TAPE_BYTES = 4_000_000_000


@dataclass(frozen=True, eq=False)
class LayerGradients:
    """Gradients of a loss with respect to what one layer computes and is made of.

    signals  by name, (time, batch, unit), aligned with the tokens; through everything that
             depends on the signal, at its own step and at all later ones. Zero at padding.
    initial  by state, (batch, unit): with respect to the states before the first step.
    weights  by name, in the shape of the weight, summed over all steps and rows.
    """

    signals: Mapping[str, Array]
    initial: Mapping[str, Array]
    weights: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Gradients:
    """Gradients of a loss with respect to all that a model computes and is made of.

    loss     the sum over all steps and rows that have a target.
    layers   in the model's order.
    inputs   (time, batch, input).
    readout  "weights" and "bias" of the readout; empty without one.

    `gradients["forget"]` is that of the first layer's signal.
    """

    loss: float
    layers: tuple[LayerGradients, ...]
    inputs: Array
    readout: Mapping[str, Array]

    def __getitem__(self, name: str) -> Array:
        signals = self.layers[0].signals
        if not is_one_of(name, signals):
            raise InputError(
                'There are gradients of {signals}, but "{came}" was asked for.',
                signals=", ".join(signals),
                came=shown(name),
            )
        return signals[name]

    @cached_property
    def norm(self) -> float:
        """Norm of the gradient with respect to all weights together, readout included: what
        clipping by norm compares with its limit."""
        every = [*(layer.weights for layer in self.layers), self.readout]
        return float(np.sqrt(sum((array**2).sum() for one in every for array in one.values())))


def gradients(
    model: Model, sequence: Sequence | ArrayLike, targets: ArrayLike, *, cut: int | None = None
) -> Gradients:
    """Gradients of a loss at the model's outputs, exact, computed back through time in float64.

    sequence as in `rv.trace`.
    targets  of a softmax readout whole numbers (time,) or (time, batch), the right outputs, −1
             where there is none: the loss is −ln p of each. Of another readout, or without one,
             numbers (time, output) or (time, batch, output), NaN where there is none: the loss is
             the squared distance. Losses are added up.
    cut      truncation: no gradient passes from step `cut` of the reading order (from 0) to the
             step before it.

    Raises ModelError when the sequence does not fit the model or the numbers grow beyond float64,
    and InputError for targets or a cut that do not fit the sequence, and for a sequence whose steps
    would take more than MAX_TAPE_BYTES.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=2, n_outputs=3)
    >>> found = rv.gradients(model, rv.Sequence([[[0.5]], [[0.1]]]), [-1, 2])
    >>> found["forget"].shape, found.layers[0].weights["forget.h"].shape
    ((2, 1, 2), (2, 2))
    """
    check_model(model)
    runner = model_runner(model, sequence_for_model(sequence, model), "numpy", "cpu", ())
    _check_size(runner)
    if cut is not None and not (is_whole_number(cut) and 0 <= cut < runner.sequence.n_steps):
        raise InputError(
            "A cut is a step from 0 to {last}, but {came} came.",
            last=runner.sequence.n_steps - 1,
            came=shown(cut),
        )
    # Numbers that grow beyond the type are refused, not warned of.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = _pulled_back(runner, targets, cut)
    if not all(np.isfinite(array).all() for array in _arrays(found)):
        raise ModelError(
            "The loss or its gradients grow beyond float64; scale the inputs, the targets or the"
            " weights down."
        )
    return found


def _check_size(runner: ModelRunner) -> None:
    """Raise InputError where the steps to go back through would take too much memory."""
    n_rows = runner.sequence.n_rows
    a_step = sum(
        len(layer.cell.signals) * (_BYTES_A_SIGNAL + _BYTES_A_NUMBER * n_rows * layer.n_units)
        for layer in runner.model.layers
    )
    if runner.sequence.n_steps * a_step > MAX_TAPE_BYTES:
        raise InputError(
            "Gradients keep every step: {most} of this model and batch at most, but {came} came;"
            " shorten the sequence or read fewer rows.",
            most=MAX_TAPE_BYTES // a_step,
            came=runner.sequence.n_steps,
        )


def _pulled_back(runner: ModelRunner, targets: ArrayLike, cut: int | None) -> Gradients:
    run = taped_run(runner, cut=cut)
    readout = _taped_readout(runner.model)
    loss = _loss(runner, run.hidden, readout, targets)
    pull_back(loss)
    return Gradients(
        float(loss.value),
        tuple(map(_of_layer, run.layers)),
        run.inputs.gradient,
        Arrays({name: taped.gradient for name, taped in readout.items()}),
    )


def _arrays(found: Gradients) -> Iterator[Array]:
    yield np.asarray(found.loss)
    yield found.inputs
    yield from found.readout.values()
    for layer in found.layers:
        for named in (layer.signals, layer.initial, layer.weights):
            yield from named.values()


def _of_layer(layer: TapedLayer) -> LayerGradients:
    return LayerGradients(
        Arrays(layer.signal_gradients()),
        Arrays({name: taped.gradient for name, taped in layer.initial.items()}),
        Arrays({name: taped.gradient for name, taped in layer.weights.items()}),
    )


def _taped_readout(model: Model) -> dict[str, Taped]:
    if model.readout is None:
        return {}
    weights, bias = model.readout.weights, model.readout.bias
    return {"weights": Taped(weights.astype(_DTYPE)), "bias": Taped(bias.astype(_DTYPE))}


def _loss(
    runner: ModelRunner, hidden: Tensor, readout: Mapping[str, Taped], targets: ArrayLike
) -> Taped:
    sequence, model = runner.sequence, runner.model
    scores = hidden @ readout["weights"].T + readout["bias"] if readout else hidden
    is_softmax = model.readout is not None and model.readout.activation == "softmax"
    shape = scores.shape[:2] if is_softmax else scores.shape
    wanted = checked_targets(targets, shape, scores.shape[2] if is_softmax else 0)
    is_real = sequence.is_real
    if is_softmax:
        step, row = np.nonzero((wanted >= 0) & is_real)
        chosen = wanted[step, row].astype(int)
        _check_any(chosen)
        shifted = scores - scores.value.max(axis=2, keepdims=True)
        sums = tape_backend().exp(shifted).sum(axis=2).log()
        lost: Taped = (sums[step, row] - shifted[step, row, chosen]).sum()
        return lost
    place = np.nonzero(~np.isnan(wanted) & is_real[:, :, None])
    _check_any(place[0])
    name = model.readout.activation if model.readout is not None else "linear"
    outputs = activation(name, tape_backend())(scores)
    squared: Taped = ((outputs[place] - wanted[place]) ** 2).sum()
    return squared


def checked_targets(targets: ArrayLike, shape: tuple[int, ...], n_outputs: int) -> Array:
    """Targets in the shape of what is computed; for `n_outputs` classes whole numbers from −1.

    Raises InputError for others.

    >>> checked_targets([1, -1], (2, 1), n_outputs=2).tolist()
    [[1.0], [-1.0]]
    """
    from rnnviz.readers.torch.numbers import as_array

    wanted = as_array(targets)
    if wanted.dtype.kind not in "biuf":
        raise InputError(
            "Targets are numbers, an array {wanted}, but {came} came.",
            wanted=shape,
            came=shown(targets),
        )
    wanted = wanted.astype(_DTYPE)
    if shape[1] == 1 and wanted.ndim == len(shape) - 1:
        wanted = wanted[:, None]
    if wanted.shape != shape:
        raise InputError(
            "Targets are numbers, an array {wanted}, but {came} came.",
            wanted=shape,
            came=wanted.shape,
        )
    is_class = np.isin(wanted, np.arange(-1, n_outputs))
    if n_outputs and not is_class.all():
        raise InputError(
            "A target is the number of an output, from 0 to {last}, or −1 for none, but {came}"
            " came.",
            last=n_outputs - 1,
            came=f"{wanted[~is_class][0]:g}",
        )
    if not n_outputs and np.isinf(wanted).any():
        raise InputError("A target is a finite number, or NaN for none, but infinity came.")
    return wanted


def _check_any(places: Array) -> None:
    if not len(places):
        raise InputError("At least one step needs a target, or there is no loss to go back from.")
