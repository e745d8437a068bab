"""The library's calls say alike what was wanted, what came and what to do."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv

MODEL = rv.random_model("gru", 2, 3, n_outputs=2)
INPUTS = np.random.default_rng(0).normal(size=(6, 2))
TRACE = rv.trace(MODEL, INPUTS)
ODD: dict[str, Any] = {
    "none": None,
    "text": "nothing",
    "module": torch.nn.LSTM(2, 3),
    "array": np.zeros((0, 2)),
    "number": math.nan,
}
OF_MODEL: dict[str, Callable[[Any], Any]] = {
    "attribute": lambda one: rv.attribute(one, INPUTS),
    "connectivity": lambda one: rv.connectivity(one, TRACE, output=0),
    "continuations": lambda one: rv.continuations(one, "a", 1),
    "fixed_points": rv.fixed_points,
    "gradients": lambda one: rv.gradients(one, INPUTS, np.zeros(6, int)),
    "jacobians": lambda one: rv.jacobians(one, TRACE),
    "lyapunov": lambda one: rv.lyapunov(one, TRACE),
    "patch": lambda one: rv.patch(one, TRACE, TRACE),
    "phase_portrait": rv.phase_portrait,
    "record": lambda one: rv.record(one, INPUTS, "never"),
    "run_eigenvalues": lambda one: rv.run_eigenvalues(one, TRACE),
    "write": lambda one: rv.write(one, "a", 1),
}
OF_TRACE: dict[str, Callable[[Any], Any]] = {
    "connectivity": lambda one: rv.connectivity(MODEL, one, output=0),
    "health": rv.health,
    "jacobians": lambda one: rv.jacobians(MODEL, one),
    "lyapunov": lambda one: rv.lyapunov(MODEL, one),
    "run_eigenvalues": lambda one: rv.run_eigenvalues(MODEL, one),
    "show": rv.show,
    "similarity": lambda one: rv.similarity(TRACE, one),
    "trajectories": rv.trajectories,
}
BY_NUMBER: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "attribute output": ("output", lambda n: rv.attribute(MODEL, INPUTS, output=n)),
    "attribute row": ("row", lambda n: rv.attribute(MODEL, INPUTS, row=n)),
    "attribute time": ("step", lambda n: rv.attribute(MODEL, INPUTS, time=n)),
    "connectivity output": ("output", lambda n: rv.connectivity(MODEL, TRACE, output=n)),
    "connectivity unit": ("unit", lambda n: rv.connectivity(MODEL, TRACE, unit=n)),
    "fixed_points layer": ("layer", lambda n: rv.fixed_points(MODEL, layer=n)),
    "lyapunov layer": ("layer", lambda n: rv.lyapunov(MODEL, TRACE, layer=n)),
    "patch layer": ("layer", lambda n: rv.patch(MODEL, TRACE, TRACE, layer=n)),
    "show step": ("step", lambda n: rv.show(TRACE, MODEL, step=n)),
    "trajectories layer": ("layer", lambda n: rv.trajectories(TRACE, layer=n)),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", OF_MODEL)
def test_a_model_is_wanted(name: str, odd: str) -> None:
    kind = type(ODD[odd]).__name__
    with pytest.raises(rv.ModelError, match=f"^A Model is wanted, but {kind} came; read a module"):
        OF_MODEL[name](ODD[odd])


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", OF_TRACE)
def test_a_trace_is_wanted(name: str, odd: str) -> None:
    kind = type(ODD[odd]).__name__
    with pytest.raises(rv.InputError, match=f"^A Trace is wanted, but {kind} came; give what rv"):
        OF_TRACE[name](ODD[odd])


@pytest.mark.parametrize("number", [-1, 10**9, True, 1.5, math.nan, [], np.zeros((2, 2))])
@pytest.mark.parametrize("name", BY_NUMBER)
def test_what_is_not_there_is_named_with_what_is(name: str, number: Any) -> None:
    axis, call = BY_NUMBER[name]
    with pytest.raises(rv.InputError, match=f"^The trace has no {axis} .*: it has .*from 0"):
        call(number)


@pytest.mark.parametrize("name", [name for name in BY_NUMBER if name.endswith("output")])
def test_an_output_that_has_no_such_name_is_told_the_names(name: str) -> None:
    with pytest.raises(rv.InputError, match=r"^The outputs are y0, y1, but “nothing” was asked"):
        BY_NUMBER[name][1]("nothing")


def test_fixed_points_are_wanted_where_they_are_drawn() -> None:
    wanted = r"^Fixed points are wanted, but ndarray came; give what rv\.fixed_points"
    with pytest.raises(rv.InputError, match=wanted):
        rv.trajectories(TRACE, points=np.zeros((2, 3)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "odd", [None, "nothing", math.nan, np.zeros((6, 0, 2)), torch.nn.RNN(1, 1)]
)
def test_what_is_no_sequence_is_not_recorded(odd: Any) -> None:
    with pytest.raises(rv.InputError):
        rv.record(MODEL, odd, "never")


@pytest.mark.parametrize("odd", [None, 1.5, TRACE])
def test_a_folder_is_a_path(odd: Any) -> None:
    with pytest.raises(rv.InputError, match=r"^folder should be a path, .*, but .* came"):
        rv.record(MODEL, INPUTS, odd)


@pytest.mark.parametrize("odd", ["half a float", -1, [1.5], np.ones(2)])
def test_weights_are_of_two_types(odd: Any) -> None:
    with pytest.raises(rv.ModelError, match=r"^dtype should be float32 or float64, but"):
        rv.random_model("gru", 1, 2, dtype=odd)
