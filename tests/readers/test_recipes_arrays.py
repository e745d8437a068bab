"""What a refusal tells of single arrays, names and limits is done here, and the file opens."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.bounded.limits import MEGABYTE, reading_limits
from rnnviz.readers.mapping import check_names
from tests.readers.onnx.onnx_files import model as onnx_model
from tests.readers.onnx.onnx_files import node
from tests.readers.onnx.onnx_files import weights as onnx_weights
from tests.readers.test_state_dict import drawn, hidden
from tests.witnesses import assert_close, normal

VALUES = normal(6, 2, 3)
LAYER = drawn(torch.nn.LSTM(3, 4))
STATE: dict[str, Any] = dict(LAYER.state_dict())
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refusal(path: str, words: str, **told: Any) -> str:
    with pytest.raises(rv.ModelError, match=re.escape(words)) as refused:
        rv.read_model(path, **told)
    return str(refused.value)


def check(path: str, layer: Any = LAYER, **told: Any) -> None:
    model = rv.read_model(path, **told)
    assert_close(hidden(model, VALUES), layer(torch.tensor(VALUES))[0].detach().numpy())


def arrays() -> dict[str, Any]:
    return {name: value.numpy() for name, value in STATE.items()}


def test_complex_numbers_open_when_they_are_converted() -> None:
    np.savez("m.npz", **{name: array.astype(complex) for name, array in arrays().items()})
    refusal("m.npz", "holds type complex128; convert it and save it again")
    np.savez("m.npz", **{name: array.astype(complex).real for name, array in arrays().items()})
    check("m.npz")


def test_an_old_weight_norm_without_its_length_opens_when_it_is_removed() -> None:
    layer = torch.nn.utils.weight_norm(drawn(torch.nn.LSTM(3, 4)), "weight_hh_l0")
    state = {name: value for name, value in layer.state_dict().items() if "_g" not in name}
    torch.save(state, "m.pt")
    refusal("m.pt", "remove the parametrisation in PyTorch and save the model again")
    torch.nn.utils.remove_weight_norm(layer, "weight_hh_l0")
    torch.save(layer.state_dict(), "m.pt")
    check("m.pt", layer)


def test_a_file_that_may_not_be_read_opens_when_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save(STATE, "m.pt")

    def forbidden(path: Path) -> bytes:
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", forbidden)
        refusal("m.pt", "cannot be read (PermissionError); check its permissions")
    check("m.pt")


def test_names_are_left_out_where_the_file_tells_its_layers() -> None:
    made = onnx_weights("LSTM", (3, 4))
    Path("m.onnx").write_bytes(onnx_model([node("LSTM", made)], made).SerializeToString())
    refusal("m.onnx", "tells its layers itself; leave it out", names={"W": "forget.x"})
    assert rv.read_model("m.onnx").layers[0].cell_name == "lstm"


def test_what_would_run_opens_from_someone_else() -> None:
    Path("m.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    refusal("m.pkl", "take the weights from someone you trust")
    torch.save(STATE, "m.pt")
    check("m.pt")


MATRICES = {"A": normal(4, 3), "B": normal(4, 4, seed=1), "c": normal(4, seed=2)}
SLOTS = {"A": "hidden.x", "B": "hidden.h", "c": "hidden.b"}


@pytest.mark.parametrize(
    ("names", "cell", "words"),
    [
        ({}, "", "say of at least one what it is"),
        ({"A": "hidden.x"}, "rnn", "but hidden.h are missing"),
        (SLOTS | {"c": "reset.b"}, "rnn", "reset.b are not its own; say which arrays they are"),
    ],
)
def test_slots_that_the_dialog_asks_for_are_enough(
    names: dict[str, str], cell: str, words: str
) -> None:
    shapes = {name: array.shape for name, array in MATRICES.items()}
    with pytest.raises(rv.ModelError, match=re.escape(words)):
        check_names(shapes, names, cell)
    check_names(shapes, SLOTS, "rnn")
    np.savez("m.npz", **MATRICES)
    h, wanted = np.zeros((2, 4)), []
    for x in VALUES:
        h = np.tanh(x @ MATRICES["A"].T + h @ MATRICES["B"].T + MATRICES["c"])
        wanted.append(h)
    model = rv.read_model("m.npz", names=SLOTS, activation="tanh")
    assert_close(hidden(model, VALUES), np.stack(wanted))


AROUND = {"E": normal(7, 3), "V": normal(9, 4), "d": normal(9)}
PLACES = {"E": "embedding", "V": "readout.V", "d": "readout.d"}


def read_around(changed: dict[str, Any], places: dict[str, str]) -> rv.Model:
    np.savez("m.npz", **MATRICES | AROUND | changed)
    told: dict[str, Any] = {"activation": "tanh", "readout_activation": "linear"}
    return rv.read_model("m.npz", names=SLOTS | places, **told)


@pytest.mark.parametrize(
    ("changed", "places"),
    [
        ({}, {}),
        ({"V": AROUND["V"].T}, {}),
        ({"V": AROUND["V"].T, "E": AROUND["E"].T}, {"V": "readout.V.T", "E": "embedding.T"}),
        ({"d": AROUND["d"][None]}, {}),
    ],
)
def test_embedding_and_readout_are_taken_however_they_are_stored(
    changed: dict[str, Any], places: dict[str, str]
) -> None:
    model = read_around(changed, PLACES | places)
    ids = np.array([[1, 6], [0, 2]])
    h, wanted = np.zeros((2, 4)), []
    for x in AROUND["E"][ids]:
        h = np.tanh(x @ MATRICES["A"].T + h @ MATRICES["B"].T + MATRICES["c"])
        wanted.append(h @ AROUND["V"].T + AROUND["d"])
    assert_close(rv.trace(model, ids).outputs, np.stack(wanted))


@pytest.mark.parametrize(
    ("changed", "places", "words"),
    [
        ({"V": normal(9, 5)}, {}, "“V” is said to be readout.V, which needs (…, 4)"),
        ({}, {"E": "embedding.T"}, "“E” is said to be embedding.T, which needs (3, …)"),
        ({"d": normal(8)}, {}, "“d” is said to be readout.d, which needs (9,)"),
        ({"V": normal(4)}, {}, "but its shape is (4,); change what it is"),
        ({"E": normal(9)}, {"E": "readout.d"}, "is readout.d, which another array holds already"),
    ],
)
def test_what_does_not_fit_around_the_layers_is_changed(
    changed: dict[str, Any], places: dict[str, str], words: str
) -> None:
    with pytest.raises(rv.ModelError, match=re.escape(words)):
        read_around(changed, PLACES | places)
    assert read_around({}, PLACES).readout is not None


def test_arrays_that_make_no_cell_open_when_every_weight_has_its_name() -> None:
    np.savez("m.npz", **MATRICES)
    told = {"A": "forget.x", "B": "forget.h", "c": "forget.b"}
    refusal("m.npz", "name every weight gate.role", names=told)
    named = {SLOTS[name]: array for name, array in MATRICES.items()}
    np.savez("n.npz", **named)
    assert set(rv.read_model("n.npz", activation="tanh").layers[0].weights) == set(named)


def test_memory_that_this_process_has_not_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save(STATE, "m.pt")

    def exhausted(*given: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("rnnviz.readers.archive.ZipFile", exhausted)
        with pytest.raises(rv.ModelError, match="of memory to read; choose a part"):
            rv.read_model("m.pt", bounded=False)
    check("m.pt")


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"result_bytes": 2 * MEGABYTE}, "holds more than 2 MB once it is read"),
        ({"memory": 20 * MEGABYTE}, "takes more than 20 MB of memory to read"),
    ],
)
def test_beyond_the_limits_the_recurrent_layers_alone_open(
    bounds: dict[str, int], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = replace(reading_limits(0), **bounds)
    monkeypatch.setattr("rnnviz.readers.bounded_import.reading_limits", lambda size: limits)
    large = {f"rnn.{name}": value for name, value in STATE.items()}
    large["fc.weight"] = torch.ones(1_000_000, 4, dtype=torch.float64)
    torch.save(large, "m.pt")
    assert "of a model save the recurrent layers alone" in refusal("m.pt", words)
    torch.save({name: value for name, value in large.items() if "rnn" in name}, "m.pt")
    check("m.pt", bounded=True)


def test_beyond_the_time_the_recurrent_layers_alone_open(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = replace(reading_limits(0), cpu_s=0.3)
    monkeypatch.setattr("rnnviz.readers.bounded_import.reading_limits", lambda size: limits)
    rest = {f"head{i}.weight": np.ones((2, 2)) for i in range(9_000)}
    np.savez("m.npz", **arrays() | rest)
    refusal("m.npz", "computing that a file of its size is given; save the recurrent layers alone")
    np.savez("m.npz", **arrays())
    check("m.npz")
