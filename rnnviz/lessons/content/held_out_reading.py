"""The held-out text as the trained network reads it, its forget gate free or held."""

from __future__ import annotations

from functools import cache

import numpy as np

from rnnviz.analysis.surprise import perplexity, surprise
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.interventions.types import Clamp
from rnnviz.lessons.content.text_probes import PRESET, held_out_rows
from rnnviz.train.presets import preset
from rnnviz.train.text_tasks import one_hot_sequence

# Rows of the held-out text that are read with a held gate, which takes longer.
HELD_ROWS = 10
PILED_AFTER = 100


@cache
def held_out_trace() -> Trace:
    """Trace over the held-out text."""
    own = preset(PRESET)
    return trace(own.model(), one_hot_sequence(list(held_out_rows()), own.vocabulary))


@cache
def held_trace(forget: float | None) -> Trace:
    """Trace over the first held-out rows, the forget gate held or, for None, free."""
    own = preset(PRESET)
    hold = () if forget is None else (Clamp("forget", forget),)
    rows = list(held_out_rows()[:HELD_ROWS])
    # Stepped from the start, because a held gate leaves a kernel nothing to do.
    read = one_hot_sequence(rows, own.vocabulary)
    return trace(own.model(), read, intervene=hold, preactivations=True)


@cache
def held_out_perplexity() -> float:
    """Perplexity of the held-out text."""
    return perplexity(held_out_trace())


@cache
def piled_up(forget: float | None) -> tuple[float, float]:
    """Mean |c| after so many characters, and the mean change of tanh c in a step from there on."""
    cell = held_trace(forget)["cell"][PILED_AFTER - 1 :]
    return float(np.nanmean(abs(cell[0]))), float(np.nanmean(abs(np.diff(np.tanh(cell), axis=0))))


@cache
def held_perplexity(forget: float | None) -> float:
    """Perplexity of the first held-out rows, the forget gate held or, for None, free."""
    return perplexity(held_trace(forget))


@cache
def letter_surprise() -> tuple[float, float]:
    """Mean surprise of the first letters of the held-out text's words, and of the later ones."""
    first: list[float] = []
    later: list[float] = []
    for row, text in enumerate(held_out_rows()):
        bits = surprise(held_out_trace(), row=row)
        for t in range(1, len(text)):
            if text[t].isalpha() and np.isfinite(bits[t]):
                (later if text[t - 1].isalpha() else first).append(bits[t])
    return float(np.mean(first)), float(np.mean(later))
