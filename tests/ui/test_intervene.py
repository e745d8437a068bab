"""Intervening on a page without a browser: the link's list, the chips, undo, and hostile lists."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

import rnnviz as rv
from rnnviz.analysis.panels import panels
from rnnviz.ui.controls.gate_holds import clamp_asked
from rnnviz.ui.player.diagram import diagram_packet
from tests.test_app import clicked, opened, packet, shown
from tests.ui.packets import unpacked

TEXT = "The cat sat on the mat."
HELD = {"do": "clamp", "gate": "forget", "value": 0.25, "units": [1], "start": 4}
SILENT = {"do": "silence", "units": [3]}


def trace(intervene: Any = (), cell: str = "lstm") -> rv.Trace:
    sequence = rv.parse(TEXT)
    model = rv.random_model(cell, sequence.n_features, 16, seed=7, init="xavier", gain=3)
    return rv.trace(model, sequence, intervene=intervene)


def did(*done: Any, **choices: str) -> AppTest:
    return opened(do=json.dumps(done), **choices)


def unfolded(app: AppTest) -> AppTest:
    """The app with the group opened."""
    app.session_state["doing"] = True
    return app._run()


def done(app: AppTest) -> Any:
    """What the address holds, which AppTest gives as text or as a list of texts."""
    text = app.query_params["do"]
    return json.loads(text if isinstance(text, str) else text[0])


def chips(app: AppTest) -> list[str]:
    return [b.label for b in app.button if str(b.key).startswith("done_")]


def test_a_link_opens_the_changed_run() -> None:
    app = did(HELD, SILENT)
    wanted = trace([rv.Clamp("forget", 0.25, units=1, start=4), rv.Silence(3)])
    for name, values in shown(app).items():
        np.testing.assert_array_equal(values, wanted[name][:, 0].T)
    assert len(chips(app)) == 2
    header, _ = unpacked(packet(app, "diagram"))
    assert header["silenced"]


def test_an_untouched_page_says_nothing_of_changes() -> None:
    app = opened()
    assert not [caption.value for caption in app.caption if "hidden states" in caption.value]
    assert "do_undo" not in {button.key for button in app.button}


def test_the_untouched_run_is_a_switch_away() -> None:
    np.testing.assert_array_equal(
        shown(did(HELD, versus="untouched"))["forget"], trace()["forget"][:, 0].T
    )


def test_the_difference_is_drawn_while_the_numbers_are_the_changed_run_s() -> None:
    app = did(HELD, versus="difference")
    wanted = trace([rv.Clamp("forget", 0.25, units=1, start=4)])
    np.testing.assert_array_equal(shown(app)["cell"], wanted["cell"][:, 0].T)
    (chart,) = (one for one in app.get("plotly_chart") if one.key == "chart")
    drawn = json.loads(chart.proto.spec)["data"]
    assert {heatmap["zmin"] + heatmap["zmax"] for heatmap in drawn} == {0}


def test_a_chip_removes_clear_removes_all_and_undo_brings_back() -> None:
    app = did(HELD, SILENT)
    app = clicked(app, "done_0")
    assert done(app) == [SILENT]
    app = clicked(app, "do_clear")
    assert "do" not in app.query_params
    np.testing.assert_array_equal(shown(app)["cell"], trace()["cell"][:, 0].T)
    app = clicked(clicked(app, "do_undo"), "do_undo")
    assert done(app) == [HELD, SILENT]


def test_buttons_act_on_the_cursor_s_step_and_the_picked_unit() -> None:
    app = unfolded(opened(step="6", pick="forget.5", do_units="picked"))
    app = clicked(clicked(app, "do_silence_now"), "do_reset_now")
    assert done(app) == [
        {"do": "silence", "units": [5]},
        {"do": "reset", "step": 6},
    ]
    wanted = trace([rv.Silence(5), rv.Reset(6)])
    np.testing.assert_array_equal(shown(app)["cell"], wanted["cell"][:, 0].T)


def test_a_state_gets_what_the_slider_says_and_nothing_at_zero() -> None:
    twice = [{"do": "add", "state": "cell", "value": value, "step": 6} for value in (0.5, 0.25)]
    app = unfolded(did(HELD, *twice, step="6"))
    assert addend(app).value == 0.75
    app = addend(app).set_value(-1.5).run()
    assert done(app) == [HELD, {**twice[0], "value": -1.5}]
    wanted = trace([rv.Clamp("forget", 0.25, units=1, start=4), rv.AddToState("cell", -1.5, 6)])
    np.testing.assert_array_equal(shown(app)["cell"], wanted["cell"][:, 0].T)
    app = addend(app).set_value(0.0).run()
    assert done(app) == [HELD]


def addend(app: AppTest) -> Any:
    """The slider that adds to a state."""
    (found,) = (one for one in app.slider if str(one.key).startswith("do_addend_"))
    return found


def test_silence_of_all_units_is_of_all_units() -> None:
    app = clicked(unfolded(opened(step="6", pick="forget.5", show='["hidden"]')), "do_silence_now")
    assert done(app) == [{"do": "silence", "units": list(range(16))}]
    assert not shown(app)["hidden"].any()


def test_from_the_cursor_is_as_the_layer_reads() -> None:
    app = unfolded(opened(step="6", direction="backward", do_steps="cursor", show='["hidden"]'))
    app = clicked(app, "do_silence_now")
    assert done(app) == [{"do": "silence", "units": list(range(16)), "stop": 7}]
    hidden = shown(app)["hidden"]
    assert not hidden[:, :7].any()
    assert hidden[:, 7:].all()


def test_a_held_slider_is_told_from_a_free_one() -> None:
    app = unfolded(did(HELD))
    labels = [slider.label for slider in app.slider]
    assert "**forget gate · held**" in labels
    assert any(
        re.fullmatch(r"input gate · free \(mean of \d+ units, all steps\)", one) for one in labels
    )


def test_a_change_that_cannot_act_says_why_and_offers_no_run_of_it() -> None:
    app = did(HELD, cell="gru")
    (said,) = (one.value for one in app.caption if "cannot act here" in one.value)
    assert said.startswith(":material/block: forget gate 1 = 0.250 · from step 5 cannot act here: ")
    assert "versus" not in {one.key for one in app.get("button_group")}


def test_a_gate_that_is_dragged_is_held_and_let_go() -> None:
    asked = {"gate": "forget", "value": 0.5, "unit": 3, "step": 4}
    asked |= {"all_units": False, "all_steps": False}
    assert clamp_asked(asked, 0, "forward") == rv.Clamp("forget", 0.5, units=3, start=4)
    assert clamp_asked(asked, 1, "backward") == rv.Clamp("forget", 0.5, units=3, stop=5, layer=1)
    everywhere = asked | {"all_units": True, "all_steps": True}
    assert clamp_asked(everywhere, 0, "backward") == rv.Clamp("forget", 0.5)


def test_what_another_cell_does_not_have_waits_for_the_first() -> None:
    app = did(HELD, SILENT, cell="gru")
    np.testing.assert_array_equal(
        shown(app)["hidden"], trace([rv.Silence(3)], "gru")["hidden"][:, 0].T
    )
    assert len(chips(app)) == 2
    assert done(app) == [HELD, SILENT]


def test_a_run_that_has_no_numbers_is_a_sentence_over_the_untouched_one() -> None:
    both = [{"do": "clamp", "gate": gate, "value": 0} for gate in ("forget", "input")]
    app = did(*both, cell="min_lstm")
    assert not app.exception
    (warning,) = app.warning
    assert "nothing by nothing" in warning.value


HOSTILE = [
    "{}", "[[[", "__import__('os')", "[" * 9000, '[{"do": "eval"}]',
    '[{"do": "clamp", "gate": "forget", "value": 1e999}]',
    '[{"do": "reset", "step": -1}]', json.dumps([SILENT] * 25),
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_list_that_nobody_meant_well_is_left_out(text: str) -> None:
    app = opened(do=text)
    np.testing.assert_array_equal(shown(app)["cell"], trace()["cell"][:, 0].T)
    assert "do" not in app.query_params


def test_a_gate_of_any_name_is_shown_as_letters_and_does_nothing() -> None:
    app = did({"do": "clamp", "gate": "<b>`x`", "value": 1})
    np.testing.assert_array_equal(shown(app)["cell"], trace()["cell"][:, 0].T)
    assert chips(app) == ["\\<b\\>\\`x\\` = 1.00"]


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_the_live_cell_is_given_the_states_that_were_set(direction: str) -> None:
    sequence = rv.parse("hello")
    model = rv.random_model("lstm", sequence.n_features, 4, direction=direction)
    touched = rv.trace(model, sequence, intervene=[rv.AddToState("cell", 0.5, 2, units=1)])
    view = panels(touched, order="activity")
    given = {"name": "", "group": "g", "playhead": "g", "layer": 0}
    made = diagram_packet(touched, view, **given)
    assert made is not None
    header, _ = unpacked(made)
    plain = touched.layers[0].signals["cell"][1 if direction == "forward" else 3, 0]
    wanted = [float(plain[u]) + 0.5 * (u == 1) for u in header["units"]]
    assert list(header["started"]) == ["cell"]
    assert list(header["started"]["cell"]) == ["2"]
    np.testing.assert_allclose(header["started"]["cell"]["2"], wanted, rtol=0, atol=1e-7)
    assert not header["silenced"]


def test_a_browser_that_repeats_what_a_slider_showed_holds_no_gate() -> None:
    app = unfolded(opened())
    sliders = [one._widget_state for one in app.slider if str(one.key).startswith("slider_")]
    assert len(sliders) == 4
    for cell in ("RNN", "LSTM"):
        pressed = WidgetState(id=app.button_group(key="taught").proto.id)
        pressed.string_array_value.data.append(cell)
        app = app._run(WidgetStates(widgets=[pressed, *sliders]))
        assert len(shown(app)) == {"RNN": 2, "LSTM": 4}[cell]
    assert "do" not in app.query_params
    assert chips(app) == []
