"""What the owner of a refused ONNX file is told to do is done here, and the numbers are right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

import rnnviz as rv
from tests.readers.onnx.test_onnx_unrolled import refusal, saved
from tests.readers.onnx.torch_exports import exported

pytestmark = pytest.mark.filterwarnings("ignore")
VALUES = torch.randn(6, 2, 3, generator=torch.Generator().manual_seed(1))


class Tagger(torch.nn.Module):
    """A layer and its readout; the layer called on the whole sequence or for every step."""

    def __init__(self, *, by_step: bool = False) -> None:
        super().__init__()
        self.rnn, self.out, self.by_step = torch.nn.LSTM(3, 4), torch.nn.Linear(4, 2), by_step

    def forward(self, x: Any) -> Any:
        if not self.by_step:
            return self.out(self.rnn(x)[0])
        state, steps = None, []
        for step in x.split(1):
            hidden, state = self.rnn(step, state)
            steps.append(self.out(hidden))
        return torch.cat(steps)


class Without(torch.nn.Module):
    """A network without recurrence."""

    def __init__(self) -> None:
        super().__init__()
        self.out = torch.nn.Linear(3, 4)

    def forward(self, x: Any) -> Any:
        return self.out(x)


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(2)


def assert_export_opens(module: Any, folder: Path) -> None:
    """The exporter that the sentences name gives a file that is proved and as onnxruntime runs."""
    path = saved(exported(module, (VALUES,), ({0: "time", 1: "batch"},), dynamo=False), folder)
    session = onnxruntime.InferenceSession(path.read_bytes())
    [wanted] = session.run(None, {"x": VALUES.numpy()})
    opened = rv.open_model(path)
    assert opened.certainty.grade == "proved"
    got = rv.trace(opened.model, VALUES.numpy()).outputs
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-6)


def assert_weights_open(said: str, module: Any) -> None:
    """The line that saves the weights gives a file that computes what torch's module does."""
    [line] = re.findall(r'torch\.save\(module\.state_dict\(\), "weights\.pt"\)', said)
    exec(line, {"torch": torch, "module": module})
    model = rv.read_model("weights.pt", readout_activation="linear")
    wanted = module(VALUES).detach().numpy()
    got = rv.trace(model, VALUES.numpy()).outputs
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-6)


def test_a_layer_called_for_every_timestep_opens_when_it_is_called_on_the_sequence(
    tmp_path: Path,
) -> None:
    stepwise = Tagger(by_step=True)
    long = (torch.randn(201, 2, 3),)
    said = refusal(exported(stepwise, long), tmp_path)
    assert said.endswith("export a call of it on the whole sequence.")
    whole = Tagger()
    whole.load_state_dict(stepwise.state_dict())
    torch.testing.assert_close(whole(VALUES), stepwise(VALUES))
    assert_export_opens(whole, tmp_path)


def test_a_network_without_recurrence_leads_to_one_with_it(tmp_path: Path) -> None:
    said = refusal(exported(Without(), (VALUES,)), tmp_path)
    assert "it holds none" in said
    assert "dynamo=False" in said
    assert_export_opens(Tagger(), tmp_path)
    assert_weights_open(said, Tagger())


def test_weights_that_come_at_run_time_open_when_they_are_constant(tmp_path: Path) -> None:
    module = Tagger()
    torch.onnx.export(
        module, (VALUES,), "apart.onnx", dynamo=False, export_params=False, input_names=["x"]
    )
    with pytest.raises(rv.ModelError, match="its weights W are not in the file") as refused:
        rv.open_model("apart.onnx")
    assert "with constant weights" in str(refused.value)
    assert_export_opens(module, tmp_path)
    assert_weights_open(str(refused.value), module)


class Scripted(torch.nn.Module):
    """A cell written by hand, in a loop over steps of any number."""

    def __init__(self) -> None:
        super().__init__()
        self.x, self.h = torch.nn.Linear(3, 4), torch.nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h, steps = torch.zeros(x.size(1), 4), torch.jit.annotate(list[torch.Tensor], [])
        for i in range(x.size(0)):
            h = torch.tanh(self.x(x[i]) + self.h(h))
            steps.append(h)
        return torch.stack(steps)


def test_a_loop_written_by_hand_opens_as_its_weights(tmp_path: Path) -> None:
    module = Scripted()
    said = refusal(exported(torch.jit.script(module), (VALUES,)), tmp_path)
    assert "in the body of a Loop" in said
    exec('torch.save(module.state_dict(), "weights.pt")', {"torch": torch, "module": module})
    slots = {"x.weight": "hidden.x", "h.weight": "hidden.h", "x.bias": "hidden.b"}
    model = rv.read_model("weights.pt", names=slots | {"h.bias": "hidden.bh"}, activation="tanh")
    got = rv.trace(model, VALUES.numpy())["hidden"]
    np.testing.assert_allclose(got, module(VALUES).detach().numpy(), rtol=0, atol=1e-6)
