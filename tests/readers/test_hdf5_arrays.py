"""HDF5 files of other programs than Keras: arrays by name, as in any other file of such."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch

import rnnviz as rv
from tests.readers.test_state_dict import drawn, hidden
from tests.witnesses import assert_close, normal

VALUES = normal(6, 2, 3)
pytestmark = pytest.mark.filterwarnings("ignore::rnnviz.AssumptionWarning")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def saved(arrays: dict[str, Any], path: str = "model.h5", **options: Any) -> str:
    with h5py.File(path, "w", **options) as file:
        for name, array in arrays.items():
            file[name] = array
    return path


def tagger() -> Any:
    parts = {"emb": torch.nn.Embedding(7, 3), "rnn": torch.nn.LSTM(3, 4, bidirectional=True)}
    return drawn(torch.nn.ModuleDict(parts | {"fc": torch.nn.Linear(8, 7)}))


@pytest.mark.parametrize("libver", ["earliest", "latest"])
@pytest.mark.parametrize("is_in_groups", [True, False])
def test_a_state_dict_is_read(is_in_groups: bool, libver: str) -> None:
    module = tagger()
    state = {name: value.numpy() for name, value in module.state_dict().items()}
    if is_in_groups:
        state = {name.replace(".", "/"): value for name, value in state.items()}
    result = rv.open_model(saved(state, libver=libver), {"readout_activation": "linear"})
    assert result.certainty.grade == "checked"
    wanted = module["rnn"](torch.tensor(VALUES))[0].detach().numpy()
    trace = rv.trace(result.model, VALUES)
    assert_close(np.concatenate([layer.signals["hidden"] for layer in trace.layers], -1), wanted)
    ids = torch.tensor([[1, 5], [0, 2]])
    scores = module["fc"](module["rnn"](module["emb"](ids))[0]).detach().numpy()
    assert_close(rv.trace(result.model, ids.numpy()).outputs, scores)


def test_names_by_hand_are_read() -> None:
    """min-char-rnn: h = tanh(Wxh x + Whh h + bh)."""
    arrays = {"Wxh": normal(4, 3), "Whh": normal(4, 4, seed=1), "bh": normal(4, 1, seed=2)}
    model = rv.read_model(saved(arrays, "model.hdf5"), activation="tanh")
    h, wanted = np.zeros((2, 4)), []
    for x in VALUES:
        h = np.tanh(x @ arrays["Wxh"].T + h @ arrays["Whh"].T + arrays["bh"].T)
        wanted.append(h)
    assert_close(hidden(model, VALUES), np.stack(wanted))


def test_names_that_tell_nothing_are_asked_for() -> None:
    layer = drawn(torch.nn.RNN(3, 4))
    with torch.no_grad():
        layer.bias_hh_l0.zero_()
    parts = {"p": layer.weight_ih_l0, "q": layer.weight_hh_l0, "r": layer.bias_ih_l0}
    path = saved({name: value.detach().numpy() for name, value in parts.items()})
    with pytest.raises(rv.MappingNeeded) as asked:
        rv.read_model(path)
    assert set(asked.value.arrays) == {"p", "q", "r"}
    names = {"p": "hidden.x", "q": "hidden.h", "r": "hidden.b"}
    model = rv.read_model(path, names=names, activation="tanh")
    assert_close(hidden(model, VALUES), layer(torch.tensor(VALUES))[0].detach().numpy())


def test_a_file_without_arrays_is_refused() -> None:
    with pytest.raises(rv.ModelError, match="has no arrays of numbers"):
        rv.read_model(saved({}))
