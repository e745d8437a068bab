"""What the static Read page compares: alignment, differences and words are those of the app."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import rnnviz as rv
from rnnviz.analysis.align import align
from rnnviz.analysis.compare import comparison
from rnnviz.analysis.difference import predicted_outputs, signal_differences, trace_difference
from rnnviz.figures.theme import Look
from rnnviz.i18n import word
from rnnviz.site.networks import PageNetwork, network_parts, page_networks
from rnnviz.train.presets import preset
from tests.browser.live import in_double
from tests.site.reading import named_network, network_of, packed, run_of

STEPS = """(pairs) => pairs.map((tokens) => {
  const runs = tokens.map((one) => ({ run: { tokens: one, labels: one, panels: new Map() } }));
  return new rnnviz.RunComparison(runs).steps;
})"""
COMPARE = """([header, numbers, texts]) => {
  const model = new rnnviz.PageModel(header, new Float64Array(rnnviz.bytesOf(numbers).buffer));
  const runs = texts.map((name) => ({ model, name, run: model.run(model.read(name), []) }));
  const found = new rnnviz.RunComparison(runs);
  const plain = (panels) => [...panels].map(
    ([name, { low, high, values }]) => [name, low, high, [...values]],
  );
  return {
    labels: found.labels, changes: found.changes, sizes: found.sizes(), flips: found.flips(),
    differences: plain(found.differences()),
    one: plain(found.panels(0)), other: plain(found.panels(1)),
  };
}"""
DRAWN = """([header, numbers, drawn, seed]) => {
  const given = new Float64Array(rnnviz.bytesOf(numbers).buffer);
  return [...rnnviz.drawnNumbers(header, given, { ...drawn, seed })];
}"""
NUMBERS = """([group, signal]) => {
  const playhead = rnnvizPlayheads.get("compare");
  const { units } = playhead.signalOf(group, signal);
  const at = (step) => [...playhead.valuesAt(group, signal, step)];
  const length = playhead.lengthOf(group);
  return Array.from({ length }, (_, step) => at(step).slice(0, units.length));
}"""


def test_texts_are_aligned_as_the_app_aligns_them(script_page: Page) -> None:
    generator = np.random.default_rng(3)
    texts = [
        ["".join(generator.choice(list("abc"), generator.integers(0, 9))) for _ in range(2)]
        for _ in range(60)
    ]
    found = script_page.evaluate(STEPS, [[list(one), list(other)] for one, other in texts])
    for pair, steps in zip(texts, found, strict=True):
        wanted = align(*pair)
        assert steps == [list(wanted.one), list(wanted.other)], pair


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        ("languages_gru", ("Schneider", "Schneijder")),
        ("brackets_lstm", ("([]{}", "([{}]")),
        ("adding_rnn", ("0.5 1; 0.25 0; 1 1", "0.5 1; 0.75 0; 1 1; 0 0")),
        ("untrained_lstm_projected", ("cat", "chat")),
    ],
)
def test_two_texts_differ_as_in_the_app(
    script_page: Page, key: str, texts: tuple[str, str]
) -> None:
    header, numbers = network_parts(named_network(key), "en")
    found = script_page.evaluate(COMPARE, [header, packed(numbers), texts])
    runs = [run_of(named_network(key), text) for text in texts]
    view = comparison(runs, texts)
    assert [name for name, *_ in found["one"] if name != "inputs"] == [
        panel.signal.name for panel in view.runs[0].panels
    ]
    if not key.startswith("adding"):
        assert found["labels"] == list(view.tokens)
    for side, run in zip(("one", "other"), view.runs, strict=True):
        assert_panels([one for one in found[side] if one[0] != "inputs"], run)
    subtracted = trace_difference(*runs)
    assert_panels(found["differences"], subtracted)
    assert found["changes"] == list(subtracted.tokens)
    for size, wanted in zip(found["sizes"], signal_differences(*runs), strict=True):
        most = wanted.largest
        assert (size["name"], size["column"]) == (wanted.signal.name, most.step)
        assert [size[name] for name in ("max", "mean", "one", "other")] == pytest.approx(
            [wanted.max, wanted.mean, most.one, most.other], rel=1e-9
        )
    answers = predicted_outputs(*runs)
    if answers is None:
        assert found["flips"] is None
    else:
        assert [flip["column"] for flip in found["flips"]] == list(answers.flips)


def test_runs_of_many_numbers_are_compared(script_page: Page) -> None:
    header, numbers = network_parts(named_network("languages_gru"), "en")
    # More numbers than a function takes: letters times units.
    texts = ("ab" * 1300, "ac" * 1300)
    found = script_page.evaluate(COMPARE, [header, packed(numbers), texts])
    runs = [run_of(named_network("languages_gru"), text) for text in texts]
    assert [size["max"] for size in found["sizes"]] == pytest.approx(
        [one.max for one in signal_differences(*runs)], rel=1e-9
    )


def test_what_is_said_of_the_own_text_stays_beside_the_other(opened: Any) -> None:
    page = opened("en/read.html#model=brackets_lstm&text=(x&with=text&other=([")
    expect(page.locator("[data-place=name_1]")).to_have_text("([")
    notice = page.locator("[data-place=notice]")
    expect(notice).to_have_text("This network does not know x; it is left out.")
    page.locator("[data-place=other_text]").fill("(y")
    expect(notice).to_contain_text("does not know x;")
    expect(notice).to_contain_text("does not know y;")
    page.locator("[data-place=with]").select_option("")
    expect(notice).to_have_text("This network does not know x; it is left out.")


def shown_colour(colour: str) -> str:
    """A colour as a browser writes it."""
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


def assert_panels(found: Any, view: Any) -> None:
    for (name, low, high, values), panel in zip(found, view.panels, strict=True):
        assert name == panel.signal.name
        assert (low, high) == pytest.approx((panel.low, panel.high), rel=1e-9)
        # JSON has null for NaN.
        shown = np.array(values, float).reshape(panel.values.T.shape)
        np.testing.assert_allclose(shown, panel.values.T, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("one", page_networks(), ids=lambda one: one.key)
def test_the_page_draws_the_weights_that_numpy_draws(script_page: Page, one: PageNetwork) -> None:
    header, numbers = network_parts(one, "en")
    card = one.card
    seeds = [one.drawn["seed"]] if card else [0, 7, 2**32 - 1]
    for seed in seeds:
        model = (
            card.untrained_model()
            if card
            else rv.random_model(one.model.layers[0].cell_name, 28, 16, seed=seed).with_vocabulary(
                one.model.vocabulary
            )
        )
        wanted = network_parts(PageNetwork(one.key, model, one.examples, one.task), "en")[1]
        # States and inputs are no weights.
        drawn = script_page.evaluate(DRAWN, [header, packed(numbers), one.drawn, seed])
        np.testing.assert_array_equal(drawn, wanted)
    assert one.model.layers[0].weights.keys() == model.layers[0].weights.keys()


def check_run(page: Page, number: int, trace: rv.Trace, layer: int = 0) -> None:
    """A chart of the comparison has the numbers of this run, where it has a step."""
    for name, values in trace.layers[layer].signals.items():
        shown = np.array(page.evaluate(NUMBERS, [f"run_{number}", name]), float)
        there = shown[~np.isnan(shown).any(axis=1)]
        np.testing.assert_allclose(there, values[:, 0], rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_network_is_compared_with_itself_before_its_training(opened: Any, language: str) -> None:
    page = opened(f"{language}/read.html#model=brackets_lstm&text=([])")
    page.locator("[data-place=with]").select_option("untrained")
    expect(page.locator("[data-place=name_0]")).to_have_text(word("course.before", language))
    expect(page.locator("[data-place=compare_about]")).to_have_text(
        word("compare.training.about", language)
    )
    expect(page.locator("[data-place=columns]")).to_be_hidden()
    read = rv.parse("([])", kind="characters")
    check_run(page, 0, rv.trace(in_double(preset("brackets_lstm").untrained_model()), read))
    check_run(page, 1, run_of(named_network("brackets_lstm"), "([])"))
    # Arrow keys move the one player; the address opens the same again.
    page.locator("[data-place=compare_player] [data-part=play]").focus()
    page.keyboard.press("Home")
    expect(page.locator("[data-place=compare_here]")).to_contain_text("“(”")
    page.get_by_role("radio", name=word("sides.difference", language)).check()
    page.wait_for_url("**sides=difference**")
    page.reload()
    expect(page.locator("[data-place=run_1]")).to_be_hidden()
    title = page.locator("[data-place=chart_0] .infolayer")
    expect(title).to_contain_text(f"− {word('course.before', language)}")
    page.emulate_media(color_scheme="dark")
    state = (
        page.locator("[data-place=compare_most]")
        .get_by_role("button")
        .filter(has_text=word("signal.hidden", language))
    )
    expect(state).to_have_css("color", shown_colour(Look(language, True).colour("hidden")))
    caption = page.locator("[data-place=compare_most] caption")
    expect(caption).to_contain_text(f"− {word('course.before', language)}")
    # What is chosen away leaves the page as it was.
    page.locator("[data-place=with]").select_option("")
    expect(page.locator("[data-place=compared]")).to_be_hidden()
    expect(page.locator("[data-place=answer] [data-part=name]")).to_have_text("0")
    page.wait_for_url(lambda address: "with=" not in address)


def test_two_texts_and_the_run_without_the_change_on_a_phone(opened: Any) -> None:
    held = quote('[{"do":"clamp","gate":"forget","value":1}]')
    page = opened(
        f"en/read.html#model=brackets_lstm&text=([])&with=text&other=([]{quote('{}')})&do={held}",
        viewport={"width": 390, "height": 844},
    )
    check_run(page, 1, run_of(named_network("brackets_lstm"), "([]{})"))
    page.locator("[data-place=other_text]").fill("[[")
    expect(page.locator("[data-place=name_1]")).to_have_text("[[")
    check_run(page, 1, run_of(named_network("brackets_lstm"), "[["))
    page.locator("[data-place=other_text]").fill("x")
    expect(page.locator("[data-place=notice]")).to_contain_text("does not know x")
    # The two runs before stay, dimmed.
    expect(page.locator("[data-place=compared]")).to_have_css("opacity", "0.4")
    expect(page.locator("[data-place=name_1]")).to_have_text("[[")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.locator("[data-place=with]").select_option("unchanged")
    expect(page.locator("[data-place=name_1]")).to_have_text(word("versus.changed"))
    read = rv.parse("([])", kind="characters")
    model = in_double(network_of("brackets_lstm"))
    check_run(page, 1, rv.trace(model, read, intervene=[rv.Clamp("forget", 1)]))
    check_run(page, 0, rv.trace(model, read))


def test_another_network_stands_beside_and_is_not_subtracted(opened: Any) -> None:
    page = opened("en/read.html#model=untrained_lstm&text=cat&with=untrained_mgu&sides=difference")
    expect(page.locator("[data-place=name_1]")).to_contain_text("MGU")
    check_run(page, 0, run_of(named_network("untrained_lstm"), "cat"))
    check_run(page, 1, run_of(named_network("untrained_mgu"), "cat"))
    # Random weights of both are of one seed.
    page.locator("[data-place=seed]").fill("5")
    vocabulary = network_of("untrained_mgu").vocabulary
    model = rv.random_model("mgu", len(vocabulary), 16, seed=5).with_vocabulary(vocabulary)
    read = rv.parse("cat", kind="characters")
    page.wait_for_url("**seed=5**")
    check_run(page, 1, rv.trace(in_double(model), read))
    # Of both the same layer is shown.
    page.locator("[data-place=layers]").fill("2")
    page.locator("[data-place=layer]").select_option("1")
    page.wait_for_url("**layer=1**")
    model = rv.random_model("mgu", len(vocabulary), 16, 2, seed=5).with_vocabulary(vocabulary)
    check_run(page, 1, rv.trace(in_double(model), read), layer=1)
    expect(page.locator("[data-place=sides]")).to_be_hidden()
    expect(page.locator("[data-place=compare_most]")).to_be_hidden()
    expect(page.locator("[data-place=compare_here]")).to_contain_text("mean size")
    offered = page.locator("[data-place=with] option")
    keys = offered.evaluate_all("(options) => options.map((one) => one.value)")
    assert "adding_lstm" not in keys
    assert "untrained" not in keys


def test_an_address_whose_other_text_is_unknown_shows_the_run_alone(opened: Any) -> None:
    page = opened("en/read.html#model=brackets_lstm&text=(&with=text&other=xyz")
    expect(page.locator("[data-place=notice]")).to_contain_text("does not know x y z")
    expect(page.locator("[data-place=columns]")).to_be_visible()
    expect(page.locator("[data-place=answer] [data-part=name]")).to_have_text("1")
    page.wait_for_url(lambda address: "with=" not in address)
