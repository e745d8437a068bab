"""The answer and the sentence of a step, as someone sees them who steps, types and picks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

import rnnviz as rv
from rnnviz.train import preset
from tests.browser.conftest import Opened
from tests.browser.explore import Explore, box_of


def answers_to(name: str) -> list[str]:
    """The most probable language after every letter."""
    trace = rv.trace(preset("languages_gru").model(), rv.parse(name))
    return [trace.output_names[i] for i in trace.outputs[:, 0].argmax(axis=1)]


def test_the_answer_changes_letter_by_letter_without_the_server(newcomer: Explore) -> None:
    wanted = answers_to("Schneider")
    app = newcomer.open("model=preset:languages_gru&says=Schneider&step=0")
    best = app.page.locator(".answer .best [data-part=name]")
    rows = app.page.locator(".answer .bars .name")
    app.stands_on(1)
    expect(best).to_have_text(wanted[0])
    places = rows.all_inner_texts()
    asked: list[str] = []
    app.page.on("websocket", lambda socket: asked.append(socket.url))
    for step in range(1, len(wanted)):
        app.part("forward").click()
        app.stands_on(step + 1)
        expect(best).to_have_text(wanted[step])
    assert rows.all_inner_texts() == places
    assert len(set(wanted)) > 1
    assert not asked


def test_a_name_that_is_typed_changes_the_answer(newcomer: Explore) -> None:
    app = newcomer.open("model=preset:languages_gru&says=Schneider")
    best = app.page.locator(".answer .best [data-part=name]")
    expect(best).to_have_text(answers_to("Schneider")[-1])
    app.text.first.fill("Nakamura")
    app.text.first.press("Enter")
    expect(best).to_have_text(answers_to("Nakamura")[-1])
    app.rest()
    expect(app.page.locator(".step-sentence [data-part=picked]")).to_contain_text(
        f"“{answers_to('Nakamura')[-1]}”"
    )


def test_letters_that_are_typed_change_the_answer_after_a_pause_and_without_enter(
    newcomer: Explore,
) -> None:
    app = newcomer.open("model=preset:languages_gru&says=S")
    best = app.page.locator(".answer .best [data-part=name]")
    field = app.text.first
    field.click()
    app.press("End")
    for letters in ("ato", "shi"):
        app.page.keyboard.type(letters, delay=60)
        typed = field.input_value()
        app.expect_tokens(list(typed))
        app.stands_on(len(typed))
        expect(best).to_have_text(answers_to(typed)[-1])
        # Whoever goes on typing is not put out of the field.
        expect(field).to_be_focused()
    assert typed == "Satoshi"
    app.expect_address("says=Satoshi")


def test_the_sentence_follows_the_step_and_the_unit_that_is_picked(newcomer: Explore) -> None:
    app = newcomer.open("model=preset:languages_gru&says=Schneider&step=2&pick=update.5")
    sentence = app.page.locator(".step-sentence [data-part=picked]")
    expect(sentence).to_have_text(re.compile("^Reads “h”.*unit 5 "))
    app.part("forward").click()
    expect(sentence).to_have_text(re.compile("^Reads “n”.*unit 5 "))
    telling = app.page.locator(".step-sentence [data-part=telling]").inner_text()
    (unit,) = re.findall(r"unit (\d+)", telling)
    app.page.locator(".step-sentence [data-part=pick]").click()
    expect(sentence).to_have_text(re.compile(f"^Reads “n”.*unit {unit} "))
    expect(app.page.locator(".step-sentence .most")).to_be_hidden()


@pytest.mark.parametrize("width", [1440, 1280, 390])
def test_a_text_that_grows_pushes_nothing_down(open_in_tab: Opened, width: int) -> None:
    viewport = {"width": width, "height": 720 if width == 1280 else 900}
    app = open_in_tab("model=preset:next_character_lstm&step=2", viewport=viewport)
    app.lie_still()
    below = [app.page.locator(f".st-key-{name}") for name in ("diagram", "chart")]
    passage = app.page.locator(".answer .passage")
    tops, before = [box_of(one).top for one in below], passage.inner_text()
    app.press("End")
    app.stands_on(app.n_steps)
    expect(passage).not_to_have_text(before)
    app.lie_still()
    assert len(passage.inner_text()) > 60
    assert [box_of(one).top for one in below] == pytest.approx(tops, abs=1)


def test_what_is_written_comes_letter_by_letter_and_is_taken_back(newcomer: Explore) -> None:
    app = newcomer.open("model=preset:next_character_lstm&says=Alice+was+")
    model = preset("next_character_lstm").model()
    wanted = rv.write(model, "Alice was ", 60, temperature=0.7, seed=1)
    passage = app.page.locator(".answer .passage")
    expect(passage).to_have_text("Alice was ", use_inner_text=True)
    app.page.get_by_role("button", name="Write on").click()
    expect(passage).to_contain_text(wanted.whole[:14])
    assert len(passage.inner_text()) < len(wanted.whole)
    app.part("last").click()
    expect(passage).to_have_text(wanted.whole, use_inner_text=True)
    expect(app.page.locator(".answer .passage b")).to_have_text(wanted.text, use_inner_text=True)
    app.page.get_by_role("button", name="Take it back").click()
    expect(passage).to_have_text("Alice was ", use_inner_text=True)
