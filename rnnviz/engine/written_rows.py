"""Texts written on side by side: the rows of one batch, each drawn with a seed of its own."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence as Rows
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.backend import Tensor, get_backend
from rnnviz.core.sequence import Sequence
from rnnviz.engine.layer_runner import LayerRunner
from rnnviz.engine.model_inputs import encode_for_model
from rnnviz.engine.next_token import input_of, next_tokens, pieces_of_text
from rnnviz.errors import ModelError
from rnnviz.inputs.parse import parse
from rnnviz.inputs.tokenise import between_tokens, joined_tokens, vocabulary_kind
from rnnviz.interventions.validate import validate_interventions
from rnnviz.interventions.weights import apply_weight_changes
from rnnviz.network.model import Model

if TYPE_CHECKING:
    from rnnviz.interventions.types import Intervention

MAX_READ = 100_000


@dataclass(frozen=True, eq=False)
class WrittenRows:
    """Outputs (row, token) that were drawn, and their probabilities (row, token).

    tokens     a name for each output; `may_write`, those that are pieces of a text.
    glue       what stands before every token in a text.
    """

    outputs: Array
    probabilities: Array
    tokens: tuple[str, ...]
    may_write: tuple[str, ...]
    glue: str

    def row(self, number: int) -> tuple[str, ...]:
        """Tokens of a row."""
        return tuple(self.tokens[output] for output in self.outputs[number])


def write_rows(
    model: Model,
    text: str,
    n: int,
    temperature: float,
    seeds: Rows[int],
    interventions: tuple[Intervention, ...],
) -> WrittenRows:
    """Rows of n more tokens each, one for each seed.

    Raises ModelError for a model that does not predict the next token, and InputError for what
    cannot be read or done.
    """
    tokens = next_tokens(model)
    kind = vocabulary_kind(tokens)
    read = parse(text, kind, joined=joined_tokens(tokens, kind), max_steps=MAX_READ)
    prompt = encode_for_model(model, read)
    run = _Writing(model, prompt.n_steps + n, len(seeds), interventions)
    pieces = pieces_of_text(tokens, kind)
    draw = _Draw(pieces, temperature)
    # What was read before the last token of the prompt only leaves its states.
    for values in prompt.values[:, 0]:
        scores = run.read(np.broadcast_to(values, (len(seeds), len(values))))
    generators = [np.random.default_rng(seed) for seed in seeds]
    softmax, every = get_backend("numpy").softmax, np.arange(len(seeds))
    written, probabilities = [], []
    for place in range(n):
        chosen = [draw(*one) for one in zip(scores, generators, strict=True)]
        written.append(chosen)
        probabilities.append(softmax(scores)[every, chosen])
        if place < n - 1:
            scores = run.read(np.stack([input_of(model, output) for output in chosen]))
    drawn, given = (read_only(np.array(one).T) for one in (written, probabilities))
    may_write = tuple(token for token, is_piece in zip(tokens, pieces, strict=True) if is_piece)
    return WrittenRows(drawn, given, tokens, may_write, between_tokens(kind))


class _Writing:
    """A model that reads one step at a time, several texts side by side, its states carried on."""

    def __init__(
        self, model: Model, n_steps: int, n_rows: int, interventions: tuple[Intervention, ...]
    ) -> None:
        backend = get_backend("numpy")
        checked = validate_interventions(model, interventions, n_steps, n_rows)
        model = apply_weight_changes(model, checked) if checked else model
        # Only its length is asked for: what is read comes a step at a time.
        length = Sequence(np.broadcast_to(np.zeros(1, np.float32), (n_steps, n_rows, 1)))
        self._layers = [
            LayerRunner(layer, backend, model.dtype, length, None, index, checked)
            for index, layer in enumerate(model.layers)
        ]
        self._states: list[Mapping[str, Tensor]] = [layer.initial for layer in self._layers]
        assert model.readout is not None
        self._weights = np.ascontiguousarray(model.readout.weights.T, model.dtype)
        self._bias = model.readout.bias.astype(model.dtype)
        self._dtype, self._step = model.dtype, 0

    def read(self, values: Array) -> Array:
        """The readout's scores (row, output) after a step's values (row, input)."""
        x = values.astype(self._dtype)
        # Numbers that grow beyond the type are refused below, not warned of.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for index, layer in enumerate(self._layers):
                before = layer.state_before(self._step, self._states[index])
                signals, _ = layer.step(self._step, layer.linear.inputs(x), before)
                self._states[index], x = signals, signals["hidden"]
            scores: Array = x @ self._weights + self._bias
        self._step += 1
        if not np.isfinite(scores).all():
            raise ModelError(
                "The numbers of the model grew beyond {dtype} at step {step} of what it writes.",
                dtype=self._dtype,
                step=self._step,
            )
        return scores


@dataclass(frozen=True)
class _Draw:
    """The next output, drawn from scores (output,)."""

    may_write: Array
    temperature: float

    def __call__(self, scores: Array, generator: np.random.Generator) -> int:
        """The number of the output."""
        allowed = np.where(self.may_write, scores.astype(np.float64), -np.inf)
        if self.temperature == 0:
            return int(allowed.argmax())
        with np.errstate(over="ignore"):
            shifted = (allowed - allowed.max()) / self.temperature
        cumulated = np.exp(shifted).cumsum()
        drawn = generator.random() * cumulated[-1]
        # The product may round up to the sum itself, which no output exceeds.
        last = int(np.searchsorted(cumulated, cumulated[-1]))
        return min(int(np.searchsorted(cumulated, drawn, side="right")), last)
