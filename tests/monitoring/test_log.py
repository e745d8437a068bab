"""`rv.Log`: what it writes, where to, and that the training is what it is without it."""

from __future__ import annotations

import copy
import itertools
import pickle
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import rnnviz as rv
from rnnviz.monitoring.destinations import destination

KINDS = (nn.RNN, nn.LSTM, nn.GRU)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(7)
    warnings.simplefilter("ignore", rv.HealthWarning)


class Stack(nn.Module):
    def __init__(self, kind: type[Any] = nn.GRU, **options: Any) -> None:
        super().__init__()
        self.encoder = nn.ModuleDict({"rnn": kind(3, 4, 2, bidirectional=True, **options)})
        self.head = nn.Linear(8, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(nn.functional.dropout(self.encoder["rnn"](x)[0], 0.2, self.training))


def train(model: nn.Module, steps: int, after: Callable[[], None] = lambda: None) -> list[float]:
    """Losses of a training whose dropout takes random numbers at every step."""
    torch.manual_seed(3)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(steps):
        loss = model(torch.randn(6, 5, 3)).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        after()
    return losses


def state_of(model: nn.Module) -> dict[str, Any]:
    hooks = {name: dict(m._forward_hooks) for name, m in model.named_modules()}
    return {"hooks": hooks, "names": {name: list(vars(m)) for name, m in model.named_modules()}}


@pytest.mark.parametrize("kind", KINDS)
def test_a_training_is_bit_for_bit_what_it_is_without_a_log(kind: type[Any]) -> None:
    model, kept = Stack(kind), list[Any]()
    other, before = copy.deepcopy(model), state_of(model)
    alone = train(other, 7)
    with rv.Log(model, every=3, to=kept):
        watched = train(model, 7)
    assert watched == alone
    assert all(
        torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True)
    )
    assert state_of(model) == before
    assert [record["step"] for record in kept] == [0, 3, 6]


def test_nothing_is_left_on_the_model_after_an_error() -> None:
    model = Stack()
    before = state_of(model)
    with pytest.raises(RuntimeError, match="Expected"), rv.Log(model, to=[]):
        model(torch.randn(6, 5, 4))
    assert state_of(model) == before


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_are_those_of_the_trace_of_the_same_call(kind: type[Any]) -> None:
    model, kept = Stack(kind), list[Any]()
    x = torch.randn(6, 5, 3)
    with rv.watch(model) as seen, rv.Log(model, to=kept):
        model(x)
    wanted = rv.health(seen["encoder.rnn"][-1])
    for name, value in wanted.items():
        assert kept[0][f"encoder.rnn/{name}"] == value
    more = {name.rpartition(".")[2] for name in kept[0]} - {n.rpartition(".")[2] for n in wanted}
    assert more == {"step", "reach"}


@pytest.mark.parametrize("kind", KINDS)
def test_reach_and_growth_of_the_gradient_are_those_of_torch(kind: type[Any]) -> None:
    layer, kept = kind(3, 4), list[Any]()
    x, lengths = torch.randn(9, 3, 3), [9, 4, 7]
    with rv.Log(layer, to=kept):
        layer(pack_padded_sequence(x, lengths, enforce_sorted=False))
    reach, growth = [], []
    for row, length in enumerate(lengths):
        read = x[:length, row].clone().requires_grad_()
        layer(read)[0][-1].sum().backward()
        assert read.grad is not None
        norms = read.grad.norm(dim=1).numpy()
        reach.append(length - 1 - np.flatnonzero(norms >= norms[-1] / np.e)[0])
        growth.append(norms[0] / norms[-1])
    place = f"{kind.__name__}/0.forward.gradient"
    assert kept[0][f"{place}.reach"] == pytest.approx(np.mean(reach))
    assert kept[0][f"{place}.growth"] == pytest.approx(np.exp(np.mean(np.log(growth))), rel=1e-4)
    assert all(weight.grad is not None for weight in layer.parameters())


def test_without_a_graph_there_is_no_gradient() -> None:
    layer, kept = nn.LSTM(3, 4), list[Any]()
    with rv.Log(layer, to=kept), torch.no_grad():
        layer(torch.randn(9, 3, 3))
    assert not any("gradient" in name for name in kept[0])


def test_change_of_the_weights_is_the_norm_of_their_difference() -> None:
    model, kept = Stack(), list[Any]()
    layer = model.encoder["rnn"]
    before = copy.deepcopy(layer)
    with rv.Log(model, every=2, to=kept):
        train(model, 2)
        after = copy.deepcopy(layer)
        train(model, 1)
    for place, ending in (("0.forward", "_l0"), ("1.backward", "_l1_reverse")):
        old, new = (
            torch.cat([w.flatten() for n, w in one.named_parameters() if n.endswith(ending)])
            for one in (before, after)
        )
        change = ((new - old).double().norm() / new.double().norm()).item()
        assert kept[1][f"encoder.rnn/{place}.weights.change"] == pytest.approx(change, rel=1e-5)
        assert kept[1][f"encoder.rnn/{place}.weights.updates"] == 2


def test_calls_in_evaluation_mode_are_no_updates() -> None:
    model, kept = Stack(), list[Any]()
    with rv.Log(model, every=2, to=kept):
        for _ in range(4):
            model.eval()(torch.randn(6, 5, 3))
            model.train()(torch.randn(6, 5, 3))
    assert [record["step"] for record in kept] == [0, 2]


def test_step_counts_updates_of_several_calls() -> None:
    model, kept = Stack(), list[Any]()
    with rv.Log(model, every=2, to=kept) as log:
        for _ in range(5):
            model(torch.randn(6, 5, 3))
            model(torch.randn(6, 5, 3))
            log.step()
    assert [record["step"] for record in kept] == [0, 2, 4]
    with rv.Log(model, every=10, to=kept.clear() or kept) as log:
        for number in (0, 7, 20):
            log.step(number)
            model(torch.randn(6, 5, 3))
    assert [record["step"] for record in kept] == [0, 20]


def test_a_loop_over_a_cell_in_the_users_code_is_one_sequence() -> None:
    cell, kept = nn.LSTMCell(3, 4), list[Any]()
    x = torch.randn(6, 2, 3)
    with rv.Log(cell, every=2, to=kept) as log:
        for update in range(3):
            log.step(update)
            state = None
            for step in x:
                state = cell(step, state)
    with rv.watch(cell) as seen:
        state = None
        for step in x:
            state = cell(step, state)
    wanted = rv.health(seen[""][-1])
    assert [record["step"] for record in kept] == [0, 2]
    assert {n: kept[0][f"LSTMCell/{n}"] for n in wanted} == wanted
    assert "LSTMCell/0.forward.gradient.reach" in kept[0]


def test_numbers_that_overflow_are_named_by_gate_unit_and_step() -> None:
    layer, kept = nn.RNN(3, 4, nonlinearity="relu"), list[Any]()
    with torch.no_grad():
        layer.weight_hh_l0.fill_(1e12)
        layer.weight_hh_l0[1:] = 0
    with rv.Log(layer, every=50, to=kept) as log:
        layer(torch.zeros(2, 3, 3))
        layer(torch.ones(9, 3, 3))
        assert [symptom.kind for symptom in log.symptoms] == ["nan"]
        assert log.symptoms[0].facts["signal"] == "hidden"
    hidden = layer(torch.ones(9, 3, 3))[0].detach().numpy()
    step, _, unit = np.argwhere(~np.isfinite(hidden))[0]
    found = {name.rpartition(".")[2]: v for name, v in kept[1].items() if "first_nan" in name}
    assert found == {"step": step, "row": 0, "unit": unit}


def test_broken_weights_are_named_once_and_again_when_they_were_sound() -> None:
    layer, kept = nn.GRU(3, 4), list[Any]()
    sound = copy.deepcopy(layer.state_dict())
    with rv.Log(layer, every=50, to=kept):
        for weights in ("sound", "broken", "broken", "sound", "broken"):
            layer.load_state_dict(sound)
            with torch.no_grad():
                layer.weight_hh_l0[0, 0] = torch.nan if weights == "broken" else 0
            layer(torch.ones(4, 2, 3))
    assert [record["step"] for record in kept] == [0, 1, 4]
    (symptom,) = rv.symptoms(kept[1])
    assert symptom.kind == "nan_weights"


def test_dropout_between_levels_leaves_the_lowest() -> None:
    layer, kept = nn.GRU(3, 4, 2, dropout=0.5), list[Any]()
    with rv.Log(layer, to=kept), warnings.catch_warnings():
        warnings.simplefilter("ignore", rv.AssumptionWarning)
        layer(torch.randn(6, 5, 3))
    assert {name.split("/")[1][0] for name in kept[0] if "/" in name} == {"0"}


def test_a_copy_and_a_file_of_the_model_do_not_log() -> None:
    model, kept = Stack(), list[Any]()
    with rv.Log(model, every=1, to=kept):
        for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            other(torch.randn(6, 5, 3))
        assert not kept


def test_half_precision_and_autocast_have_numbers() -> None:
    layer, kept = nn.LSTM(3, 4), list[Any]()
    with rv.Log(layer, every=1, to=kept):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            layer(torch.randn(6, 5, 3))
        layer.bfloat16()(torch.randn(6, 5, 3).bfloat16())
    assert len(kept) == 2
    assert all("LSTM/0.forward.gradient.reach" in record for record in kept)


class SummaryWriter:
    def __init__(self) -> None:
        self.written: list[tuple[str, float, int]] = []

    def add_scalar(self, tag: str, value: float, global_step: int) -> None:
        self.written.append((tag, value, global_step))


class Run:
    def __init__(self) -> None:
        self.written: list[tuple[dict[str, float], bool]] = []

    def log(self, data: dict[str, float], step: int | None = None, commit: bool = True) -> None:
        assert step is None
        self.written.append((data, commit))


class Logger:
    def __init__(self) -> None:
        self.written: list[tuple[dict[str, float], int | None]] = []

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        self.written.append((metrics, step))


def test_every_destination_is_written_to_in_its_own_way() -> None:
    numbers = {"GRU/0.forward.hidden.dead": 0.5}
    writer, run, logger, kept, called = SummaryWriter(), Run(), Logger(), list[Any](), list[Any]()
    for to in (writer, run, logger, kept, lambda n, step: called.append((n, step))):
        destination(to)(numbers, 200)
    assert writer.written == [("GRU/0.forward.hidden.dead", 0.5, 200)]
    assert run.written == [(numbers, False)]
    assert logger.written == [(numbers, 200)]
    assert kept == [{"step": 200, **numbers}]
    assert called == [(numbers, 200)]


@pytest.mark.parametrize("to", [None, 3, "folder"])
def test_another_destination_is_refused(to: Any) -> None:
    with pytest.raises(rv.InputError, match="Health goes to a SummaryWriter"):
        rv.Log(nn.GRU(3, 4), to=to)


@pytest.mark.parametrize("options", [{"every": 0}, {"rows": [-1]}, {"layers": ["head"]}])
def test_options_that_are_none_are_refused_and_leave_nothing(options: dict[str, Any]) -> None:
    model = Stack()
    before = state_of(model)
    with pytest.raises(rv.InputError):
        rv.Log(model, to=[], **options)
    with pytest.raises(rv.InputError, match="An update has a number"):
        rv.Log(nn.GRU(3, 4), to=[]).step(-1)
    with pytest.raises(rv.ModelError):
        rv.Log(nn.Linear(3, 4), to=[])
    assert state_of(model) == before


def test_a_symptom_is_a_warning_once() -> None:
    layer = nn.GRU(3, 4)
    with warnings.catch_warnings(record=True) as seen, rv.Log(layer, every=1, to=[]):
        warnings.simplefilter("always")
        for _ in range(3):
            layer(1e6 * torch.randn(6, 5, 3))
    said = [str(one.message) for one in seen if "Saturated gates" in str(one.message)]
    assert len(said) == 1
    assert said[0].startswith("Update 0, GRU, layer 1: ")


def warned(run: Callable[[], object]) -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        run()
    return seen


def test_a_warning_shows_the_line_of_the_user_that_called_the_model() -> None:
    model = Stack()

    def run() -> None:
        with rv.Log(model, every=1, to=[]):
            model(1e6 * torch.randn(6, 5, 3))

    first = run.__code__.co_firstlineno
    lines = {(one.filename, one.lineno) for one in warned(run)}
    assert lines
    assert lines <= {(__file__, line) for line in range(first, first + 4)}


@pytest.mark.parametrize("error", [OSError("disk full"), KeyError("x"), ZeroDivisionError()])
def test_a_destination_that_fails_is_warned_of_once_and_the_training_goes_on(
    error: Exception,
) -> None:
    def fail(_numbers: Any, _step: int) -> None:
        raise error

    model = Stack()
    before, alone = state_of(model), train(copy.deepcopy(model), 3)
    log = rv.Log(model, every=1, to=fail)

    def run() -> None:
        with log:
            assert train(model, 3) == alone

    said = [str(one.message) for one in warned(run) if "could not be written" in str(one.message)]
    assert len(said) == 1
    assert type(error).__name__ in said[0]
    assert log.numbers
    assert state_of(model) == before


def test_an_interrupt_of_a_destination_leaves_nothing_on_the_model() -> None:
    def interrupt(_numbers: Any, _step: int) -> None:
        raise KeyboardInterrupt

    model = Stack()
    before = state_of(model)
    log = rv.Log(model, to=interrupt)
    with pytest.raises(KeyboardInterrupt), log:
        model(torch.randn(6, 5, 3))
    assert state_of(model) == before
    cell = nn.GRUCell(3, 4)
    log = rv.Log(cell, to=interrupt)
    log.step(0)
    cell(torch.randn(5, 3))
    with pytest.raises(KeyboardInterrupt):
        log.close()
    assert not cell._forward_hooks


def test_where_warnings_are_errors_the_record_is_written_first() -> None:
    layer, kept = nn.GRU(3, 4), list[Any]()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(rv.HealthWarning), rv.Log(layer, every=1, to=kept):
            layer(1e6 * torch.randn(6, 5, 3))
    assert kept[0]["step"] == 0
    assert not layer._forward_hooks


def test_a_record_that_cannot_be_computed_does_not_end_the_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("rnnviz.monitoring.layer_log.call_health", fail)
    layer = nn.GRU(3, 4)

    def run() -> None:
        with rv.Log(layer, every=2, to=[]):
            layer(torch.randn(6, 5, 3))
            layer(torch.full((6, 5, 3), torch.nan))

    assert [str(one.message) for one in warned(run)] == [
        "The health of “GRU” could not be told (MemoryError: )."
    ]
    assert not layer._forward_hooks


@pytest.mark.parametrize("rows", [range(10**12), itertools.repeat(0)])
def test_more_rows_than_can_be_held_are_refused(rows: Any) -> None:
    for door in (partial(rv.Log, to=[]), lambda model, **options: rv.watch(model, **options)):
        with (
            pytest.raises(rv.InputError, match=r"65,536 numbers of rows"),
            door(nn.GRU(3, 4), rows=rows),
        ):
            pass
