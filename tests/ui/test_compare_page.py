"""The Compare page: what it opens with, and what it does not put beside each other."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

import rnnviz as rv
from rnnviz.analysis.cell_facts import cell_facts
from rnnviz.i18n import word
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
