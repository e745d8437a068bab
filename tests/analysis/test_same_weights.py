"""Cells with the same weights: which they are, and that their first step cannot differ."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.compare import same_weights
from tests.witnesses import assert_close

ALIKE = {
    frozenset(pair)
    for pair in (
        ("gru", "gru_reset_after"),
        ("lstm", "lstm_layer_norm"),
        ("lstm", "slstm"),
        ("lstm_layer_norm", "slstm"),
    )
}


@pytest.mark.parametrize("init", ["xavier", "orthogonal"])
@pytest.mark.parametrize("pair", list(combinations(rv.CELLS, 2)), ids="-".join)
def test_cells_of_one_seed_are_alike_where_they_have_the_same_matrices(
    pair: tuple[str, str], init: str
) -> None:
    one, other = (rv.random_model(cell, 3, 5, seed=4, init=init).layers[0] for cell in pair)
    assert same_weights(one, other) is same_weights(other, one) is (frozenset(pair) in ALIKE)


def test_one_number_that_differs_is_enough() -> None:
    layer = rv.random_model("gru", 3, 5).layers[0]
    moved = dict(layer.weights)
    moved["update.b"] = np.nextafter(moved["update.b"], np.float32(9))
    assert same_weights(layer, layer)
    assert not same_weights(layer, replace(layer, weights=moved))


def test_both_kinds_of_gru_part_at_the_second_step_when_their_weights_are_the_same() -> None:
    values = np.random.default_rng(3).normal(size=(4, 1, 3))
    before, after = (
        rv.trace(
            rv.random_model(cell, 3, 5, seed=4, init="xavier", gain=3, dtype=np.float64), values
        )["candidate"]
        for cell in ("gru", "gru_reset_after")
    )
    assert_close(before[0], after[0])
    assert abs(before[1] - after[1]).max() > 1e-3
