"""What lies beside and between recurrent layers: understood, asked about, or refused by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.readers.result import ImportResult
from rnnviz.readers.state_dict import import_arrays
from tests.readers.test_state_dict import drawn, hidden, state
from tests.witnesses import Array, assert_close, normal

X = normal(6, 2, 3)


def imported(arrays: dict[str, Array], **answers: str) -> tuple[ImportResult, ...]:
    return import_arrays(arrays, answers, source="a file")


def under(path: str, module: Any) -> dict[str, Array]:
    return {f"{path}.{name}": value for name, value in state(module).items()}


def asked(found: ImportResult) -> dict[str, str]:
    return {question.name: question.likely for question in found.questions}


def run(module: Any, values: Array = X) -> Array:
    return module(torch.tensor(values))[0].detach().numpy()


def lstm_by_hand(
    cell: Any, gates: Callable[[Any, Any, Any], Any], written: Callable[[Any, Any], Any]
) -> Array:
    """Hidden states of a cell given by its preactivations of x, h, c and by h of o, c."""
    rows, h, c = [], torch.zeros(2, 4).double(), torch.zeros(2, 4).double()
    for x in torch.tensor(X):
        i, f, g, o = gates(x, h, c).chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = written(o, c)
        rows.append(h)
    return torch.stack(rows).detach().numpy()


class LayerNormCell(torch.nn.LSTMCell):
    """Ba et al. 2016, eqs. 20–22, the biases inside the norms where there are any."""

    def __init__(self, bias: bool) -> None:
        super().__init__(3, 4, bias=bias)
        self.ln_ih, self.ln_hh = torch.nn.LayerNorm(16), torch.nn.LayerNorm(16)
        self.ln_ho = torch.nn.LayerNorm(4)

    def run(self) -> Array:
        def gates(x: Any, h: Any, _: Any) -> Any:
            seen = torch.nn.functional.linear(x, self.weight_ih, self.bias_ih)
            recalled = torch.nn.functional.linear(h, self.weight_hh, self.bias_hh)
            return self.ln_ih(seen) + self.ln_hh(recalled)

        return lstm_by_hand(self, gates, lambda o, c: o.sigmoid() * self.ln_ho(c).tanh())


@pytest.mark.parametrize("path", ["cell", "rnns.0.cell", ""])
def test_norms_with_biases_inside_a_cell_are_refused_by_name(path: str) -> None:
    arrays = state(drawn(LayerNormCell(bias=True)))
    arrays = {f"{path}.{name}".lstrip("."): value for name, value in arrays.items()}
    with pytest.raises(rv.ModelError, match=r"also computes with .*ln_ih\.weight \(16,\)"):
        imported(arrays)


def test_the_refusals_recipe_reads_the_cell_without_its_norms(tmp_path: Path) -> None:
    cell = drawn(LayerNormCell(bias=True))
    torch.save(cell.state_dict(), tmp_path / "cell.pt")
    with pytest.raises(rv.ModelError, match='the answer beside="left_out" reads the rest'):
        rv.read_model(tmp_path / "cell.pt")
    model = rv.read_model(tmp_path / "cell.pt", beside="left_out")
    plain = torch.nn.LSTM(3, 4).double()
    plain.load_state_dict({f"{name}_l0": cell.state_dict()[name] for name in _OWN})
    assert_close(hidden(model, X), run(plain))


_OWN = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def test_norms_of_ba_et_al_are_read_as_their_cell_and_asked_about() -> None:
    cell = drawn(LayerNormCell(bias=False))
    [found] = imported(under("cell", cell))
    assert asked(found) == {"cell": "lstm_layer_norm"}
    assert found.certainty.grade == "assumed"
    assert_close(hidden(found.model, X), cell.run())
    [plain] = imported(under("cell", cell), cell="lstm")
    assert plain.model.layers[0].cell_name == "lstm"


def test_peepholes_are_read_by_their_gates() -> None:
    cell = drawn(torch.nn.LSTMCell(3, 4))
    for gate in "ifo":
        cell.register_parameter(
            f"w_c{gate}", torch.nn.Parameter(torch.tensor(normal(4, seed=ord(gate))))
        )
    p = {gate: getattr(cell, f"w_c{gate}") for gate in "ifo"}

    def gates(x: Any, h: Any, c: Any) -> Any:
        linear = torch.nn.functional.linear
        z = linear(x, cell.weight_ih, cell.bias_ih) + linear(h, cell.weight_hh, cell.bias_hh)
        seen = torch.cat([p["i"] * c, p["f"] * c, torch.zeros_like(c), torch.zeros_like(c)], 1)
        return z + seen

    wanted = lstm_by_hand(cell, gates, lambda o, c: (o + p["o"] * c).sigmoid() * c.tanh())
    [found] = imported(under("net.cell", cell))
    assert found.model.layers[0].cell_name == "lstm_peephole"
    assert found.questions == ()
    assert_close(hidden(found.model, X), wanted)


BESIDE = {
    "bias": normal(16),
    "gamma": normal(16),
    "beta_ih": normal(16),
    "w_ci": normal(4),
    "mixer": normal(4, 4),
    "norm.weight": normal(4),
    "bn.running_var": normal(16),
    "zoneout_scale": normal(4),
}


@pytest.mark.parametrize("name", sorted(BESIDE))
@pytest.mark.parametrize("kind", ["LSTM", "LSTMCell"])
def test_what_has_the_units_size_under_a_layers_path_is_refused(name: str, kind: str) -> None:
    module = drawn(getattr(torch.nn, kind)(3, 4))
    with pytest.raises(rv.ModelError, match="also computes with"):
        imported(under("rnn", module) | {f"rnn.{name}": BESIDE[name]})


def test_what_has_another_size_under_a_layers_path_is_asked_about() -> None:
    arrays = under("rnn", drawn(torch.nn.LSTM(3, 4))) | {"rnn._dummy": normal(1)}
    [found] = imported(arrays)
    assert asked(found) == {"beside": "left_out"}
    assert "rnn._dummy (1,)" in str(found)
    with pytest.raises(rv.ModelError, match="_dummy"):
        imported(arrays, beside="part_of_cell")


def test_a_norm_beside_a_cell_may_be_in_its_loop_and_is_asked_about() -> None:
    norm = {"decoder.norm.weight": normal(4), "decoder.norm.bias": normal(4)}
    [found] = imported(under("decoder.cell", drawn(torch.nn.LSTMCell(3, 4))) | norm)
    assert asked(found) == {"beside": "left_out"}
    [outside] = imported(under("decoder.rnn", drawn(torch.nn.LSTM(3, 4))) | norm)
    assert outside.questions == ()


def test_a_parameter_beside_a_cell_may_be_in_its_loop_and_is_asked_about() -> None:
    arrays = under("rnn.cell", drawn(torch.nn.GRUCell(3, 4))) | {"rnn.alpha": normal(4)}
    [found] = imported(arrays)
    assert asked(found) == {"beside": "left_out"}


def test_a_convolution_and_a_readout_beside_a_layer_ask_nothing() -> None:
    arrays = under("rnn", drawn(torch.nn.LSTM(3, 4)))
    arrays |= {"conv.weight": normal(3, 1, 5), "conv.bias": normal(3), "fc.weight": normal(2, 4)}
    arrays |= {"fc.bias": normal(2)}
    [found] = imported(arrays)
    assert asked(found) == {"readout_activation": "softmax"}


BETWEEN = {
    "a batch norm in the block": {"rnns.1.batch_norm.weight": normal(4)},
    "a linear layer in the block": {"rnns.0.linear.weight": normal(4, 4)},
    "a list of norms": {"norms.0.weight": normal(4), "norms.1.weight": normal(4)},
    "a shared norm": {"norm.weight": normal(4), "norm.bias": normal(4)},
    "a highway": {"highway.weight": normal(4, 4), "highway.bias": normal(4)},
    "an adapter": {"adapter.down.weight": normal(2, 4), "adapter.up.weight": normal(4, 2)},
    "a convolution": {"convs.0.weight": normal(4, 4, 3)},
    "a readout of all side by side": {"fc.weight": normal(2, 8), "fc.bias": normal(2)},
}


@pytest.mark.parametrize("between", sorted(BETWEEN))
def test_levels_with_something_between_are_separate(between: str, tmp_path: Path) -> None:
    arrays = under("rnns.0.rnn", drawn(torch.nn.GRU(3, 4)))
    arrays |= under("rnns.1.rnn", drawn(torch.nn.GRU(4, 4))) | BETWEEN[between]
    found = imported(arrays)
    assert [each.name for each in found] == ["rnns.0.rnn", "rnns.1.rnn"]
    assert asked(found[0])["stack"] == "separate"
    np.savez(tmp_path / "model.npz", **arrays)
    with pytest.raises(rv.ModelError, match=r'part="rnns\.1\.rnn".*, or join .* stack="stacked"'):
        rv.read_model(tmp_path / "model.npz")
    answers = {"stack": "stacked", "readout": "none", "readout_activation": "linear"}
    asked_here = {question.name for question in imported(arrays, **answers)[0].questions}
    answers = {name: answer for name, answer in answers.items() if name in asked_here}
    assert len(rv.read_model(tmp_path / "model.npz", **answers).levels) == 2
    with pytest.warns(rv.AssumptionWarning):
        upper = rv.read_model(tmp_path / "model.npz", "rnns.1.rnn")
    assert_close(hidden(upper, normal(6, 2, 4)), run(drawn(torch.nn.GRU(4, 4)), normal(6, 2, 4)))


APART = {
    "may read one input": ({"lstm1": (4, 4), "lstm2": (4, 4)}, "separate"),
    "fit only on each other": ({"lstm1": (3, 4), "lstm2": (4, 4)}, "stacked"),
    "are a list": ({"rnns.0": (4, 4), "rnns.1": (4, 4)}, "stacked"),
    "are a sequence with a gap": ({"net.0": (3, 4), "net.2": (4, 4)}, "separate"),
    "are numbered with a gap": ({"net.0.rnn": (3, 4), "net.3.rnn": (4, 4)}, "separate"),
}


@pytest.mark.parametrize("how", sorted(APART))
def test_modules_that(how: str) -> None:
    sizes, likely = APART[how]
    arrays: dict[str, Array] = {}
    for path, size in sizes.items():
        arrays |= under(path, drawn(torch.nn.LSTM(*size)))
    assert asked(imported(arrays)[0])["stack"] == likely
    assert len(imported(arrays, stack="stacked")) == 1
    assert len(imported(arrays, stack="separate")) == 2


def test_what_follows_a_sequence_lies_not_between() -> None:
    arrays = under("0", drawn(torch.nn.LSTM(3, 4))) | under("1", drawn(torch.nn.LSTM(4, 4)))
    arrays |= {"2.weight": normal(4), "3.weight": normal(4, 4), "3.bias": normal(4)}
    assert asked(imported(arrays)[0])["stack"] == "stacked"


SIDES = [
    ("lstm_fw", "lstm_bw"),
    ("forward_rnn", "backward_rnn"),
    ("0.cell_fw", "0.cell_bw"),
    ("enc.fwd", "enc.rev"),
    ("rnnForward", "rnnBackward"),
]


@pytest.mark.parametrize(("forward", "backward"), SIDES)
@pytest.mark.parametrize("is_cell", [True, False])
def test_two_modules_that_name_their_directions_are_a_level(
    forward: str, backward: str, is_cell: bool
) -> None:
    whole = drawn(torch.nn.LSTM(3, 4, bidirectional=True))
    arrays: dict[str, Array] = {}
    for name, value in state(whole).items():
        own = name.removesuffix("_reverse")
        path = backward if own != name else forward
        arrays[f"{path}.{own.removesuffix('_l0') if is_cell else own}"] = value
    [found] = imported(arrays)
    assert asked(found) == {"directions": "both"}
    assert found.reference is not None
    assert_close(hidden(found.model, X), run(whole))
    assert_close(found.reference(X), run(whole))
    first, second = imported(arrays, directions="separate")
    assert [first.name, second.name] == [forward, backward]
    assert second.model.layers[0].direction == "backward"
    assert_close(hidden(first.model, X), run(whole)[..., :4])
    assert_close(hidden(second.model, X), run(whole)[..., 4:])


def test_levels_of_two_directions_are_stacked() -> None:
    whole = drawn(torch.nn.GRU(3, 4, 2, bidirectional=True))
    arrays = {}
    for name, value in state(whole).items():
        side = "backward" if name.endswith("_reverse") else "forward"
        own, level = name.removesuffix("_reverse").rsplit("_l", 1)
        arrays[f"{side}_layers.{level}.{own}_l0"] = value
    [found] = imported(arrays)
    assert_close(hidden(found.model, X), run(whole))


def test_a_module_that_reads_backward_alone_is_asked_about() -> None:
    module = drawn(torch.nn.RNN(3, 4))
    [found] = imported(under("backward_rnn", module))
    turned = run(module, X[::-1].copy())[::-1]
    assert asked(found)["direction"] == "backward"
    assert found.reference is not None
    assert_close(hidden(found.model, X), turned)
    assert_close(found.reference(X), turned)
    [forward] = imported(under("backward_rnn", module), direction="forward")
    assert_close(hidden(forward.model, X), run(module))


@pytest.mark.parametrize("where", ["net.rnn", "net"])
@pytest.mark.parametrize(("kind", "both"), [("LSTM", True), ("GRU", False), ("LSTMCell", False)])
def test_learned_initial_states_are_asked_about(kind: str, both: bool, where: str) -> None:
    is_cell = kind == "LSTMCell"
    module = drawn(
        torch.nn.LSTMCell(3, 4) if is_cell else getattr(torch.nn, kind)(3, 4, 2, bidirectional=both)
    )
    shape = (4,) if is_cell else (4 if both else 2, 1, 4)
    starts = {"h0": normal(*shape, seed=8), "c0": normal(*shape, seed=9)}
    starts = {"h0": starts["h0"]} if kind == "GRU" else starts
    arrays = under("net.rnn", module) | {f"{where}.{n}": value for n, value in starts.items()}
    [found] = imported(arrays)
    assert asked(found) == {"initial_states": "learned"}
    states = [
        torch.tensor(np.broadcast_to(v.reshape(-1, 1, 4), (v.size // 4, 2, 4)).copy())
        for v in starts.values()
    ]
    if is_cell:
        whole = torch.nn.LSTM(3, 4).double()
        whole.load_state_dict({f"{name}_l0": value for name, value in module.state_dict().items()})
        module = whole
    given = tuple(states) if len(states) > 1 else states[0]
    wanted = module(torch.tensor(X), given)[0].detach().numpy()
    assert found.reference is not None
    assert_close(hidden(found.model, X), wanted)
    assert_close(found.reference(X), wanted)
    [zeros] = imported(arrays, initial_states="zeros")
    assert_close(hidden(zeros.model, X), run(module))


RAW = {
    "salesforce/awd-lstm-lm": "rnns.0.module.weight_hh_l0_raw",
    "fastai": "rnns.0.weight_hh_l0_raw",
    "variational": "rnns.0.module.weight_hh_l0_raw",
}


@pytest.mark.parametrize("who", sorted(RAW))
@pytest.mark.parametrize("is_plain_there", [True, False])
def test_the_weight_before_its_dropout_is_the_weight(who: str, is_plain_there: bool) -> None:
    module = drawn(torch.nn.LSTM(3, 4))
    arrays = under("rnns.0.module", module)
    plain = arrays.pop("rnns.0.module.weight_hh_l0")
    arrays[RAW[who]] = plain
    if is_plain_there:
        arrays["rnns.0.module.weight_hh_l0"] = plain * 0
    [found] = imported(arrays)
    assert found.questions == ()
    assert_close(hidden(found.model, X), run(module))


@pytest.mark.parametrize("dim", [0, 1, None])
@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
def test_weight_norm_along_any_axis(dim: int | None) -> None:
    module = drawn(torch.nn.LSTM(3, 4))
    torch.nn.utils.weight_norm(module, "weight_hh_l0", dim=dim)
    module.weight_hh_l0_g.data *= 1.5
    wanted = run(module)
    assert_close(hidden(imported(state(module))[0].model, X), wanted)


@pytest.mark.parametrize("is_new", [True, False])
def test_spectral_norm_is_computed_from_its_vectors(is_new: bool) -> None:
    module = drawn(torch.nn.LSTM(3, 4))
    norm = torch.nn.utils.parametrizations if is_new else torch.nn.utils
    norm.spectral_norm(module, "weight_hh_l0")
    for _ in range(5):
        # From vectors near the largest singular value's: a norm near zero would cancel all digits.
        run(module)
    module.eval()
    wanted = run(module)
    [found] = imported(state(module))
    assert_close(hidden(found.model, X), wanted)
    assert found.questions == ()


@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
def test_a_normalised_readout_is_read() -> None:
    linear = torch.nn.utils.weight_norm(drawn(torch.nn.Linear(4, 2)))
    arrays = under("rnn", drawn(torch.nn.GRU(3, 4))) | under("fc", linear)
    [found] = imported(arrays)
    assert found.model.readout is not None
    assert_close(found.model.readout.weights, linear.weight.detach())


def test_fastais_language_model_is_read_whole() -> None:
    sizes, table = [(3, 5), (5, 5), (5, 3)], normal(7, 3)
    layers = [drawn(torch.nn.LSTM(*size)) for size in sizes]
    arrays = {"0.encoder.weight": table, "0.encoder_dp.emb.weight": table}
    for i, layer in enumerate(layers):
        arrays |= under(f"0.rnns.{i}.module", layer)
        arrays[f"0.rnns.{i}.weight_hh_l0_raw"] = state(layer)["weight_hh_l0"]
    arrays |= {"1.decoder.weight": table, "1.decoder.bias": normal(7, seed=3)}
    [found] = imported(arrays, readout_activation="linear")
    assert asked(found) == {"stack": "stacked", "readout_activation": "softmax"}
    values = torch.tensor(X)
    for layer in layers:
        values = layer(values)[0]
    assert_close(found.model.embedding, table)
    wanted = values.detach().numpy() @ table.T + normal(7, seed=3)
    assert_close(rv.trace(found.model, X).outputs, wanted)


def test_a_parameter_under_two_names_is_one() -> None:
    cell = drawn(torch.nn.LSTMCell(3, 4))
    arrays = under("lstm.0.cell", cell) | {f"lstm.{n}_l0": v for n, v in state(cell).items()}
    [found] = imported(arrays)
    assert (found.name, found.left_out, found.questions) == ("lstm", (), ())


WRAPPED = [
    "module.rnn",
    "module.module.rnn",
    "module._orig_mod.rnn",
    "_fsdp_wrapped_module.rnn._fsdp_wrapped_module",
    "_forward_module.rnn",
    "_orig_mod.rnn._checkpoint_wrapped_module",
]


@pytest.mark.parametrize("path", WRAPPED)
def test_wrappers_leave_the_name_as_it_was(path: str) -> None:
    module = drawn(torch.nn.GRU(3, 4))
    [found] = imported(under(path, module))
    assert found.name == "rnn"
    assert_close(hidden(found.model, X), run(module))


def test_directions_that_each_read_their_own_below_are_no_level_of_both() -> None:
    arrays: dict[str, Array] = {}
    for side in ("forward", "backward"):
        for level in range(2):
            arrays |= under(f"{side}_layer_{level}", drawn(torch.nn.LSTM(4, 4)))
    found = imported(arrays)
    assert {asked(each)["directions"] for each in found} == {"separate"}
    stacked = imported(arrays, stack="stacked")
    assert [len(each.model.levels) for each in stacked] == [2, 2]
    assert [each.model.layers[1].direction for each in stacked] == ["forward", "backward"]


def test_a_numbered_layer_that_another_stack_reads_is_no_readout() -> None:
    arrays = under("lstm1", drawn(torch.nn.LSTM(3, 4))) | under("lstm2", drawn(torch.nn.LSTM(6, 5)))
    arrays |= {"fc1.weight": normal(6, 4), "fc1.bias": normal(6)}
    first, second = imported(arrays)
    assert asked(first) == {"readout": "none"}
    assert first.model.readout is None
    assert second.model.readout is None


class Joined(torch.nn.Module):
    """Tokens ▶ embedding ▶ something of its width ▶ LSTM ▶ perhaps a norm ▶ readout."""

    def __init__(self, between: str = "", has_norm: bool = False) -> None:
        super().__init__()
        self.emb, self.lstm, self.fc = (
            torch.nn.Embedding(9, 4),
            torch.nn.LSTM(4, 6),
            torch.nn.Linear(6, 2),
        )
        self.kind = between
        if between:
            self.add_module(between, _BETWEEN_EMBEDDING[between]())
        self.ln = torch.nn.LayerNorm(6) if has_norm else torch.nn.Identity()

    def run(self, ids: Array) -> tuple[Array, Array]:
        """Hidden states and outputs, time first, of ids (time, batch)."""
        values = self.emb(torch.tensor(ids))
        if self.kind == "pos":
            values = values + self.pos(torch.arange(len(ids)))[:, None]
        elif self.kind in ("conv", "bn"):
            values = getattr(self, self.kind)(values.permute(1, 2, 0)).permute(2, 0, 1)
        elif self.kind == "attn":
            values = self.attn(values, values, values)[0]
        elif self.kind:
            values = getattr(self, self.kind)(values).tanh()
        states = self.lstm(values)[0]
        return states.detach().numpy(), self.fc(self.ln(states)).detach().numpy()


_BETWEEN_EMBEDDING: dict[str, Callable[[], Any]] = {
    "proj": lambda: torch.nn.Linear(4, 4),
    "pos": lambda: torch.nn.Embedding(50, 4),
    "conv": lambda: torch.nn.Conv1d(4, 4, 3, padding=1),
    "norm": lambda: torch.nn.LayerNorm(4),
    "bn": lambda: torch.nn.BatchNorm1d(4),
    "attn": lambda: torch.nn.MultiheadAttention(4, 2),
}
IDS = np.random.default_rng(5).integers(0, 9, (7, 2))


def drawn_whole(**options: Any) -> tuple[Joined, dict[str, Array]]:
    module = drawn(Joined(**options)).eval()
    return module, state(module)


def joined(arrays: dict[str, Array], **answers: str) -> tuple[ImportResult, ...]:
    return tuple(replace(found, answers=answers) for found in imported(arrays, **answers))


def assumed(found: ImportResult) -> dict[str, str]:
    return {each.name: str(each) for each in found.assumptions}


def test_an_embedding_and_a_readout_alone_are_joined_without_a_word() -> None:
    module, arrays = drawn_whole()
    [found] = joined(arrays, readout_activation="linear")
    assert assumed(found) == {}
    trace = rv.trace(found.model, IDS)
    assert_close(trace.layers[0].signals["hidden"], module.run(IDS)[0])
    assert_close(trace.outputs, module.run(IDS)[1])


@pytest.mark.parametrize("between", sorted(_BETWEEN_EMBEDDING))
def test_what_may_lie_between_an_embedding_and_its_layer_is_named(between: str) -> None:
    module, arrays = drawn_whole(between=between)
    [found] = joined(arrays, readout_activation="linear")
    assert found.certainty.grade == "assumed"
    sentence = assumed(found)["embedding_joined"]
    assert sentence.startswith(f"the layer reads the embedding as it is, though {between}.")
    wanted = module.run(IDS)[0]
    got = rv.trace(found.model, IDS).layers[0].signals["hidden"]
    assert np.abs(got - wanted).max() > 0.01

    [alone] = joined(arrays, readout_activation="linear", embedding="none")
    assert alone.model.embedding is None
    assert assumed(alone) == {}
    values = normal(6, 2, 4)
    assert_close(hidden(alone.model, values), run(module.lstm, values))
    [whole] = joined(arrays, readout_activation="linear", embedding="emb")
    assert assumed(whole) == {}
    assert_close(whole.model.embedding, arrays["emb.weight"])


def test_what_may_lie_between_a_layer_and_its_readout_is_named() -> None:
    module, arrays = drawn_whole(has_norm=True)
    [found] = joined(arrays, readout_activation="linear")
    assert assumed(found) == {
        "readout_joined": "the readout reads the layer as it is, though ln.weight, ln.bias may lie"
        " between"
    }
    trace = rv.trace(found.model, IDS)
    states, outputs = module.run(IDS)
    assert_close(trace.layers[0].signals["hidden"], states)
    assert trace.outputs is not None
    assert np.abs(trace.outputs - outputs).max() > 0.01

    [alone] = joined(arrays, readout="none")
    assert (alone.model.readout, assumed(alone)) == (None, {})
    assert_close(rv.trace(alone.model, IDS).layers[0].signals["hidden"], states)


def test_what_lies_nearer_to_another_stack_lies_not_between() -> None:
    _, arrays = drawn_whole(between="proj", has_norm=True)
    named = {f"decoder.{name}": value for name, value in arrays.items()}
    plain = {f"encoder.{name}": value for name, value in drawn_whole()[1].items()}
    first, second = joined(named | plain, readout_activation="linear")
    assert set(assumed(first)) == {"embedding_joined", "readout_joined"}
    assert assumed(second) == {}


def test_what_reads_the_decoder_is_no_readout_of_the_encoder(tmp_path: Path) -> None:
    # OpenNMT-py: the generator is a state dict of its own beside the model's.
    encoder, decoder = torch.nn.LSTM(5, 3, bidirectional=True), torch.nn.LSTMCell(11, 6)
    model = {f"encoder.rnn.{name}": value for name, value in encoder.state_dict().items()}
    model |= {f"decoder.rnn.layers.0.{n}": value for n, value in decoder.state_dict().items()}
    generator = torch.nn.Linear(6, 9).state_dict()
    torch.save({"model": model, "generator": generator}, tmp_path / "model.pt")
    found = rv.open_model(tmp_path / "model.pt", part="model.encoder.rnn")
    assert found.model.readout is None
    [asked] = [one for one in found.questions if one.name == "readout"]
    assert asked.likely == "none"
    told = rv.read_model(tmp_path / "model.pt", part="model.encoder.rnn", readout=asked.options[0])
    assert told.readout is not None


def test_kernels_without_a_path_are_asked_whose_gates_they_are(tmp_path: Path) -> None:
    # Haste's LSTM saved alone: its gates are i, g, f, o.
    arrays = {"kernel": normal(3, 16), "recurrent_kernel": normal(4, 16), "bias": normal(16)}
    torch.save({name: torch.tensor(value) for name, value in arrays.items()}, tmp_path / "m.pt")
    found = rv.open_model(tmp_path / "m.pt")
    assert "gate_order" in {one.name for one in found.questions}
    order = "input, candidate, forget, output"
    model = rv.read_model(tmp_path / "m.pt", gate_order=order)
    values, h, c = normal(5, 1, 3), np.zeros((1, 4)), np.zeros((1, 4))
    wanted = []
    for x in values:
        parts = x @ arrays["kernel"] + h @ arrays["recurrent_kernel"] + arrays["bias"]
        i, g, f, o = np.split(parts, 4, axis=-1)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
        wanted.append(h)
    got = rv.trace(model, values).layers[-1].signals["hidden"]
    np.testing.assert_allclose(got, wanted, atol=1e-12)
