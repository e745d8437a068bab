"""A model that predicts the next token, writing on from a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, nan
from numbers import Real
from typing import TYPE_CHECKING, Any

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import check_seed, is_whole_number, listed, shown
from rnnviz.core.libraries import optional_library
from rnnviz.engine.written_rows import write_rows
from rnnviz.errors import InputError
from rnnviz.network.model import Model

if TYPE_CHECKING:
    from rnnviz.interventions.types import Intervention

MAX_WRITTEN = 100_000


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
    text         of at most 100,000 tokens.
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
    temperature = checked_writing(text, n, temperature, seed)
    rows = write_rows(model, text, n, temperature, (seed,), listed(intervene))
    said = rows.row(0)
    written = "".join(rows.glue + token for token in said)
    return Written(text, written, said, read_only(rows.probabilities[0]))


def checked_writing(text: str, n: int, temperature: float, seed: int) -> float:
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
