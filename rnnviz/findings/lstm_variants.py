"""LSTMs with a part left out, many of them computed at once.

K. Greff et al., "LSTM: A Search Space Odyssey", IEEE TNNLS 28(10), 2017; O. Levy et al., "Long
Short-Term Memory as a Dynamically Computed Element-wise Weighted Sum", ACL 2018.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from types import MappingProxyType
from typing import Any

from rnnviz.core.backend import Tensor


@dataclass(frozen=True)
class LstmVariant:
    """Which parts an LSTM has.

        i, f, o = σ(W x + b + W h),  g = tanh(W x + b + W h),  c = f c + i g,  h = o tanh(c)

    input_gate, forget_gate, output_gate   without one it is 1; `coupled` takes 1 − i for f.
    content_activation, output_activation  without one there is no tanh, in g or around c.
    content_recurrence                     without it g sees x alone.
    memory                                 without it c = i g.
    """

    input_gate: bool = True
    forget_gate: bool = True
    output_gate: bool = True
    content_activation: bool = True
    output_activation: bool = True
    content_recurrence: bool = True
    coupled: bool = False
    memory: bool = True


VARIANTS: Mapping[str, LstmVariant] = MappingProxyType(
    {
        "full": LstmVariant(),
        "no_input_gate": LstmVariant(input_gate=False),
        "no_forget_gate": LstmVariant(forget_gate=False),
        "no_output_gate": LstmVariant(output_gate=False),
        "no_input_activation": LstmVariant(content_activation=False),
        "no_output_activation": LstmVariant(output_activation=False),
        "coupled": LstmVariant(coupled=True),
        # Content of the input alone, a linear one, as in Levy et al.
        "plain_content": LstmVariant(content_activation=False, content_recurrence=False),
        "no_gates": LstmVariant(False, False, False, output_activation=False, memory=False),
    }
)


@dataclass(frozen=True, eq=False)
class VariantNetworks:
    """Networks of one size, each of its variant, on PyTorch.

    names    of the variants, one a network.
    tensors  input (network, input, 4 unit), recurrent (network, unit, 4 unit) and bias
             (network, 1, 4 unit), the columns those of i, f, o, g; readout (network, unit, output)
             and its bias (network, 1, output).
    """

    names: tuple[str, ...]
    tensors: tuple[Tensor, ...]

    def outputs(self, values: Any) -> Tensor:
        """Outputs (network, time, batch, output) before a softmax, values (time, batch, input)."""
        import torch

        weights, recurrent, bias, readout, readout_bias = self.tensors
        read = torch.einsum("tbi,kiu->ktbu", values, weights) + bias[:, None]
        recurrent = recurrent * self._recurrence
        hidden = cell = recurrent.new_zeros(len(self.names), values.shape[1], recurrent.shape[1])
        states = []
        for step in range(len(values)):
            hidden, cell = self._step(read[:, step] + torch.bmm(hidden, recurrent), cell)
            states.append(hidden)
        return (
            torch.einsum("ktbu,kuo->ktbo", torch.stack(states, 1), readout) + readout_bias[:, None]
        )

    def _step(self, z: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        import torch

        has, n_units = self._has, cell.shape[2]
        i, f, o = torch.chunk(torch.sigmoid(z[..., : 3 * n_units]), 3, dim=2)
        content = z[..., 3 * n_units :]
        i = torch.where(has["input_gate"], i, 1.0)
        f = torch.where(has["coupled"], 1 - i, torch.where(has["forget_gate"], f, 1.0))
        content = torch.where(has["content_activation"], torch.tanh(content), content)
        cell = torch.where(has["memory"], f * cell, 0.0) + i * content
        shown = torch.where(has["output_activation"], torch.tanh(cell), cell)
        return torch.where(has["output_gate"], o, 1.0) * shown, cell

    @cached_property
    def _has(self) -> dict[str, Tensor]:
        import torch

        every = [VARIANTS[name] for name in self.names]
        return {
            part.name: torch.tensor([getattr(one, part.name) for one in every])[:, None, None]
            for part in fields(LstmVariant)
        }

    @cached_property
    def _recurrence(self) -> Tensor:
        """1 where a recurrent weight is used, (network, 1, 4 unit)."""
        import torch

        n_units = self.tensors[1].shape[1]
        used = torch.ones(len(self.names), 1, 4 * n_units)
        used[:, :, 3 * n_units :] = self._has["content_recurrence"].float()
        return used
