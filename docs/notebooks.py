"""Pictures of the notebooks: `python -m docs.notebooks` (`make pictures`).

Every notebook is run as it stands, and the output of its cell with the tag "picture" is shown; with
the tag "picture-with-code" its code too.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import nbformat
import plotly.io
from nbclient import NotebookClient
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.chromium import launch

HERE = Path(__file__).parent
NOTEBOOKS = {path.stem: path for path in sorted((HERE.parent / "notebooks").glob("*.ipynb"))}
PLOTLY = "application/vnd.plotly.v1+json"
_WITH_CODE = "picture-with-code"
_STYLE = """
    body { margin: 0; padding: 12px; width: 976px; font: 14px system-ui, sans-serif; }
    pre { margin: 0 0 12px; padding: 10px 14px; background: #f5f5f5; border-left: 4px solid #1f77b4;
          font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
"""


def main() -> None:
    """Take and keep them all."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        books = executed(Path(folder))
        browser = launch(playwright)
        page = browser.new_context(viewport={"width": 1000, "height": 300}).new_page()
        for name, cells in books.items():
            (cell,) = (one for one in cells if "picture" in one.metadata.get("tags", ()))
            seen = picture(page, cell, Path(folder) / f"{name}.html")
            seen.save(HERE / f"notebook-{name}.webp", quality=80, method=6)
        browser.close()


def executed(folder: Path) -> Mapping[str, list[Any]]:
    """Cells of every notebook with their outputs, run one behind the other in one kernel.

    folder  in which it runs.
    """
    books = {name: nbformat.read(path, 4) for name, path in NOTEBOOKS.items()}
    code = nbformat.v4.new_code_cell
    cells = [cell for book in books.values() for cell in (code("%reset -f"), *book.cells)]
    NotebookClient(
        nbformat.v4.new_notebook(cells=cells),
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    return {name: book.cells for name, book in books.items()}


def picture(page: Page, cell: Any, path: Path) -> Image.Image:
    """A cell's output, as a browser shows it."""
    code = f"<pre>{escape(cell.source)}</pre>" if _WITH_CODE in cell.metadata.tags else ""
    shown = "".join(map(_output, cell.outputs))
    head = f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style>'
    path.write_text(f"{head}{code}{shown}", "utf-8")
    page.goto(path.as_uri())
    if page.locator("iframe").count():
        player = page.frame_locator("iframe")
        expect(player.locator(".hm image").first).to_be_visible(timeout=30_000)
        for _ in range(4):
            player.locator("[data-part=back]").click()
    page.wait_for_timeout(1_500)
    return Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")


def _output(output: Any) -> str:
    data = output.get("data", {})
    if PLOTLY in data:
        figure = plotly.io.from_json(json.dumps(data[PLOTLY]), skip_invalid=True)
        return str(figure.to_html(full_html=False, include_plotlyjs=True))
    return str(data.get("text/html", ""))


if __name__ == "__main__":
    main()
