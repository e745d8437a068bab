"""Runs with numbers of another run put in, many at once: a row for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.backend import get_backend
from rnnviz.core.cell import Signals
from rnnviz.core.gate_activations import Clamps
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.engine.layer_runner import LayerStep
from rnnviz.engine.linear import Linear
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.interventions.hooks import hook_name
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model

MAX_PATCH_PRODUCTS = 1e12
# Rows that are run together: enough for fast products, few enough to start late.
_ROWS = 128


@dataclass(frozen=True)
class PatchSite:
    """What is put from one run into another: signals of a layer at one step.

    signals  states as the step starts from them, and gates as it computes them.
    layer    None for all states of all layers.
    units    None for all.
    """

    step: int
    signals: tuple[str, ...] = ()
    layer: int | None = 0
    units: tuple[int, ...] | None = None

    def signals_of(self, layer: Layer, index: int) -> tuple[str, ...]:
        """Its signals in the layer with this number."""
        if self.layer is None:
            return layer.cell.states
        return self.signals if self.layer == index else ()


@dataclass(frozen=True, eq=False)
class PatchedRuns:
    """Runs of a model over one sequence, each with numbers of another run put in.

    one, other  runs of a single row over equally many steps; `one` gives the numbers, `other` is
                run again with them.
    time        the step whose hidden states are looked at.
    """

    model: Model
    one: Trace
    other: Trace
    time: int

    @one_thread()
    def hidden(self, sites: Sequence[PatchSite]) -> Array:
        """Hidden states of the top level at `time`, (site, unit), one run for each site.

        Raises InputError where the runs would take too long.
        """
        self._check_work(sites)
        order = sorted(range(len(sites)), key=lambda i: sites[i].step)
        found = np.empty((len(sites), self.model.n_outputs), self.model.dtype)
        for start in range(0, len(order), _ROWS):
            rows = order[start : start + _ROWS]
            found[rows] = self._together([sites[i] for i in rows])
        return found

    @cached_property
    def steps(self) -> range:
        """Steps whose numbers can act on the answer."""
        return range(self.time + 1 if self._is_forward else self.other.sequence.n_steps)

    @cached_property
    def _is_forward(self) -> bool:
        return all(layer.direction == "forward" for layer in self.model.layers)

    def _check_work(self, sites: Sequence[PatchSite]) -> None:
        weights = sum(array.size for layer in self.model.layers for array in layer.weights.values())
        left = [len(self.steps) - (site.step if self._is_forward else 0) for site in sites]
        if weights * sum(left) > MAX_PATCH_PRODUCTS:
            raise InputError(
                "To run {count} patched runs of this model would take too long; patch fewer steps,"
                " as with steps=range({first}, {last}), or fewer signals.",
                count=len(sites),
                first=max(0, self.time - 9),
                last=self.time + 1,
            )

    def _together(self, sites: list[PatchSite]) -> Array:
        steps = range(sites[0].step, self.steps.stop) if self._is_forward else self.steps
        values: Array = self.other.sequence.values[steps.start : steps.stop].astype(
            self.model.dtype
        )
        number = 0
        for level in self.model.levels:
            numbers = range(number, number + len(level))
            # What grows beyond the type is looked at where the answer is.
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                hidden = [self._layers[i].hidden(values, sites, steps) for i in numbers]
            values = np.concatenate(hidden, axis=2)
            number += len(level)
        found: Array = values[self.time - steps.start]
        return found

    def __getstate__(self) -> dict[str, Any]:
        # Steps compute with functions, which are made again where it is unpickled.
        return {name: value for name, value in vars(self).items() if name != "_layers"}

    @cached_property
    def _layers(self) -> list[_PatchedLayer]:
        return [
            _PatchedLayer(
                layer,
                index,
                LayerStep(Linear.of(layer, get_backend("numpy"), self.model.dtype)),
                _numbers(self.one, index),
                _numbers(self.other, index),
            )
            for index, layer in enumerate(self.model.layers)
        ]


def _numbers(run: Trace, index: int) -> Signals:
    """States as each step starts from them, and gates, (time, unit)."""
    traced = run.layers[index]
    gates = {gate.name: traced.signals[gate.name] for gate in traced.cell.gates}
    return {name: array[:, 0] for name, array in (gates | traced.before).items()}


@dataclass(frozen=True, eq=False)
class _PatchedLayer:
    layer: Layer
    index: int
    step: LayerStep
    one: Signals
    other: Signals

    def hidden(self, values: Array, sites: list[PatchSite], steps: range) -> Array:
        """Hidden states (time, site, unit) of the steps, from what is read, (time, row, input)."""
        products = self.step.linear.inputs(values)
        order = steps if self.layer.direction == "forward" else steps[::-1]
        shape, first = (len(sites),), order[0]
        state = {
            name: np.repeat(self.other[name][first][None], len(sites), axis=0)
            for name in self.layer.cell.states
        }
        out = np.empty((len(steps), *shape, self.layer.n_hidden), values.dtype)
        for t in order:
            at = t - steps.start
            x = {g: np.broadcast_to(p[at], (*shape, p.shape[2])) for g, p in products.items()}
            clamps = self._put_in(t, sites, state)
            state = dict(self.step(x, state, clamps)[0])
            out[at] = state["hidden"]
        return out

    def _put_in(self, t: int, sites: list[PatchSite], state: dict[str, Array]) -> Clamps:
        """Clamps of step t; the states are changed in place."""
        clamps: dict[str, tuple[tuple[Array, Array], ...]] = {}
        for name, mask in self._masks(t, sites):
            if name in self.layer.cell.states:
                state[name] = np.where(mask, self.one[name][t], state[name])
            else:
                clamps[hook_name(self.layer, name)] = ((mask, self.one[name][t]),)
        return clamps

    def _masks(self, t: int, sites: list[PatchSite]) -> Iterator[tuple[str, Array]]:
        """Signals that are put in at step t, and where, (site, unit)."""
        masks: dict[str, Array] = {}
        for row, site in enumerate(sites):
            if site.step != t:
                continue
            for name in site.signals_of(self.layer, self.index):
                wide = self.layer.width(name)
                mask = masks.setdefault(name, np.zeros((len(sites), wide), bool))
                units = range(wide) if site.units is None else site.units
                mask[row, [unit for unit in units if unit < wide]] = True
        yield from masks.items()
