"""The LSTM's variants against Torch, ONNX Runtime and their equations written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

import rnnviz as rv
from rnnviz.analysis.contributions import contributions
from tests.analysis.test_contributions import a_layer, a_stack
from tests.witnesses import (
    BATCH,
    INPUT,
    LENGTHS,
    PROJECTION,
    STEPS,
    UNIT,
    Array,
    assert_close,
    normal,
    sigmoid,
)

VALUES = normal(STEPS, BATCH, INPUT, seed=70)
SEQUENCE = rv.Sequence(VALUES, lengths=LENGTHS)
BACKENDS = pytest.mark.parametrize("backend", ["numpy", "torch"])
DIRECTIONS = pytest.mark.parametrize("direction", ["forward", "backward"])
ONNX_ROWS = ("input", "output", "forget", "candidate")
# Whether the peepholes are there.
PEEPS = pytest.mark.parametrize("biases", [("b", "bh", "p"), ("b", "bh")])


def traced(layer: rv.Layer, values: Any = VALUES, **options: Any) -> rv.LayerTrace:
    return rv.trace(rv.Model((layer,)), values, **options).layers[0]


def started(layer: rv.Layer) -> tuple[Array, Array]:
    """Hidden and cell state before the first step, (batch, …)."""
    return layer.initial["hidden"], layer.initial["cell"]


def with_torch(layer: rv.Layer) -> torch.nn.LSTM:
    """Torch's own module with a projected layer's weights."""
    module = torch.nn.LSTM(layer.n_inputs, UNIT, proj_size=PROJECTION, dtype=torch.float64)
    roles = {"weight_ih_l0": "x", "weight_hh_l0": "h", "bias_ih_l0": "b", "bias_hh_l0": "bh"}
    gates = ("input", "forget", "candidate", "output")
    arrays = {
        name: np.concatenate([layer.weights[f"{gate}.{role}"] for gate in gates])
        for name, role in roles.items()
    }
    arrays["weight_hr_l0"] = layer.weights["hidden.w"]
    module.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
    return module


@BACKENDS
@DIRECTIONS
def test_a_projected_lstm_matches_torch_from_random_states(direction: str, backend: str) -> None:
    layer = a_layer("lstm_projected", direction)
    trace = traced(layer, backend=backend)
    turn = slice(None, None, -1 if direction == "backward" else 1)
    start = tuple(torch.tensor(state)[None] for state in started(layer))
    hidden, (last_hidden, last_cell) = with_torch(layer)(torch.tensor(VALUES[turn].copy()), start)
    assert hidden.shape == (STEPS, BATCH, PROJECTION)
    assert_close(trace.signals["hidden"][turn], hidden.detach())
    assert_close(trace.final["hidden"], last_hidden[0].detach())
    assert_close(trace.final["cell"], last_cell[0].detach())


def test_a_projected_lstm_reads_both_directions_of_the_level_below_as_torch_does() -> None:
    model = a_stack("lstm_projected", ("forward", "backward"), 2)
    read = VALUES
    for level in model.levels:
        seen = []
        for layer in level:
            turn = slice(None, None, -1 if layer.direction == "backward" else 1)
            module = with_torch(layer)
            start = tuple(torch.tensor(state)[None] for state in started(layer))
            hidden = module(torch.tensor(read[turn].copy()), start)[0]
            seen.append(hidden.detach().numpy()[turn])
        read = np.concatenate(seen, axis=2)
    assert_close(rv.trace(model, VALUES).outputs, read)


def onnx_says(layer: rv.Layer, **attributes: Any) -> Array:
    """ONNX Runtime's hidden states (time, batch, unit), in float32."""
    weights, zeros = layer.weights, np.zeros(UNIT)

    def rows(role: str, *gates: str) -> Array:
        return np.concatenate([weights.get(f"{gate}.{role}", zeros) for gate in gates])

    hidden, cell = started(layer)
    given = {
        "X": VALUES,
        "W": rows("x", *ONNX_ROWS)[None],
        "R": rows("h", *ONNX_ROWS)[None],
        "B": np.concatenate([rows("b", *ONNX_ROWS), rows("bh", *ONNX_ROWS)])[None],
        "": None,
        "initial_h": hidden[None],
        "initial_c": cell[None],
        "P": rows("p", "input", "output", "forget")[None],
    }
    feed = {name: array.astype(np.float32) for name, array in given.items() if array is not None}
    declared = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, array.shape)
        for name, array in feed.items()
    ]
    out = onnx.helper.make_tensor_value_info("Y", onnx.TensorProto.FLOAT, None)
    node = onnx.helper.make_node("LSTM", list(given), ["Y"], hidden_size=UNIT, **attributes)
    graph = onnx.helper.make_graph([node], "witness", declared, [out])
    opset = [onnx.helper.make_opsetid("", 14)]
    model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return np.asarray(session.run(None, feed)[0])[:, 0]


def as_onnx_couples(layer: rv.Layer) -> rv.Layer:
    """The same cell for ONNX, which computes i and takes f = 1 − i: σ(−z) = 1 − σ(z)."""
    turned = {
        name.replace("forget", "input"): -array
        for name, array in layer.weights.items()
        if name.startswith("forget")
    }
    forget = {name.replace("input", "forget"): 0 * array for name, array in turned.items()}
    return rv.Layer(
        "lstm_peephole", "forward", {**layer.weights, **forget, **turned}, layer.initial
    )


@PEEPS
def test_an_lstm_with_peepholes_matches_onnx_runtime(biases: tuple[str, ...]) -> None:
    layer = a_layer("lstm_peephole", biases=biases)
    assert_close(traced(layer).signals["hidden"], onnx_says(layer), 1e-5)


@PEEPS
def test_a_coupled_lstm_matches_onnx_runtime(biases: tuple[str, ...]) -> None:
    layer = a_layer("lstm_coupled", biases=biases)
    said = onnx_says(as_onnx_couples(layer), input_forget=1)
    assert_close(traced(layer).signals["hidden"], said, 1e-5)


def unit_by_hand(layer: rv.Layer, u: int, x: Array, h: Array, before: float) -> list[float]:
    """One unit at one step: f, i, g, o, c, h."""
    w = layer.weights

    def drive(gate: str, state: float) -> Array:
        total = sum(w[f"{gate}.x"][u, j] * x[j] for j in range(INPUT))
        total += sum(w[f"{gate}.h"][u, j] * h[j] for j in range(UNIT))
        total += w[f"{gate}.b"][u] + w[f"{gate}.bh"][u]
        return np.array(total + (w[f"{gate}.p"][u] * state if f"{gate}.p" in w else 0))

    f = float(sigmoid(drive("forget", before)))
    i = 1 - f if layer.cell_name == "lstm_coupled" else float(sigmoid(drive("input", before)))
    g = float(np.tanh(drive("candidate", before)))
    c = f * before + i * g
    o = float(sigmoid(drive("output", c)))
    return [f, i, g, o, c, o * np.tanh(c)]


def by_hand(layer: rv.Layer) -> dict[str, Array]:
    """Peephole and coupled cells written out unit by unit in float64, (time, batch, unit)."""
    hidden, cell = (state.copy() for state in started(layer))
    seen: list[dict[str, Array]] = []
    for x in VALUES:
        now = {name: np.empty((BATCH, UNIT)) for name in ("f", "i", "g", "o", "c", "h")}
        for b in range(BATCH):
            for u in range(UNIT):
                values = unit_by_hand(layer, u, x[b], hidden[b], cell[b, u])
                for name, value in zip(now, values, strict=True):
                    now[name][b, u] = value
        hidden, cell = now["h"], now["c"]
        seen.append(now)
    return {name: np.array([step[name] for step in seen]) for name in seen[0]}


@BACKENDS
@PEEPS
@pytest.mark.parametrize("cell", ["lstm_peephole", "lstm_coupled"])
def test_peephole_and_coupled_cells_are_their_equations(
    cell: str, biases: tuple[str, ...], backend: str
) -> None:
    layer = a_layer(cell, biases=biases)
    trace, wanted = traced(layer, backend=backend), by_hand(layer)
    for signal in layer.cell.signals:
        assert_close(trace.signals[signal.name], wanted[signal.symbol])


def test_a_peephole_cell_without_peepholes_is_an_lstm() -> None:
    layer = a_layer("lstm_peephole", biases=("b", "bh"))
    plain = rv.Layer("lstm", "forward", layer.weights, layer.initial)
    for name, values in traced(plain).signals.items():
        assert_close(traced(layer).signals[name], values)


def normalised_by_torch(layer: rv.Layer) -> dict[str, Array]:
    """Ba et al. (2016), eqs. 20–22, with Torch's own layer_norm over the stack of four gates."""
    gates = ("output", "candidate", "forget", "input")  # any order: it is the same stack
    w = {name: torch.tensor(array) for name, array in layer.weights.items()}
    hidden, cell = map(torch.tensor, started(layer))

    def stacked(role: str) -> torch.Tensor:
        return torch.cat([w[f"{gate}.{role}"] for gate in gates])

    def norm(z: torch.Tensor, gain: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.layer_norm(z, z.shape[-1:], gain, shift, eps=1e-5)

    seen: list[dict[str, torch.Tensor]] = []
    for x in torch.tensor(VALUES):
        drive = norm(x @ stacked("x").T, stacked("gx"), stacked("sx")) + stacked("b")
        drive = drive + norm(hidden @ stacked("h").T, stacked("gh"), stacked("sh"))
        o, g, f, i = drive.chunk(4, dim=-1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        normalised = norm(cell, w["cell.g"], w["cell.s"])
        hidden = torch.sigmoid(o) * torch.tanh(normalised)
        seen.append({"cell": cell, "normalised": normalised, "hidden": hidden})
    return {name: torch.stack([step[name] for step in seen]).numpy() for name in seen[0]}


def with_shift_of_the_cell(layer: rv.Layer) -> rv.Layer:
    shift = {"cell.s": normal(UNIT, seed=91)}
    return rv.Layer(layer.cell_name, layer.direction, {**layer.weights, **shift}, layer.initial)


@BACKENDS
def test_a_layer_norm_lstm_matches_torchs_layer_norm_of_the_stack(backend: str) -> None:
    layer = with_shift_of_the_cell(a_layer("lstm_layer_norm"))
    signals = traced(layer, backend=backend).signals
    for name, values in normalised_by_torch(layer).items():
        assert_close(signals[name], values)


def test_shifts_and_biases_left_out_of_a_layer_norm_lstm_count_as_zeros() -> None:
    bare = a_layer("lstm_layer_norm", biases=())
    zeros = {p.name: np.zeros(UNIT) for p in bare.cell.params if not p.required}
    assert len(zeros) == 4 * 3 + 1
    full = rv.Layer(bare.cell_name, "forward", {**bare.weights, **zeros}, bare.initial)
    for name, values in normalised_by_torch(full).items():
        assert_close(traced(bare).signals[name], values)


@pytest.mark.parametrize("cell", ["lstm_peephole", "lstm_coupled"])
def test_the_arithmetic_has_the_peephole_with_the_state_it_sees(cell: str) -> None:
    """Written out: p_f[u] c_{t-1}[u] and p_o[u] c_t[u]."""
    layer = a_layer(cell)
    model = rv.Model((layer,))
    trace = rv.trace(model, SEQUENCE)
    for gate, time in (("forget", 1), ("output", 2)):
        view = contributions(model, trace, layer=0, gate=gate, time=2, unit=3, row=1)
        (term,) = (term for term in view.terms if term.symbol == "c")
        weight, state = layer.weights[f"{gate}.p"][3], trace["cell"][time, 1, 3]
        assert (term.kind, term.name, term.factors) == ("unit", "3", (weight, state))


def test_the_arithmetic_of_a_projected_cell_recurs_over_the_projection() -> None:
    model = a_stack("lstm_projected", ("forward",), 1)
    trace = rv.trace(model, SEQUENCE)
    view = contributions(model, trace, layer=0, gate="output", time=2, unit=UNIT - 1)
    seen = [term.factors[1] for term in view.terms if term.symbol == "h"]
    assert_close(seen, trace["hidden"][1, 0])


def test_the_arithmetic_of_a_normalised_gate_scales_and_centres_its_products() -> None:
    """Written out: γ (w x − μ) / s + β with NumPy's mean and deviation of all 20 products."""
    layer = a_layer("lstm_layer_norm")
    model = rv.Model((layer,))
    trace = rv.trace(model, SEQUENCE)
    view = contributions(model, trace, layer=0, gate="input", time=2, unit=3, row=1)
    x, w = SEQUENCE.values[2, 1], layer.weights
    products = np.concatenate([w[f"{gate.name}.x"] @ x for gate in layer.cell.gates])
    gain = w["input.gx"][3] / np.sqrt(products.var() + 1e-5)
    terms = {f"{term.symbol} {term.name}".strip(): term for term in view.terms}
    for j in range(INPUT):
        weight = w["input.x"][3, j]
        assert terms[f"x x{j}"].factors == pytest.approx((weight, gain, x[j]))
    assert terms["μ_x"].value == pytest.approx(-gain * products.mean())
    assert terms["β_x"].value == w["input.sx"][3]
    assert terms["b"].value == w["input.b"][3]
    assert [term.kind for term in (terms["μ_h"], terms["β_h"])] == ["mean", "shift"]


@BACKENDS
def test_a_clipped_drive_is_shown_before_and_after(backend: str) -> None:
    """Written out: σ(min(z, 0.5)) and σ(max(z, −0.5))."""
    weights = a_layer("lstm_peephole").weights
    model = rv.Model((rv.Layer("lstm_peephole", "forward", weights, clip=0.5),))
    trace = rv.trace(model, SEQUENCE, backend=backend)
    views = [
        contributions(model, trace, layer=0, gate="forget", time=1, unit=unit)
        for unit in range(UNIT)
    ]
    assert any(abs(view.preactivation) > 0.5 for view in views)
    for view in views:
        limited = min(max(view.preactivation, -0.5), 0.5)
        assert view.value == pytest.approx(sigmoid(np.array(limited)))
        assert (" → " in view.text) == (abs(view.preactivation) > 0.5)
