"""Initial states that a network computes, as an image captioner does: said, and given by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

import rnnviz as rv
from tests.readers.test_state_dict import drawn, hidden
from tests.witnesses import assert_close, normal

VALUES, IMAGE = normal(6, 2, 3), normal(2, 5, seed=7)


class Captioner(torch.nn.Module):
    """An LSTM that starts from what two layers make of an image."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__()
        self.rnn = torch.nn.LSTM(3, 4)
        self.first, self.second = first, second
        self.add_module(first, torch.nn.Linear(5, 4))
        self.add_module(second, torch.nn.Linear(5, 4))

    def starts(self) -> tuple[Any, Any]:
        image = torch.tensor(IMAGE)
        return tuple(self.get_submodule(n)(image)[None] for n in (self.first, self.second))  # type: ignore[return-value]

    def forward(self, values: Any) -> Any:
        return self.rnn(values, self.starts())[0]


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "names", [("init_h", "init_c"), ("h0", "c0"), ("hidden_init", "cell_init")]
)
def test_layers_that_may_compute_the_initial_states_are_named(names: tuple[str, str]) -> None:
    network = drawn(Captioner(*names))
    torch.save(network.state_dict(), "m.pt")
    result = rv.open_model("m.pt")
    assert result.certainty.grade == "assumed"
    [assumed] = map(str, result.certainty.assumptions)
    assert assumed.endswith(f"may compute them with {', '.join(names)}")
    wanted = network(torch.tensor(VALUES)).detach().numpy()
    assert abs(hidden(result.model, VALUES) - wanted).max() > 0.01
    states = [state.detach().numpy() for state in network.starts()]
    started = rv.trace(
        result.model, VALUES, initial=dict(zip(("hidden", "cell"), states, strict=True))
    )
    assert_close(started["hidden"], wanted)


@pytest.mark.parametrize("names", [("hidden0", "cell0"), ("fc_h", "fc_c"), ("head", "critic")])
def test_layers_of_other_names_are_not(names: tuple[str, str]) -> None:
    torch.save(drawn(Captioner(*names)).state_dict(), "m.pt")
    assert rv.open_model("m.pt").certainty.grade == "checked"


def test_a_recurrent_vector_is_of_another_cell() -> None:
    """IndRNN: h = relu(W x + u ⊙ h + b)."""
    state = {"rnn.weight_ih_l0": normal(4, 3), "rnn.weight_hh_l0": normal(4)}
    state |= {"rnn.bias_ih_l0": normal(4)}
    torch.save({name: torch.tensor(array) for name, array in state.items()}, "m.pt")
    with pytest.raises(rv.ModelError, match="weight_hh_l0” should be a matrix"):
        rv.open_model("m.pt")
