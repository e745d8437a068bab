"""Contributions to one gate's preactivation at many steps, every summand in a row of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import fsum
from typing import Any

from rnnviz.analysis.contribution_terms import Term, TermKind
from rnnviz.analysis.contributions import Contributions, contributions
from rnnviz.engine.trace import Trace
from rnnviz.network.model import Model

_Key = tuple[str, str, str]
# Kinds of terms that depend on what is read; the others have rows of their own.
_PRODUCTS = ("symbol", "feature", "unit")


@dataclass(frozen=True)
class ContributionRows:
    """One gate of one unit at several steps.

    steps  the arithmetic of every step.
    rows   (row, step): the summands that are shown, in one order for all steps; None where a step
           has none such. Inputs come first, then units, biases last.
    rest   (step,): all other summands together, a Term of kind "other_units" where they are units
           of one state, else "other"; () where nothing is left.
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
    ranked: Iterable[int] | None = None,
) -> ContributionRows:
    """Summands of one gate's preactivation at these steps: n products, the rest, every bias.

    ranked  the steps at which sizes are compared, `times` by default.

    The products are the symbols of a one-hot text and else those that are largest on average.
    Biases, and what a layer normalisation adds, have rows of their own. Raises what `contributions`
    raises.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=9)
    >>> trace = rv.trace(model, [[0.5], [0.1]])
    >>> view = contribution_rows(model, trace, (0, 1), layer=0, gate="forget", unit=2)
    >>> len(view.rows), len(view.rest), view.rest[0].name
    (8, 2, '4')
    """
    place: dict[str, Any] = {"layer": layer, "unit": unit, "row": row, "gate": gate}
    steps = tuple(contributions(model, trace, time=time, **place) for time in times)
    found = [dict(_keyed(step.terms)) for step in steps]
    order = list(dict.fromkeys(key for terms in found for key in terms))
    compared = found
    if ranked is not None:
        sample = (contributions(model, trace, time=time, **place) for time in ranked)
        compared = [dict(_keyed(step.terms)) for step in sample]
    kept = _kept(compared, order, n)
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
    """Keys of the n products and of all that is none; all where one alone would be left over."""
    products = [key for key in order if key[0] in _PRODUCTS]
    if len(products) <= n + 1:
        return set(order)
    size = {key: fsum(abs(terms[key].value) for terms in found if key in terms) for key in products}
    ranked = sorted(products, key=lambda key: (key[0] != "symbol", -size[key]))
    return set(order) - set(ranked[n:])


def _rest(terms: dict[_Key, Term], kept: set[_Key]) -> Term:
    others = {key: term for key, term in terms.items() if key not in kept}
    states = {(kind, symbol) for kind, symbol, _ in others}
    is_one_state = [kind for kind, _ in states] == ["unit"]
    kind: TermKind = "other_units" if is_one_state else "other"
    return Term(kind, "", str(len(others)), (), fsum(term.value for term in others.values()))
