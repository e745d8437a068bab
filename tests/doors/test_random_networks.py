"""No reading of a random network is graded better than it is."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import rnnviz as rv
from tests.doors.case import RELATIVE, relative, top_hidden
from tests.doors.keras_networks import random_keras_network
from tests.doors.keras_networks import recorded as keras_runs
from tests.doors.networks import Recorded, random_network
from tests.doors.onnx_files import exported

N_SEEDS = 40
# What these leave open is not what a layer's hidden states are for what it reads, as is held here.
OF_OTHERS = {
    *("readout", "readout_activation", "embedding", "no_parity"),
    *("front", "computed_tokens"),
}
# Exporters and old layers warn of themselves.
pytestmark = pytest.mark.filterwarnings("ignore")


def faults(path: Path, runs: tuple[Recorded, ...]) -> list[str]:
    """What the file is read as, where that is wrong and not said to be."""
    try:
        parts = rv.open_model(path).parts
    except rv.RnnvizError:
        return []
    wrong = []
    for part in parts:
        result = rv.open_model(path, part=part)
        fitting = [run for run in runs if run.inputs.shape[2] == result.model.n_inputs]
        ours = [top_hidden(rv.trace(result.model, run.inputs)) for run in fitting]
        difference = min((relative(one, run.hidden) for one in ours for run in runs), default=9.0)
        assumed = {each.name for each in result.certainty.assumptions} - OF_OTHERS
        if difference > RELATIVE and not assumed:
            wrong.append(f"{part} is {result.certainty.grade}, but differs by {difference:.1e}")
    return wrong


def live_fault(seed: int) -> str:
    """What the live network is traced as, where that is wrong and graded proved."""
    network, x = random_network(seed)
    _, runs = network.recorded(x)
    try:
        traced = rv.trace(network, x, path=runs[-1].path)
    except rv.RnnvizError:
        return ""
    difference = relative(top_hidden(traced), runs[-1].hidden)
    wrong = difference > RELATIVE and traced.certainty.grade == "proved"
    return f"{network} is proved, but differs by {difference}" if wrong else ""


@pytest.mark.parametrize("seed", range(N_SEEDS))
def test_a_state_dict_is_never_certified_as_what_it_is_not(seed: int, tmp_path: Path) -> None:
    network, x = random_network(seed)
    torch.save(network.state_dict(), tmp_path / "model.pt")
    assert not faults(tmp_path / "model.pt", network.recorded(x)[1]), network


@pytest.mark.parametrize("seed", range(N_SEEDS // 2))
def test_an_onnx_file_is_never_certified_as_what_it_is_not(seed: int, tmp_path: Path) -> None:
    network, x = random_network(seed)
    network = network.float()
    x = x.float() if x.is_floating_point() else x
    exported(network, tmp_path / "model.onnx", given=x)
    assert not faults(tmp_path / "model.onnx", network.recorded(x)[1]), network


@pytest.mark.parametrize("suffix", [".keras", ".h5", ".weights.h5"])
@pytest.mark.parametrize("seed", range(N_SEEDS // 4))
def test_a_keras_file_is_never_certified_as_what_it_is_not(
    seed: int, suffix: str, tmp_path: Path
) -> None:
    network, x = random_keras_network(seed)
    path = tmp_path / f"model{suffix}"
    (network.save_weights if suffix == ".weights.h5" else network.save)(path)
    assert not faults(path, keras_runs(network, x)), network.to_json()


@pytest.mark.parametrize("seed", range(N_SEEDS))
def test_a_live_network_is_never_proved_wrongly(seed: int) -> None:
    assert not live_fault(seed)
