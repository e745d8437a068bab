"""The drawing of a cell with gradients in place of values."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from rnnviz.analysis.gradient_view import gradient_panels, node_gradients
from rnnviz.ui.player.diagram import diagram_packet
from tests.witnesses import assert_close, normal

VALUES = rv.Sequence(0.01 * normal(4, 1, 3, seed=2))


def packet(cell: str, language: str = "en") -> tuple[dict[str, Any] | None, Any, Any]:
    model = rv.random_model(cell, 3, 5, seed=4, n_outputs=4, dtype=np.float64)
    trace, found = rv.trace(model, VALUES), rv.gradients(model, VALUES, [-1, -1, -1, 2])
    view = gradient_panels(trace, found, units=(1, 3))
    place: dict[str, Any] = {"name": "a", "group": "b", "playhead": "b", "layer": 0}
    made = diagram_packet(trace, view, **place, gradients=found, language=language)
    if made is None:
        return None, trace, found
    (size,) = struct.unpack("<I", made[:4])
    return json.loads(made[4 : 4 + size]), trace, found


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_every_place_has_its_gradient_in_the_unit_that_the_title_names(cell: str) -> None:
    header, trace, found = packet(cell)
    assert header is not None
    power = header["words"]["title"].rpartition("10")[2]
    digits = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    unit = 10.0 ** int(power.translate(digits))
    at = node_gradients(trace, found)
    assert set(header["given"]) == set(at)
    for node, values in header["given"].items():
        assert_close(np.multiply(values, unit), at[node][:, [1, 3]])
    assert 1 <= header["limit"] < 10
    for scale in header["scales"].values():
        assert scale["low"] == -scale["high"] == -header["limit"]


def test_no_gate_is_said_to_keep_or_to_write() -> None:
    header, *_ = packet("lstm", "zh")
    assert header is not None
    assert "梯度" in header["words"]["title"]
    assert {label["role"] for label in header["labels"]} >= {"name", "value"}
    assert "phrase" not in {label["role"] for label in header["labels"]}


def test_a_drawing_in_which_gradients_cannot_stand_is_left_out() -> None:
    assert packet("gru")[0] is None
