"""JavaScript of every cell; tests/browser/test_engine.py runs it and compares it with NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.javascript.generate import step_source


@pytest.mark.parametrize("cell", rv.CELLS)
def test_every_cells_step_writes_every_signal(cell: str) -> None:
    source = step_source(rv.CELLS[cell])
    for signal in rv.CELLS[cell].signals:
        assert source.count(f"out_{signal.name}") > 1, signal.name


def test_a_signal_that_is_handed_on_unchanged_is_written() -> None:
    source = step_source(replace(rv.CELLS["rnn"], step=lambda x, h, state, gate, backend: state))
    assert "out_hidden.set(before_hidden);" in source


STEPS: dict[str, Callable[[Any, Any], Any]] = {
    "tanh": lambda hidden, backend: np.tanh(hidden),
    "subscriptable": lambda hidden, backend: hidden[..., ::-1],
    "backend.where": lambda hidden, backend: hidden if hidden > 0 else -hidden,
    "functions of one number": lambda hidden, backend: backend.softmax(hidden),
    "'sum'": lambda hidden, backend: hidden / hidden.sum(-1, keepdims=True),
    "place": lambda hidden, backend: 0.5,
}


@pytest.mark.parametrize("said", STEPS)
def test_a_step_that_cannot_be_written_says_where_to_look(said: str) -> None:
    cell = replace(
        rv.CELLS["rnn"],
        step=lambda x, h, state, gate, backend: {"hidden": STEPS[said](x["hidden"], backend)},
    )
    with pytest.raises(TypeError, match=f"The step of rnn .*{said}.*CONTRIBUTING.md, A cell, 4"):
        step_source(cell)
