"""The engine against torch.nn, and every gate against its equation written out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import rnnviz as rv
from rnnviz.core.backend import get_backend
from tests.witnesses import (
    BATCH,
    INPUT,
    LENGTHS,
    MODULES,
    STEPS,
    UNIT,
    Array,
    assert_close,
    by_hand,
    model_and_module,
    normal,
    sigmoid,
    torch_module,
)

BACKENDS = [("numpy", "cpu"), ("torch", "cpu")]
BACKENDS += [("torch", "cuda")] if torch.cuda.is_available() else []
on_every_backend = pytest.mark.parametrize(("backend", "device"), BACKENDS)
every_module = pytest.mark.parametrize("name", MODULES)
# Equal, unequal, one row of a single step, and a first row that is not the longest.
every_length = pytest.mark.parametrize("lengths", [(6, 6), (6, 4), (1, 6), (5, 5)])
deep = {"num_layers": 2, "bidirectional": True}


def torch_says(
    module: Any, values: Array, lengths: tuple[int, ...], states: dict[str, Array]
) -> tuple[Array, dict[str, Array]]:
    """Torch's outputs (time, batch, output), NaN at padding, and its final states by name."""
    packed = pack_padded_sequence(torch.tensor(values), list(lengths), enforce_sorted=False)
    given = [torch.tensor(state) for state in states.values()]
    with torch.no_grad():
        outputs, last = module(packed, tuple(given) if len(given) > 1 else given[0])
    padded, _ = pad_packed_sequence(outputs, padding_value=np.nan, total_length=len(values))
    finals = last if isinstance(last, tuple) else (last,)
    return padded.numpy(), dict(zip(states, (one.numpy() for one in finals), strict=True))


def sequence_of(lengths: tuple[int, ...], padding: float = np.nan) -> rv.Sequence:
    """Random values (6, 2, 3) with this number standing wherever a row has ended."""
    values = normal(STEPS, BATCH, INPUT, seed=9)
    real = np.arange(STEPS)[:, None, None] < np.reshape(lengths, (BATCH, 1))
    return rv.Sequence(np.where(real, values, padding), lengths=lengths)


@on_every_backend
@every_length
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize(
    ("name", "options"),
    [("RNN", {}), ("RNN", {"nonlinearity": "relu"}), ("LSTM", {}), ("GRU", {})],
    ids=["tanh", "relu", "LSTM", "GRU"],
)
def test_outputs_and_final_states_match_torch_from_random_states(
    name: str,
    options: dict[str, Any],
    num_layers: int,
    bidirectional: bool,
    lengths: tuple[int, ...],
    backend: str,
    device: str,
) -> None:
    options = options | {"num_layers": num_layers, "bidirectional": bidirectional}
    model, module, states = model_and_module(name, **options)
    sequence = sequence_of(lengths)
    outputs, finals = torch_says(module, sequence.values, lengths, states)
    trace = rv.trace(model, sequence, backend=backend, device=device)
    assert_close(trace.outputs, outputs)
    for state, wanted in finals.items():
        assert_close(np.stack([layer.final[state] for layer in trace.layers]), wanted)


@on_every_backend
@every_length
@every_module
def test_every_gate_of_every_layer_is_its_equation_written_out(
    name: str, lengths: tuple[int, ...], backend: str, device: str
) -> None:
    model, module, states = model_and_module(name, **deep)
    sequence = sequence_of(lengths)
    wanted = by_hand(name, module, states, sequence.values, lengths)
    trace = rv.trace(model, sequence, backend=backend, device=device)
    for layer, layer_wanted in zip(trace.layers, wanted, strict=True):
        for signal, values in layer.signals.items():
            assert_close(values, layer_wanted[signal])


@on_every_backend
@every_module
def test_drives_are_the_written_out_sums_and_their_activation_is_the_gate(
    name: str, backend: str, device: str
) -> None:
    model, module, states = model_and_module(name, **deep)
    sequence = sequence_of(LENGTHS)
    wanted = by_hand(name, module, states, sequence.values, LENGTHS)
    trace = rv.trace(model, sequence, backend=backend, device=device, preactivations=True)
    for layer, layer_wanted in zip(trace.layers, wanted, strict=True):
        assert set(layer.preactivations) == {gate.name for gate in layer.cell.gates}
        for gate, drive in layer.preactivations.items():
            squash = np.tanh if gate in ("candidate", "hidden") else sigmoid
            assert_close(drive, layer_wanted[f"{gate} drive"])
            assert_close(layer.signals[gate], squash(drive))


@every_module
def test_preactivations_are_kept_only_when_asked_for(name: str) -> None:
    model, _, _ = model_and_module(name)
    assert not rv.trace(model, sequence_of(LENGTHS)).layers[0].preactivations


def test_drives_is_the_earlier_name_of_preactivations() -> None:
    model = rv.random_model("gru", 2, 3)
    layer = rv.trace(model, np.ones((4, 1, 2)), drives=True).layers[0]
    assert set(layer.drives) == {"reset", "update", "candidate"}
    assert layer.drives is layer.preactivations


@on_every_backend
@pytest.mark.parametrize("padding", [np.nan, np.inf, -1e9, 1e9])
@every_module
def test_what_stands_in_the_padding_changes_no_real_step(
    name: str, padding: float, backend: str, device: str
) -> None:
    """The witness reads each row alone, cut to its length, so it never sees padding."""
    model, module, states = model_and_module(name, **deep)
    trace = rv.trace(model, sequence_of(LENGTHS, padding), backend=backend, device=device)
    for row, length in enumerate(LENGTHS):
        alone = torch.tensor(sequence_of(LENGTHS).values[:length, row : row + 1])
        given = [torch.tensor(s[:, row : row + 1]) for s in states.values()]
        outputs, _ = module(alone, tuple(given) if len(given) > 1 else given[0])
        assert_close(trace.outputs[:length, row], outputs[:, 0].detach().numpy())


@on_every_backend
@every_module
def test_padding_is_nan_in_every_signal_drive_and_output(
    name: str, backend: str, device: str
) -> None:
    model, _, _ = model_and_module(name, **deep)
    trace = rv.trace(
        model, sequence_of((3, 6), 1e9), backend=backend, device=device, preactivations=True
    )
    arrays = [a for y in trace.layers for a in (*y.signals.values(), *y.preactivations.values())]
    for array in (*arrays, trace.outputs):
        assert np.isnan(array[3:, 0]).all()
        assert np.isfinite(array[:3, 0]).all()
        assert np.isfinite(array[:, 1]).all()


@on_every_backend
@every_module
def test_steps_give_what_the_torch_cell_gives_step_by_step(
    name: str, backend: str, device: str
) -> None:
    model, module, states = model_and_module(name)
    cell = getattr(torch.nn, f"{name}Cell")(INPUT, UNIT, dtype=torch.float64)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in module.state_dict().items()})
    given = [torch.tensor(state[0]) for state in states.values()]
    state = tuple(given) if len(given) > 1 else given[0]
    sequence = sequence_of((6, 6))
    for x, step in zip(
        torch.tensor(sequence.values),
        rv.steps(model, sequence, backend=backend, device=device),
        strict=True,
    ):
        state = cell(x, state)
        wanted = state if isinstance(state, tuple) else (state,)
        for signal, values in zip(states, wanted, strict=True):
            assert_close(step.signals[signal], values.detach().numpy())


@on_every_backend
@pytest.mark.parametrize("bidirectional", [False, True])
@every_module
def test_steps_of_deep_models_are_the_equations_written_out(
    name: str, bidirectional: bool, backend: str, device: str
) -> None:
    model, module, states = model_and_module(name, num_layers=2, bidirectional=bidirectional)
    sequence = sequence_of(LENGTHS)
    wanted = by_hand(name, module, states, sequence.values, LENGTHS)
    for step in rv.steps(model, sequence, backend=backend, device=device):
        real = [row for row, token in enumerate(step.tokens) if token]
        assert real == [row for row, length in enumerate(LENGTHS) if step.time < length]
        for layer, layer_wanted in zip(step.layers, wanted, strict=True):
            for signal, values in layer.items():
                assert_close(values[real], layer_wanted[signal][step.time, real])


def test_the_first_step_of_a_million_computes_one_step_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[int] = []
    own = get_backend("numpy")
    counted = replace(own, sigmoid=lambda drive: (calls.append(1), own.sigmoid(drive))[1])
    monkeypatch.setattr("rnnviz.engine.model_runner.get_backend", lambda *_: counted)
    model, _, _ = model_and_module("LSTM", num_layers=3)
    values = np.broadcast_to(normal(1, BATCH, INPUT), (10**6, BATCH, INPUT))
    next(iter(rv.steps(model, values)))
    assert len(calls) == 3 * 3  # three sigmoid gates in each of three layers


@on_every_backend
@pytest.mark.parametrize("bidirectional", [False, True])
@every_module
def test_a_readout_is_softmax_of_its_written_out_sum(
    name: str, bidirectional: bool, backend: str, device: str
) -> None:
    model, module, states = model_and_module(name, bidirectional=bidirectional)
    width = UNIT * (1 + bidirectional)
    readout = rv.Readout(normal(4, width, seed=5), normal(4, seed=6), tuple("abcd"))
    sequence = sequence_of(LENGTHS)
    hidden, _ = torch_says(module, sequence.values, LENGTHS, states)
    exponents = np.exp(np.einsum("ou,tbu->tbo", readout.weights, hidden) + readout.bias)
    wanted = exponents / exponents.sum(axis=2, keepdims=True)
    model = replace(model, readout=readout)
    trace = rv.trace(model, sequence, backend=backend, device=device)
    assert_close(trace.outputs, wanted)
    assert trace["probabilities"] is trace.outputs
    for step in rv.steps(model, sequence, backend=backend, device=device):
        real = [row for row, token in enumerate(step.tokens) if token]
        assert_close(step.outputs[real], wanted[step.time, real])


@every_module
def test_a_batch_of_one_and_a_single_step_match_torch(name: str) -> None:
    module = torch_module(name)
    values = normal(1, 1, INPUT, seed=3)
    wanted, _ = module(torch.tensor(values))
    assert_close(rv.trace(module, values).outputs, wanted.detach().numpy())


@every_module
def test_the_gradient_of_the_steps_with_respect_to_the_input_matches_torch(name: str) -> None:
    model, module, states = model_and_module(name, **deep)
    mine, its = (torch.tensor(normal(4, BATCH, INPUT), requires_grad=True) for _ in range(2))
    for step in rv.steps(model, mine, backend="torch"):
        (step.outputs**2).sum().backward(retain_graph=True)
    given = [torch.tensor(state) for state in states.values()]
    outputs, _ = module(its, tuple(given) if len(given) > 1 else given[0])
    (outputs**2).sum().backward()
    assert_close(mine.grad, its.grad.numpy())


def test_the_gradient_of_a_later_state_is_the_written_out_product_of_jacobians() -> None:
    """∂h_4/∂h_1 of the simple network is the product of diag(1 − h_t²) W for t = 4, 3, 2."""
    model, module, _ = model_and_module("RNN")
    values = torch.tensor(normal(4, 1, INPUT), requires_grad=True)
    layers = [replace(model.layers[0], initial={"hidden": normal(UNIT)})]
    hidden = [s.signals["hidden"] for s in rv.steps(rv.Model(layers), values, backend="torch")]
    rows = [torch.autograd.grad(u, hidden[0], retain_graph=True)[0][0] for u in hidden[3][0]]
    weights, wanted = module.weight_hh_l0.detach().numpy(), np.eye(UNIT)
    for h in hidden[1:]:
        wanted = np.diag(1 - h[0].detach().numpy() ** 2) @ weights @ wanted
    assert_close(torch.stack(rows), wanted)


def test_numpy_reads_a_tensor_that_requires_a_gradient_without_it() -> None:
    module = torch_module("GRU")
    values = torch.tensor(normal(4, BATCH, INPUT), requires_grad=True)
    wanted, _ = module(values)
    assert_close(rv.trace(module, values).outputs, wanted.detach().numpy())
    last = list(rv.steps(module, values))[-1]
    assert_close(last.outputs, wanted[-1].detach().numpy())


@on_every_backend
def test_a_float32_model_stays_float32_from_initial_states_to_outputs(
    backend: str, device: str
) -> None:
    model = rv.random_model("lstm", INPUT, UNIT, bidirectional=True)
    given = {"hidden": normal(UNIT), "cell": normal(BATCH, UNIT)}
    model = rv.Model([replace(layer, initial=given) for layer in model.layers])
    trace = rv.trace(
        model, sequence_of(LENGTHS), backend=backend, device=device, preactivations=True
    )
    parts = ("signals", "initial", "final", "preactivations", "before")
    arrays = [a for y in trace.layers for part in parts for a in getattr(y, part).values()]
    assert {array.dtype for array in (*arrays, trace.outputs)} == {np.dtype(np.float32)}


@pytest.mark.parametrize("call", [rv.trace, rv.steps])
@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"backend": "jax"}, "jax"),
        ({"device": "cuda"}, "NumPy computes on"),
        ({"backend": "torch", "device": "nowhere"}, "nowhere"),
    ],
)
def test_a_back_end_or_device_that_is_not_there_is_refused_at_once(
    call: Any, options: dict[str, str], wanted: str
) -> None:
    with pytest.raises(rv.ModelError, match=wanted):
        call(torch_module("GRU"), normal(2, 1, INPUT), **options)


@pytest.mark.parametrize("call", [rv.trace, rv.steps])
def test_a_sequence_that_does_not_fit_is_refused_at_once(call: Any) -> None:
    model, _, _ = model_and_module("GRU")
    with pytest.raises(rv.ModelError, match="give it a sequence of 3 features"):
        call(model, normal(2, BATCH, 4))
    with pytest.raises(rv.ModelError, match="n_inputs=4"):
        call(rv.random_model("gru", INPUT, UNIT), normal(2, BATCH, 4))
    with pytest.raises(rv.ModelError, match="for 2 rows, but the sequence has 3"):
        call(model, normal(2, 3, INPUT))
    with pytest.raises(rv.ModelError, match="too large"):
        call(rv.random_model("gru", INPUT, UNIT), np.full((2, 1, INPUT), -1e39))


def test_a_text_with_fewer_symbols_than_a_random_model_has_inputs_leaves_the_others_zero() -> None:
    model = rv.random_model("gru", INPUT, UNIT)
    values = np.eye(3)[[0, 1, 0], None]
    wanted = rv.trace(model, values).outputs
    assert_close(rv.trace(model, rv.parse("aba")).outputs, wanted)
    with pytest.raises(rv.ModelError):
        rv.trace(model, values[:, :, :2])


def test_layers_given_out_of_order_are_read_in_order() -> None:
    model, module, states = model_and_module("LSTM", **deep)
    sequence = sequence_of(LENGTHS)
    wanted, _ = torch_says(module, sequence.values, LENGTHS, states)
    shuffled = rv.Model(model.layers[::-1])
    assert_close(rv.trace(shuffled, sequence).outputs, wanted)
    for step in rv.steps(shuffled, sequence):
        real = [row for row, token in enumerate(step.tokens) if token]
        assert_close(step.outputs[real], wanted[step.time, real])


def test_from_torch_refuses_what_computes_something_else() -> None:
    class LSTM(torch.nn.LSTM):
        """Named like Torch's, and free to compute anything."""

    for module in (LSTM(2, 3), torch.nn.Linear(2, 3), "lstm"):
        with pytest.raises(rv.ModelError, match=r"from_torch takes|is wanted, but"):
            rv.from_torch(module)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_weights_are_read_exactly_into_float32(dtype: torch.dtype) -> None:
    module = torch.nn.GRU(INPUT, UNIT).to(dtype)
    model = rv.from_torch(module)
    assert model.dtype == np.float32
    wanted = module.weight_hh_l0[UNIT : 2 * UNIT].detach().to(torch.float64).numpy()
    assert (model.layers[0].weights["update.h"] == wanted).all()


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_a_relu_network_that_explodes_says_at_which_step(backend: str, direction: str) -> None:
    # From 1 h grows 64-fold a step: 2^(6 t) passes float32's 2^128 at t = 22.
    weights = {"hidden.x": [[1.0]], "hidden.h": [[64.0]]}
    arrays = {name: np.array(value, np.float32) for name, value in weights.items()}
    layer = rv.Layer("rnn", direction, arrays, activations={"hidden": "relu"})
    values = np.zeros((40, 1, 1), np.float32)
    values[0 if direction == "forward" else -1] = 1
    step = 23 if direction == "forward" else 40 - 22
    with pytest.raises(rv.ModelError, match=f"grew beyond float32 at step {step};"):
        rv.trace(rv.Model((layer,)), values, backend=backend)
