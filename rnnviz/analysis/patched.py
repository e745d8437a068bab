"""Results of patching: how much of one run's answer returns in another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnviz.analysis.answer_margin import AnswerMargin
from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.patched_runs import PatchedRuns, PatchSite
from rnnviz.analysis.started_as import started_as
from rnnviz.core.arrays import Array, read_only
from rnnviz.core.checks import is_one_of, shown
from rnnviz.core.figured import Figured
from rnnviz.core.libraries import optional_library
from rnnviz.engine.run import trace_model
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.formatting import token_label
from rnnviz.interventions.types import Clamp, Intervention, SetState
from rnnviz.network.layer import Layer

STATES = "states"
"""Name of all states together: of every layer, or of one unit."""


@dataclass(frozen=True, eq=False, repr=False)
class Patched(Figured):
    """Result of `rnnviz.patch`: how much of A's answer returns in B, a map step × signal.

    runs        what was run: `.one` is A, `.other` is B, `.time` the step whose answer is read.
    margin      of A's answer over B's: `.in_a`, `.in_b`.
    layer       whose signals are put in.
    signals     a column each: states, as the step starts from them, and gates.
    steps       a row each, counted from 0.
    units       that are put in; None for all.
    recovered   (step, signal): 0 where nothing of the margin returns, 1 where all of it does.
    flips       (step, signal), True where the answer itself is A's.
    all_states  (step,), with every state of every layer put in: 1 from the step on after which
                both runs read the same.
    none        with nothing put in: 0.
    """

    drawing: ClassVar[str] = "patched"
    runs: PatchedRuns
    margin: AnswerMargin
    layer: int
    signals: tuple[str, ...]
    steps: tuple[int, ...]
    units: tuple[int, ...] | None
    recovered: Array
    flips: Array
    all_states: Array
    none: float

    @property
    def answers(self) -> tuple[str, str]:
        """Names of A's answer and of B's, "" where there is none."""
        return self.margin.names

    @property
    def tokens(self) -> tuple[tuple[str, str], ...]:
        """A visible label of A's token and of B's, at each of `steps`."""
        rows = [run.sequence.tokens[0] for run in (self.runs.one, self.runs.other)]
        return tuple((token_label(rows[0][t]), token_label(rows[1][t])) for t in self.steps)

    @property
    def whole_state(self) -> str:
        """The signal that is all of the model's state, "" where several states make it up."""
        states = [name for layer in self.runs.model.layers for name in layer.cell.states]
        is_one = len(states) == 1 and states[0] in self.signals and self.units is None
        return states[0] if is_one else ""

    @property
    def alike_from(self) -> int:
        """The first step from which on both runs read the same."""
        one, other = (run.sequence.values[:, 0] for run in (self.runs.one, self.runs.other))
        differs = np.flatnonzero((one != other).any(axis=1))
        return int(differs[-1]) + 1 if len(differs) else 0

    @property
    def is_trained(self) -> bool:
        """False when the weights are random."""
        return self.runs.other.is_trained

    def __repr__(self) -> str:
        a, b = map(shown, self.answers)
        step, signal = np.unravel_index(np.argmax(self.recovered), self.recovered.shape)
        most = f"{self.recovered[step, signal]:.2f}"
        margin = f"“{a}” over “{b}”" if b else f"“{a}”"
        best = f"most by {self.signals[signal]} at step {self.steps[step]}, {most}"
        n_steps, n_signals = self.recovered.shape
        return f"<Patched: {n_steps} steps × {n_signals} signals, margin of {margin}: {best}>"

    def at(self, step: int) -> PatchedUnits:
        """How much returns with each unit alone, at one step.

        Raises InputError for a step that is not one of the run's.
        """
        check_index("time", step, len(self.runs.steps))
        layer = self.runs.model.layers[self.layer]
        names = (*self.signals, STATES)
        width = self.runs.one.layers[self.layer].n_units
        sites = [
            PatchSite(step, layer.cell.states if name == STATES else (name,), self.layer, (unit,))
            for name in names
            for unit in range(width)
        ]
        hidden = self.runs.hidden(sites)
        shape = (len(names), width)
        is_there = np.array([[u < _width(layer, name) for u in range(width)] for name in names])
        recovered = self.margin.recovered(hidden).reshape(shape)
        flips = self.margin.flips(hidden).reshape(shape) & is_there
        recovered = np.where(is_there, recovered, np.nan)
        return PatchedUnits(self, step, names, read_only(recovered), read_only(flips))

    def interventions(
        self, step: int, signal: str, unit: int | None = None
    ) -> tuple[Intervention, ...]:
        """What is done to the model in one of the runs, for `rv.trace(…, intervene=…)`.

        signal  one of `signals`, or "states": all states of every layer, or of the unit.
        unit    None for all that were put in.

        Raises InputError for a step, signal or unit that is not there.
        """
        check_index("time", step, self.runs.other.sequence.n_steps)
        if not is_one_of(signal, (*self.signals, STATES)):
            raise InputError(
                "The signals that were put in are {known}, but “{came}” was asked for.",
                known=", ".join((*self.signals, STATES)),
                came=shown(signal),
            )
        if unit is not None:
            check_index("unit", unit, self.runs.one.layers[self.layer].n_units)
        return tuple(self._interventions(step, signal, unit))

    def trace(self, step: int, signal: str, unit: int | None = None) -> Trace:
        """Trace of one of the runs: B with A's numbers put in; arguments as in `interventions`."""
        other = self.runs.other
        model = started_as(self.runs.model, other)
        return trace_model(model, other.sequence, intervene=self.interventions(step, signal, unit))

    def to_frame(self) -> Any:
        """A pandas table: a row for each step and signal, and for all states together.

        `step`, `signal`, `recovered`, and `flips`, whether the answer itself is A's.
        """
        pandas = optional_library("pandas")
        rows = [
            {"step": step, "signal": name, "recovered": share, "flips": flips}
            for i, step in enumerate(self.steps)
            for name, share, flips in zip(
                self.signals, self.recovered[i].tolist(), self.flips[i].tolist(), strict=True
            )
        ]
        return pandas.DataFrame(rows)

    def _interventions(self, step: int, signal: str, unit: int | None) -> Iterator[Intervention]:
        of_every_layer = signal == STATES and unit is None
        layers = range(len(self.runs.model.layers)) if of_every_layer else [self.layer]
        for number in layers:
            layer, traced = self.runs.model.layers[number], self.runs.one.layers[number]
            states = traced.before
            for name in states if signal == STATES else (signal,):
                width = _width(layer, name)
                chosen = (self.units or range(width)) if unit is None else (unit,)
                chosen = range(width) if of_every_layer else chosen
                for one in (one for one in chosen if one < width):
                    if name in states:
                        value = float(states[name][step, 0, one])
                        yield SetState(name, value, step, units=one, layer=number)
                    else:
                        value = float(traced.signals[name][step, 0, one])
                        yield Clamp(name, value, one, step, step + 1, number)


@dataclass(frozen=True, eq=False, repr=False)
class PatchedUnits(Figured):
    """Share of A's answer that returns in B with each unit alone, at one step.

    patched    the map that it belongs to.
    step       counted from 0.
    signals    a row each; the last, "states", is of all states of the unit together.
    recovered  (signal, unit), NaN where a signal has no such unit.
    flips      (signal, unit), True where the answer itself is A's.
    """

    drawing: ClassVar[str] = "patched"
    patched: Patched
    step: int
    signals: tuple[str, ...]
    recovered: Array
    flips: Array

    def __repr__(self) -> str:
        flips = dict(zip(self.signals, self.flips.sum(axis=1).tolist(), strict=True))
        told = ", ".join(f"{name} {count}" for name, count in flips.items())
        return f"<PatchedUnits at step {self.step}: units that flip the answer: {told}>"

    def to_frame(self) -> Any:
        """A pandas table, a row for each unit of each signal: `recovered`, and `flips`."""
        pandas = optional_library("pandas")
        signal, unit = np.nonzero(~np.isnan(self.recovered))
        return pandas.DataFrame(
            {
                "unit": unit,
                "signal": [self.signals[i] for i in signal],
                "recovered": self.recovered[signal, unit],
                "flips": self.flips[signal, unit],
            }
        )


def _width(layer: Layer, name: str) -> int:
    names = layer.cell.states if name == STATES else (name,)
    return max(map(layer.width, names))
