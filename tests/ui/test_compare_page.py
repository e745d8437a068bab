"""The Compare page: what it opens with, and what it does not put beside each other."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

import rnnviz as rv
from rnnviz.analysis.cell_facts import cell_facts
from rnnviz.core.gate_order import GATE_ORDER, TORCH_PARAMETERS
from rnnviz.i18n import word
from rnnviz.train.presets import preset
from rnnviz.ui.kept_files import file_address
from rnnviz.ui.url import File
from tests.test_app import APP

COMPARE_PAGE = "rnnviz/ui/pages/compare.py"


def compare_page(**choices: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=90)
    for key, value in {"lang": "en", **choices}.items():
        app.query_params[key] = value
    return app.switch_page(COMPARE_PAGE).run()


def components(app: AppTest) -> list[str]:
    return [one.proto.component_name for one in app.get("bidi_component")]


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in (*app.caption, *app.markdown))


def test_it_opens_with_one_network_before_and_after_its_training() -> None:
    app = compare_page()
    assert not app.error
    assert "course" in {one.key.rpartition("_")[0] or one.key for one in app.selectbox}
    assert "rnnviz_jump_table" in components(app)


def test_cells_are_compared_by_memory_and_saturation_and_not_unit_by_unit() -> None:
    app = compare_page(compare="cells")
    assert not app.error
    assert "rnnviz_jump_table" not in components(app)
    rows = next(one.value for one in app.markdown if "saturated" in one.value).splitlines()
    assert [row.split(" | ")[0] for row in rows[2:]] == ["| RNN", "| LSTM", "| GRU (paper, 2014)"]
    assert rows[2].endswith("| — |")


def test_an_old_link_to_the_back_ends_still_shows_them() -> None:
    app = compare_page(compare="backends")
    assert not app.error
    assert "rounding" in said(app).lower()


def links(app: AppTest) -> dict[str, dict[str, list[str]]]:
    """What every link to Read asks for, by the run's name."""
    found = {link.proto.label: parse_qs(link.proto.query_string) for link in app.get("page_link")}
    opening, _, ending = word("compare.open").partition("{run}")
    return {
        label.removeprefix(opening).removesuffix(ending): query
        for label, query in found.items()
        if label.startswith(opening)
    }


def test_a_cell_has_the_layers_and_the_direction_of_the_network_in_read() -> None:
    chosen = {"cells": '["rnn","lstm"]', "activation": "relu", "layers": "2", "units": "5"}
    app = compare_page(compare="cells", direction="backward", layer="1", **chosen)
    assert not app.error
    asked = links(app)
    assert set(asked) == {"RNN", "LSTM"}
    for query in asked.values():
        wanted = {"units": "5", "layers": "2", "direction": "backward", "layer": "1"}
        assert {name: query[name] for name in wanted} == {n: [v] for n, v in wanted.items()}
    # An LSTM has no choice of its activation.
    assert asked["RNN"]["activation"] == ["relu"]
    assert "activation" not in asked["LSTM"]
    (switch,) = (one for one in app.button_group if str(one.key).startswith("layer"))
    assert switch.options == ["layer 1 ←", "layer 2 ←"]


def test_the_memory_is_that_of_the_layer_that_is_shown() -> None:
    chosen = {"cells": '["rnn","gru"]', "layers": "2", "direction": "both", "units": "5"}
    sequence = rv.parse("abcab")
    for layer in range(4):
        app = compare_page(compare="cells", text="abcab", layer=str(layer), **chosen)
        assert not app.error
        options = {"direction": "both", "init": "xavier", "gain": 3, "seed": 7}
        model = rv.random_model("gru", sequence.n_features, 5, 2, **options)
        wanted = cell_facts(model, rv.trace(model, sequence), layer)
        rows = next(one.value for one in app.markdown if "saturated" in one.value).splitlines()
        assert rows[3].endswith(f"{wanted.saturated:.0%} |".replace("%", " %"))
        assert f"{wanted.reach} steps" in rows[3]


def test_another_text_is_read_by_every_layer_of_the_network() -> None:
    app = compare_page(
        **{"compare": "inputs", "reader": "random:lstm", "one": "ab", "two": "abc"},
        **{"layers": "2", "direction": "both", "units": "4"},
    )
    assert not app.error
    (switch,) = (one for one in app.button_group if str(one.key).startswith("layer"))
    assert switch.options == ["layer 1 →", "layer 1 ←", "layer 2 →", "layer 2 ←"]
    assert "symbols of both texts" in said(app)


@pytest.mark.parametrize(("what", "key"), [("training", "course"), ("inputs", "reader")])
def test_a_network_has_the_same_name_as_in_read(what: str, key: str) -> None:
    app = compare_page(compare=what)
    (box,) = (one for one in app.selectbox if str(one.key).startswith(key))
    assert "Counts brackets" in box.options


def packed(name: str, arrays: dict[str, NDArray[Any]]) -> str:
    """A file as an address carries it."""
    stream = BytesIO()
    np.savez_compressed(stream, **arrays)
    return file_address(File(name, stream.getvalue()))


def gru_arrays(n_inputs: int = 3) -> dict[str, NDArray[Any]]:
    draw = np.random.default_rng(5).normal
    shapes = {"weight_ih_l0": (15, n_inputs), "weight_hh_l0": (15, 5), "bias_ih_l0": (15,)}
    return {name: draw(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()} | {
        "bias_hh_l0": np.zeros(15, np.float32)
    }


def two_models(twin: dict[str, NDArray[Any]], **choices: str) -> AppTest:
    files = {"modelfile": packed("gru.npz", gru_arrays()), "twin": packed("twin.npz", twin)}
    return compare_page(compare="models", model="file", **files, **choices)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "gates stand in another order"), ("zh", "各门的排列顺序不同")]
)
def test_two_models_are_told_where_they_part_and_why(language: str, words: str) -> None:
    blocks = {name: np.split(array, 3) for name, array in gru_arrays().items()}
    turned = {name: np.concatenate([z, r, n]) for name, (r, z, n) in blocks.items()}
    app = two_models(turned, lang=language)
    assert not app.error
    assert words in said(app)
    assert "rnnviz_jump_table" in components(app)


def test_a_file_of_weights_alone_reads_the_tokens_of_the_first_model() -> None:
    model = preset("brackets_lstm").model()
    (layer,) = model.layers
    assert model.readout is not None
    arrays = {"fc.weight": model.readout.weights, "fc.bias": model.readout.bias}
    for role, name in TORCH_PARAMETERS.items():
        gates = [layer.weights[f"{gate}.{role}"] for gate in GATE_ORDER["torch"]["lstm"]]
        arrays[f"rnn.{name}_l0"] = np.concatenate(gates)
    twin = packed("bare.npz", arrays)
    app = compare_page(compare="models", model="preset:brackets_lstm", twin=twin)
    assert not app.error
    assert not app.warning
    assert "no number differs" in said(app)
    # Its outputs have no names that could be those of the first.
    assert "most probable answer" not in said(app)


def test_two_files_of_one_model_raise_no_alarm() -> None:
    app = two_models(gru_arrays())
    assert not app.error
    assert "no number differs" in said(app)


def test_models_of_other_shapes_are_refused_in_a_sentence() -> None:
    app = two_models(gru_arrays(n_inputs=4))
    assert not app.error
    assert not app.exception
    assert any("numbers a step" in one.value for one in app.warning)


def test_without_a_second_model_there_is_a_door_for_it() -> None:
    app = compare_page(compare="models")
    assert not app.error
    assert not app.exception
    assert app.get("file_uploader")
    assert any("your own file is uploaded too" in one.value for one in app.info)
