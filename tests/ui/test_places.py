"""What was chosen for one model is not chosen for another, and is found again with it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.interventions.serialise import to_text
from rnnviz.interventions.types import Clamp
from rnnviz.ui.choices import default_of
from tests.test_app import clicked, opened

HELD = to_text([Clamp("forget", 1.0, start=5)])
BRACKETS, ALICE = "model_preset_brackets_lstm", "model_preset_next_character_lstm"


def chosen(app: AppTest, *keys: str) -> list[object]:
    """Choices of the session."""
    return [app.session_state["chosen"][key] for key in keys]


def test_an_intervention_a_step_and_a_pick_stay_with_their_model() -> None:
    app = opened(model="preset:brackets_lstm", do=HELD, step="3", pick="forget.2", says="([])")
    keys = ("do", "step", "pick", "says")
    mine = chosen(app, *keys)
    app = clicked(app, ALICE)
    assert not app.exception
    assert chosen(app, "model", *keys) == [
        "preset:next_character_lstm",
        *map(default_of, keys),
    ]
    app = clicked(app, BRACKETS)
    assert chosen(app, *keys) == mine == [HELD, 3, "forget.2", "([])"]


def test_an_untrained_network_keeps_its_text_and_its_size() -> None:
    app = opened(cell="gru", units="5", text="abc", do=to_text([Clamp("update", 0.0)]))
    app = clicked(app, BRACKETS)
    assert chosen(app, "cell", "units", "text", "do") == ["lstm", 16, default_of("text"), ""]
    app = clicked(app, "model_untrained")
    assert chosen(app, "cell", "units", "text") == ["gru", 5, "abc"]


def test_what_was_undone_for_one_model_is_not_undone_for_another() -> None:
    app = opened(model="preset:brackets_lstm", do=HELD)
    app = clicked(app, "do_clear")
    assert app.session_state["done_before"] == [HELD]
    app = clicked(app, ALICE)
    assert app.session_state["done_before"] == []
    app = clicked(app, BRACKETS)
    assert app.session_state["done_before"] == [HELD]


@pytest.mark.parametrize("model", ["untrained", "preset:brackets_lstm"])
def test_to_start_over_is_whole_and_keeps_the_model_and_other_pages(model: str) -> None:
    here = {
        "do": HELD,
        "step": "2",
        "pick": "input.3",
        "order": "activity",
        "says": "()",
        "seed": "3",
    }
    there = {"task": "adding", "width": "9", "compare": "inputs", "lesson": "gru"}
    app = clicked(opened(model=model, **here, **there), "reset")
    assert not app.error
    assert chosen(app, *here) == list(map(default_of, here))
    assert chosen(app, *there) == ["adding", 9, "inputs", "gru"]
    assert dict(app.query_params) == {"lang": "en", "model": model}


@pytest.mark.parametrize(
    ("address", "model"),
    [
        ({"cell": "gru", "text": "abc"}, "untrained"),
        ({"do": HELD, "versus": "difference", "step": "14"}, "untrained"),
        ({"subject": "opened", "compare": "intervened"}, "preset:next_character_lstm"),
        ({"subject": "random", "compare": "intervened"}, "untrained"),
        ({"says": "Nakamura"}, ""),
        ({"model": "preset:languages_gru", "step": "3"}, ""),
        ({}, ""),
    ],
    ids=str,
)
def test_an_old_link_leads_to_the_network_that_it_meant(
    address: dict[str, str], model: str
) -> None:
    app = opened(**{"model": "", **address})
    assert not app.exception
    assert chosen(app, "model") == [model]


def test_a_bare_address_opens_with_a_trained_network_on_its_first_step() -> None:
    app = opened(model="")
    assert chosen(app, "model", "step") == ["", 0]
    assert not {"model", "step"} & dict(app.query_params).keys()


def test_a_link_that_names_a_step_of_the_opening_says_the_model_too() -> None:
    app = opened(lang="en", model="preset:languages_gru", step="3")
    assert dict(app.query_params) == {"lang": "en", "model": "preset:languages_gru", "step": "3"}


def test_the_address_names_no_unit_that_is_not_shown() -> None:
    app = opened(only='["3", "5"]', pick="hidden.0", show='["hidden"]')
    assert not app.exception
    assert "pick" not in app.query_params
    app = opened(only='["3", "5"]', pick="hidden.5", show='["hidden"]')
    assert app.query_params["pick"] in ("hidden.5", ["hidden.5"])


def test_an_address_that_says_nothing_is_not_written_anew_until_something_is_chosen() -> None:
    app = opened(model="")
    assert not dict(app.query_params).get("lang")
    app = clicked(app, BRACKETS)
    assert dict(app.query_params) == {"lang": "en", "model": "preset:brackets_lstm"}


def test_a_link_that_leaves_out_what_goes_without_saying_stays_as_it_is() -> None:
    asked = {"model": "preset:brackets_lstm", "step": "3"}
    app = opened(**asked)
    assert dict(app.query_params) == asked
    assert chosen(app, "model", "step") == ["preset:brackets_lstm", 3]


def test_an_address_says_nothing_of_another_page_s_own_choices() -> None:
    asked = {"task": "sines", "course": "brackets_lstm", "lesson": "gru"}
    app = opened(model="preset:brackets_lstm", **asked)
    assert chosen(app, *asked) == [*asked.values()], "an old link is read"
    assert dict(app.query_params) == {"lang": "en", "model": "preset:brackets_lstm"}
