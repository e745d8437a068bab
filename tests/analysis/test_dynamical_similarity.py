"""Dynamical similarity, with a stand-in for the package that computes it."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.dynamical_similarity import dynamical_similarity
from rnnviz.errors import MissingLibraryError


def runs(n_steps: int) -> list[rv.Trace]:
    values = np.random.default_rng(0).standard_normal((n_steps, 2))
    models = [rv.random_model(cell, 2, 4, n_layers=2) for cell in ("gru", "lstm")]
    return [rv.trace(model, values) for model in models]


def test_the_package_is_given_the_top_levels_hidden_states(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def stand_in(x: Any, y: Any, **options: Any) -> Any:
        asked.update(x=x, y=y, **options)
        return SimpleNamespace(fit_score=lambda: np.float64(0.25))

    monkeypatch.setitem(sys.modules, "DSA", SimpleNamespace(DSA=stand_in))
    a, b = runs(20)
    assert dynamical_similarity(a, b) == 0.25
    assert np.array_equal(asked["x"], a.layers[1].signals["hidden"][:, 0])
    assert np.array_equal(asked["y"], b.layers[1].signals["hidden"][:, 0])
    assert (asked["n_delays"], asked["rank"]) == (3, 4)
    with pytest.raises(rv.InputError, match="20 steps or more, but 19 came"):
        dynamical_similarity(*runs(19))


def test_without_the_package_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "DSA", None)
    with pytest.raises(MissingLibraryError, match="pip install dsa-metric"):
        dynamical_similarity(*runs(20))
