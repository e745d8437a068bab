"""Write on: the text grows by what the network draws, a held gate changes it, all can be undone."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

import rnnviz as rv
from rnnviz.interventions.serialise import to_text
from rnnviz.train import preset
from tests.test_app import clicked, opened, packet
from tests.ui.packets import unpacked

ALICE = {"model": "preset:next_character_lstm", "says": "Alice was "}


def text_of(app: AppTest) -> str:
    """The text that the page reads."""
    assert not app.exception
    return "".join(unpacked(packet(app, "answer"))[0]["passage"]["tokens"])


def names_of_buttons(app: AppTest) -> list[str]:
    return [button.key for button in app.button]


def test_the_button_writes_what_the_library_writes() -> None:
    app = clicked(opened(**ALICE), "write_on")
    wanted = rv.write(
        preset("next_character_lstm").model(), "Alice was ", 60, temperature=0.7, seed=1
    )
    assert text_of(app) == wanted.whole
    passage = unpacked(packet(app, "answer"))[0]["passage"]
    assert (passage["written"], passage["plays"]) == (10, 1)
    assert unpacked(packet(app, "player"))[0]["step"] == 9


def test_no_hint_lies_over_the_answer() -> None:
    app = opened(**ALICE)
    assert not app.button(key="write_on").help
    assert any(one.value.startswith("The network continues") for one in app.caption)


def test_temperature_and_seed_are_those_that_were_chosen() -> None:
    app = clicked(opened(**ALICE, temperature="0", dice="5"), "write_on")
    wanted = rv.write(preset("next_character_lstm").model(), "Alice was ", 60, temperature=0)
    assert text_of(app) == wanted.whole


def test_a_held_gate_changes_what_is_written() -> None:
    free = text_of(clicked(opened(**ALICE), "write_on"))
    held = rv.Clamp("forget", 0.0)
    changed = text_of(clicked(opened(**ALICE, do=to_text((held,))), "write_on"))
    model = preset("next_character_lstm").model()
    wanted = rv.write(model, "Alice was ", 60, temperature=0.7, seed=1, intervene=[held])
    assert changed == wanted.whole != free


def test_what_was_written_is_taken_back_a_piece_at_a_time() -> None:
    app = clicked(opened(**ALICE), "write_on")
    once = text_of(app)
    app = clicked(app, "write_on")
    assert len(text_of(app)) == len(once) + 60
    app = clicked(app, "write_undo")
    assert text_of(app) == once
    app = clicked(app, "write_undo")
    assert text_of(app) == "Alice was "
    assert "write_undo" not in names_of_buttons(app)


@pytest.mark.parametrize("model", ["preset:languages_gru", "preset:sines_lstm", "untrained"])
def test_a_network_that_predicts_no_token_offers_nothing_to_write(model: str) -> None:
    app = opened(model=model)
    assert not app.exception
    assert "write_on" not in names_of_buttons(app)


def test_a_text_that_is_as_long_as_can_be_shown_is_not_written_on() -> None:
    app = opened(model="preset:next_character_lstm", says="a" * 1_000)
    (button,) = [button for button in app.button if button.key == "write_on"]
    assert button.disabled
    app = clicked(opened(model="preset:next_character_lstm", says="a" * 990), "write_on")
    assert len(text_of(app)) == 1_000
