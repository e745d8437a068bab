"""Random networks under random names, whose own run tells what their recurrent layers do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from tests.witnesses import Array

N_TOKENS = 11
_RECURRENT = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
_NAMES = ("rnn", "lstm", "gru", "layers.0", "layers.1", "rnns.0", "rnns.1", "encoder", "decoder")
_OTHER = ("norm", "bn", "fc", "proj", "out", "layers.2", "pre", "norms.0", "head", "conv")


@dataclass(frozen=True)
class Recorded:
    """What went into a recurrent layer and what came out, (time, batch, feature)."""

    path: str
    inputs: Array
    hidden: Array


class Transposed(nn.Module):
    """A layer that wants (batch, feature, time), given (time, batch, feature)."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Any) -> Any:
        return self.inner(x.permute(1, 2, 0)).permute(2, 0, 1)


class NormedCell(nn.LSTMCell):
    """An LSTM over time with layer norms beside the cell's weights."""

    def __init__(self, n_inputs: int, n_units: int) -> None:
        super().__init__(n_inputs, n_units)
        self.norm_x, self.norm_h = nn.LayerNorm(4 * n_units), nn.LayerNorm(4 * n_units)

    def forward(self, x: Any, state: Any = None) -> Any:
        h = c = x.new_zeros(x.shape[1], self.hidden_size)
        hidden = []
        for step in x:
            gates = self.norm_x(step @ self.weight_ih.T + self.bias_ih)
            gates = gates + self.norm_h(h @ self.weight_hh.T + self.bias_hh)
            i, f, g, o = gates.chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            hidden.append(h)
        return torch.stack(hidden), (h, c)


class Network(nn.Module):
    """Layers one after the other, under names of their own."""

    def __init__(self, layers: list[tuple[str, nn.Module]]) -> None:
        super().__init__()
        self.order = [name for name, _ in layers]
        for name, layer in layers:
            self._put(name, layer)

    def _put(self, name: str, layer: nn.Module) -> None:
        folder, _, last = name.rpartition(".")
        if folder and not hasattr(self, folder):
            self.add_module(folder, nn.Module())
        (getattr(self, folder) if folder else self).add_module(last, layer)

    def forward(self, x: Any) -> Any:
        for name in self.order:
            x = self.get_submodule(name)(x)
            x = x[0] if isinstance(x, tuple) else x
        return x

    def recorded(self, x: Any) -> tuple[Any, tuple[Recorded, ...]]:
        """The output, and the run of every recurrent layer."""
        seen: list[Recorded] = []

        def keep(path: str) -> Callable[..., None]:
            def hook(module: Any, given: Any, result: Any) -> None:
                seen.append(Recorded(path, _array(given[0]), _array(result[0])))

            return hook

        layers = [(name, self.get_submodule(name)) for name in self.order]
        recurrent = [(n, y) for n, y in layers if isinstance(y, nn.RNNBase | NormedCell)]
        handles = [layer.register_forward_hook(keep(name)) for name, layer in recurrent]
        with torch.no_grad():
            output = self(x)
        for handle in handles:
            handle.remove()
        return output, tuple(seen)


def _array(tensor: Any) -> Array:
    return np.asarray(tensor.detach())


def random_network(seed: int) -> tuple[Network, Any]:
    """A network in double precision, not training, and an input of seven steps and two rows."""
    choose = np.random.default_rng(seed)
    torch.manual_seed(seed)
    layers: list[tuple[str, nn.Module]] = []
    width = int(choose.integers(2, 6))
    given: Any = torch.randn(7, 2, width, dtype=torch.float64)
    if choose.random() < 0.3:
        given = torch.randint(N_TOKENS, (7, 2))
        layers.append(("embedding", nn.Embedding(N_TOKENS, width)))
    names, others = list(choose.permutation(_NAMES)), list(choose.permutation(_OTHER))
    n_recurrent = int(choose.integers(1, 4))
    # Two levels of as many units are what a reader would like to join.
    width_of_all = int(choose.integers(3, 6)) if choose.random() < 0.6 else 0
    for _ in range(n_recurrent):
        for _ in range(int(choose.integers(0, 2))):
            layer, width = _between(choose, width)
            layers.append((others.pop(), layer))
        layer, width = _recurrent(choose, width, width_of_all)
        layers.append((names.pop(), layer))
    if choose.random() < 0.5:
        layers.append((others.pop(), nn.Linear(width, int(choose.integers(1, 5)))))
    network = Network(layers).double().eval()
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.6)
    return network, given


def _recurrent(choose: np.random.Generator, width: int, n_units: int) -> tuple[nn.Module, int]:
    n_units = n_units or int(choose.integers(3, 6))
    if choose.random() < 0.15:
        return NormedCell(width, n_units), n_units
    options: dict[str, Any] = {"num_layers": int(choose.integers(1, 3))}
    options["bidirectional"] = bool(choose.random() < 0.3)
    options["bias"] = bool(choose.random() < 0.8)
    kind = str(choose.choice(list(_RECURRENT)))
    return _RECURRENT[kind](width, n_units, **options), n_units * (1 + options["bidirectional"])


def _between(choose: np.random.Generator, width: int) -> tuple[nn.Module, int]:
    kind = choose.integers(4)
    if kind == 0:
        return nn.LayerNorm(width), width
    if kind == 1:
        return Transposed(nn.BatchNorm1d(width)), width
    if kind == 2:
        return Transposed(nn.Conv1d(width, width, 3, padding=1)), width
    n_outputs = int(choose.integers(2, 6))
    return nn.Linear(width, n_outputs), n_outputs
