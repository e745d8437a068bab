"""Files whose names tell nothing, read by the user's own: `names={"A": "forget.x", …}`."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.cells import CELLS
from rnnviz.readers.mapping import check_names, mapping_slots
from rnnviz.readers.slots import parse_slot
from rnnviz.readers.state_dict import import_arrays
from tests.readers.test_state_dict import drawn, hidden, state
from tests.witnesses import Array, assert_close, normal

X = normal(6, 2, 3)
ORDER = "input|forget|candidate|output"


@pytest.mark.parametrize("cell", sorted(CELLS))
@pytest.mark.parametrize("is_turned", [False, True])
def test_every_cell_is_read_by_the_slots_it_offers(cell: str, is_turned: bool) -> None:
    model = rv.random_model(cell, 3, 5, 2, bidirectional=True, dtype=np.float64)
    arrays: dict[str, Array] = {}
    names: dict[str, str] = {}
    for layer in model.layers:
        place = f"layer {layer.level} " if layer.level else ""
        place += "backward " if layer.direction == "backward" else ""
        for name, weight in layer.weights.items():
            key = f"array {len(arrays)}"
            arrays[key] = weight.T if is_turned else weight
            names[key] = f"{place}{name}"
    assert set(names.values()) <= set(mapping_slots(cell, 2, is_both=True))
    [found] = import_arrays(
        arrays,
        {"cell": cell, "orientation": ("unit_columns" if is_turned else "unit_rows")},
        source="a file",
        names=names,
    )
    assert_close(hidden(found.model, X), hidden(model, X), 0)
    check_names({name: array.shape for name, array in arrays.items()}, names, cell)


@settings(max_examples=60)
@given(
    n_inputs=st.integers(1, 9),
    n_units=st.integers(1, 7),
    is_turned=st.booleans(),
    form=st.sampled_from(["two", "xh", "hx"]),
    is_stated=st.booleans(),
)
def test_stacked_and_joined_matrices_are_torchs_lstm(
    n_inputs: int, n_units: int, is_turned: bool, form: str, is_stated: bool
) -> None:
    module = drawn(torch.nn.LSTM(n_inputs, n_units))
    own, end = state(module), ".T" if is_turned and is_stated else ""
    x, h = own["weight_ih_l0"], own["weight_hh_l0"]
    matrices = (
        {"x": x, "h": h}
        if form == "two"
        else {form: np.concatenate([x, h] if form == "xh" else [h, x], axis=1)}
    )
    arrays = {f"M{role}": m.T if is_turned else m for role, m in matrices.items()}
    names = {f"M{role}": f"{ORDER}.{role}{end}" for role in matrices}
    arrays |= {"b1": own["bias_ih_l0"][:, None], "b2": own["bias_hh_l0"][None]}
    names |= {"b1": f"{ORDER}.b", "b2": f"{ORDER}.bh"}
    [found] = import_arrays(arrays, {}, source="a file", names=names)
    values = normal(4, 2, n_inputs)
    wanted = module(torch.tensor(values))[0].detach().numpy()
    if {"orientation"} & {question.name for question in found.questions}:
        answer = "unit_columns" if is_turned else "unit_rows"
        [found] = import_arrays(arrays, {"orientation": answer}, source="a file", names=names)
    assert_close(hidden(found.model, values), wanted)


def test_square_matrices_of_one_gate_may_lie_either_way_and_are_asked_about() -> None:
    arrays = {"A": normal(4, 4, seed=1), "B": normal(4, 4, seed=2)}
    names = {"A": "hidden.x", "B": "hidden.h"}
    [found] = import_arrays(arrays, {}, source="a file", names=names)
    assert {"orientation", "activation"} == {question.name for question in found.questions}
    [turned] = import_arrays(arrays, {"orientation": "unit_columns"}, source="a file", names=names)
    assert_close(turned.model.layers[0].weights["hidden.x"], arrays["A"].T)
    stated = {"A": "hidden.x.T", "B": "hidden.h.T"}
    [stated_result] = import_arrays(arrays, {}, source="a file", names=stated)
    assert {question.name for question in stated_result.questions} == {"activation"}


UNKNOWN = {
    "P": normal(5, 3),
    "Q": normal(5, 5),
    "E": normal(7, 3),
    "R": normal(2, 5),
    "r": normal(2),
}


def test_the_errors_recipe_opens_the_file(tmp_path: Path) -> None:
    np.savez(tmp_path / "model.npz", **UNKNOWN)
    with pytest.raises(
        rv.MappingNeeded, match=r'P \(5, 3\).* names=\{"P": "forget.x", …\}'
    ) as caught:
        rv.read_model(tmp_path / "model.npz")
    assert caught.value.arrays == {name: array.shape for name, array in UNKNOWN.items()}
    assert pickle.loads(pickle.dumps(caught.value)).arrays == caught.value.arrays
    names = {"P": "hidden.x", "Q": "hidden.h", "E": "embedding", "R": "readout.V", "r": "readout.d"}
    answers = {"activation": "tanh", "readout_activation": "linear"}
    model = rv.read_model(tmp_path / "model.npz", names=names, **answers)
    hiddens, h = [], np.zeros((2, 5))
    for x in X:
        h = np.tanh(x @ UNKNOWN["P"].T + h @ UNKNOWN["Q"].T)
        hiddens.append(h)
    assert_close(hidden(model, X), np.stack(hiddens))
    assert_close(model.embedding, UNKNOWN["E"])
    assert_close(rv.trace(model, X).outputs, np.stack(hiddens) @ UNKNOWN["R"].T + UNKNOWN["r"])
    opened = rv.open_model(tmp_path / "model.npz", answers, names=names)
    assert opened.model.digest == model.digest


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ({"Z": "hidden.x"}, "the file has no such array"),
        ({"P": "hidden"}, r"A slot is spelled gate\.role"),
        ({"P": "hidden.y"}, r"A slot is spelled gate\.role"),
        ({"P": "nonsense.x"}, "the gates are candidate"),
        ({"P": "hidden.x", "Q": "hidden.x"}, "which another array holds already"),
        ({"P": "hidden.x", "R": "hidden.h"}, "should fit on each other"),
        ({"P": "hidden.x"}, "make none of the cells"),
        ({"P": "hidden.x", "Q": "hidden.h", "r": "hidden.b"}, "should fit on each other"),
        ({"E": "embedding"}, "should hold a recurrent layer"),
        ({"P": "x" * 10_000 + ".x"}, r"A slot is spelled gate\.role"),
    ],
)
def test_names_that_make_no_cell_are_refused_in_a_sentence(
    names: dict[str, str], sentence: str
) -> None:
    with pytest.raises(rv.ModelError, match=sentence):
        import_arrays(UNKNOWN, {}, source="a file", names=names)


def test_a_weight_that_two_arrays_hold_is_refused() -> None:
    arrays = {"P": UNKNOWN["P"], "Q": UNKNOWN["Q"], "a": normal(5), "b": normal(5)}
    names = {"P": "hidden.x", "Q": "hidden.h", "a": "hidden.b", "b": "hidden.b"}
    with pytest.raises(rv.ModelError, match="which another array holds already"):
        import_arrays(arrays, {}, source="a file", names=names)


def test_a_choice_is_checked_before_anything_is_read() -> None:
    shapes = {"P": (10**9, 10**6), "Q": (10**9, 10**9)}
    names = {"P": "hidden.x", "Q": "hidden.h"}
    check_names(shapes, names, "rnn")
    with pytest.raises(rv.ModelError, match=r"needs the weights .* but candidate\.h"):
        check_names(shapes, names, "lstm")
    with pytest.raises(rv.ModelError, match="No array has a slot yet"):
        check_names(shapes, {}, "lstm")


@given(st.text(max_size=40))
def test_any_spelling_is_a_slot_or_refused_in_a_sentence(spelling: str) -> None:
    try:
        slot = parse_slot(spelling)
    except rv.ModelError:
        return
    assert parse_slot(str(slot)) == slot


@pytest.mark.parametrize(
    "names", [{"first": 3}, {"first": None}, {"first": ["hidden.x"]}, ["first"]]
)
def test_names_of_another_type_are_answered_by_what_names_are(tmp_path: Path, names: Any) -> None:
    np.savez(tmp_path / "odd.npz", first=normal(5, 4), second=normal(5, 5))
    with pytest.raises(rv.ModelError, match=r"gate\.role|dictionary of arrays"):
        rv.read_model(tmp_path / "odd.npz", names=names)
