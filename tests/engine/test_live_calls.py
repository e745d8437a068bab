"""A layer that a module calls several times: the call is chosen, and hooks behind it are seen."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import rnnviz as rv
from tests.readers.test_state_dict import drawn
from tests.witnesses import assert_close, normal

INPUT, UNIT, TOKENS = 3, 5, 7


def values(*shape: int) -> torch.Tensor:
    return torch.tensor(normal(*shape))


def numbers(tensor: torch.Tensor) -> Any:
    return tensor.detach().numpy()


class Siamese(nn.Module):
    """One encoder of two levels for two texts, compared by what it gives at their ends."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.out = nn.Embedding(TOKENS, INPUT), nn.Linear(4, 2)
        self.low = nn.GRU(INPUT, UNIT, batch_first=True, bidirectional=True)
        self.high = nn.LSTM(2 * UNIT, 4, batch_first=True)

    def encode(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.high(self.low(self.embed(tokens))[0])[0]

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> Any:
        return self.out(self.encode(first)[:, -1]), self.out(self.encode(second)[:, -1])


def test_a_call_of_a_siamese_network_is_chosen_over_all_its_levels() -> None:
    module = drawn(Siamese()).eval()
    texts = (torch.tensor([[1, 2, 3, 4], [5, 6, 0, 1]]), torch.tensor([[6, 5], [4, 3]]))
    for call in (0, 1):
        traced = rv.trace(module, texts, call=call)
        assert traced.certainty.grade == "proved"
        assert_close(
            traced.layers[-1].signals["hidden"], numbers(module.encode(texts[call])).swapaxes(0, 1)
        )
        assert_close(traced.outputs[-1], numbers(module(*texts)[call]))
        assert traced.sequence.tokens[1] == tuple(map(str, texts[call][1].tolist()))


def code_in(error: pytest.ExceptionInfo[rv.RnnvizError]) -> str:
    [code] = re.findall(r"rv\.trace\(.*\)(?=\.$)", str(error.value))
    return code


def test_without_a_choice_the_calls_are_counted_and_the_line_that_chooses_one_works() -> None:
    module, texts = drawn(Siamese()).eval(), (torch.tensor([[1, 2]]), torch.tensor([[3, 4]]))
    with pytest.raises(rv.ModelError, match=r"“low” ran 2 times, .* counted from 0") as error:
        rv.trace(module, texts)
    traced = eval(code_in(error), {"rv": rv, "module": module, "values": texts})
    assert traced.certainty.grade == "proved"
    assert_close(traced.outputs, numbers(module.low(module.embed(texts[1]))[0]).swapaxes(0, 1))
    for call in (2, -1, "1", 1.0):
        with pytest.raises(rv.ModelError, match="ran 2 times, counted from 0, and call="):
            rv.trace(module, texts, path="low", call=call)


class Shared(nn.Module):
    """A layer shared by levels, each of which reads what the one below gave, with a residual."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.rnn = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for _ in range(3):
            x = x + self.rnn(x)[0]
        return x


def wanted_of(module: Shared, x: torch.Tensor, call: int) -> torch.Tensor:
    for _ in range(call):
        x = x + module.rnn(x)[0]
    return module.rnn(x)[0]


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("call", [0, 1, 2])
def test_a_layer_shared_by_levels_is_read_at_the_level_that_is_chosen(kind: Any, call: int) -> None:
    module, x = drawn(Shared(kind(4, 4))).eval(), values(6, 2, 4)
    traced = rv.trace(module, x, call=call)
    assert traced.certainty.grade == "proved"
    assert_close(traced["hidden"], numbers(wanted_of(module, x, call)))
    last = list(rv.steps(module, x, call=call))[-1]
    assert_close(last.signals["hidden"], numbers(wanted_of(module, x, call))[-1])


class Twice(nn.Module):
    """A cell in a loop for each of two sequences."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(INPUT, UNIT)

    def read(self, x: torch.Tensor) -> torch.Tensor:
        state, steps = None, []
        for step in x:
            state = self.cell(step, state)
            steps.append(state[0])
        return torch.stack(steps)

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> Any:
        return self.read(x), self.read(y)


def test_of_a_cell_the_loop_is_chosen() -> None:
    module, both = drawn(Twice()).eval(), (values(4, 2, INPUT), values(6, 3, INPUT))
    for call in (0, 1):
        traced = rv.trace(module, both, call=call)
        assert_close(traced["hidden"], numbers(module(*both)[call]))
        assert traced.certainty.grade == "proved"
    with pytest.raises(rv.ModelError, match=r"“cell” ran 2 times, .*call=1\)"):
        rv.trace(module, both)


class Dialogue(nn.Module):
    """A layer that goes on with the second text from where the first one left it."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(INPUT, UNIT)

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return self.rnn(y, self.rnn(x)[1])[0]


def test_a_call_that_goes_on_from_another_starts_from_its_states() -> None:
    module, both = drawn(Dialogue()).eval(), (values(4, 2, INPUT), values(3, 2, INPUT))
    wanted = numbers(module(*both))
    assert_close(rv.trace(module, both)["hidden"][4:], wanted)
    traced = rv.trace(module, both, call=1)
    assert_close(traced["hidden"], wanted)
    assert_close(traced.layers[0].initial["cell"], numbers(module.rnn(both[0])[1][1][0]))
    states = {"hidden": normal(1, 2, UNIT), "cell": normal(1, 2, UNIT)}
    with pytest.raises(rv.InputError, match="leave out initial= or choose call=0"):
        rv.trace(module, both, call=1, initial=states)
    first = rv.trace(module, both, call=0, initial=states)
    start = tuple(torch.tensor(state) for state in states.values())
    assert_close(first["hidden"], numbers(module.rnn(both[0], start)[0]))


class Rewoven(nn.Module):
    """Gives its layer other weights before the second call."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.other = nn.GRU(INPUT, UNIT), nn.GRU(INPUT, UNIT)

    def set(self, weights: dict[str, nn.Parameter]) -> None:
        for name, weight in weights.items():
            setattr(self.rnn, name, weight)

    def forward(self, x: torch.Tensor) -> Any:
        first = self.rnn(x)[0]
        own = dict(self.rnn.named_parameters())
        self.set(dict(self.other.named_parameters()))
        second = self.rnn(x)[0]
        self.set(own)
        return first, second


@pytest.mark.parametrize("call", [0, 1])
def test_a_call_is_read_with_the_weights_of_that_call(call: int) -> None:
    module, x = drawn(Rewoven()).eval(), values(4, 2, INPUT)
    layer = module.other if call else module.rnn
    traced = rv.trace(module, x, path="rnn", call=call)
    assert traced.certainty.grade == "proved"
    assert_close(traced["hidden"], numbers(layer(x)[0]))


@pytest.mark.parametrize(
    "module", [nn.LSTM(INPUT, UNIT), nn.ModuleDict({"a": nn.GRU(INPUT, UNIT)})]
)
def test_a_layer_that_reads_the_values_itself_has_no_calls_to_choose(module: nn.Module) -> None:
    with pytest.raises(rv.InputError, match=r"call=1 chooses .* leave it out"):
        rv.trace(module, values(4, 2, INPUT).float(), call=1)
    with pytest.raises(rv.ModelError, match="path, args, kwargs and call"):
        rv.trace(rv.random_model("gru", n_inputs=1, n_units=2), [[[0.1]]], call=0)


class Front(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enc, self.out = nn.Linear(INPUT, 4), nn.Linear(UNIT, 2)
        self.rnn = nn.LSTM(4, UNIT, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.rnn(self.enc(x))[0])


def doubled(_: Any, __: Any, given: Any) -> Any:
    return given[0] * 2, given[1]


def moved(_: Any, __: Any, given: Any) -> Any:
    return given[0], (given[1][0] + 1, given[1][1])


def in_place(_: Any, __: Any, given: Any) -> None:
    given[0].add_(1)


@pytest.mark.parametrize("hook", [doubled, moved, in_place])
@pytest.mark.parametrize("path", ["", "rnn"])
def test_a_hook_that_changes_what_a_layer_inside_gives_is_said(hook: Any, path: str) -> None:
    module, x = drawn(Front()).eval(), values(2, 6, INPUT)
    module.rnn.register_forward_hook(hook)
    with pytest.warns(rv.AssumptionWarning, match="the layer rnn itself gave, before its hooks"):
        traced = rv.trace(module, x, path=path)
    assert traced.certainty.grade == "assumed"
    assert len(module.rnn._forward_hooks) == 1


def test_a_hook_that_only_looks_or_stands_elsewhere_leaves_the_proof() -> None:
    module, x = drawn(Front()).eval(), values(2, 6, INPUT)
    seen: list[Any] = []
    module.rnn.register_forward_hook(lambda _, __, given: seen.append(given[0]))
    module.rnn.register_forward_hook(lambda _, __, given: (given[0].clone(), given[1]))
    module.enc.register_forward_hook(lambda _, __, given: given * 3)
    module.rnn.register_forward_pre_hook(lambda _, args: (args[0] + 1, *args[1:]))
    traced = rv.trace(module, x)
    assert traced.certainty.grade == "proved"
    assert_close(traced.outputs, numbers(module(x)).swapaxes(0, 1))
    assert seen


def test_a_hook_for_every_module_is_seen_as_well() -> None:
    module, x = drawn(Front()).eval(), values(2, 6, INPUT)
    hook = nn.modules.module.register_module_forward_hook(
        lambda layer, _, given: (given[0] + 1, given[1]) if isinstance(layer, nn.LSTM) else None
    )
    try:
        with pytest.warns(rv.AssumptionWarning, match="before its hooks"):
            assert rv.trace(module, x).certainty.grade == "assumed"
    finally:
        hook.remove()


def test_a_hook_on_a_cell_in_a_loop_is_named_with_what_leads_on() -> None:
    module, both = drawn(Twice()).eval(), (values(4, 2, INPUT), values(6, 3, INPUT))
    handle = module.cell.register_forward_hook(lambda _, __, given: (given[0] * 0.5, given[1]))
    with pytest.raises(rv.ModelError, match="“cell” ran 10 times, and its hooks changed") as error:
        rv.trace(module, both)
    with pytest.warns(rv.AssumptionWarning, match="before its hooks"):
        traced = eval(code_in(error), {"rv": rv, "module": module, "values": both})
    assert traced.sequence.n_steps == 1
    handle.remove()
    assert rv.trace(module, both, call=0).certainty.grade == "proved"
    assert np.isfinite(traced["hidden"]).all()
