"""Quantised weights are the floats that PyTorch's own dequantize gives."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.readers.torch.container import read_checkpoint
from tests.readers.saved import torch_saved

pytestmark = pytest.mark.filterwarnings("ignore")


def quantised(module: torch.nn.Module, dtype: torch.dtype = torch.qint8) -> Any:
    kinds = {torch.nn.LSTM, torch.nn.GRU, torch.nn.Linear, torch.nn.LSTMCell, torch.nn.GRUCell}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quantize = torch.ao.quantization.quantize_dynamic
        return quantize(module.eval(), kinds, dtype=dtype)


class Net(torch.nn.Module):
    def __init__(self, kind: str, n_inputs: int = 3, **options: Any) -> None:
        super().__init__()
        self.rnn = getattr(torch.nn, kind)(n_inputs, 4, **options)
        self.fc = torch.nn.Linear(8 if options.get("bidirectional") else 4, 2)


def rounded(tensor: torch.Tensor) -> torch.Tensor:
    """A weight as `quantize_dynamic`'s observer rounds it: seven bits and a sign, no zero point."""
    scale = max(float(tensor.max().clamp(min=0)), -float(tensor.min().clamp(max=0))) / 127.5
    return torch.quantize_per_tensor(tensor, scale, 0, torch.qint8).dequantize()


KINDS = [
    ("LSTM", {}),
    ("GRU", {}),
    ("LSTM", {"bidirectional": True}),
    ("LSTM", {"num_layers": 2}),
    ("GRU", {"num_layers": 3, "n_inputs": 4}),
    ("LSTM", {"num_layers": 2, "bidirectional": True, "n_inputs": 4}),
    ("LSTMCell", {}),
    ("GRUCell", {}),
]


@pytest.mark.parametrize(("kind", "options"), KINDS)
@pytest.mark.parametrize("is_zip", [True, False])
def test_what_quantize_dynamic_packed_has_its_names_again(
    kind: str, options: dict[str, Any], is_zip: bool
) -> None:
    net = Net(kind, **options)
    plain = {name: value.clone() for name, value in net.state_dict().items()}
    saved = torch_saved(quantised(net).state_dict(), _use_new_zipfile_serialization=is_zip)
    read = read_checkpoint(saved)
    assert set(read) == set(plain)
    for name, value in plain.items():
        wanted = value if "bias" in name else rounded(value)
        np.testing.assert_allclose(read[name], wanted, rtol=0, atol=1e-6, err_msg=name)


def test_a_quantised_model_opens_and_says_what_was_taken(tmp_path: Path) -> None:
    net = Net("LSTM")
    wanted = torch.nn.LSTM(3, 4)
    state = {k.removeprefix("rnn."): v for k, v in net.state_dict().items() if "rnn" in k}
    wanted.load_state_dict({k: v if "bias" in k else rounded(v) for k, v in state.items()})
    torch.save(quantised(net).state_dict(), tmp_path / "model.pt")
    result = rv.open_model(tmp_path / "model.pt", {"readout_activation": "linear"})
    assert result.certainty.grade == "assumed"
    assert "quantised weights are read as the floats they stand for" in str(result.certainty)
    values = torch.randn(6, 2, 3)
    got = rv.trace(result.model, values)["hidden"]
    np.testing.assert_allclose(got, wanted(values)[0].detach(), atol=1e-6)
    with pytest.warns(rv.errors.AssumptionWarning, match="quantised"):
        rv.read_model(tmp_path / "model.pt")


def test_halves_that_were_packed_are_read() -> None:
    net = Net("LSTM")
    plain = {name: value.clone() for name, value in net.state_dict().items()}
    read = read_checkpoint(torch_saved(quantised(net, torch.float16).state_dict()))
    assert set(read) == set(plain)
    for name, value in plain.items():
        wanted = value if "bias" in name else value.half().float()
        np.testing.assert_array_equal(read[name], wanted, err_msg=name)


@pytest.mark.parametrize("is_zip", [True, False])
@pytest.mark.parametrize("kind", ["qint8", "quint8", "qint32"])
def test_a_quantised_tensor_is_what_torch_makes_of_it(kind: str, is_zip: bool) -> None:
    dtype, values = getattr(torch, kind), torch.randn(3, 4)
    scales, zeros = torch.rand(4) + 0.01, torch.tensor([3, 0, 5, 1])
    tensors = {
        "whole": torch.quantize_per_tensor(values, 0.02, 3, dtype),
        "by column": torch.quantize_per_channel(values, scales.double(), zeros, 1, dtype),
        "a view": torch.quantize_per_tensor(values, 0.02, 3, dtype).t()[1:],
    }
    read = read_checkpoint(torch_saved(tensors, _use_new_zipfile_serialization=is_zip))
    for name, tensor in tensors.items():
        np.testing.assert_allclose(read[name], tensor.dequantize(), rtol=1e-6, err_msg=name)


SECOND: list[tuple[dict[str, Any], str]] = [
    ({"num_layers": 2}, "stacked"),
    ({"bidirectional": True}, "both"),
]


@pytest.mark.parametrize(("options", "way"), SECOND)
@pytest.mark.parametrize("dtype", [torch.qint8, torch.float16])
def test_a_second_entry_of_as_many_inputs_as_units_is_asked_about(
    tmp_path: Path, options: dict[str, Any], way: str, dtype: torch.dtype
) -> None:
    net = Net("LSTM", 4, **options)
    wanted = torch.nn.LSTM(4, 4, **options)
    state = {k.removeprefix("rnn."): v for k, v in net.state_dict().items() if "rnn" in k}
    around = (lambda v: v.half().float()) if dtype == torch.float16 else rounded
    wanted.load_state_dict({k: v if "bias" in k else around(v) for k, v in state.items()})
    packed = quantised(net, dtype).state_dict()
    values = torch.randn(6, 2, 4)

    def gives(result: rv.ImportResult) -> None:
        layers = rv.trace(result.model, values).layers
        top = [y.signals["hidden"] for y in layers if y.level == layers[-1].level]
        given = wanted(values)[0].detach().numpy()
        np.testing.assert_allclose(np.concatenate(top, axis=2), given, atol=1e-6)

    alone = {name: value for name, value in packed.items() if name.startswith("rnn")}
    torch.save(alone, tmp_path / "alone.pt")
    [question] = rv.open_model(tmp_path / "alone.pt").questions
    assert (question.name, question.options) == ("directions", ("stacked", "both"))
    gives(rv.open_model(tmp_path / "alone.pt", {"directions": way}))
    torch.save(packed, tmp_path / "whole.pt")
    whole = rv.open_model(tmp_path / "whole.pt")
    assert [y.likely for y in whole.questions if y.name == "directions"] == [way]
    gives(whole)
    stated = {"state_dict": alone, "hparams": {"bidirectional": way == "both"}}
    torch.save(stated, tmp_path / "stated.pt")
    assert not rv.open_model(tmp_path / "stated.pt").questions
    gives(rv.open_model(tmp_path / "stated.pt"))
