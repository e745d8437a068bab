"""Data of a lesson's page: what its figures, numbers and live cell show at every position.

A script that both languages share; `lesson.js` reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from rnnviz.figures.plotly_json import PlotlyJson, to_page
from rnnviz.figures.theme import Look
from rnnviz.lessons.interactive import Settings, SettingsAnswer
from rnnviz.lessons.lesson import Exercise, Figure, Formula, Heading, LessonPart, Live, Prose
from rnnviz.lessons.registry import lesson
from rnnviz.site.lesson_parts import part_body
from rnnviz.site.live_packets import live_packets
from rnnviz.site.pool import Pool, change
from rnnviz.site.positions import lesson_positions
from rnnviz.ui.player.packet import script_json

Data = dict[str, Any]
# By what a page shows: its language, or its language and ground.
Show = Callable[[Settings, str], Any]


def lesson_script(id: str, languages: tuple[str, ...]) -> bytes:
    """Script that holds a lesson's data for its pages in some languages."""
    made = _LessonData(id, languages)
    data = {
        "defaults": made.positions.defaults,
        "counts": {name: len(values) for name, values in made.positions.values.items()},
        "texts": made.texts(),
        "figures": made.figures(),
        "lives": made.lives(),
        "reached": made.reached(),
        "pool": made.pool.parts,
    }
    return f"globalThis.rnnvizLesson = {script_json(data)};\n".encode()


def look_of(key: str) -> Look:
    """Look of a page's language and ground.

    >>> look_of("zh.dark")
    Look(language='zh', dark=True, scale=1.0, height=0)
    """
    language, ground = key.split(".")
    return Look(language, ground == "dark")


def page_json(figure: PlotlyJson) -> PlotlyJson:
    """Figure as a page draws it anew at every position, its numbers in float32."""
    traces = [{name: _short(part) for name, part in one.items()} for one in figure["data"]]
    plain = to_page({**figure, "data": traces}).to_dict()
    layout = {name: part for name, part in plain["layout"].items() if name != "datarevision"}
    return {"data": plain["data"], "layout": layout}


def _short(part: Any) -> Any:
    """A trace's numbers in half their bytes; anything else as it is."""
    if isinstance(part, list) and len(part) > 4 and all(type(one) is float for one in part):
        part = np.array(part)
    is_double = isinstance(part, np.ndarray) and part.dtype == np.float64
    return part.astype(np.float32) if is_double else part


class _LessonData:
    """Entries of a lesson's data: the controls that change a part, and what it shows."""

    def __init__(self, id: str, languages: tuple[str, ...]) -> None:
        self.id, self.languages = id, languages
        self.looks = [f"{one}.{ground}" for one in languages for ground in ("light", "dark")]
        self.parts, self.pool = lesson(id, "en").parts, Pool()
        self.positions = lesson_positions(id)
        self.code = self.positions.code

    def texts(self) -> Data:
        """HTML of the parts that a control changes, by place in the lesson."""
        return {
            str(at): self._entry(at, partial(self._body, at), self.languages)
            for at in self._places(Prose, Formula, Heading)
            if self.positions.reads[at]
        }

    def _body(self, at: int, settings: Settings, language: str) -> str:
        return part_body(lesson(self.id, language).parts[at], self.code, settings, language)

    def figures(self) -> Data:
        """Plotly's JSON of every figure by its name."""
        return {
            self._name(at): self._entry(at, partial(self._figure, self._name(at)), self.looks)
            for at in self._places(Figure)
        }

    def _figure(self, name: str, settings: Settings, key: str) -> PlotlyJson:
        return page_json(self.code.figures[name](settings, look_of(key)))

    def lives(self) -> Data:
        """Heatmaps of every live slot, and the packets of its components."""
        return {
            self._name(at): self._entry(at, partial(self._live, self._name(at)), self.looks)
            for at in self._places(Live)
        }

    def _live(self, name: str, settings: Settings, key: str) -> Data:
        shown = live_packets(self.code.widgets[name](settings), f"live_{name}", look_of(key))
        return {**shown, "figure": page_json(shown["figure"])}

    def reached(self) -> Data:
        """Flags, by exercise: 1 at every position that reaches the settings it asks for, else 0."""
        wanted = {
            at: answer
            for at in self._places(Exercise)
            if isinstance(answer := self.code.exercises[self._name(at)], SettingsAnswer)
        }
        return {
            self._name(at): {
                "reads": self.positions.reads[at],
                "shown": [int(answer.reached(one)) for one in self.positions.settings(at)],
            }
            for at, answer in wanted.items()
        }

    def _places(self, *kinds: type[LessonPart]) -> list[int]:
        return [at for at, part in enumerate(self.parts) if isinstance(part, kinds)]

    def _name(self, at: int) -> str:
        return str(getattr(self.parts[at], "name", ""))

    def _entry(self, at: int, show: Show, keys: Iterable[str]) -> Data:
        """A part as it is at first, by key, and the changes to it at every position."""
        settings = self.code.settings()
        first = {key: show(settings, key) for key in keys}
        shown = [
            {key: change(first[key], show(one, key)) for key in first}
            for one in self.positions.settings(at)
        ]
        return {
            "reads": self.positions.reads[at],
            "first": self.pool.put(first),
            "shown": [self.pool.put(changes) for changes in shown],
        }
