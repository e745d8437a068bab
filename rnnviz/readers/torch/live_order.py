"""Whether what reaches a layer inside a module is the given steps, each in its own place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.errors import RnnvizError

Read = Callable[[Sequence], Array]
_MOST_PREFIXES = 128  # Each is a run of the module.


def reads_in_order(given: Sequence, values: Array, read: Read) -> bool:
    """True when the tokens of the given steps are proved to belong to a layer's steps.

    They are where all real steps differ and reach the layer as they are. Otherwise the module runs
    again on changed steps: each must reach the layer in its own place, and no other, or, as behind
    a causal layer, only later ones of its row.

    values  that reached the layer, (time, batch, feature), with as many real steps in every row.
    read    what reaches the layer when the module is given another Sequence.
    """
    if _says_only_numbers(given) or _is_as_given(given, values):
        return True
    ways = (_cells, _prefixes) if given.n_steps <= _MOST_PREFIXES else (_cells,)
    return any(
        all(_changes_just(where, other, given, values, read) for where in way(given))
        for other in _others(given)
        for way in ways
    )


def _says_only_numbers(given: Sequence) -> bool:
    numbers = replace(given, tokens=()).tokens
    return given.encoding == "values" and given.tokens == numbers


def _is_as_given(given: Sequence, values: Array) -> bool:
    if given.values.shape != values.shape:
        return False
    steps = given.values[given.is_real].astype(values.dtype)
    same = np.array_equal(steps, values[given.is_real])
    return same and len(np.unique(steps, axis=0)) == len(steps)


def _others(given: Sequence) -> Iterator[Array]:
    """Other values for every step; of a text another symbol, of numbers first some of their own."""
    if given.encoding == "one_hot":
        yield np.roll(given.values, 1, axis=2)
        return
    steps = given.values[given.is_real]
    low, high = steps.min(axis=0), steps.max(axis=0)
    yield np.where(given.values == high, np.where(low == high, high + 1, low), high)
    noise = np.random.default_rng(0).normal(size=given.values.shape)
    yield (given.values + noise).astype(given.values.dtype)


def _cells(given: Sequence) -> Iterator[Array]:
    """Masks (time, batch) by which every step of every row is told from all others."""
    numbers = np.arange(given.n_steps * given.n_rows).reshape(given.n_steps, given.n_rows)
    yield from _bits(numbers)


def _prefixes(given: Sequence) -> Iterator[Array]:
    """Masks by which a step is told from those behind it and from those of other rows."""
    steps, rows = np.indices((given.n_steps, given.n_rows))
    yield from (steps >= first for first in range(given.n_steps))
    yield from _bits(rows)


def _bits(numbers: Array) -> Iterator[Array]:
    yield np.ones(numbers.shape, bool)
    for k in range(int(numbers.max()).bit_length()):
        is_set = (numbers >> k) % 2 == 1
        yield is_set
        yield ~is_set


def _changes_just(where: Array, other: Array, given: Sequence, values: Array, read: Read) -> bool:
    """True when just these real steps change at the layer when they are others."""
    where = where & given.is_real
    changed = np.where(where[:, :, None], other, given.values)
    try:
        again = read(replace(given, values=changed))
    except RnnvizError:
        return False
    if again.shape != values.shape:
        return False
    return np.array_equal((again != values).any(axis=2) & given.is_real, where)
