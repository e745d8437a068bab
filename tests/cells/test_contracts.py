"""What every cell, every frozen thing and every error promises."""

from __future__ import annotations

import copy
import importlib
import pickle
import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import Any
from unicodedata import normalize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.core.arrays import Arrays, read_only
from rnnviz.core.cell import Cell
from tests.witnesses import (
    BATCH,
    INPUT,
    LENGTHS,
    PROJECTION,
    STEPS,
    UNIT,
    Array,
    assert_close,
    diagonal_layer,
    normal,
)

every_cell = pytest.mark.parametrize("cell", list(rv.CELLS))
SEQUENCE = rv.Sequence(normal(STEPS, BATCH, INPUT, seed=3), lengths=LENGTHS)


def layer(cell: str, scale: float = 1.0, seed: int = 0, dtype: Any = np.float64) -> rv.Layer:
    """Random weights and states of a cell, by the axes that its parameters name."""
    kind, sizes = rv.CELLS[cell], {"unit": UNIT, "input": INPUT, "projection": PROJECTION}
    weights = {
        param.name: (scale * normal(*(sizes[a] for a in param.axes), seed=seed + i)).astype(dtype)
        for i, param in enumerate(kind.params)
    }
    widths = {name: sizes[kind.signal(name).axis] for name in kind.states}
    states = {name: np.tanh(normal(BATCH, wide, seed=80)) for name, wide in widths.items()}
    return rv.Layer(cell, "forward", weights, within(kind, states))


def within(kind: Cell, states: dict[str, Array]) -> dict[str, Array]:
    """States within their signals' ranges: a normaliser is above 0."""
    return {n: abs(s) if kind.signal(n).low == 0 else s for n, s in states.items()}


def a_trace(cell: str = "lstm", **options: Any) -> rv.Trace:
    return rv.trace(rv.Model((layer(cell),)), SEQUENCE, **options)


@every_cell
def test_the_cell_file_opens_with_its_equations_and_cites_a_year(cell: str) -> None:
    kind = rv.CELLS[cell]
    docstring = importlib.import_module(f"rnnviz.cells.{cell}").__doc__ or ""
    assert kind.equations
    for equation in kind.equations:
        assert f"    {equation}\n" in docstring
    assert re.search(r"\b(19|20)\d\d\b", kind.source)


@every_cell
def test_every_equation_computes_a_signal_of_the_cell(cell: str) -> None:
    kind = rv.CELLS[cell]
    symbols = {signal.symbol for signal in kind.signals}
    computed = {equation.split("_t =")[0] for equation in kind.equations}
    drives = {normalize("NFC", f"{signal.symbol}\u0303") for signal in kind.signals}
    assert computed - drives == symbols


@every_cell
def test_gates_and_states_are_signals_and_names_are_unique(cell: str) -> None:
    kind = rv.CELLS[cell]
    names = [signal.name for signal in kind.signals]
    assert kind.name == cell
    assert len(set(names)) == len(names)
    assert {gate.name for gate in kind.gates} <= set(names)
    assert {signal.name for signal in kind.signals if signal.kind == "state"} == set(kind.states)
    assert set(kind.activations) <= {gate.name for gate in kind.gates}


@every_cell
def test_every_signal_is_traced_with_time_batch_and_its_axis(cell: str) -> None:
    signals = a_trace(cell).layers[0].signals
    assert list(signals) == [signal.name for signal in rv.CELLS[cell].signals]
    for signal in rv.CELLS[cell].signals:
        width = {"unit": UNIT, "projection": PROJECTION}[signal.axis]
        assert signals[signal.name].shape == (STEPS, BATCH, width)


@given(st.sampled_from(list(rv.CELLS)), st.integers(0, 10**6), st.sampled_from(["f4", "f8"]))
def test_every_signal_stays_in_its_range_however_large_the_weights(
    cell: str, seed: int, dtype: str
) -> None:
    model = rv.Model((layer(cell, 12, seed, dtype),))
    signals = rv.trace(model, SEQUENCE).layers[0].signals
    real = SEQUENCE.is_real
    for signal in rv.CELLS[cell].signals:
        values = signals[signal.name][real]
        assert np.isfinite(values).all()
        assert (values >= signal.low).all()
        assert (values <= signal.high).all()


@every_cell
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_numpy_and_torch_give_the_same_signals_and_drives(
    cell: str, dtype: Any, tolerance: float
) -> None:
    model = rv.Model((layer(cell, dtype=dtype),))
    one, other = (
        rv.trace(model, SEQUENCE, backend=backend, preactivations=True).layers[0]
        for backend in ("numpy", "torch")
    )
    for part in ("signals", "preactivations", "initial", "final"):
        for name, values in getattr(other, part).items():
            assert values.dtype == dtype
            assert_close(getattr(one, part)[name], values, tolerance)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_a_one_to_one_recurrence_multiplies_each_unit_by_its_own_weight(backend: str) -> None:
    """Written out: h_t = tanh(U x_t + w ⊙ h_{t-1} + b), Li et al. (2018), eq. 2."""
    start = np.tanh(normal(BATCH, UNIT, seed=8))
    one = diagonal_layer(initial={"hidden": start})
    w = one.weights
    hidden = rv.trace(rv.Model((one,)), SEQUENCE, backend=backend)["hidden"]
    before = start
    for t, x in enumerate(SEQUENCE.values):
        drive = x @ w["hidden.x"].T + w["hidden.b"] + w["hidden.h"] * before + w["hidden.bh"]
        before = np.tanh(drive)
        real = SEQUENCE.is_real[t]
        assert_close(hidden[t, real], before[real])


def test_a_one_to_one_recurrence_equals_a_full_one_with_that_diagonal() -> None:
    one = diagonal_layer()
    matrix = np.zeros((UNIT, UNIT))
    for unit, weight in enumerate(one.weights["hidden.h"]):
        matrix[unit, unit] = weight
    full = rv.Layer("rnn", "forward", {**one.weights, "hidden.h": matrix})
    wanted = rv.trace(rv.Model((full,)), SEQUENCE)["hidden"]
    assert_close(rv.trace(rv.Model((one,)), SEQUENCE)["hidden"], wanted)


THINGS: dict[str, Callable[[], Any]] = {
    "Sequence": lambda: SEQUENCE,
    "Layer": lambda: layer("lstm"),
    "Readout": lambda: rv.Readout(normal(2, UNIT), normal(2)),
    "Model": lambda: rv.Model((layer("gru"),), rv.Readout(normal(2, UNIT), normal(2))),
    "LayerTrace": lambda: a_trace(preactivations=True).layers[0],
    "Trace": lambda: a_trace(preactivations=True),
}
every_thing = pytest.mark.parametrize("name", THINGS)


def arrays_in(thing: Any) -> list[Array]:
    """Every array that hangs from a frozen thing, however deep."""
    if isinstance(thing, np.ndarray):
        return [thing]
    if isinstance(thing, Arrays):
        return list(thing.values())
    if isinstance(thing, tuple):
        return [array for part in thing for array in arrays_in(part)]
    if is_dataclass(thing):
        return [a for f in fields(thing) for a in arrays_in(getattr(thing, f.name))]
    return []


@every_thing
def test_no_field_and_no_array_of_a_frozen_thing_can_be_changed(name: str) -> None:
    thing = THINGS[name]()
    with pytest.raises(FrozenInstanceError):
        setattr(thing, fields(thing)[0].name, None)
    assert arrays_in(thing)
    for array in arrays_in(thing):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


@every_thing
@pytest.mark.parametrize("again", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy])
def test_pickling_and_copying_keep_every_number_and_the_read_only_flag(
    name: str, again: Callable[[Any], Any]
) -> None:
    thing = THINGS[name]()
    other = again(thing)
    assert type(other) is type(thing)
    for mine, its in zip(arrays_in(thing), arrays_in(other), strict=True):
        assert not its.flags.writeable
        assert mine.dtype == its.dtype
        np.testing.assert_array_equal(mine, its)


def test_named_arrays_refuse_a_new_name() -> None:
    arrays: Any = Arrays({"hidden": [0.5]})
    with pytest.raises(TypeError):
        arrays["cell"] = np.zeros(1)


def test_a_frozen_array_does_not_change_with_the_array_it_was_made_from() -> None:
    source = np.zeros(3)
    view = source[:]
    view.flags.writeable = False
    copies = [read_only(source), read_only(view), read_only(np.broadcast_to(source, (2, 3)))]
    source[:] = 7
    assert [array.max() for array in copies] == [0, 0, 0]


def test_an_array_that_is_frozen_already_comes_back_as_it_came() -> None:
    array = read_only(np.ones(3))
    assert read_only(array) is array
    assert read_only(part := array[1:]) is part


@pytest.mark.parametrize(
    "kind", [rv.RnnvizError, rv.InputError, rv.ModelError, rv.MissingLibraryError]
)
def test_every_error_survives_pickling_with_its_template_and_facts(kind: type) -> None:
    error = kind("Expected {wanted} rows but got {came}.", wanted=3, came="{two}")
    other = pickle.loads(pickle.dumps(error))
    assert type(other) is kind
    assert str(other) == "Expected 3 rows but got {two}."
    assert (other.template, other.facts) == (error.template, {"wanted": 3, "came": "{two}"})


def test_every_error_is_an_rnnviz_error_and_a_value_error() -> None:
    for kind in (rv.InputError, rv.ModelError, rv.MissingLibraryError):
        assert issubclass(kind, rv.RnnvizError)
    assert issubclass(rv.RnnvizError, ValueError)
