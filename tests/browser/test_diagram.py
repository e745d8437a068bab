"""The live cell on a page of its own: its numbers are the trace's, at any step, for any unit."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import rnnviz as rv
from assets.diagrams.make import GROUP, page
from rnnviz.analysis.panels import panels
from rnnviz.core.activations import ACTIVATIONS, activation
from rnnviz.core.backend import get_backend
from rnnviz.core.cell import Cell
from rnnviz.core.diagram import TRACED, evaluate
from rnnviz.figures.theme import colour
from rnnviz.i18n import word
from rnnviz.ui.player.diagram import diagram_packet

DRAWN = [name for name, cell in rv.CELLS.items() if cell.diagram]
every_drawing = pytest.mark.parametrize("cell", DRAWN)
PLAYHEAD = f"rnnvizPlayheads.get('{GROUP}')"
TEXT = "The cat sat on the mat."
N_STEPS, N_UNITS = len(TEXT), 16
# Two decimals are shown.
CLOSE = 0.005001


def traced(
    cell: str, direction: str = "forward", n_units: int = N_UNITS, cell_activation: str = "tanh"
) -> rv.Trace:
    """From random states, so that the first step has something before it."""
    sequence = rv.parse(TEXT, kind="characters")
    options = {"direction": direction, "seed": 7, "init": "xavier", "gain": 3}
    model = rv.random_model(cell, sequence.n_features, n_units, **options)
    draw = np.random.default_rng(5)
    (first,) = model.layers
    widths = {name: first.width(name) for name in first.cell.states}
    states = {name: np.tanh(draw.standard_normal(width)) for name, width in widths.items()}
    chosen = {"cell_activation": cell_activation} if first.cell.cell_activation else {}
    layers = (replace(first, initial=states, activations=chosen),)
    return rv.trace(replace(model, layers=layers), sequence)


def values_of(
    trace: rv.Trace, step: int, unit: int, cell_activation: str = "tanh"
) -> dict[str, float]:
    """What the drawing should show at every node of a unit."""
    layer = trace.layers[0]
    diagram = layer.cell.diagram
    assert diagram is not None
    sources = {**dict.fromkeys(TRACED, layer.signals), "before": layer.before}
    given = {n.name: sources[n.kind][n.signal] for n in diagram.nodes if n.kind in sources}
    found = evaluate(diagram, given, activation(cell_activation, get_backend()))
    found |= {n.name: layer.signals[n.signal] for n in diagram.nodes if n.kind == "after"}
    unit_wide = {n.name for n in diagram.nodes if n.signal and of_units(layer.cell, n.signal)}
    return {name: values[step, 0, unit] for name, values in found.items() if name in unit_wide}


def of_units(cell: Cell, signal: str) -> bool:
    return cell.signal(signal).axis == "unit"


@dataclass(frozen=True)
class Live:
    """A tab with one live cell."""

    page: Page
    trace: rv.Trace
    cell_activation: str

    @property
    def drawing(self) -> Locator:
        return self.page.locator("[data-part=drawing]")

    @property
    def unit(self) -> Locator:
        return self.page.locator("[data-part=unit]")

    def go(self, step: int) -> None:
        self.page.evaluate(f"{PLAYHEAD}.seek({step})")

    def playhead(self, name: str) -> object:
        return self.page.evaluate(f"{PLAYHEAD}.{name}")

    def said(self, node: str, role: str) -> str:
        return self.page.locator(f"text[data-node='{node}'][data-role={role}]").text_content() or ""

    def numbers(self) -> dict[str, float]:
        """The number at every node that shows one."""
        texts = self.page.locator("text[data-role=value], text[data-role=note]").evaluate_all(
            "all => all.map(text => [text.dataset.node, text.textContent])"
        )
        found = {node: re.search(r"[−\d.]+$", text) for node, text in texts}
        return {node: float(m[0].replace("−", "-")) for node, m in found.items() if m}

    def strip(self, node: str) -> Locator:
        return self.page.locator(f".strip[data-node='{node}']")

    def shows(self, step: int, unit: int) -> None:
        """Every number is the trace's."""
        wanted, shown = values_of(self.trace, step, unit, self.cell_activation), self.numbers()
        cell = self.trace.layers[0].cell
        assert len(shown) >= sum(of_units(cell, signal.name) for signal in cell.signals)
        for node, value in shown.items():
            close = CLOSE if abs(value) < 10 else 10 * CLOSE if abs(value) < 100 else 0.501
            assert value == pytest.approx(wanted[node], abs=close), node


Opening = Callable[..., Live]


@pytest.fixture
def live(browser: Browser) -> Iterator[Opening]:
    """Opens a page with a cell: `live("gru", dark=True)`."""
    errors: list[str] = []
    contexts = []

    def opened(cell: str, *, width: int = 430, order: str = "index", **options: object) -> Live:
        known = ("direction", "n_units", "cell_activation")
        made = {name: options.pop(name) for name in known if name in options}
        trace = traced(cell, **made)
        if "cell_activation" in made:
            options["activations"] = {"cell_activation": made["cell_activation"]}
        view = panels(trace, order=order)
        packet = diagram_packet(
            trace, view, name=GROUP, group=GROUP, playhead=GROUP, layer=0, **options
        )
        context = browser.new_context(viewport={"width": width, "height": 480})
        contexts.append(context)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        tab = context.new_page()
        tab.set_content(page(packet, view, dark=bool(options.get("dark"))))
        return Live(tab, trace, made.get("cell_activation", "tanh"))

    yield opened
    for context in contexts:
        context.close()
    assert not errors


@every_drawing
def test_every_number_is_the_traces_at_any_step_for_any_unit(live: Opening, cell: str) -> None:
    shown = live(cell)
    shown.shows(0, 0)
    for step in random.sample(range(N_STEPS), 6):
        unit = random.randrange(N_UNITS)
        shown.go(step)
        shown.page.evaluate(f"{PLAYHEAD}.setUnit({unit})")
        shown.shows(step, unit)


@every_drawing
def test_a_backward_layer_starts_from_the_token_after(live: Opening, cell: str) -> None:
    shown = live(cell, direction="backward")
    for step in (0, 11, N_STEPS - 1):
        shown.go(step)
        shown.shows(step, 0)


@pytest.mark.parametrize("cell_activation", [*ACTIVATIONS, "elu(0.3)", "hard_sigmoid(0.3,0.4)"])
def test_the_browser_computes_the_layers_own_cell_activation(
    live: Opening, cell_activation: str
) -> None:
    shown = live("lstm", cell_activation=cell_activation)
    for step in (0, 5, N_STEPS - 1):
        shown.go(step)
        shown.shows(step, 0)


def test_a_projection_is_a_strip_of_its_own_length_without_a_unit(live: Opening) -> None:
    shown = live("lstm_projected")
    assert shown.said("hidden before", "note").strip() == "h before"
    for node, n_marks in {"hidden before": N_UNITS // 2, "cell before": N_UNITS}.items():
        assert shown.strip(node).locator("rect[shape-rendering]").count() == n_marks


def test_stepping_changes_the_token_the_numbers_and_the_strips(live: Opening) -> None:
    shown = live("lstm")
    assert shown.said("x", "token") == "x: “T”"
    before = shown.numbers(), shown.strip("forget").inner_html()
    shown.go(3)
    assert shown.said("x", "token") == "x: “␣”"
    assert shown.numbers() != before[0]
    assert shown.strip("forget").inner_html() != before[1]


def test_the_gates_say_what_they_do_in_both_languages(live: Opening) -> None:
    wanted = {
        ("en", "lstm"): {"forget": "keeps {} % of c", "input": "writes {} % of g"},
        ("zh", "lstm"): {"forget": "保留 c 的 {}%", "output": "输出 tanh c 的 {}%"},
        ("en", "gru"): {"update": "keeps {} % of h", "reset": "passes {} % of h"},
        ("zh", "gru_reset_after"): {"update": "保留 h 的 {}%", "reset": "通过 W h 的 {}%"},
    }
    for (language, cell), phrases in wanted.items():
        shown = live(cell, language=language)
        shown.go(9)
        values = values_of(shown.trace, 9, 0)
        for gate, phrase in phrases.items():
            assert shown.said(gate, "phrase") == phrase.format(round(100 * values[gate]))
            assert shown.said(gate, "name") == word(f"box.{gate}", language)
            label = re.compile(f"; {word(f'signal.{gate}', language)} ")
            expect(shown.drawing).to_have_attribute("aria-label", label)


def test_a_click_on_a_strip_singles_out_that_unit_and_its_signal(live: Opening) -> None:
    shown = live("lstm")
    shown.go(9)
    box = shown.strip("input").locator("rect").first.bounding_box()
    assert box
    shown.page.mouse.click(box["x"] + box["width"] * 11.5 / N_UNITS, box["y"] + box["height"] / 2)
    expect(shown.unit).to_have_text("unit 11")
    assert (shown.playhead("unit"), shown.playhead("signal")) == (11, "input")
    shown.shows(9, 11)


def test_a_click_on_a_gate_chooses_its_signal_and_leaves_the_unit(live: Opening) -> None:
    shown = live("lstm")
    frame = shown.page.locator(".gate rect").nth(3)
    frame.click(position={"x": 6, "y": 6})
    assert (shown.playhead("unit"), shown.playhead("signal")) == (0, "output")
    expect(frame).to_have_attribute("stroke-width", "3")


def test_the_arrow_keys_go_through_the_units_in_the_order_they_are_drawn(live: Opening) -> None:
    shown = live("gru", order="similarity")
    units = [int(unit) for unit in panels(shown.trace, order="similarity").panels[0].units]
    assert units != sorted(units)
    shown.page.evaluate(f"{PLAYHEAD}.setUnit({units[4]})")
    shown.drawing.focus()
    for key, unit in (("ArrowDown", units[5]), ("ArrowUp", units[4]), ("ArrowUp", units[3])):
        shown.page.keyboard.press(key)
        expect(shown.unit).to_have_text(f"unit {unit}")
    for _ in range(N_UNITS):
        shown.page.keyboard.press("ArrowUp")
    assert shown.playhead("unit") == units[0]
    shown.page.keyboard.press("Shift+ArrowDown")
    shown.page.keyboard.press("Shift+ArrowDown")
    assert (shown.playhead("unit"), shown.playhead("signal")) == (units[0], "update")
    assert shown.playhead("time") == 0


def test_the_buttons_beside_the_unit_do_the_same(live: Opening) -> None:
    shown = live("rnn")
    shown.page.get_by_role("button", name=word("diagram.below")).click()
    expect(shown.unit).to_have_text("unit 1")
    shown.page.get_by_role("button", name=word("diagram.above")).click()
    expect(shown.unit).to_have_text("unit 0")


def test_the_focus_can_be_seen(live: Opening) -> None:
    shown = live("lstm")
    for _ in range(3):
        shown.page.keyboard.press("Tab")
    expect(shown.drawing).to_be_focused()
    assert shown.drawing.evaluate("svg => getComputedStyle(svg).outlineStyle") == "solid"


def test_at_rest_the_picture_is_told_in_words(live: Opening) -> None:
    shown = live("lstm")
    shown.go(4)
    shown.page.evaluate(f"{PLAYHEAD}.setUnit(2)")
    expect(shown.drawing).to_have_attribute("aria-label", re.compile("step 5 of 23, unit 2"))
    label = shown.drawing.get_attribute("aria-label") or ""
    assert label.startswith("LSTM, ")
    forget = f"forget gate {shown.said('forget', 'value')} {shown.said('forget', 'phrase')}"
    assert {forget, shown.said("cell after", "note")} <= set(re.split("; |: |\\.$", label))


@every_drawing
def test_in_the_dark_paper_and_ink_change_places(live: Opening, cell: str) -> None:
    shown = live(cell, dark=True)
    runs = shown.page.locator("text[data-role=value] tspan:last-child")
    expect(runs.first).to_have_attribute("fill", colour("ink", dark=True))
    frame = shown.page.locator(".gate rect").first
    expect(frame).to_have_attribute("fill", colour("paper", dark=True))
    signal = rv.CELLS[cell].gates[0].name
    expect(frame).to_have_attribute("stroke", colour(signal, dark=True))


@pytest.mark.parametrize(("n_units", "marks"), [(16, 16), (64, 64), (65, 33), (512, 64)])
def test_a_strip_has_a_mark_for_every_unit_or_for_a_few(
    live: Opening, n_units: int, marks: int
) -> None:
    shown = live("lstm", n_units=n_units)
    expect(shown.strip("forget").locator("> rect[fill^=rgb]")).to_have_count(marks)
    for _ in range(2):
        shown.page.evaluate(f"{PLAYHEAD}.setUnit({n_units - 1})")
        shown.shows(0, n_units - 1)


def test_strips_have_the_colours_of_the_heatmaps(live: Opening) -> None:
    """Viridis from 0 to 1 for a gate: dark at its lowest unit, bright at its highest."""
    shown = live("lstm")
    forget = shown.trace["forget"][0, 0]
    fills = (
        shown.strip("forget")
        .locator("> rect[fill^=rgb]")
        .evaluate_all(
            "all => all.map(rect => rect.getAttribute('fill').match(/\\d+/g).map(Number))"
        )
    )
    greens = [green for _, green, _ in fills]
    assert np.argmin(greens) == np.argmin(forget)
    assert np.argmax(greens) == np.argmax(forget)


@every_drawing
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [430, 358])
def test_words_stay_apart_as_the_browser_sets_them(
    live: Opening, cell: str, language: str, width: int
) -> None:
    shown = live(cell, language=language, width=width)
    shown.go(10)
    boxes = shown.page.locator("text[data-node]").evaluate_all(
        """all => all.map(text => {
            const { left, right, top, bottom } = text.getBoundingClientRect();
            // From the tops of the letters to the baseline, about.
            const high = bottom - top;
            return [text.textContent, left, right, top + 0.3 * high, bottom - 0.3 * high];
        })"""
    )
    for i, (text, left, right, top, bottom) in enumerate(boxes):
        assert 0 <= left < right <= width, text
        for other, left_, right_, top_, bottom_ in boxes[:i]:
            apart = right <= left_ or right_ <= left or bottom <= top_ or bottom_ <= top
            assert apart, (text, other)


def test_the_strips_say_how_many_of_the_units_are_shown(browser: Browser) -> None:
    trace = traced("lstm")
    view = panels(trace, units=[3, 9])
    packet = diagram_packet(trace, view, name=GROUP, group=GROUP, playhead=GROUP, layer=0)
    tab = browser.new_page()
    tab.set_content(page(packet, view))
    expect(tab.locator("[data-part=strips]")).to_contain_text("2 of 16 units")
    tab.close()


@pytest.fixture
def held(live: Opening) -> Callable[..., tuple[Live, Callable[[], list[dict[str, object]]]]]:
    """A drawing whose gates can be dragged, and what it has asked of the server."""

    def opened(cell: str = "lstm", **options: object) -> tuple[Live, Callable[[], Any]]:
        shown = live(cell, can_hold=True, **options)
        return shown, lambda: shown.page.evaluate("window.asked")

    return opened


def test_a_dragged_gate_asks_for_its_value_everywhere(held: Any) -> None:
    shown, asked = held()
    shown.go(4)
    box = shown.page.locator("[data-gate=forget] rect").first.bounding_box()
    mouse = shown.page.mouse
    mouse.move(box["x"] + 20, box["y"] + 14)
    mouse.down()
    mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 14, steps=3)
    expect(shown.page.locator("[data-release=forget]")).to_be_visible()
    assert shown.said("forget", "value").endswith(("0.74", "0.75", "0.76"))
    assert not asked()
    mouse.up()
    (one,) = asked()
    assert one.pop("value") == pytest.approx(0.75, abs=0.011)
    everywhere = {"unit": 0, "step": 4, "all_units": True, "all_steps": True}
    assert one == everywhere | {"gate": "forget"}


def test_keys_hold_a_gate_and_let_it_go(held: Any) -> None:
    shown, asked = held()
    gate = shown.page.locator("[data-gate=output]")
    expect(gate).to_have_attribute("aria-label", "output gate")
    shown.page.get_by_label("all units").select_option("this_unit")
    gate.focus()
    assert shown.playhead("signal") == "output"
    for key in ("Home", "ArrowRight", "ArrowRight", "Shift+ArrowRight"):
        shown.page.keyboard.press(key)
    expect(gate).to_have_attribute("aria-valuetext", "0.11, held")
    shown.page.wait_for_function("window.asked.length === 1")
    assert (asked()[0]["value"], asked()[0]["all_units"]) == (0.11, False)
    shown.page.keyboard.press("Escape")
    expect(shown.page.locator("[data-release=output]")).to_be_hidden()
    shown.page.keyboard.press("Delete")
    assert asked()[1]["value"] is None


def test_the_badge_stands_where_the_gate_is_held_and_lets_go(browser: Browser) -> None:
    sequence = rv.parse(TEXT)
    model = rv.random_model("lstm", sequence.n_features, N_UNITS, seed=7)
    trace = rv.trace(model, sequence, intervene=[rv.Clamp("input", 0.2, units=3, start=5)])
    view = panels(trace)
    options = {"name": GROUP, "group": GROUP, "playhead": GROUP, "layer": 0, "can_hold": True}
    tab = browser.new_page()
    tab.set_content(page(diagram_packet(trace, view, **options), view))
    badge = tab.locator("[data-release=input]")
    for unit, step, is_held in ((3, 4, False), (3, 5, True), (3, 22, True), (2, 9, False)):
        tab.evaluate(f"{PLAYHEAD}.setUnit({unit}); {PLAYHEAD}.seek({step})")
        expect(badge).to_be_visible(visible=is_held)
    tab.evaluate(f"{PLAYHEAD}.setUnit(3)")
    badge.click()
    assert tab.evaluate("window.asked")[0] | {"step": 9} == {
        **{"gate": "input", "value": None, "unit": 3, "step": 9},
        **{"all_units": True, "all_steps": True},
    }
    tab.close()


def test_a_picked_state_is_framed(live: Opening) -> None:
    shown = live("lstm")
    shown.page.evaluate(f"{PLAYHEAD}.setSignal('cell')")
    rings = shown.page.locator(".strip[data-node='cell after'] rect[stroke-width='2']")
    expect(rings).to_have_count(1)
    shown.page.evaluate(f"{PLAYHEAD}.setSignal('forget')")
    expect(rings).to_have_count(0)
