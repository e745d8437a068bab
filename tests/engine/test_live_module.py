"""Live modules run as they are, with what lies around their layers, against their own output."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import rnnviz as rv
from tests.engine.test_live_layer import top
from tests.readers.test_state_dict import drawn
from tests.witnesses import assert_close, normal

INPUT, UNIT, TOKENS = 3, 5, 7


def ids(*shape: int) -> torch.Tensor:
    """Random token ids."""
    return torch.tensor(np.random.default_rng(1).integers(0, TOKENS, shape))


def values(*shape: int) -> torch.Tensor:
    return torch.tensor(normal(*shape))


class Across(nn.Module):
    """Applies a module that reads (batch, feature, time) to (batch, time, feature)."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x.transpose(1, 2)).transpose(1, 2)


@st.composite
def fronts(draw: st.DrawFn) -> tuple[list[nn.Module], int, bool]:
    """Random modules in front of a layer, how many numbers they give, and whether they read ids."""
    width, found, reads_ids = INPUT, [], draw(st.booleans())
    if reads_ids:
        found.append(nn.Embedding(TOKENS, width))
    for name in draw(
        st.lists(st.sampled_from(["linear", "conv", "norm", "batch", "tanh"]), max_size=3)
    ):
        if name == "linear":
            found.append(nn.Linear(width, width + 1))
            width += 1
        elif name == "conv":
            found.append(Across(nn.Conv1d(width, 4, 3, padding=1, stride=draw(st.integers(1, 2)))))
            width = 4
        elif name == "norm":
            found.append(nn.LayerNorm(width))
        elif name == "batch":
            found.append(Across(nn.BatchNorm1d(width)))
        else:
            found.append(nn.Sequential(nn.Tanh(), nn.Dropout(0.5)))
    return found, width, reads_ids


@settings(max_examples=80, deadline=None)
@given(
    fronts(),
    st.sampled_from(["RNN", "LSTM", "GRU"]),
    st.integers(1, 2),
    st.booleans(),
    st.integers(1, 4),
    st.integers(2, 6),
)
def test_what_stands_in_front_of_a_layer_is_run_by_the_module(
    front: tuple[list[nn.Module], int, bool],
    kind: str,
    n_levels: int,
    bidirectional: bool,
    n_rows: int,
    n_steps: int,
) -> None:
    before, width, reads_ids = front
    options = {"num_layers": n_levels, "bidirectional": bidirectional, "batch_first": True}
    module = drawn(nn.Sequential(*before, getattr(nn, kind)(width, UNIT, **options))).eval()
    given_values = ids(n_rows, n_steps) if reads_ids else values(n_rows, n_steps, INPUT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        traced = rv.trace(module, given_values)
    wanted = module(given_values)[0].detach().numpy().swapaxes(0, 1)
    assert_close(top(traced), wanted)
    assert traced.certainty.grade == "proved"
    assert traced.certainty.parity.difference < 1e-12


class Tagger(nn.Module):
    """Embedding, layer, readout with an activation: the usual shape of a tagger."""

    def __init__(self, activation: Any = None, *, last: bool = False, **options: Any) -> None:
        super().__init__()
        self.embed = nn.Embedding(TOKENS, INPUT)
        self.rnn = nn.LSTM(INPUT, UNIT, **options)
        self.out = nn.Linear(UNIT * (2 if self.rnn.bidirectional else 1), 4)
        self.activation, self.last = activation, last

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        hidden, _ = self.rnn(self.embed(tokens))
        drive = self.out(hidden[-1] if self.last else hidden)
        return drive if self.activation is None else self.activation(drive)


@pytest.mark.parametrize(
    ("activation", "wanted"),
    [
        (None, "linear"),
        (torch.sigmoid, "sigmoid"),
        (nn.Softmax(-1), "softmax"),
    ],
)
@pytest.mark.parametrize("last", [True, False])
def test_the_readout_is_the_one_that_gives_the_modules_output(
    activation: Any, wanted: str, last: bool
) -> None:
    module = drawn(Tagger(activation, last=last, bidirectional=not last)).eval()
    traced = rv.trace(module, ids(6, 2))
    own = module(ids(6, 2)).detach().numpy()
    assert_close(traced.outputs[-1] if last else traced.outputs, own)
    assert traced.readout == wanted
    assert traced.certainty.grade == "proved"
    assert traced.sequence.tokens[1] == tuple(map(str, ids(6, 2)[:, 1].tolist()))
    assert traced.source == "Tagger.rnn"


def test_a_logarithm_of_probabilities_is_read_out_as_the_probabilities() -> None:
    module = drawn(Tagger(nn.LogSoftmax(-1))).eval()
    traced = rv.trace(module, ids(6, 2))
    assert_close(traced["probabilities"], module(ids(6, 2)).exp().detach().numpy())


def test_a_readout_that_does_not_give_the_output_is_not_claimed() -> None:
    module = drawn(Tagger(lambda drive: drive.relu() + 1)).eval()
    traced = rv.trace(module, ids(6, 2))
    assert traced.readout == ""
    assert_close(traced.outputs, module.rnn(module.embed(ids(6, 2)))[0].detach().numpy())
    assert traced.certainty.grade == "proved"


class Packs(nn.Module):
    """Packs inside its forward, with the lengths that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(INPUT, UNIT, bidirectional=True, batch_first=True)

    def forward(self, x: torch.Tensor, lengths: Any, *, scale: float = 1.0) -> torch.Tensor:
        packed = pack_padded_sequence(x * scale, lengths, batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(self.rnn(packed)[0], batch_first=True)[0]


def test_lengths_and_other_arguments_are_handed_on() -> None:
    module, x = drawn(Packs()).eval(), values(3, 6, INPUT)
    lengths = torch.tensor([4, 6, 1])
    wanted = module(x, lengths, scale=2.0).detach().numpy().swapaxes(0, 1)
    calls = [
        rv.trace(module, x, args=(lengths,), kwargs={"scale": 2.0}),
        rv.trace(module, x.numpy(), kwargs={"lengths": lengths, "scale": 2.0}),
        rv.trace(module, (x, lengths), kwargs={"scale": 2.0}),
        rv.trace(module, (), kwargs={"x": x.numpy(), "lengths": lengths.numpy(), "scale": 2.0}),
    ]
    for traced in calls:
        assert traced.sequence.lengths == (4, 6, 1)
        for row, length in enumerate([4, 6, 1]):
            assert_close(top(traced)[:length, row], wanted[:length, row])
        assert traced.certainty.grade == "proved"
    with pytest.raises(rv.InputError, match=r"missing 1 required .* 'lengths'.*args=\(…,\)"):
        rv.trace(module, x)


class Decoder(nn.Module):
    """Cells stepped in a loop, one over the other, from given states."""

    def __init__(self, kind: str = "LSTMCell") -> None:
        super().__init__()
        self.embed = nn.Embedding(TOKENS, INPUT)
        self.first, self.second = getattr(nn, kind)(INPUT, UNIT), getattr(nn, kind)(UNIT, 4)
        self.out = nn.Linear(4, TOKENS)

    def forward(self, tokens: torch.Tensor, start: Any = None) -> torch.Tensor:
        low, high, steps = start, None, []
        for step in tokens:
            low = self.first(self.embed(step), low)
            high = self.second(low[0] if isinstance(low, tuple) else low, high)
            steps.append(self.out(high[0] if isinstance(high, tuple) else high))
        return torch.stack(steps)


@pytest.mark.parametrize("kind", ["LSTMCell", "GRUCell", "RNNCell"])
@pytest.mark.parametrize("form", ["none", "args", "initial"])
def test_cells_in_a_loop_are_the_levels_of_one_network(kind: str, form: str) -> None:
    module, tokens = drawn(Decoder(kind)).eval(), ids(6, 2)
    pair = values(2, UNIT), values(2, UNIT) + 1
    start = None if form == "none" else pair if kind == "LSTMCell" else pair[0]
    options: dict[str, Any] = {"args": (start,)} if form == "args" else {}
    if form == "initial":
        alone = rv.trace(module, tokens, initial=start, path="first")
        assert_close(alone.layers[0].initial["hidden"], pair[0].numpy())
        assert alone.certainty.grade == "proved"
        with pytest.raises(rv.InputError, match=r"for one recurrent layer, .* 2 \(first, second\)"):
            rv.trace(module, tokens, initial=start)
        return
    traced = rv.trace(module, tokens, **options)
    assert [layer.level for layer in traced.layers] == [0, 1]
    assert_close(traced.outputs, module(tokens, start).detach().numpy())
    assert traced.certainty.grade == "proved"
    assert traced.source == "Decoder.first + second"
    assert traced.sequence.tokens[0] == tuple(map(str, tokens[:, 0].tolist()))


class Speller(nn.Module):
    """A layer called one step at a time, as decoders do."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.rnn = nn.Embedding(TOKENS, INPUT), nn.LSTM(INPUT, UNIT, batch_first=True)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        state, steps = None, []
        for step in tokens.split(1, dim=1):
            hidden, state = self.rnn(self.embed(step), state)
            steps.append(hidden)
        return torch.cat(steps, dim=1)


def test_a_layer_called_one_step_at_a_time_read_one_sequence() -> None:
    module, tokens = drawn(Speller()).eval(), ids(2, 6)
    traced = rv.trace(module, tokens)
    assert_close(traced["hidden"], module(tokens).detach().numpy().swapaxes(0, 1))
    assert traced.sequence.tokens[1] == tuple(map(str, tokens[1].tolist()))
    assert traced.certainty.grade == "proved"


class Chunked(nn.Module):
    """Reads a long sequence part by part; forgets its states between them when told to."""

    def __init__(self, *, forgets: bool = False, bidirectional: bool = False) -> None:
        super().__init__()
        self.rnn, self.forgets = nn.GRU(INPUT, UNIT, bidirectional=bidirectional), forgets

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state, parts = None, []
        for part in x.split(2):
            hidden, state = self.rnn(part, None if self.forgets else state)
            parts.append(hidden)
        return torch.cat(parts)


def test_a_layer_that_goes_on_from_its_own_states_read_one_sequence() -> None:
    module, x = drawn(Chunked()).eval(), values(5, 2, INPUT)
    traced = rv.trace(module, x)
    assert_close(traced["hidden"], module(x).detach().numpy())
    assert traced.certainty.parity.n_steps == 5
    for other in (Chunked(forgets=True), Chunked(bidirectional=True)):
        with pytest.raises(rv.ModelError, match=r"“rnn” ran 3 times, .*call=2\)"):
            rv.trace(drawn(other).eval(), x)
        assert rv.trace(other, x, call=2).certainty.grade == "proved"


class Levels(nn.Module):
    """Two layers, with something between or without."""

    def __init__(self, between: nn.Module | None = None) -> None:
        super().__init__()
        self.low, self.high = nn.GRU(INPUT, UNIT, bidirectional=True), nn.LSTM(2 * UNIT, 4)
        self.between = between or nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.high(self.between(self.low(x)[0]))[0]


def test_layers_that_read_each_other_are_levels_and_others_are_chosen_by_path() -> None:
    module, x = drawn(Levels()).eval(), values(6, 2, INPUT)
    traced = rv.trace(module, x)
    assert [layer.cell_name for layer in traced.layers] == ["gru_reset_after"] * 2 + ["lstm"]
    assert_close(traced.outputs, module(x).detach().numpy())
    assert traced.certainty.grade == "proved"
    module = drawn(Levels(nn.LayerNorm(2 * UNIT))).eval()
    sentence = r'2 recurrent layers \(low, high\), .* rv.trace\(module, values, path="low"\)'
    with pytest.raises(rv.ModelError, match=sentence):
        rv.trace(module, x)
    for path in ("low", "high"):
        assert rv.trace(module, x, path=path).certainty.grade == "proved"
    assert_close(rv.trace(module, x, path="high").outputs, module(x).detach().numpy())
    with pytest.raises(rv.ModelError, match=r"2 \(low, high\) and “middle” names none of them"):
        rv.trace(module, x, path="middle")


class Turned(nn.Module):
    """Takes (batch, time, feature), though its layer does not."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.front, self.rnn = nn.Linear(INPUT, INPUT), nn.GRU(INPUT, UNIT, **options)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.rnn(self.front(x.transpose(0, 1)))[0]


@pytest.mark.parametrize("n_steps", [6, 2])
@pytest.mark.parametrize("make", [Turned, lambda: nn.Sequential(nn.Linear(3, 3), nn.GRU(3, UNIT))])
def test_a_sequence_is_time_first_whatever_the_module_takes(make: Any, n_steps: int) -> None:
    module = drawn(make()).eval()
    sequence = rv.Sequence(normal(n_steps, 2, INPUT), tokens=[["a"] * n_steps, ["b"] * n_steps])
    x = torch.tensor(sequence.values)
    wanted = module(x.transpose(0, 1)) if isinstance(module, Turned) else module(x)[0]
    traced = rv.trace(module, sequence)
    assert_close(traced["hidden"], wanted.detach().numpy())
    assert traced.sequence.tokens == sequence.tokens


def test_padding_that_a_module_reads_counts_only_where_it_looks_back() -> None:
    sequence = rv.Sequence(normal(6, 2, INPUT), lengths=(6, 4))
    traced = rv.trace(drawn(Turned()).eval(), sequence)
    assert traced.sequence.lengths == (6, 4)
    assert traced.certainty.grade == "proved"
    both = drawn(Turned(bidirectional=True)).eval()
    with pytest.warns(rv.AssumptionWarning, match="read the padding as steps"):
        traced = rv.trace(both, sequence)
    assert traced.sequence.lengths == (6, 6)
    assert_close(
        top(traced)[:, 0], both(torch.tensor(sequence.values).swapaxes(0, 1))[:, 0].detach()
    )


@pytest.mark.parametrize(
    "module",
    [
        Tagger(nn.Dropout(0.5)),
        nn.Sequential(Across(nn.BatchNorm1d(3)), nn.GRU(3, 5, batch_first=True)),
    ],
)
def test_a_module_in_training_mode_is_read_as_in_evaluation_mode_and_says_so(module: Any) -> None:
    module = drawn(module)
    x = ids(6, 2) if isinstance(module, Tagger) else values(2, 6, INPUT)
    with pytest.warns(rv.AssumptionWarning, match="in training mode.* evaluation mode") as said:
        traced = rv.trace(module, x)
    assert len(said) == 1
    assert said[0].filename == __file__
    assert traced.certainty.grade == "assumed"
    assert all(inner.training for inner in module.modules())
    module.eval()
    assert_close(traced["hidden"], rv.trace(module, x)["hidden"])
    assert rv.trace(module, x).certainty.grade == "proved"


def test_a_module_in_training_mode_that_nothing_in_it_heeds_is_proved() -> None:
    module = drawn(Turned())
    assert module.training
    assert rv.trace(module, values(2, 6, INPUT)).certainty.grade == "proved"


class Noisy(nn.LSTM):
    """Made from torch's layer, and adds to what it gives."""

    def forward(self, x: torch.Tensor, hx: Any = None) -> Any:
        hidden, states = super().forward(x, hx)
        return hidden + 0.1, states


class Renamed(nn.LSTM):
    """Made from torch's layer, and computes what it does."""


@pytest.mark.parametrize("around", [nn.Identity, nn.Sequential])
def test_a_class_made_from_torchs_is_taken_where_it_computes_what_torchs_does(around: Any) -> None:
    x = values(6, 2, INPUT)
    module = drawn(Renamed(INPUT, UNIT))
    module = module if around is nn.Identity else around(module)
    traced = rv.trace(module, x)
    assert_close(traced["hidden"], module(x)[0].detach().numpy())
    assert traced.certainty.grade == "proved"
    other = drawn(Noisy(INPUT, UNIT))
    other = other if around is nn.Identity else around(other)
    for call in (rv.trace, rv.steps):
        with pytest.raises(rv.ModelError, match=r"gave other hidden states than lstm .*e-01 apart"):
            call(other, x)


class HiddenOnly(nn.LSTM):
    """Made from torch's layer, gives its hidden states alone, and takes none."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x)[0]


class Other(nn.GRU):
    """Made from torch's layer, and gives what is none of its hidden states."""

    def forward(self, x: torch.Tensor, hx: Any = None) -> Any:
        hidden, _ = super().forward(x, hx)
        return {"hidden": hidden} if self.training else hidden.sum(-1)


@pytest.mark.parametrize("bidirectional", [True, False])
def test_a_class_made_from_torchs_may_take_and_give_less(bidirectional: bool) -> None:
    layer = drawn(HiddenOnly(INPUT, UNIT, batch_first=True, bidirectional=bidirectional)).eval()
    x = values(2, 6, INPUT)
    wanted = layer(x).detach().numpy().swapaxes(0, 1)
    for module in (layer, nn.Sequential(nn.Identity(), layer)):
        traced = rv.trace(module, x)
        assert_close(top(traced), wanted)
        assert traced.certainty.grade == "proved"


@pytest.mark.parametrize("is_training", [True, False])
@pytest.mark.parametrize("around", [nn.Identity, nn.Sequential])
def test_a_class_that_gives_no_hidden_states_is_refused(around: Any, is_training: bool) -> None:
    layer = drawn(Other(INPUT, UNIT)).train(is_training)
    module = layer if around is nn.Identity else around(layer)
    with pytest.raises(rv.ModelError, match=r"“(0|Other)” is a Other of its own, which gives"):
        rv.trace(module, values(6, 2, INPUT))


def test_a_chaotic_network_is_shown_with_its_difference() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(INPUT, INPUT), nn.RNN(INPUT, 64))
    with torch.no_grad():
        module[1].weight_hh_l0.normal_(0, 1)
    with pytest.warns(rv.AssumptionWarning, match="the framework's own run differs by"):
        traced = rv.trace(module.eval(), torch.randn(400, 1, INPUT))
    assert traced.certainty.grade == "assumed"
    assert traced.certainty.parity.difference > 1e-3


class Holder(nn.Module):
    """Holds an embedding and a layer, and has no forward."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.embed, self.rnn = nn.Embedding(TOKENS, INPUT), nn.GRU(INPUT, UNIT, **options)


@pytest.mark.parametrize("batch_first", [True, False])
def test_a_layer_of_a_module_without_a_forward_reads_the_values_itself(batch_first: bool) -> None:
    module = drawn(Holder(batch_first=batch_first))
    x = values(6, 2, INPUT)
    wanted = module.rnn(x)[0].detach().numpy()
    with pytest.warns(rv.AssumptionWarning, match="no forward of its own, so that its layer rnn"):
        traced = rv.trace(module, x)
    assert_close(traced["hidden"], wanted.swapaxes(0, 1) if batch_first else wanted)
    assert traced.certainty.grade == "assumed"
    with pytest.warns(rv.AssumptionWarning, match="layer rnn"):
        traced = rv.trace(module, ids(6, 2))
    wanted = module.rnn(module.embed(ids(6, 2)))[0].detach().numpy()
    assert_close(traced["hidden"], wanted.swapaxes(0, 1) if batch_first else wanted)
    with pytest.raises(rv.InputError, match=r"whole numbers from 0 to 6, .* from 7 to 7 came"):
        rv.trace(module, [[7]])


def test_a_text_is_read_by_ids_or_by_the_token_of_each_row() -> None:
    module = drawn(Tagger()).eval()
    wanted = module(torch.tensor([[5], [0], [6]])).detach().numpy()
    named = rv.parse("fag", vocabulary=list("abcdefg"))
    for sequence in (rv.parse("5 0 6", "words"), named):
        traced = rv.trace(module, sequence)
        assert_close(traced.outputs, wanted)
        assert traced.sequence.tokens == sequence.tokens
    for text in ("ab", "abcdefg"):
        with pytest.raises(
            rv.InputError, match=r"7 rows and no names .*rv.parse\(text, vocabulary"
        ):
            rv.trace(module, rv.parse(text))


def test_a_text_read_in_order_of_appearance_says_so() -> None:
    module = drawn(nn.Sequential(nn.Linear(4, INPUT), nn.GRU(INPUT, UNIT))).eval()
    with pytest.warns(rv.AssumptionWarning, match="the 4 tokens of the text stand for the inputs"):
        rv.trace(module, rv.parse("hello"))
    assert rv.trace(module, rv.parse("hello", vocabulary="oleh")).certainty.grade == "proved"


def test_a_vocabulary_in_the_order_of_the_text_is_known_to_be_given() -> None:
    module = drawn(nn.Sequential(nn.Embedding(4, 4), nn.GRU(4, 6))).eval()
    wanted = module(torch.tensor([[0], [1], [2], [2], [3]]))[0].detach().numpy()
    traced = rv.trace(module, rv.parse("hello", vocabulary=list("helo")))
    assert_close(traced["hidden"], wanted)
    assert traced.sequence.tokens == (tuple("hello"),)
    module = drawn(nn.Sequential(nn.Linear(4, INPUT), nn.GRU(INPUT, UNIT))).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rv.trace(module, rv.parse("hello", vocabulary="helo"))


class Front(nn.Module):
    """A function in front of a layer, or of a cell that reads the steps one after the other."""

    def __init__(self, change: Any, *, cell: bool = False) -> None:
        super().__init__()
        self.change = change
        self.rnn = nn.GRUCell(2, UNIT) if cell else nn.GRU(2, UNIT)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if isinstance(self.rnn, nn.GRU):
            return self.rnn(self.change(x))[0]
        state = None
        for step in self.change(x):
            state = self.rnn(step, state)
        return state


def shifted(x: torch.Tensor) -> torch.Tensor:
    """The steps one later, as a decoder is taught."""
    return torch.cat([torch.zeros_like(x[:1]), x[:-1]])


DATES = tuple(f"2020-01-{day:02}" for day in range(1, 7))
ROWS = [[f"{row} {date}" for date in DATES] for row in "ab"]


@pytest.mark.parametrize("cell", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.flip(0),
        shifted,
        lambda x: x.flip(1),
        lambda x: x.roll(1, 0),
        lambda x: x.roll(1, 0) ** 2,
        lambda x: x + x.flip(0),
        lambda x: x * 0 + 1,
        lambda x: x.sort(0)[0],
        lambda x: torch.cat([x[1:], x[-1:]]),
    ],
)
def test_no_token_stands_at_a_step_that_the_layer_did_not_read_there(
    change: Any, mirrored: bool, cell: bool
) -> None:
    numbers = normal(6, 2, 2)
    if mirrored:
        # Turned about in time or in the batch it is itself.
        numbers = numbers + numbers[::-1]
        numbers = numbers + numbers[:, ::-1]
    module = drawn(Front(change, cell=cell)).eval()
    traced = rv.trace(module, rv.Sequence(numbers, tokens=ROWS))
    assert traced.sequence.tokens == (tuple("123456"),) * 2
    assert_close(traced.sequence.values, change(torch.tensor(numbers)).numpy())


@pytest.mark.parametrize("cell", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(
    "change", [lambda x: x, nn.Linear(2, 2), nn.LayerNorm(2), torch.tanh, lambda x: x.cumsum(0)]
)
def test_tokens_stand_at_the_steps_that_a_layer_reads_in_order(
    change: Any, mirrored: bool, cell: bool
) -> None:
    numbers = normal(6, 2, 2)
    numbers = numbers + numbers[::-1] if mirrored else numbers
    traced = rv.trace(drawn(Front(change, cell=cell)).eval(), rv.Sequence(numbers, tokens=ROWS))
    assert traced.sequence.tokens == tuple(map(tuple, ROWS))


class Stacked(nn.Module):
    """A layer that reads what another gave, normed."""

    def __init__(self) -> None:
        super().__init__()
        self.low, self.norm = nn.GRU(INPUT, UNIT), nn.LayerNorm(UNIT)
        self.high = nn.LSTM(UNIT, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.high(self.norm(self.low(x)[0]))[0]


def test_tokens_pass_a_layer_below_and_an_embedding_in_front() -> None:
    module = drawn(Stacked()).eval()
    sequence = rv.Sequence(normal(6, 2, INPUT), tokens=ROWS)
    assert rv.trace(module, sequence, path="high").sequence.tokens == sequence.tokens
    tagger, text = drawn(Tagger()).eval(), rv.parse("hello", vocabulary="abchelo")
    assert rv.trace(tagger, text).sequence.tokens == (tuple("hello"),)
    tagger.register_forward_pre_hook(lambda _, args: (args[0].flip(0),))
    assert rv.trace(tagger, text).sequence.tokens == (tuple("65543"),)


def test_tokens_of_rows_of_unequal_lengths_stay_with_them() -> None:
    sequence = rv.Sequence(normal(3, 2, 2), [("a", "b", "c"), ("d",)], (3, 1))
    traced = rv.trace(drawn(Front(nn.Linear(2, 2))).eval(), sequence)
    assert traced.sequence.tokens == sequence.tokens


def test_a_table_that_a_module_reads_from_its_end_is_numbered() -> None:
    table = rv.read_sequence("a.csv", b"date,v\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n")
    module = drawn(nn.Sequential(nn.Linear(1, 2), nn.LSTM(2, 3))).eval()
    assert rv.trace(module, table).sequence.tokens == table.tokens
    module.register_forward_pre_hook(lambda _, args: (args[0].flip(0),))
    assert rv.trace(module, table).sequence.tokens == (("1", "2", "3"),)


def test_ids_are_read_by_a_model_with_an_embedding_too() -> None:
    module = drawn(Tagger()).eval()
    model = rv.from_torch(module, readout_activation="linear")
    wanted = module(ids(6, 2)).detach().numpy()
    forms = [ids(6, 2), ids(6, 2).numpy(), ids(6, 2).tolist(), ids(6, 2)[:, :, None]]
    for form in forms:
        traced = rv.trace(model, form)
        assert_close(traced.outputs, wanted)
        assert traced.sequence.tokens[0] == tuple(map(str, ids(6, 2)[:, 0].tolist()))
    assert_close(list(rv.steps(model, ids(6, 2)[:, 0]))[-1].outputs[0], wanted[-1, 0])
    named = rv.trace(model.with_vocabulary("abcdefg"), [3, 0])
    assert named.sequence.tokens == (("d", "a"),)
    with pytest.raises(rv.InputError, match=r"from 0 to 6, .* \(1,\) from 7 to 7 came"):
        rv.trace(model, [7])


class Recovers(nn.Module):
    """A forward that fails, after it has changed what it can."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(INPUT, UNIT)

    def forward(self, x: torch.Tensor) -> Any:
        raise KeyError("no such thing")


def test_a_forward_that_fails_gives_its_reason_in_one_sentence() -> None:
    with pytest.raises(rv.InputError, match=r"\(KeyError: 'no such thing'\)") as failed:
        rv.trace(Recovers(), values(6, 2, INPUT))
    assert isinstance(failed.value.__cause__, KeyError)


class Idle(Recovers):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def test_a_forward_that_runs_no_recurrent_layer_says_so() -> None:
    with pytest.raises(rv.ModelError, match=r"ran none of its recurrent layers \(rnn\); trace one"):
        rv.trace(Idle(), values(6, 2, INPUT))


def test_a_layer_without_a_shape_yet_is_not_shaped_by_a_trace() -> None:
    module = nn.Sequential(nn.LazyLinear(INPUT), nn.GRU(INPUT, UNIT))
    with pytest.raises(rv.ModelError, match=r"“0.weight” takes its shape when the module first"):
        rv.trace(module, values(6, 2, 4).float())
    assert torch.nn.parameter.is_lazy(module[0].weight)


def test_a_module_without_numbers_is_named() -> None:
    module = nn.Sequential(nn.Linear(INPUT, INPUT, device="meta"), nn.GRU(INPUT, UNIT))
    with pytest.raises(rv.ModelError, match=r"“0.weight” should hold real numbers, .* device meta"):
        rv.trace(module, values(6, 2, INPUT))


class ByHand(nn.Module):
    """A cell written by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.w, self.u = nn.Linear(INPUT, UNIT), nn.Linear(UNIT, UNIT)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state, steps = torch.zeros(x.shape[1], UNIT, dtype=x.dtype), []
        for step in x:
            state = torch.tanh(self.w(step) + self.u(state))
            steps.append(state)
        return torch.stack(steps)


def test_a_cell_written_by_hand_is_refused_with_what_leads_on() -> None:
    module, x = drawn(ByHand()), values(6, 2, INPUT)
    with pytest.raises(
        rv.ModelError, match=r'ByHand came; .*rv.Model\(\[rv.Layer\("rnn", "forward"'
    ):
        rv.trace(module, x)
    own = {name: value.detach().numpy() for name, value in module.named_parameters()}
    weights = {
        "hidden.x": own["w.weight"],
        "hidden.h": own["u.weight"],
        "hidden.b": own["w.bias"] + own["u.bias"],
    }
    model = rv.Model([rv.Layer("rnn", "forward", weights)])
    assert_close(rv.trace(model, x)["hidden"], module(x).detach().numpy())


@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_torchscript_is_refused_with_what_leads_on(tmp_path: Any) -> None:
    module = drawn(nn.GRU(INPUT, UNIT))
    script = torch.jit.script(module)
    with pytest.raises(
        rv.ModelError, match=r'RecursiveScriptModule was made .*rv.read_model\("weights.pt"\)'
    ):
        rv.trace(script, values(6, 2, INPUT))
    torch.save(script.state_dict(), tmp_path / "weights.pt")
    x = values(6, 2, INPUT)
    traced = rv.trace(rv.read_model(tmp_path / "weights.pt"), x)
    assert_close(traced["hidden"], module(x)[0].detach().numpy())


@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_torchscript_in_front_of_a_layer_is_run() -> None:
    script = torch.jit.script(nn.Sequential(nn.Linear(INPUT, INPUT), nn.Dropout(0.5)))
    module, x = drawn(nn.Sequential(script, nn.GRU(INPUT, UNIT))), values(6, 2, INPUT)
    with pytest.warns(rv.AssumptionWarning, match="training mode"):
        traced = rv.trace(module, x)
    assert all(inner.training for inner in module.modules())
    assert_close(traced["hidden"], module.eval()(x)[0].detach().numpy())
    assert rv.trace(module, x).certainty.grade == "proved"
    assert not any(inner.training for inner in module.modules())


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_a_keras_model_is_refused_with_what_leads_on(tmp_path: Any) -> None:
    keras = pytest.importorskip("keras")
    layers = [keras.layers.Input((6, INPUT)), keras.layers.GRU(UNIT, return_sequences=True)]
    model, x = keras.Sequential(layers), values(6, 2, INPUT).float()
    with pytest.raises(rv.ModelError, match=r'is a Keras model; .*rv.read_model\("model.keras"\)'):
        rv.trace(model, x)
    model.save(tmp_path / "model.keras")
    traced = rv.trace(rv.read_model(tmp_path / "model.keras"), x)
    wanted = np.asarray(model.predict(x.numpy().swapaxes(0, 1), verbose=0)).swapaxes(0, 1)
    assert_close(traced["hidden"], wanted, 1e-6)


@pytest.mark.filterwarnings("ignore:The tensor attributes")
def test_an_exported_module_is_refused_with_what_leads_on(tmp_path: Any) -> None:
    module, x = drawn(nn.Sequential(nn.Tanh(), nn.GRU(INPUT, UNIT))), values(6, 2, INPUT)
    exported = torch.export.export(module, (x,)).module()
    with pytest.raises(
        rv.ModelError, match=r'GraphModule was made .*rv.read_model\("weights.pt"\)'
    ):
        rv.trace(exported, x)
    torch.save(exported.state_dict(), tmp_path / "weights.pt")
    traced = rv.trace(rv.read_model(tmp_path / "weights.pt"), x.tanh())
    assert_close(traced["hidden"], module(x)[0].detach().numpy())


def test_a_traced_graph_that_keeps_its_layers_is_run() -> None:
    module, x = drawn(nn.Sequential(nn.Tanh(), nn.GRU(INPUT, UNIT))).eval(), values(6, 2, INPUT)
    assert rv.trace(torch.fx.symbolic_trace(module), x).certainty.grade == "proved"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
def test_a_quantised_module_leads_to_the_one_that_it_was_made_from() -> None:
    module = nn.Sequential(nn.LSTM(INPUT, UNIT)).eval()
    quantised = torch.ao.quantization.quantize_dynamic(module, {nn.LSTM})
    with pytest.raises(
        rv.ModelError, match=r"dynamic.*LSTM is quantised; trace the module that it"
    ):
        rv.trace(quantised, values(6, 2, INPUT))
    assert rv.trace(module, values(6, 2, INPUT)).certainty.grade == "proved"


@pytest.mark.parametrize("wrap", [nn.DataParallel, lambda m: torch.compile(m, backend="eager")])
@pytest.mark.parametrize("make", [Turned, lambda: nn.GRU(INPUT, UNIT, batch_first=True)])
def test_wrappers_around_a_module_are_seen_through(wrap: Any, make: Any) -> None:
    module, x = drawn(make()).eval(), values(2, 6, INPUT)
    wanted = rv.trace(module, x)
    traced = rv.trace(wrap(module), x)
    assert_close(traced["hidden"], wanted["hidden"])
    assert traced.source == wanted.source
    assert rv.from_torch(wrap(module)).source == wanted.source
    if isinstance(module, Turned):
        prefix = "module." if wrap is nn.DataParallel else "_orig_mod."
        assert rv.trace(wrap(module), x, path=f"{prefix}rnn").source == wanted.source


def test_a_compiled_layer_inside_is_watched() -> None:
    module = drawn(nn.Sequential(nn.Linear(INPUT, INPUT), nn.GRU(INPUT, UNIT))).eval()
    module[1] = torch.compile(module[1], backend="eager")
    x = values(6, 2, INPUT)
    assert_close(rv.trace(module, x)["hidden"], module(x)[0].detach().numpy())


def test_gradients_reach_the_input_through_what_stands_in_front() -> None:
    module = drawn(Turned(bidirectional=True)).eval()
    mine, its = (values(2, 4, INPUT).requires_grad_() for _ in range(2))
    for step in rv.steps(module, mine, backend="torch"):
        (step.outputs**2).sum().backward(retain_graph=True)
    (module(its) ** 2).sum().backward()
    assert_close(mine.grad, its.grad.numpy())


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_a_module_is_traced_in_any_gradient_mode(context: Any) -> None:
    module = drawn(Turned()).eval()
    wanted = module(values(2, 6, INPUT)).detach().numpy()
    with context():
        assert_close(rv.trace(module, values(2, 6, INPUT))["hidden"], wanted)
        assert_close(rv.trace(drawn(Turned()).eval(), values(2, 6, INPUT))["hidden"], wanted)


def test_interventions_act_on_what_reached_the_layer() -> None:
    module, x = drawn(Turned()).eval(), values(2, 6, INPUT)
    held = rv.trace(module, x, intervene=[rv.Clamp("update", 1)])
    assert not held["hidden"].any()
    assert held.certainty.grade == "proved"
    free = rv.trace(module, x)
    part = rv.trace(module, x, intervene=[rv.Clamp("update", 1, start=3)])
    assert_close(part["hidden"][:3], free["hidden"][:3], 0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_module_of_few_bits_is_traced_near_its_own_numbers(dtype: torch.dtype) -> None:
    module = drawn(Tagger()).to(dtype).eval()
    with pytest.warns(rv.AssumptionWarning, match=f"module rounds to {str(dtype)[6:]}"):
        traced = rv.trace(module, ids(6, 2))
    assert np.abs(traced.outputs - module(ids(6, 2)).float().detach().numpy()).max() < 0.1
    assert traced.certainty.grade == "assumed"


DEVICES = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.filterwarnings("ignore::rnnviz.errors.AssumptionWarning")
def test_a_module_runs_on_the_device_where_it_is(dtype: torch.dtype, device: str) -> None:
    bound = 1e-12 if dtype == torch.float64 else 1e-5
    module = drawn(Turned()).to(device, dtype).eval()
    layer = drawn(nn.LSTM(INPUT, UNIT)).to(device, dtype)
    x, states = values(2, 6, INPUT), (values(1, 2, UNIT).to(device, dtype),) * 2
    rows = values(6, 2, INPUT).to(device, dtype)
    # TensorFloat-32 would round the products of single precision.
    with torch.backends.cudnn.flags(allow_tf32=False):
        wanted = module(x.to(device, dtype)).detach().cpu().numpy()
        for form in (x, x.to(device), x.numpy(), rv.Sequence(x.numpy().swapaxes(0, 1))):
            assert_close(rv.trace(module, form)["hidden"], wanted, bound)
        traced = rv.trace(layer, (rows, states))
        assert_close(traced["hidden"], layer(rows, states)[0].detach().cpu().numpy(), bound)
        assert traced.certainty.grade == "proved"
