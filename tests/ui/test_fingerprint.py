"""What the app keeps is named by what values hold, not by what they print."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.ui.fingerprint import fingerprint
from rnnviz.ui.result_cache import ResultCache
from rnnviz.ui.url import File
from tests.witnesses import normal

MODEL = rv.random_model("lstm", n_inputs=3, n_units=40, seed=1)
# More numbers than NumPy prints.
SEQUENCE = rv.Sequence(normal(400, 2, 3, seed=1))


@dataclass(frozen=True)
class Nested:
    """A choice with a value inside."""

    inside: tuple[Any, ...]


def changed_weight() -> rv.Model:
    weights = {name: np.array(one) for name, one in MODEL.layers[0].weights.items()}
    weights["forget.h"][20, 20] += 1
    return replace(MODEL, layers=(replace(MODEL.layers[0], weights=weights),))


def changed_number() -> rv.Sequence:
    values = np.array(SEQUENCE.values)
    values[200, 1, 1] += 1
    return replace(SEQUENCE, values=values)


@pytest.mark.parametrize(
    ("one", "other"), [(MODEL, changed_weight()), (SEQUENCE, changed_number())]
)
def test_what_prints_alike_and_holds_other_numbers_has_another_name(one: Any, other: Any) -> None:
    assert repr(one) == repr(other)
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one) == fingerprint(replace(one))
    nested = [Nested(({"a": [each]},)) for each in (one, other)]
    assert len(set(map(fingerprint, nested))) == 2


def test_a_cache_keeps_a_result_for_each_model_and_each_sequence() -> None:
    traced = []

    @ResultCache(budget=10**7).cached
    def hidden(model: rv.Model, sequence: rv.Sequence) -> np.ndarray:
        traced.append((model, sequence))
        return rv.trace(model, sequence)["hidden"]

    models, sequences = (MODEL, changed_weight(), MODEL), (SEQUENCE, changed_number())
    results = [hidden(model, sequence) for model in models for sequence in sequences]
    assert len(traced) == 4
    wanted = [rv.trace(y, x)["hidden"] for y in models for x in sequences]
    np.testing.assert_array_equal(results, wanted)
    assert len({array.tobytes() for array in results}) == 4


def test_values_of_other_types_parts_or_orders_have_other_names() -> None:
    one, beside = File("a.csv", b"1"), File("b.csv", b"1")
    values: list[Any] = [
        *(1, 1.0, True, "1", b"1", None, "None", (1,), [1], (1, 1), ((1,), 1), range(1)),
        *(np.zeros(4), np.zeros(4, "f4"), np.zeros((2, 2)), np.float64(0), np.int64(0)),
        *({"a": 1, "b": 2}, {"b": 2, "a": 1}, frozenset({1}), frozenset({"1"})),
        *(one, beside, File("a.csv", b"2"), File("a.csv", b"1", (beside,)), Nested((1,))),
    ]
    names = [fingerprint(value) for value in values]
    assert not [
        pair for pair in combinations(range(len(names)), 2) if names[pair[0]] == names[pair[1]]
    ]
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint({1, 2}) == fingerprint({2, 1})


def test_what_does_not_tell_what_it_holds_is_refused() -> None:
    for value in (object(), lambda: 1, np.array([object()]), rv.InputError):
        with pytest.raises(TypeError, match="kept by what its arguments hold"):
            fingerprint((value,))
