"""Live modules, in torch's own modules and alone, against what torch computes."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils import prune

import rnnviz as rv
from rnnviz.readers.torch.module import from_torch, modules_in
from tests.readers.test_state_dict import OPTIONS, Tagger, drawn, hidden
from tests.witnesses import assert_close, normal


@pytest.mark.parametrize(("name", "options"), OPTIONS)
@pytest.mark.parametrize("batch_first", [True, False])
def test_a_layer_is_computed_as_torch_does(
    name: str, options: dict[str, Any], batch_first: bool
) -> None:
    module = drawn(getattr(torch.nn, name)(3, 5, batch_first=batch_first, **options))
    values = normal(6, 2, 3)
    rows = torch.tensor(values)
    wanted = module(rows.swapaxes(0, 1))[0].swapaxes(0, 1) if batch_first else module(rows)[0]
    assert_close(hidden(from_torch(module), values), wanted.detach().numpy())


@pytest.mark.parametrize("kind", ["RNNCell", "LSTMCell", "GRUCell"])
@pytest.mark.parametrize("bias", [True, False])
def test_a_cell_alone_is_one_layer(kind: str, bias: bool) -> None:
    cell = drawn(getattr(torch.nn, kind)(3, 5, bias=bias))
    values, state, wanted = normal(6, 2, 3), None, []
    for x in torch.tensor(values):
        state = cell(x, state)
        wanted.append((state[0] if isinstance(state, tuple) else state).detach().numpy())
    assert_close(hidden(from_torch(cell), values), np.stack(wanted))


def test_relu_is_known_without_asking() -> None:
    module = drawn(torch.nn.RNN(3, 5, nonlinearity="relu"))
    values = normal(5, 2, 3)
    assert_close(hidden(from_torch(module), values), module(torch.tensor(values))[0].detach())
    [found] = modules_in(module)
    assert not found.questions


def test_a_module_around_one_layer_is_traced_with_embedding_and_readout() -> None:
    module = drawn(Tagger())
    model = from_torch(module, readout_activation="linear")
    values = normal(5, 2, 3)
    wanted = module.hidden2tag(module.lstm(torch.tensor(values))[0]).detach().numpy()
    assert_close(rv.trace(model, values).outputs, wanted)
    assert_close(model.embedding, module.word_embeddings.weight.detach())
    assert rv.trace(module, values)["hidden"].shape == (5, 2, 5)
    assert model.source == "Tagger.lstm"


def test_the_model_is_a_copy() -> None:
    module = drawn(Tagger())
    values = normal(5, 2, 3)
    [found] = modules_in(module)
    before = hidden(found.model, values)
    with torch.no_grad():
        for weight in module.parameters():
            weight.zero_()
    assert found.reference is not None
    assert_close(hidden(found.model, values), before, 0)
    assert_close(found.reference(values), before)


def pair() -> Any:
    parts = {"encoder": torch.nn.GRU(3, 5), "decoder": torch.nn.LSTM(3, 5, 2)}
    return torch.nn.ModuleDict(parts)


@pytest.mark.parametrize("name", ["weight_hh_l0", "bias_ih_l0"])
def test_a_module_whose_weights_changed_is_read_anew(name: str) -> None:
    module = torch.nn.GRU(3, 5)
    values = torch.randn(4, 2, 3)
    assert from_torch(module) is from_torch(module)
    # Past autograd, so that Torch counts no new version of the weight.
    getattr(module, name).data.numpy()[-1] += 0.5
    with torch.no_grad():
        wanted = module(values)[0].numpy()
    np.testing.assert_allclose(rv.trace(module, values)["hidden"], wanted, atol=1e-6)


def test_a_module_that_became_float64_or_relu_is_read_anew() -> None:
    module = torch.nn.RNN(3, 5)
    assert from_torch(module).dtype == np.float32
    assert from_torch(module.double()).dtype == np.float64
    module.nonlinearity = "relu"
    values = normal(5, 2, 3)
    wanted = module(torch.tensor(values))[0].detach().numpy()
    assert_close(hidden(from_torch(module), values), wanted)
    module.mode = "RNN_RELU"
    wanted = module(torch.tensor(values))[0].detach().numpy()
    assert_close(hidden(from_torch(module), values), wanted)


def test_a_module_read_is_let_go() -> None:
    module = torch.nn.LSTM(3, 5)
    from_torch(module)
    gone = weakref.ref(module)
    del module
    gc.collect()
    assert gone() is None


def test_several_layers_are_chosen_by_path() -> None:
    module = pair()
    assert from_torch(module, "decoder").layers[0].cell_name == "lstm"
    assert [found.name for found in modules_in(module)] == ["encoder", "decoder"]
    for path in ("", "rnn"):
        with pytest.raises(rv.ModelError, match=r"2 \(encoder, decoder\).* path=\"encoder\""):
            from_torch(module, path)


@pytest.mark.parametrize("name", ["weight_hh_l0", "weight_ih_l0"])
def test_a_parametrised_weight_is_read_as_computed(name: str) -> None:
    module = torch.nn.utils.parametrizations.weight_norm(drawn(torch.nn.LSTM(3, 5)), name)
    with torch.no_grad():
        for weight in module.parameters():
            weight *= 1.5
    values = normal(5, 2, 3)
    wanted = module(torch.tensor(values))[0].detach().numpy()
    assert_close(hidden(from_torch(module), values), wanted)


def test_a_pruned_weight_is_read_with_its_mask() -> None:
    module = drawn(torch.nn.LSTM(3, 5))
    prune.random_unstructured(module, "weight_ih_l0", 0.4)
    values = normal(5, 2, 3)
    wanted = module(torch.tensor(values))[0].detach().numpy()
    assert_close(hidden(from_torch(module), values), wanted)


def test_a_weight_computed_by_a_hook_of_ones_own_is_read_where_it_runs() -> None:
    module = drawn(torch.nn.LSTM(3, 5))
    raw = module.weight_hh_l0
    del module._parameters["weight_hh_l0"]
    module.register_parameter("raw", raw)
    module.register_forward_pre_hook(lambda y, _: setattr(y, "weight_hh_l0", y.raw.tanh()))
    with pytest.raises(rv.ModelError, match=r"“weight_hh_l0” is computed .* rv.trace\(module, val"):
        from_torch(module)
    values = normal(5, 2, 3)
    traced = rv.trace(module, values)
    assert_close(traced["hidden"], module(torch.tensor(values))[0].detach().numpy())
    assert traced.certainty.grade == "proved"


class Own(torch.nn.LSTM):
    """Named like no layer of torch's, and free to compute anything."""


@pytest.mark.parametrize("module", [Own(2, 3), torch.nn.Sequential(Own(2, 3))])
def test_a_subclass_is_not_taken_for_torchs_own(module: Any) -> None:
    with pytest.raises(rv.ModelError, match=r"from_torch takes exactly .*\.Own is another class"):
        from_torch(module)
    assert modules_in(module) == ()


@pytest.mark.parametrize("module", [torch.nn.Linear(2, 3), 3])
def test_a_module_without_recurrence_is_refused(module: Any) -> None:
    with pytest.raises(rv.ModelError, match=r"A torch.nn.RNN.*(Linear|int) came"):
        from_torch(module)


@pytest.mark.parametrize("options", [{"device": "meta"}, {"dtype": torch.complex64}])
def test_weights_that_are_no_real_numbers_are_named(options: dict[str, Any]) -> None:
    with pytest.raises(rv.ModelError, match="“weight_ih_l0” should hold real numbers, but it is a"):
        from_torch(torch.nn.LSTM(2, 3, **options))


def test_an_answer_that_is_no_option_is_refused() -> None:
    with pytest.raises(rv.ModelError, match="“readout_activation” is one of softmax"):
        from_torch(Tagger(), readout_activation="relu")
