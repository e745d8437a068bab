"""Jacobians of one layer's steps: blocks by name, and all states joined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np

from rnnviz.analysis.linearised_step import INPUT
from rnnviz.core.arrays import Array, make_read_only
from rnnviz.core.checks import is_one_of, shown
from rnnviz.core.derivative_block import DerivativeBlock
from rnnviz.errors import InputError
from rnnviz.formatting import number_of
from rnnviz.network.layer import Direction


@dataclass(frozen=True, eq=False, repr=False)
class LayerJacobians:
    """Jacobians of one layer's steps.

    names     the states, in the order in which they are joined.
    widths    numbers of each state at one step.
    n_inputs  numbers the layer reads at one step.
    is_real   (time, batch), False at padding.
    blocks    by (state after, state before) or (state after, "x"), every step of every row below
              the other: (time · batch) rows; what is diagonal is kept as its diagonal.
    direction "forward", or "backward": the states before are then those of the token after.
    """

    names: tuple[str, ...]
    widths: tuple[int, ...]
    n_inputs: int
    is_real: Array
    blocks: Mapping[tuple[str, str], DerivativeBlock]
    direction: Direction = "forward"

    @cached_property
    def states(self) -> Array:
        """∂(states)/∂(states before), (time, batch, state, state before); padding is NaN.

        All states of the cell joined, in the order of `names`, at the places in `slices`.
        """
        return self._joined(self.names)

    @cached_property
    def inputs(self) -> Array:
        """∂(states)/∂x, (time, batch, state, input); padding is NaN."""
        return self._joined((INPUT,))

    @cached_property
    def slices(self) -> Mapping[str, slice]:
        """Places of each state among the joined ones."""
        ends = list(accumulate(self.widths, initial=0))
        pairs = zip(self.names, ends, ends[1:], strict=False)
        return {name: slice(start, stop) for name, start, stop in pairs}

    def of(self, after: str, before: str) -> Array:
        """One block, (time, batch, unit, unit before or input); padding is NaN.

        after   a state.
        before  a state, or "x" for what the layer reads.

        Raises InputError for another name.
        """
        for name, known in ((after, self.names), (before, (*self.names, INPUT))):
            if not is_one_of(name, known):
                raise InputError(
                    "There are derivatives of {states}, and by these and x, but “{came}” was asked"
                    " for.",
                    states=", ".join(self.names),
                    came=shown(name),
                )
        out = np.zeros((self.is_real.size, self._width(after), self._width(before)))
        self.blocks[after, before].write(out)
        return self._finished(out)

    def __repr__(self) -> str:
        time, batch = self.is_real.shape
        width, states = sum(self.widths), ", ".join(self.names)
        read = f"{number_of(time, 'step')}, {number_of(batch, 'row')}"
        return f"Jacobians of {states}: {read}, ({width}, {width}) and ({width}, {self.n_inputs})"

    def _width(self, name: str) -> int:
        return dict(zip(self.names, self.widths, strict=True)).get(name, self.n_inputs)

    def _joined(self, before: tuple[str, ...]) -> Array:
        widths = [self._width(name) for name in before]
        out = np.zeros((self.is_real.size, sum(self.widths), sum(widths)))
        ends = list(accumulate(widths, initial=0))
        for after, rows in self.slices.items():
            for name, start, stop in zip(before, ends, ends[1:], strict=False):
                self.blocks[after, name].write(out[:, rows, start:stop])
        return self._finished(out)

    def _finished(self, out: Array) -> Array:
        if not self.is_real.all():
            out[~self.is_real.reshape(-1)] = np.nan
        return make_read_only(out.reshape(*self.is_real.shape, *out.shape[1:]))
