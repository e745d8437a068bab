"""Draw every cell's diagram with the app's own code: `python -m assets.diagrams.make`.

Beside this file, for each cell that declares a drawing: `<cell>.svg`, one step with its numbers,
and `<cell>.webp`, all steps. Needs Playwright and a Chromium.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

import rnnviz as rv
from rnnviz.analysis.panels import Panels, panels
from rnnviz.figures.theme import FONT, colour
from rnnviz.inputs.samples import samples
from rnnviz.ui.player.component import file_text, script
from rnnviz.ui.player.diagram import diagram_packet
from rnnviz.ui.player.packet import pack, panel_headers
from tests.browser.chromium import launch

HERE = Path(__file__).parent
GROUP = "drawing"
WIDTH, DENSITY = 400, 2
MILLISECONDS, QUALITY = 1100, 80
STEP, UNIT = 5, 5
_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ {variables} }}
body {{ margin: 0; background: var(--st-background-color); }}
{css}
</style>
<div id="place">{html}</div>
<script type="module">
{script}
const [packet, numbers] = ["{packet}", "{numbers}"].map((text) =>
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)),
);
playheadOf("{group}").addTrace(unpack(numbers));
// What a drawing asks of the app, where it can.
window.asked = [];
const setTriggerValue = (_, asked) => window.asked.push(asked);
mount({{ data: packet, parentElement: document.querySelector("#place"), setTriggerValue }});
</script>
</html>
"""


def page(
    packet: bytes, view: Panels, *, language: str = "en", dark: bool = False, group: str = GROUP
) -> str:
    """A page with the live cell alone; its playhead is `rnnvizPlayheads.get(group)`.

    view  the panels whose numbers it shows, under the trace's name GROUP.
    """
    numbers = pack(
        {
            "group": group,
            "trace": GROUP,
            "tokens": view.tokens,
            "panels": panel_headers(view, "en"),
        },
        view,
    )
    inks = {"text": "ink", "background": "paper", "secondary-background": "line"}
    inks |= {"border": "line", "primary": "accent"}
    variables = [f"--st-{name}-color: {colour(ink, dark)};" for name, ink in inks.items()]
    return _PAGE.format(
        language=language,
        variables=" ".join([*variables, f"--st-font: {FONT};"]),
        css=file_text("diagram.css"),
        html=file_text("diagram.html"),
        script=script("diagram"),
        packet=base64.b64encode(packet).decode(),
        numbers=base64.b64encode(numbers).decode(),
        group=group,
    )


def page_of(cell: str) -> str:
    """The sample sentence, word by word, through a cell of random weights, always the same."""
    sequence = rv.parse(samples()[0].text.strip(), kind="words")
    model = rv.random_model(cell, sequence.n_features, 16, seed=7, init="xavier", gain=3)
    trace = rv.trace(model, sequence)
    view = panels(trace)
    packet = diagram_packet(trace, view, name=GROUP, group=GROUP, playhead=GROUP, layer=0)
    assert packet is not None
    return page(packet, view)


def draw(browser: Browser, cell: str) -> None:
    """Write a cell's two files."""
    tab = browser.new_page(viewport={"width": WIDTH, "height": 600}, device_scale_factor=DENSITY)
    tab.set_content(page_of(cell))
    tab.evaluate(f"rnnvizPlayheads.get('{GROUP}').setUnit({UNIT})")
    pictures = [_picture(tab, time) for time in range(tab.evaluate(_PLAYHEAD + ".length"))]
    first, *others = pictures
    first.save(
        HERE / f"{cell}.webp",
        save_all=True,
        append_images=others,
        duration=MILLISECONDS,
        loop=0,
        quality=QUALITY,
        method=6,
    )
    tab.evaluate(f"{_PLAYHEAD}.seek({STEP})")
    # Its words for those who do not see it follow when the cursor has settled.
    tab.locator(f"[aria-label*='step {STEP + 1} of']").wait_for()
    (HERE / f"{cell}.svg").write_text(tab.evaluate(_SVG, colour("paper")) + "\n", "utf-8")
    tab.close()


_PLAYHEAD = f"rnnvizPlayheads.get('{GROUP}')"
_SVG = """paper => {
    const copy = document.querySelector("[data-part=drawing]").cloneNode(true);
    for (const part of ["tabindex", "style", "data-part"]) copy.removeAttribute(part);
    const [, , width, height] = copy.getAttribute("viewBox").split(" ");
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    const ground = document.createElementNS(copy.namespaceURI, "rect");
    for (const [name, value] of Object.entries({ width, height, fill: paper })) {
        ground.setAttribute(name, value);
    }
    copy.prepend(ground);
    return new XMLSerializer().serializeToString(copy);
}"""


def _picture(tab: Page, time: int) -> Image.Image:
    tab.evaluate(f"{_PLAYHEAD}.seek({time})")
    return Image.open(io.BytesIO(tab.locator("[data-part=drawing]").screenshot())).convert("RGB")


def main() -> None:
    """Draw all cells."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name, cell in rv.CELLS.items():
            if cell.diagram is not None:
                draw(browser, name)
        browser.close()


if __name__ == "__main__":
    main()
