"""A first guess of what arrays are, by their shapes alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.readers.likely_names import likely_names
from rnnviz.readers.mapping import check_names, mapping_slots
from rnnviz.readers.state_dict import import_arrays
from tests.readers.test_state_dict import drawn, hidden, state
from tests.witnesses import Array, assert_close, normal


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("is_turned", [False, True])
def test_torchs_layers_under_other_names_are_guessed_and_give_torchs_numbers(
    kind: str, is_turned: bool
) -> None:
    module = drawn(getattr(torch.nn, kind)(3, 7))
    arrays: dict[str, Array] = {
        f"array {i}": each.T if is_turned else each for i, each in enumerate(state(module).values())
    }
    arrays |= {"head": normal(2, 5), "head bias": normal(5)}
    cell, names = likely_names({name: array.shape for name, array in arrays.items()})
    assert len(names) == 4
    found = import_arrays(arrays, {"cell": cell}, source="a file", names=names)
    values = normal(4, 2, 3)
    wanted = module(torch.tensor(values))[0].detach().numpy()
    assert_close(hidden(found[0].model, values), wanted)


@pytest.mark.parametrize(("cell", "n"), [("lstm", 4), ("gru_reset_after", 3)])
def test_a_matrix_for_each_gate_is_guessed_in_the_order_of_the_file(cell: str, n: int) -> None:
    shapes = {f"W{i}": (7, 3) for i in range(n)} | {f"U{i}": (7, 7) for i in range(n)}
    shapes |= {f"b{i}": (7,) for i in range(n)}
    found, names = likely_names(shapes)
    assert found == cell
    assert [slot.partition(".")[2] for slot in names.values()] == ["x"] * n + ["h"] * n + ["b"] * n
    check_names(shapes, names, found)


def test_one_matrix_over_input_and_state_is_guessed() -> None:
    cell, names = likely_names({"kernel": (20, 8), "bias": (20,)})
    assert cell == "lstm"
    assert names["kernel"].endswith(".xh")


@settings(max_examples=150)
@given(
    st.dictionaries(
        st.text("abc", min_size=1, max_size=3),
        st.lists(st.integers(0, 12), max_size=3).map(tuple),
        max_size=12,
    )
)
def test_a_guess_always_makes_a_model_of_slots_that_the_dialog_offers(
    shapes: dict[str, tuple[int, ...]],
) -> None:
    cell, names = likely_names(shapes)
    assert bool(cell) == bool(names)
    if cell:
        check_names(shapes, names, cell)
        assert set(names.values()) <= set(mapping_slots(cell))
        arrays = {name: np.ones(shape) for name, shape in shapes.items()}
        assert import_arrays(arrays, {"cell": cell}, source="a file", names=names)
