"""Weights as Keras 1 and 2 saved them, with the `model.json` that `to_json` wrote beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from tests.readers.keras.test_weights_only import keras_2_weights
from tests.readers.test_state_dict import hidden
from tests.witnesses import assert_close, normal

N_INPUTS, UNIT = 3, 4
VALUES = normal(6, 2, N_INPUTS)


def configuration(**options: Any) -> str:
    """A GRU as `model.to_json()` of Keras 2.2.4 wrote it."""
    gru = {
        "name": "gru",
        "units": UNIT,
        "activation": "relu",
        "recurrent_activation": "hard_sigmoid",
        "use_bias": True,
        "reset_after": False,
        "return_sequences": True,
        "batch_input_shape": [None, 6, N_INPUTS],
        **options,
    }
    layers = [{"class_name": "GRU", "config": gru}]
    model = {"class_name": "Sequential", "config": {"name": "sequential_1", "layers": layers}}
    return json.dumps({**model, "keras_version": "2.2.4", "backend": "tensorflow"})


def weights() -> dict[str, np.ndarray]:
    shapes = {
        "kernel": (N_INPUTS, 3 * UNIT),
        "recurrent_kernel": (UNIT, 3 * UNIT),
        "bias": (3 * UNIT,),
    }
    return {name: normal(*shape, seed=len(name)) * 0.4 for name, shape in shapes.items()}


def wanted(*, go_backwards: bool) -> np.ndarray:
    """`GRUCell.call` of Keras 2.2.4 written out; hard_sigmoid there is clip(0.2 x + 0.5, 0, 1)."""
    own, state, states = weights(), np.zeros((2, UNIT)), []
    xz, xr, xh = np.split(own["kernel"], 3, 1)
    hz, hr, hh = np.split(own["recurrent_kernel"], 3, 1)
    bz, br, bh = np.split(own["bias"], 3)
    for x in VALUES[::-1] if go_backwards else VALUES:
        z = np.clip(0.2 * (x @ xz + state @ hz + bz) + 0.5, 0, 1)
        r = np.clip(0.2 * (x @ xr + state @ hr + br) + 0.5, 0, 1)
        state = z * state + (1 - z) * np.maximum(x @ xh + (r * state) @ hh + bh, 0)
        states.append(state)
    return np.stack(states[::-1] if go_backwards else states)


def saved(folder: Path, text: str, version: str = "2.2.4") -> Path:
    path = folder / "model_weights.h5"
    path.write_bytes(keras_2_weights(version, {"gru": weights()}).data)
    (folder / "model.json").write_text(text)
    return path


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("version", ["2.2.4", ""])
def test_what_the_json_says_is_not_asked(tmp_path: Path, go_backwards: bool, version: str) -> None:
    opened = rv.open_model(saved(tmp_path, configuration(go_backwards=go_backwards), version))
    assert not opened.questions
    assert_close(hidden(opened.model, VALUES), wanted(go_backwards=go_backwards))


@pytest.mark.parametrize("text", ["{", "[]", '{"class_name": "Sequential", "config": 3}', ""])
def test_a_json_of_something_else_leaves_the_weights_as_they_are(tmp_path: Path, text: str) -> None:
    opened = rv.open_model(saved(tmp_path, text))
    assert "activation" in {question.name for question in opened.questions}


def test_the_configuration_of_a_model_of_other_sizes_is_passed_over(tmp_path: Path) -> None:
    other = configuration(name="other", units=7)
    opened = rv.open_model(saved(tmp_path, other))
    assert "activation" in {question.name for question in opened.questions}
