"""Class mode: a clicker's first step forward reveals a question's answer, the next goes on."""

from __future__ import annotations

import pytest

from rnnviz.lessons.lesson import slides
from rnnviz.lessons.registry import LESSONS, lesson
from rnnviz.ui.controls import lesson as class_page


@pytest.mark.parametrize("id", LESSONS)
def test_revealing_every_question_opens_every_slide(id: str) -> None:
    text = lesson(id, "en")
    open_slides = [len(slides(text.shown(n))) for n in range(len(text.questions) + 1)]
    assert open_slides == sorted(set(open_slides))
    assert open_slides[-1] == len(slides(text.parts))


@pytest.mark.parametrize(("picked", "guess"), [(None, "·"), (1, "1")])
def test_the_step_forward_reveals_with_what_is_chosen(
    monkeypatch: pytest.MonkeyPatch, picked: int | None, guess: str
) -> None:
    text = lesson("lstm_gates", "en")
    chosen: dict[str, object] = {"guess": [], "lesson": text.id, "class": "1"}
    key = f"guess_{text.id}_{text.questions[0].name}"
    session = {"slide_controls": {"slide": "reveal"}, key: picked}
    monkeypatch.setattr(class_page.state, "get", chosen.__getitem__)
    monkeypatch.setattr(class_page.state, "put", lambda **own: chosen.update(own))
    monkeypatch.setattr(class_page.state, "language", lambda: "en")
    monkeypatch.setattr(class_page.st, "session_state", session)
    class_page._go_to_slide()
    assert chosen["guess"] == [guess]
    assert "slide" not in chosen
