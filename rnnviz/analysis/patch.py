"""Activation patching through time: numbers of one run put into another.

J. Vig et al., "Investigating Gender Bias in Language Models Using Causal Mediation Analysis",
NeurIPS 2020; K. Meng, D. Bau, A. Andonian and Y. Belinkov, "Locating and Editing Factual
Associations in GPT", NeurIPS 2022; here over the steps of a recurrent network.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rnnviz.analysis.answer_margin import AnswerMargin
from rnnviz.analysis.chosen_output import output_number
from rnnviz.analysis.cursor import check_index
from rnnviz.analysis.made_by import check_made_by
from rnnviz.analysis.patched import Patched
from rnnviz.analysis.patched_runs import PatchedRuns, PatchSite
from rnnviz.analysis.trace_part import trace_part
from rnnviz.core.arrays import read_only
from rnnviz.core.checks import is_one_of, is_whole_number, items_of, shown
from rnnviz.engine.api import trace as trace_of
from rnnviz.engine.trace import Trace
from rnnviz.engine.wanted import check_model
from rnnviz.errors import InputError
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rnnviz.core.sequence import Sequence as Read


def patch(
    model: Model,
    a: Trace | Read | ArrayLike,
    b: Trace | Read | ArrayLike,
    *,
    output: int | str | None = None,
    against: int | str | None = None,
    time: int | None = None,
    layer: int = 0,
    signals: str | Iterable[str] | None = None,
    units: int | Sequence[int] | None = None,
    steps: int | Iterable[int] | None = None,
    row: int = 0,
) -> Patched:
    """How much of A's answer returns when a state, gate or unit of run A is put into run B.

        recovered = (m − m_B) / (m_A − m_B),   m the margin: 0 nothing returns, 1 all of it

    a, b     two runs of the model over equally many steps, or what `rv.trace` reads. b is without
             interventions, because it is run again for every step and signal.
    output, against  number or name: the margin is the score of one less that of the other, before
             the activation. By default the most probable output in A and that in B. Where outputs
             are no classes it is the value of one, by default the one that differs most.
    time     the step whose answer is looked at, by default the last.
    layer    counted as in `trace.layers`.
    signals  states, put in as a step starts from them (`rv.SetState`), and gates, as a step
             computes them (`rv.Clamp`); by default all of both.
    units    a unit's number or several; None for all.
    steps    at which something is put in; by default all up to `time`.
    row      of the batch, in both runs.

    Raises ModelError for what is no Model and for a run of another model, and InputError for runs
    of different lengths, for runs with the same answer, for a signal, unit, step, output, layer or
    row that is not there, and for more than can be run.

    >>> import rnnviz as rv
    >>> from rnnviz.train import preset
    >>> model = preset("brackets_lstm").model()
    >>> found = rv.patch(model, rv.parse("(([]"), rv.parse("()[]"))
    >>> found.answers
    ('2', '0')
    >>> found.signals
    ('hidden', 'cell', 'forget', 'input', 'candidate', 'output')
    >>> found.recovered.shape, found.all_states.round(3).tolist()[2:]
    ((4, 6), [1.0, 1.0])
    """
    check_model(model)
    one, other = (_run(model, given, row) for given in (a, b))
    _check_pair(one, other)
    check_index("layer", layer, len(model.layers))
    length = other.sequence.n_steps
    time = length - 1 if time is None else time
    check_index("time", time, length)
    margin = AnswerMargin.between(model, one, other, time, *_outputs(other, output, against))
    runs = PatchedRuns(model, one, other, time)
    names = _signals(model.layers[layer], signals)
    chosen = _steps(runs, steps)
    width = one.layers[layer].n_units
    return _patched(runs, margin, layer, names, chosen, _units(units, width))


def _run(model: Model, given: Any, row: int) -> Trace:
    """One row of a run, without its padding."""
    run = given if isinstance(given, Trace) else trace_of(model, given)
    check_made_by(model, run)
    return trace_part(run, row)


def _check_pair(one: Trace, other: Trace) -> None:
    lengths = [run.sequence.n_steps for run in (one, other)]
    if lengths[0] != lengths[1]:
        raise InputError(
            "Both runs need equally many steps, but A has {one} and B has {other}; cut or fill one"
            " of them.",
            one=lengths[0],
            other=lengths[1],
        )
    if other.interventions:
        raise InputError(
            "Run B is run again without interventions, but this one has some; trace it without"
            " intervene=…, or swap A and B."
        )


def _outputs(run: Trace, *given: int | str | None) -> tuple[int | None, ...]:
    return tuple(None if one is None else output_number(run, one) for one in given)


def _signals(layer: Layer, given: str | Iterable[str] | None) -> tuple[str, ...]:
    states = layer.cell.states
    known = (*states, *(g.name for g in layer.cell.gates if g.name not in states))
    chosen = known if given is None else tuple(items_of(given))
    for name in chosen:
        if not is_one_of(name, known):
            raise InputError(
                "The states and gates of {layer} are {known}, but “{came}” was asked for.",
                layer=layer.title,
                known=", ".join(known),
                came=shown(name),
            )
    if not chosen:
        raise InputError("At least one signal is put in; leave signals out for all of them.")
    return tuple(dict.fromkeys(chosen))


def _steps(runs: PatchedRuns, given: int | Iterable[int] | None) -> tuple[int, ...]:
    if given is None:
        return tuple(runs.steps)
    chosen = items_of(given)
    for step in chosen:
        if not (is_whole_number(step) and step in runs.steps):
            raise InputError(
                "Numbers are put in at steps from 0 to {last}, but {came} came.",
                last=runs.steps[-1],
                came=shown(step),
            )
    if not chosen:
        raise InputError("At least one step is looked at; leave steps out for all of them.")
    return tuple(sorted({int(step) for step in chosen}))


def _units(given: int | Sequence[int] | None, width: int) -> tuple[int, ...] | None:
    if given is None:
        return None
    chosen = items_of(given)
    for unit in chosen:
        check_index("unit", unit, width)
    if not chosen:
        raise InputError("At least one unit is put in; leave units out for all of them.")
    return tuple(sorted({int(unit) for unit in chosen}))


def _patched(
    runs: PatchedRuns,
    margin: AnswerMargin,
    layer: int,
    signals: tuple[str, ...],
    steps: tuple[int, ...],
    units: tuple[int, ...] | None,
) -> Patched:
    each = [PatchSite(step, (name,), layer, units) for step in steps for name in signals]
    whole = [PatchSite(step, layer=None) for step in steps]
    hidden = runs.hidden([*each, *whole, PatchSite(steps[0])])
    recovered, flips = margin.recovered(hidden), margin.flips(hidden)
    shape, count = (len(steps), len(signals)), len(each)
    return Patched(
        runs=runs,
        margin=margin,
        layer=layer,
        signals=signals,
        steps=steps,
        units=units,
        recovered=read_only(recovered[:count].reshape(shape)),
        flips=read_only(flips[:count].reshape(shape)),
        all_states=read_only(recovered[count:-1]),
        none=float(recovered[-1]),
    )
