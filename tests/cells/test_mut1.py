"""MUT1 against its paper's formula, written out here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import rnnviz as rv
from tests.cells.test_contracts import SEQUENCE, layer
from tests.witnesses import BATCH, STEPS, UNIT, assert_close, normal, sigmoid

both = pytest.mark.parametrize("backend", ["numpy", "torch"])


@both
def test_mut1_is_the_formula_of_jozefowicz_from_a_random_state(backend: str) -> None:
    one = layer("mut1")
    w, h = one.weights, one.initial["hidden"]
    got = rv.trace(rv.Model((one,)), SEQUENCE, backend=backend)
    for t, x in enumerate(SEQUENCE.values):
        z = sigmoid(x @ w["update.x"].T + w["update.b"])
        r = sigmoid(x @ w["reset.x"].T + h @ w["reset.h"].T + w["reset.b"])
        u = np.tanh(x @ w["input_term.x"].T)
        n = np.tanh((r * h) @ w["candidate.h"].T + u + w["candidate.bh"])
        h = n * z + h * (1 - z)
        real = SEQUENCE.is_real[t]
        wanted = {"update": z, "reset": r, "input_term": u, "candidate": n, "hidden": h}
        for name, values in wanted.items():
            assert_close(got[name][t, real], values[real])


def test_with_inputs_of_the_state_s_size_and_the_identity_x_enters_as_its_tanh() -> None:
    """The paper's line as it stands: tanh(W_hh (r ⊙ h) + tanh(x) + b_h)."""
    square = {f"{gate}.x": normal(UNIT, UNIT, seed=9) for gate in ("update", "reset")}
    one = layer("mut1")
    one = replace(one, weights={**one.weights, **square, "input_term.x": np.eye(UNIT)})
    w, h = one.weights, one.initial["hidden"]
    values = normal(STEPS, BATCH, UNIT, seed=5)
    got = rv.trace(rv.Model((one,)), values)["hidden"]
    for t, x in enumerate(values):
        z = sigmoid(x @ w["update.x"].T + w["update.b"])
        r = sigmoid(x @ w["reset.x"].T + h @ w["reset.h"].T + w["reset.b"])
        candidate = np.tanh((r * h) @ w["candidate.h"].T + np.tanh(x) + w["candidate.bh"])
        h = candidate * z + h * (1 - z)
        assert_close(got[t], h)


def test_mut1_has_the_weights_of_the_paper_and_no_others() -> None:
    paper = {"update.x", "update.b", "reset.x", "reset.h", "reset.b", "candidate.h", "candidate.bh"}
    assert set(rv.CELLS["mut1"].params_by_name) == paper | {"input_term.x"}


def test_a_mut1_that_never_writes_stays_as_it_began() -> None:
    one = layer("mut1")
    never = {"update.x": 0.0, "update.b": -800.0}
    weights = {n: np.full(w.shape, never[n]) if n in never else w for n, w in one.weights.items()}
    hidden = rv.trace(rv.Model((replace(one, weights=weights),)), SEQUENCE)["hidden"]
    for values, real in zip(hidden, SEQUENCE.is_real, strict=True):
        assert_close(values[real], one.initial["hidden"][real])
