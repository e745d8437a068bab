"""What a refusal of a Model, its input or its use tells to do is done, and comes out right."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.errors import RnnvizError
from tests.readers.test_state_dict import drawn
from tests.witnesses import assert_close, normal

VALUES = normal(6, 2, 3)
LAYER = drawn(torch.nn.GRU(3, 4))
LETTERS = ("a", "b", "c")
TABLE, LEANING = normal(3, 3, seed=5), normal(3, 4, seed=6)
EMBEDDED = replace(rv.from_torch(LAYER), embedding=TABLE)


def hidden(values: Any, layer: Any = LAYER) -> Any:
    """Torch's hidden states (time, batch, unit)."""
    return layer(torch.tensor(values))[0].detach().numpy()


def by_rows(rows: list[int]) -> Any:
    """Torch's hidden states of the embedding's rows."""
    return hidden(TABLE[rows][:, None])


def hidden_of(model: Any, sequence: Any, **told: Any) -> Any:
    return rv.trace(model, sequence, **told)["hidden"]


def exploding(**told: Any) -> Any:
    return rv.random_model("rnn", 3, 4, seed=1, dtype=np.float32, **{"gain": 1, **told})


def in_float32(values: Any) -> Any:
    return hidden_of(replace_type(rv.from_torch(LAYER)), values)


def replace_type(model: rv.Model) -> rv.Model:
    layers = [
        replace(y, weights={name: w.astype(np.float32) for name, w in y.weights.items()})
        for y in model.layers
    ]
    return replace(model, layers=tuple(layers))


def simple_rnn(model: rv.Model, values: Any, squash: Callable[[Any], Any]) -> Any:
    """Hidden states of a simple RNN in NumPy."""
    weights, states = model.layers[0].weights, []
    state = np.zeros((values.shape[1], len(weights["hidden.h"])))
    for step in values:
        drive = step @ weights["hidden.x"].T + state @ weights["hidden.h"].T
        state = squash(drive + weights["hidden.b"] + weights.get("hidden.bh", 0))
        states.append(state)
    return np.array(states)


SMALL, TANH = exploding(activation="relu"), exploding(gain=30)
Made = Callable[[], Any]
# What is to be done, in the words of the sentence; the refused call; the call that follows them;
# what the same comes to without rnnviz; and how far the two may be apart.
RECIPES: dict[str, tuple[Made, Made, Made, float]] = {
    "give it a sequence of 3 features": (
        lambda: hidden_of(rv.from_torch(LAYER), VALUES[..., :2]),
        lambda: hidden_of(rv.from_torch(LAYER), VALUES),
        lambda: hidden(VALUES),
        1e-12,
    ),
    "make the model with n_inputs=3": (
        lambda: hidden_of(rv.random_model("rnn", n_inputs=2, n_units=4), VALUES),
        lambda: hidden_of(rv.random_model("rnn", n_inputs=3, n_units=4), VALUES),
        lambda: simple_rnn(rv.random_model("rnn", n_inputs=3, n_units=4), VALUES, np.tanh),
        1e-6,
    ),
    "so a token is the number of its row, 0 to 2, but “c” came; type such numbers as words": (
        lambda: hidden_of(EMBEDDED, rv.parse("cab")),
        lambda: hidden_of(EMBEDDED, rv.parse("2 0 1", "words")),
        lambda: by_rows([2, 0, 1]),
        1e-12,
    ),
    "in vocab.txt beside its file, model.with_vocabulary([…]), or on the page": (
        lambda: hidden_of(EMBEDDED, rv.parse("cab")),
        lambda: hidden_of(EMBEDDED.with_vocabulary(LETTERS), rv.parse("cab")),
        lambda: by_rows([2, 0, 1]),
        1e-12,
    ),
    "knows the token ids 0 to 2, but 3 came; leave it out": (
        lambda: hidden_of(EMBEDDED, rv.parse("2 3 1", "words")),
        lambda: hidden_of(EMBEDDED, rv.parse("2 1", "words")),
        lambda: by_rows([2, 1]),
        1e-12,
    ),
    'but not "x"; leave out what it does not know': (
        lambda: hidden_of(EMBEDDED.with_vocabulary(LETTERS), rv.parse("cxb")),
        lambda: hidden_of(EMBEDDED.with_vocabulary(LETTERS), rv.parse("cb")),
        lambda: by_rows([2, 1]),
        1e-12,
    ),
    "too large for it; scale them down": (
        lambda: in_float32(VALUES * 1e40),
        lambda: in_float32(VALUES),
        lambda: hidden(VALUES),
        1e-6,
    ),
    "use smaller weights": (
        lambda: hidden_of(exploding(gain=1e30, activation="relu"), VALUES),
        lambda: hidden_of(SMALL, VALUES),
        lambda: simple_rnn(SMALL, VALUES, lambda drive: np.maximum(drive, 0)),
        1e-5,
    ),
    "or another activation": (
        lambda: hidden_of(exploding(gain=1e30, activation="relu"), VALUES),
        lambda: hidden_of(TANH, VALUES),
        lambda: simple_rnn(TANH, VALUES, np.tanh),
        1e-4,
    ),
    "put it into brackets": (
        lambda: hidden_of(rv.from_torch(LAYER), VALUES, intervene=rv.Clamp("update", 1)),
        lambda: hidden_of(rv.from_torch(LAYER), VALUES, intervene=[rv.Clamp("update", 1)]),
        lambda: np.zeros((6, 2, 4)),
        0,
    ),
    "of type <U1; convert them first": (
        lambda: rv.Sequence([[["1"]], [["2"]]]).values,
        lambda: rv.Sequence(np.array([[["1"]], [["2"]]]).astype(float)).values,
        lambda: [[[1]], [[2]]],
        0,
    ),
    "rows differ in length; pad them and give their lengths": (
        lambda: hidden_of(rv.from_torch(LAYER), [VALUES[:, 0].tolist(), VALUES[:4, 1].tolist()]),
        lambda: hidden_of(rv.from_torch(LAYER), rv.Sequence(VALUES, lengths=(6, 4)))[:4, 1],
        lambda: hidden(VALUES)[:4, 1],
        1e-12,
    ),
    'choose the "torch" back end': (
        lambda: hidden_of(rv.from_torch(LAYER), VALUES, device="cuda"),
        lambda: hidden_of(rv.from_torch(LAYER), VALUES, backend="torch"),
        lambda: hidden(VALUES),
        1e-12,
    ),
    'on the device "moon" here; choose "cpu"': (
        lambda: hidden_of(rv.from_torch(LAYER), VALUES, backend="torch", device="moon"),
        lambda: hidden_of(rv.from_torch(LAYER), VALUES, backend="torch", device="cpu"),
        lambda: hidden(VALUES),
        1e-12,
    ),
    "give stacked layers the levels 0, 1, …": (
        lambda: rv.Model((rv.random_model("rnn", 3, 3).layers[0],) * 2),
        lambda: rv.trace(two_levels(), VALUES).layers[1].signals["hidden"],
        lambda: simple_rnn(
            rv.random_model("rnn", 3, 3),
            simple_rnn(rv.random_model("rnn", 3, 3), VALUES, np.tanh),
            np.tanh,
        ),
        1e-6,
    ),
}


def two_levels() -> rv.Model:
    [layer] = rv.random_model("rnn", 3, 3).layers
    return rv.Model((layer, replace(layer, level=1)))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("words", RECIPES)
def test_what_a_refusal_of_a_model_tells_is_computed(words: str) -> None:
    refused, followed, witness, tolerance = RECIPES[words]
    with pytest.raises(RnnvizError, match=re.escape(words)):
        refused()
    assert_close(followed(), witness(), tolerance)


@pytest.mark.parametrize("verb", [rv.gradients, rv.write])
@pytest.mark.parametrize("way", ["rv.from_torch", "rv.read_model"])
def test_a_module_is_read_before_it_is_worked_on(verb: Any, way: str, tmp_path: Path) -> None:
    with pytest.raises(RnnvizError, match=re.escape(way)):
        verb(LAYER, *([VALUES] * 2 if verb is rv.gradients else ["a", 3]))
    torch.save(LAYER.state_dict(), tmp_path / "gru.pt")
    given = {"rv.from_torch": LAYER, "rv.read_model": tmp_path / "gru.pt"}[way]
    model = eval(way, {"rv": rv})(given)
    if verb is rv.gradients:
        targets = torch.tensor(normal(6, 2, 4, seed=3))
        loss = ((LAYER(torch.tensor(VALUES))[0] - targets) ** 2).sum()
        assert rv.gradients(model, VALUES, targets.numpy()).loss == pytest.approx(loss.item())
        return
    # A hidden state of 0 and a bias that leaves no doubt.
    named = replace(model, vocabulary=LETTERS, readout=rv.Readout(np.zeros((3, 4)), [0, 50, 0]))
    assert rv.write(named, "a", 3, temperature=0).text == "bbb"


def test_gradients_are_scaled_down() -> None:
    model, targets = rv.from_torch(LAYER), normal(6, 2, 4, seed=3)
    with pytest.raises(RnnvizError, match="scale the inputs, the targets or the weights down"):
        rv.gradients(model, VALUES, targets * 1e200)
    found = rv.gradients(model, VALUES, targets)
    values = torch.tensor(VALUES, requires_grad=True)
    ((LAYER(values)[0] - torch.tensor(targets)) ** 2).sum().backward()
    assert_close(found.inputs, values.grad.numpy(), 1e-10)


def test_a_trace_is_saved_before_it_is_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=[1])
    with pytest.raises(RnnvizError, match=r"save one with trace\.save\(path\)"):
        rv.Trace.load(tmp_path / "a.npz")
    rv.trace(rv.from_torch(LAYER), VALUES).save(tmp_path / "a.npz")
    assert_close(rv.Trace.load(tmp_path / "a.npz")["hidden"], hidden(VALUES))


def test_a_recording_is_made_of_a_model_in_a_folder_of_its_own(tmp_path: Path) -> None:
    model, folder = rv.from_torch(LAYER), tmp_path / "it"
    with pytest.raises(RnnvizError, match=r"read a module with rv\.from_torch"):
        rv.record(LAYER, VALUES[:, 0], folder)
    rv.record(model, VALUES[:, 0], folder)
    with pytest.raises(RnnvizError, match="is not empty; choose another"):
        rv.record(model, VALUES[:, 0], folder)
    rv.record(model, VALUES[:, 0], tmp_path / "other")
    next(folder.glob("*.npy")).unlink()
    with pytest.raises(RnnvizError, match="is damaged; record it again"):
        rv.Recording.load(folder)
    for path in folder.iterdir():
        path.unlink()
    rv.record(model, VALUES[:, 0], folder)
    for place in (folder, tmp_path / "other"):
        assert_close(rv.Recording.load(place).window(0, 6)["hidden"], hidden(VALUES)[:, :1])


def test_a_text_with_numbers_is_read_as_a_sequence(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n3\n")
    with pytest.raises(RnnvizError, match="it holds numbers; read it with read_sequence"):
        rv.read_text(tmp_path / "a.csv")
    assert rv.read_sequence(tmp_path / "a.csv").values.ravel().tolist() == [1, 3]


def test_another_place_is_chosen_to_write_to(tmp_path: Path) -> None:
    trace = rv.trace(rv.from_torch(LAYER), VALUES)
    (tmp_path / "file").touch()
    with pytest.raises(RnnvizError, match=r"cannot be written .*; choose another place"):
        trace.save(tmp_path / "file" / "a.npz")
    trace.save(tmp_path / "a.npz")
    assert_close(rv.Trace.load(tmp_path / "a.npz")["hidden"], hidden(VALUES))


def test_a_gate_is_held_above_nothing() -> None:
    model = rv.random_model("slstm", n_inputs=3, n_units=4, seed=1)
    nothing = [rv.Clamp("input", 0), rv.Clamp("forget", 0)]
    with pytest.raises(RnnvizError, match="hold one of its gates above 0"):
        rv.trace(model, VALUES, intervene=nothing)
    # One gate of the two alone: the cell is the candidate of the step.
    traced = rv.trace(model, VALUES, intervene=[rv.Clamp("input", 1), rv.Clamp("forget", 0)])
    assert_close(traced["cell"] / traced["normaliser"], traced["candidate"])


@pytest.mark.parametrize("words", ["run `pip install torch`", 'or choose the "numpy" back end'])
def test_a_back_end_that_is_installed_computes(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = rv.from_torch(LAYER)
    with monkeypatch.context() as patched:
        patched.setattr("importlib.util.find_spec", lambda name: None)
        from rnnviz.core import backend

        patched.setattr(backend, "_torch", backend._torch.__wrapped__)
        with pytest.raises(RnnvizError, match=re.escape(words)):
            rv.trace(model, VALUES, backend="torch")
    chosen = "numpy" if "numpy" in words else "torch"
    assert_close(rv.trace(model, VALUES, backend=chosen)["hidden"], hidden(VALUES))


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        ({"text": ["a"]}, "but a list came; give a string"),
        ({"temperature": -1}, "but -1 came; 0 takes the most probable token"),
    ],
)
def test_a_text_is_written_on_at_a_temperature(refused: dict[str, Any], words: str) -> None:
    model = replace(EMBEDDED.with_vocabulary(LETTERS), readout=rv.Readout(-LEANING, [0, 0.1, 0]))
    told: dict[str, Any] = {"text": "a", "n": 4, "temperature": 0}
    with pytest.raises(RnnvizError, match=re.escape(words)):
        rv.write(model, **(told | refused))
    # Of each step the letter with the largest logit of torch's hidden states.
    letters = [0]
    for _ in range(4):
        letters.append(int(np.argmax(by_rows(letters)[-1, 0] @ -LEANING.T + [0, 0.1, 0])))
    assert rv.write(model, **told).text == "".join(LETTERS[i] for i in letters[1:])
