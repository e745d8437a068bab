"""Files with low-rank deltas are not read without them; merged, they open."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch

import rnnviz as rv
from tests.readers.test_state_dict import drawn, hidden
from tests.witnesses import assert_close, normal

VALUES = normal(6, 2, 3)


def states(prefix: str, module: torch.nn.Module) -> dict[str, Any]:
    return {f"{prefix}{name}": value for name, value in module.state_dict().items()}


def deltas(*names: str) -> dict[str, Any]:
    return {name: torch.randn(2, 3) if "A" in name else torch.randn(16, 2) for name in names}


LSTM = drawn(torch.nn.LSTM(3, 4))
ONE = ("rnn.weight_ih_l0.lora_A.weight", "rnn.weight_ih_l0.lora_B.weight")
FILES = {
    "alone": deltas(*(f"base_model.model.{name}" for name in ONE)),
    "beside the weight": states("rnn.", LSTM) | deltas(*ONE),
    "beside the layer": states("rnn.", LSTM) | deltas("rnn.lora_A", "rnn.lora_B"),
    "around a base": states("rnn.base_layer.", LSTM)
    | deltas("rnn.lora_A.default.weight", "rnn.lora_B.default.weight"),
    "at the root": states("", LSTM) | deltas("weight_ih_l0_lora_A", "weight_ih_l0_lora_B"),
    "of the readout": states("rnn.", LSTM)
    | states("fc.base_layer.", torch.nn.Linear(4, 16))
    | {"fc.lora_A.weight": torch.randn(2, 4), "fc.lora_B.weight": torch.randn(16, 2)},
}


class Merged(torch.nn.Module):
    """What PEFT gives: `merge_and_unload` adds scale · B A to the weight (`lora/layer.py`)."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = drawn(torch.nn.LSTM(3, 4))

    def merge_and_unload(self) -> Any:
        with torch.no_grad():
            self.rnn.weight_ih_l0 += (
                0.5 * torch.ones(16, 2, dtype=torch.float64) @ torch.eye(2, 3, dtype=torch.float64)
            )
        return self


@pytest.mark.parametrize("kind", FILES)
def test_deltas_are_named_and_merged_weights_open(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save(FILES[kind], "net.pt")
    with pytest.raises(rv.ModelError, match="holds low-rank deltas") as refused:
        rv.read_model("net.pt")
    assert not isinstance(refused.value, rv.errors.MappingNeeded)
    found = re.findall(r"(model = .*\(\)), .*: (torch\.save\(.*\))\.$", str(refused.value))
    space = {"model": Merged(), "torch": torch}
    for line in found[0]:
        exec(line, space)
    wanted = space["model"].rnn(torch.tensor(VALUES))[0].detach().numpy()
    assert_close(hidden(rv.read_model("weights.pt"), VALUES), wanted)


@pytest.mark.parametrize("name", ["attention.q.lora_A.weight", "rnn2.lora_A", "explora_a.weight"])
def test_deltas_of_what_is_not_shown_leave_the_layer_readable(name: str, tmp_path: Path) -> None:
    torch.save(states("rnn.", LSTM) | {name: torch.randn(2, 3)}, tmp_path / "net.pt")
    model = rv.open_model(tmp_path / "net.pt").model
    wanted = LSTM(torch.tensor(VALUES))[0].detach().numpy()
    assert_close(hidden(model, VALUES), wanted)
