"""The app without a browser: every choice opens, and what goes wrong is one sentence."""

from __future__ import annotations

import csv
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

import rnnviz as rv
from rnnviz.analysis.signal_order import main_signals
from rnnviz.formatting import token_label
from rnnviz.i18n import word as word_of
from rnnviz.inputs.samples import samples
from rnnviz.ui import results
from rnnviz.ui.choices import CHOICES, LANGUAGE
from rnnviz.ui.controls import recording_progress
from tests.ui.packets import panels_of, unpacked

APP = Path(__file__).parents[1] / "app.py"
# What Streamlit itself keeps of these is no plain value.
COMPONENTS = {
    *("player", "cursor_sync", "value_table", "diagram", "made", "minimap", "image_buttons"),
    "answer_chart",
    "live_cells",
    "live_die",
    "page_history",
    "live_weights",
    "live_network",
    "sentences",
    "uploader",
}
GATES = {
    cell: [*["probabilities"] * (cell == "rnn"), *main_signals(rv.CELLS[cell])] for cell in rv.CELLS
}


def opened(**choices: str) -> AppTest:
    """The app as a link opens it, with an untrained network where the link names no other."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    asked = {"model": "untrained"} | choices
    for key, value in ((key, value) for key, value in asked.items() if value):
        app.query_params[key] = value
    return app.run()


def clicked(app: AppTest, key: str) -> AppTest:
    """The app after a click on a button.

    `app.run()` would ask every select box for its words, which outside a run have no language.
    """
    button = app.button(key=key).click()
    return app._run(WidgetStates(widgets=[button._widget_state]))


def packet(app: AppTest, component: str) -> bytes:
    """What a component of the page was given."""
    (found,) = (
        element.proto.bytes
        for element in app.get("bidi_component")
        if element.proto.component_name == f"rnnviz_{component}"
    )
    return found


def shown(app: AppTest) -> dict[str, np.ndarray]:
    """The page's panels by name; a page that complains has none."""
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert [chart.key for chart in app.get("plotly_chart")].count("chart") == 1
    # The player carries the whole layer's numbers; the table says which of them it shows.
    header, _ = unpacked(packet(app, "value_table"))
    values = panels_of(packet(app, "player"))
    return {panel["name"]: values[panel["name"]] for panel in header["panels"]}


COMBINATIONS = [
    {"cell": "lstm"},
    {"cell": "lstm", "direction": "both", "layers": "2", "layer": "3", "units": "3"},
    {"cell": "lstm", "draw": "lines", "only": '["2","5"]', "lang": "zh"},
    {"cell": "gru", "direction": "backward", "kind": "words", "encoding": "embedding"},
    {"cell": "gru", "init": "chrono", "order": "activity", "gain": "10"},
    {"cell": "gru_reset_after", "draw": "lines", "units": "256"},
    {"cell": "gru_reset_after", "order": "similarity", "layers": "4", "layer": "3"},
    {"cell": "rnn", "activation": "relu", "recurrence": "one_to_one"},
    {"cell": "lstm_peephole", "direction": "both", "init": "forget_bias"},
    {"cell": "lstm_projected", "layers": "2", "layer": "1", "order": "similarity"},
    {"cell": "lstm_projected", "units": "1", "draw": "lines", "lang": "zh"},
    {"cell": "lstm_projected", "only": '["7","2"]', "pick": "forget.2"},
    {"cell": "lstm_coupled", "pick": "input.3", "init": "chrono"},
    {"cell": "lstm_layer_norm", "pick": "normalised.2", "backend": "torch"},
    {"cell": "mgu", "init": "chrono", "direction": "both", "draw": "lines"},
    {"cell": "min_gru", "activation": "positive", "layers": "2", "layer": "1"},
    {"cell": "min_lstm", "activation": "tanh", "init": "forget_bias", "lang": "zh"},
    {"cell": "slstm", "activation": "exponential", "gain": "10", "order": "similarity"},
    {"cell": "slstm", "direction": "backward", "draw": "lines", "backend": "torch"},
    {"cell": "rnn", "direction": "both", "layers": "2", "layer": "2", "draw": "lines"},
    {"cell": "rnn", "encoding": "embedding", "size": "256", "init": "orthogonal"},
    {"cell": "rnn", "kind": "numbers", "text": "1, -2.5 3e2", "lang": "zh"},
    {"cell": "lstm", "kind": "numbers", "text": "1 2; 3 4; 5 6", "init": "forget_bias"},
    {"cell": "lstm", "text": "x", "units": "1", "init": "pytorch", "order": "similarity"},
]


@pytest.mark.parametrize("choices", COMBINATIONS, ids=lambda one: " ".join(one.values()))
def test_every_combination_of_choices_opens(choices: dict[str, str]) -> None:
    app = opened(**choices)
    assert set(shown(app)) <= {"inputs", *GATES[choices["cell"]]}
    assert app.query_params.items() >= choices.items() - {("cell", "lstm")}


@pytest.mark.parametrize("cell", GATES)
def test_a_cell_shows_its_answer_memory_and_gates_and_those_are_the_trace(cell: str) -> None:
    read = shown(opened(cell=cell, units="5", text="abca", seed="2", gain="2"))
    model = rv.random_model(cell, 3, 5, seed=2, init="xavier", gain=2)
    trace = rv.trace(model, rv.parse("abca"))
    assert list(read) == GATES[cell]
    for name, values in read.items():
        np.testing.assert_array_equal(values, trace[name][:, 0].T)


def test_the_torch_back_end_shows_the_same_numbers() -> None:
    numpy, torch = (shown(opened(backend=backend, units="6")) for backend in ("numpy", "torch"))
    for name, values in numpy.items():
        np.testing.assert_allclose(torch[name], values, atol=1e-6)


def test_choosing_signals_and_units_shows_only_those_in_the_cell_s_order() -> None:
    app = opened(show='["hidden","forget","inputs"]', only='["3","1"]')
    assert {name: len(values) for name, values in shown(app).items()} == {
        "inputs": 12,
        "forget": 2,
        "hidden": 2,
    }


def test_relu_and_one_to_one_change_the_simple_rnn_and_nothing_else() -> None:
    plain, relu, alone = (
        shown(opened(cell="rnn", **choice))["hidden"]
        for choice in ({}, {"activation": "relu"}, {"recurrence": "one_to_one"})
    )
    assert relu.min() == 0 < relu.max()
    assert not np.allclose(plain, alone)
    lstm = shown(opened(activation="relu", recurrence="one_to_one"))
    np.testing.assert_array_equal(lstm["cell"], shown(opened())["cell"])


def test_the_activation_of_another_cell_is_left_behind() -> None:
    """relu is the simple RNN's; tanh is a choice of minGRU and no other than the RNN's own."""
    plain = shown(opened(cell="min_gru", show='["candidate"]'))
    app = opened(cell="min_gru", activation="relu", show='["candidate"]')
    np.testing.assert_array_equal(shown(app)["candidate"], plain["candidate"])
    asked = {"lang": "en", "model": "untrained", "cell": "min_gru", "show": '["candidate"]'}
    assert dict(app.query_params) == asked
    squashed = shown(opened(cell="min_gru", activation="tanh", show='["candidate"]'))["candidate"]
    np.testing.assert_allclose(squashed, np.tanh(plain["candidate"]), atol=1e-6)


def test_every_cell_is_a_button_or_in_the_list_beside_and_one_is_chosen() -> None:
    for cell in rv.CELLS:
        app = opened(cell=cell)
        taught = app.session_state["taught"], app.session_state["others"]
        assert taught in ((cell, None), (None, cell))
    assert not app.exception


def test_choices_that_make_no_sense_are_left_out_of_the_address() -> None:
    nonsense = {"cell": "__import__", "units": "1e9", "gain": "x", "columns": "[[[", "who": "me"}
    app = opened(**nonsense, only='["x"]', show='["nope"]', text="kept")
    assert list(shown(app)) == GATES["lstm"]
    assert dict(app.query_params) == {"lang": "en", "model": "untrained", "text": "kept"}


def test_a_list_nested_without_end_is_left_out_of_the_address() -> None:
    app = opened(columns="[" * 20_000)
    assert list(shown(app)) == GATES["lstm"]
    assert dict(app.query_params) == {"lang": "en", "model": "untrained"}


def test_numbers_outside_their_bounds_are_taken_to_the_bound() -> None:
    app = opened(units="99999", layers="-1", layer="7", step="999999", seed="-3")
    # Of 256 units the telling 24 are shown.
    assert {values.shape[0] for values in shown(app).values()} == {24}
    assert unpacked(packet(app, "player"))[0]["step"] >= 0


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.id)
def test_every_sample_opens_from_its_button(sample: Any) -> None:
    app = clicked(opened(), f"sample_{sample.id}")
    assert [name for name in shown(app) if name != "inputs"] == GATES["lstm"]
    tokens = unpacked(packet(app, "player"))[0]["tokens"]
    if sample.kind == "table":
        rows = list(csv.DictReader(sample.text.splitlines()))
        assert tokens == [row[sample.axis] for row in rows]
    else:
        assert app.session_state["chosen"]["text"] == sample.text.strip()
        wanted = rv.parse(sample.text.strip(), sample.kind).tokens[0]
        assert tokens == [token_label(token) for token in wanted]


def test_a_sample_leaves_a_file_behind() -> None:
    app = clicked(opened(), "sample_sunspots")
    assert app.session_state["chosen"]["upload"].name == "sunspots.csv"
    app = clicked(app, "sample_sentence")
    assert app.session_state["chosen"]["upload"] is None
    assert app.session_state["chosen"]["columns"] == []


def test_a_browser_that_has_not_drawn_a_sample_yet_does_not_undo_it() -> None:
    app = opened()
    before = app.text_input(key="text")._widget_state
    app = clicked(app, "sample_jingyesi")
    taken = app.session_state["chosen"]["text"]
    assert taken != before.string_value
    app = app._run(WidgetStates(widgets=[before]))
    assert app.session_state["chosen"]["text"] == taken
    assert app.text_input[0].value == taken


def _begun() -> None:
    import streamlit as st

    from rnnviz.ui import address, state

    address.load_session()
    st.text(state.get("lesson"))


def test_a_link_is_followed_though_its_page_is_left_before_it_is_drawn() -> None:
    app = AppTest.from_function(_begun)
    app.query_params["lesson"] = "gru"
    app.run()
    app.query_params.clear()
    app.run()
    assert app.text[0].value == "gru"


@pytest.mark.parametrize(
    ("language", "word", "gloss"),
    [("en", "forget gate", "long-term memory"), ("zh", "遗忘门", "长期记忆")],
)
def test_the_page_speaks_both_languages(language: str, word: str, gloss: str) -> None:
    app = opened(lang=language)
    chart = app.get("plotly_chart")[0].proto.spec.encode().decode("unicode_escape")
    labels = [panel["label"] for panel in unpacked(packet(app, "value_table"))[0]["panels"]]
    assert word in labels
    assert gloss in chart or gloss in app.get("plotly_chart")[0].proto.spec
    app.session_state[f"tabs_{language}"] = word_of("tab.equations", language)
    app = app._run()
    assert any(gloss in markdown.value for markdown in app.markdown)


def test_everything_the_session_keeps_can_be_pickled() -> None:
    app = clicked(opened(cell="gru", only='["1"]', step="3"), "sample_sunspots")
    kept = app.session_state["chosen"]
    assert kept.keys() == {choice.key for choice in (*CHOICES, LANGUAGE)}
    assert pickle.loads(pickle.dumps(kept)) == kept
    for key in app.session_state._state.filtered_state.keys() - COMPONENTS:
        assert pickle.dumps(app.session_state[key]), key


@pytest.mark.parametrize(("kind", "text"), [("words", " \t "), ("characters", "a\x00b")])
def test_a_text_that_cannot_be_read_is_one_sentence(kind: str, text: str) -> None:
    app = opened(kind=kind, text=text)
    assert not app.exception
    assert [said.value.count(".") for said in (*app.warning, *app.error)] == [1]
    assert any("The cat sat on the mat." in said.value for said in app.markdown)


def test_numbers_that_are_none_are_one_sentence_in_chinese() -> None:
    app = opened(kind="numbers", text="1, two, 3", lang="zh")
    (said,) = (*app.warning, *app.error)
    assert "two" in said.value
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said.value)


def test_a_long_text_is_shown_whole_and_a_window_of_it_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recording_progress, "QUICK", 60)
    text = "abc" * 2000
    app = opened(text=text)
    assert not app.warning
    header, ribbon = unpacked(packet(app, "minimap"))
    assert (header["start"], header["stop"], header["count"]) == (0, 6000, 6000)
    assert ribbon.max() == 1
    app = opened(text=text, **{"from": "2000", "to": "2040", "step": "2010"})
    header, _ = unpacked(packet(app, "player"))
    assert "".join(header["tokens"]) == text[2000:2040]
    assert (header["first"], header["whole"], header["step"]) == (2000, 6000, 2010)
    whole = rv.trace(rv.random_model("lstm", 3, 16, seed=7, init="xavier", gain=3), rv.parse(text))
    shown = panels_of(packet(app, "player"))["cell"]
    np.testing.assert_allclose(shown, whole["cell"][2000:2040, 0].T, atol=1e-5)


def test_a_page_that_fails_shows_a_sentence_and_logs_the_rest(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("a secret of the server")

    monkeypatch.setattr(results, "trace_of", fails)
    app = opened()
    assert not app.exception
    (said,) = app.error
    assert said.value.startswith("Something went wrong here")
    assert "secret" not in str(app)
    assert "a secret of the server" in caplog.text


def test_a_table_that_is_pasted_is_the_input() -> None:
    app = opened()
    app.text_area(key="pasted").set_value("day\tx\ty\n1\t1,5\t2\n2\t2,5\t3\n").run()
    assert not app.exception
    assert "pasted.tsv" in " ".join(str(each.value) for each in app.markdown)
    assert app.query_params["upload"]
