"""Comparison of runs: common columns, common rows, one scale a signal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np

from rnnviz.analysis.align import StepOrGap, align, align_values
from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.panels import INPUTS, Panel, Panels, panels, signal_names
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.formatting import token_label
from rnnviz.network.layer import Layer

# What is computed first stands first.
_GAP = "·"


@dataclass(frozen=True, eq=False)
class Comparison:
    """Panels of several runs on one time axis.

    names    of the runs.
    runs     their panels on the common time axis, NaN where a run has no step.
    signals  by name what at least two runs have, those of most runs first.
    tokens   what stands at every column: "a", or "a | b | ·" where the runs do not read the same.
    """

    names: tuple[str, ...]
    runs: tuple[Panels, ...]
    signals: tuple[str, ...]
    tokens: tuple[str, ...]

    @property
    def n_steps(self) -> int:
        """Columns of the time axis."""
        return len(self.tokens)

    def rows(self, run: int) -> tuple[Panel | str, ...]:
        """Panels of a run from top to bottom; the name alone where only other runs have the signal.

        What at least two runs have stands at the same height in all; what a run has alone follows.
        """
        named = {panel.signal.name: panel for panel in self.runs[run].panels}
        alone = tuple(panel for name, panel in named.items() if name not in self.signals)
        return tuple(named.get(name, name) for name in self.signals) + alone


def comparison(
    traces: Sequence[Trace],
    names: Sequence[str],
    signals: Iterable[str] | None = None,
    *,
    layer: int = 0,
    row: int = 0,
    order: str = "index",
    units: Iterable[int] | None = None,
    steps: Sequence[Sequence[StepOrGap]] | None = None,
) -> Comparison:
    """Comparison of runs on one time axis, signals matched by their names.

    signals       only these; by default all that any run has, an answer where all have one.
    order, units  as in `panels`; every run is ordered by its own activity.
    steps         for every run the step at each column, None for a gap; by default the tokens of
                  two runs are aligned (`align`), those of more stand step by step.

    Raises InputError for a signal that no run has, a name too few, and as `panels`.

    >>> import rnnviz as rv
    >>> traces = [rv.trace(rv.random_model(cell, 1, 2), [[0.5]]) for cell in ("mgu", "gru")]
    >>> comparison(traces, ["MGU", "GRU"]).signals
    ('hidden', 'candidate')
    """
    if len(names) != len(traces) or not traces:
        raise InputError(
            "Every run needs a name, but {n_runs} runs and {n_names} names came.",
            n_runs=len(traces),
            n_names=len(names),
        )
    for trace in traces:
        check_index("layer", layer, len(trace.layers))
        check_index("row", row, trace.sequence.n_rows)
    tokens = [trace.sequence.tokens[row] for trace in traces]
    columns = steps or _columns(tokens)
    wanted = _signals_of(traces, layer, None if signals is None else tuple(signals))
    units = None if units is None else tuple(units)
    views = [
        panels(t, _available(t, layer, wanted), layer=layer, row=row, order=order, units=units)
        for t in traces
    ]
    runs = [_on_columns(view, column) for view, column in zip(views, columns, strict=True)]
    return Comparison(
        tuple(names), with_shared_scales(runs), _matched(runs), _labels(tokens, columns)
    )


def _columns(tokens: Sequence[Sequence[str]]) -> list[tuple[StepOrGap, ...]]:
    if len(tokens) == 2:
        found = align(*tokens)
        return [found.one, found.other]
    longest = max(map(len, tokens))
    return [tuple(t if t < len(row) else None for t in range(longest)) for row in tokens]


def _labels(
    tokens: Sequence[Sequence[str]], columns: Sequence[Sequence[StepOrGap]]
) -> tuple[str, ...]:
    read = [_read(row, steps) for row, steps in zip(tokens, columns, strict=True)]
    there = zip_longest(*read, fillvalue=_GAP)
    return tuple(" | ".join(here if len(set(here)) > 1 else here[:1]) for here in there)


def _read(tokens: Sequence[str], steps: Sequence[StepOrGap]) -> list[str]:
    return [_GAP if step is None else token_label(tokens[step]) for step in steps]


def _on_columns(view: Panels, steps: Sequence[StepOrGap]) -> Panels:
    """Panels of a run on the common axis."""
    tokens = tuple("" if step is None else view.tokens[step] for step in steps)
    return replace(view, panels=tuple(_aligned(p, steps) for p in view.panels), tokens=tokens)


def _aligned(panel: Panel, steps: Sequence[StepOrGap]) -> Panel:
    held = None if panel.held is None else align_values(panel.held.astype(float), steps) == 1
    return replace(panel, values=align_values(panel.values, steps), held=held, targets=None)


def _available(trace: Trace, layer: int, rows: Iterable[str]) -> tuple[str, ...]:
    has = signal_names(trace, layer)
    return tuple(name for name in rows if name in has)


def _signals_of(
    traces: Sequence[Trace], layer: int, wanted: tuple[str, ...] | None
) -> tuple[str, ...]:
    has = [signal_names(trace, layer) for trace in traces]
    every = tuple(dict.fromkeys(name for names in has for name in names))
    for name in wanted or ():
        if name not in every:
            raise InputError(
                'These runs hold {signals}, but "{came}" was asked for.',
                signals=", ".join(every),
                came=name,
            )
    if wanted is not None:
        return wanted
    answers = {trace.output_signal for trace in traces if trace.output_names}
    unshared = {name for name in answers if not all(name in names for names in has)}
    return tuple(name for name in every if name not in unshared | {INPUTS.name})


def _matched(runs: Sequence[Panels]) -> tuple[str, ...]:
    """Signals of all runs first, then those of fewer but two; each in the order of the panels."""
    drawn = [panel.signal.name for run in runs for panel in run.panels]
    count = Counter(drawn)
    matched = [name for name in dict.fromkeys(drawn) if count[name] >= min(2, len(runs))]
    return tuple(sorted(matched, key=lambda name: -count[name]))


def with_shared_scales(runs: Sequence[Panels]) -> tuple[Panels, ...]:
    """Views with one range a signal: as far as it reaches in any of them."""
    lows: dict[str, float] = {}
    highs: dict[str, float] = {}
    for panel in (panel for run in runs for panel in run.panels):
        name = panel.signal.name
        lows[name] = min(panel.low, lows.get(name, panel.low))
        highs[name] = max(panel.high, highs.get(name, panel.high))
    return tuple(
        replace(
            run,
            panels=tuple(
                replace(p, low=lows[p.signal.name], high=highs[p.signal.name]) for p in run.panels
            ),
        )
        for run in runs
    )


def same_weights(one: Layer, other: Layer) -> bool:
    """True where both have the same matrices, and equal numbers wherever they share a weight.

    Runs then differ by the arithmetic of their cells, and by weights that only one has.

    >>> import rnnviz as rv
    >>> cells = ("gru", "gru_reset_after", "lstm")
    >>> gru, after, lstm = (rv.random_model(c, 3, 4, init="xavier").layers[0] for c in cells)
    >>> same_weights(gru, after), same_weights(gru, lstm)
    (True, False)
    """
    if _matrices(one) != _matrices(other):
        return False
    both = one.weights.keys() & other.weights.keys()
    return all(np.array_equal(one.weights[name], other.weights[name]) for name in both)


def _matrices(layer: Layer) -> set[str]:
    return {name for name in layer.weights if name.endswith((".x", ".h"))}
