"""Symptoms are named where they are planted, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.i18n import LANGUAGES, error_message
from rnnviz.train.presets import Preset, presets

VALUES = np.random.default_rng(2).normal(size=(40, 4, 3))
every_cell = pytest.mark.parametrize("cell", rv.CELLS)
PLANTED: dict[str, Mapping[str, float]] = {
    "nan": {"first_nan.forget.step": 3, "first_nan.forget.row": 0, "first_nan.forget.unit": 7},
    "nan_inputs": {
        "first_nan.inputs.step": 3,
        "first_nan.inputs.row": 0,
        "first_nan.inputs.unit": 7,
    },
    "nan_weights": {"weights.nan": 0.25},
    "exploding_state": {"cell.growth": 50},
    "exploding_gradient": {"gradient.growth": 1e4},
    "unchanged_weights": {"weights.change": 0, "weights.updates": 200},
    "dead_units": {"hidden.dead": 0.75},
    "closed_forget_gate": {"cell.forgotten": 1},
    "saturated_gates": {"forget.closed": 0.5, "forget.open": 0.45},
    "saturated_units": {"candidate.saturated": 1},
}


def kinds(numbers: Mapping[str, float]) -> list[str]:
    return [symptom.kind for symptom in rv.symptoms(numbers)]


@pytest.mark.parametrize("kind", PLANTED)
def test_each_is_named_from_its_numbers_in_both_languages(kind: str) -> None:
    numbers = {f"encoder.rnn/1.backward.{name}": value for name, value in PLANTED[kind].items()}
    (found,) = rv.symptoms(numbers)
    assert (found.kind, found.place) == (kind, "encoder.rnn/1.backward")
    assert str(found).startswith("encoder.rnn, layer 2, backward: ")
    said = {found.text(language) for language in LANGUAGES}
    assert len(said) == len(LANGUAGES)
    assert all("{" not in sentence for sentence in said)


@every_cell
@pytest.mark.parametrize("seed", range(3))
def test_a_fresh_network_on_scaled_input_has_none(cell: str, seed: int) -> None:
    model = rv.random_model(cell, 3, 16, seed=seed)
    for n_steps in (1, 5, 40):
        assert not kinds(rv.health(rv.trace(model, VALUES[:n_steps])))


@pytest.mark.parametrize("trained", presets(), ids=lambda preset: preset.name)
def test_a_trained_network_that_works_has_no_broken_or_exploding_layer(trained: Preset) -> None:
    example = trained.config.task.example(1)
    found = set(kinds(rv.health(rv.trace(trained.model(), example))))
    assert found <= {"saturated_units", "saturated_gates", "dead_units"}


@pytest.mark.parametrize("cell", [cell for cell in rv.CELLS if cell != "lstm_layer_norm"])
def test_input_a_thousand_times_too_large_saturates(cell: str) -> None:
    trace = rv.trace(rv.random_model(cell, 3, 16), 1000 * VALUES)
    assert kinds(rv.health(trace))[0] in ("saturated_gates", "saturated_units")


def test_layer_normalisation_is_not_saturated_by_it() -> None:
    assert not kinds(rv.health(rv.trace(rv.random_model("lstm_layer_norm", 3, 16), 1000 * VALUES)))


def test_names_that_are_no_layers_numbers_are_left_alone() -> None:
    assert rv.symptoms({"loss": 3.0, "step": 4, "forget.closed": 1.0}) == ()


ODD: dict[str, Any] = {
    "nothing": None,
    "a trace": rv.trace(rv.random_model("gru", 3, 4), VALUES),
    "the list of a log": [{"step": 0, "0.forward.hidden.dead": 0.0}],
    "a text": {"0.forward.hidden.dead": "many"},
    "several numbers": {"0.forward.hidden.dead": np.ones(3)},
}


@pytest.mark.parametrize("numbers", ODD.values(), ids=ODD)
def test_what_holds_no_numbers_is_refused_in_both_languages(numbers: Any) -> None:
    with pytest.raises(
        rv.InputError, match=r"rv\.symptoms\(rv\.health\(trace|hidden.dead should be"
    ) as told:
        rv.symptoms(numbers)
    english, chinese = (error_message(told.value, language) for language in LANGUAGES)
    assert english != chinese


@pytest.mark.parametrize("kind", PLANTED)
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e308])
def test_any_number_and_any_part_of_a_record_can_be_read(kind: str, value: float) -> None:
    for left in PLANTED[kind]:
        for changed in ({}, {left: value}):
            kept = {n: v for n, v in PLANTED[kind].items() if n != left} | changed
            found = rv.symptoms({f"0.forward.{name}": v for name, v in kept.items()})
            assert all(symptom.text(language) for symptom in found for language in LANGUAGES)


def test_numbers_of_any_library_and_hostile_names_are_read() -> None:
    assert kinds({"0.forward.hidden.dead": np.float32(1)}) == ["dead_units"]
    name = "a\n<b>/0.forward"
    (found,) = rv.symptoms({f"{name}.hidden.dead": 1.0, 3: 1.0, "9" * 5000 + ".forward.x": 1.0})
    assert found.place == name
    assert kinds({f"0.forward.first_nan.odd.{axis}": 1 for axis in ("step", "row", "unit")}) == []
