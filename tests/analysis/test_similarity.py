"""Similarity of two runs' states: the formulas written out, torch's nuclear norm, every order."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.analysis.similarity import ComparedState, Similarity
from rnnviz.figures.similarity import figure
from rnnviz.figures.theme import Look
from tests.witnesses import Array, normal

LENGTHS = (9, 5)
SEQUENCE = rv.Sequence(normal(9, 2, 3, seed=5), lengths=LENGTHS)


def network(cell: str, units: int, seed: int, **options: Any) -> rv.Model:
    return rv.random_model(cell, 3, units, seed=seed, gain=2, dtype=np.float64, **options)


def centred(trace: rv.Trace, place: ComparedState) -> Array:
    layer = next(
        one for one in trace.layers if (one.level, one.direction) == (place.level, place.direction)
    )
    steps = [layer.signals[place.state][:length, row] for row, length in enumerate(LENGTHS)]
    states = np.concatenate(steps)
    return np.asarray(states - states.mean(axis=0))


def cka(x: Array, y: Array) -> float:
    """Kornblith et al. 2019, eq. 3 by its Gram matrices: HSIC over the root of both with itself."""
    gram, other = x @ x.T, y @ y.T
    return float((gram * other).sum() / np.sqrt((gram**2).sum() * (other**2).sum()))


def normed(x: Array, width: int) -> Array:
    return np.pad(x / np.linalg.norm(x), ((0, 0), (0, width - x.shape[1])))


def procrustes(x: Array, y: Array) -> float:
    """Schönemann 1966: ‖X‖² + ‖Y‖² − 2 ‖Xᵀ Y‖_*, by torch's nuclear norm."""
    product = torch.tensor(normed(x, x.shape[1]).T @ normed(y, y.shape[1]))
    return float(2 - 2 * torch.linalg.matrix_norm(product, "nuc")) ** 0.5


@pytest.mark.parametrize("cell", rv.CELLS)
def test_cka_and_procrustes_are_the_formulas_for_every_cell(cell: str) -> None:
    a = rv.trace(network(cell, 4, 1, n_layers=2), SEQUENCE)
    b = rv.trace(network("lstm", 6, 2, direction="both"), SEQUENCE)
    found = rv.similarity(a, b)
    assert found.n_steps == sum(LENGTHS)
    assert found.cka.shape == (2 * len(a.layers[0].cell.states), 4)
    for i, one in enumerate(found.a):
        for j, other in enumerate(found.b):
            x, y = centred(a, one), centred(b, other)
            assert found.cka[i, j] == pytest.approx(cka(x, y), abs=1e-12)
            assert found.procrustes[i, j] == pytest.approx(procrustes(x, y), abs=1e-12)


def test_no_other_turn_brings_the_states_nearer() -> None:
    a = rv.trace(network("gru", 3, 1), SEQUENCE)
    b = rv.trace(network("rnn", 5, 2), SEQUENCE)
    found = rv.similarity(a, b)
    x, y = (normed(centred(one, found.a[0]), 5) for one in (a, b))
    turns = [np.linalg.qr(normal(5, 5, seed=seed))[0] for seed in range(200)]
    assert found.procrustes[0, 0] < min(np.linalg.norm(x @ turn - y) for turn in turns)


def test_chance_is_the_mean_over_all_orders_of_the_steps() -> None:
    sequence = rv.Sequence(normal(6, 1, 3, seed=5))
    a, b = (rv.trace(network("gru", units, units), sequence) for units in (2, 4))
    x, y = (one["hidden"][:, 0] - one["hidden"][:, 0].mean(axis=0) for one in (a, b))
    every = [cka(x, y[list(order)]) for order in permutations(range(6))]
    assert rv.similarity(a, b).chance[0, 0] == pytest.approx(np.mean(every), abs=1e-12)


def test_a_network_whose_units_stand_in_another_order_is_the_same() -> None:
    model = network("gru", 5, 3)
    order = np.array([3, 0, 4, 1, 2])
    layer = model.layers[0]
    turned = {
        name: weights[order][:, order] if name.endswith(".h") else weights[order]
        for name, weights in layer.weights.items()
    }
    a = rv.trace(model, SEQUENCE)
    b = rv.trace(replace(model, layers=(replace(layer, weights=turned),)), SEQUENCE)
    found = rv.similarity(a, b)
    assert found.cka[0, 0] == pytest.approx(1, abs=1e-12)
    assert found.procrustes[0, 0] == pytest.approx(0, abs=1e-12)


def test_a_state_that_never_changes_has_no_likeness() -> None:
    model = network("lstm", 4, 1)
    still = rv.trace(model, SEQUENCE, intervene=[rv.Clamp("output", 0)])
    found = rv.similarity(rv.trace(model, SEQUENCE), still)
    assert np.isnan(found.cka[:, 0]).all()
    assert np.isnan(found.procrustes[:, 0]).all()
    assert np.isfinite(found.cka[:, 1]).all()
    assert figure(found, Look())["data"][0]["text"][0][0] == "– (–)"


def test_large_states_do_not_overflow() -> None:
    a = rv.trace(network("rnn", 4, 1), SEQUENCE)
    grown = tuple(
        replace(one, signals=dict(one.signals) | {"hidden": one.signals["hidden"] * 1e300})
        for one in a.layers
    )
    assert rv.similarity(a, replace(a, layers=grown)).cka[0, 0] == pytest.approx(1, abs=1e-12)


def test_its_table_and_figure_name_both_states() -> None:
    a, b = (rv.trace(network("lstm", 4, seed, n_layers=2), SEQUENCE) for seed in (1, 2))
    found = rv.similarity(a, b)
    table = found.to_frame()
    assert len(table) == 16
    row = table.query("level_a == 1 and state_a == 'cell' and level_b == 0 and state_b == 'hidden'")
    place = found.a.index(ComparedState(1, "forward", "cell"))
    assert row.cka.item() == found.cka[place, 0]
    assert row.chance.item() == found.chance[place, 0]
    assert row.procrustes.item() == found.procrustes[place, 0]
    drawn = found.figure(language="zh", names=("前", "后"))
    assert drawn.layout.xaxis.title.text == "后"
    assert "4 × 4 states, 14 steps" in repr(found)
    assert isinstance(found, Similarity)


def test_what_cannot_be_compared_is_refused() -> None:
    model = network("gru", 4, 1)
    trace = rv.trace(model, SEQUENCE)
    other = rv.trace(model, rv.Sequence(normal(9, 2, 3, seed=6), lengths=LENGTHS))
    short = rv.trace(model, SEQUENCE.values[:2, :1])
    broken = replace(
        trace,
        layers=tuple(
            replace(one, signals=dict(one.signals) | {"hidden": one.signals["hidden"] * np.inf})
            for one in trace.layers
        ),
    )
    refused: list[tuple[Any, Any, str]] = [
        (trace, other, "read different ones"),
        (trace, short, "read different ones"),
        (short, short, "3 steps or more, but 2 came"),
        (trace, broken, "should be finite"),
        (trace, model, "but Model"),
        (None, trace, "NoneType came"),
    ]
    for a, b, said in refused:
        with pytest.raises(rv.RnnvizError, match=said):
            rv.similarity(a, b)


def test_text_is_compared_by_its_tokens_whatever_encodes_it() -> None:
    before, after = (rv.random_model("gru", 3, 4, seed=seed) for seed in (1, 2))
    embedded = replace(after, embedding=normal(5, 3), vocabulary=tuple("abcde"))
    a, b = rv.trace(before, rv.parse("abcab")), rv.trace(embedded, rv.parse("abcab"))
    assert rv.similarity(a, b).n_steps == 5
