"""Two networks side by side, and what lies between them."""

from __future__ import annotations

import rnnviz as rv
from rnnviz.analysis.side_by_side import GAP, MISREAD, RESET_AFTER, side_by_side
from tests.witnesses import assert_close, normal


def test_the_third_panel_is_the_first_minus_the_second_on_the_same_scale() -> None:
    values = normal(6, 1, 3)
    one = rv.trace(rv.random_model("lstm", 3, 5, seed=1), values)
    other = rv.trace(rv.random_model("gru", 3, 5, seed=2), values)
    view = side_by_side(one, other, RESET_AFTER, MISREAD)
    first, second, third = view.panels
    assert [panel.signal for panel in view.panels] == [MISREAD, RESET_AFTER, GAP]
    assert_close(first.values, one["hidden"][:, 0].T)
    assert_close(second.values, other["hidden"][:, 0].T)
    assert_close(third.values, (one["hidden"] - other["hidden"])[:, 0].T)
    assert len({(panel.low, panel.high) for panel in view.panels}) == 1


def test_without_another_name_the_first_is_the_hidden_state() -> None:
    trace = rv.trace(rv.random_model("gru", 1, 2), [[0.5]])
    assert side_by_side(trace, trace, MISREAD).panels[0].signal == trace.layers[0].cell.signal(
        "hidden"
    )
