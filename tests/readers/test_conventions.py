"""Other libraries' names and those of hand-written cells, held against the formulas written out.

The names of Flax, Haiku and Equinox, and the numbers that their own cells give, were compared once
with the libraries themselves (flax 0.12, dm-haiku 0.0.17, equinox 0.13): 9e-16.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.readers.result import ImportResult
from rnnviz.readers.state_dict import import_arrays
from tests.readers.test_state_dict import hidden
from tests.witnesses import Array, assert_close, normal

N, H = 3, 5
X = normal(6, 2, N)
LSTM, GRU = "ifgo", "rzn"


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


class Weights:
    """Drawn weights of every gate: x (unit, input), h (unit, unit), b and bh (unit,)."""

    def __init__(self, gates: str, n_inputs: int = N, biases: int = 1) -> None:
        self.gates = gates
        self.x = {g: normal(H, n_inputs, seed=ord(g)) for g in gates}
        self.h = {g: normal(H, H, seed=ord(g) + 200) for g in gates}
        self.b = {g: normal(H, seed=ord(g) + 400) for g in gates}
        self.bh = {g: normal(H, seed=ord(g) + 600) * (biases == 2) for g in gates}

    def stack(self, role: str, order: str) -> Array:
        return np.concatenate([getattr(self, role)[gate] for gate in order])

    def over_both(self, gate: str, *, is_x_first: bool) -> Array:
        pair = (self.x[gate], self.h[gate])
        return np.concatenate(pair if is_x_first else pair[::-1], axis=1)

    def stack_over_both(self, order: str) -> Array:
        return np.concatenate([self.over_both(gate, is_x_first=True) for gate in order])


def lstm(w: Weights, forget_bias: float = 0, peephole: Mapping[str, Array] = {}) -> Array:
    p = {gate: peephole.get(gate, np.zeros(H)) for gate in "ifo"}
    h, c, rows = np.zeros((2, H)), np.zeros((2, H)), []
    for x in X:
        z = {g: x @ w.x[g].T + h @ w.h[g].T + w.b[g] + w.bh[g] for g in LSTM}
        forget = sigmoid(z["f"] + forget_bias + p["f"] * c)
        c = forget * c + sigmoid(z["i"] + p["i"] * c) * np.tanh(z["g"])
        h = sigmoid(z["o"] + p["o"] * c) * np.tanh(c)
        rows.append(h)
    return np.stack(rows)


def gru(w: Weights, *, is_after: bool, writes: bool = False) -> Array:
    h, rows = np.zeros((2, H)), []
    for x in X:
        r, z = (sigmoid(x @ w.x[g].T + h @ w.h[g].T + w.b[g] + w.bh[g]) for g in "rz")
        recalled = (
            r * (h @ w.h["n"].T + w.bh["n"]) if is_after else (r * h) @ w.h["n"].T + w.bh["n"]
        )
        n = np.tanh(x @ w.x["n"].T + w.b["n"] + recalled)
        h = (1 - z) * h + z * n if writes else z * h + (1 - z) * n
        rows.append(h)
    return np.stack(rows)


def rnn(w: Weights, activation: Callable[[Array], Array] = np.tanh) -> Array:
    h, rows = np.zeros((2, H)), []
    for x in X:
        h = activation(x @ w.x["h"].T + h @ w.h["h"].T + w.b["h"] + w.bh["h"])
        rows.append(h)
    return np.stack(rows)


def imported(arrays: dict[str, Array], **answers: str) -> ImportResult:
    [found] = import_arrays(arrays, answers, source="a file")
    return found


def asked(found: ImportResult) -> dict[str, str]:
    return {question.name: question.likely for question in found.questions}


def flax(w: Weights, biases: Mapping[str, str]) -> dict[str, Array]:
    arrays = {f"params/cell/i{g}/kernel": w.x[g].T for g in w.gates}
    arrays |= {f"params/cell/h{g}/kernel": w.h[g].T for g in w.gates}
    named = {
        f"params/cell/{side}{g}/bias": (w.b if side == "i" else w.bh)[g]
        for side, gates in biases.items()
        for g in gates
    }
    return arrays | named


def relu(z: Array) -> Array:
    return np.maximum(z, 0)


ONE, TWO = Weights(LSTM), Weights(LSTM, biases=2)
GRU_ONE, GRU_TWO, RNN = Weights(GRU), Weights(GRU, biases=2), Weights("h")


def test_flax_names_each_gate() -> None:
    arrays = flax(ONE, {}) | {f"params/cell/h{g}/bias": ONE.b[g] for g in LSTM}
    found = imported(arrays)
    assert found.questions == ()
    assert_close(hidden(found.model, X), lstm(ONE))
    mixed = Weights(GRU, biases=2)
    mixed.bh |= {"r": np.zeros(H), "z": np.zeros(H)}
    found = imported(flax(mixed, {"i": GRU, "h": "n"}))
    assert found.questions == ()
    assert_close(hidden(found.model, X), gru(mixed, is_after=True))
    simple = {
        "cell/i/kernel": RNN.x["h"].T,
        "cell/i/bias": RNN.b["h"],
        "cell/h/kernel": RNN.h["h"].T,
    }
    assert_close(hidden(imported(simple).model, X), rnn(RNN))


@pytest.mark.parametrize(("order", "w"), [(LSTM, ONE), (GRU, GRU_ONE)])
def test_flax_nnx_stacks_the_gates(order: str, w: Weights) -> None:
    found = imported(
        {
            "rnn.dense_i.kernel": w.stack("x", order).T,
            "rnn.dense_h.kernel": w.stack("h", order).T,
            "rnn.dense_i.bias": w.stack("b", order),
        }
    )
    assert found.questions == ()
    assert_close(hidden(found.model, X), lstm(w) if order == LSTM else gru(w, is_after=True))


def test_haiku_adds_one_to_the_forget_gate_and_its_update_gate_writes() -> None:
    arrays = {
        "net/~/lstm/linear/w": ONE.stack_over_both("igfo").T,
        "net/~/lstm/linear/b": ONE.stack("b", "igfo"),
    }
    found = imported(arrays)
    assert found.questions == ()
    assert_close(hidden(found.model, X), lstm(ONE, forget_bias=1))
    arrays = {"gru/w_i": GRU_ONE.stack("x", "zrn").T, "gru/w_h": GRU_ONE.stack("h", "zrn").T}
    found = imported(arrays | {"gru/b": GRU_ONE.stack("b", "zrn")})
    assert found.questions == ()
    assert_close(hidden(found.model, X), gru(GRU_ONE, is_after=False, writes=True))
    arrays = {"vanilla_rnn/linear/w": RNN.x["h"].T, "vanilla_rnn/linear/b": RNN.b["h"]}
    arrays |= {"vanilla_rnn/linear_1/w": RNN.h["h"].T}
    found = imported(arrays)
    assert found.questions == ()
    assert_close(hidden(found.model, X), rnn(RNN, relu))


def test_equinox_has_one_bias_and_of_the_gru_the_candidates() -> None:
    mixed = Weights(GRU, biases=2)
    mixed.bh |= {"r": np.zeros(H), "z": np.zeros(H)}
    arrays = {"cell.weight_ih": mixed.stack("x", GRU), "cell.weight_hh": mixed.stack("h", GRU)}
    found = imported(arrays | {"cell.bias": mixed.stack("b", GRU), "cell.bias_n": mixed.bh["n"]})
    assert found.questions == ()
    assert_close(hidden(found.model, X), gru(mixed, is_after=True))


@pytest.mark.parametrize("order", ["ifgo", "fiog", "ifog"])
@pytest.mark.parametrize("is_turned", [True, False])
def test_a_cell_with_one_stacked_bias_is_asked_for_its_order(order: str, is_turned: bool) -> None:
    arrays = {"cell.weight_ih": ONE.stack("x", order), "cell.weight_hh": ONE.stack("h", order)}
    arrays = {name: array.T if is_turned else array for name, array in arrays.items()}
    arrays["cell.bias"] = ONE.stack("b", order)
    assert asked(imported(arrays)) == {"gate_order": "input, forget, candidate, output"}
    words = {"i": "input", "f": "forget", "g": "candidate", "o": "output"}
    found = imported(arrays, gate_order=", ".join(words[gate] for gate in order))
    assert_close(hidden(found.model, X), lstm(ONE))


@pytest.mark.parametrize("forget_bias", ["1", "0"])
@pytest.mark.parametrize("path", ["rnn/basic_lstm_cell", "rnn/multi_rnn_cell/cell_0/lstm_cell"])
def test_tensorflow_adds_a_forget_bias_that_is_not_in_the_file(path: str, forget_bias: str) -> None:
    arrays = {
        f"{path}/kernel": ONE.stack_over_both("igfo").T,
        f"{path}/bias": ONE.stack("b", "igfo"),
    }
    assert asked(imported(arrays)) == {"forget_bias": "1"}
    found = imported(arrays, forget_bias=forget_bias)
    assert_close(hidden(found.model, X), lstm(ONE, float(forget_bias)))


def test_tensorflows_peepholes_gru_and_rnn() -> None:
    peephole = {gate: normal(H, seed=ord(gate)) for gate in "ifo"}
    arrays = {
        "rnn/lstm_cell/kernel:0": ONE.stack_over_both("igfo").T,
        "rnn/lstm_cell/bias:0": ONE.stack("b", "igfo"),
    }
    arrays |= {f"rnn/lstm_cell/w_{gate}_diag:0": p for gate, p in peephole.items()}
    found = imported(arrays)
    assert_close(hidden(found.model, X), lstm(ONE, 1, peephole))
    arrays = {"rnn/gru_cell/gates/kernel": GRU_ONE.stack_over_both("rz").T}
    arrays |= {"rnn/gru_cell/candidate/kernel": GRU_ONE.stack_over_both("n").T}
    arrays |= {"rnn/gru_cell/gates/bias": GRU_ONE.stack("b", "rz")}
    found = imported(arrays | {"rnn/gru_cell/candidate/bias": GRU_ONE.b["n"]})
    assert found.questions == ()
    assert_close(hidden(found.model, X), gru(GRU_ONE, is_after=False))
    arrays = {"rnn/basic_rnn_cell/kernel": RNN.stack_over_both("h").T}
    found = imported(arrays | {"rnn/basic_rnn_cell/bias": RNN.b["h"]})
    assert_close(hidden(found.model, X), rnn(RNN))


def test_tensorflows_normalised_cell_is_refused_by_name() -> None:
    path = "rnn/layer_norm_basic_lstm_cell"
    arrays = {f"{path}/kernel": ONE.stack_over_both("igfo").T, f"{path}/input/gamma": normal(H)}
    with pytest.raises(rv.ModelError, match="input/gamma"):
        imported(arrays)


@pytest.mark.parametrize("path", ["bidirectional_rnn/{}/lstm_cell"])
def test_tensorflows_two_directions_are_a_level(path: str) -> None:
    arrays: dict[str, Array] = {}
    for side, w in (("fw", ONE), ("bw", TWO)):
        arrays[path.format(side) + "/kernel"] = w.stack_over_both("igfo").T
        arrays[path.format(side) + "/bias"] = w.stack("b", "igfo") + w.stack("bh", "igfo")
    found = imported(arrays, forget_bias="0")
    assert [layer.direction for layer in found.model.layers] == ["forward", "backward"]
    assert_close(hidden(found.model, X)[..., :H], lstm(ONE))


def gluon(w: Weights, order: str, before: str) -> dict[str, Array]:
    return {
        f"{before}i2h_weight": w.stack("x", order),
        f"{before}h2h_weight": w.stack("h", order),
        f"{before}i2h_bias": w.stack("b", order),
        f"{before}h2h_bias": w.stack("bh", order),
    }


@pytest.mark.parametrize("before", ["lstm0_l0_", "lstm0_", "encoder.l0_", "l0_"])
def test_gluon_has_torchs_gates(before: str) -> None:
    found = imported(gluon(TWO, LSTM, before))
    assert found.questions == ()
    assert_close(hidden(found.model, X), lstm(TWO))
    found = imported(gluon(GRU_TWO, GRU, before))
    assert_close(hidden(found.model, X), gru(GRU_TWO, is_after=True))


def test_gluons_levels_and_directions() -> None:
    upper = Weights(LSTM, 2 * H, biases=2)
    arrays = gluon(TWO, LSTM, "lstm0_l0_") | gluon(TWO, LSTM, "lstm0_r0_")
    arrays |= gluon(upper, LSTM, "lstm0_l1_") | gluon(upper, LSTM, "lstm0_r1_")
    found = imported(arrays)
    assert len(found.model.levels) == 2
    assert len(found.model.layers) == 4


D2L_GRU = {"r": "r", "z": "z", "n": "h"}
HAND_LSTM: dict[str, Callable[[str], tuple[str, str, str]]] = {
    "d2l": lambda g: (f"W_x{g}", f"W_h{g}", f"b_{g}"),
    "d2l, c": lambda g: (
        f"W_x{g}".replace("g", "c"),
        f"W_h{g}".replace("g", "c"),
        f"b_{g}".replace("g", "c"),
    ),
    "textbook": lambda g: (f"W_{g}", f"U_{g}", f"b_{g}"),
    "textbook, c": lambda g: (
        f"W{g}".replace("g", "c"),
        f"U{g}".replace("g", "c"),
        f"b{g}".replace("g", "c"),
    ),
    "U and V": lambda g: (f"U_{g}", f"V_{g}", f"b_{g}"),
    "U and W": lambda g: (f"U_{g}", f"W_{g}", f"b_{g}"),
    "gate first": lambda g: (f"W{g}x", f"W{g}h", f"b{g}"),
    "under a name": lambda g: (f"lstm_W_{g}", f"lstm_U_{g}", f"lstm_b_{g}"),
    "under a path": lambda g: (f"rnn.cell.w_x{g}", f"rnn.cell.w_h{g}", f"rnn.cell.b_{g}"),
    "linear layers": lambda g: (f"cell.x2{g}.weight", f"cell.h2{g}.weight", f"cell.x2{g}.bias"),
    "linear W and U": lambda g: (f"W_{g}.weight", f"U_{g}.weight", f"W_{g}.bias"),
}


# torch.nn.Linear stores (output, input).
WAYS = [
    (who, turned)
    for who in sorted(HAND_LSTM)
    for turned in (0, 1)
    if not ("linear" in who and turned)
]


@pytest.mark.parametrize(("who", "is_turned"), WAYS)
def test_a_hand_written_lstm_whose_names_tell_its_gates(who: str, is_turned: bool) -> None:
    arrays: dict[str, Array] = {}
    for gate in LSTM:
        x, h, b = HAND_LSTM[who](gate)
        arrays |= {x: ONE.x[gate].T if is_turned else ONE.x[gate]}
        arrays |= {h: ONE.h[gate].T if is_turned else ONE.h[gate], b: ONE.b[gate]}
    found = imported(arrays)
    assert found.questions == ()
    assert_close(hidden(found.model, X), lstm(ONE))


def test_the_formulas_of_torchs_documentation() -> None:
    arrays = {f"W_i{g}": TWO.x[g] for g in LSTM} | {f"W_h{g}": TWO.h[g] for g in LSTM}
    arrays |= {f"b_i{g}": TWO.b[g] for g in LSTM} | {f"b_h{g}": TWO.bh[g] for g in LSTM}
    assert_close(hidden(imported(arrays).model, X), lstm(TWO))
    arrays = {f"W_i{g}": GRU_TWO.x[g] for g in GRU} | {f"W_h{g}": GRU_TWO.h[g] for g in GRU}
    arrays |= {f"b_i{g}": GRU_TWO.b[g] for g in GRU} | {f"b_h{g}": GRU_TWO.bh[g] for g in GRU}
    found = imported(arrays)
    assert asked(found) == {"cell": "gru_reset_after", "update_gate": "keeps"}
    assert_close(hidden(found.model, X), gru(GRU_TWO, is_after=True))


def test_hand_written_peepholes() -> None:
    peephole = {gate: normal(H, seed=ord(gate)) for gate in "ifo"}
    arrays = {f"W_x{g}": ONE.x[g] for g in LSTM} | {f"W_h{g}": ONE.h[g] for g in LSTM}
    arrays |= {f"b_{g}": ONE.b[g] for g in LSTM} | {f"W_c{g}": p for g, p in peephole.items()}
    found = imported(arrays)
    assert found.questions == ()
    assert_close(hidden(found.model, X), lstm(ONE, 0, peephole))


@pytest.mark.parametrize("is_after", [True, False])
@pytest.mark.parametrize("writes", [True, False])
def test_a_hand_written_gru_is_asked_for_its_form(is_after: bool, writes: bool) -> None:
    arrays = {f"W_x{D2L_GRU[g]}": GRU_ONE.x[g].T for g in GRU}
    arrays |= {f"W_h{D2L_GRU[g]}": GRU_ONE.h[g].T for g in GRU}
    arrays |= {f"b_{D2L_GRU[g]}": GRU_ONE.b[g] for g in GRU}
    assert asked(imported(arrays)) == {"cell": "gru", "update_gate": "keeps"}
    answers = {
        "cell": "gru_reset_after" if is_after else "gru",
        "update_gate": "writes" if writes else "keeps",
    }
    found = imported(arrays, **answers)
    assert_close(hidden(found.model, X), gru(GRU_ONE, is_after=is_after, writes=writes))


BOTH = {
    "Ng": (lambda g: f"W{g}".replace("g", "c"), lambda g: f"b{g}".replace("g", "c"), "h_first"),
    "linear layers": (
        lambda g: f"{WORDS[g]}_gate.weight",
        lambda g: f"{WORDS[g]}_gate.bias",
        "x_first",
    ),
    "linear letters": (lambda g: f"cell.W_{g}.weight", lambda g: f"cell.W_{g}.bias", "x_first"),
}
WORDS = {"i": "input", "f": "forget", "g": "cell", "o": "output"}


@pytest.mark.parametrize("who", sorted(BOTH))
@pytest.mark.parametrize("first", ["x_first", "h_first"])
def test_one_matrix_a_gate_over_both_is_asked_which_comes_first(who: str, first: str) -> None:
    weights, bias, likely = BOTH[who]
    arrays = {weights(g): ONE.over_both(g, is_x_first=first == "x_first") for g in LSTM}
    arrays |= {bias(g): ONE.b[g] if "." in bias(g) else ONE.b[g][:, None] for g in LSTM}
    assert asked(imported(arrays)) == {"concatenation": likely}
    found = imported(arrays, concatenation=first)
    assert_close(hidden(found.model, X), lstm(ONE))


PAIRS = {
    "Karpathy": ("Wxh", "Whh", "bh"),
    "d2l": ("W_xh", "W_hh", "b_h"),
    "Ng": ("Wax", "Waa", "ba"),
    "CS231n": ("Wx", "Wh", "b"),
    "WildML": ("U", "W", "b"),
    "textbook": ("W", "U", "b"),
    "linear layers": ("rnn.i2h.weight", "rnn.h2h.weight", "rnn.i2h.bias"),
    "linear x2h": ("x2h.weight", "h2h.weight", "x2h.bias"),
}


@pytest.mark.parametrize("who", sorted(PAIRS))
def test_a_hand_written_rnn(who: str) -> None:
    x, h, b = PAIRS[who]
    found = imported({x: RNN.x["h"], h: RNN.h["h"], b: RNN.b["h"]})
    assert asked(found) == {"activation": "tanh"}
    assert_close(hidden(found.model, X), rnn(RNN))
    assert_close(
        hidden(imported({x: RNN.x["h"], h: RNN.h["h"]}, activation="relu").model, X),
        rnn(_bare(), relu),
    )


def _bare() -> Weights:
    bare = Weights("h")
    bare.b = {"h": np.zeros(H)}
    return bare


@pytest.mark.parametrize("who", sorted(PAIRS.keys() - {"Karpathy", "d2l", "Ng"}))
def test_stacked_gates_under_hand_written_names_are_asked_for_their_order(who: str) -> None:
    x, h, b = PAIRS[who]
    order = "ifog" if who == "CS231n" else "ifgo"
    arrays = {x: ONE.stack("x", order), h: ONE.stack("h", order), b: ONE.stack("b", order)}
    found = imported(arrays)
    assert set(asked(found)) == {"gate_order"}
    assert_close(hidden(found.model, X), lstm(ONE))
    stacked = {
        x: GRU_ONE.stack("x", "zrn"),
        h: GRU_ONE.stack("h", "zrn"),
        b: GRU_ONE.stack("b", "zrn"),
    }
    assert set(asked(imported(stacked))) == {"cell", "gate_order", "update_gate"}
    found = imported(
        stacked, cell="gru", gate_order="update, reset, candidate", update_gate="writes"
    )
    assert_close(hidden(found.model, X), gru(GRU_ONE, is_after=False, writes=True))


def test_min_char_rnn_with_its_readout(tmp_path: Path) -> None:
    why, by = normal(N, H, seed=7), normal(N, 1, seed=8)
    arrays = {"Wxh": RNN.x["h"], "Whh": RNN.h["h"], "Why": why, "bh": RNN.b["h"][:, None], "by": by}
    np.savez(tmp_path / "rnn.npz", **arrays)
    with pytest.warns(rv.AssumptionWarning):
        model = rv.read_model(tmp_path / "rnn.npz", activation="tanh")
    logits = rnn(RNN) @ why.T + by[:, 0]
    softmax = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    assert_close(rv.trace(model, X).outputs, softmax)


def test_a_readout_stored_the_other_way() -> None:
    w_hq, b_q = normal(H, 4, seed=7), normal(4, seed=8)
    arrays = {
        "W_xh": RNN.x["h"].T,
        "W_hh": RNN.h["h"].T,
        "b_h": RNN.b["h"],
        "W_hq": w_hq,
        "b_q": b_q,
    }
    found = imported(arrays, readout_activation="linear")
    assert_close(rv.trace(found.model, X).outputs, rnn(RNN) @ w_hq + b_q)


def test_the_tutorials_linear_layer_over_both() -> None:
    arrays = {"i2h.weight": RNN.stack_over_both("h"), "i2h.bias": RNN.b["h"]}
    arrays |= {"i2o.weight": normal(2, N + H), "i2o.bias": normal(2)}
    found = imported(arrays)
    assert asked(found) == {"concatenation": "x_first", "activation": "linear"}
    small = {name: array * 0.1 for name, array in arrays.items()}
    drawn = Weights("h")
    drawn.x, drawn.h, drawn.b = ({"h": part["h"] * 0.1} for part in (RNN.x, RNN.h, RNN.b))
    assert_close(hidden(imported(small).model, X), rnn(drawn, lambda z: z))
    assert_close(hidden(imported(small, activation="tanh").model, X), rnn(drawn))


@pytest.mark.parametrize("is_hard", [True, False])
def test_keras_1_has_hard_sigmoids_unless_told(is_hard: bool) -> None:
    letters = {"i": "i", "f": "f", "g": "c", "o": "o"}
    arrays = {f"lstm_1_W_{letters[g]}": ONE.x[g].T for g in LSTM}
    arrays |= {f"lstm_1_U_{letters[g]}": ONE.h[g].T for g in LSTM}
    arrays |= {f"lstm_1_b_{letters[g]}": ONE.b[g] for g in LSTM}
    assert asked(imported(arrays)) == {"recurrent_activation": "hard_sigmoid(0.2,0.5)"}
    if not is_hard:
        found = imported(arrays, recurrent_activation="sigmoid")
        assert_close(hidden(found.model, X), lstm(ONE))
        return
    h, c, rows = np.zeros((2, H)), np.zeros((2, H)), []
    for x in X:
        z = {g: x @ ONE.x[g].T + h @ ONE.h[g].T + ONE.b[g] for g in LSTM}
        i, f, o = (np.clip(0.2 * z[g] + 0.5, 0, 1) for g in "ifo")
        c = f * c + i * np.tanh(z["g"])
        h = o * np.tanh(c)
        rows.append(h)
    assert_close(hidden(imported(arrays).model, X), np.stack(rows))


def test_keras_names_in_a_module_of_torch_are_asked_for_their_order() -> None:
    arrays = {"rnn.kernel": ONE.stack("x", "igfo").T, "rnn.bias": ONE.stack("b", "igfo")}
    arrays |= {"rnn.recurrent_kernel": ONE.stack("h", "igfo").T}
    assert asked(imported(arrays))["gate_order"] == "input, forget, candidate, output"
    found = imported(arrays, gate_order="input, candidate, forget, output")
    assert_close(hidden(found.model, X), lstm(ONE))


SQUARE = {
    name: normal(4, 4, seed=i)
    for i, name in enumerate(("Wf", "Uf", "Wi", "Ui", "Wc", "Uc", "Wo", "Uo"))
}


def test_square_matrices_are_asked_for_their_roles_and_their_way() -> None:
    assert asked(imported(SQUARE)) == {"roles": "W", "orientation": "unit_rows"}
    other = imported(SQUARE, roles="U", orientation="unit_columns")
    assert_close(other.model.layers[0].weights["forget.x"], SQUARE["Uf"].T)
    assert_close(other.model.layers[0].weights["forget.h"], SQUARE["Wf"].T)


def test_one_level_tells_how_the_matrices_of_another_are_stored() -> None:
    arrays: dict[str, Array] = {}
    for level, w in enumerate((ONE, Weights(LSTM, H))):
        arrays |= {f"layers.{level}.W_x{g}": w.x[g].T for g in LSTM}
        arrays |= {f"layers.{level}.W_h{g}": w.h[g].T for g in LSTM}
    found = imported(arrays)
    assert asked(found) == {"stack": "stacked", "orientation": "unit_columns"}
    assert_close(found.model.layers[1].weights["forget.h"], arrays["layers.1.W_hf"].T)


ATTENTION = {
    "by projections": {f"attn.{n}_proj.weight": normal(8, 8) for n in "qkvo"},
    "by letters": {f"attn.W_{n}.weight": normal(8, 8) for n in "qkvo"},
}
INNOCENT = {
    "a perceptron": {"fc1.weight": normal(8, 3), "fc1.bias": normal(8), "fc2.weight": normal(2, 8)},
    "a gated unit of four": {
        f"mlp.{n}.weight": normal(8, 3) for n in ("up", "gate", "down", "out")
    },
    "a minimal gated unit": {f"cell/{n}/kernel": normal(4, 4) for n in ("if", "in", "hf", "hn")},
    "a singular decomposition": {"U": normal(9, 2), "V": normal(7, 2), "s": normal(2)},
}


@pytest.mark.parametrize("what", sorted(ATTENTION))
def test_attention_alone_is_refused_by_name(what: str) -> None:
    with pytest.raises(rv.ModelError, match="its blocks are attention") as no:
        imported(ATTENTION[what])
    assert not isinstance(no.value, rv.MappingNeeded)


@pytest.mark.parametrize("what", sorted(INNOCENT))
def test_what_is_no_recurrent_layer_is_not_taken_for_one(what: str) -> None:
    with pytest.raises(rv.MappingNeeded):
        imported(INNOCENT[what])
