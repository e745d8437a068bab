"""Embedding and readout of two models, and where they make the models part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.panels import INPUTS, OUTPUTS, PROBABILITIES
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Signal
from rnnviz.doctor.findings import Cause, Finding, ModelPlace
from rnnviz.doctor.parting import Parting
from rnnviz.doctor.reading import ReadModel
from rnnviz.doctor.rounding import as_bfloat16, as_float16, as_int8, is_same, size_of
from rnnviz.engine.model_runner import apply_readout
from rnnviz.engine.parity import top_hidden
from rnnviz.engine.trace import Trace, output_signal
from rnnviz.network.model import Readout

_ROUNDED: dict[str, Callable[[Array], Array]] = {"float16": as_float16, "bfloat16": as_bfloat16}
EMBEDDING, READOUT = ModelPlace("embedding"), ModelPlace("readout")
_GIVEN = ModelPlace("inputs")
_APART = 1e-6  # of the largest number, or of 1


@dataclass(frozen=True)
class Around:
    """Partings at the embedding and at the readout, None where the models agree there.

    causes  of both; None where one of them has none that is known.
    """

    embedding: Parting | None
    readout: Parting | None
    causes: tuple[Cause, ...] | None


def compare_around(one: ReadModel, other: ReadModel, traced: Trace) -> Around:
    """Comparison of two models' embeddings, and of their readouts where both have one.

    traced  the run of the one, whose hidden states both readouts are given.
    """
    embedding = _parting(EMBEDDING, INPUTS, one.sequence.values, other.sequence.values, one)
    readout = _readout_parting(one, other, traced)
    findings: list[tuple[ModelPlace, Finding | None]] = []
    if embedding is not None:
        findings.append(_read_finding(one, other))
    if readout is not None:
        findings += ((READOUT, found) for found in _readout_findings(one, other))
    known = tuple(Cause(found, (place,)) for place, found in findings if found is not None)
    return Around(embedding, readout, known if len(known) == len(findings) else None)


def _read_finding(one: ReadModel, other: ReadModel) -> tuple[ModelPlace, Finding | None]:
    """Why two models read different numbers.

    Their embeddings differ, or live modules take what they are given in types of other precision.
    """
    if one.model.embedding is None and other.model.embedding is None:
        return _GIVEN, table_finding(one.sequence.values, other.sequence.values)
    return EMBEDDING, table_finding(one.model.embedding, other.model.embedding)


def table_finding(one: Array | None, other: Array | None) -> Finding | None:
    """The type that one of two different tables was rounded to; None where none explains it.

    >>> table = np.array([[0.1, 0.7, -0.3]])
    >>> table_finding(table, as_float16(table)).name
    'float16'
    """
    if one is None or other is None or one.shape != other.shape:
        return None
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    for faulty, fine, coarse in (("other", one, other), ("one", other, one)):
        facts = (("faulty", faulty), ("roles", "table"))
        for name, rounded in _ROUNDED.items():
            if is_same(rounded(fine), coarse, size_of(coarse)):
                return Finding(name, facts)
        if as_int8(fine, coarse) is not None:
            return Finding("int8", facts)
    return None


def _readout_parting(one: ReadModel, other: ReadModel, traced: Trace) -> Parting | None:
    mine, theirs = one.model.readout, other.model.readout
    if mine is None or theirs is None or mine.weights.shape != theirs.weights.shape:
        return None
    hidden = np.nan_to_num(top_hidden(traced))
    first, second = (apply_readout(each.model, hidden) for each in (one, other))
    is_probable = output_signal(mine.activation) == PROBABILITIES.name
    return _parting(READOUT, PROBABILITIES if is_probable else OUTPUTS, first, second, one)


def _readout_findings(one: ReadModel, other: ReadModel) -> Iterator[Finding | None]:
    """Findings about two readouts; a None stands for a difference without a known cause."""
    mine, theirs = one.model.readout, other.model.readout
    assert isinstance(mine, Readout)
    assert isinstance(theirs, Readout)
    if mine.activation != theirs.activation:
        facts = (("gate", "outputs"), ("one", mine.activation), ("other", theirs.activation))
        yield Finding("activation", facts)
    size = size_of(mine.weights, theirs.weights)
    if not is_same(mine.weights, theirs.weights, size):
        yield table_finding(mine.weights, theirs.weights)
    size = size_of(mine.bias, theirs.bias)
    if not is_same(mine.bias, theirs.bias, size):
        yield _bias_finding(mine.bias, theirs.bias)


def _bias_finding(one: Array, other: Array) -> Finding | None:
    size = size_of(one, other)
    for faulty, whole, came in (("other", one, other), ("one", other, one)):
        if not size_of(came):
            return Finding("bias_lost", (("faulty", faulty),))
        if is_same(2 * whole, came, size):
            return Finding("bias_doubled", (("faulty", faulty),))
    return table_finding(one[None], other[None])


def _parting(
    place: ModelPlace, signal: Signal, mine: Array, theirs: Array, reading: ReadModel
) -> Parting | None:
    """The first step at which two arrays (time, batch, number) differ."""
    real, size = reading.sequence.is_real, max(1.0, size_of(mine, theirs))
    gap = np.abs(theirs.astype(np.float64) - mine) * real[:, :, None]
    steps, rows, _ = np.nonzero(gap > _APART * size)
    if not len(steps):
        return None
    step, row = int(steps[0]), int(rows[0])
    unit = int(gap[step, row].argmax())
    token = reading.sequence.tokens[row][step]
    numbers = (float(mine[step, row, unit]), float(theirs[step, row, unit]))
    return Parting(-1, place, signal, step, row, unit, token, *numbers)
