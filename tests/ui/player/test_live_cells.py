"""Templates of other cells: what a page gets to show them itself."""

from __future__ import annotations

import gzip
import json
from typing import Any

from rnnviz.cells import CELLS
from rnnviz.figures.theme import Look
from rnnviz.network.random_model import initialisations
from rnnviz.ui.player.live_cells import cells_packet


def unpacked(cells: tuple[str, ...], look: Look) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(gzip.decompress(cells_packet(cells, look)))
    return read["cells"]


def test_every_cell_comes_with_its_panels_and_all_that_a_page_can_draw() -> None:
    for name, templates in unpacked(tuple(CELLS), Look("en")).items():
        assert len(templates) == len(next(iter(CELLS[name].activations.values()), ("",)))
        template = templates[""]
        signals = {one["name"] for one in template["header"]["player"]["panels"]}
        assert signals >= {signal.name for signal in CELLS[name].signals}
        assert template["drawn"]["inits"] == list(initialisations(CELLS[name]))


def test_all_readers_of_a_language_get_the_same_few_bytes() -> None:
    taught = ("lstm", "gru", "gru_reset_after")
    packet = cells_packet(taught, Look("zh"))
    assert packet is cells_packet(taught, Look("zh"))
    assert packet != cells_packet(taught, Look("zh", dark=True))
    assert len(packet) < 12_000
