"""One sentence a step: what was read, what a unit did with its memory, what the answer became."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from rnnviz.analysis.answer import Answer
from rnnviz.analysis.unit_steps import UnitStep, before_and_after, unit_steps
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Cell
from rnnviz.engine.trace import Trace
from rnnviz.formatting import format_number, token_label
from rnnviz.i18n import word

# Numbers of a step that a sentence can still name one by one.
_MAX_NAMED = 3


def step_sentences(
    trace: Trace,
    units: Array,
    *,
    layer: int = 0,
    row: int = 0,
    view: Answer | None = None,
    language: str = "en",
) -> tuple[str, ...]:
    """A sentence for every step, about one unit each (time,), in the order of the tokens.

    view  the network's answers, whose change ends the sentence; random weights have none to tell.

    Every number is of the trace: the step's input, the unit's memory before and after, the share
    that was kept and what was written, whose sum it is. Raises InputError as `unit_steps`.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=3, n_units=2, seed=1)
    >>> trace = rv.trace(model, rv.parse("aba"))
    >>> print(step_sentences(trace, np.array([1, 1, 1]))[1])
    Reads “b”: unit 1 keeps 57 % of its memory h = 0.09 and writes 0.08: now h = 0.13.
    """
    told = answer_phrases(view, language) if view is not None else ()
    steps = unit_steps(trace, units, layer=layer, row=row)
    return tuple(
        word(
            "sentence.step",
            language,
            head=_head(trace, layer, row, step.step, language),
            unit=unit_phrase(step, trace.layers[layer].cell, language),
            answer=_joined(told, step.step, language),
        )
        for step in steps
    )


def unit_sentences(
    trace: Trace, units: Array, *, layer: int = 0, row: int = 0, language: str = "en"
) -> tuple[str, ...]:
    """A sentence for every step on what one unit does, alone, as `step_sentences` says it.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("rnn", n_inputs=1, n_units=2), [[0.5]])
    >>> unit_sentences(trace, np.array([0]))
    ('unit 0 goes from h = 0 to h = 0.30.',)
    """
    cell = trace.layers[layer].cell
    steps = unit_steps(trace, units, layer=layer, row=row)
    return tuple(_alone(step, cell, language) for step in steps)


def _alone(step: UnitStep, cell: Cell, language: str) -> str:
    return word("sentence.alone", language, unit=unit_phrase(step, cell, language))


def telling_sentences(
    trace: Trace, units: Array, *, layer: int = 0, row: int = 0, language: str = "en"
) -> tuple[str, ...]:
    """A sentence for every step on the unit that changed most, as `changed_most` names it.

    Where even its numbers look the same before and after, the sentence says that.

    >>> import rnnviz as rv
    >>> trace = rv.trace(rv.random_model("rnn", n_inputs=1, n_units=2), [[0.5]])
    >>> telling_sentences(trace, np.array([0]))
    ('Changed most: unit 0 goes from h = 0 to h = 0.30.',)
    """
    before, after = before_and_after(trace, layer=layer, row=row)
    steps, cell = unit_steps(trace, units, layer=layer, row=row), trace.layers[layer].cell
    return tuple(
        word("sentence.still", language, unit=step.unit)
        if _looks_same(was[step.unit], now[step.unit]) and _looks_same(step.before, step.after)
        else word("sentence.most", language, sentence=_alone(step, cell, language))
        for step, was, now in zip(steps, before, after, strict=True)
    )


def _looks_same(before: float, after: float) -> bool:
    return _number(float(before)) == _number(float(after))


def unit_phrase(step: UnitStep, cell: Cell, language: str = "en") -> str:
    """Words for what a unit does with its memory at a step.

    >>> from rnnviz.cells import CELLS
    >>> step = UnitStep(0, 7, "cell", before=0.5, after=-0.2, kept=0.26, written=-0.33)
    >>> unit_phrase(step, CELLS["lstm"])
    'unit 7 forgets 74 % of its memory c = 0.50 and writes −0.33: now c = −0.20'
    """
    symbol = cell.signal(step.state).symbol
    facts = {
        "unit": word("sentence.unit", language, unit=step.unit),
        "before": f"{symbol} = {_number(step.before)}",
        "after": f"{symbol} = {_number(step.after)}",
    }
    if step.is_silenced:
        return word("sentence.silenced", language, **facts)
    if step.kept is None or step.written is None:
        said = word("sentence.goes", language, **facts)
    else:
        kind, share = _kept_in_words(step, language)
        facts |= {"share": share, "written": _number(step.written)}
        said = word(f"sentence.{kind}", language, **facts)
    return said + "".join(_remarks(step, language))


def _kept_in_words(step: UnitStep, language: str) -> tuple[str, str]:
    """The key of the sentence that is true of this share, and the share as it says it."""
    kept = step.kept
    assert kept is not None
    if step.before == 0:
        return "empty", ""
    if not 0 <= kept <= 1:
        return "multiplies", _number(kept)
    if kept in (0, 1):
        return ("forgets_all", "keeps_all")[int(kept)], ""
    return (
        ("forgets", _share(1 - kept, language)) if kept < 0.5 else ("keeps", _share(kept, language))
    )


def _remarks(step: UnitStep, language: str) -> Iterator[str]:
    if step.is_set:
        yield word("sentence.set", language)
    if step.held:
        names = word("list.names", language).join(
            word(f"signal.{name}", language) for name in step.held
        )
        yield word("sentence.held", language, names=names)


def _head(trace: Trace, layer: int, row: int, step: int, language: str) -> str:
    """Words for what is read at a step, by which layer and from which end."""
    traced, what = trace.layers[layer], _what_is_read(trace, row, step, language)
    if traced.level:
        return word("sentence.above", language, what=what, layer=traced.level + 1)
    kind = "reads" if traced.direction == "forward" else "reads_back"
    return word(f"sentence.{kind}", language, what=what)


def _what_is_read(trace: Trace, row: int, step: int, language: str) -> str:
    sequence = trace.sequence
    label = token_label(sequence.tokens[row][step])
    if sequence.encoding != "values":
        return word("sentence.token", language, token=label)
    values = [_number(float(value)) for value in sequence.values[step, row]]
    if len(values) > _MAX_NAMED:
        return word("sentence.numbers", language, count=len(values))
    named = [f"{name} = {value}" for name, value in zip(sequence.features, values, strict=True)]
    said = values[0] if len(values) == 1 else ", ".join(named)
    return word("sentence.values", language, values=said)


def answer_phrases(view: Answer, language: str = "en") -> tuple[str, ...]:
    """The answer at every step and, where it can be compared, what it was before.

    Nothing is told of random weights, and nothing is compared where an answer knows what comes.

    >>> from rnnviz import parse, trace
    >>> from rnnviz.analysis.answer import answer
    >>> from rnnviz.train import preset
    >>> run = trace(preset("brackets_lstm").model(), parse("((", kind="characters"))
    >>> answer_phrases(answer(run, "brackets"))
    ('answer “1” >99 %', 'answer “1” (>99 %) → “2” (>99 %)')
    """
    if not view.is_trained:
        return ()
    return tuple(_answer_phrase(view, step, language) for step in range(view.n_steps))


def _answer_phrase(view: Answer, step: int, language: str) -> str:
    now = view.values[step]
    before = view.values[step - 1] if step and not view.reads_ahead else None
    if view.kind in ("numbers", "labels"):
        return _change(view, _most_changed(now, before), now, before, language)
    best = int(now.argmax())
    if view.kind == "next":
        token, share = token_label(view.names[best]), _share(now[best], language)
        return word("sentence.expects", language, name=token, share=share)
    if before is None or before.argmax() == best:
        return _change(view, best, now, before, language)
    was = int(before.argmax())
    return word(
        "sentence.turns",
        language,
        was=view.names[was],
        was_share=_share(before[was], language),
        name=view.names[best],
        share=_share(now[best], language),
    )


def _change(view: Answer, output: int, now: Array, before: Array | None, language: str) -> str:
    text = _number if view.kind == "numbers" else partial(_share, language=language)
    facts = {"name": view.names[output], "now": text(float(now[output]))}
    if before is None:
        return word("sentence.says", language, **facts)
    was = text(float(before[output]))
    kind = "stays" if was == facts["now"] else "moves"
    return word(f"sentence.{kind}", language, was=was, **facts)


def _most_changed(now: Array, before: Array | None) -> int:
    return int(np.abs(now if before is None else now - before).argmax())


def _joined(told: tuple[str, ...], step: int, language: str) -> str:
    return word("sentence.answer", language, answer=told[step]) if told else ""


def _share(share: float, language: str) -> str:
    """A share in whole percents; nothing is rounded to certainty or to nothing."""
    percents = round(100 * float(share))
    is_rounded = (percents == 100 and share < 1) or (percents == 0 and share > 0)
    sign = (">" if percents else "<") if is_rounded else ""
    whole = {100: 99, 0: 1}[percents] if is_rounded else percents
    return word("answer.percent", language, n=f"{sign}{whole}")


def _number(value: float) -> str:
    """Two decimals, more of a small number."""
    if 0.01 <= abs(value) < 1000:
        return f"{value:.2f}".replace("-", "−")
    return f"{value:.1g}".replace("-", "−") if 1e-4 <= abs(value) < 0.01 else format_number(value)
