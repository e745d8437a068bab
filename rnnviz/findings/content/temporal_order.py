"""The order of two symbols far apart is told by an LSTM."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.api import trace
from rnnviz.findings.finding import PublishedFinding, TellProgress
from rnnviz.findings.measured import FindingResult, MeasuredNumber
from rnnviz.findings.publications import LONG_SHORT_TERM_MEMORY
from rnnviz.train.presets import preset
from rnnviz.train.tasks import TASKS
from rnnviz.train.text_tasks import ORDER_CLASSES

_MODEL = "temporal_order_lstm"
_ROWS, _SEED = 500, 1


def _measure(tell: TellProgress) -> FindingResult:
    task = TASKS["temporal_order"]
    batch = task.held_out_batch(np.random.default_rng(_SEED), _ROWS)
    right = batch.targets[batch.mask]
    accuracy = float((_answers(batch.sequence) == right).mean())
    tell(0.5)
    # In the other order the pair of symbols is read from its end.
    turned = np.array([ORDER_CLASSES.index(one[::-1]) for one in ORDER_CLASSES])[right]
    exchanged = float((_answers(_exchanged(batch.sequence)) == turned).mean())
    return FindingResult(
        (
            MeasuredNumber("accuracy", accuracy, low=0.99, form=".1%"),
            MeasuredNumber("exchanged", exchanged, low=0.99, form=".1%"),
            MeasuredNumber("chance", task.chance, form=".0%"),
        )
    )


def _answers(sequence: Sequence) -> Array:
    """Class (row,) after each row's last step."""
    outputs = trace(preset(_MODEL).model(), sequence)["probabilities"]
    last = outputs[np.array(sequence.lengths) - 1, np.arange(len(sequence.lengths))]
    return np.asarray(last.argmax(axis=1))


def _exchanged(sequence: Sequence) -> Sequence:
    """The sequence with its two telling symbols in each other's place."""
    vocabulary = sequence.features
    x, y = vocabulary.index("X"), vocabulary.index("Y")
    values = sequence.values.copy()
    for row in range(values.shape[1]):
        first, second = np.flatnonzero(values[:, row, [x, y]].any(axis=1))
        values[[first, second], row] = values[[second, first], row]
    return replace(sequence, values=values, tokens=())


FINDING = PublishedFinding(
    key="temporal_order",
    publication=LONG_SHORT_TERM_MEMORY,
    models=(_MODEL,),
    measure=_measure,
    choices={"understand": "memory"},
)
