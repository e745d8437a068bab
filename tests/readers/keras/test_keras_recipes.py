"""What a refusal tells the owner of a Keras model is done here, and is read as Keras runs it."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from keras import Model, layers

import rnnviz as rv
from tests.readers.keras.made import SEQUENCES, VALUES, said, sequential, top
from tests.witnesses import UNIT, assert_close

pytestmark = pytest.mark.filterwarnings("ignore")
Change = Callable[[str], None]


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refusal(path: str, words: str) -> str:
    with pytest.raises(rv.ModelError, match=re.escape(words)) as refused:
        rv.read_model(path)
    return str(refused.value)


def check(path: str, model: Any) -> None:
    assert_close(top(rv.open_model(path), VALUES), said(model, VALUES), 1e-5)


def lstm() -> Any:
    return sequential(layers.LSTM(UNIT, **SEQUENCES))


def rewritten(change: Callable[[dict[str, bytes]], None]) -> Change:
    """A change to the members of an archive."""

    def apply(path: str) -> None:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        change(members)
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)

    return apply


def with_config(change: Callable[[Any], Any]) -> Change:
    def apply(members: dict[str, bytes]) -> None:
        members["config.json"] = json.dumps(change(json.loads(members["config.json"]))).encode()

    return rewritten(apply)


def in_hdf5(change: Callable[[Any, str], None]) -> Change:
    """A change to the array of the recurrent kernel, in a file of weights alone or a whole one."""

    def apply(path: str) -> None:
        with h5py.File(path, "r+") as file:
            names: list[str] = []
            file.visit(names.append)
            [name] = [each for each in names if re.search("vars/1$|recurrent_kernel", each)]
            change(file, name)

    return apply


def keep(file: Any, name: str, make: Callable[[Any], Any]) -> None:
    array = file[name][:]
    del file[name]
    file[name] = make(array)


def huge(file: Any, name: str) -> None:
    del file[name]
    file.create_dataset(name, (10**6, 10**6), "f8", chunks=(100, 100))


def linked(file: Any, name: str) -> None:
    file.move(name, "kept")
    file[name] = h5py.SoftLink("/kept")


def crowded(file: Any, name: str) -> None:
    for i in range(20_001):
        file.create_group(f"g{i}")


# The suffix of a file, what becomes of it, and what is said of it.
AGAIN: dict[str, tuple[str, Change, str]] = {
    "an array gone, whole": (
        ".h5",
        in_hdf5(lambda file, name: file.__delitem__(name)),
        "is not in the file; save the whole model again",
    ),
    "an array too short, whole": (
        ".h5",
        in_hdf5(lambda file, name: keep(file, name, lambda array: array[:-1])),
        "save the whole model again",
    ),
    "a link": (".weights.h5", in_hdf5(linked), "comes twice; save the model again with Keras"),
    "a huge array": (".h5", in_hdf5(huge), "holds; save the model again with Keras"),
    "no weights": (
        ".keras",
        rewritten(lambda members: members.__delitem__("model.weights.h5")),
        "save the model again with Keras",
    ),
    "a damaged configuration": (
        ".keras",
        rewritten(lambda members: members.update({"config.json": b"{"})),
        "nested too deep; save the model again with Keras",
    ),
    "more than a model holds": (
        ".weights.h5",
        in_hdf5(crowded),
        "save the recurrent layers alone",
    ),
}


@pytest.mark.parametrize("name", AGAIN)
def test_a_file_that_was_changed_opens_when_keras_saves_the_model_again(name: str) -> None:
    suffix, change, words = AGAIN[name]
    model, path = lstm(), f"model{suffix}"
    save = model.save_weights if suffix == ".weights.h5" else model.save
    save(path)
    change(path)
    refusal(path, words)
    save(path)
    check(path, model)


@pytest.mark.parametrize("change", [lambda config: {}, lambda config: config | {"config": {}}])
def test_a_configuration_that_lists_no_layers_leads_to_the_weights_alone(change: Any) -> None:
    model = lstm()
    model.save("model.keras")
    with_config(change)("model.keras")
    exec(line_of(refusal("model.keras", "save the weights alone")), {"model": model})
    check("model.weights.h5", model)


def line_of(said: str) -> str:
    [line] = re.findall(r"model\.save_weights\(.*?\)", said)
    return str(line)


@pytest.mark.parametrize(
    ("made", "shape", "words"),
    [
        (layers.ConvLSTM1D(2, 3), (None, 8, 1), "choose a file with an RNN, LSTM or GRU"),
        (layers.Dense(2), (None, 3), "choose a file with a recurrent network"),
    ],
)
def test_a_network_of_other_layers_leads_to_one_of_these(made: Any, shape: Any, words: str) -> None:
    sequential(made, shape=shape).save("model.keras")
    refusal("model.keras", words)
    for kind in (layers.SimpleRNN, layers.LSTM, layers.GRU):
        model = sequential(kind(UNIT, **SEQUENCES))
        model.save("model.keras")
        check("model.keras", model)


def test_of_very_many_stacks_a_model_of_some_opens() -> None:
    many = [each for _ in range(51) for each in (layers.SimpleRNN(1, **SEQUENCES), layers.ReLU())]
    model = sequential(*many)
    model.save("model.keras")
    refusal("model.keras", "save a model of some of its layers")
    some = Model(model.inputs, model.layers[0].output)
    some.save("model.keras")
    check("model.keras", some)


def cube(values: Any) -> Any:
    """A function of one's own."""
    return values**3


def test_an_activation_that_is_not_known_leads_to_those_that_are() -> None:
    for other in (cube, "softmax"):
        sequential(layers.LSTM(UNIT, activation=other, **SEQUENCES)).save("model.keras")
        sentence = refusal(
            "model.keras", f"uses the activation {getattr(other, '__name__', other)}"
        )
    known = sentence.partition("but only ")[2].partition(" can be")[0].replace(" and ", ", ")
    names = known.split(", ")
    assert len(names) > 10
    for name in names:
        model = sequential(layers.LSTM(UNIT, activation=name, **SEQUENCES))
        # Small ones, for exp and its like grow fast.
        model.set_weights([0.2 * weights for weights in model.get_weights()])
        model.save("model.keras")
        check("model.keras", model)


KERNELS = {"lstm": 4, "gru": 3}


def variables(path: str, kind: str) -> dict[str, Any]:
    width = KERNELS[kind] * UNIT
    shapes = {"kernel": (3, width), "recurrent_kernel": (UNIT, width), "bias": (width,)}
    return {f"{path}/{name}:0": np.full(shape, 0.1) for name, shape in shapes.items()}


BOTH = "bidirectional/forward_{0}/{0}_cell", "bidirectional/backward_{0}/{0}_cell"
VARIABLES = {
    "a kernel gone": (
        {k: v for k, v in variables("lstm", "lstm").items() if "/kernel" not in k},
        variables("lstm", "lstm"),
    ),
    "two kinds": (
        variables(BOTH[0].format("lstm"), "lstm") | variables(BOTH[1].format("lstm"), "gru"),
        variables(BOTH[0].format("lstm"), "lstm") | variables(BOTH[1].format("lstm"), "lstm"),
    ),
}


@pytest.mark.parametrize("name", VARIABLES)
def test_variables_of_half_a_layer_open_when_all_are_saved(name: str) -> None:
    broken, whole = VARIABLES[name]
    np.savez("model.npz", **broken)
    refusal("model.npz", "save the whole model again")
    np.savez("model.npz", **whole)
    model = rv.read_model("model.npz")
    assert {layer.cell_name for layer in model.layers} == {"lstm"}
