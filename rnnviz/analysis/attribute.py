"""Attribution of an output to what was read: integrated gradients and occlusion.

M. Sundararajan, A. Taly and Q. Yan, "Axiomatic Attribution for Deep Networks", ICML 2017,
equation 1; M. D. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks",
ECCV 2014, section 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from rnnviz.analysis.chosen_output import output_number
from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.input_attributions import InputAttributions
from rnnviz.analysis.layer_input import layer_input
from rnnviz.analysis.token_numbers import token_numbers
from rnnviz.analysis.trace_part import trace_part
from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import check_choice, is_whole_number, shown
from rnnviz.engine.api import sequence_for_model
from rnnviz.engine.model_inputs import encode_for_model
from rnnviz.engine.output_gradients import OutputScale, output_gradients, output_numbers
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import Trace
from rnnviz.engine.wanted import check_model
from rnnviz.errors import InputError, ModelError
from rnnviz.formatting import token_label
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.readers.torch.numbers import as_array

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rnnviz.core.sequence import Sequence

Method = Literal["integrated_gradients", "occlusion"]
MAX_INTEGRAL_POINTS = 10_000
MAX_ATTRIBUTION_PRODUCTS = 1e12


def attribute(
    model: Model,
    sequence: Sequence | ArrayLike,
    *,
    output: int | str | None = None,
    time: int | None = None,
    method: Method = "integrated_gradients",
    baseline: ArrayLike | str | None = None,
    points: int = 50,
    scale: OutputScale = "score",
    row: int = 0,
) -> InputAttributions:
    """What each step and feature that was read contributes to an output.

    sequence  as in `rv.trace`.
    output    number or name of the output: a class, the token to come, a value; without a readout
              of a hidden number of the top level. By default the one that is largest.
    time      the step whose output it is, by default the row's last.
    method    "integrated_gradients": (x − x′) · ∫₀¹ ∂F(x′ + α (x − x′))/∂x dα, which add up to
              F(x) − F(x′) but for the error of the integral, `gap`.
              "occlusion": F(x) − F(x with one step, or one number, as in the baseline); these add
              up only where nothing acts together.
    baseline  x′: numbers (input,) or (time, input), or a token of the model's vocabulary, or of the
              text where the model has none; by default zeros.
    points    of the integral, Gauss–Legendre; of integrated gradients only.
    scale     F is the "score" before the readout's activation, or the "output" after it.
    row       of the batch.

    Raises ModelError for what is no Model, for a sequence that does not fit it and for numbers that
    grow beyond float64, and InputError for an output, step, row, baseline, method or number of
    points that is not there, and for more than can be computed.

    >>> import rnnviz as rv
    >>> from rnnviz.train import preset
    >>> model = preset("brackets_lstm").model()
    >>> found = rv.attribute(model, rv.parse("(([])"), output="2", points=200)
    >>> found.steps.shape, found.features.shape
    ((5,), (5, 6))
    >>> bool(abs(found.steps.sum() - (found.value - found.baseline_value)) < 1e-3)
    True
    """
    check_model(model)
    check_choice("method", method, get_args(Method))
    check_choice("scale", scale, get_args(OutputScale))
    _check_points(points)
    run = _run(model, sequence, row)
    length = run.sequence.n_steps
    time = length - 1 if time is None else time
    check_index("time", time, length)
    number = _largest(run, time) if output is None else output_number(run, output)
    asked = _Asked(_started(model, row), run, time, number, scale, _baseline(model, run, baseline))
    if method == "occlusion":
        return _occlusion(asked)
    return _integrated_gradients(asked, int(points))


@dataclass(frozen=True, eq=False)
class _Asked:
    """What is attributed: an output of a run of a single row, against a baseline (time, input)."""

    model: Model
    run: Trace
    time: int
    output: int
    scale: OutputScale
    baseline: Array

    @property
    def values(self) -> Array:
        """What was read, (time, input)."""
        return np.asarray(self.run.sequence.values[:, 0], np.float64)

    @property
    def n_read(self) -> int:
        """Steps that can act on the output."""
        is_forward = all(layer.direction == "forward" for layer in self.model.layers)
        return self.time + 1 if is_forward else self.run.sequence.n_steps

    def result(
        self, method: Method, numbers: Array, steps: Array, features: Array | None, points: int
    ) -> InputAttributions:
        """Attributions of the steps that were read, with zeros for those after them.

        numbers  F(x) and F(x′).
        """
        sequence = self.run.sequence
        rest = sequence.n_steps - self.n_read
        parts = [numbers, steps, *([] if features is None else [features])]
        if not all(np.isfinite(part).all() for part in parts):
            raise ModelError(
                "The output or its gradients grow beyond float64; scale the inputs or the weights"
                " down."
            )
        names = self.run.output_names
        return InputAttributions(
            method=method,
            steps=read_only(np.pad(steps, (0, rest))),
            features=None if features is None else read_only(np.pad(features, ((0, rest), (0, 0)))),
            value=float(numbers[0]),
            baseline_value=float(numbers[1]),
            output=names[self.output] if names else str(self.output),
            time=self.time,
            scale=self.scale,
            tokens=tuple(map(token_label, sequence.tokens[0])),
            feature_names=sequence.features,
            encoding=sequence.encoding,
            points=points,
            is_trained=self.run.is_trained,
        )


def _integrated_gradients(asked: _Asked, points: int) -> InputAttributions:
    values, baseline = asked.values[: asked.n_read], asked.baseline[: asked.n_read]
    _check_work(asked, points + 2)
    nodes, weights = np.polynomial.legendre.leggauss(points)
    # The two last rows are the sequence and the baseline themselves.
    at = np.concatenate([(nodes + 1) / 2, [1.0, 0.0]])
    path = baseline[:, None] + at[:, None] * (values - baseline)[:, None]
    numbers, gradients = output_gradients(asked.model, path, asked.time, asked.output, asked.scale)
    mean = np.einsum("p,tpi->ti", weights / 2, gradients[:, :points])
    features = (values - baseline) * mean
    return asked.result(
        "integrated_gradients", numbers[points:], features.sum(axis=1), features, points
    )


def _occlusion(asked: _Asked) -> InputAttributions:
    values, baseline = asked.values[: asked.n_read], asked.baseline[: asked.n_read]
    # One number of an embedding is no part of what was read.
    is_embedded = asked.run.sequence.encoding == "embedding"
    step, feature = np.nonzero((values != baseline) & (not is_embedded))
    is_changed, n_steps, count = (values != baseline).any(axis=1), len(values), len(step)
    _check_work(asked, n_steps + count + 2)
    rows = np.repeat(values[:, None], n_steps + count + 2, axis=1)
    rows[range(n_steps), range(n_steps)] = baseline
    rows[step, n_steps + np.arange(count), feature] = baseline[step, feature]
    rows[:, -1] = baseline
    numbers = output_numbers(asked.model, rows, asked.time, asked.output, asked.scale)
    lost = numbers[-2] - numbers
    features = np.zeros(values.shape)
    features[step, feature] = lost[n_steps:-2]
    return asked.result(
        "occlusion", numbers[-2:], lost[:n_steps] * is_changed, None if is_embedded else features, 0
    )


def _run(model: Model, sequence: Any, row: int) -> Trace:
    """One row's run, without its padding."""
    read = encode_for_model(model, sequence_for_model(sequence, model))
    check_index("row", row, read.n_rows)
    return trace_part(trace_model(model, read), row)


def _started(model: Model, row: int) -> Model:
    """The model in float64, from the states in which a row starts."""
    return replace(model, layers=tuple(_started_layer(layer, row) for layer in model.layers))


def _started_layer(layer: Layer, row: int) -> Layer:
    weights = {name: array.astype(np.float64) for name, array in layer.weights.items()}
    initial = {name: _of_row(array, row) for name, array in layer.initial.items()}
    return replace(layer, weights=weights, initial=initial)


def _of_row(array: Array, row: int) -> Array:
    return array if array.ndim == 1 else array[row if len(array) > 1 else 0]


def _largest(run: Trace, time: int) -> int:
    return int(run.outputs[time, 0].argmax())


def _baseline(model: Model, run: Trace, came: ArrayLike | str | None) -> Array:
    """x′, (time, input). Raises InputError for what is none."""
    shape = run.sequence.values[:, 0].shape
    if came is not None and not isinstance(came, str):
        given = as_array(came)
        is_number = given.dtype.kind in "biuf"
        if given.shape == shape and is_number and np.isfinite(given).all():
            return np.asarray(given, np.float64)
    numbers = token_numbers(model, run.sequence, came) if isinstance(came, str) else None
    if numbers is None:
        numbers = layer_input(model, run, 0, came)
    return np.broadcast_to(numbers, shape)


def _check_points(points: int) -> None:
    if not (is_whole_number(points) and 1 <= points <= MAX_INTEGRAL_POINTS):
        raise InputError(
            "An integral takes from 1 to {most} points, but {came} came.",
            most=MAX_INTEGRAL_POINTS,
            came=shown(points),
        )


def _check_work(asked: _Asked, rows: int) -> None:
    weights = sum(array.size for layer in asked.model.layers for array in layer.weights.values())
    if weights * rows * asked.n_read > MAX_ATTRIBUTION_PRODUCTS:
        raise InputError(
            "To run {count} rows of {steps} steps of this model would take too long; give a shorter"
            " sequence or fewer points.",
            count=rows,
            steps=asked.n_read,
        )
