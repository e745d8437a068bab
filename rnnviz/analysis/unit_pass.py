"""One pass of a model over what it reads, in which everything about its units is gathered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnnviz.analysis.unit_controls import Shifts
from rnnviz.analysis.unit_fit import held_out_parts
from rnnviz.analysis.unit_stream import UnitStream
from rnnviz.analysis.unit_sums import UnitSums
from rnnviz.analysis.unit_tops import UnitTops
from rnnviz.core.arrays import Array, make_read_only
from rnnviz.errors import ModelError

MAX_KEPT_BYTES = 256_000_000
# Half of one byte's numbers: a state v is kept as v/(1 + |v|), which keeps its order and sign.
KEPT_SCALE = 127


@dataclass(frozen=True, eq=False)
class UnitPass:
    """What a pass has gathered.

    parts  sums of the part to choose on, and of the held-out part.
    tops   the highest and the lowest numbers of every unit, and where.
    kept   (time, unit), states in one byte each; None where they are too many to keep.
    """

    parts: tuple[UnitSums, UnitSums]
    tops: UnitTops
    kept: Array | None


@dataclass(frozen=True, eq=False)
class ReadKinds:
    """What is read at each step: ids of tokens (time,), or numbers by window.

    n_kinds  different tokens, or numbers of a step.
    """

    stream: UnitStream
    ids: Array | None
    n_kinds: int

    @staticmethod
    def of(stream: UnitStream) -> ReadKinds:
        """What a stream reads."""
        tokens = stream.tokens
        if tokens is None:
            return ReadKinds(stream, None, len(stream.rows[0].features))
        return ReadKinds(stream, tokens.ids, len(tokens.tokens))

    def window(self, start: int, stop: int) -> Array:
        """Ids (step,) or numbers (step, kind)."""
        return self.stream.values(start, stop) if self.ids is None else self.ids[start:stop]


def unit_pass(
    stream: UnitStream,
    shifts: Shifts,
    kinds: ReadKinds,
    progress: Callable[[float], object],
    n_steps: int | None = None,
) -> UnitPass:
    """Pass over the first `n_steps` steps, all by default."""
    total = n_steps or stream.n_steps
    part, kept, tops = held_out_parts(total), _to_keep(stream, total), UnitTops.empty()
    sums: list[list[UnitSums]] = [[], []]
    origin = None
    for start, states in stream.windows():
        states = states[: total - start]
        stop = start + len(states)
        _check_size(stream, states)
        # Counted from near their mean, squares lose nothing to rounding.
        origin = states.mean(axis=0) if origin is None else origin
        tops = tops.with_window(start, states)
        if kept is not None:
            kept[start:stop] = np.rint(states * (KEPT_SCALE / (1 + np.abs(states))))
        columns = shifts.window(start, stop).astype(states.dtype), kinds.window(start, stop)
        for number, so_far in enumerate(sums):
            here = part[start:stop] == number
            if here.any():
                of_part = [array[here] for array in (states - origin, *columns)]
                window = UnitSums.of(of_part[0], of_part[1], of_part[2], kinds.n_kinds)
                so_far[:] = [sum(so_far, start=window)]
        progress(stop / total)
        if stop == total:
            break
    return UnitPass((sums[0][0], sums[1][0]), tops, None if kept is None else make_read_only(kept))


def _check_size(stream: UnitStream, states: Array) -> None:
    # Squares of larger numbers, summed, leave the range of their type.
    if np.abs(states).max() > np.finfo(states.dtype).max ** 0.4:
        raise ModelError(
            "The states of {layer} grow too large to be compared; use smaller weights or another"
            " activation.",
            layer=stream.model.layers[stream.layer].title,
        )


def _to_keep(stream: UnitStream, total: int) -> Array | None:
    width = stream.n_units
    return np.zeros((total, width), np.int8) if total * width <= MAX_KEPT_BYTES else None
