"""`rv.watch`: what a running module's layers read, against the module's own numbers."""

from __future__ import annotations

import gc
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.checkpoint import checkpoint

import rnnviz as rv
from rnnviz.watched.kept_calls import MAX_LOOP
from tests.odd_values import odd, result_unless_refused

KINDS = (nn.RNN, nn.LSTM, nn.GRU)
CELLS = (nn.RNNCell, nn.LSTMCell, nn.GRUCell)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(7)


def numbers(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().double().numpy()


def lstm_gates(layer: nn.LSTM, x: torch.Tensor, h: torch.Tensor) -> dict[str, np.ndarray]:
    """Gates of the first step, by the formula of torch's documentation."""
    z = x @ layer.weight_ih_l0.T + layer.bias_ih_l0 + h @ layer.weight_hh_l0.T + layer.bias_hh_l0
    i, f, g, o = z.chunk(4, -1)
    parts = {"input": i.sigmoid(), "forget": f.sigmoid(), "candidate": g.tanh()}
    return {name: numbers(y) for name, y in (parts | {"output": o.sigmoid()}).items()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_layer_is_what_the_module_gave(
    kind: type[Any], batch_first: bool, bidirectional: bool
) -> None:
    layer = kind(3, 4, 2, batch_first=batch_first, bidirectional=bidirectional).double()
    model = nn.ModuleDict({"encoder": nn.ModuleDict({"rnn": layer})})
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    with rv.watch(model) as seen:
        y, _ = layer(x)
    trace = seen["encoder.rnn"][-1]
    ours = np.concatenate([t.signals["hidden"] for t in trace.layers if t.level == 1], axis=2)
    theirs = numbers(y.swapaxes(0, 1) if batch_first else y)
    assert np.abs(ours - theirs).max() < 1e-12
    assert trace.certainty is not None
    assert trace.certainty.grade == "proved"
    assert seen["encoder.rnn"].difference < 1e-12


def test_gates_are_those_of_the_formula_from_the_states_that_were_given() -> None:
    layer = nn.LSTM(3, 4).double()
    x, h, c = (
        torch.randn(*shape, dtype=torch.float64) for shape in ((6, 2, 3), (1, 2, 4), (1, 2, 4))
    )
    with rv.watch(layer) as seen:
        layer(x, (h, c))
    trace = seen[""][0]
    for name, gate in lstm_gates(layer, x[0], h[0]).items():
        assert np.abs(trace[name][0] - gate).max() < 1e-12
    assert np.abs(trace.layers[0].initial["cell"] - numbers(c[0])).max() == 0


def test_a_projection_a_packed_sequence_and_an_input_without_a_batch() -> None:
    layer = nn.LSTM(3, 5, proj_size=2).double()
    x = torch.randn(4, 2, 3, dtype=torch.float64)
    with rv.watch(layer) as seen:
        layer(pack_padded_sequence(x, [2, 4], enforce_sorted=False))
        layer(x[:, 0])
    packed, bare = seen[""]
    assert packed.sequence.lengths == (2, 4)
    assert packed["cell"].shape == (4, 2, 5)
    assert bare["hidden"].shape == (4, 1, 2)
    assert seen[""].difference < 1e-12


@pytest.mark.parametrize("kind", CELLS)
def test_a_loop_is_one_sequence_until_the_state_is_replaced(kind: type[Any]) -> None:
    cell = kind(3, 4).double()
    x = torch.randn(7, 2, 3, dtype=torch.float64)
    first = None
    given = []
    with rv.watch(cell) as seen:
        for t in range(5):
            first = cell(x[t], first)
            given.append(first[0] if isinstance(first, tuple) else first)
        second = None
        for t in range(5, 7):
            second = cell(x[t], second)
    assert [trace.sequence.n_steps for trace in seen[""]] == [5, 2]
    assert (seen[""].n_calls, seen[""].n_steps) == (2, 7)
    assert np.abs(seen[""][0]["hidden"] - numbers(torch.stack(given))).max() < 1e-12


def test_a_state_that_is_detached_goes_on_and_one_set_to_zero_begins_anew() -> None:
    cell = nn.GRUCell(2, 3)
    x = torch.randn(4, 1, 2)
    with rv.watch(cell) as seen:
        h = cell(x[0])
        h = cell(x[1], h.detach())
        h = cell(x[2], h * 0)
        cell(x[3], h)
    assert [trace.sequence.n_steps for trace in seen[""]] == [2, 2]


def test_a_loop_of_many_steps_is_cut_and_goes_on_from_its_state() -> None:
    cell = nn.RNNCell(1, 2).double()
    h = torch.randn(1, 2, dtype=torch.float64)
    with rv.watch(cell) as seen, torch.no_grad():
        for _ in range(MAX_LOOP + 3):
            h = cell(torch.ones(1, 1, dtype=torch.float64), h)
    assert [trace.sequence.n_steps for trace in seen[""]] == [MAX_LOOP, 3]
    assert np.abs(seen[""][-1]["hidden"][-1] - numbers(h)).max() < 1e-12


def test_the_calls_of_a_stream_are_joined_until_its_state_is_replaced() -> None:
    layer = nn.LSTM(2, 3, 2).double()
    x = torch.randn(6, 1, 2, dtype=torch.float64)
    with rv.watch(layer) as seen, torch.no_grad():
        state, given = None, []
        for t in range(6):
            state = None if t == 4 else state
            y, state = layer(x[t : t + 1], state)
            given.append(numbers(y))
    first, second = seen[""].joined()
    assert (len(seen[""]), first.sequence.n_steps, second.sequence.n_steps) == (6, 4, 2)
    for trace, wanted in ((first, given[:4]), (second, given[4:])):
        assert np.abs(trace.layers[1].signals["hidden"] - np.concatenate(wanted)).max() < 1e-12
        assert trace.certainty is not None
        assert trace.certainty.grade == "proved"


def test_calls_of_both_directions_or_of_other_weights_are_not_joined() -> None:
    both, one = nn.GRU(2, 3, bidirectional=True), nn.GRU(2, 3)
    with rv.watch(nn.ModuleList([both, one])) as seen, torch.no_grad():
        _, state = both(torch.randn(2, 1, 2))
        both(torch.randn(2, 1, 2), state)
        _, state = one(torch.randn(2, 1, 2))
        one.bias_hh_l0.add_(1)
        one(torch.randn(2, 1, 2), state)
    assert [len(seen[path].joined()) for path in seen] == [2, 2]


class Training(nn.Module):
    """An embedding, a GRU and a readout."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(5, 3)
        self.rnn = nn.GRU(3, 4, batch_first=True)
        self.readout = nn.Linear(4, 5)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        states, _ = self.rnn(self.table(ids))
        return self.readout(states)


def test_every_step_of_a_training_has_the_weights_of_its_own_call() -> None:
    model = Training()
    optimiser = torch.optim.Adam(model.parameters(), 0.1)
    ids, given = torch.randint(0, 5, (2, 6)), []
    with rv.watch(model) as seen:
        for _ in range(3):
            optimiser.zero_grad()
            given.append(numbers(model.rnn(model.table(ids))[0]))
            nn.functional.cross_entropy(model(ids).flatten(0, 1), ids.flatten()).backward()
            optimiser.step()
    # Two calls a step, both with the same weights.
    for i, trace in enumerate(seen["rnn"]):
        assert np.abs(trace["hidden"] - given[i // 2].swapaxes(0, 1)).max() < 1e-6
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_tensors_that_are_changed_in_place_afterwards_were_copied() -> None:
    layer = nn.LSTM(2, 3)
    x = torch.randn(4, 1, 2)
    with rv.watch(layer) as seen, torch.no_grad():
        y, (h, c) = layer(x)
        kept = y.clone()
        for tensor in (x, y, h, c, layer.weight_hh_l0):
            tensor.zero_()
    assert np.abs(seen[""][0]["hidden"] - numbers(kept)).max() < 1e-6


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_module_of_few_bits_is_shown_with_its_rounding(dtype: torch.dtype) -> None:
    layer = nn.GRU(3, 4).to(dtype)
    with rv.watch(layer) as seen, torch.no_grad():
        layer(torch.randn(5, 1, 3, dtype=dtype))
    certainty = seen[""][0].certainty
    assert certainty is not None
    assert str(dtype).removeprefix("torch.") in str(certainty)
    assert 0 < seen[""].difference < 0.05


def contexts() -> list[Any]:
    return [
        torch.no_grad,
        torch.inference_mode,
        lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    ]


@pytest.mark.parametrize("context", contexts())
def test_contexts_of_torch(context: Callable[[], Any]) -> None:
    layer = nn.LSTM(3, 4)
    with rv.watch(layer) as seen, context():
        y, _ = layer(torch.randn(5, 2, 3))
    assert np.abs(seen[""][0]["hidden"] - numbers(y)).max() < 0.02


@pytest.mark.parametrize("use_reentrant", [False, True])
def test_what_a_checkpoint_computes_again_is_no_call(use_reentrant: bool) -> None:
    layer = nn.GRU(3, 4)
    x = torch.randn(5, 2, 3, requires_grad=True)
    with rv.watch(layer) as seen:
        checkpoint(lambda y: layer(y)[0], x, use_reentrant=use_reentrant).sum().backward()
    assert seen[""].n_calls == 1
    assert x.grad is not None


def test_data_parallel_and_hooks_of_ones_own() -> None:
    layer = nn.LSTM(3, 4)
    layer.register_forward_hook(lambda _m, _a, given: (given[0] * 2, given[1]))
    with rv.watch(nn.DataParallel(nn.Sequential(layer))) as seen:
        doubled, _ = layer(torch.randn(5, 2, 3))
    assert np.abs(2 * seen["0"][0]["hidden"] - numbers(doubled)).max() < 1e-6


def test_a_spectral_norm_in_training_is_left_as_it_runs_alone() -> None:
    def trained(watched: bool) -> tuple[np.ndarray, list[torch.Tensor]]:
        torch.manual_seed(3)
        layer = nn.GRU(3, 4)
        nn.utils.parametrizations.spectral_norm(layer, "weight_hh_l0")
        x = torch.randn(5, 2, 3)
        if not watched:
            return numbers(layer(x)[0]), list(layer.buffers())
        with rv.watch(layer) as seen:
            y, _ = layer(x)
        assert seen[""].difference < 1e-6
        return numbers(y), list(layer.buffers())

    (alone, before), (watched, after) = trained(False), trained(True)
    assert np.array_equal(alone, watched)
    assert all(map(torch.equal, before, after))


def test_dropout_between_levels_leaves_the_lowest_and_says_so_once() -> None:
    layer = nn.LSTM(3, 4, 2, dropout=0.5).double()
    x = torch.randn(5, 2, 3, dtype=torch.float64)
    with warnings.catch_warnings(record=True) as told, rv.watch(layer) as seen:
        warnings.simplefilter("always")
        layer(x)
        layer(x)
    assert [(w.category, "lowest" in str(w.message)) for w in told] == [
        (rv.AssumptionWarning, True)
    ]
    trace = seen[""][0]
    lowest = nn.LSTM(3, 4).double()
    lowest.load_state_dict({n: w for n, w in layer.state_dict().items() if n.endswith("l0")})
    assert np.abs(trace["hidden"] - numbers(lowest(x)[0])).max() < 1e-12
    assert len(trace.layers) == 1
    assert trace.certainty is not None
    assert trace.certainty.grade == "assumed"


def test_every_rows_and_keep_bound_what_is_kept() -> None:
    layer = nn.GRU(2, 3)
    with rv.watch(layer, every=2, rows=[1], keep=2) as seen, torch.no_grad():
        given = [numbers(layer(torch.randn(n, 3, 2))[0]) for n in range(1, 8)]
    assert (seen[""].n_calls, seen[""].n_steps, len(seen[""])) == (7, 28, 2)
    for trace, hidden in zip(seen[""], (given[4], given[6]), strict=True):
        assert np.abs(trace["hidden"] - hidden[:, 1:2]).max() < 1e-6


def test_rows_of_a_packed_sequence_keep_their_own_lengths() -> None:
    layer = nn.GRU(2, 3)
    x = torch.randn(4, 3, 2)
    with rv.watch(layer, rows=(0, 2)) as seen:
        layer(pack_padded_sequence(x, [1, 4, 2], enforce_sorted=False))
    assert seen[""][0].sequence.lengths == (1, 2)


def test_layers_chooses_by_path() -> None:
    model = nn.Sequential(nn.GRU(2, 3), nn.LSTM(3, 4))
    with rv.watch(model, layers=["1"]) as seen:
        model[1](model[0](torch.zeros(2, 1, 2))[0])
    assert list(seen) == ["1"]
    assert not model[0]._forward_hooks


def test_to_a_folder_each_call_becomes_a_recording(tmp_path: Path) -> None:
    model = nn.Sequential(nn.LSTM(2, 3))
    with rv.watch(model, to=tmp_path / "seen", keep=1) as seen, torch.no_grad():
        outputs = [numbers(model(torch.randn(6, 2, 2))[0]) for _ in range(3)]
    assert len(seen["0"]) == 1
    for number, output in enumerate(outputs):
        recording = rv.Recording.load(tmp_path / "seen" / "0" / f"{number:06d}")
        assert np.abs(recording.window(0, 6)["hidden"][:, 0] - output[:, 0]).max() < 1e-6


def test_a_folder_with_earlier_calls_is_refused_before_anything_runs(tmp_path: Path) -> None:
    layer = nn.GRU(2, 3)
    with rv.watch(layer, to=tmp_path):
        layer(torch.zeros(2, 1, 2))
    with pytest.raises(rv.InputError, match="choose another"), rv.watch(layer, to=tmp_path):
        pass
    with rv.watch(layer, to=tmp_path / "another") as seen:
        layer(torch.zeros(2, 1, 2))
    assert (tmp_path / "another" / "GRU" / "000000").is_dir()
    assert seen[""].refusal is None


def test_a_call_that_is_not_kept_is_said() -> None:
    layer = nn.GRU(2, 3)
    with rv.watch(nn.Sequential(layer)) as seen:
        layer(torch.zeros(2, 1, 2))
    with pytest.raises(IndexError, match="called 1 times"):
        seen["0"][3]
    assert [trace.sequence.n_steps for trace in seen["0"]] == [2]


@pytest.mark.parametrize("cell", [False, True])
def test_a_hundred_thousand_calls_do_not_grow(cell: bool) -> None:
    layer: Any = nn.RNNCell(1, 2) if cell else nn.RNN(1, 2)
    x, h = torch.zeros(1, 1), None
    with rv.watch(layer, keep=2) as seen, torch.no_grad():
        for n in range(4000):
            h = layer(x, h) if cell else layer(x)[1]
            if n == 2000:
                gc.collect()
                tracemalloc.start()
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert seen[""].n_steps == 4000
    # A kept loop of a cell is at most a thousand steps of some tensors each.
    assert grown < 3_000_000


def test_nothing_is_left_on_the_module_after_an_error() -> None:
    layer = nn.LSTM(2, 3)
    before = dict(layer.__dict__)
    with pytest.raises(RuntimeError, match="input"), rv.watch(layer) as seen:
        layer(torch.zeros(2, 1, 2)), layer(torch.zeros(2, 1, 5))
    assert not layer._forward_hooks
    assert not layer._forward_hooks_with_kwargs
    assert dict(layer.__dict__) == before
    assert len(seen[""]) == 1


def test_a_table_names_layers_calls_steps_and_the_difference() -> None:
    model = nn.ModuleDict({"a": nn.GRU(2, 3), "b": nn.LSTM(2, 3)})
    with rv.watch(model) as seen:
        model["a"](torch.zeros(4, 1, 2))
    lines = repr(seen).splitlines()
    assert lines[0].split() == ["layer", "calls", "steps", "largest", "|Δh|"]
    assert lines[1].split()[:3] == ["a", "1", "4"]
    assert lines[2].split() == ["b", "0", "0", "—"]
    assert seen._repr_html_().count("<tr>") == 3


class Own(nn.LSTM):
    """A class made from torch's that computes something else."""

    def forward(self, *args: Any) -> Any:
        hidden, states = super().forward(*args)
        return hidden + 1, states


class Odd(nn.LSTM):
    """A class made from torch's that gives something else."""

    def forward(self, *args: Any) -> Any:
        return {"hidden": super().forward(*args)[0]}


@pytest.mark.parametrize(("kind", "said"), [(Own, "something else"), (Odd, "of its own")])
def test_a_class_of_its_own_is_no_proof(kind: type[nn.LSTM], said: str) -> None:
    layer = kind(2, 3)
    with rv.watch(layer) as seen:
        layer(torch.randn(3, 1, 2))
    assert said in repr(seen)
    with pytest.raises(rv.ModelError, match=said):
        seen[""][-1]


@pytest.mark.filterwarnings(
    "ignore:`torch.jit", "ignore:torch.ao.quantization", "ignore:torch.quantize_per"
)
def test_modules_that_cannot_be_watched_say_what_can() -> None:
    model = Training()
    compiled = torch.compile(model)
    scripted = torch.jit.script(nn.LSTM(2, 3))
    quantised = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.LSTM(2, 3)), {nn.LSTM})
    for module, said in (
        (compiled, "_orig_mod"),
        (scripted, "made from one"),
        (quantised, "quantised"),
        (nn.Linear(2, 3), "Linear came"),
        (None, "NoneType came"),
    ):
        with pytest.raises(rv.ModelError, match=said), rv.watch(module):
            pass
    # The way that the first sentence names.
    with rv.watch(compiled._orig_mod) as seen:
        compiled._orig_mod(torch.zeros(1, 2, dtype=torch.long))
    assert seen["rnn"].n_steps == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"every": 0}, "every"),
        ({"every": 1.5}, "every"),
        ({"keep": True}, "keep"),
        ({"rows": -1}, "rows"),
        ({"rows": ["a"]}, "rows"),
        ({"rows": []}, "rows"),
        ({"rows": [True]}, "rows"),
        ({"layers": ["x"]}, "leave it out"),
        ({"layers": "x"}, "leave it out"),
        ({"layers": [3]}, "leave it out"),
        ({"layers": 3}, "leave it out"),
        ({"layers": []}, "leave it out"),
        ({"layers": [["rnn"]]}, "leave it out"),
        ({"layers": ["table"]}, "'rnn'"),
        ({"to": b"seen"}, "path of a folder"),
        ({"to": ""}, "path of a folder"),
        ({"to": "a\0"}, "cannot be written"),
        ({"to": "/dev/null/seen"}, "cannot be written"),
        ({"to": "\ud800"}, "half of a character"),
    ],
)
def test_options_that_are_none(options: dict[str, Any], said: str) -> None:
    with pytest.raises(rv.RnnvizError, match=said), rv.watch(Training(), **options):
        pass


@odd
@pytest.mark.parametrize("option", ["every", "keep", "rows", "layers"])
def test_values_that_no_option_should_have(option: str, value: Any) -> None:
    def watched() -> None:
        with rv.watch(Training(), **{option: value}):
            pass

    result_unless_refused(watched)


def test_rows_that_a_batch_does_not_have_stop_nothing() -> None:
    layer = nn.GRU(2, 3)
    with rv.watch(layer, rows=5) as seen:
        layer(torch.zeros(3, 2, 2))
    with pytest.raises(rv.InputError, match="only 2"):
        seen[""][-1]
    with pytest.raises(rv.InputError, match="one of ''"):
        seen["other"]


def test_warnings_of_numbers_are_none_of_ours() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer = nn.GRU(2, 3)
        with rv.watch(layer) as seen:
            layer(torch.randn(3, 1, 2))
        assert seen[""].difference < 1e-6
