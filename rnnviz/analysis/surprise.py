"""Surprise of a text to the network that reads it, and the perplexity that is made of it."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.cursor import check_index
from rnnviz.core.arrays import Array, read_only
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError


def surprise(trace: Trace, *, row: int = 0) -> Array:
    """Surprise of every token, −log₂ p in bits, (time,); p as predicted one step before.

    NaN for the first token, which nothing predicts, and for a token that is none of the outputs.
    Raises InputError for a row that is not there, and a network that does not end in a softmax.

    C. E. Shannon, "Prediction and Entropy of Printed English", Bell System Technical Journal 30
    (1951).

    >>> import rnnviz as rv
    >>> from rnnviz.train import preset
    >>> bits = surprise(rv.trace(preset("next_character_lstm").model(), rv.parse("Alice")))
    >>> bits.round(1).tolist()
    [nan, 0.4, 0.1, 0.0, 0.0]
    """
    check_index("row", row, trace.sequence.n_rows)
    if trace.readout != "softmax" or not trace.output_names:
        raise InputError("A network that predicts with a softmax is wanted, but this one does not.")
    place = {name: output for output, name in enumerate(trace.output_names)}
    tokens = trace.sequence.tokens[row]
    bits = np.full(len(tokens), np.nan)
    known = [t for t, token in enumerate(tokens) if t and token in place]
    given = trace.outputs[
        np.array(known, int) - 1, row, np.array([place[tokens[t]] for t in known], int)
    ]
    # A probability that rounds to 0 is an infinite surprise.
    with np.errstate(divide="ignore"):
        bits[known] = 0 - np.log2(given.astype(float))
    return read_only(bits)


def perplexity(trace: Trace) -> float:
    """Perplexity of all rows: 2 to the mean surprise, exp of the mean negative log-likelihood.

    A network that always spreads its probability over k tokens evenly has k.

    F. Jelinek, R. L. Mercer, L. R. Bahl, J. K. Baker, "Perplexity – a measure of the difficulty of
    speech recognition tasks", Journal of the Acoustical Society of America 62 (1977).

    Raises what `surprise` raises, and InputError where nothing is predicted.

    >>> import rnnviz as rv
    >>> from rnnviz.train import preset
    >>> read = rv.trace(preset("next_character_lstm").model(), rv.parse("Alice"))
    >>> round(perplexity(read), 2)
    1.1
    """
    bits = np.concatenate([surprise(trace, row=row) for row in range(trace.sequence.n_rows)])
    if np.isnan(bits).all():
        raise InputError("A perplexity needs a token that was predicted, but there is none.")
    return float(2 ** np.nanmean(bits))
