"""The lesson of back-propagation through time, with PyTorch's autograd as the witness."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from rnnviz.core.gate_order import GATE_ORDER
from rnnviz.engine.api import trace
from rnnviz.lessons.content import adding_task as adding
from rnnviz.lessons.content import through_time as lesson
from rnnviz.lessons.content.adding_gradients import (
    LEARNING,
    TRAINED,
    lstm_at,
    lstm_gradients,
    lstm_trace,
    numbers_read,
    simple_gradients,
    simple_rnn,
    sizes,
    true_sum,
)
from rnnviz.lessons.content.gradient_limits import CLIPPED_ROWS, all_weights, clip_factor
from rnnviz.lessons.interactive import SettingsAnswer
from rnnviz.network.model import Model
from tests.witnesses import assert_close

SETTINGS = lesson.CODE.settings()
VALUES = torch.tensor(numbers_read().values, dtype=torch.float64)
FIRST, SECOND = adding.marks()


def fact(name: str, **settings: float) -> float:
    return float(lesson.CODE.facts[name]({**SETTINGS, **settings}))


def torch_module(model: Model) -> tuple[Any, torch.Tensor, torch.Tensor]:
    """`torch.nn`'s own layer with a model's weights, and its readout."""
    layer, readout = model.layers[0], model.readout
    assert readout is not None
    kind = {"lstm": torch.nn.LSTM, "rnn": torch.nn.RNN}[layer.cell_name]
    module = kind(layer.n_inputs, layer.n_units, dtype=torch.float64)
    gates = GATE_ORDER["torch"][layer.cell_name]
    roles = {"weight_ih": "x", "weight_hh": "h", "bias_ih": "b", "bias_hh": "bh"}
    stacked = {
        f"{key}_l0": torch.tensor(np.concatenate([layer.weights[f"{g}.{role}"] for g in gates]))
        for key, role in roles.items()
    }
    module.load_state_dict({name: array.double() for name, array in stacked.items()})
    weights = torch.tensor(readout.weights).double().requires_grad_()
    return module, weights, torch.tensor(readout.bias).double().requires_grad_()


def torch_states(model: Model) -> tuple[list[Any], list[Any], Any]:
    """Hidden and cell states of every step as torch computes them a step at a time, and the sum of
    the squared error; all have their gradients."""
    module, weights, bias = torch_module(model)
    state: Any = None
    hidden, cell = [], []
    for x in VALUES:
        _, state = module(x[None], state)
        parts = state if isinstance(state, tuple) else (state,)
        for part in parts:
            part.retain_grad()
        hidden.append(parts[0])
        cell.append(parts[-1])
    lost = ((hidden[-1][0, 0] @ weights.T + bias - true_sum()) ** 2).sum()
    lost.backward()
    return hidden, cell, lost


@pytest.mark.parametrize("moment", [0, 3, 4])
def test_the_lstms_gradients_are_pytorchs_and_so_is_what_reaches_step_1(moment: int) -> None:
    hidden, cell, lost = torch_states(lstm_at(moment))
    found = lstm_gradients(moment)
    assert found.loss == pytest.approx(float(lost.detach()), abs=1e-12)
    of_hidden = torch.stack([one.grad[0, 0] for one in hidden]).numpy()
    assert_close(found["hidden"][:, 0], of_hidden)
    # Torch's c is seen by the steps to come; within its own step, h is computed from it too.
    later = np.stack([np.zeros(32) if one.grad is None else one.grad[0, 0] for one in cell])
    output = lstm_trace(moment)["output"][:, 0].astype(float)
    slope = 1 - np.tanh(torch.cat(cell)[:, 0].detach().numpy()) ** 2
    of_cell = later + output * slope * of_hidden
    np.testing.assert_allclose(found["cell"][:, 0], of_cell, rtol=1e-4, atol=1e-7)
    sizes = np.linalg.norm(of_cell, axis=1)
    assert fact(f"reach_{moment}") == pytest.approx(sizes[0] / sizes[-1], rel=1e-3)


def test_the_simple_networks_gradient_fades_before_and_after_training() -> None:
    for is_trained, name in ((False, "reach_simple"), (True, "reach_simple_trained")):
        hidden, _, _ = torch_states(simple_rnn(is_trained))
        sizes = [float(one.grad.norm()) for one in hidden]
        assert fact(name) == pytest.approx(sizes[0] / sizes[-1], rel=1e-6)
        assert fact(name) < 1e-23
    assert fact("per_step") ** fact("back_steps") == pytest.approx(fact("reach_simple"))
    assert lesson.CODE.answers["left"]() == 2


def test_the_formulas_of_the_text_give_the_gradients_of_gates_and_states() -> None:
    read, found = lstm_trace(TRAINED), lstm_gradients(TRAINED)
    value = {name: array[:, 0].astype(float) for name, array in read.layers[0].signals.items()}
    by = {name: array[:, 0] for name, array in found.layers[0].signals.items()}
    before = np.concatenate([np.zeros((1, 32)), value["cell"][:-1]])
    for name, partner in (
        ("forget", before),
        ("input", value["candidate"]),
        ("candidate", value["input"]),
    ):
        assert_close(by[name], by["cell"] * partner, 1e-7)
    through_hidden = value["output"] * (1 - np.tanh(value["cell"]) ** 2) * by["hidden"]
    along = value["forget"][1:] * by["cell"][1:]
    assert_close(by["cell"][:-1], along + through_hidden[:-1], 1e-7)


def test_the_simple_networks_step_back_is_the_formula_of_the_text() -> None:
    model, found = simple_rnn(), simple_gradients()
    read = trace(model, numbers_read())["hidden"][:, 0].astype(float)
    by, recurrent = found["hidden"][:, 0], model.layers[0].weights["hidden.h"].astype(float)
    assert_close(by[:-1], ((1 - read[1:] ** 2) * by[1:]) @ recurrent, 1e-7)


def test_the_candidates_gradient_stands_out_at_the_marked_steps() -> None:
    assert lesson.CODE.answers["candidate"]() == 2
    assert fact("at_marks") > 20 * fact("elsewhere")
    assert fact("gate_marked") > 0.8 > 0.02 > fact("gate_elsewhere")
    cell = sizes(lstm_gradients(TRAINED), "cell")
    assert cell.max() < 2 * cell.min()
    assert fact("carrier_share") > 90


def test_training_opens_the_road() -> None:
    assert fact("gates_0") < 1e-4 * fact("back_0")
    assert fact("back_4") > 0.8
    assert fact("gates_4") == pytest.approx(fact("back_4"), rel=0.2)
    unit = adding.carrier()[0]
    gates = lstm_trace(TRAINED)["forget"][FIRST + 1 : SECOND, 0, unit]
    assert fact("gates_4") == pytest.approx(np.prod(gates.astype(float)), rel=1e-6)
    assert fact("road_steps") == len(gates)


def test_a_truncated_gradient_is_that_of_a_detached_state_in_torch() -> None:
    module, weights, bias = torch_module(lstm_at(LEARNING))
    inputs = VALUES.clone().requires_grad_()
    _, state = module(inputs[: -lesson.WINDOW])
    out, _ = module(inputs[-lesson.WINDOW :], tuple(one.detach() for one in state))
    ((out[-1, 0] @ weights.T + bias - true_sum()) ** 2).sum().backward()
    found = lstm_gradients(LEARNING, lesson.WINDOW)
    assert inputs.grad is not None
    assert_close(found.inputs, inputs.grad.numpy())
    assert found.inputs[FIRST].tolist() == [[0.0, 0.0]]
    of_weights = [one.grad for one in (*module.parameters(), weights, bias)]
    norm = float(torch.sqrt(sum((one**2).sum() for one in of_weights)))
    assert found.norm == pytest.approx(norm, rel=1e-12)


def test_what_a_truncation_loses_is_said() -> None:
    assert lesson.CODE.answers["truncation"]() == 2
    assert fact("asked_value") == 0 < 0.1 < fact("whole_value")
    assert fact("asked_cosine") > 0.95
    assert fact("to_first") == fact("steps") - FIRST
    shares = [fact("short_norm", window=float(steps)) for steps in (5, 20, 50, 80, 100)]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(100)
    answer = lesson.CODE.exercises["shortest"]
    assert isinstance(answer, SettingsAnswer)
    reached = [steps for steps in range(1, 101) if answer.reached({"window": float(steps)})]
    assert reached == [fact("to_first")]
    assert fact("short_value", window=reached[0]) > 0 == fact("short_value", window=reached[0] - 1)


@pytest.mark.parametrize("limit", [0.5, 1.0, 20.0])
def test_clipping_is_torchs(limit: float) -> None:
    whole = torch.tensor(all_weights(lstm_gradients(LEARNING)))
    parameter = torch.nn.Parameter(torch.zeros_like(whole))
    parameter.grad = whole.clone()
    norm = float(torch.nn.utils.clip_grad_norm_([parameter], limit))
    clipped = whole.numpy() * clip_factor(norm, limit)
    # PyTorch adds 1e-6 to the norm.
    np.testing.assert_allclose(clipped, parameter.grad.numpy(), rtol=1e-5)
    assert fact("clip_cosine", limit=limit) == pytest.approx(1, abs=1e-12)


def test_the_rows_above_the_limit_are_counted() -> None:
    assert 0 < fact("above", limit=1.0) < CLIPPED_ROWS
    assert fact("above", limit=fact("largest") + 0.5) == 0
    assert fact("steep_after") == 0.6


def test_before_training_the_forget_gates_alone_would_leave_far_less_than_arrives() -> None:
    gates = lstm_trace(0)["forget"][1:, 0].astype(float)
    assert fact("start_open") == pytest.approx(np.exp(np.log(gates).sum(axis=0)).max(), rel=1e-9)
    assert fact("start_open") < fact("reach_0") / 100


def test_the_trained_lstms_gradient_is_larger_at_step_1_than_at_the_last() -> None:
    assert fact("reach_4") > 1
