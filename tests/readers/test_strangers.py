"""Files as people bring them from courses, books and tutorials, against the formulas there."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from tests.readers.test_state_dict import drawn, hidden
from tests.witnesses import assert_close, normal

VALUES = normal(6, 2, 3)
N, H, V = 3, 4, 9
pytestmark = pytest.mark.filterwarnings("ignore::rnnviz.AssumptionWarning")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def lstm(values: Any, wx: Any, wh: Any, b: Any, order: str, start: Any = 0.0) -> Any:
    """Hidden states of an LSTM of one product of each, (input, gate × unit), gates in order."""
    h, c, rows = np.zeros((values.shape[1], H)) + start, np.zeros((values.shape[1], H)), []
    for x in values:
        z = dict(zip(order, np.split(x @ wx + h @ wh + b, 4, 1), strict=True))
        c = sigmoid(z["f"]) * c + sigmoid(z["i"]) * np.tanh(z["g"])
        h = sigmoid(z["o"]) * np.tanh(c)
        rows.append(h)
    return np.stack(rows)


def dump(value: Any, path: str) -> str:
    Path(path).write_bytes(pickle.dumps(value))
    return path


def test_the_list_of_parameters_of_deep_learning_from_scratch_is_asked_for_and_read() -> None:
    """`Rnnlm.save_params`: a pickled list; `TimeLSTM` has its gates as f, g, i, o."""
    shapes = ((V, N), (N, 4 * H), (H, 4 * H), (4 * H,), (H, V), (V,))
    params = [normal(*shape, seed=i) for i, shape in enumerate(shapes)]
    path = dump(params, "Rnnlm.pkl")
    with pytest.raises(rv.MappingNeeded) as asked:
        rv.read_model(path)
    assert asked.value.arrays["1"] == (N, 4 * H)
    gates = "forget|candidate|input|output"
    names = {"0": "embedding", "1": f"{gates}.x.T", "2": f"{gates}.h.T", "3": f"{gates}.b"}
    model = rv.read_model(path, names=names | {"4": "readout.V", "5": "readout.d"})
    ids = np.array([[1, 8], [0, 3], [5, 5]])
    states = lstm(params[0][ids], params[1], params[2], params[3], "fgio")
    trace = rv.trace(model, ids)
    assert_close(trace["hidden"], states)
    scores = np.exp(states @ params[4] + params[5])
    assert_close(trace.outputs, scores / scores.sum(-1, keepdims=True))


def test_the_captioner_of_cs231n_is_read_beside_what_looks_at_the_image() -> None:
    """`CaptioningRNN.params`: Wx, Wh, b with the gates i, f, o, g, started from W_proj."""
    shapes = {"W_proj": (5, H), "b_proj": (H,), "W_embed": (V, N), "Wx": (N, 4 * H)}
    shapes |= {"Wh": (H, 4 * H), "b": (4 * H,), "W_vocab": (H, V), "b_vocab": (V,)}
    params = {name: normal(*shape, seed=i) for i, (name, shape) in enumerate(shapes.items())}
    path = dump(params, "captioner.pkl")
    with pytest.raises(rv.ModelError, match=r'W_proj .*the answer beside="left_out"'):
        rv.read_model(path)
    model = rv.read_model(path, beside="left_out")
    start = normal(2, 5, seed=9) @ params["W_proj"] + params["b_proj"]
    wanted = lstm(VALUES, params["Wx"], params["Wh"], params["b"], "ifog", start)
    assert_close(rv.trace(model, VALUES, initial={"hidden": start})["hidden"], wanted)


@pytest.mark.parametrize("is_in_list", [True, False])
def test_an_encoder_and_a_decoder_in_one_file_are_both_offered(is_in_list: bool) -> None:
    encoder, decoder = drawn(torch.nn.GRU(3, 4)), drawn(torch.nn.LSTM(5, 4))
    states = [encoder.state_dict(), decoder.state_dict()]
    saved: Any = states if is_in_list else dict(zip(("enc", "dec"), states, strict=True))
    torch.save({"epoch": 3, "models": saved}, "m.pt")
    first, second = rv.open_model("m.pt").parts
    assert_close(
        hidden(rv.read_model("m.pt", part=first), VALUES),
        encoder(torch.tensor(VALUES))[0].detach().numpy(),
    )
    values = normal(6, 2, 5)
    assert_close(
        hidden(rv.read_model("m.pt", part=second), values),
        decoder(torch.tensor(values))[0].detach().numpy(),
    )


def test_a_cell_of_time_aware_lstms_is_not_read_as_a_plain_one() -> None:
    """T-LSTM (Baytas et al. 2017): `W_all` of the hidden state, `U_all` of the input, `W_d`."""
    shapes = {"W_all.weight": (16, 4), "U_all.weight": (16, 3), "W_d.weight": (4, 4)}
    torch.save({name: torch.tensor(normal(*shape)) for name, shape in shapes.items()}, "m.pt")
    with pytest.raises(rv.ModelError):
        rv.read_model("m.pt")


def test_a_phased_cell_says_what_it_leaves_out() -> None:
    """Phased LSTM (Neil et al. 2016): a period and a phase for every unit."""
    state = {f"cell.lstm.{name}": v for name, v in torch.nn.LSTMCell(3, 4).state_dict().items()}
    torch.save(state | {"cell.tau": torch.ones(4), "cell.phase": torch.ones(4)}, "m.pt")
    result = rv.open_model("m.pt")
    assert result.certainty.grade == "assumed"
    [question] = result.questions
    assert "cell.tau" in question.about
    assert "cell.phase" in question.about
