"""Where the player's step stands in the figures of Understand, read off what the figures draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rnnviz.core.arrays import Array
from rnnviz.figures.theme import Look
from rnnviz.ui import address, places
from rnnviz.ui.selections import OpenedModel, PresetModel, RunChoice, TypedText
from rnnviz.ui.understand.insight import SeenRun
from rnnviz.ui.understand.registry import INSIGHTS
from rnnviz.ui.understand.step_mark import StepMark
from rnnviz.ui.view_jobs import insight_result
from tests.test_app import clicked, opened

TEXT = "([])[("
BRACKETS = RunChoice(OpenedModel(PresetModel("brackets_lstm")), TypedText(TEXT, "characters"))
SETTINGS: dict[str, tuple[Any, ...]] = {
    "coloured_text": ("hidden", 3),
    "memory": (2,),
    "written_answer": (None, None, None),
    "inputs": (None, None, "occlusion", ""),
    "patching": ((None, None, None, "(([])("), "", None),
}


def drawn(key: str) -> tuple[tuple[StepMark, ...], dict[str, Any]]:
    """Marks of a view, and its figure."""
    one = INSIGHTS[key]
    found = insight_result(key, SeenRun(BRACKETS, 0, SETTINGS.get(key, ())))
    assert one.marks is not None
    assert one.draw is not None
    return one.marks(found), one.draw(found, Look())


def on_axis(axis: Any, shown: Any) -> list[float]:
    """Where values stand on an axis; categories are counted from 0."""
    if axis.get("type") == "category":
        return [list(shown).index(value) for value in shown]
    return np.asarray(shown, float).tolist()


def numbers(marked: Array | None) -> list[float]:
    assert marked is not None
    return marked.tolist()


@pytest.mark.parametrize("key", ["memory", "written_answer", "how_far_back"])
def test_a_map_of_steps_has_the_step_as_a_row_and_as_a_column(key: str) -> None:
    (row, column), figure = drawn(key)
    heatmap, layout = figure["data"][0], figure["layout"]
    assert numbers(row.y) == on_axis(layout["yaxis"], heatmap["y"])
    assert numbers(column.x) == on_axis(layout["xaxis"], heatmap["x"])
    assert (row.x, column.y, row.radius) == (None, None, 0)


@pytest.mark.parametrize("key", ["eigenvalues", "inputs", "patching"])
def test_an_axis_of_steps_has_a_band(key: str) -> None:
    (band,), figure = drawn(key)
    shown = figure["data"][-1 if key == "eigenvalues" else 0]
    assert numbers(band.x) == on_axis(figure["layout"]["xaxis"], shown["x"])
    assert len(numbers(band.x)) == len(TEXT)
    assert band.y is None


def test_steps_that_do_not_count_have_no_band_over_the_exponents() -> None:
    long = RunChoice(BRACKETS.model, TypedText(TEXT * 5, "characters"))
    found = insight_result("exponents", SeenRun(long))
    (band,) = INSIGHTS["exponents"].marks(found)  # type: ignore[misc]
    figure = INSIGHTS["exponents"].draw(found, Look())  # type: ignore[misc]
    assert found.skipped == 3
    assert np.isnan(numbers(band.x)[:3]).all()
    assert numbers(band.x)[3:] == figure["data"][0]["x"].tolist()


def test_a_path_has_a_ring_round_the_state_in_every_plane() -> None:
    marks, figure = drawn("trajectories")
    lines = [one for one in figure["data"] if one["mode"] == "lines+markers"]
    assert len(marks) == len(lines) == 2
    for number, (ring, line) in enumerate(zip(marks, lines, strict=True), start=1):
        assert ring.axes == number
        assert ring.radius > 0
        assert numbers(ring.x) == line["x"].tolist()
        assert numbers(ring.y) == line["y"].tolist()


def test_a_text_has_a_box_round_the_letter() -> None:
    (box,), figure = drawn("coloured_text")
    letters = figure["data"][0]["text"]
    at = zip(numbers(box.y), numbers(box.x), strict=True)
    assert [letters[int(row)][int(column)] for row, column in at] == list(TEXT)


def test_the_automaton_has_a_ring_round_the_state_that_counts_the_open_brackets() -> None:
    (ring,), figure = drawn("automaton")
    discs = figure["data"][2]
    states = dict(zip(discs["text"], zip(discs["x"], discs["y"], strict=True), strict=True))
    depths = np.cumsum([1 if bracket in "([{" else -1 for bracket in TEXT])
    at = list(zip(numbers(ring.x), numbers(ring.y), strict=True))
    assert at == [states[str(depth)] for depth in depths]


def test_read_and_understand_share_the_step_the_unit_and_the_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = {"says": TEXT, "step": "3", "pick": "cell.5"}
    app = opened(model="preset:brackets_lstm", **here)
    for path, way in (("/understand", "to_understand"), ("/", "on_read")):
        for module in (address, places):
            monkeypatch.setattr(module, "page_path", lambda path=path: path)
        app = clicked(app, way)
        assert not app.exception
        chosen = app.session_state["chosen"]
        assert [chosen[key] for key in here] == [TEXT, 3, "cell.5"]


def test_what_opens_by_itself_stands_at_its_end_on_understand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = opened(model="")
    assert app.session_state["chosen"]["step"] == 0
    for module in (address, places):
        monkeypatch.setattr(module, "page_path", lambda: "/understand")
    app = clicked(app, "to_understand")
    assert not app.exception
    assert app.session_state["chosen"]["step"] is None


def test_a_short_text_stands_over_the_heatmaps_of_read_where_it_is_wanted() -> None:
    here = {"model": "preset:brackets_lstm", "says": TEXT}
    names = [
        {element.proto.component_name for element in opened(**here, **more).get("bidi_component")}
        for more in ({}, {"ribbon": "1"})
    ]
    assert [any("text_axis" in name for name in found) for found in names] == [False, True]
