"""A gate as a Dense layer, against the traced drives."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.gate_weights import gate_weights
from tests.analysis.test_contributions import INPUT, SEQUENCE, UNIT, a_stack
from tests.witnesses import PROJECTION, assert_close, diagonal_layer


def test_a_gates_drive_is_its_matrices_times_what_it_reads_plus_its_biases() -> None:
    """Written out: W_x x_t + W_h h_{t-1} + b_x + b_h, all units at once."""
    model = a_stack("lstm", ("forward",), 1)
    trace = rv.trace(model, SEQUENCE, preactivations=True)
    view = gate_weights(model, 0, "output")
    x, h = SEQUENCE.values[2, 1], trace["hidden"][1, 1]
    drive = view.inputs @ x + view.recurrent @ h + view.biases.sum(axis=1)
    assert_close(drive, trace.layers[0].preactivations["output"][2, 1])


def test_a_one_to_one_recurrence_is_shown_as_its_diagonal_matrix() -> None:
    layer = diagonal_layer()
    shown = gate_weights(rv.Model((layer,)), 0, "hidden").recurrent
    for i in range(UNIT):
        for j in range(UNIT):
            assert shown[i, j] == (layer.weights["hidden.h"][i] if i == j else 0)


def test_the_recurrent_matrix_of_a_projected_layer_reads_the_projection() -> None:
    model = a_stack("lstm_projected", ("forward", "backward"), 2)
    for layer, n_inputs in ((0, INPUT), (2, 2 * PROJECTION)):
        view = gate_weights(model, layer, "forget")
        assert view.recurrent.shape == (UNIT, PROJECTION) == (len(view.units), 4)
        assert view.hidden_names == ("0", "1", "2", "3")
        assert len(view.input_names) == view.inputs.shape[1] == n_inputs


def test_a_gate_that_sees_the_input_alone_has_no_recurrent_matrix() -> None:
    view = gate_weights(a_stack("min_gru", ("forward",), 1), 0, "update")
    assert (view.recurrent.shape, view.hidden_names, view.bias_symbols) == ((UNIT, 0), (), ("b",))


def test_biases_that_the_model_does_not_have_are_zero() -> None:
    model = a_stack("lstm", ("forward",), 1, biases=("bh",))
    view = gate_weights(model, 0, "forget")
    assert view.bias_symbols == ("b_x", "b_h")
    assert_close(view.biases[:, 0], np.zeros(UNIT))
    assert_close(view.biases[:, 1], model.layers[0].weights["forget.bh"])


def test_a_cell_with_one_bias_has_one_column() -> None:
    view = gate_weights(a_stack("gru", ("forward",), 1), 0, "candidate")
    assert (view.biases.shape, view.bias_symbols) == ((UNIT, 1), ("b",))


def test_columns_are_named_by_features_vocabulary_or_number() -> None:
    model = a_stack("lstm", ("forward",), 1)
    assert gate_weights(model, 0, "forget").input_names == ("x0", "x1", "x2")
    assert gate_weights(model, 0, "forget", features=("a", " ")).input_names == ("a", "␣", "x2")
    known = rv.Model(model.layers, vocabulary=("a", "b", "c"))
    assert gate_weights(known, 0, "forget").input_names == ("a", "b", "c")


def test_the_columns_of_a_higher_layer_are_the_units_of_both_layers_below() -> None:
    view = gate_weights(a_stack("gru", ("forward", "backward"), 3), 5, "update")
    names = view.input_names
    assert len(names) == view.inputs.shape[1] == 2 * UNIT
    assert (names[0], names[UNIT]) == ("h²→ 0", "h²← 0")


@pytest.mark.parametrize(
    ("layer", "gate", "sentence"),
    [
        (1, "forget", "has 1 layers .* number 1 was"),
        (-1, "forget", "has 1 layers .* number -1 was"),
        (0, "reset", "gate should be one of forget, input, candidate, output, but “reset”"),
    ],
)
def test_a_layer_or_gate_that_is_not_there_is_refused_in_one_sentence(
    layer: int, gate: str, sentence: str
) -> None:
    with pytest.raises(rv.InputError, match=sentence):
        gate_weights(rv.random_model("lstm", INPUT, UNIT), layer, gate)
