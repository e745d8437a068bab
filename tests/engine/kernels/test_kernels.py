"""Every kernel gives the stepped engine's numbers; one place chooses it, and threads come back."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import ThreadpoolController, threadpool_limits

import rnnviz as rv
from rnnviz.engine import trace_layer
from rnnviz.engine.kernels import select, torch_lstm
from rnnviz.engine.kernels.select import Kernel, Libraries, select_kernel
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.engine.run import trace_model

KERNELS = [
    (kernel, cell)
    for cell in ("lstm", "gru", "gru_reset_after", "rnn")
    for kernel in ("in_place", "compiled")
] + [("fused", "lstm")]
EVERYTHING = Libraries("loaded", True)
NOTHING = Libraries("absent", False)


def taken(monkeypatch: pytest.MonkeyPatch, name: Any, n_threads: int = 1) -> None:
    kernel = Kernel(name, "the test's", True, n_threads)
    monkeypatch.setattr(trace_layer, "select_kernel", lambda *_: kernel)


def model_of(cell: str, shape: tuple[int, ...], dtype: Any, seed: int, **options: Any) -> rv.Model:
    """Random weights, biases and initial states; `times` makes them hard."""
    n_rows, n_inputs, n_units, n_layers = shape
    rng, times = np.random.default_rng(seed), options.pop("times", 1.0)
    model = rv.random_model(cell, n_inputs, n_units, n_layers=n_layers, bidirectional=True)

    def drawn(layer: rv.Layer) -> rv.Layer:
        scale = times / np.sqrt(n_units)
        weights = {
            k: (scale * rng.standard_normal(w.shape)).astype(dtype)
            for k, w in layer.weights.items()
        }
        initial = {name: rng.standard_normal((n_rows, n_units)) for name in layer.cell.states}
        return replace(layer, weights=weights, initial=initial, **options)

    return rv.Model(tuple(map(drawn, model.layers)))


def assert_same(trace: rv.Trace, wanted: rv.Trace, tolerance: float) -> None:
    np.testing.assert_allclose(trace.outputs, wanted.outputs, atol=tolerance, rtol=tolerance)
    for layer, other in zip(trace.layers, wanted.layers, strict=True):
        for part in ("signals", "initial", "final"):
            mine, its = getattr(layer, part), getattr(other, part)
            assert list(mine) == list(its)
            for name, array in mine.items():
                assert array.dtype == its[name].dtype
                assert not array.flags.writeable
                np.testing.assert_allclose(array, its[name], atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize(("kernel", "cell"), KERNELS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-4)])
@settings(max_examples=12)
@given(data=st.data())
def test_every_kernel_is_the_stepped_one(
    kernel: str, cell: str, dtype: Any, tolerance: float, data: st.DataObject
) -> None:
    n_rows, n_inputs, n_units = (data.draw(st.integers(1, most)) for most in (5, 4, 19))
    n_steps, n_layers = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 2))
    lengths = data.draw(st.lists(st.integers(1, n_steps), min_size=n_rows, max_size=n_rows))
    seed = data.draw(st.integers(0, 2**32 - 1))
    model = model_of(cell, (n_rows, n_inputs, n_units, n_layers), dtype, seed)
    values = np.random.default_rng(seed).standard_normal((n_steps, n_rows, n_inputs))
    sequence = rv.Sequence(values, lengths=lengths)
    with pytest.MonkeyPatch.context() as patch:
        taken(patch, "stepped")
        wanted = rv.trace(model, sequence)
        taken(patch, kernel, n_threads=data.draw(st.integers(1, n_rows)))
        assert_same(rv.trace(model, sequence), wanted, tolerance)


@pytest.mark.parametrize(("kernel", "cell"), KERNELS)
def test_a_backward_layer_of_equal_rows_is_the_stepped_one(
    monkeypatch: pytest.MonkeyPatch, kernel: str, cell: str
) -> None:
    model = model_of(cell, (3, 2, 6, 2), np.float64, 4)
    values = np.random.default_rng(5).standard_normal((7, 3, 2))
    taken(monkeypatch, "stepped")
    wanted = rv.trace(model, values)
    taken(monkeypatch, kernel)
    assert_same(rv.trace(model, values), wanted, 1e-12)


@pytest.mark.parametrize(("n_rows", "n_units"), [(1, 37), (3, 16), (9, 21)])
def test_a_compiled_lstm_of_many_steps_is_torchs(
    n_rows: int, n_units: int, monkeypatch: Any
) -> None:
    """More steps than are taken at once, rows that fill no tile, units that fill no vector."""
    torch.manual_seed(3)
    module = torch.nn.LSTM(5, n_units, 2, bidirectional=True, dtype=torch.float64)
    values = torch.randn(300, n_rows, 5, dtype=torch.float64)
    initial = torch.randn(2, 4, n_rows, n_units, dtype=torch.float64).unbind()
    with torch.no_grad():
        hidden, (last_hidden, last_cell) = module(values, initial)
    taken(monkeypatch, "compiled", n_threads=2)
    trace = rv.trace(module, values, initial=initial)
    np.testing.assert_allclose(trace.outputs, hidden.numpy(), atol=1e-12, rtol=1e-12)
    for layer, *wanted in zip(trace.layers, last_hidden.numpy(), last_cell.numpy(), strict=True):
        for name, state in zip(("hidden", "cell"), wanted, strict=True):
            np.testing.assert_allclose(layer.final[name], state, atol=1e-12, rtol=1e-12)


@pytest.mark.parametrize(("kernel", "cell"), KERNELS)
@pytest.mark.parametrize(("direction", "step"), [("forward", 1), ("backward", 7)])
def test_a_step_without_a_number_is_named_by_every_kernel(
    kernel: str, cell: str, direction: Any, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`W_x x_t` is ∞ and `W_h h_{t-1}` −∞ in one unit, at the step that a row reads first."""
    model = model_of(cell, (2, 2, 21, 1), np.float32, 8)
    layer = next(layer for layer in model.layers if layer.direction == direction)
    weights = {name: array.copy() for name, array in layer.weights.items()}
    for name in weights:
        if name.endswith((".x", ".h")):
            weights[name][17] = 3e38 if name.endswith(".x") else -3e38
    initial = {name: np.ones(21) for name in layer.cell.states}
    values = np.full((9, 2, 2), 0.01, np.float32)
    values[step - 1, 0] = 10
    one = rv.Model((replace(layer, weights=weights, initial=initial),))
    taken(monkeypatch, kernel)
    with pytest.raises(rv.ModelError, match=f"grew beyond float32 at step {step};"):
        rv.trace(one, rv.Sequence(values, lengths=(7, 9)))


@pytest.mark.parametrize("n_units", [5, 67, 130])
@pytest.mark.parametrize("comes", [True, False])
def test_a_second_thread_changes_no_number_whether_it_comes_or_not(
    monkeypatch: pytest.MonkeyPatch, n_units: int, comes: bool
) -> None:
    model = model_of("lstm", (1, 3, n_units, 2), np.float64, 6)
    values = np.random.default_rng(7).standard_normal((400, 1, 3))
    taken(monkeypatch, "stepped")
    wanted = rv.trace(model, values)
    if not comes:
        monkeypatch.setattr("rnnviz.engine.kernels.numba_two_threads._answer", lambda *_: None)
    kernel = Kernel("compiled", "the test's", True, two_threads=True)
    monkeypatch.setattr(trace_layer, "select_kernel", lambda *_: kernel)
    assert_same(rv.trace(model, values), wanted, 1e-12)


@pytest.mark.parametrize("kernel", ["in_place", "compiled"])
def test_a_relu_network_takes_the_kernel_too(monkeypatch: pytest.MonkeyPatch, kernel: str) -> None:
    model = model_of("rnn", (2, 3, 5, 1), np.float64, 1, activations={"hidden": "relu"})
    values = np.random.default_rng(2).standard_normal((6, 2, 3))
    assert select_kernel(model.layers[0], 10**6, 2, EVERYTHING).name == "compiled"
    taken(monkeypatch, "stepped")
    wanted = rv.trace(model, values)
    taken(monkeypatch, kernel, n_threads=2)
    assert_same(rv.trace(model, values), wanted, 1e-12)


@pytest.mark.parametrize("kernel", ["in_place", "compiled", "fused"])
def test_a_cell_that_forgets_nothing_for_20_000_steps_keeps_its_digits(
    monkeypatch: pytest.MonkeyPatch, kernel: str
) -> None:
    """Weights ×12 and forget bias +12; each signal against Torch's own run, fed with its own h."""
    torch.manual_seed(0)
    module = torch.nn.LSTM(2, 4, dtype=torch.float64)
    with torch.no_grad():
        module.bias_ih_l0[4:8] += 12
        for parameter in (module.weight_ih_l0, module.weight_hh_l0):
            parameter *= 12
    values = torch.randn(20_000, 1, 2, dtype=torch.float64)
    taken(monkeypatch, kernel)
    trace = rv.trace(module, values)
    with torch.no_grad():
        hidden, (_, cell) = module(values)
    signals = trace.layers[0].signals
    before = np.concatenate([np.zeros((1, 1, 4)), hidden.numpy()[:-1]])
    drive = values.numpy() @ module.weight_ih_l0.detach().numpy().T
    drive = drive + before @ module.weight_hh_l0.detach().numpy().T
    drive = drive + (module.bias_ih_l0 + module.bias_hh_l0).detach().numpy()
    assert np.abs(signals["forget"] - 1 / (1 + np.exp(-drive[..., 4:8]))).max() < 1e-9
    assert np.abs(trace["hidden"] - hidden.numpy()).max() < 1e-9
    assert np.abs(trace.layers[0].final["cell"] - cell[0].numpy()).max() < 1e-9 * cell.abs().max()


def test_a_fused_run_that_disagrees_is_stepped_in_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = model_of("lstm", (1, 2, 6, 1), np.float64, 4)
    values = np.random.default_rng(5).standard_normal((7, 1, 2))
    taken(monkeypatch, "stepped")
    wanted = rv.trace(model, values)
    own = torch_lstm._forward
    monkeypatch.setattr(
        torch_lstm, "_forward", lambda workspace: (own(workspace)[0] + 0.01, own(workspace)[1])
    )
    taken(monkeypatch, "fused")
    assert_same(rv.trace(model, values), wanted, 1e-12)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_states_that_are_known_give_the_same_without_a_step(
    monkeypatch: pytest.MonkeyPatch, cell: str
) -> None:
    model = model_of(cell, (3, 2, 6, 1), np.float64, 4)
    sequence = rv.Sequence(np.random.default_rng(5).standard_normal((7, 3, 2)))
    taken(monkeypatch, "stepped")
    wanted = rv.trace(model, sequence)
    taken(monkeypatch, "in_place")
    known = tuple(layer.signals["hidden"] for layer in wanted.layers)
    if cell == "lstm":
        monkeypatch.setattr(select, "run_numpy_kernel", None)
    assert_same(trace_model(model, sequence, known=known), wanted, 1e-12)


def test_states_that_the_layer_does_not_give_are_left_and_it_is_stepped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = model_of("lstm", (3, 2, 6, 1), np.float64, 4)
    sequence = rv.Sequence(np.random.default_rng(5).standard_normal((7, 3, 2)))
    taken(monkeypatch, "stepped")
    wanted = rv.trace(model, sequence)
    taken(monkeypatch, "in_place")
    other = tuple(layer.signals["hidden"] + 1e-6 for layer in wanted.layers)
    assert_same(trace_model(model, sequence, known=other), wanted, 1e-12)


def test_the_fused_kernel_leaves_torchs_random_numbers_alone(monkeypatch: Any) -> None:
    taken(monkeypatch, "fused")
    state = torch.random.get_rng_state()
    rv.trace(model_of("lstm", (1, 2, 6, 1), np.float32, 4), np.ones((3, 1, 2)))
    assert torch.equal(state, torch.random.get_rng_state())


@pytest.mark.parametrize(
    ("cell", "rows", "units", "available", "wanted"),
    [
        ("lstm", 1, 64, NOTHING, Kernel("in_place", "", True)),
        ("lstm", 1, 64, Libraries("absent", True), Kernel("fused", "", True)),
        ("lstm", 1, 64, EVERYTHING, Kernel("compiled", "", True)),
        ("lstm", 1, 64, Libraries("installed", False), Kernel("in_place", "", True)),
        ("lstm", 1, 512, NOTHING, Kernel("in_place", "", True)),
        ("lstm", 1, 2048, NOTHING, Kernel("in_place", "", False)),
        ("lstm", 4, 64, Libraries("absent", True), Kernel("in_place", "", True)),
        ("lstm", 1, 256, Libraries("absent", True), Kernel("in_place", "", True)),
        ("lstm", 1, 512, EVERYTHING, Kernel("compiled", "", True, two_threads=True)),
        ("gru", 1, 64, Libraries("absent", True), Kernel("in_place", "", True)),
        ("gru_reset_after", 1, 64, EVERYTHING, Kernel("compiled", "", True)),
        ("rnn", 1, 128, EVERYTHING, Kernel("compiled", "", True)),
    ],
)
def test_the_kernel_of_each_class_of_sizes(
    cell: str, rows: int, units: int, available: Libraries, wanted: Kernel, monkeypatch: Any
) -> None:
    monkeypatch.setattr("rnnviz.engine.kernels.select._cores", lambda: 2)
    layer = rv.random_model(cell, 3, units).layers[0]
    kernel = select_kernel(layer, 1000, rows, available)
    assert replace(kernel, reason="") == wanted
    assert kernel.reason


def test_a_small_layer_takes_one_kernel_whatever_is_loaded() -> None:
    layer = rv.random_model("lstm", 12, 16).layers[0]
    kernels = {select_kernel(layer, 23, 1, available) for available in (EVERYTHING, NOTHING)}
    assert [kernel.name for kernel in kernels] == ["in_place"]


def test_a_long_job_loads_the_compiler_and_a_short_one_does_not_start_torch() -> None:
    layer = rv.random_model("lstm", 64, 64).layers[0]
    kernels = [
        select_kernel(layer, steps, 1, Libraries("installed", True)) for steps in (50, 500, 50_000)
    ]
    assert [kernel.name for kernel in kernels] == ["in_place", "fused", "compiled"]


def test_a_large_job_loads_the_compiler_and_many_rows_are_shared(monkeypatch: Any) -> None:
    monkeypatch.setattr("rnnviz.engine.kernels.select._cores", lambda: 2)
    layer = rv.random_model("lstm", 64, 256).layers[0]
    kernel = select_kernel(layer, 1000, 32, Libraries("installed", False))
    assert (kernel.name, kernel.n_threads, kernel.one_thread) == ("compiled", 2, True)


@pytest.mark.parametrize(
    ("cell", "options", "why"),
    [
        ("lstm", {"clip": 3.0}, "clipped"),
        ("lstm", {"activations": {"cell_activation": "relu"}}, "activations"),
        ("gru", {"activations": {"reset": "hard_sigmoid"}}, "activations"),
    ],
)
def test_what_only_the_stepped_kernel_computes_takes_it(
    cell: str, options: dict[str, Any], why: str
) -> None:
    layer = replace(rv.random_model(cell, 2, 3).layers[0], **options)
    kernel = select_kernel(layer, 10**6, 1, EVERYTHING)
    assert (kernel.name, why in kernel.reason) == ("stepped", True)


def test_an_unusual_cell_and_a_one_to_one_recurrence_are_stepped() -> None:
    weights = {"hidden.x": np.ones((2, 3)), "hidden.h": np.ones(2)}
    kernel = select_kernel(rv.Layer("rnn", "forward", weights), 5, 1, EVERYTHING)
    assert (kernel.name, kernel.reason) == ("stepped", "its recurrence is one to one")


def numbers() -> list[int]:
    blas = ThreadpoolController().select(user_api="blas").lib_controllers
    return [torch.get_num_threads(), *(library.num_threads for library in blas)]


def test_the_numbers_of_threads_are_put_back_after_an_error_and_after_overlapping_jobs() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    wanted = numbers()
    with suppress(ZeroDivisionError), one_thread():
        assert set(numbers()) == {1}
        _ = 1 / 0
    assert numbers() == wanted
    first, second = one_thread(), one_thread()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert set(numbers()) == {1}
    second.__exit__(None, None, None)
    assert numbers() == wanted
    torch.set_num_threads(before)


def test_a_thread_beside_the_first_has_one_thread_too() -> None:
    seen = []

    def look() -> None:
        with one_thread():
            seen.append(set(numbers()[1:]))
        seen.append(set(numbers()[1:]))

    with threadpool_limits(2, user_api="blas"):
        # The first thread that sets the number would keep it from all others.
        with one_thread():
            assert set(numbers()[1:]) == {1}
        other = threading.Thread(target=look)
        other.start()
        other.join()
    assert seen == [{1}, {2}]


def test_traces_on_several_threads_at_once_are_right_and_leave_the_threads_alone() -> None:
    model = model_of("lstm", (1, 3, 16, 1), np.float64, 7)
    values = np.random.default_rng(8).standard_normal((50, 1, 3))
    wanted, before = rv.trace(model, values), numbers()
    seen: list[rv.Trace] = []
    crowd = [
        threading.Thread(target=lambda: seen.append(rv.trace(model, values))) for _ in range(8)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert len(seen) == 8
    for trace in seen:
        assert_same(trace, wanted, 1e-12)
    assert numbers() == before


def test_a_trace_holds_its_signals_once() -> None:
    """The signals are views into one array; one without a readout shows the hidden states."""
    trace = rv.trace(rv.random_model("lstm", 3, 5), np.ones((4, 2, 3)))
    owners = {id(array.base) for array in trace.layers[0].signals.values()}
    assert len(owners) == 1
    assert np.shares_memory(trace.outputs, trace["hidden"])
    with pytest.raises(ValueError, match="read-only"):
        trace["forget"].base[0] = 1
