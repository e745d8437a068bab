"""Several texts that a model writes on from one prompt, and the share of a token in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import is_whole_number, listed, shown
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.engine.write import MAX_WRITTEN, checked_writing
from rnnviz.engine.written_rows import write_rows
from rnnviz.errors import InputError
from rnnviz.formatting import number_of
from rnnviz.network.model import Model

if TYPE_CHECKING:
    from rnnviz.interventions.types import Intervention

MAX_CONTINUATIONS = 100
# 95 % of a normal distribution lie within so many standard deviations.
_Z = 1.959963984540054


@dataclass(frozen=True)
class TokenShare:
    """Share of a token in what was written.

    count, n   times that it was written, of so many tokens.
    low, high  Wilson's interval, 95 %; where nothing was drawn by chance, the share itself.
    """

    token: str
    count: int
    n: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """count / n."""
        return self.count / self.n


@dataclass(frozen=True, eq=False, repr=False)
class Continuations(Figured):
    """Result of `rnnviz.continuations`: texts written on from one prompt.

    prompt         what was read first.
    texts          what was written, without the prompt, one for each seed.
    tokens         of each text.
    probabilities  (text, token): what the network itself gave to each, whatever the temperature.
    temperature    that tokens were drawn at; at 0 none is drawn by chance.
    vocabulary     the tokens that could be written.
    """

    drawing: ClassVar[str] = "continuations"
    prompt: str
    texts: tuple[str, ...]
    tokens: tuple[tuple[str, ...], ...]
    probabilities: Array
    temperature: float
    vocabulary: tuple[str, ...]
    is_trained: bool = True

    def share(self, token: str) -> TokenShare:
        """How often a token was written in all texts together, with its interval.

        Wilson's interval (E. B. Wilson, JASA 1927) takes tokens for independent draws, but a token
        depends on those before it: runs of the same make the true interval wider.

        Raises InputError for a token that the model cannot write.
        """
        if token not in self.vocabulary:
            raise InputError(
                "“{came}” is no token that this model writes; choose one of {known}.",
                came=shown(token),
                known=shown(" ".join(map(repr, self.vocabulary)), 80),
            )
        count = sum(row.count(token) for row in self.tokens)
        return _with_interval(token, count, self.probabilities.size, self.temperature > 0)

    def most_written(self, n: int = 12) -> tuple[TokenShare, ...]:
        """Shares of the tokens that were written most often."""
        every = [token for row in self.tokens for token in row]
        count = {token: every.count(token) for token in dict.fromkeys(every)}
        ordered = sorted(count, key=lambda token: (-count[token], token))
        return tuple(self.share(token) for token in ordered[:n])

    def __repr__(self) -> str:
        texts = number_of(len(self.texts), "text")
        size = number_of(self.probabilities.shape[1], "token")
        return f"<Continuations of {shown(self.prompt, 20)!r}: {texts} of {size}>"

    def to_frame(self) -> Any:
        """A pandas table, a row for each token: `text`, `place`, `token`, `probability`."""
        pandas = optional_library("pandas")
        text, place = (one.reshape(-1) for one in np.indices(self.probabilities.shape))
        tokens = [token for row in self.tokens for token in row]
        given = self.probabilities.reshape(-1)
        columns = {"text": text, "place": place, "token": tokens, "probability": given}
        return pandas.DataFrame(columns)


def continuations(
    model: Model,
    text: str,
    n: int,
    *,
    texts: int = 10,
    temperature: float = 1.0,
    seed: int = 0,
    intervene: Iterable[Intervention] = (),
) -> Continuations:
    """Several texts of n more tokens each, written side by side as the rows of one batch.

    texts      how many; each has a seed of its own, `seed`, `seed + 1`, …, and is what `rv.write`
               writes with it. At temperature 0 all are alike.
    intervene  what is done to the network, as in `rv.trace`; with `row` to one of the texts alone.
               Of two calls, with and without it, equal seeds meet equal chances.

    All else as in `rv.write`, whose errors it raises.

    >>> from rnnviz.train import preset
    >>> model = preset("next_character_lstm").model()
    >>> found = continuations(model, "Alice was ", 100, temperature=0.7)
    >>> found
    <Continuations of 'Alice was ': 10 texts of 100 tokens>
    >>> found.share("e").n
    1000
    """
    temperature = checked_writing(text, n, temperature, seed)
    _check_texts(texts, n)
    seeds = range(seed, seed + texts)
    rows = write_rows(model, text, n, temperature, seeds, listed(intervene))
    tokens = tuple(rows.row(number) for number in range(texts))
    written = tuple("".join(rows.glue + token for token in row) for row in tokens)
    given = read_only(rows.probabilities)
    is_trained = model.is_trained
    return Continuations(text, written, tokens, given, temperature, rows.may_write, is_trained)


def _check_texts(texts: int, n: int) -> None:
    if not is_whole_number(texts) or not 1 <= texts <= MAX_CONTINUATIONS:
        raise InputError(
            "From 1 to {bound} texts are written side by side, but {came} were asked for.",
            bound=MAX_CONTINUATIONS,
            came=shown(texts),
        )
    if texts * n > MAX_WRITTEN:
        raise InputError(
            "All texts together may have {bound} tokens, but {came} were asked for; write fewer or"
            " shorter ones.",
            bound=MAX_WRITTEN,
            came=texts * n,
        )


def _with_interval(token: str, count: int, n: int, is_drawn: bool) -> TokenShare:
    share = count / n
    if not is_drawn:
        return TokenShare(token, count, n, share, share)
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    # Rounding may leave 0 and 1 by a hair.
    return TokenShare(token, count, n, max(0.0, middle - half), min(1.0, middle + half))
