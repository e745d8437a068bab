"""Class mode: a clicker's first step forward reveals a question's answer, the next goes on."""

from __future__ import annotations

from typing import Any

import pytest

from rnnviz.lessons.lesson import QuizQuestion, Reveal
from rnnviz.lessons.registry import LESSONS, lesson
from rnnviz.lessons.slides import slides
from rnnviz.ui.controls import class_room as class_page


@pytest.fixture
def pressed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Choices after the controls asked for a place, in a session with these chosen options."""

    def press(place: Any, id: str = "lstm_gates", **session: Any) -> dict[str, Any]:
        chosen: dict[str, Any] = {"guess": [], "lesson": id, "class": "1"}
        session |= {"slide_controls": {"slide": place}}
        monkeypatch.setattr(class_page.state, "get", chosen.__getitem__)
        monkeypatch.setattr(class_page.state, "put", lambda **own: chosen.update(own))
        monkeypatch.setattr(class_page.state, "language", lambda: "en")
        monkeypatch.setattr(class_page.st, "session_state", session)
        class_page._go_to_slide()
        return chosen

    return press


def slide_of_the_first_question(id: str) -> tuple[int, str]:
    for at, slide in enumerate(slides(lesson(id, "en").parts)):
        for part in slide:
            if isinstance(part, QuizQuestion):
                return at, part.name
    raise AssertionError(id)


@pytest.mark.parametrize("id", LESSONS)
def test_revealing_question_after_question_opens_every_slide(id: str) -> None:
    text = lesson(id, "en")
    names = [part.name for part in text.parts if isinstance(part, Reveal)]
    open_slides = [slides(text.shown(names[:n])) for n in range(len(names) + 1)]
    every = slides(text.parts)
    # What is open is the beginning of the whole, so that a slide's number means one slide.
    assert all(every[: len(some)] == some for some in open_slides)
    assert open_slides[-1] == every
    assert len({len(some) for some in open_slides}) == len(names) + 1


@pytest.mark.parametrize(("picked", "guess"), [(None, "·"), (1, "1")])
def test_the_step_forward_reveals_with_what_is_chosen(
    pressed: Any, picked: int | None, guess: str
) -> None:
    at, name = slide_of_the_first_question("lstm_gates")
    place = {"slide": at, "revealed": [at], "press": 3}
    chosen = pressed(place, **{f"guess_lstm_gates_{name}": picked})
    assert chosen["guess"] == [f"{name}={guess}"]
    assert chosen["slide"] == at


def test_a_step_to_another_slide_reveals_nothing(pressed: Any) -> None:
    at, _ = slide_of_the_first_question("lstm_gates")
    assert pressed({"slide": at, "revealed": [], "press": 1})["guess"] == []


@pytest.mark.parametrize(
    "place",
    [
        None,
        7,
        "reveal",
        [],
        {},
        {"slide": None, "revealed": [], "press": 1},
        {"slide": 1, "revealed": 3, "press": 1},
        {"slide": 1e999, "revealed": [], "press": 1},
    ],
)
def test_a_place_that_the_controls_never_send_changes_nothing(pressed: Any, place: Any) -> None:
    assert pressed(place) == {"guess": [], "lesson": "lstm_gates", "class": "1"}
