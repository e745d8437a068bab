"""Layers and models: what fits, what is refused and named, and what a digest tells apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from rnnviz import CELLS, Layer, Model, ModelError, Readout
from tests.witnesses import PROJECTION, Array, normal

INPUT, UNIT = 3, 5


def weights(cell: str = "gru", n_inputs: int = INPUT, n_units: int = UNIT) -> dict[str, Array]:
    sizes = {"unit": n_units, "input": n_inputs, "projection": PROJECTION}
    return {
        p.name: normal(*(sizes[a] for a in p.axes), seed=i)
        for i, p in enumerate(CELLS[cell].params)
    }


def layer(cell: str = "gru", n_inputs: int = INPUT, **options: Any) -> Layer:
    given = {"direction": "forward"} | options
    return Layer(cell, weights=weights(cell, n_inputs), **given)


def test_a_layer_knows_its_sizes_its_cell_and_its_name() -> None:
    one = layer("lstm", level=1, direction="backward")
    assert (one.n_inputs, one.n_units, one.cell) == (INPUT, UNIT, CELLS["lstm"])
    assert one.title == "lstm layer 1 backward"
    assert one.activation("forget") == "sigmoid"
    assert one.activation("candidate") == "tanh"


@pytest.mark.parametrize("cell", list(CELLS))
def test_biases_peepholes_and_shifts_may_be_left_out_and_nothing_else(cell: str) -> None:
    for name in weights(cell):
        rest = {n: a for n, a in weights(cell).items() if n != name}
        if name.endswith((".b", ".bh", ".p", ".s", ".sx", ".sh")):
            assert name not in Layer(cell, "forward", rest).weights
        else:
            with pytest.raises(ModelError, match=f"but {name} are missing and none unknown"):
                Layer(cell, "forward", rest)


@pytest.mark.parametrize("cell", list(CELLS))
def test_a_transposed_weight_is_named_with_both_shapes(cell: str) -> None:
    gate = [gate.name for gate in CELLS[cell].gates if gate.reads_input][-1]
    bias = [name for name in weights(cell) if name.endswith((".b", ".bh"))][-1]
    wrong = weights(cell) | {bias: np.ones(UNIT + 1)}
    with pytest.raises(ModelError, match=rf"{bias} should be \(5,\) \(unit\) but is \(6,\)"):
        Layer(cell, "forward", wrong)
    if cell != "rnn":
        wrong = weights(cell) | {f"{gate}.x": np.ones((INPUT, UNIT))}
        with pytest.raises(ModelError, match=rf"{gate}\.x should be \(5, 3\) .* is \(3, 5\)"):
            Layer(cell, "forward", wrong)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "cell": ({"cell_name": "elman"}, "no cell"),
    "direction": ({"direction": "sideways"}, "sideways"),
    "level": ({"level": -1}, "-1"),
    "unknown weight": ({"weights": weights() | {"reset.bh": np.ones(UNIT)}}, "reset.bh unknown"),
    "NaN": ({"weights": weights() | {"reset.b": np.full(UNIT, np.nan)}}, "reset.b should hold"),
    "infinity": ({"weights": weights() | {"reset.b": np.full(UNIT, np.inf)}}, "reset.b"),
    "integers": ({"weights": weights() | {"reset.b": np.ones(UNIT, int)}}, "reset.b"),
    "complex": ({"weights": weights() | {"reset.b": np.ones(UNIT, complex)}}, "reset.b"),
    "no axes": ({"weights": weights() | {"reset.x": np.float64(1)}}, "reset.x"),
    "a vector for a matrix": ({"weights": weights() | {"reset.h": np.ones(UNIT)}}, "reset.h"),
    "no unit": ({"weights": weights(n_units=0)}, "reset.x"),
    "no input": ({"weights": weights(n_inputs=0)}, "reset.x"),
    "unknown state": ({"initial": {"cell": np.zeros(UNIT)}}, "cell"),
    "state of other size": ({"initial": {"hidden": np.zeros(UNIT + 1)}}, r"\(6,\)"),
    "state without axes": ({"initial": {"hidden": 0.0}}, r"\(\)"),
    "state of 3 axes": ({"initial": {"hidden": np.zeros((1, 2, UNIT))}}, r"\(1, 2, 5\)"),
    "state NaN": ({"initial": {"hidden": np.full(UNIT, np.nan)}}, "finite"),
    "state complex": ({"initial": {"hidden": np.zeros(UNIT, complex)}}, "complex128"),
    "activation": ({"activations": {"reset": "eval(1)"}}, "An activation is one of"),
    "activation with too many numbers": ({"activations": {"reset": "elu(1,2)"}}, r"elu\(1,2\)"),
    "activation with no finite number": ({"activations": {"reset": "elu(nan)"}}, "elu"),
    "clip of nothing": ({"clip": 0.0}, "positive"),
    "activation of no gate": ({"activations": {"forget": "tanh"}}, "forget"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_makes_no_layer_is_refused_and_named(case: str) -> None:
    options, wanted = WRONG[case]
    given = {"cell_name": "gru", "direction": "forward", "weights": weights()} | options
    with pytest.raises(ModelError, match=wanted):
        Layer(**given)


def test_the_layers_of_a_level_share_its_input_and_hand_on_all_their_units() -> None:
    both = [layer(level=0), layer(level=0, direction="backward")]
    top = layer("lstm", 2 * UNIT, level=1)
    model = Model([*both, top])
    assert (model.n_inputs, model.n_outputs) == (INPUT, UNIT)
    assert model.levels == (tuple(both), (top,))
    with pytest.raises(ModelError, match="reads 5 features, but it is given 10"):
        Model([*both, layer("lstm", UNIT, level=1)])


def test_layers_stand_by_level_and_forward_before_backward() -> None:
    one = layer(level=0)
    two, three = layer(n_inputs=UNIT, level=1), layer(n_inputs=UNIT, level=1, direction="backward")
    assert Model([three, two, one]).layers == (one, two, three)


@pytest.mark.parametrize(
    ("layers", "wanted"),
    [
        ([], "at least one layer"),
        ([layer(level=1)], "every level from 0"),
        ([layer(), layer()], "two layers that read forward"),
        ([layer()] + [layer(direction="backward")] * 2, "two layers that read backward"),
        ([layer(), layer(n_inputs=4, direction="backward")], "reads 4 features"),
    ],
)
def test_layers_that_do_not_stack_are_refused(layers: list[Layer], wanted: str) -> None:
    with pytest.raises(ModelError, match=wanted):
        Model(layers)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((np.ones((2, UNIT)), np.ones(3)), r"\(2, 5\) and \(3,\)"),
        ((np.ones(UNIT), np.ones(UNIT)), r"\(5,\)"),
        ((np.ones((2, UNIT)), np.ones(2), ("a",)), "but 1 came"),
        ((np.full((2, UNIT), np.nan), np.ones(2)), "finite"),
    ],
)
def test_what_makes_no_readout_is_refused(values: tuple[Any, ...], wanted: str) -> None:
    with pytest.raises(ModelError, match=wanted):
        Readout(*values)


def test_a_readout_that_reads_other_units_is_refused() -> None:
    with pytest.raises(ModelError, match="reads 4 units, but the top level has 5"):
        Model((layer(),), Readout(np.ones((2, 4)), np.ones(2)))


@pytest.mark.parametrize(
    ("types", "wanted"),
    [
        ("f4 f4", "f4"),
        ("f4 f8", "f8"),
        ("f8 f4", "f8"),
        ("f2 f2", "f4"),
        ("f4 f2", "f4"),
        ("g f4", "f8"),
    ],
)
def test_a_model_computes_in_double_when_any_weight_is_double(types: str, wanted: str) -> None:
    own, out = types.split()
    typed = {name: array.astype(own) for name, array in weights().items()}
    readout = Readout(np.ones((2, UNIT), out), np.ones(2, out))
    assert Model((Layer("gru", "forward", typed),), readout).dtype == np.dtype(wanted)


def test_parameters_are_counted_as_torch_counts_them() -> None:
    module = torch.nn.GRU(INPUT, UNIT)
    wanted = sum(p.numel() for p in module.parameters())
    assert Model((layer("gru_reset_after"),)).n_parameters == wanted


def test_equal_models_have_equal_digests() -> None:
    assert Model((layer(),)).digest == Model((layer(),)).digest


def test_anything_that_changes_a_picture_changes_the_digest() -> None:
    readout = Readout(normal(2, UNIT), normal(2), ("a", "b"))
    model = Model((layer("rnn"),), readout, source="here")
    one = model.layers[0]
    changed = weights("rnn")
    changed["hidden.h"][2, 3] += 1e-15
    others = [
        replace(model, layers=(replace(one, weights=changed),)),
        replace(model, layers=(replace(one, direction="backward"),)),
        replace(model, layers=(replace(one, activations={"hidden": "relu"}),)),
        replace(model, layers=(replace(one, initial={"hidden": np.zeros(UNIT)}),)),
        replace(model, readout=None),
        replace(model, readout=replace(readout, names=("b", "a"))),
        replace(model, vocabulary=("x", "y", "z")),
        replace(model, source="there"),
        replace(model, is_trained=False),
    ]
    digests = {other.digest for other in (model, *others)}
    assert len(digests) == 1 + len(others)
