"""An unpacked `.keras` archive is read with the configuration beside its weights."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from tests.readers.test_state_dict import hidden
from tests.witnesses import normal

keras = pytest.importorskip("keras")
VALUES = normal(6, 2, 3).astype(np.float32)
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def saved(folder: Path, **options: Any) -> np.ndarray:
    layer = keras.layers.GRU(4, return_sequences=True, **options)
    model = keras.Sequential([keras.Input((6, 3)), layer])
    for weight in model.weights:
        weight.assign(normal(*weight.shape) * 0.5)
    model.save(folder / "model.keras")
    zipfile.ZipFile(folder / "model.keras").extractall(folder)
    wanted = model.predict(VALUES.swapaxes(0, 1), verbose=0)
    return np.asarray(wanted).swapaxes(0, 1)


def test_an_unpacked_archive_is_proved_by_its_own_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = saved(tmp_path, activation="relu", recurrent_activation="hard_sigmoid")
    # A relative path is read in the folder where the caller is.
    monkeypatch.chdir(tmp_path)
    result = rv.open_model("model.weights.h5")
    assert not result.questions
    assert result.certainty.grade == "proved"
    np.testing.assert_allclose(hidden(result.model, VALUES), wanted, atol=1e-6)


def test_the_configuration_of_another_model_is_passed_over(tmp_path: Path) -> None:
    wanted = saved(tmp_path)
    layers = [keras.Input((6, 3)), keras.layers.LSTM(7)]
    (tmp_path / "config.json").write_text(keras.Sequential(layers).to_json())
    result = rv.open_model(tmp_path / "model.weights.h5")
    assert {"activation", "recurrent_activation"} <= {each.name for each in result.questions}
    np.testing.assert_allclose(hidden(result.model, VALUES), wanted, atol=1e-6)


def test_half_a_character_in_a_name_is_no_configuration(tmp_path: Path) -> None:
    layers = [keras.Input((6, 3)), keras.layers.LSTM(5, name="half")]
    keras.Sequential(layers).save(tmp_path / "whole.keras")
    with (
        zipfile.ZipFile(tmp_path / "whole.keras") as whole,
        zipfile.ZipFile(tmp_path / "half.keras", "w") as half,
    ):
        for name in whole.namelist():
            half.writestr(name, whole.read(name).replace(b'"half"', b'"\\ud800"'))
    with pytest.raises(rv.ModelError, match="should be a JSON object"):
        rv.open_model(tmp_path / "half.keras")
