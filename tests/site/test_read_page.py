"""The Read page from a folder, the network off: what it computes is what NumPy computes."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import rnnviz as rv
from rnnviz.analysis.answer import answer
from rnnviz.analysis.step_sentence import step_sentences
from rnnviz.i18n import word
from rnnviz.network.random_model import INITIALISATIONS, initialisations
from rnnviz.site.networks import network_parts, page_networks
from rnnviz.train.presets import preset
from rnnviz.train.tasks import TASKS
from rnnviz.ui.player.read_page import page_words
from tests.browser.live import in_double
from tests.site.reading import check_numbers, named_network, network_of, packed

# Another model is chosen and a text typed before that model has come.
TYPED_MEANWHILE = """([key, text]) => {
  const change = (place, value, kind) => {
    const field = document.querySelector(`[data-place=${place}]`);
    field.value = value;
    field.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  change("model", key, "change");
  change("text", text, "input");
}"""

# How many steps are read of a text, and what is said of it.
NOTICE = """([header, numbers, words, text]) => {
  const model = new rnnviz.PageModel(header, new Float64Array(rnnviz.bytesOf(numbers).buffer));
  const read = model.read(text);
  return [model.run(read, []).nSteps, rnnviz.noticeOf(words, model, text, read)];
}"""

# Numbers of a signal, in turn, of random weights that the page draws.
DRAWN_RUN = """([header, drawn, sizes]) => {
  const made = rnnviz.drawnModel(header, drawn, sizes);
  const model = new rnnviz.PageModel(made.header, made.numbers);
  const run = model.run(model.read("a cat."), []);
  const signals = Object.entries(run.layers[sizes.shown]);
  return Object.fromEntries(signals.map(([name, values]) => [name, [...values]]));
}"""

# The numbers of a network before they are made float32.
EXACT = """([header, numbers, drawn]) => {
  const given = new Float64Array(rnnviz.bytesOf(numbers).buffer);
  return [...rnnviz.drawnNumbers(header, given, drawn, (value) => value)];
}"""


def assert_sentence(page: Page, trace: rv.Trace, task: str, language: str) -> None:
    """The sentence of the last step is the one that Python writes."""
    told = answer(trace, task)
    if task in TASKS and TASKS[task].features:
        trace = replace(trace, sequence=replace(trace.sequence, features=TASKS[task].features))
    units = np.full(trace.sequence.n_steps, page.evaluate("rnnvizPlayheads.get('panels').unit"))
    wanted = step_sentences(trace, units, view=told, language=language)[-1]
    expect(page.locator("[data-place=step_sentence] [data-part=picked]")).to_have_text(wanted)


def test_every_network_of_the_list_computes_what_numpy_computes(opened: Any) -> None:
    page = opened()
    offered = page.locator("[data-place=model] option")
    keys = offered.evaluate_all("(options) => options.map((one) => one.value)")
    assert keys == [network.key for network in page_networks()]
    assert {key.removeprefix("untrained_") for key in keys} >= set(rv.CELLS)
    for network in page_networks():
        page.locator("[data-place=model]").select_option(network.key)
        expect(page.locator("[data-place=about]")).to_have_text(network.about("en"))
        expect(page.locator("[data-place=text]")).to_have_value(network.examples[0])
        trace = check_numbers(page, network.model, network.examples[0])
        assert_sentence(page, trace, network.task, "en")


def test_a_typed_text_is_read_at_once_and_answered(opened: Any) -> None:
    page = opened("zh/read.html#model=brackets_lstm")
    model = network_of("brackets_lstm")
    for text in ("([{", "([{}])()", "("):
        page.locator("[data-place=text]").fill(text)
        trace = check_numbers(page, model, text)
        best = trace.output_names[trace.outputs[-1, 0].argmax()]
        expect(page.locator("[data-place=answer] [data-part=name]")).to_have_text(best)
        expect(page.locator(".rnnviz-here")).to_contain_text(text[-1])
        assert_sentence(page, trace, "brackets", "zh")
        page.wait_for_function(
            """(count) => document.querySelector("[data-place=chart]").data.every(
              ({ z }) => z[0].length === count)""",
            arg=len(text),
        )


@pytest.mark.parametrize("before", ["", "{}["])
def test_a_text_that_is_typed_while_a_model_is_awaited_stays(opened: Any, before: str) -> None:
    page = opened()
    page.locator("[data-place=text]").fill(before)
    page.evaluate(TYPED_MEANWHILE, ["brackets_lstm", "{}["])
    expect(page.locator("[data-place=about]")).to_have_text(
        named_network("brackets_lstm").about("en")
    )
    check_numbers(page, network_of("brackets_lstm"), "{}[")
    expect(page.locator("[data-place=text]")).to_have_value("{}[")


def test_numbers_that_are_painted_while_a_model_is_awaited_are_not_told_of_it(opened: Any) -> None:
    page = opened("en/read.html#model=next_character_gru")
    for key, text in (("next_character_lstm", "(ab)Alice"), ("next_character_gru", "Alice was")):
        page.evaluate(TYPED_MEANWHILE, [key, text])
        expect(page.locator("[data-place=about]")).to_have_text(named_network(key).about("en"))
        check_numbers(page, network_of(key), text)
        expect(page.locator("[data-place=text]")).to_have_value(text)
        expect(page.locator("[data-place=arithmetic]")).to_contain_text("step")


def test_the_address_opens_the_same_again(opened: Any) -> None:
    page = opened("en/read.html#model=brackets_lstm")
    page.locator("[data-place=text]").fill("{}[")
    page.wait_for_url("**text=%7B%7D%5B")
    again = page.context.new_page()
    again.goto(page.url)
    expect(again.locator("[data-place=text]")).to_have_value("{}[")
    expect(again.locator("[data-place=model]")).to_have_value("brackets_lstm")
    check_numbers(again, network_of("brackets_lstm"), "{}[")


def test_what_it_does_not_know_is_told(opened: Any) -> None:
    page = opened("en/read.html#model=brackets_lstm")
    page.locator("[data-place=text]").fill("(x)y")
    expect(page.locator("[data-place=notice]")).to_have_text(
        "This network does not know x y; it is left out."
    )
    check_numbers(page, network_of("brackets_lstm"), "()")
    page.locator("[data-place=text]").fill("xyz")
    # The picture of what could be read stays, dimmed, and is told to be of that.
    check_numbers(page, network_of("brackets_lstm"), "()")
    columns = page.locator("[data-place=columns]")
    stale = " The picture below is of the last that could be read: (x)y"
    expect(page.locator("[data-place=notice]")).to_have_text(
        f"This network does not know x y z; it is left out.{stale}"
    )
    expect(columns).to_have_css("opacity", "0.4")
    page.locator("[data-place=text]").fill("")
    expect(page.locator("[data-place=notice]")).to_have_text(
        f"At least one token was expected, but the text is empty or blank; type something.{stale}"
    )
    expect(columns).to_have_css("opacity", "0.4")
    # A text is told as it is, whatever its letters mean to a script.
    page.locator("[data-place=text]").fill("($&")
    page.locator("[data-place=text]").fill("")
    expect(page.locator("[data-place=notice]")).to_contain_text("could be read: ($&")
    page.locator("[data-place=text]").fill("[")
    expect(page.locator("[data-place=notice]")).to_be_empty()
    expect(columns).to_have_css("opacity", "1")
    page.locator("[data-place=model]").select_option("untrained_gru")
    check_numbers(page, network_of("untrained_gru"), "the cat sat on the mat.")
    page.locator("[data-place=text]").fill("Cat")
    expect(page.locator("[data-place=notice]")).to_have_text(
        "This network does not know C; it reads c there."
    )
    check_numbers(page, network_of("untrained_gru"), "cat")


@pytest.mark.parametrize("key", ["brackets_lstm", "adding_rnn"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_longer_than_a_page_runs_is_cut_and_said_to_be(
    script_page: Page, language: str, key: str
) -> None:
    header, numbers = network_parts(named_network(key), language)
    header["network"]["most"] = 3
    texts = ("([{", "([{(") if key == "brackets_lstm" else ("1 0;" * 3, "1 0;" * 4)
    for text, notice in zip(texts, ("", word("site.cut", language, count=3)), strict=True):
        given = [header, packed(numbers), page_words(language), text]
        assert script_page.evaluate(NOTICE, given) == [3, notice]


def test_what_stands_for_the_unknown_is_said_once(opened: Any) -> None:
    page = opened("en/read.html#model=languages_gru&text=李王张")
    expect(page.locator("[data-place=notice]")).to_have_text(
        "This network does not know 李 王 张; it reads <unk> there."
    )


def test_an_answer_of_numbers_keeps_nothing_of_the_model_before(opened: Any) -> None:
    page = opened("en/read.html#model=next_character_lstm")
    answer = page.locator("[data-place=answer]")
    expect(answer.locator("[data-part=share]")).to_contain_text("%")
    expect(answer.locator("[data-part=passage]")).to_be_visible()
    page.locator("[data-place=model]").select_option("adding_lstm")
    expect(answer.locator("[data-part=lead]")).to_have_text("Its sum")
    expect(answer.locator("[data-part=share]")).to_be_empty()
    expect(answer.locator("[data-part=passage]")).to_be_hidden()
    name = answer.locator("[data-part=name]").text_content()
    expect(answer.locator("[data-part=status]")).to_have_text(f"Its sum {name}")
    # Neither while the player moves.
    page.locator("[data-part=play]").focus()
    page.keyboard.press("Home")
    expect(answer.locator("[data-part=share]")).to_be_empty()


def test_inputs_of_a_task_have_the_names_of_the_app(opened: Any) -> None:
    page = opened("zh/read.html#model=adding_lstm&text=0.5 1; 0.25 0")
    expect(page.locator("[data-place=chart]")).to_contain_text("数值")
    expect(page.locator("[data-place=chart]")).to_contain_text("标记")
    sentence = page.locator("[data-place=step_sentence] [data-part=picked]")
    expect(sentence).to_contain_text("数值 = 0.25, 标记 = 0 ：")
    page.evaluate("rnnvizPlayheads.get('panels').setSignal('input')")
    expect(page.locator("[data-place=arithmetic]")).to_contain_text("标记")


def test_a_held_gate_is_in_the_address_and_any_other_text_there_is_none(opened: Any) -> None:
    page = opened("en/read.html#model=untrained_lstm&text=hello")
    page.locator('[data-gate="forget"]').focus()
    page.keyboard.press("End")
    page.wait_for_url("**do=**")
    page.reload()
    expect(page.get_by_role("button", name="forget gate = 1.00")).to_be_visible()
    model = network_of("untrained_lstm")
    check_numbers(page, model, "hello", intervene=[rv.Clamp("forget", 1)])
    page.get_by_role("button", name="forget gate = 1.00").click()
    page.wait_for_url(lambda address: "do=" not in address)
    name = "model=untrained_lstm"
    odd = (
        "no JSON",
        "{}",
        "null",
        "[null]",
        "[1]",
        '[{"do":"clamp","gate":"nothing","value":1}]',
        '[{"do":"clamp","gate":"forget","value":"1"}]',
        '[{"do":"clamp","gate":"forget","value":1,"units":[99]}]',
        '[{"do":"clamp","gate":"forget","value":1,"units":"all"}]',
        '[{"do":"weight","value":1}]',
        '[{"do":"clamp","gate":"forget","value":1e308}]',
        json.dumps([{"do": "clamp", "gate": "forget", "value": 1}] * 101),
    )
    for at, text in enumerate(odd):
        # Another text every time, so that the numbers are not those from before.
        read = "hello"[at % 4 :]
        page.evaluate("(hash) => { location.hash = hash; }", f"{name}&text={read}&do={quote(text)}")
        check_numbers(page, model, read)
        expect(page.locator("[data-place=changes]")).to_be_hidden()


def test_numbers_are_typed_step_by_step(opened: Any) -> None:
    page = opened("en/read.html#model=adding_gru&text=0.5+1;0.25+0;0.125+1")
    check_numbers(page, network_of("adding_gru"), "0.5 1; 0.25 0; 0.125 1")
    page.locator("[data-place=text]").fill("0.5 1 2; 3")
    expect(page.locator("[data-place=notice]")).to_contain_text("reads 2 numbers a step")


def test_a_held_gate_is_listed_undone_and_let_go(opened: Any) -> None:
    page = opened("en/read.html#model=untrained_lstm&text=hello")
    model = network_of("untrained_lstm")
    page.locator('[data-gate="forget"]').focus()
    page.keyboard.press("End")
    chip = page.get_by_role("button", name="forget gate = 1.00")
    expect(chip).to_be_visible()
    check_numbers(page, model, "hello", intervene=[rv.Clamp("forget", 1)])
    # Another text is read with the gate still held.
    page.locator("[data-place=text]").fill("abc")
    held = check_numbers(page, model, "abc", intervene=[rv.Clamp("forget", 1)])
    assert_sentence(page, held, "", "en")
    # The sentences of a unit that is picked are written when it is.
    page.locator("[data-part=below]").click()
    assert_sentence(page, held, "", "en")
    page.get_by_role("button", name="Undo").click()
    expect(chip).to_be_hidden()
    check_numbers(page, model, "abc")


def test_it_is_used_with_the_keyboard_alone_on_a_phone(opened: Any) -> None:
    page = opened(viewport={"width": 390, "height": 844}, has_touch=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.locator("[data-place=model]").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-place=text]")).to_have_value(page_networks()[1].examples[0])
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("([])")
    check_numbers(page, network_of("brackets_lstm"), "([])")
    page.locator("[data-part=play]").focus()
    page.keyboard.press("Home")
    expect(page.locator("[data-place=answer] [data-part=name]")).to_have_text("1")
    answer, chart = (
        page.locator(f"[data-place={name}]").bounding_box() for name in ("answer", "chart")
    )
    assert answer["y"] + answer["height"] <= chart["y"]


def test_the_picture_follows_the_ground(opened: Any) -> None:
    page = opened(color_scheme="dark")
    ink = "() => document.querySelector('[data-place=chart]').layout.xaxis.tickfont.color"
    assert page.evaluate(ink) == "#e8ebf0"
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"{ink.replace('() => ', '() => (')}) === '#1c2430'")


def test_a_long_text_is_coloured_by_the_picked_unit(opened: Any) -> None:
    page = opened("en/read.html#model=next_character_lstm")
    example = next(one.examples[0] for one in page_networks() if one.key == "next_character_lstm")
    text = page.locator("[data-place=text_axis] [data-part=text]")
    expect(text).to_have_text(example)
    colours = "(spans) => new Set(spans.map((one) => one.style.background)).size"
    assert text.locator("span").evaluate_all(colours) > 5
    page.locator("[data-place=text]").fill("Alice ")
    expect(page.locator("[data-place=text_axis]")).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_line_says_how_the_heatmaps_are_read(opened: Any, language: str) -> None:
    page = opened(f"{language}/read.html#model=brackets_lstm")
    legend = page.locator("[data-place=legend]")
    for name in ("grid", "closed", "open", "cut", "click"):
        expect(legend).to_contain_text(word(f"hint.{name}", language))
    expect(legend.locator(".hint-cut")).to_be_visible()
    page.locator("[data-place=model]").select_option("untrained_gru")
    expect(legend.locator(".hint-scale").first).to_be_visible()
    expect(legend.locator(".hint-cut")).to_be_hidden()


@pytest.mark.parametrize(
    ("language", "first"), [("en", "Liberation Sans"), ("zh", "Noto Sans CJK")]
)
def test_quotes_have_the_width_that_the_language_gives_them(
    opened: Any, language: str, first: str
) -> None:
    font = opened(f"{language}/read.html").evaluate(
        "() => getComputedStyle(document.body).fontFamily"
    )
    fonts = [name for name in ("Liberation Sans", "Noto Sans CJK") if name in font]
    assert min(fonts, key=font.index) == first


def test_a_large_text_is_painted_at_once_and_drawn_when_the_hand_rests(opened: Any) -> None:
    page = opened("en/read.html#model=next_character_lstm")
    field = page.locator("[data-place=text]")
    text = field.input_value()
    drawn = "() => document.querySelector('[data-place=chart]').data[0].z[0].length"
    painted = """(text) => {
      const field = document.querySelector("[data-place=text]");
      field.value = text;
      field.dispatchEvent(new Event("input"));
      return [document.querySelectorAll("canvas.rnnviz-tried").length,
        document.querySelector("[data-place=chart]").data[0].z[0].length];
    }"""
    assert page.evaluate(painted, f"{text}xy") == [page.locator(".hm image").count(), len(text)]
    check_numbers(page, network_of("next_character_lstm"), f"{text}xy")
    page.wait_for_function(f"({drawn})() === {len(text) + 2}")
    expect(page.locator("canvas.rnnviz-tried")).to_have_count(0)
    check_numbers(page, network_of("next_character_lstm"), f"{text}xy")


def test_a_seed_draws_other_weights_and_is_in_the_address(opened: Any) -> None:
    page = opened("en/read.html#model=untrained_lstm&text=cat&seed=3")
    vocabulary = network_of("untrained_lstm").vocabulary

    def drawn(seed: int) -> rv.Model:
        model = rv.random_model("lstm", len(vocabulary), 16, seed=seed)
        return model.with_vocabulary(vocabulary)

    expect(page.locator("[data-place=seed]")).to_have_value("3")
    check_numbers(page, drawn(3), "cat")
    page.locator("[data-place=seed]").fill("12")
    check_numbers(page, drawn(12), "cat")
    page.wait_for_url("**seed=12**")
    # What is no seed leaves the picture of the one before, which the field names again.
    for odd in ("", "-1", "4294967296"):
        page.locator("[data-place=seed]").fill(odd)
        check_numbers(page, drawn(12), "cat")
        page.locator("[data-place=text]").focus()
        expect(page.locator("[data-place=seed]")).to_have_value("12")


@pytest.mark.parametrize("cell", rv.CELLS)
def test_random_weights_of_every_cell_are_drawn_in_every_way_and_size(
    script_page: Page, cell: str
) -> None:
    network = named_network(f"untrained_{cell}")
    header, vocabulary = network_parts(network, "zh")[0], network.model.vocabulary
    assert vocabulary is not None
    shapes = [
        (5, 1, "backward", 0),
        (19, 2, "forward", 1),
        (1, 3, "both", 4),
        (16, 4, "forward", 0),
    ]
    sizes = cycle(shapes)
    ways = initialisations(rv.CELLS[cell])
    for seed, (init, shape) in enumerate(zip(ways, sizes, strict=False)):
        n_units, n_layers, direction, shown = shape
        chosen = {"seed": seed, "init": init, "gain": 1 + seed % 3}
        stack = {"direction": direction, **chosen}
        model = rv.random_model(cell, len(vocabulary), n_units, n_layers, **stack)
        trace = rv.trace(in_double(model.with_vocabulary(vocabulary)), rv.parse("a cat."))
        own = {"units": n_units, "layers": n_layers, "direction": direction, "shown": shown}
        found = script_page.evaluate(DRAWN_RUN, [header, network.drawn | chosen, own])
        assert found.keys() == trace.layers[shown].signals.keys()
        for name, values in trace.layers[shown].signals.items():
            got = np.reshape(found[name], values[:, 0].shape)
            np.testing.assert_allclose(got, values[:, 0], rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("init", INITIALISATIONS)
def test_before_it_is_rounded_a_weight_is_numpys(script_page: Page, init: str) -> None:
    network = named_network("untrained_lstm_projected")
    model = rv.random_model("lstm_projected", 28, 48, seed=9, init=init, dtype=np.float64)
    vocabulary = network.model.vocabulary
    assert vocabulary is not None
    own = replace(network, model=model.with_vocabulary(vocabulary))
    header, wanted = network_parts(own, "en")
    # Inputs and initial states are no weights.
    given = [header, packed(wanted), network.drawn | {"seed": 9, "init": init}]
    np.testing.assert_allclose(script_page.evaluate(EXACT, given), wanted, rtol=1e-12, atol=1e-14)


def test_random_weights_come_without_numbers(read_site: Path) -> None:
    for one in page_networks():
        sent = (read_site / f"shared/models/{one.key}.js").read_text("utf-8")
        assert ('"numbers"' in sent) is one.is_trained
        assert one.is_trained or len(sent) < 2_000


def test_layers_are_stacked_and_shown_one_at_a_time(opened: Any) -> None:
    page = opened("zh/read.html#model=untrained_gru&text=cat&units=5&layers=3&layer=1&init=chrono")
    vocabulary = network_of("untrained_gru").vocabulary
    assert vocabulary is not None

    def drawn(
        n_layers: int, init: str = "chrono", gain: float = 1, cell: str = "gru", **options: Any
    ) -> rv.Model:
        chosen = {"init": init, "gain": gain, **options}
        model = rv.random_model(cell, len(vocabulary), 5, n_layers, **chosen)
        return model.with_vocabulary(vocabulary)

    switch, layers = page.locator("[data-place=layer]"), page.locator("[data-place=layers]")
    expect(switch).to_have_value("1")
    expect(switch.locator("option")).to_have_text([f"第 {at} 层 →" for at in (1, 2, 3)])
    check_numbers(page, drawn(3), "cat", layer=1)
    # It reads the state of the layer below.
    expect(page.locator("[data-place=diagram]")).to_contain_text("h¹→")
    page.locator('[data-gate="update"]').focus()
    page.keyboard.press("End")
    held = rv.Clamp("update", 1, layer=1)
    check_numbers(page, drawn(3), "cat", layer=1, intervene=[held])
    chip = page.locator("[data-place=changes] button").first
    expect(chip).to_contain_text("第 2 层")
    # What is held stays held where another layer is looked at.
    switch.select_option("2")
    check_numbers(page, drawn(3), "cat", layer=2, intervene=[held])
    page.wait_for_url("**layer=2**")
    page.reload()
    check_numbers(page, drawn(3), "cat", layer=2, intervene=[held])
    # A layer that is no longer there is neither shown nor held.
    layers.fill("1")
    check_numbers(page, drawn(1), "cat")
    expect(page.locator("[data-place=switch]")).to_be_hidden()
    page.wait_for_url(lambda address: "layer" not in address and "do=" not in address)
    page.locator("[data-place=init]").select_option("orthogonal")
    check_numbers(page, drawn(1, "orthogonal"), "cat")
    # Both directions beside each other.
    page.locator("[data-place=direction]").select_option("both")
    switch.select_option("1")
    check_numbers(page, drawn(1, "orthogonal", direction="both"), "cat", layer=1)
    page.locator("[data-place=direction]").select_option("forward")
    page.locator("[data-place=gain]").select_option("3")
    check_numbers(page, drawn(1, "orthogonal", 3), "cat")
    page.wait_for_url("**init=orthogonal&gain=3**")
    # Another cell is drawn as this one.
    page.locator("[data-place=model]").select_option("untrained_lstm")
    check_numbers(page, drawn(1, "orthogonal", 3, "lstm"), "the cat sat on the mat.")
    # Trained weights are what they are.
    page.locator("[data-place=model]").select_option("brackets_lstm")
    page.wait_for_url("**model=brackets_lstm**")
    page.locator("[data-place=model]").select_option("untrained_lstm")
    check_numbers(page, network_of("untrained_lstm"), "the cat sat on the mat.")


def test_what_a_cell_does_not_have_is_given_up_and_the_rest_is_kept(opened: Any) -> None:
    asked = "model=untrained_rnn&text=cat&init=chrono&units=4&layers=9&layer=1&gain=4&direction=up"
    page = opened(f"en/read.html#{asked}")
    vocabulary = network_of("untrained_rnn").vocabulary
    assert vocabulary is not None
    model = rv.random_model("rnn", len(vocabulary), 4).with_vocabulary(vocabulary)
    check_numbers(page, model, "cat")
    expect(page.locator("[data-place=layers]")).to_have_value("1")
    expect(page.locator("[data-place=init]")).to_have_value("pytorch")
    expect(page.locator("[data-place=gain]")).to_have_value("1")


def test_a_number_of_units_is_typed_and_is_in_the_address(opened: Any) -> None:
    page = opened("zh/read.html#model=untrained_lstm&text=cat&seed=3")
    vocabulary = network_of("untrained_lstm").vocabulary

    def drawn(n_units: int) -> rv.Model:
        model = rv.random_model("lstm", len(vocabulary), n_units, seed=3)
        return model.with_vocabulary(vocabulary)

    field = page.locator("[data-place=units]")
    expect(field).to_have_value("16")
    field.fill("5")
    check_numbers(page, drawn(5), "cat")
    page.wait_for_url("**units=5**")
    for odd in ("", "0", "65"):
        field.fill(odd)
        check_numbers(page, drawn(5), "cat")
        page.locator("[data-place=text]").focus()
        expect(field).to_have_value("5")
    # The seed is kept, and an address opens the same network.
    page.reload()
    expect(field).to_have_value("5")
    check_numbers(page, drawn(5), "cat")


def test_a_moment_of_training_is_chosen_by_keyboard(opened: Any) -> None:
    page = opened("zh/read.html#model=brackets_lstm&text=([]")
    moments = [one.model for one in preset("brackets_lstm").snapshots()]
    slider = page.locator("[data-place=moment]")
    slider.focus()
    for at in range(len(moments) - 2, -1, -1):
        page.keyboard.press("ArrowLeft")
        check_numbers(page, moments[at], "([]")
    expect(slider).to_have_attribute("aria-valuetext", word("course.before", "zh"))
    page.wait_for_url("**moment=0**")
    page.locator("[data-place=model]").select_option("languages_gru")
    expect(page.locator("[data-place=moments]")).to_be_hidden()
    check_numbers(page, network_of("languages_gru"), "Schneider")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_address_that_does_not_fit_is_told(opened: Any, language: str) -> None:
    page = opened(f"{language}/read.html#model=nothing&do=x&seed=-1&moment=99&with=x&other=y")
    notice = page.locator("[data-place=notice]")
    expect(notice).to_contain_text("“nothing”")
    expect(notice).to_contain_text(word("site.not_held", language))
    check_numbers(page, network_of("languages_gru"), "Schneider")
    page.locator("[data-place=text]").fill("Li")
    expect(notice).to_be_empty()
    page.evaluate("location.hash = 'model=file'")
    expect(notice).to_have_text(word("site.file.lost", language))


def test_a_held_gate_is_hatched_and_named(opened: Any) -> None:
    held = quote('[{"do":"clamp","gate":"forget","value":1,"units":[2,3],"start":1}]')
    page = opened(f"zh/read.html#model=untrained_lstm&text=cat&do={held}")
    chart = page.locator("[data-place=chart]")
    expect(chart).to_contain_text(f"▨ {word('hint.held', 'zh')}")
    shapes = page.evaluate("() => document.querySelector('[data-place=chart]').layout.shapes")
    assert "M0.5,1.5L2.5,1.5L2.5,3.5L0.5,3.5Z" in [shape["path"] for shape in shapes]
    page.get_by_role("button", name=word("do.clear", "zh")).click()
    expect(chart).not_to_contain_text("▨")


def test_files_that_are_missing_are_told_and_the_picture_stays(
    browser: Any, read_site: Any, tmp_path: Any
) -> None:
    folder = tmp_path / "site"
    shutil.copytree(read_site, folder)
    (folder / "shared/models/brackets_lstm.js").unlink()
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(f"{(folder / 'en/read.html').as_uri()}#model=languages_gru&with=nothing")
    check_numbers(page, network_of("languages_gru"), "Schneider")
    page.locator("[data-place=model]").select_option("brackets_lstm")
    notice = page.locator("[data-place=notice]")
    expect(notice).to_have_text(word("site.incomplete"))
    expect(page.locator("[data-place=model]")).to_have_value("languages_gru")
    page.locator("[data-place=text]").fill("Li")
    check_numbers(page, network_of("languages_gru"), "Li")
    (folder / "shared/plotly.min.js").unlink()
    page.reload()
    expect(notice).to_have_text(word("site.incomplete"))
    context.close()
