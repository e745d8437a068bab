"""Lesson 8: what training made of the gates, with PyTorch and formulas as the witnesses."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnviz.figures.theme import Look
from rnnviz.lessons.content import adding_task, training
from rnnviz.lessons.lesson import FactValue
from rnnviz.network.model import Model
from rnnviz.train.presets import preset
from tests.witnesses import assert_close

SETTINGS = training.CODE.settings()
STACKED = {
    "lstm": ("input", "forget", "candidate", "output"),
    "gru_reset_after": ("reset", "update", "candidate"),
    "rnn": ("hidden",),
}


def fact(name: str, **settings: float) -> FactValue:
    return training.CODE.facts[name]({**SETTINGS, **settings})


def torch_answers(model: Model, values: np.ndarray) -> np.ndarray:
    """(time, batch, output) before any softmax, by PyTorch's own network in double precision."""
    (layer,) = model.layers
    weights = layer.weights
    gates = STACKED[layer.cell_name]
    kind = {"lstm": torch.nn.LSTM, "gru_reset_after": torch.nn.GRU, "rnn": torch.nn.RNN}[
        layer.cell_name
    ]
    net = kind(values.shape[2], layer.n_units, dtype=torch.float64)
    roles = {"weight_ih": "x", "weight_hh": "h", "bias_ih": "b", "bias_hh": "bh"}
    loaded = {}
    for name, role in roles.items():
        given = [weights.get(f"{gate}.{role}") for gate in gates]
        empty = torch.zeros(len(gates) * layer.n_units)
        parts = [part for part in given if part is not None]
        loaded[f"{name}_l0"] = torch.tensor(np.concatenate(parts)) if parts else empty
    net.load_state_dict({name: array.double() for name, array in loaded.items()})
    with torch.no_grad():
        hidden, _ = net(torch.tensor(values, dtype=torch.float64))
    assert model.readout is not None
    return hidden.numpy() @ model.readout.weights.T.astype(float) + model.readout.bias


def test_the_same_brackets_are_answered_better_from_moment_to_moment_as_pytorch_counts() -> None:
    batch = training.brackets_batch()
    shares = []
    for moment, kept in enumerate(preset(training.PRESET).snapshots()):
        said = torch_answers(kept.model, batch.sequence.values).argmax(axis=2)
        shares.append(float(np.mean(said == batch.targets)))
        assert fact(f"right_{moment}") == pytest.approx(shares[-1], abs=1e-3)
        assert fact("right", moment=float(moment)) == fact(f"right_{moment}")
        assert fact(f"step_{moment}") == kept.step
    assert shares == sorted(shares)
    assert shares[0] < 0.3 < 0.99 < shares[-1]


def test_the_counter_learns_to_write_with_two_signs() -> None:
    # The depth, counted here.
    opens = training.brackets_batch().sequence.values[..., [0, 2, 4]].sum(axis=2) == 1
    depth = np.where(opens, 1, -1).cumsum(axis=0)
    for moment in training.MOMENTS:
        weights = preset(training.PRESET).snapshots()[moment].model
        read = training.trace(weights, training.brackets_batch().sequence)
        unit = fact("counter")
        written = read["input"][..., unit] * read["candidate"][..., unit]
        assert fact(f"opening_{moment}") == pytest.approx(float(written[opens].mean()), abs=1e-6)
        assert fact(f"closing_{moment}") == pytest.approx(float(written[~opens].mean()), abs=1e-6)
        cell = read["cell"].reshape(-1, 12)
        best = max(abs(np.corrcoef(cell[:, u], depth.ravel())[0, 1]) for u in range(12))
        assert fact(f"follows_{moment}") == pytest.approx(best, abs=1e-6)
    assert fact("opening_0") * fact("closing_0") > 0
    for moment in training.MOMENTS[1:]:
        assert fact(f"opening_{moment}") * fact(f"closing_{moment}") < 0
        assert fact(f"follows_{moment}") > 0.9


def test_every_moment_is_drawn_on_one_scale() -> None:
    scales = []
    for moment in training.MOMENTS:
        settings = {**SETTINGS, "moment": float(moment)}
        figure = training.CODE.figures["gates"](settings, Look())
        scales.append([(one["name"], one["zmin"], one["zmax"]) for one in figure["data"]])
    assert all(scale == scales[0] for scale in scales)


@pytest.mark.parametrize("cell", adding_task.COMPARED_CELLS)
def test_the_errors_are_those_of_pytorchs_answers(cell: str) -> None:
    values = adding_task.adding_batch().sequence.values
    # The sum of what is marked, by the definition of the task.
    right = (values[..., 0] * values[..., 1]).sum(axis=0)
    assert_close(adding_task.true_sums(), right, 1e-6)
    said = torch_answers(preset(f"adding_{cell}").model(), values)[-1, :, 0]
    assert fact(f"error_{cell}") == pytest.approx(float(np.mean((said - right) ** 2)), rel=0.02)
    assert fact("chance") == pytest.approx(float(np.mean((1 - right) ** 2)), rel=1e-5)


def test_two_of_three_beat_chance_and_the_simple_network_says_the_mean() -> None:
    assert training.CODE.answers["beats"]() == 2
    assert fact("error_lstm") < 0.001
    assert fact("error_gru") < 0.001
    assert fact("error_rnn") > 0.9 * float(fact("chance"))
    assert 0.85 < float(fact("least_rnn")) < float(fact("most_rnn")) < 1.15


def test_the_trained_carrier_keeps_the_first_number_and_the_untrained_one_does_not() -> None:
    first, second = adding_task.marks()
    assert list(np.flatnonzero(adding_task.example()[:, 1])) == [first, second]
    early, late = {}, {}
    for moment in training.MOMENTS:
        early[moment] = fact("spread_at", learned=float(moment))
        late[moment] = fact("spread_late", learned=float(moment))
    assert late[0] < 1e-6 < early[0]
    assert adding_task.carrier_spread({**SETTINGS, "learned": 0.0}, first + 8) < 0.2 * float(
        early[0]
    )
    assert late[4] > 0.8 * early[4]
    assert fact("simple_late") == 0
    assert float(fact("simple_at")) > 0.1
    assert float(fact("carrier_r")) > 0.99


def test_the_carriers_forget_gate_remembers_longer_than_the_gap() -> None:
    read = training.trace(preset("adding_lstm").model(), adding_task.with_first_number((0.5,)))
    first, second = adding_task.marks()
    gates = read["forget"][first + 1 : second, 0, fact("carrier")]
    assert fact("forget") == pytest.approx(float(gates.mean()))
    assert fact("tau") == pytest.approx(-1 / np.log(float(gates.mean())))
    assert float(fact("tau")) > float(fact("gap"))


@pytest.mark.parametrize("number", [0.0, 0.35, 1.0])
def test_the_answer_follows_the_readers_number(number: float) -> None:
    values = adding_task.example().copy()
    values[adding_task.marks()[0], 0] = number
    said = torch_answers(preset("adding_lstm").model(), values[:, None].astype(float))[-1, 0, 0]
    assert fact("said", first=number) == pytest.approx(float(said), abs=1e-4)
    right = float((values[:, 0] * values[:, 1]).sum())
    assert fact("sum", first=number) == pytest.approx(right, abs=1e-6)
    assert abs(float(fact("said", first=number)) - right) < 0.1
