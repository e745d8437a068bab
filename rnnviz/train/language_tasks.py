"""Tasks over small alphabets: counting aⁿbⁿ, a stream of Reber words, parity, a copy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnviz.train.task import Batch, Task
from rnnviz.train.text_tasks import one_hot_sequence, padded_labels

# aⁿbⁿ: F. A. Gers and J. Schmidhuber, IEEE Transactions on Neural Networks 12 (2001); G. Weiss,
# Y. Goldberg and E. Yahav, "On the Practical Computational Power of Finite Precision RNNs for
# Language Recognition", ACL 2018.

COUNTING_SYMBOLS = ("a", "b", ".")
MOST_COUNTED = 50


def counting(generator: np.random.Generator, size: int) -> Batch:
    """n times a and n times b, n of 1 to 50; at every b it is asked whether b comes or "."."""
    counts = generator.integers(1, MOST_COUNTED + 1, size=size)
    sequence = one_hot_sequence(["a" * n + "b" * n for n in counts], COUNTING_SYMBOLS)
    targets = padded_labels([[1] * (2 * n - 1) + [2] for n in counts])
    steps = np.arange(sequence.n_steps)[:, None]
    return Batch(sequence, targets, (steps >= counts) & (steps < 2 * counts))


# The embedded Reber grammar, word after word: Gers, Schmidhuber and Cummins, "Learning to Forget",
# Neural Computation 12 (2000), section 4; A. Cleeremans et al., Neural Computation 1 (1989).

REBER_SYMBOLS = ("B", "T", "P", "S", "X", "V", "E")
REBER_LENGTH = 150
# By state of the inner grammar the two symbols that may come, each with the state it leads to.
REBER_MOVES = {
    0: (("T", 1), ("P", 2)),
    1: (("S", 1), ("X", 3)),
    2: (("T", 2), ("V", 4)),
    3: (("X", 2), ("S", 5)),
    4: (("P", 3), ("V", 5)),
}


def reber_word(generator: np.random.Generator) -> str:
    """A word of the embedded Reber grammar: its second symbol comes again as its last but one."""
    outer = "TP"[generator.integers(2)]
    word, state = f"B{outer}B", 0
    while state in REBER_MOVES:
        symbol, state = REBER_MOVES[state][generator.integers(2)]
        word += symbol
    return f"{word}E{outer}E"


def reber_stream(generator: np.random.Generator, length: int) -> str:
    """Words of the embedded Reber grammar without a break, cut at `length` symbols."""
    stream = ""
    while len(stream) < length:
        stream += reber_word(generator)
    return stream[:length]


def reber(generator: np.random.Generator, size: int) -> Batch:
    """Streams of words of the embedded Reber grammar; the next symbol is asked at every step."""
    streams = [reber_stream(generator, REBER_LENGTH + 1) for _ in range(size)]
    sequence = one_hot_sequence([stream[:-1] for stream in streams], REBER_SYMBOLS)
    targets = padded_labels([[REBER_SYMBOLS.index(s) for s in stream[1:]] for stream in streams])
    return Batch(sequence, targets, np.ones(targets.shape, bool))


# Parity: R. Grazzi et al., "Unlocking State-Tracking in Linear RNNs Through Negative Eigenvalues",
# ICLR 2025.

PARITY_LENGTH = 40


def parity(generator: np.random.Generator, size: int) -> Batch:
    """Zeros and ones; at every step it is asked whether the ones so far are even or odd."""
    bits = generator.integers(2, size=(PARITY_LENGTH, size))
    sequence = one_hot_sequence([[str(bit) for bit in row] for row in bits.T], ("0", "1"))
    return Batch(sequence, bits.cumsum(axis=0) % 2, np.ones(bits.shape, bool))


# The copy task: Hochreiter and Schmidhuber (1997); C. Tallec and Y. Ollivier, "Can recurrent neural
# networks warp time?", ICLR 2018, section 3.

COPY_SYMBOLS = ("a", "b", "c", "d", "-", "?")
COPIED, COPY_DELAY = 3, 100


def copy(generator: np.random.Generator, size: int) -> Batch:
    """Three letters, a hundred times "-", three times "?": at each "?" the next letter is asked."""
    letters = generator.integers(4, size=(COPIED, size))
    rows = ["".join("abcd"[i] for i in row) + "-" * COPY_DELAY + "?" * COPIED for row in letters.T]
    sequence = one_hot_sequence(rows, COPY_SYMBOLS)
    targets = np.zeros((sequence.n_steps, size), np.int64)
    targets[-COPIED:] = letters
    asked = np.arange(sequence.n_steps)[:, None] >= COPIED + COPY_DELAY
    return Batch(sequence, targets, np.broadcast_to(asked, targets.shape))


LANGUAGE_TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        Task(
            name="counting",
            kind="next",
            vocabulary=COUNTING_SYMBOLS,
            outputs=COUNTING_SYMBOLS,
            length=2 * MOST_COUNTED,
            metric="accuracy",
            # Of n answers one is the end, n being 25.5 in the mean.
            chance=1 - 2 / (MOST_COUNTED + 1),
            training_batch=counting,
            held_out_batch=counting,
        ),
        Task(
            name="reber",
            kind="next",
            vocabulary=REBER_SYMBOLS,
            outputs=REBER_SYMBOLS,
            length=REBER_LENGTH,
            metric="accuracy",
            # The share of T, the most frequent, among 450 000 steps.
            chance=0.21,
            training_batch=reber,
            held_out_batch=reber,
            rate=0.01,
        ),
        Task(
            name="parity",
            kind="tag",
            vocabulary=("0", "1"),
            outputs=("even", "odd"),
            length=PARITY_LENGTH,
            metric="accuracy",
            chance=0.5,
            training_batch=parity,
            held_out_batch=parity,
            rate=0.01,
        ),
        Task(
            name="copy",
            kind="tag",
            vocabulary=COPY_SYMBOLS,
            outputs=COPY_SYMBOLS[:4],
            length=COPY_DELAY + 2 * COPIED,
            metric="accuracy",
            chance=0.25,
            training_batch=copy,
            held_out_batch=copy,
        ),
    )
}
