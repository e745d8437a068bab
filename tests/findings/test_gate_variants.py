"""LSTMs with a part left out: each against its formula, and PyTorch's own LSTM and RNN."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.findings.lstm_variants import VARIANTS, VariantNetworks
from rnnviz.findings.variant_losses import TASK_NAMES, blind_loss, task_losses, variant_losses
from rnnviz.train.tasks import TASKS
from tests.witnesses import normal, sigmoid

# A missing output activation costs less than a missing input gate on these tasks.
HOLDS = False

N_INPUTS, N_UNITS, N_OUTPUTS = 3, 5, 2
VALUES = normal(7, 4, N_INPUTS, seed=8)


def networks(*names: str) -> VariantNetworks:
    """Networks of these variants in float64, all with equal random weights."""
    sizes = (
        (N_INPUTS, 4 * N_UNITS),
        (N_UNITS, 4 * N_UNITS),
        (1, 4 * N_UNITS),
        (N_UNITS, N_OUTPUTS),
        (1, N_OUTPUTS),
    )
    drawn = [torch.tensor(normal(*size, seed=i)) for i, size in enumerate(sizes)]
    return VariantNetworks(names, tuple(one.expand(len(names), -1, -1) for one in drawn))


def formula(name: str) -> np.ndarray:
    """Outputs of a variant, step by step."""
    w, u, b, v, d = (one[0].numpy() for one in networks(name).tensors)
    has = VARIANTS[name]
    h = c = np.zeros((4, N_UNITS))
    outputs = []
    for x in VALUES:
        z = x @ w + b + h @ u
        if not has.content_recurrence:
            z[:, 3 * N_UNITS :] = (x @ w + b)[:, 3 * N_UNITS :]
        i, f, o, g = np.split(z, 4, axis=1)
        i = sigmoid(i) if has.input_gate else np.ones_like(i)
        f = sigmoid(f) if has.forget_gate else np.ones_like(f)
        f = 1 - i if has.coupled else f
        g = np.tanh(g) if has.content_activation else g
        c = (f * c if has.memory else 0) + i * g
        h = np.tanh(c) if has.output_activation else c
        h = h * sigmoid(o) if has.output_gate else h
        outputs.append(h @ v + d)
    return np.array(outputs)


def test_every_variant_is_its_formula() -> None:
    found = networks(*VARIANTS).outputs(torch.tensor(VALUES)).numpy()
    for number, name in enumerate(VARIANTS):
        np.testing.assert_allclose(found[number], formula(name), rtol=0, atol=1e-12)
    assert len({float(one[-1, 0, 0]) for one in found}) == len(VARIANTS)


def test_the_whole_lstm_and_the_one_without_gates_are_those_of_torch() -> None:
    both = networks("full", "no_gates")
    w, u, b, v, d = (one[0] for one in both.tensors)
    lstm = torch.nn.LSTM(N_INPUTS, N_UNITS).double()
    order = torch.cat([torch.arange(N_UNITS) + part * N_UNITS for part in (0, 1, 3, 2)])
    simple = torch.nn.RNN(N_INPUTS, N_UNITS).double()
    content = torch.arange(3 * N_UNITS, 4 * N_UNITS)
    for number, (module, columns) in enumerate(((lstm, order), (simple, content))):
        named = {
            "weight_ih_l0": w.T[columns],
            "weight_hh_l0": u.T[columns],
            "bias_ih_l0": b[0, columns],
            "bias_hh_l0": torch.zeros(len(columns)).double(),
        }
        module.load_state_dict(named)
        wanted = module(torch.tensor(VALUES))[0] @ v + d
        found = both.outputs(torch.tensor(VALUES))[number]
        np.testing.assert_allclose(found, wanted.detach(), rtol=0, atol=1e-12)


def test_a_loss_is_torchs_and_a_blind_answer_has_a_loss_of_one() -> None:
    for name in TASK_NAMES:
        task = TASKS[name]
        batch = task.held_out_batch(np.random.default_rng(3), 30)
        right = batch.targets[batch.mask]
        if task.kind == "regress":
            assert blind_loss(task, batch) == pytest.approx(((right - right.mean(0)) ** 2).mean())
        else:
            logits = np.log(np.bincount(right) / len(right))
            wanted = torch.nn.functional.cross_entropy(
                torch.tensor(logits).expand(len(right), -1), torch.tensor(right)
            )
            assert blind_loss(task, batch) == pytest.approx(float(wanted))


def test_losses_are_those_of_the_networks_of_the_file() -> None:
    losses = variant_losses(lambda share: None)
    assert list(losses) == list(VARIANTS)
    assert all(one.shape == (3, 4) for one in losses.values())
    assert min(one.min() for one in losses.values()) > 0
    task = TASKS["flip_flop"]
    batch = task.held_out_batch(np.random.default_rng(4), 5)
    found = task_losses(
        VariantNetworks(("full",), tuple(one[:1].float() for one in _three_inputs())), task, batch
    )
    outputs = VariantNetworks(("full",), _three_inputs()).outputs(
        torch.tensor(batch.sequence.values).double()
    )
    assert float(found[0]) == pytest.approx(
        ((outputs[0].numpy() - batch.targets) ** 2).mean(), rel=1e-4
    )


def _three_inputs() -> tuple[torch.Tensor, ...]:
    w, u, b, v, d = networks("full").tensors
    return w, u, b, torch.cat([v, v[..., :1]], 2), torch.cat([d, d[..., :1]], 2)


def test_costs_are_counted_beside_the_four_others() -> None:
    found = rv.findings.reproduce("gate_variants")
    median = {k: np.median(v, axis=1).mean() for k, v in variant_losses(lambda _: None).items()}
    others = ("no_input_gate", "no_output_gate", "no_input_activation", "coupled")
    assert found["forget"] == sum(median["no_forget_gate"] > median[name] for name in others)
    assert found["coupled_cost"] == pytest.approx(median["coupled"] - median["full"])


def test_the_whole_lstm_learns_each_task_from_every_seed_and_one_without_gates_not_all() -> None:
    losses = variant_losses(lambda share: None)
    assert losses["full"].max() < 0.05
    assert losses["no_gates"][TASK_NAMES.index("temporal_order")].min() > 0.9
