"""What training made of the gates, with PyTorch and formulas as the witnesses."""

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
    options = {"nonlinearity": layer.activation("hidden")} if layer.cell_name == "rnn" else {}
    net = kind(values.shape[2], layer.n_units, dtype=torch.float64, **options)
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


def test_the_counters_cell_state_goes_down_at_an_opening_and_up_at_a_closing_bracket() -> None:
    # The depth, counted here.
    opens = training.brackets_batch().sequence.values[..., [0, 2, 4]].sum(axis=2) == 1
    depth = np.where(opens, 1, -1).cumsum(axis=0)
    unit = int(fact("counter"))
    for moment in training.MOMENTS:
        model = preset(training.PRESET).snapshots()[moment].model
        read = training.trace(model, training.brackets_batch().sequence)
        cell = read["cell"]
        changes = {True: [], False: []}
        for t in range(1, len(cell)):
            for row in range(cell.shape[1]):
                changes[bool(opens[t, row])].append(cell[t, row, unit] - cell[t - 1, row, unit])
        assert fact(f"opening_{moment}") == pytest.approx(np.mean(changes[True]), abs=1e-5)
        assert fact(f"closing_{moment}") == pytest.approx(np.mean(changes[False]), abs=1e-5)
        each = [np.corrcoef(cell[..., u].ravel(), depth.ravel())[0, 1] for u in range(12)]
        assert fact(f"follows_{moment}") == pytest.approx(max(each, key=abs), abs=1e-6)
    written = read["input"][..., unit] * read["candidate"][..., unit]
    assert fact("written_opening") == pytest.approx(float(written[opens].mean()), abs=1e-6)
    assert fact("written_closing") == pytest.approx(float(written[~opens].mean()), abs=1e-6)
    assert fact("counter_forget") == pytest.approx(float(read["forget"][..., unit].mean()))


def test_the_counter_counts_with_equal_steps_and_the_sign_turned_round() -> None:
    down, up = float(fact("opening_4")), float(fact("closing_4"))
    assert down < 0 < up
    assert up / -down == pytest.approx(1, abs=0.1)
    # What it writes is not balanced, since part of the cell state is lost at every step.
    assert -float(fact("written_opening")) < 0.8 * float(fact("written_closing"))
    assert float(fact("counter_forget")) < 0.8
    assert float(fact("follows_4")) < -0.95


def test_a_unit_follows_the_depth_before_the_answers_are_right() -> None:
    assert training.CODE.answers["depth"]() == 1
    assert abs(float(fact("follows_0"))) < 0.5
    assert abs(float(fact("follows_1"))) > 0.9
    assert float(fact("right_1")) < 0.5 < 0.9 < float(fact("right_3"))


def test_the_weights_of_a_network_are_all_that_pytorch_counts_with_the_readouts() -> None:
    def count(kind: type[torch.nn.Module], inputs: int, units: int, outputs: int) -> int:
        modules = (kind(inputs, units), torch.nn.Linear(units, outputs))
        return sum(p.numel() for module in modules for p in module.parameters())

    own = preset(training.PRESET)
    second_biases = 4 * own.units  # this LSTM has them added up
    lstm = count(torch.nn.LSTM, len(own.vocabulary), own.units, len(own.outputs))
    assert fact("weights") in (lstm, lstm - second_biases)
    for name, kind in (("rnn", torch.nn.RNN), ("lstm", torch.nn.LSTM), ("gru", torch.nn.GRU)):
        assert fact(f"weights_{name}") == count(kind, 2, 32, 1)
    assert fact("weights_rnn_identity") == fact("weights_rnn")
    assert fact("per_gate") * 3 + 33 == fact("weights_gru")
    assert float(fact("weights_gru")) / float(fact("weights_lstm")) == pytest.approx(0.75, abs=0.01)
    assert training.CODE.exercises["count"].value() == count(torch.nn.GRU, 2, 32, 1)


def test_the_four_networks_of_the_adding_problem_differ_in_what_the_lesson_says() -> None:
    configs = {name: preset(f"adding_{name}").config for name in adding_task.COMPARED}
    for name in ("steps", "batch", "rate", "seed", "units", "layers", "cools"):
        assert len({getattr(config, name) for config in configs.values()}) == 1, name
    assert configs["rnn"].activation == configs["rnn"].init == ""
    assert (configs["rnn_identity"].init, configs["rnn_identity"].activation) == (
        "identity",
        "relu",
    )
    start = preset("adding_rnn_identity").untrained_model().layers[0]
    assert (start.weights["hidden.h"] == np.eye(32)).all()
    assert start.activation("hidden") == "relu"
    first = preset("adding_lstm").untrained_model().layers[0].weights
    both = first["forget.b"] + first["forget.bh"]
    assert both.mean() == pytest.approx(1, abs=0.1)


def test_every_moment_is_drawn_on_one_scale() -> None:
    scales = []
    for moment in training.MOMENTS:
        settings = {**SETTINGS, "moment": float(moment)}
        figure = training.CODE.figures["gates"](settings, Look())
        scales.append([(one["name"], one["zmin"], one["zmax"]) for one in figure["data"]])
    assert all(scale == scales[0] for scale in scales)


@pytest.mark.parametrize("cell", adding_task.COMPARED)
def test_the_errors_are_those_of_pytorchs_answers(cell: str) -> None:
    values = adding_task.adding_batch().sequence.values
    # The sum of what is marked, by the definition of the task.
    right = (values[..., 0] * values[..., 1]).sum(axis=0)
    assert_close(adding_task.true_sums(), right, 1e-6)
    said = torch_answers(preset(f"adding_{cell}").model(), values)[-1, :, 0]
    assert fact(f"error_{cell}") == pytest.approx(float(np.mean((said - right) ** 2)), rel=0.02)
    assert fact("chance") == pytest.approx(float(np.mean((1 - right) ** 2)), rel=1e-5)


def test_two_of_three_beat_chance_and_relu_with_the_identity_does_too() -> None:
    assert training.CODE.answers["beats"]() == 2
    assert training.CODE.answers["identity"]() == 2
    assert fact("error_lstm") < 0.001
    assert fact("error_gru") < 0.001
    assert fact("error_rnn_identity") < 0.001
    assert fact("error_rnn") > 0.9 * float(fact("chance"))
    assert 0.85 < float(fact("least_rnn")) < float(fact("most_rnn")) < 1.15


def test_always_answering_1_costs_a_sixth_in_the_long_run() -> None:
    first, second = np.random.default_rng(3).random((2, 1_000_000))
    assert np.mean((1 - first - second) ** 2) == pytest.approx(1 / 6, abs=1e-3)
    assert preset("adding_rnn").chance == pytest.approx(1 / 6, abs=1e-6)


def test_the_tanh_network_sees_the_last_step_and_hardly_anything_before() -> None:
    """Fresh sequences, chosen by where their second mark happens to stand."""
    batch = training.TASKS["adding"].held_out_batch(np.random.default_rng(11), 12_000)
    values = batch.sequence.values
    second = len(values) - 1 - np.argmax(values[::-1, :, 1], axis=0)
    found = {}
    for back in range(4):
        rows = np.flatnonzero(second == len(values) - 1 - back)
        said = torch_answers(preset("adding_rnn").model(), values[:, rows])[-1, :, 0]
        found[back] = np.corrcoef(values[-1 - back, rows, 0], said)[0, 1]
        if back == 0:
            assert said.min() == pytest.approx(fact("last_least"), abs=0.02)
            assert said.max() == pytest.approx(fact("last_most"), abs=0.02)
    assert found[0] == pytest.approx(fact("last_r"), abs=0.01)
    assert found[1] == pytest.approx(fact("before_last_r"), abs=0.2)
    assert found[0] > 0.95
    assert abs(found[2]) < 0.2
    assert abs(found[3]) < 0.2
    assert abs(float(fact("two_before_r"))) < 0.2


def test_the_low_points_of_the_figure_are_those_marked_in_the_last_step() -> None:
    figure = training.CODE.figures["scatter"](SETTINGS, Look())
    earlier, late = (np.array(figure["data"][i]["y"]) for i in (0, 1))
    assert len(earlier) + len(late) == fact("rows_adding")
    assert 0 < len(late) < 12
    assert late.min() < 0.93 < 0.96 < earlier.min()
    assert len([one for one in figure["data"] if one["showlegend"]]) == 2


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
    assert float(fact("carrier_r")) < -0.99
    assert float(fact("relu_late")) > float(fact("relu_at")) > 0.1


def test_the_carriers_forget_gate_remembers_longer_than_the_gap() -> None:
    read = training.trace(preset("adding_lstm").model(), adding_task.with_first_number((0.5,)))
    first, second = adding_task.marks()
    gates = read["forget"][first + 1 : second, 0, fact("carrier")]
    assert fact("forget") == pytest.approx(float(gates.mean()))
    assert fact("tau") == pytest.approx(-1 / np.log(float(gates.mean())))
    assert float(fact("tau")) > float(fact("gap"))
    # The fan itself, over the steps from the first mark to the step before the second.
    at, late = float(fact("spread_at")), float(fact("spread_late"))
    assert at * np.exp(-(second - 1 - first) / float(fact("tau_fan"))) == pytest.approx(late)
    assert float(fact("gap")) < float(fact("tau_fan")) < 0.7 * float(fact("tau"))


@pytest.mark.parametrize("number", [0.0, 0.35, 1.0])
def test_the_answer_follows_the_readers_number(number: float) -> None:
    values = adding_task.example().copy()
    values[adding_task.marks()[0], 0] = number
    said = torch_answers(preset("adding_lstm").model(), values[:, None].astype(float))[-1, 0, 0]
    assert fact("said", first=number) == pytest.approx(float(said), abs=1e-4)
    right = float((values[:, 0] * values[:, 1]).sum())
    assert fact("sum", first=number) == pytest.approx(right, abs=1e-6)
    assert abs(float(fact("said", first=number)) - right) < 0.1


def test_an_early_moment_loses_the_number_and_the_last_one_does_not() -> None:
    reached = training.CODE.exercises["lost"].reached
    assert reached({**SETTINGS, "learned": 0.0, "first": 0.2})
    assert not reached({**SETTINGS, "learned": 4.0})
    assert fact("given_gate") ** float(fact("given_tau")) == pytest.approx(1 / np.e)
