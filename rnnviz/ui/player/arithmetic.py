"""Arithmetic of the picked number at the player's step: every step's, so that none lags behind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from rnnviz.analysis.attribution import MemoryFlow, memory_flow
from rnnviz.analysis.contribution_rows import ContributionRows, contribution_rows
from rnnviz.analysis.contribution_terms import Term
from rnnviz.analysis.update import StateUpdate, state_update
from rnnviz.core.arrays import Array
from rnnviz.engine.trace import Trace
from rnnviz.errors import InputError
from rnnviz.figures.contributions import NEGATIVE, POSITIVE
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number, token_label
from rnnviz.network.model import Model
from rnnviz.ui.player.component import component
from rnnviz.ui.player.packet import pack_arrays

# Summands that are computed at once; of longer runs the steps around the cursor.
MOST_TERMS = 12_000
# Steps of a long run at which the sizes of summands are compared.
_MOST_COMPARED = 32
# b_x as bₓ.
_LOWERED = str.maketrans({"_": "", "x": "ₓ", "h": "ₕ"})
ARITHMETIC_WORDS = ("place", "sum", "waiting", "held", "untouched")
MEMORY_WORDS = (
    *("written", "initial", "by_hand"),
    *("only_written", "only_initial", "only_by_hand"),
    "caption",
)


def arithmetic(packet: bytes, *, key: str) -> None:
    """The arithmetic of `arithmetic_packet`, which follows the player of its group."""
    component("arithmetic")(data=packet, key=key)


def covered_steps(model: Model, trace: Trace, layer: int, step: int) -> range:
    """The steps whose arithmetic is sent together: all, or a part of a long run around a step."""
    one = model.layers[layer]
    size = max(1, MOST_TERMS // (one.n_inputs + one.n_hidden + 4))
    n_steps = trace.sequence.lengths[0]
    start = step // size * size
    return range(start, min(n_steps, start + size))


def arithmetic_packet(
    model: Model,
    trace: Trace,
    steps: range,
    *,
    layer: int,
    signal: str,
    unit: int,
    name: str,
    playhead: str,
    look: Look,
    untouched: Trace | None = None,
) -> bytes:
    """Packet of what made a number at each of these steps: a gate's sum, the state's equation.

    name       of the trace that the player has sent.
    untouched  the run without interventions, whose number stands beside this one.
    """
    traced = trace.layers[layer]
    place: dict[str, Any] = {"layer": layer, "unit": unit}
    gates = [gate.name for gate in traced.cell.gates]
    ranked = _compared_steps(trace, steps)
    rows = (
        contribution_rows(model, trace, steps, gate=signal, ranked=ranked, **place)
        if signal in gates
        else None
    )
    flow = _flow(trace, signal, **place)
    header = {
        "playhead": playhead,
        "trace": name,
        "signal": signal,
        "unit": unit,
        "first": trace.start,
        "start": steps.start,
        "stop": steps.stop,
        "backward": traced.direction == "backward",
        "title": _title(signal, look),
        "colour": look.colour(signal),
        "bars": [POSITIVE, NEGATIVE],
        "numbers": [format_number(_value(trace, signal, time, **place)) for time in steps],
        "before": [format_number(_value(untouched, signal, time, **place)) for time in steps]
        if untouched is not None and signal in untouched.layers[layer].signals
        else None,
        "rows": [_row(terms, look) for terms in _listed(rows)],
        "made": [one.text for one in rows.steps] if rows else [],
        "held": [one.is_clamped for one in rows.steps] if rows else [],
        "lines": [list(_lines(model, trace, time, look, **place)) for time in steps],
        "memory": _memory(flow, trace, look),
        "words": {word: look.word(f"arithmetic.{word}") for word in ARITHMETIC_WORDS},
    }
    return pack_arrays(header, _arrays(rows, flow))


def _compared_steps(trace: Trace, steps: range) -> range:
    """The steps whose sizes choose the rows: those of the whole run, so that no part has others."""
    n_steps = trace.sequence.lengths[0]
    return steps if len(steps) == n_steps else range(0, n_steps, -(-n_steps // _MOST_COMPARED))


def _flow(trace: Trace, signal: str, *, layer: int, unit: int) -> MemoryFlow | None:
    """The flow of the memory behind a state; None for a gate, and for a cell that keeps none."""
    if trace.layers[layer].cell.signal(signal).kind not in ("state", "intermediate"):
        return None
    try:
        return memory_flow(trace, unit, layer=layer)
    except InputError:
        return None


def _memory(flow: MemoryFlow | None, trace: Trace, look: Look) -> dict[str, Any] | None:
    if flow is None:
        return None
    return {
        "initial": flow.initial,
        "name": look.signal(flow.signal),
        "tokens": list(map(token_label, trace.sequence.tokens[0])),
        "words": {word: look.word(f"memory.{word}") for word in MEMORY_WORDS},
    }


def _listed(rows: ContributionRows | None) -> list[tuple[Term | None, ...]]:
    """All rows: inputs and units, then the rest, then the biases."""
    if rows is None:
        return []
    is_bias = [any(term and term.kind == "bias" for term in terms) for terms in rows.rows]
    first = [terms for terms, bias in zip(rows.rows, is_bias, strict=True) if not bias]
    last = [terms for terms, bias in zip(rows.rows, is_bias, strict=True) if bias]
    return [*first, *([rows.rest] if rows.rest else []), *last]


def _row(terms: Iterable[Term | None], look: Look) -> dict[str, Any]:
    """Labels of a row, one for all steps or one each, and what its numbers are made of."""
    labels = ["" if term is None else _label(term, look) for term in terms]
    made = ["" if term is None else " × ".join(map(format_number, term.factors)) for term in terms]
    return {"labels": labels[:1] if len(set(labels)) == 1 else labels, "made": made}


def _label(term: Term, look: Look) -> str:
    if term.kind == "feature":
        return term.name
    symbol = lowered(term.symbol)
    return look.word(f"arithmetic.{term.kind}", symbol=symbol, name=term.name, count=term.name)


def lowered(symbol: str) -> str:
    """Symbol with its index set low.

    >>> lowered("b_x"), lowered("h")
    ('bₓ', 'h')
    """
    return symbol.translate(_LOWERED) if "_" in symbol else symbol


def _arrays(rows: ContributionRows | None, flow: MemoryFlow | None) -> Iterable[Array]:
    for terms in _listed(rows):
        yield np.array([np.nan if term is None else term.value for term in terms])
    if rows is not None:
        yield np.array([one.preactivation for one in rows.steps])
    if flow is not None:
        yield from (flow.kept, flow.written, flow.by_hand)


def _lines(
    model: Model, trace: Trace, time: int, look: Look, *, layer: int, unit: int
) -> Iterable[str]:
    """A line for every state that is a sum of products, with this step's numbers."""
    for state in trace.layers[layer].cell.updates:
        yield _line(
            state_update(model, trace, layer=layer, state=state, time=time, unit=unit), look
        )


def _line(update: StateUpdate, look: Look) -> str:
    parts = [look.word(f"update.{t.name}", value=format_number(t.value)) for t in update.terms]
    return update.text + (f"\n{look.word('list.parts').join(parts)}" if len(parts) > 1 else "")


def _title(signal: str, look: Look) -> list[str]:
    """The words before and after the number, which the browser fills in."""
    before, _, after = look.word("arithmetic.title").partition("{number}")
    return [before, look.word(f"signal.{signal}"), after]


def _value(trace: Trace, signal: str, time: int, *, layer: int, unit: int) -> float:
    return float(trace.layers[layer].signals[signal][time, 0, unit])
