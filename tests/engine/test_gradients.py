"""Gradients through time, with PyTorch's autograd as the witness."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays, scalar_dtypes

import rnnviz as rv
from rnnviz.core.backend import get_backend
from rnnviz.core.cell import Signals
from rnnviz.engine.layer_runner import LayerStep
from rnnviz.engine.linear import Linear
from tests.odd_values import odd, refusal, result_unless_refused
from tests.witnesses import (
    INPUT,
    LENGTHS,
    MODULES,
    STEPS,
    UNIT,
    Array,
    assert_close,
    model_and_module,
    normal,
)

N_OUTPUTS = 7
VALUES = normal(STEPS, len(LENGTHS), INPUT, seed=9)
PADDED = rv.Sequence(VALUES, lengths=LENGTHS)
CLASSES = np.array([[-1, 2], [3, -1], [0, 6], [-1, 1], [5, -1], [4, -1]])
RELEASE = {"RNN": "hidden", "LSTM": "cell", "GRU": "hidden"}


def with_readout(model: rv.Model, activation: str) -> rv.Model:
    width = sum(layer.n_hidden for layer in model.levels[-1])
    readout = rv.Readout(
        normal(N_OUTPUTS, width, seed=31), normal(N_OUTPUTS, seed=32), activation=activation
    )
    return replace(model, readout=readout)


def torch_loss(module: Any, model: rv.Model, states: dict[str, Array], targets: Array) -> Any:
    """Loss of torch's own padded run, and the leaves that it can be differentiated by."""
    assert model.readout is not None
    leaves = {
        "inputs": torch.tensor(VALUES, requires_grad=True),
        "weights": torch.tensor(model.readout.weights, requires_grad=True),
        "bias": torch.tensor(model.readout.bias, requires_grad=True),
        **{name: torch.tensor(state, requires_grad=True) for name, state in states.items()},
    }
    first = (leaves["hidden"], leaves["cell"]) if "cell" in leaves else leaves["hidden"]
    packed = torch.nn.utils.rnn.pack_padded_sequence(leaves["inputs"], LENGTHS)
    hidden, _ = torch.nn.utils.rnn.pad_packed_sequence(module(packed, first)[0])
    scores = hidden @ leaves["weights"].T + leaves["bias"]
    if model.readout.activation == "softmax":
        flat, wanted = scores.reshape(-1, N_OUTPUTS), torch.tensor(targets).reshape(-1)
        lost = torch.nn.functional.cross_entropy(flat, wanted, ignore_index=-1, reduction="sum")
    else:
        there = torch.tensor(~np.isnan(targets))
        lost = ((torch.tanh(scores)[there] - torch.tensor(targets)[there]) ** 2).sum()
    return lost, leaves


def numbers() -> Array:
    wanted = normal(STEPS, len(LENGTHS), N_OUTPUTS, seed=40)
    wanted[0, 0, 3], wanted[2] = np.nan, np.nan
    # A shorter row has no output at its padding.
    wanted[LENGTHS[1] :, 1] = np.nan
    return wanted


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("is_bidirectional", [False, True])
@pytest.mark.parametrize("activation", ["softmax", "tanh"])
def test_every_gradient_is_pytorchs(name: str, is_bidirectional: bool, activation: str) -> None:
    plain, module, states = model_and_module(name, num_layers=2, bidirectional=is_bidirectional)
    model = with_readout(plain, activation)
    targets = CLASSES if activation == "softmax" else numbers()
    lost, leaves = torch_loss(module, model, states, targets)
    lost.backward()
    found = rv.gradients(model, PADDED, targets)

    assert found.loss == pytest.approx(float(lost.detach()), abs=1e-12)
    assert_close(found.inputs, leaves["inputs"].grad)
    assert_close(found.readout["weights"], leaves["weights"].grad)
    assert_close(found.readout["bias"], leaves["bias"].grad)
    for state in states:
        assert_close(np.stack([layer.initial[state] for layer in found.layers]), leaves[state].grad)
    of_weights = [p.grad for p in module.parameters()] + [leaves["weights"].grad]
    square = sum(float((g**2).sum()) for g in (*of_weights, leaves["bias"].grad))
    assert found.norm == pytest.approx(np.sqrt(square), rel=1e-12)
    order = {"RNN": ["hidden"], "LSTM": ["input", "forget", "candidate", "output"]}.get(
        name, ["reset", "update", "candidate"]
    )
    for number, layer in enumerate(found.layers):
        suffix = f"l{number // 2}{'_reverse' * (number % 2)}" if is_bidirectional else f"l{number}"
        for role, key in (("x", "weight_ih"), ("h", "weight_hh"), ("b", "bias_ih")):
            got = np.concatenate([layer.weights[f"{gate}.{role}"] for gate in order])
            assert_close(got, getattr(module, f"{key}_{suffix}").grad)


def test_signals_of_an_lstm_are_those_of_the_equations_written_out() -> None:
    plain, module, states = model_and_module("LSTM")
    model = with_readout(plain, "softmax")
    weights = list(module.parameters())
    h, c = (torch.tensor(states[name][0]) for name in ("hidden", "cell"))
    kept: dict[str, list[Any]] = {n: [] for n in ("input", "forget", "candidate", "output")}
    kept |= {"cell": [], "hidden": []}
    for x in torch.tensor(VALUES):
        drives = x @ weights[0].T + weights[2] + h @ weights[1].T + weights[3]
        i, f, g, o = drives.split(UNIT, dim=1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + i * g
        h = o * torch.tanh(c)
        for signal, value in zip(kept, (i, f, g, o, c, h), strict=True):
            value.retain_grad()
            kept[signal].append(value)
    assert model.readout is not None
    scores = kept["hidden"][-1] @ torch.tensor(model.readout.weights).T
    scores = scores + torch.tensor(model.readout.bias)
    torch.nn.functional.cross_entropy(scores, torch.tensor([2, 5]), reduction="sum").backward()

    targets = np.full((STEPS, 2), -1)
    targets[-1] = 2, 5
    found = rv.gradients(model, rv.Sequence(VALUES), targets)
    for signal, values in kept.items():
        assert_close(found[signal], torch.stack([value.grad for value in values]))


@pytest.mark.parametrize("is_empty", [False, True])
@pytest.mark.parametrize("cell", rv.CELLS)
def test_every_cells_signals_are_autograds_through_the_same_step(cell: str, is_empty: bool) -> None:
    model = rv.random_model(cell, INPUT, UNIT, seed=3, gain=2, n_outputs=4, dtype=np.float64)
    states = {
        name: (not is_empty) * (0.1 + abs(normal(2, model.layers[0].width(name), seed=i)))
        for i, name in enumerate(model.layers[0].cell.states)
    }
    model = replace(model, layers=(replace(model.layers[0], initial=states),))
    tape, layer = get_backend("torch"), model.layers[0]
    linear = Linear.of(layer, tape, np.dtype(np.float64))
    state: Signals = {name: torch.tensor(values) for name, values in states.items()}
    products, steps = linear.inputs(torch.tensor(VALUES).requires_grad_()), []
    for t in range(STEPS):
        state, _ = LayerStep(linear)({gate: x[t] for gate, x in products.items()}, state)
        for value in state.values():
            value.retain_grad()
        steps.append(state)
    assert model.readout is not None
    scores = state["hidden"] @ torch.tensor(model.readout.weights).T
    scores = scores + torch.tensor(model.readout.bias)
    torch.nn.functional.cross_entropy(scores, torch.tensor([1, 3]), reduction="sum").backward()

    targets = np.full((STEPS, 2), -1)
    targets[-1] = 1, 3
    found = rv.gradients(model, rv.Sequence(VALUES), targets)
    assert found["hidden"].any()
    for signal in layer.cell.signals:
        wanted = [step[signal.name].grad for step in steps]
        zero = torch.zeros_like(steps[0][signal.name])
        assert_close(found[signal.name], torch.stack([zero if g is None else g for g in wanted]))


@pytest.mark.parametrize("name", MODULES)
def test_a_cut_is_the_gradient_of_the_steps_after_it_alone(name: str) -> None:
    plain, _, _ = model_and_module(name)
    model, cut = with_readout(plain, "softmax"), 4
    targets = np.full((STEPS, 2), -1)
    targets[-1] = 2, 5
    whole = rv.gradients(model, rv.Sequence(VALUES), targets)
    short = rv.gradients(model, rv.Sequence(VALUES), targets, cut=cut)
    assert short.loss == whole.loss
    read = rv.trace(model, rv.Sequence(VALUES))
    states = {n: read[n][cut - 1] for n in read.layers[0].cell.states}
    later = replace(model, layers=(replace(model.layers[0], initial=states),))
    alone = rv.gradients(later, rv.Sequence(VALUES[cut:]), targets[cut:])
    for weight, gradient in alone.layers[0].weights.items():
        assert_close(short.layers[0].weights[weight], gradient)
        assert not np.allclose(whole.layers[0].weights[weight], gradient)
    for signal in read.layers[0].signals:
        assert_close(short[signal], np.concatenate([0 * short[signal][:cut], alone[signal]]))


MODEL = with_readout(model_and_module("LSTM")[0], "softmax")
MODEL_OF_ONE_ROW = rv.random_model("gru", INPUT, UNIT, n_outputs=2)


@pytest.mark.parametrize(
    ("targets", "options", "said"),
    [
        (CLASSES[:4], {}, r"an array \(6, 2\), but \(4, 2\) came"),
        ("the", {}, r"an array \(6, 2\), but the came"),
        (None, {}, r"an array \(6, 2\), but None came"),
        ([], {}, r"an array \(6, 2\), but \(0,\) came"),
        ([[1], [1, 2]], {}, "rows of unequal length"),
        (CLASSES.astype(str), {}, r"an array \(6, 2\), but \["),
        (CLASSES + 1j, {}, r"an array \(6, 2\), but \["),
        ([[10**400, 1]] * STEPS, {}, r"an array \(6, 2\), but \["),
        (CLASSES + 0.5, {}, "from 0 to 6, or −1 for none, but -0.5 came"),
        (CLASSES + 1, {}, "but 7 came"),
        (np.full((6, 2), np.nan), {}, "but nan came"),
        (np.full((6, 2), -1), {}, "At least one step needs a target"),
        (CLASSES, {"cut": -1}, "but -1 came"),
        (CLASSES, {"cut": 6}, "A cut is a step from 0 to 5, but 6 came"),
        (CLASSES, {"cut": 1.0}, "but 1.0 came"),
        (CLASSES, {"cut": True}, "but True came"),
    ],
)
def test_what_does_not_fit_is_said(targets: Any, options: Any, said: str) -> None:
    with pytest.raises(rv.InputError, match=said):
        rv.gradients(MODEL, PADDED, targets, **options)


def test_numbers_that_do_not_fit_are_refused_and_a_name_that_is_not_there() -> None:
    linear = with_readout(model_and_module("GRU")[0], "linear")
    with pytest.raises(rv.InputError, match="infinity"):
        rv.gradients(linear, PADDED, np.full((STEPS, 2, N_OUTPUTS), np.inf))
    found = rv.gradients(linear, PADDED, numbers())
    with pytest.raises(rv.InputError, match="forget"):
        found["forget"]


@pytest.mark.parametrize("model", [None, "lstm", torch.nn.GRU(INPUT, UNIT)])
def test_what_is_no_model_is_told_what_to_read_first(model: Any) -> None:
    with pytest.raises(rv.ModelError, match=r"read a module with rv\.from_torch"):
        rv.gradients(model, PADDED, CLASSES)


@pytest.mark.parametrize("sequence", [None, "the", [], rv.trace(MODEL, VALUES)])
def test_what_is_no_sequence_is_refused(sequence: Any) -> None:
    with pytest.raises(rv.InputError, match=r"(A sequence|Numbers or a Sequence) "):
        rv.gradients(MODEL, sequence, CLASSES)


def test_a_loss_beyond_float64_is_refused() -> None:
    linear = with_readout(model_and_module("GRU")[0], "linear")
    with pytest.raises(rv.ModelError, match="grow beyond float64"):
        rv.gradients(linear, PADDED, np.full((STEPS, 2, N_OUTPUTS), 1e308))


def test_arrays_tensors_and_numpys_whole_numbers_are_read_as_well() -> None:
    wanted = rv.gradients(MODEL, rv.Sequence(VALUES), CLASSES, cut=2)
    given = rv.gradients(MODEL, VALUES, torch.tensor(CLASSES), cut=np.int64(2))  # type: ignore[arg-type]
    assert given.loss == wanted.loss
    assert_close(given["forget"], wanted["forget"])


@odd
def test_an_odd_value_is_refused_in_one_sentence(value: Any) -> None:
    refusal(rv.gradients, value, PADDED, CLASSES)
    refusal(rv.gradients, MODEL, value, CLASSES)
    refusal(rv.gradients, MODEL, PADDED, value)
    refusal(rv.gradients, MODEL, PADDED, CLASSES, cut=value)
    refusal(rv.gradients(MODEL, PADDED, CLASSES).__getitem__, value)


@given(arrays(scalar_dtypes(), array_shapes(min_dims=0, max_dims=4, max_side=STEPS)))
def test_whatever_array_comes_as_targets_is_read_or_refused(targets: Array) -> None:
    found = result_unless_refused(rv.gradients, MODEL, PADDED, targets)
    if found is not None:
        assert np.isfinite(found.loss)
        assert targets.shape == (STEPS, len(LENGTHS))


def test_a_sequence_that_is_too_long_to_go_back_through_is_refused_at_once() -> None:
    n_steps = 10**6
    said = refusal(rv.gradients, MODEL_OF_ONE_ROW, np.ones((n_steps, 1, INPUT)), np.ones(n_steps))
    most = int(re.findall(r"every step: (\d+) of", said)[0])
    assert 50_000 < most < n_steps
