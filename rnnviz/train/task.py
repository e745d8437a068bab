"""A task to train on: its batches, and how an answer is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence

TaskKind = Literal["next", "classify", "regress", "tag"]
Metric = Literal["accuracy", "error"]


@dataclass(frozen=True, eq=False)
class Batch:
    """Sequences to read and what a network should answer.

    sequence  what it reads, (time, batch, feature).
    targets   (time, batch), index of the right output; for kind "regress" the right numbers,
              (time, batch, output).
    mask      (time, batch), True at the steps whose answer counts.
    """

    sequence: Sequence
    targets: Array
    mask: Array


MakeBatch = Callable[[np.random.Generator, int], Batch]


@dataclass(frozen=True, eq=False)
class Task:
    """A task to learn from sequences.

    name        key in `rnnviz.train.tasks.TASKS`.
    kind        "next": the symbol to come, at every step; "tag": a label at every step;
                "classify": one label after the last step; "regress": numbers.
    vocabulary  of the inputs, () where they are numbers.
    outputs     a name for every output.
    length      steps of a sequence; the most where they differ.
    metric      "accuracy", a share of 1 and better when higher (of numbers: the right sign), or
                "error", the mean squared error.
    chance      the metric of the best answer that does not look at the input.
    training_batch  (generator, batch size) ▶ a batch to learn from; equal generators give equal
                    batches.
    held_out_batch  a batch to measure on, of data that is not learned from where data ends.
    rate            learning rate to start from.
    features        names of the numbers read, () for text.
    """

    name: str
    kind: TaskKind
    vocabulary: tuple[str, ...]
    outputs: tuple[str, ...]
    length: int
    metric: Metric
    chance: float
    training_batch: MakeBatch
    held_out_batch: MakeBatch
    rate: float = 0.005
    features: tuple[str, ...] = ()

    @property
    def n_inputs(self) -> int:
        """Numbers read at a step."""
        return len(self.vocabulary or self.features)

    @property
    def n_outputs(self) -> int:
        """Numbers answered at a step."""
        return len(self.outputs)

    @property
    def activation(self) -> str:
        """Activation of the readout: "linear" for numbers, else "softmax"."""
        return "linear" if self.kind == "regress" else "softmax"

    def example(self, seed: int | np.random.Generator) -> Sequence:
        """One held-out sequence, with tokens that a person can read; equal for equal seeds."""
        sequence = self.held_out_batch(np.random.default_rng(seed), 1).sequence
        if self.vocabulary:
            return sequence
        return replace(sequence, tokens=(_number_tokens(sequence.values[:, 0]),))

    def measure(self, outputs: Array, batch: Batch) -> float:
        """Metric of outputs (time, batch, output) where the mask is True."""
        answers, right = outputs[batch.mask], batch.targets[batch.mask]
        if self.metric == "error":
            return float(np.mean((answers - right) ** 2))
        if self.kind == "regress":
            return float(np.mean(np.sign(answers) == np.sign(right)))
        return float(np.mean(answers.argmax(axis=1) == right))


def _number_tokens(steps: Array) -> tuple[str, ...]:
    return tuple(" ".join(f"{number:.2g}" for number in step) for step in steps)
