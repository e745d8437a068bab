"""Interventions against a loop written out here, against torch.nn, and against other weights."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.analysis.contributions import contributions
from rnnviz.analysis.update import state_update
from rnnviz.core.activations import activation
from rnnviz.core.backend import get_backend
from rnnviz.interventions.serialise import from_text, to_text
from rnnviz.interventions.types import Intervention, default_intervention
from tests.cells.test_contracts import layer as layer_of
from tests.witnesses import (
    BATCH,
    INPUT,
    LENGTHS,
    MODULES,
    STEPS,
    UNIT,
    Array,
    assert_close,
    model_and_module,
    normal,
    sigmoid,
    torch_module,
)

VALUES = normal(STEPS, BATCH, INPUT, seed=9)
SEQUENCE = rv.Sequence(VALUES, lengths=LENGTHS)
DEEP = {"num_layers": 2, "bidirectional": True}
every_module = pytest.mark.parametrize("name", MODULES)
every_cell = pytest.mark.parametrize("cell", list(rv.CELLS))
every_backend = pytest.mark.parametrize("backend", ["numpy", "torch"])
GATE = {"RNN": "hidden", "LSTM": "forget", "GRU": "update"}


def touched_by_hand(name: str, module: Any, states: dict[str, Array]) -> list[dict[str, Array]]:
    """Every layer's hidden state, its gates and the states before, under `five_of`, by plain code.

    Torch keeps its weights as rows i, f, g, o and r, z, n.
    """
    seen: list[dict[str, Array]] = []
    below = VALUES
    for index in range(4):
        suffix = f"l{index // 2}{'_reverse' * (index % 2)}"
        roles = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = [getattr(module, f"{role}_{suffix}").detach().numpy() for role in roles]
        out: dict[str, Array] = {}
        for row, length in enumerate(LENGTHS):
            first = [states[s][index, row].copy() for s in states]
            now = [state.copy() for state in first]
            times = range(length) if index % 2 == 0 else range(length - 1, -1, -1)
            for t in times:
                if index == 2 and t == 3 and row == 0:
                    now[0][[0, 4]] = 0.25
                if index == 3 and t == 1:
                    now[-1] = now[-1] - 0.5
                if t == 2:
                    now = [state.copy() for state in first]
                place = {"before": now[0].copy(), "last before": now[-1].copy()}
                is_held = index == 1 and 1 <= t < 3
                gates, now = one_step(name, weights, below[t, row], now, is_held)
                if index == 0 and t >= 1:
                    now[0][2] = 0.0
                for key, vector in (place | gates | {"hidden": now[0]}).items():
                    empty = np.full((STEPS, BATCH, UNIT), np.nan)
                    out.setdefault(key, empty)[t, row] = vector
        seen.append(out)
        if index % 2:
            below = np.nan_to_num(np.concatenate([seen[-2]["hidden"], out["hidden"]], axis=2))
    return seen


def one_step(
    name: str, weights: list[Array], x: Array, now: list[Array], is_held: bool
) -> tuple[dict[str, Array], list[Array]]:
    """One step by torch's documented equations; where held, units 1 and 3 of one gate are 0.9."""
    wx, wh, bx, bh = weights
    h = now[0]
    read, recalled = np.split(wx @ x + bx, len(bx) // UNIT), np.split(wh @ h + bh, len(bh) // UNIT)
    if name == "RNN":
        held = np.tanh(read[0] + recalled[0])
    elif name == "LSTM":
        held = sigmoid(read[1] + recalled[1])
    else:
        held = sigmoid(read[1] + recalled[1])
    if is_held:
        held[[1, 3]] = 0.9
    if name == "RNN":
        return {"hidden": held}, [held]
    if name == "LSTM":
        cell = held * now[1] + sigmoid(read[0] + recalled[0]) * np.tanh(read[2] + recalled[2])
        return {"forget": held}, [sigmoid(read[3] + recalled[3]) * np.tanh(cell), cell]
    n = np.tanh(read[2] + sigmoid(read[0] + recalled[0]) * recalled[2])
    return {"update": held}, [held * h + (1 - held) * n]


def five_of(name: str, last: str) -> list[Intervention]:
    """What `touched_by_hand` does, as interventions."""
    return [
        rv.Clamp(GATE[name], 0.9, units=[1, 3], start=1, stop=3, layer=1),
        rv.Silence(2, start=1),
        rv.SetState("hidden", 0.25, step=3, units=(4, 0), layer=2, row=0),
        rv.AddToState(last, -0.5, step=1, layer=3),
        rv.Reset(2),
    ]


@every_backend
@every_module
def test_five_interventions_at_once_are_the_loop_written_out(name: str, backend: str) -> None:
    model, module, states = model_and_module(name, **DEEP)
    last = "cell" if name == "LSTM" else "hidden"
    trace = rv.trace(model, SEQUENCE, backend=backend, intervene=five_of(name, last))
    wanted = touched_by_hand(name, module, states)
    for traced, by_hand in zip(trace.layers, wanted, strict=True):
        assert_close(traced.signals["hidden"], by_hand["hidden"])
        assert_close(traced.signals[GATE[name]], by_hand[GATE[name]])
        assert_close(traced.before["hidden"], by_hand["before"])
        assert_close(traced.before[last], by_hand["last before"])


@every_backend
@every_module
def test_steps_are_touched_as_the_trace_is(name: str, backend: str) -> None:
    for options in (DEEP, {"num_layers": 2}):
        model, _, _ = model_and_module(name, **options)
        own = [one for one in five_of(name, "hidden") if getattr(one, "layer", 0) in (None, 0, 1)]
        trace = rv.trace(model, SEQUENCE, backend="numpy", intervene=own)
        for step in rv.steps(model, SEQUENCE, backend=backend, intervene=own):
            for layer, now in zip(trace.layers, step.layers, strict=True):
                for signal, values in layer.signals.items():
                    real = ~np.isnan(values[step.time, :, 0])
                    assert_close(np.asarray(now[signal])[real], values[step.time][real])


def without(layer: rv.Layer, gate: str) -> rv.Layer:
    """The layer with nothing in a gate's sum: its drive is 0 at every step."""
    own = {name for name in layer.weights if name.startswith(f"{gate}.")}
    if f"{gate}.gx" in own:
        # Every gate's products make the moments of a layer normalisation: its gains are enough.
        own -= {f"{gate}.x", f"{gate}.h"}
    zeros = {name: np.zeros_like(layer.weights[name]) for name in own}
    return replace(layer, weights={**layer.weights, **zeros})


def gates_alone() -> Iterator[tuple[str, str]]:
    """Every gate that is its activation of weighted sums and nothing else."""
    for cell in rv.CELLS.values():
        alone = (gate.name for gate in cell.gates if not gate.shift and not gate.adds)
        yield from ((cell.name, gate) for gate in alone)


@every_backend
@pytest.mark.parametrize(("cell", "gate"), list(gates_alone()))
def test_a_gate_held_at_its_rest_is_a_gate_that_sums_nothing(
    cell: str, gate: str, backend: str
) -> None:
    layer = layer_of(cell)
    at_rest = float(activation(layer.activation(gate), get_backend())(np.float64(0)))
    held = [rv.Clamp(gate, at_rest)]
    got = rv.trace(rv.Model((layer,)), SEQUENCE, backend=backend, intervene=held).layers[0]
    wanted = rv.trace(rv.Model((without(layer, gate),)), SEQUENCE).layers[0]
    for name, values in wanted.signals.items():
        assert_close(got.signals[name], values)


def test_slstm_gates_are_held_as_they_multiply_its_states() -> None:
    layer = layer_of("slstm")
    held = [rv.Clamp("forget", 0.7, start=1), rv.Clamp("input", 0.2, start=1, units=[0, 2])]
    trace = rv.trace(rv.Model((layer,)), SEQUENCE, intervene=held)
    w = layer.weights
    for row, length in enumerate(LENGTHS):
        h, c, n, m = (layer.initial[s][row] for s in ("hidden", "cell", "normaliser", "stabiliser"))
        for t in range(length):
            f, i, z, o = (
                w[f"{g}.x"] @ VALUES[t, row] + w[f"{g}.b"] + w[f"{g}.h"] @ h + w[f"{g}.bh"]
                for g in ("forget", "input", "candidate", "output")
            )
            grown = np.log(sigmoid(f)) + m
            m = np.maximum(grown, i)
            forget, input_ = np.exp(grown - m), np.exp(i - m)
            if t >= 1:
                forget = np.full(UNIT, 0.7)
                input_[[0, 2]] = 0.2
            c, n = forget * c + input_ * np.tanh(z), forget * n + input_
            h = sigmoid(o) * c / n
            wanted = {"forget": forget, "input": input_, "stabiliser": m, "cell": c}
            for name, values in (wanted | {"normaliser": n, "hidden": h}).items():
                assert_close(trace[name][t, row], values)


def test_an_lstm_that_keeps_all_and_writes_nothing_keeps_its_cell_to_the_bit() -> None:
    model, _, _ = model_and_module("LSTM")
    held = [rv.Clamp("forget", 1, start=2), rv.Clamp("input", 0, start=2)]
    cell = rv.trace(model, VALUES, intervene=held)["cell"]
    assert not np.array_equal(cell[0], cell[1])
    for t in range(2, STEPS):
        assert np.array_equal(cell[t], cell[1])


@every_backend
def test_a_gru_held_open_is_torch_s_simple_network_of_its_candidate(backend: str) -> None:
    model, module, states = model_and_module("GRU")
    simple = torch.nn.RNN(INPUT, UNIT, dtype=torch.float64)
    with torch.no_grad():
        for mine, its in zip(simple.parameters(), module.parameters(), strict=True):
            mine.copy_(its[2 * UNIT :])
    held = [rv.Clamp("reset", 1), rv.Clamp("update", 0)]
    got = rv.trace(model, VALUES, backend=backend, intervene=held)["hidden"]
    wanted, _ = simple(torch.tensor(VALUES), torch.tensor(states["hidden"]))
    assert_close(got, wanted.detach())


@every_module
def test_a_changed_weight_is_torch_with_that_weight(name: str) -> None:
    model, module, states = model_and_module(name, num_layers=2)
    gate = GATE[name]
    changes = [rv.ChangeWeight(f"{gate}.h", (1, 4), 2.0), rv.ChangeWeight(f"{gate}.b", 3, -1, 1)]
    # Torch keeps LSTM's forget and GRU's update second.
    first = 0 if name == "RNN" else UNIT
    with torch.no_grad():
        module.weight_hh_l0[first + 1, 4] = 2.0
        module.bias_ih_l1[first + 3] = -1.0
        given = [torch.tensor(s) for s in states.values()]
        wanted, _ = module(torch.tensor(VALUES), tuple(given) if len(given) > 1 else given[0])
    assert_close(rv.trace(model, VALUES, intervene=changes).outputs, wanted)


def with_readout() -> rv.Model:
    model, _, _ = model_and_module("LSTM")
    return replace(model, readout=rv.Readout(normal(4, UNIT, seed=5), normal(4, seed=6)))


def test_a_changed_readout_is_its_softmax_written_out() -> None:
    model = with_readout()
    assert model.readout is not None
    weights, bias = model.readout.weights.copy(), model.readout.bias.copy()
    weights[2, 1], bias[3] = 3.0, -2.0
    changes = [rv.ChangeWeight("readout.V", (2, 1), 3), rv.ChangeWeight("readout.d", 3, -2)]
    trace = rv.trace(model, VALUES, intervene=changes)
    odds = np.exp(trace["hidden"] @ weights.T + bias)
    assert_close(trace["probabilities"], odds / odds.sum(axis=2, keepdims=True))


def test_a_bias_that_a_layer_does_not_have_can_be_given() -> None:
    model = rv.Model((rv.Layer("rnn", "forward", {"hidden.x": [[1.0]], "hidden.h": [[0.0]]}),))
    hidden = rv.trace(model, [[0.5]], intervene=[rv.ChangeWeight("hidden.b", 0, 0.25)])["hidden"]
    assert_close(hidden[0, 0, 0], np.tanh(0.75))


@every_cell
def test_after_a_reset_the_rest_is_read_as_if_it_were_alone(cell: str) -> None:
    for direction in ("forward", "backward"):
        model = rv.Model((replace(layer_of(cell), direction=direction),))
        trace = rv.trace(model, VALUES, intervene=[rv.Reset(3)])
        rest = slice(3, None) if direction == "forward" else slice(None, 4)
        alone = rv.trace(model, VALUES[rest])
        for name, values in alone.layers[0].signals.items():
            assert_close(trace[name][rest], values)


@every_module
def test_a_silenced_unit_is_one_that_torch_does_not_read(name: str) -> None:
    model, module, states = model_and_module(name, num_layers=2)
    states["hidden"][0, :, 2] = 0
    layers = [replace(model.layers[0], initial={n: s[0] for n, s in states.items()})]
    model = replace(model, layers=(*layers, model.layers[1]))
    with torch.no_grad():
        module.weight_hh_l0[:, 2] = 0
        module.weight_ih_l1[:, 2] = 0
        given = [torch.tensor(s) for s in states.values()]
        wanted, _ = module(torch.tensor(VALUES), tuple(given) if len(given) > 1 else given[0])
    trace = rv.trace(model, VALUES, intervene=[rv.Silence(2)])
    assert_close(trace.outputs, wanted)
    assert not trace["hidden"][..., 2].any()


def test_the_gradient_goes_through_what_was_touched() -> None:
    """The slope by differences, and none through a clamped gate alone."""
    model, _, _ = model_and_module("LSTM", num_layers=2)
    own: list[Intervention] = [
        rv.Clamp("input", 0.3, units=1, start=1),
        rv.AddToState("cell", 0.5, step=2),
    ]

    def total(values: Array) -> float:
        return float(np.sum(rv.trace(model, values, intervene=own).outputs[-1]))

    values = torch.tensor(VALUES, requires_grad=True)
    last = list(rv.steps(model, values, backend="torch", intervene=own))[-1]
    last.outputs.sum().backward()
    assert values.grad is not None
    for place in [(0, 0, 0), (2, 1, 1), (5, 0, 2)]:
        tilt = np.zeros_like(VALUES)
        tilt[place] = 1e-5
        slope = (total(VALUES + tilt) - total(VALUES - tilt)) / 2e-5
        assert_close(values.grad[place], np.asarray(slope), 1e-8)


KINDS = st.sampled_from(["clamp", "silence", "set", "add", "reset"])


def anything(kind: str, cell: str, layer: int, step: int, row: int | None) -> Intervention:
    gate, state = rv.CELLS[cell].gates[-1].name, rv.CELLS[cell].states[0]
    return {
        "clamp": rv.Clamp(gate, 0.4, start=step, layer=layer, row=row),
        "silence": rv.Silence(0, layer=layer, start=step, row=row),
        "set": rv.SetState(state, 0.3, step, layer=layer, row=row),
        "add": rv.AddToState(state, 0.3, step, layer=layer, row=row),
        "reset": rv.Reset(step, layer=layer, row=row),
    }[kind]


def same_bits(one: Array, other: Array) -> bool:
    return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=True)


@given(
    cell=st.sampled_from(list(rv.CELLS)),
    n_layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    backend=st.sampled_from(["numpy", "torch"]),
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    preactivations=st.booleans(),
)
def test_no_intervention_leaves_every_bit(
    cell: str,
    n_layers: int,
    bidirectional: bool,
    backend: str,
    lengths: list[int],
    preactivations: bool,
) -> None:
    model = rv.random_model(cell, 2, 3, n_layers=n_layers, bidirectional=bidirectional)
    sequence = rv.Sequence(normal(max(lengths), len(lengths), 2), lengths=lengths)
    options: dict[str, Any] = {"backend": backend, "preactivations": preactivations}
    plain = rv.trace(model, sequence, **options)
    none = rv.trace(model, sequence, **options, intervene=[])
    assert not none.interventions
    for one, other in zip(plain.layers, none.layers, strict=True):
        for part in ("signals", "preactivations", "before", "final"):
            for name, values in getattr(one, part).items():
                assert same_bits(values, getattr(other, part)[name])
    assert same_bits(plain.outputs, none.outputs)


@given(
    cell=st.sampled_from(list(rv.CELLS)),
    kind=KINDS,
    backward=st.booleans(),
    n_layers=st.integers(1, 3),
    backend=st.sampled_from(["numpy", "torch"]),
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=3),
    data=st.data(),
)
def test_what_was_read_before_an_intervention_keeps_every_bit(
    cell: str,
    kind: str,
    backward: bool,
    n_layers: int,
    backend: str,
    lengths: list[int],
    data: st.DataObject,
) -> None:
    model = rv.random_model(cell, 2, 3, n_layers=n_layers)
    if backward:
        layers = tuple(replace(layer, direction="backward") for layer in model.layers)
        model = replace(model, layers=layers)
    sequence = rv.Sequence(normal(max(lengths), len(lengths), 2), lengths=lengths)
    step = data.draw(st.integers(0, max(lengths) - 1))
    row = data.draw(st.none() | st.integers(0, len(lengths) - 1))
    layer = data.draw(st.integers(0, n_layers - 1))
    own = anything(kind, cell, layer, step, row)
    if backward and isinstance(own, rv.Clamp | rv.Silence):
        own = replace(own, start=None, stop=step + 1)
    plain = rv.trace(model, sequence, backend=backend)
    touched = rv.trace(model, sequence, backend=backend, intervene=[own])
    earlier = slice(step + 1, None) if backward else slice(None, step)
    for one, other in zip(plain.layers, touched.layers, strict=True):
        for name, values in one.signals.items():
            assert same_bits(values[earlier], other.signals[name][earlier])
            beyond = [b for b, n in enumerate(lengths) if n <= step and not backward]
            assert same_bits(values[:, beyond], other.signals[name][:, beyond])
    assert same_bits(plain.outputs[earlier], touched.outputs[earlier])


@every_cell
def test_a_state_is_still_the_sum_of_its_products(cell: str) -> None:
    """`Cell.updates` on what was traced, whatever was held or set."""
    layer = layer_of(cell)
    own: list[Intervention] = [
        *(rv.Clamp(gate.name, 0.35, start=1, units=[0, 3]) for gate in layer.cell.gates),
        rv.AddToState(layer.cell.states[-1], 0.5, step=3),
    ]
    model = rv.Model((layer,))
    trace = rv.trace(model, SEQUENCE, intervene=own)
    for gate in layer.cell.gates:
        assert (trace[gate.name][1:4][..., [0, 3]] == 0.35).all()
    for state in layer.cell.updates:
        for time in range(4):
            for unit in range(trace[state].shape[2]):
                view = state_update(model, trace, layer=0, state=state, time=time, unit=unit)
                assert_close(view.sum, view.value, 1e-12 * (1 + abs(view.value)))


@every_cell
def test_the_arithmetic_never_says_that_a_held_gate_came_from_its_sum(cell: str) -> None:
    layer = layer_of(cell)
    weight = rv.ChangeWeight(f"{layer.cell.gates[0].name}.x", (1, 1), 3.0)
    model = rv.Model((layer,))
    for gate in (gate.name for gate in layer.cell.gates):
        own = [weight, rv.Clamp(gate, 0.25, units=1, start=2), rv.SetState("hidden", 0.5, 3)]
        trace = rv.trace(model, SEQUENCE, intervene=own)
        views = {
            (time, unit): contributions(
                model, trace, layer=0, gate=gate, time=time, unit=unit, row=0
            )
            for time in range(5)
            for unit in range(3)
        }
        for (time, unit), view in views.items():
            assert view.is_clamped == (unit == 1 and time >= 2)
            if view.is_clamped:
                assert view.value == 0.25
                assert view.text.endswith("→ 0.250")
            else:
                assert_close(view.computed, view.value)


def test_the_arithmetic_of_a_silenced_unit_ends_at_nothing() -> None:
    model, _, _ = model_and_module("GRU")
    trace = rv.trace(model, VALUES, intervene=[rv.Silence(2, start=1)])
    for time, is_held in ((0, False), (1, True), (4, True)):
        view = state_update(model, trace, layer=0, state="hidden", time=time, unit=2)
        assert view.is_held == is_held
        assert (view.value == 0) == is_held
        assert view.text.endswith("→ 0") == is_held
        assert abs(view.sum) > 1e-4
    assert not state_update(model, trace, layer=0, state="hidden", time=4, unit=1).is_held


def test_drives_are_those_the_held_gate_did_not_follow() -> None:
    model, _, _ = model_and_module("LSTM")
    held = [rv.Clamp("output", 0.5, units=0, start=0, stop=1)]
    plain = rv.trace(model, VALUES, preactivations=True).layers[0]
    trace = rv.trace(model, VALUES, preactivations=True, intervene=held).layers[0]
    assert_close(trace.preactivations["output"][0], plain.preactivations["output"][0])
    assert trace.signals["output"][0, 0, 0] == 0.5


def test_a_touched_trace_survives_a_file_and_a_pickle(tmp_path: Path) -> None:
    model, _, _ = model_and_module("LSTM", **DEEP)
    own = [*five_of("LSTM", "cell"), rv.ChangeWeight("forget.b", (3,), 2.0)]
    trace = rv.trace(model, SEQUENCE, intervene=own)
    assert trace.interventions == tuple(own)
    trace.save(tmp_path / "touched.npz")
    for again in (rv.Trace.load(tmp_path / "touched.npz"), pickle.loads(pickle.dumps(trace))):
        assert again.interventions == trace.interventions
        for one, other in zip(trace.layers, again.layers, strict=True):
            for state, values in one.before.items():
                assert same_bits(values, other.before[state])


def test_float32_stays_float32() -> None:
    model = rv.random_model("lstm", 2, 3)
    assert model.dtype == np.float32
    own = [rv.Clamp("forget", 0.1), rv.SetState("cell", 0.1, 1), rv.Silence(0)]
    trace = rv.trace(model, normal(3, 1, 2), intervene=own)
    assert {values.dtype for values in trace.layers[0].signals.values()} == {np.dtype("float32")}
    assert trace["forget"][0, 0, 0] == np.float32(0.1)


MODEL = rv.random_model("lstm", 3, 5)
GRU = rv.random_model("gru", 3, 5, n_layers=2)
WRONG: list[tuple[rv.Model, Any, str]] = [
    (MODEL, rv.Clamp("reset", 1), "forget, input, candidate, output.*“reset”"),
    (GRU, rv.Clamp("reset", 1, layer=2), "names layer 2, but the last is 1"),
    (MODEL, rv.Clamp("forget", 1, units=5), "names unit 5, but the last is 4"),
    (MODEL, rv.Clamp("forget", 1, start=6), "names step 6, but the last is 5"),
    (MODEL, rv.Silence(0, row=2), "names row 2, but the last is 1"),
    (MODEL, rv.Silence([1, 9]), "names unit 9, but the last is 4"),
    (GRU, rv.SetState("cell", 1, 0), "hidden, but “cell”"),
    (MODEL, rv.AddToState("cell", 1, 7), "names step 7, but the last is 5"),
    (MODEL, rv.Reset(6), "names step 6, but the last is 5"),
    (MODEL, rv.Reset(0, layer=1), "names layer 1, but the last is 0"),
    (MODEL, rv.ChangeWeight("reset.x", (0, 0), 1), r"forget\.x.*“reset\.x”"),
    (MODEL, rv.ChangeWeight("forget.x", (0, 3), 1), r"\(5, 3\).*\(0, 3\)"),
    (MODEL, rv.ChangeWeight("forget.x", 0, 1), r"\(5, 3\).*\(0,\)"),
    (MODEL, rv.ChangeWeight("readout.V", 0, 1), "readout.V"),
    (MODEL, rv.Clamp("forget", 1e300), "float32, but 1e[+]300"),
    (rv.random_model("min_lstm", 3, 5), rv.Clamp("forget", -0.1), "logarithm of forget"),
    (MODEL, "forget", "Clamp, Silence, .* but forget"),
]


@pytest.mark.parametrize(("model", "own", "says"), WRONG)
def test_what_is_not_there_cannot_be_touched(model: rv.Model, own: Any, says: str) -> None:
    with pytest.raises(rv.RnnvizError, match=says):
        rv.trace(model, VALUES, intervene=[own])
    with pytest.raises(rv.RnnvizError, match=says):
        list(rv.steps(model, VALUES, intervene=[own]))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: rv.Clamp("forget", float("nan")), "value should be a finite number, but nan"),
        (lambda: rv.Clamp("forget", 10**400), "value should be a finite number"),
        (lambda: rv.Clamp("forget", True), "value should be a finite number, but True"),
        (lambda: rv.Clamp(3, 1), "gate should be a name, but 3"),  # type: ignore[arg-type]
        (lambda: rv.Clamp("forget", 1, units=[]), "units should be one or more"),
        (lambda: rv.Clamp("forget", 1, units="12"), "units should be one or more"),
        (lambda: rv.Clamp("forget", 1, units=[0, -1]), "units should be one or more"),
        (lambda: rv.Clamp("forget", 1, start=3, stop=3), "from step 3 to before step 3"),
        (lambda: rv.Silence(None), "units should be one or more"),  # type: ignore[arg-type]
        (lambda: rv.Reset(1.5), "step should be a whole number"),  # type: ignore[arg-type]
        (lambda: rv.SetState("cell", 1, -1), "step should be a whole number from 0, but -1"),
    ],
)
def test_a_field_that_makes_no_sense_is_named(make: Any, says: str) -> None:
    with pytest.raises(rv.InputError, match=says):
        make()


@pytest.mark.parametrize("cell", ["slstm", "min_lstm"])
def test_nothing_divided_by_nothing_is_said_in_words(cell: str) -> None:
    model = rv.random_model(cell, 3, 5)
    held = [rv.Clamp("forget", 0, start=2), rv.Clamp("input", 0, start=2)]
    with pytest.raises(rv.ModelError, match=r"without a number at step 3: .* nothing by nothing"):
        rv.trace(model, VALUES, intervene=held)


def test_an_intervention_is_plain_and_comparable() -> None:
    numpy_made = rv.Clamp("forget", np.float32(0.5), units=np.array([3, 1, 3]).tolist(), layer=0)
    assert numpy_made == rv.Clamp("forget", 0.5, units=(1, 3))
    assert len({numpy_made, rv.Clamp("forget", 0.5, units=[1, 3])}) == 1


def every_one(units: Iterable[int]) -> list[Intervention]:
    return [
        rv.Clamp("forget", 0.5, units=tuple(units), start=1, stop=4, layer=2, row=1),
        rv.Silence(tuple(units), start=2),
        rv.SetState("cell", -1.5, 2),
        rv.AddToState("hidden", 1e-3, 0, units=3),
        rv.Reset(3),
        rv.Reset(3, layer=1, row=0),
        rv.ChangeWeight("forget.x", (1, 2), 0.1),
    ]


def test_interventions_are_read_back_as_they_were_written() -> None:
    assert from_text(to_text(every_one([4, 2]))) == tuple(every_one([2, 4]))
    assert from_text("[]") == ()


@given(
    st.text()
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["do", "gate", "value", "units", "step", "layer", "index"]),
                inner | st.sampled_from(["clamp", "reset", "silence"]),
            )
        ),
    ).map(lambda made: json.dumps(made))
)
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        for one in from_text(text):
            assert type(one).__name__ in rv.__all__
    except rv.InputError:
        pass


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "3", "[3]", "[[]]", '[{"do": "eval"}]', '[{"do": ["clamp"]}]', "[" * 9999,
        '[{"do": "reset"}]', '[{"do": "reset", "step": 1, "gate": "forget"}]',
        '[{"do": "clamp", "gate": "forget", "value": NaN}]',
        '[{"do": "clamp", "gate": "forget", "value": "1"}]',
        '[{"do": "silence", "units": [1.5]}]', "9" * 9999,
    ],
)  # fmt: skip
def test_a_list_written_wrongly_is_refused(text: str) -> None:
    with pytest.raises(rv.InputError):
        from_text(text)


def test_torch_modules_and_plain_arrays_are_taken_too() -> None:
    module = torch_module("GRU")
    hidden = rv.trace(module, VALUES, intervene=[rv.Clamp("update", 1)])["hidden"]
    assert not hidden.any()


@pytest.mark.parametrize("cell", list(rv.CELLS))
def test_the_example_is_seen_in_every_cell_from_the_middle_on_and_not_before(cell: str) -> None:
    model = rv.random_model(cell, INPUT, UNIT, 2, seed=3, gain=3, dtype=np.float64)
    values = normal(9, 1, INPUT)
    for layer in range(2):
        one = default_intervention(model, 9, layer=layer)
        plain, changed = (rv.trace(model, values, intervene=own) for own in ([], [one]))
        hidden = [trace.layers[layer].signals["hidden"] for trace in (plain, changed)]
        np.testing.assert_array_equal(hidden[0][:4], hidden[1][:4])
        assert abs(hidden[0][4:] - hidden[1][4:]).max() > 1e-3


def test_the_example_holds_the_gate_that_keeps_or_stops_the_one_that_writes() -> None:
    models = {
        cell: rv.random_model(cell, INPUT, UNIT) for cell in ("gru", "mgu", "min_lstm", "rnn")
    }
    held = {cell: default_intervention(model, 6) for cell, model in models.items()}
    assert held == {
        "gru": rv.Clamp("update", 1, start=3),
        "mgu": rv.Clamp("forget", 0, start=3),
        "min_lstm": rv.Clamp("forget", 1, start=3),
        "rnn": rv.Reset(3),
    }
