"""Certainty of a reading: what proves it, what only checks its arithmetic, what was assumed."""

from __future__ import annotations

import pickle
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.engine.parity import measure_parity, with_parity
from rnnviz.readers.certainty import (
    Assumption,
    Certainty,
    Parity,
    Reference,
    ReferenceRun,
    RunScope,
)
from rnnviz.readers.result import ImportResult
from tests.witnesses import Array, normal

LSTM = torch.nn.LSTM(3, 5, dtype=torch.float64)


def opened(folder: Path, module: torch.nn.Module, **answers: str) -> ImportResult:
    torch.save(module.state_dict(), folder / "model.pt")
    return rv.open_model(folder / "model.pt", answers)


class Shifted(Reference):
    """Torch's LSTM, its hidden states moved by an amount."""

    def __init__(self, amount: float, scope: RunScope = "whole", **others: Any) -> None:
        self.amount, self.scope, self.others = amount, scope, others

    def run(self, values: Array) -> ReferenceRun:
        hidden = LSTM(torch.tensor(values))[0].detach().numpy()
        return ReferenceRun(values, hidden + self.amount, **self.others)


def certainty(folder: Path, reference: Reference) -> Certainty:
    result = replace(opened(folder, LSTM), reference=reference)
    return with_parity(result, bounded=False).certainty


def test_a_state_dict_alone_is_checked_and_never_proved(tmp_path: Path) -> None:
    found = opened(tmp_path, LSTM)
    assert found.certainty.grade == "checked"
    assert found.parity is not None
    assert found.parity.scope == "arithmetic"
    assert "Arithmetic checked" in str(found)


def test_an_open_question_is_an_assumption_until_it_is_answered(tmp_path: Path) -> None:
    network = torch.nn.ModuleDict({"rnn": torch.nn.RNN(3, 5), "fc": torch.nn.Linear(5, 2)})
    found = opened(tmp_path, network)
    assert found.certainty.grade == "assumed"
    assert {each.name for each in found.assumptions} == {"activation", "readout_activation"}
    answered = opened(tmp_path, network, activation="relu", readout_activation="linear")
    assert answered.certainty.grade == "checked"


def test_only_a_whole_run_that_agrees_proves(tmp_path: Path) -> None:
    assert certainty(tmp_path, Shifted(0.0)).grade == "proved"
    assert certainty(tmp_path, Shifted(0.0, "arithmetic")).grade == "checked"
    differing = certainty(tmp_path, Shifted(1e-6))
    assert differing.grade == "assumed"
    assert "differs by 1.0e-06" in str(differing)


def test_the_outputs_and_the_embedding_are_compared_too(tmp_path: Path) -> None:
    network = torch.nn.ModuleDict({"rnn": LSTM, "fc": torch.nn.Linear(5, 2, dtype=torch.float64)})
    found = opened(tmp_path, network, readout_activation="linear")
    wrong = replace(found, reference=Shifted(0.0, outputs=normal(32, 1, 2)))
    parity = measure_parity(wrong, bounded=False)
    assert parity is not None
    assert not parity.agrees


@pytest.mark.parametrize("language", ["en", "zh"])
def test_arrays_of_other_shapes_are_said_to_be(tmp_path: Path, language: str) -> None:
    network = torch.nn.ModuleDict({"rnn": LSTM, "fc": torch.nn.Linear(5, 2, dtype=torch.float64)})
    found = opened(tmp_path, network, readout_activation="linear")
    wrong = replace(found, reference=Shifted(0.0, outputs=normal(1, 2)))
    said = with_parity(wrong, bounded=False).certainty
    assert said.grade == "assumed"
    assert ("of other shapes" if language == "en" else "形状不同") in said.text(language)
    assert "inf" not in said.text(language)


def test_numbers_that_are_not_finite_are_not_of_other_shapes(tmp_path: Path) -> None:
    said = certainty(tmp_path, Shifted(float("inf")))
    assert said.grade == "assumed"
    assert "shapes" not in str(said)


def test_a_reference_that_fails_claims_nothing(tmp_path: Path) -> None:
    class Failing(Reference):
        def run(self, values: Array) -> ReferenceRun:
            raise RuntimeError

    assert certainty(tmp_path, Failing()).grade == "assumed"
    assert "the numbers were not checked against its framework here" in str(
        certainty(tmp_path, Failing())
    )


def test_nan_never_agrees() -> None:
    assert Certainty((), Parity("whole", float("nan"), 1.0, 8)).grade == "assumed"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_grade_is_a_sentence(language: str) -> None:
    parities = [Parity("whole", 1e-8, 0.5, 8), Parity("arithmetic", 1e-8, 0.5, 8), None]
    sentences = {Certainty((), parity).text(language) for parity in parities}
    assumed = Certainty((Assumption("stack", "stacked"),), None).text(language)
    assert len(sentences | {assumed}) == 4
    assert "stacked" not in assumed


def test_a_result_survives_pickling_with_its_reference(tmp_path: Path) -> None:
    found = opened(tmp_path, LSTM)
    again = pickle.loads(pickle.dumps(found))
    values = normal(6, 2, 3)
    assert again.reference is not None
    assert found.reference is not None
    np.testing.assert_array_equal(again.reference(values), found.reference(values))


def test_read_model_warns_once_of_what_it_assumed(tmp_path: Path) -> None:
    torch.save(torch.nn.RNN(3, 5).state_dict(), tmp_path / "model.pt")
    with pytest.warns(rv.AssumptionWarning, match="the activation is tanh") as caught:
        rv.read_model(tmp_path / "model.pt")
    assert len(caught) == 1
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error", rv.AssumptionWarning)
        rv.read_model(tmp_path / "model.pt", activation="relu")
