"""Faults planted in a model are named, each by its own name and no other."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz import Model
from tests.doctor.faults import BOTH, DEEP, FAULTS, GRU, LSTM, RNN, Pair, planted, set_otherwise
from tests.doctor.planted import network, with_blocks, with_layer
from tests.witnesses import Array, normal

VALUES = normal(9, 2, 4, seed=7)


def values_for(model: Model) -> Array:
    return normal(9, 2, model.n_inputs, seed=7)


@pytest.mark.parametrize("turned", [False, True], ids=["", "the other way round"])
@pytest.mark.parametrize(("name", "make"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_named(name: str, make: Callable[[], Pair], turned: bool) -> None:
    pair = make()[::-1] if turned else make()
    found = rv.diff(*pair, values_for(pair[0]))
    assert sorted(found.cause.split(", ")) == sorted(name.split(", "))
    assert found.left is not None
    assert found.left < 1e-6
    assert not found.is_same


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_every_order_of_gates_is_undone(order: tuple[int, ...]) -> None:
    pair = planted(BOTH, lambda s: with_blocks(s, order))
    found = rv.diff(*pair, VALUES)
    if order == (0, 1, 2, 3):
        assert found.is_same
        return
    (cause,) = found.causes
    torch_gates = ("input", "forget", "candidate", "output")
    # The block that stands where torch has a gate is another gate's.
    places = {torch_gates[block]: torch_gates[at] for at, block in enumerate(order)}
    said = dict(move.split(":") for move in cause.finding.fact("moves").split())
    assert said == {gate: place for gate, place in places.items() if gate != place}
    assert len(cause.places) == 2


def test_the_frameworks_of_a_mistaken_order_are_named() -> None:
    (cause,) = rv.diff(*planted(LSTM, lambda s: with_blocks(s, (0, 3, 1, 2))), VALUES).causes
    assert {cause.finding.fact("stored"), cause.finding.fact("read")} == {"torch", "onnx"}


def test_what_no_known_cause_explains_is_described_without_one() -> None:
    def disturbed(state: dict[str, Array]) -> dict[str, Array]:
        # The third unit's recurrent weights of the update gate in the second layer.
        state["weight_hh_l1"][6 + 2] += 0.5
        return state

    found = rv.diff(*planted(DEEP, disturbed), normal(9, 1, 6))
    assert (found.causes, found.left, found.is_same) == ((), None, False)
    place = found.parting
    assert place is not None
    # Before the first step the state is 0: the second is the first to feel them.
    assert (place.layer, place.step, place.signal.name, place.unit) == (1, 1, "update", 2)
    assert [(each.name, round(each.largest, 6)) for each in found.others] == [("update.h", 0.5)]
    assert "update.h" in str(found)


def test_a_cause_in_one_layer_is_not_named_while_another_layer_is_unexplained() -> None:
    def disturbed(state: dict[str, Array]) -> dict[str, Array]:
        state["weight_hh_l1"][0] += 0.5
        return state

    found = rv.diff(*planted(LSTM, lambda s: with_blocks(s, (1, 0, 2, 3)), disturbed), VALUES)
    assert not found.causes


def test_a_clip_parts_where_the_first_sum_reaches_it() -> None:
    weights = {n: np.asarray(a, float) for n, a in rv.from_torch(RNN).layers[0].weights.items()}
    values, h = normal(30, 4, seed=5) * np.linspace(0.1, 2, 30)[:, None], np.zeros(6)
    drives = np.zeros((30, 6))
    for t, x in enumerate(values):
        recurrent = weights["hidden.h"] @ h + weights["hidden.bh"]
        drives[t] = weights["hidden.x"] @ x + weights["hidden.b"] + recurrent
        h = np.tanh(drives[t])
    clip = 1.001 * float(np.abs(drives[:10]).max())
    step = int((np.abs(drives) > clip).any(axis=1).argmax())
    assert step >= 10
    found = rv.diff(*set_otherwise(RNN, clip=clip), values).parting
    assert found is not None
    assert (found.step, found.signal.name) == (step, "hidden")
    assert found.unit == (np.abs(drives[step]) > clip).argmax()
    assert found.one == pytest.approx(np.tanh(drives[step, found.unit]), abs=1e-12)
    assert abs(found.other) == pytest.approx(np.tanh(clip), abs=1e-12)


def test_settings_that_are_not_felt_are_told_and_do_not_part() -> None:
    found = rv.diff(*set_otherwise(GRU, clip=1e6), VALUES)
    assert found.is_same
    assert [cause.finding.name for cause in found.unfelt] == ["clip"]
    assert "not the same model" in str(found)
    both = rv.from_torch(GRU), with_layer(rv.from_torch(GRU), clip=1e6, direction="backward")
    found = rv.diff(*both, VALUES)
    assert found.cause == "direction"
    assert [cause.finding.name for cause in found.unfelt] == ["clip"]


def test_growth_is_the_difference_of_what_torch_gives() -> None:
    module, twin = network("GRU").double(), network("GRU", seed=1).double()
    found = rv.diff(rv.from_torch(module), rv.from_torch(twin), VALUES)
    with torch.no_grad():
        one, other = (each(torch.tensor(VALUES))[0].numpy() for each in (module, twin))
    np.testing.assert_allclose(found.growth(0), np.abs(other - one).max(axis=(1, 2)), atol=1e-12)
