"""Random models: the same seed gives the same bits, and each draw follows its formula."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import numpy as np
import pytest

from rnnviz import CELLS, Layer, ModelError, random_model
from rnnviz.network.random_model import INITIALISATIONS
from tests.odd_values import odd, refusal
from tests.witnesses import Array

INPUT, UNIT = 3, 40
# Of a layer normalisation, which starts as one that changes nothing.
GAINS, SHIFTS = ("gx", "gh", "g"), ("sx", "sh", "s")
every_cell = pytest.mark.parametrize("cell", list(CELLS))
KEEPS = {
    "lstm": "forget",
    "gru": "update",
    "gru_reset_after": "update",
    "lstm_peephole": "forget",
    "lstm_projected": "forget",
    "lstm_coupled": "forget",
    "lstm_layer_norm": "forget",
    "mgu": "forget",
    "min_gru": "update",
    "min_lstm": "forget",
    "slstm": "forget",
    "lstm_diagonal": "forget",
    "mut1": "update",
    "linear_rnn": "forget",
}
# The gate that writes, with a bias of its own; an MGU's one gate keeps by not writing.
WRITES = {cell: "input" for cell in CELLS if "input" in {gate.name for gate in CELLS[cell].gates}}
TURNED = ("mgu", "mut1")
# Two of them set the bias of a gate that keeps, which the simple RNN does not have.
every_start = pytest.mark.parametrize(
    ("cell", "init"),
    [
        (cell, init)
        for cell in CELLS
        for init in INITIALISATIONS
        if cell in KEEPS or init not in ("forget_bias", "chrono")
    ],
)
gated = pytest.mark.parametrize("cell", KEEPS)


def first_layer(cell: str, init: str, **options: Any) -> Layer:
    return random_model(cell, INPUT, UNIT, init=init, dtype=np.float64, **options).layers[0]


def with_role(layer: Layer, *roles: str) -> dict[str, Array]:
    return {n: a for n, a in layer.weights.items() if n.rpartition(".")[2] in roles}


def fills(array: Array, limit: float) -> bool:
    """Whether uniform numbers within ±limit stand here: none outside, and some near the ends."""
    return 0.8 * limit < abs(array).max() <= limit and abs(array.mean()) < 0.4 * limit


@every_start
def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not(cell: str, init: str) -> None:
    options = {"n_layers": 2, "bidirectional": True, "init": init, "n_outputs": 4}
    first, again, other = (random_model(cell, 3, 5, seed=s, **options) for s in (7, 7, 8))
    for name, array in first.arrays().items():
        assert array.tobytes() == again.arrays()[name].tobytes()
        assert array.dtype == np.float32
    assert first.digest == again.digest != other.digest


def test_a_seed_gives_these_numbers_for_ever() -> None:
    """NumPy's PCG64 is stable across versions; a link that holds a seed shows the same network."""
    generator = np.random.default_rng([5, 0, 0])
    wanted = generator.uniform(-1 / sqrt(2), 1 / sqrt(2), (2, 3)).astype(np.float32)
    first = random_model("lstm", 3, 2, seed=5).layers[0].weights["forget.x"]
    assert first.tobytes() == wanted.tobytes()


def test_no_two_weights_of_a_deep_model_are_drawn_alike() -> None:
    model = random_model("lstm", 5, 5, 3, bidirectional=True)
    drawn = [array.ravel()[:5].tobytes() for array in model.arrays().values()]
    assert len(set(drawn)) == len(drawn)


@every_cell
def test_pytorch_draws_all_within_one_over_the_root_of_the_units(cell: str) -> None:
    layer = first_layer(cell, "pytorch")
    fixed = with_role(layer, *GAINS, *SHIFTS)
    for name, array in layer.weights.items():
        assert name in fixed or fills(array, 1 / sqrt(UNIT)), name


@every_start
def test_a_layer_normalisation_starts_with_gains_of_1_and_shifts_of_0(cell: str, init: str) -> None:
    layer = first_layer(cell, init, gain=3)
    assert {n for a in with_role(layer, *GAINS).values() for n in a} <= {1}
    assert {n for a in with_role(layer, *SHIFTS).values() for n in a} <= {0}


@every_cell
def test_xavier_draws_within_the_root_of_6_over_both_fans_without_biases(cell: str) -> None:
    layer = first_layer(cell, "xavier")
    for array in with_role(layer, "x").values():
        assert fills(array, sqrt(6 / (INPUT + UNIT)))
    for array in with_role(layer, "h").values():
        assert fills(array, sqrt(6 / (UNIT + layer.n_hidden)))
    for array in with_role(layer, "b", "bh").values():
        assert not array.any()


@every_cell
def test_orthogonal_recurrent_matrices_times_their_transpose_are_one(cell: str) -> None:
    layer = first_layer(cell, "orthogonal")
    for matrix in with_role(layer, "h").values():
        if matrix.ndim == 2:
            assert abs(matrix.T @ matrix - np.eye(layer.n_hidden)).max() < 1e-12
        else:
            # The diagonal of one such matrix.
            assert abs(matrix).max() <= 1
    for array in with_role(layer, "x").values():
        assert fills(array, sqrt(6 / (INPUT + UNIT)))
    for array in with_role(layer, "b", "bh").values():
        assert not array.any()


def test_orthogonal_matrices_are_rotations_and_reflections_alike() -> None:
    signs = {
        round(
            np.linalg.det(
                random_model("rnn", 1, 4, seed=s, init="orthogonal", dtype="f8")
                .layers[0]
                .weights["hidden.h"]
            )
        )
        for s in range(12)
    }
    assert signs == {-1, 1}


@gated
def test_forget_bias_adds_exactly_1_to_the_bias_of_the_gate_that_keeps(cell: str) -> None:
    plain, shifted = first_layer(cell, "pytorch"), first_layer(cell, "forget_bias")
    for name, array in plain.weights.items():
        more = -1 if cell in TURNED else 1
        wanted = array + more if name == f"{KEEPS[cell]}.b" else array
        assert shifted.weights[name].tobytes() == wanted.tobytes()


@gated
@pytest.mark.parametrize("span", [3, 100, 10_000])
def test_chrono_biases_are_logarithms_of_uniform_times_within_the_span(
    cell: str, span: int
) -> None:
    layer = first_layer(cell, "chrono", span=span)
    kept = layer.weights[f"{KEEPS[cell]}.b"] * (-1 if cell in TURNED else 1)
    assert (kept >= 0).all()
    assert (kept <= log(span - 1)).all()
    times = np.exp(kept)  # uniform in 1 … span − 1
    assert times.max() > 1 + 0.8 * (span - 2)
    assert abs(times.mean() - span / 2) < 0.3 * (span - 2)
    rest = {n: a for n, a in with_role(layer, "b", "bh").items() if n != f"{KEEPS[cell]}.b"}
    if cell in WRITES:
        assert rest.pop(f"{WRITES[cell]}.b").tobytes() == (-kept).tobytes()
    assert not any(array.any() for array in rest.values())


def test_chrono_for_a_span_of_two_steps_keeps_half() -> None:
    assert not first_layer("gru", "chrono", span=2).weights["update.b"].any()


def test_the_simple_network_reads_out_as_many_numbers_as_it_reads_and_a_gated_one_none() -> None:
    assert random_model("rnn", 3, 5).readout.weights.shape == (3, 5)  # type: ignore[union-attr]
    assert random_model("gru", 3, 5).readout is None
    assert random_model("rnn", 3, 5, n_outputs=0).readout is None
    readout = random_model("lstm", 3, UNIT, bidirectional=True, n_outputs=7).readout
    assert readout is not None
    assert readout.weights.shape == (7, 2 * UNIT)
    assert fills(readout.weights, 1 / sqrt(2 * UNIT))


def test_layers_read_each_other_in_both_directions() -> None:
    model = random_model("gru", 3, 5, 2, bidirectional=True)
    wanted = [(0, "forward", 3), (0, "backward", 3), (1, "forward", 10), (1, "backward", 10)]
    assert [(y.level, y.direction, y.n_inputs) for y in model.layers] == wanted
    assert not model.is_trained


def test_options_of_the_simple_network_reach_its_layers() -> None:
    layer = random_model("rnn", 3, 5, activation="relu", recurrence="one_to_one").layers[0]
    assert layer.activation("hidden") == "relu"
    assert layer.weights["hidden.h"].shape == (5,)


@pytest.mark.parametrize(
    ("cell", "gate", "own", "other"),
    [
        ("rnn", "hidden", "tanh", "relu"),
        ("min_gru", "candidate", "linear", "tanh"),
        ("min_lstm", "candidate", "linear", "positive"),
        ("slstm", "forget", "sigmoid", "exponential"),
    ],
)
def test_the_activation_is_that_of_the_gate_that_has_a_choice(
    cell: str, gate: str, own: str, other: str
) -> None:
    for asked, wanted in (("", own), (own, own), (other, other)):
        layer = random_model(cell, 3, 5, activation=asked).layers[0]
        assert layer.activation(gate) == wanted
        assert dict(layer.activations) == ({gate: other} if wanted == other else {})


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({"cell": "elman"}, "elman"),
        ({"init": "he"}, "he"),
        ({"recurrence": "none"}, "none"),
        ({"recurrence": "one_to_one"}, "recurrence is one of full, but"),
        ({"activation": "relu"}, "relu"),
        ({"cell": "min_gru", "activation": "relu"}, "one of linear, positive, tanh"),
        ({"cell": "slstm", "activation": "tanh"}, "tanh"),
        ({"cell": "rnn", "activation": "gelu"}, "gelu"),
        ({"n_inputs": 0}, "n_inputs is a whole number, at least 1"),
        ({"n_units": -1}, "n_units is a whole number, at least 1"),
        ({"n_layers": 0}, "n_layers is a whole number, at least 1"),
        ({"n_outputs": -2}, "n_outputs is a whole number, at least 0"),
        ({"seed": -1}, "seed is a whole number, at least 0"),
        ({"init": "chrono", "span": 1}, "span is a whole number, at least 2"),
        ({"dtype": np.int32}, "finite real numbers"),
        ({"cell": "rnn", "init": "forget_bias"}, "a gate that keeps"),
        ({"cell": "rnn", "init": "chrono"}, "a gate that keeps"),
    ],
)
def test_options_that_make_no_model_are_refused(options: dict[str, Any], wanted: str) -> None:
    with pytest.raises(ModelError, match=wanted):
        random_model(**options)


@odd
@pytest.mark.parametrize("name", ["cell", "n_units", "n_layers", "n_outputs", "seed", "gain"])
def test_an_odd_value_is_refused_in_one_sentence(name: str, value: Any) -> None:
    assert refusal(random_model, **{"cell": "lstm", name: value}).startswith(name)


@odd
def test_a_layer_of_an_odd_cell_or_direction_is_refused(value: Any) -> None:
    weights = random_model("gru", 1, 1).layers[0].weights
    assert "no cell" in refusal(Layer, value, "forward", weights)
    assert "A layer reads" in refusal(Layer, "gru", value, weights)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_identity_keeps_every_state_and_draws_the_rest_as_pytorch_without_biases(cell: str) -> None:
    layer = first_layer(cell, "identity")
    assert all((array == np.eye(UNIT)).all() for array in with_role(layer, "h").values())
    assert all(fills(array, 1 / sqrt(UNIT)) for array in with_role(layer, "x").values())
    assert not any(array.any() for array in with_role(layer, "b", "bh").values())
    assert with_role(layer, "h")
