"""The page that reads as a reader meets it: where things are, and what can be done to them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

PATIENCE = 30_000  # ms; two cores are shared by server, browser and whatever else runs
STILL = 250  # ms
expect.set_options(timeout=PATIENCE)
# Looked at in every frame, where `expect` looks after 0.1, 0.35, 0.85 and 1.85 s.
SHOWS_SOMETHING = """() =>
    [...document.querySelectorAll(".js-plotly-plot .main-svg, [data-testid=stAlert]")].some(
        (one) => one.getBoundingClientRect().height > 0 && one.checkVisibility(),
    )"""
RESTS = """() =>
    document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning" &&
    !document.querySelector("[data-stale=true]")"""


@dataclass(frozen=True)
class Box:
    """A rectangle on the page, in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width


class Explore:
    """One tab with the app."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.slider = page.locator(".player [data-part=slider]")
        self.play = page.locator(".player [data-part=play]")
        self.main = page.get_by_test_id("stMain")
        self.sidebar = page.get_by_test_id("stSidebar")
        self.network = page.locator(".st-key-network")
        self.dialog = page.get_by_test_id("stPopoverBody")
        self.text = self.main.get_by_test_id("stTextInputField").filter(visible=True)
        self.models = self.main.locator(".st-key-model_list button").first
        self.alert = page.get_by_test_id("stAlert")
        self.crash = page.get_by_test_id("stException")
        self.heatmaps = page.locator(".st-key-panels .hm image")
        self.future_mask = page.locator(".rnnviz-future-mask")
        self.boxes = page.locator(".rnnviz-box")
        self.numbers = page.locator(".value-table table").first
        self.outputs = page.locator(".value-table table").nth(1)

    def open(self, query: str = "") -> Explore:
        """Go there and wait until there is a picture, or a sentence that says why not.

        The model is an untrained network where the query names no other.
        """
        model = "" if "model=" in query else "model=untrained"
        self.page.goto(f"{self.url}/?{'&'.join(filter(None, (model, query)))}")
        self.page.wait_for_function(SHOWS_SOMETHING)
        self.rest()
        return self

    def rest(self) -> None:
        """Wait until the server has answered and the page has taken the answer in."""
        self.page.wait_for_function(RESTS)

    def lie_still(self) -> None:
        """Wait until nothing moves: what is clicked is found first, and charts above it grow."""
        self.main.evaluate(stays("one.scrollHeight"))

    def part(self, name: str) -> Locator:
        """A part of the player."""
        return self.page.locator(f".player [data-part={name}]")

    def stands_on(self, step: int) -> None:
        """Wait until the player stands on a step, counted from 1 as people see it."""
        expect(self.slider).to_have_value(str(step))

    def at(self, step: int, unit: int = 0, units: int = 1, panel: int = 0) -> tuple[float, float]:
        """Where on the page the middle of a heatmap's cell is; the step counted from 1."""
        self.lie_still()
        self.heatmaps.nth(panel).evaluate("image => image.scrollIntoView({ block: 'center' })")
        box = box_of(self.heatmaps.nth(panel))
        wide = box.width / self.n_steps
        return box.left + (step - 0.5) * wide, box.top + (unit + 0.5) * box.height / units

    @property
    def n_steps(self) -> int:
        return int(self.slider.get_attribute("max") or 0)

    @property
    def chosen(self) -> dict[str, str]:
        """What the address says."""
        query = parse_qs(urlsplit(self.page.url).query)
        return {key: values[0] for key, values in query.items()}

    def expect_address(self, part: str) -> None:
        """Wait until the address holds a part."""
        self.page.wait_for_function("part => location.href.includes(part)", arg=part)

    def expect_no_address(self, part: str) -> None:
        """Wait until the address holds a part no more."""
        self.page.wait_for_function("part => !location.href.includes(part)", arg=part)

    def expect_tokens(self, tokens: list[str]) -> None:
        """Wait until the picture's time axis shows these tokens, each under its number."""
        labels = self.page.locator(".st-key-panels .xaxislayer-above .xtick text")
        expect(labels).to_have_text([f"{i}{token}" for i, token in enumerate(tokens, 1)])

    def table(self, found: Locator | None = None) -> dict[str, list[str]]:
        """The numbers of the step: a column of texts for every heading."""
        rows = (found or self.numbers).evaluate(
            "table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent))"
        )
        return {column[0]: list(column[1:]) for column in zip(*rows, strict=True)}

    def cell(self, name: str) -> Locator:
        """The button of a cell of the untrained network."""
        return self.network.get_by_role("radio", name=name, exact=True)

    def choose_cell(self, name: str) -> None:
        """Press a cell's button, or take it from the list under the network's size."""
        if self.cell(name).count():
            self.cell(name).click()
            return
        self.open_size()
        self.dialog.locator("[class*=st-key-others] input").click()
        self.page.get_by_role("option", name=name, exact=True).click()
        self.rest()
        self.close_dialog()

    def open_size(self) -> None:
        """Unfold the rarer types of cell, and the numbers of units and layers."""
        self.network.locator(".st-key-network_size button").first.click()
        expect(self.dialog).to_be_visible()

    def close_dialog(self) -> None:
        """Fold up what is folded out over the page, if anything still is."""
        if self.dialog.count():
            self.press("Escape")
        expect(self.dialog).to_have_count(0)

    def choose_model(self, name: str) -> None:
        """Take a model from the list."""
        self.models.click()
        self.dialog.get_by_role("button", name=name).click()
        expect(self.dialog).to_have_count(0)
        self.rest()

    def open_drawer(self) -> None:
        """Open what experts choose."""
        if not self.dialog.count():
            self.page.locator(".st-key-expert button").first.click()
        expect(self.dialog).to_be_visible()
        self.rest()
        self.lie_still()

    def start_over(self) -> None:
        """Set everything of the page back."""
        self.open_drawer()
        self.dialog.get_by_role("button", name="Start over").click()

    def unfold(self, group: str) -> None:
        """Open a folded group of what experts choose."""
        self.open_drawer()
        self.dialog.locator("summary").filter(has_text=group).click()
        # A list that opens while its place still moves closes at once. A new drawing may cancel an
        # animation, which rejects its promise: it moves no more either way.
        self.dialog.evaluate(
            "e => Promise.allSettled(e.getAnimations({ subtree: true }).map((one) => one.finished))"
        )

    def leave(self) -> None:
        """Take the focus away from everything, as a click on the empty part of the header does."""
        self.page.mouse.click(800, 28)

    def pick(self, label: str, option: str) -> None:
        """Choose in a select box of what experts choose, whose group is unfolded."""
        self.rest()
        box = self.dialog.get_by_role("combobox", name=label)
        # As people do: scroll to it first. A list that opens while its drawer scrolls closes again.
        box.scroll_into_view_if_needed()
        self.lie_still()
        box.fill(option)
        expect(self.page.get_by_role("option", name=option, exact=True)).to_be_visible()
        box.press("Enter")

    def expect_headings(self, signals: list[str]) -> None:
        """Wait until the table has a column for each of these signals."""
        expect(self.numbers.locator("thead th")).to_have_text(["unit", *signals])

    def tab(self) -> str:
        """Go on to what the keyboard reaches next, and say what it is called."""
        self.press("Tab")
        return str(
            self.page.evaluate(
                """() => {
                    let at = document.activeElement;
                    while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                    return at.ariaLabel ?? at.querySelector("p")?.textContent ?? "";
                }"""
            )
        )

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)


def box_of(locator: Locator) -> Box:
    found = locator.bounding_box()
    assert found, f"{locator} is not on the page"
    return Box(found["x"], found["y"], found["width"], found["height"])


def stays(measure: str) -> str:
    """JavaScript function that waits until a measure of an element, `one`, is the same for a while.

    Playwright's wait_for_function would take the promise itself for the answer.
    """
    return f"""async (one) => {{
        const measure = () => {measure};
        for (const end = Date.now() + {PATIENCE}; Date.now() < end; ) {{
            const before = measure();
            await new Promise((done) => setTimeout(done, {STILL}));
            if (before !== null && measure() === before) return;
        }}
        throw new Error("It does not lie still");
    }}"""
