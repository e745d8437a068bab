"""A model that predicts the next token, writing on from a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf, nan
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.backend import Tensor, get_backend
from rnnviz.core.checks import check_seed, is_whole_number, listed, shown
from rnnviz.core.libraries import optional_library
from rnnviz.core.sequence import Sequence
from rnnviz.engine.layer_runner import LayerRunner
from rnnviz.engine.model_inputs import encode_for_model
from rnnviz.errors import InputError, ModelError
from rnnviz.inputs.parse import parse
from rnnviz.inputs.tokenise import TOKENISERS, between_tokens, joined_tokens, vocabulary_kind
from rnnviz.interventions.validate import validate_interventions
from rnnviz.interventions.weights import apply_weight_changes
from rnnviz.network.model import Model

if TYPE_CHECKING:
    from rnnviz.interventions.types import Intervention

MAX_WRITTEN = 100_000
MAX_READ = 100_000


@dataclass(frozen=True, eq=False)
class Written:
    """A text that a model wrote on.

    prompt         what it read first.
    text           what it wrote, without the prompt.
    tokens         of what it wrote.
    probabilities  (token,): what the network itself gave to each, whatever the temperature.
    """

    prompt: str
    text: str
    tokens: tuple[str, ...]
    probabilities: Array

    @property
    def whole(self) -> str:
        """The prompt and what was written; `rv.trace` of it reads what the model has read."""
        return self.prompt + self.text

    def to_frame(self) -> Any:
        """A pandas table, a row for each token: `token`, `probability`."""
        pandas = optional_library("pandas")
        return pandas.DataFrame({"token": self.tokens, "probability": self.probabilities})


def write(
    model: Model,
    text: str,
    n: int,
    *,
    temperature: float = 1.0,
    seed: int = 0,
    intervene: Iterable[Intervention] = (),
) -> Written:
    """A text of n more tokens: the model reads `text`, draws the next token, reads it, and so on.

    model        whose softmax readout has an output for each token of its vocabulary.
    text         of at most MAX_READ tokens.
    temperature  divides the scores before a token is drawn; 0 always takes the most probable, 1
                 the network's own probabilities.
    seed         of what is drawn; equal seeds write equal texts.
    intervene    what is done to the network on the way, as in `rv.trace`; steps are counted over
                 the whole text.

    "<unk>" and other tokens that are no piece of a text are never written. Raises ModelError for a
    model that does not predict the next token, and InputError for what cannot be read or done.

    A. Graves, "Generating Sequences With Recurrent Neural Networks", arXiv:1308.0850 (2013).

    >>> from rnnviz.train import preset
    >>> write(preset("next_character_lstm").model(), "Alice was ", 20, temperature=0).text
    'a little good that s'
    """
    temperature = _checked_options(text, n, temperature, seed)
    tokens = _next_tokens(model)
    kind = vocabulary_kind(tokens)
    read = parse(text, kind, joined=joined_tokens(tokens, kind), max_steps=MAX_READ)
    prompt = encode_for_model(model, read)
    run = _Writing(model, prompt.n_steps + n, listed(intervene))
    may_write = _pieces_of_text(tokens, kind)
    # What was read before the last token of the prompt only leaves its states.
    for values in prompt.values[:, 0]:
        scores = run.read(values)
    draw = _Draw(may_write, temperature, np.random.default_rng(seed))
    softmax = get_backend("numpy").softmax
    written, probabilities = [], []
    for place in range(n):
        index = draw(scores)
        written.append(index)
        probabilities.append(softmax(scores)[index])
        if place < n - 1:
            scores = run.read(_input_of(model, index))
    glue = between_tokens(kind)
    said = tuple(tokens[index] for index in written)
    return Written(text, "".join(glue + token for token in said), said, read_only(probabilities))


def predicts_next(model: Model) -> bool:
    """True where a model may write: an output for each token, and no layer from the end.

    >>> from rnnviz.train import preset
    >>> predicts_next(preset("next_character_lstm").model())
    True
    >>> predicts_next(preset("languages_gru").model())
    False
    """
    return _refusal(model) is None


def _refusal(model: Model) -> ModelError | None:
    """Error for a model that cannot write on; None for one that can."""
    readout, tokens = model.readout, model.vocabulary
    if any(layer.direction == "backward" for layer in model.layers):
        return ModelError(
            "A layer of this model reads from the end, so it cannot write on: what it would read is"
            " not written yet."
        )
    if readout is None or readout.activation != "softmax":
        return ModelError(
            "A model writes on with a softmax readout over its tokens, but this one has none."
        )
    if tokens is None:
        return ModelError(
            "A model writes on in the tokens of its vocabulary, which is not known here; give it"
            " one with model.with_vocabulary([…])."
        )
    has_other_names = readout.is_named and set(readout.names) != set(tokens)
    if len(readout.names) != len(tokens) or has_other_names:
        return ModelError(
            "A model writes on where each output is the token to come, but its {outputs} outputs"
            " are not its {tokens} tokens.",
            outputs=len(readout.names),
            tokens=len(tokens),
        )
    return None


def _next_tokens(model: Model) -> tuple[str, ...]:
    """The token of each output. Raises ModelError where the outputs are no tokens."""
    if not isinstance(model, Model):
        raise ModelError(
            "A Model writes on, but {came} came; read a module with rv.from_torch or a file with"
            " rv.read_model first.",
            came=shown(type(model).__name__),
        )
    if refusal := _refusal(model):
        raise refusal
    assert model.readout is not None
    assert model.vocabulary is not None
    return model.readout.names if model.readout.is_named else model.vocabulary


def _checked_options(text: str, n: int, temperature: float, seed: int) -> float:
    """The temperature as a float. Raises InputError."""
    if not isinstance(text, str):
        raise InputError(
            "One text is written on, but a {came} came; give a string.",
            came=type(text).__name__,
        )
    if not is_whole_number(n) or not 1 <= n <= MAX_WRITTEN:
        raise InputError(
            "From 1 to {bound} tokens are written, but {came} were asked for.",
            bound=MAX_WRITTEN,
            came=shown(n),
        )
    warmth = _as_float(temperature)
    if not 0 <= warmth < inf:
        raise InputError(
            "A temperature is a number from 0 up, but {came} came; 0 takes the most probable token,"
            " 1 the network's own probabilities.",
            came=shown(temperature),
        )
    check_seed(seed)
    return warmth


def _as_float(came: object) -> float:
    """A number as a float; NaN for what is none, and infinity for one that no float is as large."""
    if not isinstance(came, Real) or isinstance(came, bool):
        return nan
    try:
        return float(came)
    except OverflowError:
        return inf


def _pieces_of_text(tokens: tuple[str, ...], kind: str) -> Array:
    """Mask (output,), True for a token that a text is read back as. Raises ModelError for none."""
    pieces = np.array([_is_piece(token, kind) for token in tokens])
    if not pieces.any():
        raise ModelError("None of the model's tokens is a piece of a text, so it cannot write.")
    return pieces


def _is_piece(token: str, kind: str) -> bool:
    before = "a" if kind == "characters" else "a "
    return list(TOKENISERS[kind](before + token)) == ["a", token]


def _input_of(model: Model, output: int) -> Array:
    """Input of the first level for the token of an output, (input,)."""
    assert model.vocabulary is not None
    assert model.readout is not None
    readout = model.readout
    row = model.vocabulary.index(readout.names[output]) if readout.is_named else output
    if model.embedding is not None:
        values: Array = model.embedding[row]
        return values
    one_hot = np.zeros(model.n_inputs)
    one_hot[row] = 1
    return one_hot


class _Writing:
    """A model that reads one step at a time, its states carried on."""

    def __init__(self, model: Model, n_steps: int, interventions: tuple[Intervention, ...]) -> None:
        backend = get_backend("numpy")
        checked = validate_interventions(model, interventions, n_steps, 1)
        model = apply_weight_changes(model, checked) if checked else model
        # Only its length is asked for: what is read comes a step at a time.
        length = Sequence(np.zeros((n_steps, 1, 1), np.float32))
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
        """The readout's scores (output,) after a step's values (input,)."""
        x = values.astype(self._dtype)[None]
        # Numbers that grow beyond the type are refused below, not warned of.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for index, layer in enumerate(self._layers):
                before = layer.state_before(self._step, self._states[index])
                signals, _ = layer.step(self._step, layer.linear.inputs(x), before)
                self._states[index], x = signals, signals["hidden"]
            scores: Array = (x @ self._weights + self._bias)[0]
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
    generator: np.random.Generator

    def __call__(self, scores: Array) -> int:
        """The number of the output."""
        allowed = np.where(self.may_write, scores.astype(np.float64), -np.inf)
        if self.temperature == 0:
            return int(allowed.argmax())
        with np.errstate(over="ignore"):
            shifted = (allowed - allowed.max()) / self.temperature
        cumulated = np.exp(shifted).cumsum()
        drawn = self.generator.random() * cumulated[-1]
        # The product may round up to the sum itself, which no output exceeds.
        last = int(np.searchsorted(cumulated, cumulated[-1]))
        return min(int(np.searchsorted(cumulated, drawn, side="right")), last)
