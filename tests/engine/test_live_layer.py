"""A live layer of torch traced on what the layer itself takes, against what the layer gives."""

from __future__ import annotations

import json
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import rnnviz as rv
from tests.readers.test_state_dict import drawn
from tests.witnesses import assert_close, normal

INPUT, UNIT = 3, 5


def top(traced: rv.Trace) -> Any:
    """The top level's hidden states, forward beside backward."""
    high = max(layer.level for layer in traced.layers)
    return np.concatenate(
        [layer.signals["hidden"] for layer in traced.layers if layer.level == high], axis=2
    )


@st.composite
def layers(draw: st.DrawFn) -> Any:
    """A float64 layer of any kind and shape, its weights drawn normal."""
    kind = draw(st.sampled_from(["RNN", "LSTM", "GRU"]))
    options = {
        "num_layers": draw(st.integers(1, 3)),
        "bias": draw(st.booleans()),
        "batch_first": draw(st.booleans()),
        "bidirectional": draw(st.booleans()),
    }
    if kind == "LSTM":
        options["proj_size"] = draw(st.sampled_from([0, 2]))
    if kind == "RNN":
        options["nonlinearity"] = draw(st.sampled_from(["tanh", "relu"]))
    return drawn(getattr(torch.nn, kind)(INPUT, UNIT, **options)).eval()


def states_of(layer: Any, n_rows: int) -> Any:
    """Random initial states in torch's shapes."""
    n_layers = layer.num_layers * (2 if layer.bidirectional else 1)
    hidden = torch.tensor(normal(n_layers, n_rows, layer.proj_size or UNIT, seed=7))
    if isinstance(layer, torch.nn.LSTM):
        return hidden, torch.tensor(normal(n_layers, n_rows, UNIT, seed=8))
    return hidden


def time_first(layer: Any, values: torch.Tensor) -> Any:
    return (values.swapaxes(0, 1) if layer.batch_first else values).detach().numpy()


@settings(max_examples=60, deadline=None)
@given(
    layers(), st.integers(1, 4), st.integers(1, 6), st.sampled_from(["none", "tuple", "initial"])
)
def test_a_batch_is_read_as_the_layer_reads_it(
    layer: Any, n_rows: int, n_steps: int, start: str
) -> None:
    shape = (n_rows, n_steps) if layer.batch_first else (n_steps, n_rows)
    values = torch.tensor(normal(*shape, INPUT))
    states = None if start == "none" else states_of(layer, n_rows)
    wanted = time_first(layer, layer(values, states)[0])
    if start == "tuple":
        traced = rv.trace(layer, (values, states))
    else:
        traced = rv.trace(layer, values.numpy(), initial=states)
    assert_close(top(traced), wanted)
    assert traced.certainty.grade == "proved"
    assert traced.certainty.parity.difference < 1e-12


@settings(max_examples=60, deadline=None)
@given(
    layers(),
    st.lists(st.integers(1, 6), min_size=1, max_size=4),
    st.booleans(),
    st.sampled_from(["packed", "sequence"]),
)
def test_rows_of_unequal_length_are_read_as_packed(
    layer: Any, lengths: list[int], has_states: bool, form: str
) -> None:
    values = torch.tensor(normal(max(lengths), len(lengths), INPUT))
    packed = pack_padded_sequence(values, lengths, enforce_sorted=False)
    states = states_of(layer, len(lengths)) if has_states else None
    wanted, _ = pad_packed_sequence(layer(packed, states)[0], padding_value=float("nan"))
    given_values = packed if form == "packed" else rv.Sequence(values.numpy(), lengths=lengths)
    traced = rv.trace(layer, given_values, initial=states)
    assert_close(top(traced), wanted.detach().numpy())
    assert traced.certainty.grade == "proved"


def test_a_packed_sequence_that_was_sorted_before_keeps_its_order() -> None:
    layer = drawn(torch.nn.GRU(INPUT, UNIT, bidirectional=True))
    packed = pack_padded_sequence(torch.tensor(normal(6, 3, INPUT)), [6, 4, 1])
    wanted, _ = pad_packed_sequence(layer(packed)[0], padding_value=float("nan"))
    traced = rv.trace(layer, packed)
    assert traced.sequence.lengths == (6, 4, 1)
    assert_close(top(traced), wanted.detach().numpy())


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize("layout", [torch.strided, torch.jagged])
def test_a_nested_tensor_holds_a_row_for_each_of_the_batch(layout: Any) -> None:
    layer = drawn(torch.nn.LSTM(INPUT, UNIT, batch_first=True))
    rows = [torch.tensor(normal(n, INPUT, seed=n)) for n in (4, 6, 1)]
    traced = rv.trace(layer, torch.nested.nested_tensor(rows, layout=layout))
    for i, row in enumerate(rows):
        wanted = layer(row)[0].detach().numpy()
        assert_close(traced["hidden"][: len(row), i], wanted)
    with pytest.raises(rv.InputError, match=r"a row \(time, feature\) for each of the batch"):
        rv.trace(layer, torch.nested.nested_tensor([torch.zeros(3), torch.zeros(2)]))


@pytest.mark.parametrize("batch_first", [True, False])
def test_two_axes_are_a_sequence_without_a_batch(batch_first: bool) -> None:
    layer = drawn(torch.nn.LSTM(INPUT, UNIT, 2, batch_first=batch_first, bidirectional=True))
    values = torch.tensor(normal(6, INPUT))
    states = tuple(torch.tensor(normal(4, UNIT, seed=i)) for i in (1, 2))
    wanted = layer(values, states)[0].detach().numpy()
    assert_close(top(rv.trace(layer, (values, states)))[:, 0], wanted)
    assert_close(top(rv.trace(layer, values, initial=states))[:, 0], wanted)


@pytest.mark.parametrize("kind", ["RNNCell", "LSTMCell", "GRUCell"])
def test_a_cell_steps_through_three_axes_and_takes_one_step_of_two(kind: str) -> None:
    cell = drawn(getattr(torch.nn, kind)(INPUT, UNIT))
    values = torch.tensor(normal(6, 2, INPUT))
    pair = tuple(torch.tensor(normal(2, UNIT, seed=i)) for i in (1, 2))
    start = pair if kind == "LSTMCell" else pair[0]
    state, wanted = start, []
    for x in values:
        state = cell(x, state)
        wanted.append((state[0] if kind == "LSTMCell" else state).detach().numpy())
    traced = rv.trace(cell, values, initial=start)
    assert_close(traced["hidden"], np.stack(wanted))
    assert traced.certainty.grade == "proved"
    with pytest.warns(rv.AssumptionWarning, match=r"\(batch, feature\), one step of 2 rows"):
        one = rv.trace(cell, (values[0], start))
    assert_close(one["hidden"], wanted[0][None])
    assert one.certainty.grade == "assumed"
    alone = rv.trace(cell, values[0, 1])
    given_row = cell(values[0, 1])
    assert_close(
        alone["hidden"][0, 0], (given_row[0] if kind == "LSTMCell" else given_row).detach().numpy()
    )


@pytest.mark.parametrize(
    ("dtype", "bound"), [(torch.float16, 2e-3), (torch.bfloat16, 2e-2), (torch.float32, 2e-6)]
)
@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_module_of_few_bits_is_computed_in_float32_and_says_so(
    dtype: torch.dtype, bound: float, kind: str
) -> None:
    layer = drawn(getattr(torch.nn, kind)(INPUT, UNIT)).to(dtype)
    values = torch.tensor(normal(6, 2, INPUT)).to(dtype)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        traced = rv.trace(layer, values)
    wanted = layer(values)[0].detach().double().numpy()
    assert np.abs(traced["hidden"] - wanted).max() < bound
    wide = getattr(torch.nn, kind)(INPUT, UNIT)
    wide.load_state_dict({name: value.float() for name, value in layer.state_dict().items()})
    np.testing.assert_allclose(
        traced["hidden"], wide(values.float())[0].detach().numpy(), rtol=0, atol=2e-6
    )
    grades = {torch.float32: "proved"}
    assert traced.certainty.grade == grades.get(dtype, "assumed")
    assert len(said) == (dtype != torch.float32)


def test_numbers_of_any_kind_are_read() -> None:
    layer = drawn(torch.nn.GRU(INPUT, UNIT))
    values = torch.arange(12).reshape(2, 2, INPUT)
    wanted = layer(values.double())[0].detach().numpy()
    forms = [values, values.int(), values.numpy(), values.tolist(), values.to_sparse()]
    forms += [values.double().requires_grad_(), list(values.double().requires_grad_())]
    forms += [torch.complex(values.double(), values.double()).real, values.to(torch.uint8)]
    for form in forms:
        assert_close(rv.trace(layer, form)["hidden"], wanted)


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_a_layer_is_traced_in_any_gradient_mode(context: Any) -> None:
    layer = drawn(torch.nn.LSTM(INPUT, UNIT))
    values = torch.tensor(normal(6, 2, INPUT))
    wanted = layer(values)[0].detach().numpy()
    with context():
        assert_close(rv.trace(layer, values + 0)["hidden"], wanted)
        made_here = drawn(torch.nn.GRU(INPUT, UNIT))
        assert rv.trace(made_here, values + 0).certainty.grade == "proved"


def test_dropout_between_levels_in_training_mode_is_said_to_be_left_out() -> None:
    layer = drawn(torch.nn.LSTM(INPUT, UNIT, 2, dropout=0.5))
    values = torch.tensor(normal(6, 2, INPUT))
    with pytest.warns(rv.AssumptionWarning, match="without dropout"):
        traced = rv.trace(layer, values)
    assert layer.training
    assert traced.certainty.grade == "assumed"
    wanted = layer.eval()(values)[0].detach().numpy()
    assert_close(top(traced), wanted)
    assert rv.trace(layer, values).certainty.grade == "proved"


def test_a_certainty_asked_for_late_is_that_of_the_weights_then() -> None:
    layer = drawn(torch.nn.LSTM(INPUT, UNIT))
    values = torch.tensor(normal(6, 2, INPUT))
    traced = rv.trace(layer, values, intervene=[rv.Clamp("forget", 1)])
    with torch.no_grad():
        for weight in layer.parameters():
            weight.zero_()
    kept = pickle.loads(pickle.dumps(traced))
    del layer
    assert traced.certainty.grade == kept.certainty.grade == "proved"
    assert traced.certainty.parity == kept.certainty.parity


def test_the_trace_of_a_model_has_no_certainty(tmp_path: Path) -> None:
    model = rv.random_model("gru", n_inputs=1, n_units=2)
    traced = rv.trace(model, [[[0.5]]])
    assert traced.certainty is None
    traced.save(tmp_path / "trace.npz")
    assert rv.Trace.load(tmp_path / "trace.npz").certainty is None


def test_a_certainty_is_saved_with_its_trace(tmp_path: Path) -> None:
    layer = drawn(torch.nn.LSTM(INPUT, UNIT, 2, dropout=0.5))
    values = torch.tensor(normal(6, 2, INPUT))
    with pytest.warns(rv.AssumptionWarning):
        assumed = rv.trace(layer, values)
    for traced in (assumed, rv.trace(layer.eval(), values)):
        traced.save(tmp_path / "trace.npz")
        loaded = rv.Trace.load(tmp_path / "trace.npz")
        assert loaded.certainty == traced.certainty
        assert str(loaded.certainty) == str(traced.certainty)
    with np.load(tmp_path / "trace.npz") as archive:
        parts = dict(archive)
    about = json.loads(parts["about"].tobytes())
    about["certainty"]["assumed"] = [{"name": "nothing known", "value": ""}]
    parts["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez(tmp_path / "foreign.npz", **parts)
    with pytest.raises(rv.InputError, match="is not one; save one with"):
        rv.Trace.load(tmp_path / "foreign.npz")


def test_states_are_given_to_a_model_by_name() -> None:
    layer = drawn(torch.nn.LSTM(INPUT, UNIT, 2, bidirectional=True))
    values = torch.tensor(normal(6, 2, INPUT))
    states = states_of(layer, 2)
    wanted = layer(values, states)[0].detach().numpy()
    named = {"hidden": states[0], "cell": states[1].numpy()}
    model = rv.from_torch(layer)
    assert_close(top(rv.trace(model, values, initial=named)), wanted)
    assert_close(top(rv.trace(layer, values, initial=named)), wanted)
    last = list(rv.steps(model, values, initial=named))[-1]
    assert_close(last.outputs, wanted[-1])
    one = drawn(torch.nn.GRU(INPUT, UNIT))
    row = normal(UNIT, seed=3)
    wanted = one(values, torch.tensor(row).expand(1, 2, UNIT))[0].detach().numpy()
    for form in (row, [row, row], row.tolist(), row[None, None].repeat(2, axis=1)):
        assert_close(
            rv.trace(rv.from_torch(one), values, initial={"hidden": form})["hidden"], wanted
        )
    wide = rv.Model(
        (
            rv.random_model("gru", 3, 4).layers[0],
            rv.Layer("rnn", "forward", {"hidden.x": np.eye(2, 4), "hidden.h": np.eye(2)}, level=1),
        )
    )
    traced = rv.trace(wide, values, initial={"hidden": [np.ones(4), np.ones((2, 2))]})
    assert [layer.initial["hidden"].shape for layer in traced.layers] == [(2, 4), (2, 2)]


@pytest.mark.parametrize(
    ("initial", "wanted"),
    [
        ({"memory": np.ones(2)}, "The states of this model are hidden, but an initial one for mem"),
        ({"hidden": np.ones((3, 1, 2))}, r"for the 1 layers of this model, but hidden is"),
        ({"hidden": 3.0}, "an initial state is one of hidden"),
        ({"hidden": np.ones(5)}, r"an initial state is one of hidden.* \(unit,\)"),
        (np.ones(2), r"given by name, as in initial=dict\(hidden=states\)"),
    ],
)
def test_states_that_do_not_fit_a_model_are_refused(initial: Any, wanted: str) -> None:
    model = rv.random_model("gru", n_inputs=1, n_units=2)
    with pytest.raises(rv.ModelError, match=wanted):
        rv.trace(model, [[[0.5]]], initial=initial)


@pytest.mark.parametrize(
    ("initial", "wanted"),
    [
        (torch.zeros(1, 2, UNIT), r"a pair of states, \(h0, c0\), but Tensor came"),
        ((torch.zeros(1, 3, UNIT),) * 2, r"hidden should be \(1, 2, 5\) .* but it is \(1, 3, 5\)"),
        ((torch.zeros(1, 2, UNIT), torch.zeros(1, 2, 4)), r"cell should be \(1, 2, 5\)"),
        ({"memory": torch.zeros(1, 2, UNIT)}, "states of a LSTM are hidden, cell, but .* memory"),
        ({"hidden": torch.full((1, 2, UNIT), np.nan)}, "finite real numbers"),
    ],
)
def test_states_that_do_not_fit_a_layer_are_refused(initial: Any, wanted: str) -> None:
    layer = drawn(torch.nn.LSTM(INPUT, UNIT))
    with pytest.raises(rv.RnnvizError, match=wanted):
        rv.trace(layer, torch.zeros(4, 2, INPUT), initial=initial)


def test_arguments_that_a_layer_does_not_take_are_refused() -> None:
    layer = drawn(torch.nn.GRU(INPUT, UNIT))
    values = torch.zeros(4, 2, INPUT)
    state = torch.zeros(1, 2, UNIT)
    for options in ({"args": (state, state)}, {"kwargs": {"lengths": [4, 4]}}):
        with pytest.raises(rv.InputError, match=r"rv.trace\(module, values, initial=states\)"):
            rv.trace(layer, values, **options)
    assert rv.trace(layer, (), kwargs={"input": values, "hx": state})["hidden"].shape == (4, 2, 5)
    model = rv.random_model("gru", n_inputs=1, n_units=2)
    for call in (rv.trace, rv.steps):
        with pytest.raises(rv.ModelError, match="are for a live module, but a Model came"):
            call(model, [[[0.5]]], path="rnn")


@pytest.mark.parametrize(
    "values",
    [
        torch.zeros(4, 2, INPUT, device="meta"),
        [torch.zeros(3, INPUT), torch.zeros(2, INPUT)],
        torch.zeros(4, 2, INPUT, dtype=torch.complex64),
        torch.zeros(0, 2, INPUT),
        torch.full((4, 2, INPUT), torch.inf),
        "hello",
        None,
        {"input": 1},
    ],
)
def test_what_holds_no_sequence_is_refused_in_a_sentence(values: Any) -> None:
    with pytest.raises(rv.RnnvizError):
        rv.trace(torch.nn.GRU(INPUT, UNIT), values)


def test_the_gradient_of_a_batch_first_layer_reaches_its_input() -> None:
    layer = drawn(torch.nn.LSTM(INPUT, UNIT, batch_first=True))
    mine, its = (torch.tensor(normal(2, 4, INPUT), requires_grad=True) for _ in range(2))
    for step in rv.steps(layer, mine, backend="torch"):
        (step.outputs**2).sum().backward(retain_graph=True)
    (layer(its)[0] ** 2).sum().backward()
    assert_close(mine.grad, its.grad.numpy())


class CellOverTime(torch.nn.LSTMCell):
    """A cell of its own, which takes a sequence and gives one."""

    def forward(self, x: Any, states: Any = None) -> Any:
        hidden = []
        for step in x:
            states = super().forward(step, states)
            hidden.append(states[0])
        return torch.stack(hidden), states


def test_a_subclass_that_gives_something_else_is_refused_by_name() -> None:
    module = torch.nn.Sequential(torch.nn.Linear(4, INPUT), CellOverTime(INPUT, UNIT))
    with pytest.raises(rv.ModelError, match="“1” is a CellOverTime of its own"):
        rv.trace(module, torch.zeros(6, 2, 4))


def test_a_hook_that_changes_the_hidden_states_is_said() -> None:
    layer, x = drawn(torch.nn.LSTM(INPUT, UNIT)), torch.tensor(normal(6, 2, INPUT))
    wanted = layer(x)[0].detach().numpy()
    layer.register_forward_hook(lambda *_: None)
    assert rv.trace(layer, x).certainty.grade == "proved"
    layer.register_forward_hook(lambda _, __, output: (output[0] * 2, output[1]))
    with pytest.warns(rv.AssumptionWarning, match="before its hooks change them"):
        traced = rv.trace(layer, x)
    assert_close(traced["hidden"], wanted)
    assert traced.certainty.grade == "assumed"


def test_a_hook_that_turns_the_steps_leaves_no_token_at_the_wrong_one() -> None:
    layer = drawn(torch.nn.GRU(1, UNIT))
    sequence = rv.Sequence([[[1.0]], [[2.0]], [[1.0]]], tokens=[("a", "b", "c")])
    layer.register_forward_pre_hook(lambda _, args: (args[0] + 1,))
    assert rv.trace(layer, sequence).sequence.tokens == sequence.tokens
    layer.register_forward_pre_hook(lambda _, args: (args[0].flip(0),))
    assert rv.trace(layer, sequence).sequence.tokens == (("1", "2", "3"),)
