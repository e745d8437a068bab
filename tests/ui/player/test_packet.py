"""The bytes that cross to the browser are the panels."""

from __future__ import annotations

import struct

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.panels import Panels, panels
from rnnviz.figures.theme import colour
from rnnviz.ui.player.packet import pack, panel_headers
from tests.ui.packets import panels_of, unpacked


@pytest.fixture
def view() -> Panels:
    sequence = rv.parse('Ünï "😀"\n', kind="characters")
    model = rv.random_model("rnn", sequence.n_features, 5, seed=1, gain=4)
    return panels(rv.trace(model, sequence), ["inputs", "hidden", "probabilities"])


def test_a_packet_holds_every_value_of_every_panel(view: Panels) -> None:
    packet = pack({"tokens": view.tokens, "panels": panel_headers(view, "en", False)}, view)
    read = panels_of(packet)
    assert list(read) == ["inputs", "hidden", "probabilities"]
    for panel in view.panels:
        np.testing.assert_array_equal(read[panel.signal.name], panel.values.astype(np.float32))


def test_nothing_follows_the_last_value(view: Panels) -> None:
    packet = pack({"tokens": view.tokens, "panels": panel_headers(view, "en", False)}, view)
    _, values = unpacked(packet)
    assert values.size == sum(panel.values.size for panel in view.panels)


def test_the_header_says_what_each_panel_is_in_the_language_of_the_page(view: Panels) -> None:
    for language, label in (("en", "hidden state"), ("zh", "隐藏状态")):
        panel = panel_headers(view, language, True)[1]
        assert panel["label"] == label
        assert panel["colour"] == colour("hidden", dark=True)
        assert panel["units"] == ("0", "1", "2", "3", "4")
        assert panel["apart"] is False
    assert [panel["apart"] for panel in panel_headers(view, "en", False)] == [True, False, True]


def test_the_size_of_the_header_is_counted_in_bytes() -> None:
    packet = pack({"tokens": ["é", "字", "😀"]})
    assert struct.unpack("<I", packet[:4])[0] == len(packet) - 4
    assert unpacked(packet)[0] == {"tokens": ["é", "字", "😀"]}
