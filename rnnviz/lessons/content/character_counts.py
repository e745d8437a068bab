"""Prediction of the next character by counting, the rival of a network that writes.

D. J. C. MacKay, L. C. Bauman Peto, "A hierarchical Dirichlet language model", Natural Language
Engineering 1 (1995): of each length of context, the counts and so many imagined ones that are
shared out as the next shorter context predicts.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from math import exp, log

from rnnviz.lessons.content.text_probes import cut_place, held_out_rows
from rnnviz.train.text_tasks import book

IMAGINED = 5.0


@cache
def counted(context: int) -> tuple[Counter[str], Counter[str]]:
    """Counts, in the text that the network learned from, of runs of `context` characters that are
    followed by another, and of those runs with the one that follows."""
    text = book()[: cut_place()]
    last = len(text) - context
    runs = Counter(text[i : i + context] for i in range(last))
    longer = Counter(text[i : i + context + 1] for i in range(last))
    return runs, longer


def probability(before: str, character: str, n: int, n_characters: int) -> float:
    """Probability of a character after a text, counted with up to `n` characters of context."""
    share = 1 / n_characters
    for context in range(min(n, len(before)) + 1):
        run = before[len(before) - context :]
        runs, longer = counted(context)
        share = (longer[run + character] + IMAGINED * share) / (runs[run] + IMAGINED)
    return share


@cache
def counted_perplexity(n: int, vocabulary: tuple[str, ...]) -> float:
    """Perplexity of the held-out text, counted with up to `n` characters of context.

    Of the characters that the vocabulary has, the first of each row left out.
    """
    logs = [
        log(probability(row[max(0, i - n) : i], row[i], n, len(vocabulary)))
        for row in held_out_rows()
        for i in range(1, len(row))
        if row[i] in vocabulary
    ]
    return exp(-sum(logs) / len(logs))
