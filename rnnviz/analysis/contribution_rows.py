"""Contributions to one gate's preactivation at many steps, every summand in a row of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import fsum

from rnnviz.analysis.contribution_terms import Term
from rnnviz.analysis.contributions import Contributions, contributions
from rnnviz.engine.trace import Trace
from rnnviz.network.model import Model

_Key = tuple[str, str, str]


@dataclass(frozen=True)
class ContributionRows:
    """One gate of one unit at several steps.

    steps  the arithmetic of every step.
    rows   (row, step): the summands that are shown, in one order for all steps; None where a step
           has none such. Inputs come first, then units, biases last.
    rest   (step,): all other summands together, a Term of kind "other"; () where nothing is left.
    """

    steps: tuple[Contributions, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    rest: tuple[Term, ...]


def contribution_rows(
    model: Model,
    trace: Trace,
    times: Iterable[int],
    *,
    layer: int,
    gate: str,
    unit: int,
    row: int = 0,
    n: int = 6,
) -> ContributionRows:
    """Summands of one gate's preactivation at these steps, n rows of them and the rest.

    The rows are the symbols of a one-hot text and else those that are largest on average. Raises
    what `contributions` raises.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=9)
    >>> trace = rv.trace(model, [[0.5], [0.1]])
    >>> view = contribution_rows(model, trace, (0, 1), layer=0, gate="forget", unit=2)
    >>> len(view.rows), len(view.rest), view.rest[0].name
    (6, 2, '6')
    """
    place = {"layer": layer, "unit": unit, "row": row}
    steps = tuple(contributions(model, trace, gate=gate, time=time, **place) for time in times)
    found = [dict(_keyed(step.terms)) for step in steps]
    order = list(dict.fromkeys(key for terms in found for key in terms))
    kept = _kept(found, order, n)
    rows = tuple(tuple(terms.get(key) for terms in found) for key in order if key in kept)
    if len(kept) == len(order):
        return ContributionRows(steps, rows, ())
    return ContributionRows(steps, rows, tuple(_rest(terms, kept) for terms in found))


def _keyed(terms: Iterable[Term]) -> Iterator[tuple[_Key, Term]]:
    """Terms by what they are at every step: the first symbol that is read, the second, …"""
    n_symbols = 0
    for term in terms:
        if term.kind == "symbol":
            yield (term.kind, term.symbol, str(n_symbols)), term
            n_symbols += 1
        else:
            yield (term.kind, term.symbol, term.name), term


def _kept(found: list[dict[_Key, Term]], order: list[_Key], n: int) -> set[_Key]:
    """Keys of the n rows; all where one alone would be left over."""
    if len(order) <= n + 1:
        return set(order)
    size = {key: fsum(abs(terms[key].value) for terms in found if key in terms) for key in order}
    ranked = sorted(order, key=lambda key: (key[0] != "symbol", -size[key]))
    return set(ranked[:n])


def _rest(terms: dict[_Key, Term], kept: set[_Key]) -> Term:
    others = [term.value for key, term in terms.items() if key not in kept]
    return Term("other", "", str(len(others)), (), fsum(others))
