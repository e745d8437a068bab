"""PyTorch's files as people save them; the witness is the module that was saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import nn

import rnnviz as rv
from tests.doors.case import SINGLE, Outcome, answered, case, opened, relative, top_hidden
from tests.doors.live_modules import made, values
from tests.witnesses import Array


def named(prefix: str, module: Any) -> dict[str, Any]:
    """A state dict with a prefix."""
    return {prefix + name: tensor for name, tensor in module.state_dict().items()}


def saved(folder: Path, value: Any, name: str = "model.pt") -> Path:
    """A file of torch.save."""
    torch.save(value, folder / name)
    return folder / name


def array(tensor: Any) -> Array:
    """A tensor's numbers."""
    return np.asarray(tensor.detach())


@case("PyTorch", "AWD-LSTM, weight_hh_l0_raw alone", "torch.nn.LSTM")
def awd_lstm(folder: Path) -> Outcome:
    lstm, x = made(nn.LSTM, 3, 4), values(6, 2, 3)
    state = {
        f"rnns.0.module.{name}{'_raw' if name == 'weight_hh_l0' else ''}": tensor
        for name, tensor in lstm.state_dict().items()
    }
    return opened(saved(folder, state), array(x), lstm(x)[0].detach())


class NormedCell(nn.LSTMCell):
    """An LSTM cell with layer norms beside its weights."""

    def __init__(self, n_inputs: int, n_units: int) -> None:
        super().__init__(n_inputs, n_units)
        self.ln_ih, self.ln_hh = nn.LayerNorm(4 * n_units), nn.LayerNorm(4 * n_units)
        self.ln_ho = nn.LayerNorm(n_units)

    def forward(self, x: Any, state: Any = None) -> Any:
        h, c = state
        of_input = self.ln_ih(x @ self.weight_ih.T + self.bias_ih)
        gates = of_input + self.ln_hh(h @ self.weight_hh.T + self.bias_hh)
        i, f, g, o = gates.chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * self.ln_ho(c).tanh(), c


@case("PyTorch", "an LSTM cell with layer norms inside", "the cell", "ln_|norm")
def layer_norm_cell(folder: Path) -> Outcome:
    cell, x = made(NormedCell, 3, 4), values(6, 2, 3)
    h = c = torch.zeros(2, 4, dtype=x.dtype)
    hidden = []
    for step in x:
        h, c = cell(step, (h, c))
        hidden.append(h)
    return opened(saved(folder, named("cell.", cell)), array(x), torch.stack(hidden).detach())


@case("PyTorch", "a batch norm between two GRUs", "the network", "stack|separate")
def batch_norm_between(folder: Path) -> Outcome:
    first, second, norm = made(nn.GRU, 3, 4), made(nn.GRU, 4, 4), made(nn.BatchNorm1d, 4).eval()
    x = values(6, 2, 3)
    between = first(x)[0]
    wanted = second(norm(between.reshape(-1, 4)).reshape(between.shape))[0]
    state = named("rnns.0.rnn.", first) | named("rnns.1.batch_norm.module.", norm)
    state |= named("rnns.1.rnn.", second)
    return opened(saved(folder, {"state_dict": state}), array(x), wanted.detach())


@case("PyTorch", "two state dicts in one file", "torch.nn.GRU")
def two_state_dicts(folder: Path) -> Outcome:
    encoder, decoder = made(nn.GRU, 3, 4), made(nn.GRU, 4, 5)
    state = {"model": named("gru.", encoder), "decoder": named("gru.", decoder)}
    path, x = saved(folder, state), values(6, 2, 4)

    def outcome() -> Outcome:
        parts = rv.open_model(path).parts
        [chosen] = [part for part in parts if "decoder" in part]
        hidden = top_hidden(rv.trace(rv.open_model(path, part=chosen).model, array(x)))
        return Outcome(relative(hidden, decoder(x)[0].detach()), said=str(parts))

    return answered(outcome)


@case("PyTorch", "a NumPy scalar beside the weights", "torch.nn.LSTM")
def numpy_scalar(folder: Path) -> Outcome:
    lstm, x = made(nn.LSTM, 3, 4), values(6, 2, 3)
    value = {"state_dict": lstm.state_dict(), "best_loss": np.float64(0.3)}
    return opened(saved(folder, value), array(x), lstm(x)[0].detach())


@case("PyTorch", "a loss module among the hyper-parameters", "torch.nn.LSTM")
def loss_module(folder: Path) -> Outcome:
    lstm, x = made(nn.LSTM, 3, 4), values(6, 2, 3)
    value = {"state_dict": named("model.", lstm), "hyper_parameters": {"criterion": nn.MSELoss()}}
    return opened(saved(folder, value, "model.ckpt"), array(x), lstm(x)[0].detach())


@case("PyTorch", "Char-RNN with its characters", "torch.nn.LSTM on its own one-hot rows")
def char_rnn(folder: Path) -> Outcome:
    characters, lstm = tuple("zyxwvutsrqponmlkjihgfedcba"), made(nn.LSTM, 26, 8)
    value = {"n_hidden": 8, "state_dict": named("lstm.", lstm), "tokens": characters}
    x = torch.eye(26, dtype=torch.float64)[[characters.index(c) for c in "hello"]][:, None]
    return opened(saved(folder, value), rv.parse("hello"), lstm(x)[0].detach())


@case("PyTorch", "ids to an embedding without a vocabulary", "the module")
def token_ids(folder: Path) -> Outcome:
    embedding, gru = made(nn.Embedding, 26, 5), made(nn.GRU, 5, 8)
    path = saved(folder, named("encoder.", embedding) | named("rnn.", gru))
    wanted = gru(embedding(torch.tensor([5, 3, 1])[:, None]))[0]
    return opened(path, rv.parse("5 3 1", "words"), wanted.detach())


def deep_lstm() -> Any:
    """Two levels in both directions."""
    return made(nn.LSTM, 3, 4, num_layers=2, bidirectional=True)


@case("PyTorch", "a state dict", "torch.nn.LSTM")
def state_dict(folder: Path) -> Outcome:
    lstm, x = deep_lstm(), values(6, 2, 3)
    return opened(saved(folder, lstm.state_dict()), array(x), lstm(x)[0].detach())


@case("PyTorch", "a state dict written before PyTorch 1.6", "torch.nn.LSTM")
def legacy(folder: Path) -> Outcome:
    lstm, x, path = deep_lstm(), values(6, 2, 3), folder / "model.pt"
    torch.save(lstm.state_dict(), path, _use_new_zipfile_serialization=False)
    return opened(path, array(x), lstm(x)[0].detach())


@case("safetensors", "a state dict", "torch.nn.GRU")
def safetensors_file(folder: Path) -> Outcome:
    gru = made(nn.GRU, 3, 4, num_layers=2).float()
    safetensors.torch.save_file(gru.state_dict(), folder / "model.safetensors")
    wanted = gru(torch.tensor(SINGLE))[0].detach()
    return opened(folder / "model.safetensors", SINGLE, wanted)


@case("NumPy", "a state dict's arrays in .npz", "torch.nn.RNN")
def npz_file(folder: Path) -> Outcome:
    rnn, x = made(nn.RNN, 3, 4, nonlinearity="relu"), values(6, 2, 3)
    arrays = {name: array(tensor) for name, tensor in rnn.state_dict().items()}
    np.savez(folder / "model.npz", **arrays)
    return opened(folder / "model.npz", array(x), rnn(x)[0].detach(), activation="relu")
