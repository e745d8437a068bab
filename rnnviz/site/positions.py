"""Positions of a lesson's controls in the static edition, and what is computed at each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, product, zip_longest
from math import prod
from typing import Any

import numpy as np

from rnnviz.figures.theme import Look
from rnnviz.i18n import LANGUAGES
from rnnviz.lessons.interactive import (
    LessonCode,
    Options,
    Setting,
    Settings,
    SettingsAnswer,
    Slider,
)
from rnnviz.lessons.lesson import Control, Exercise, FactValue, Figure, LessonPart
from rnnviz.lessons.registry import lesson, lesson_code
from rnnviz.lessons.slides import settings_read

# What follows several controls at once is computed at about so many of their settings.
MOST_SETTINGS = 280
# A figure's numbers at all of them take about so many bytes at most.
MOST_BYTES = 54_000
_FEWEST = 3
_Values = tuple[Setting, ...]
# Names of the controls that change a part, in the lesson's order, by the part's place in it.
_ReadAt = Mapping[int, tuple[str, ...]]


@dataclass(frozen=True)
class Positions:
    """Positions of every control of a lesson, and which controls change a part.

    values  by control, those of a slider in order; None, its first, where the gate is not held.
    counts  of all values that each control has in the app.
    """

    code: LessonCode
    values: Mapping[str, _Values]
    counts: Mapping[str, int]
    reads: _ReadAt

    @property
    def defaults(self) -> dict[str, int]:
        """Position of every control at first."""
        first = self.code.settings()
        return {name: values.index(first[name]) for name, values in self.values.items()}

    def settings(self, at: int) -> Iterator[Settings]:
        """Settings at all positions of the controls that change the part at a place, those of the
        last control side by side.
        """
        return _settings(self.code, self.values, self.reads[at])


@cache
def lesson_positions(id: str) -> Positions:
    """Positions of the controls of a lesson: all, or where these are too many, fewer of them."""
    text, code = lesson(id, "en"), lesson_code(id)
    every = {control.name: _all(control) for control in code.controls}
    reads = {at: _reads(id, at, code) for at, part in enumerate(text.parts)}
    counts = {name: len(values) for name, values in every.items()}
    for at, names in reads.items():
        _thin(counts, names, _most(text.parts[at], code, names))
    chosen = {name: _spread(values, counts[name]) for name, values in every.items()}
    needed = _needed(id, chosen, every, reads)
    return Positions(
        replace(code, facts={name: _once(fact) for name, fact in code.facts.items()}),
        {name: _with(every[name], chosen[name], needed[name]) for name in every},
        {name: len(values) for name, values in every.items()},
        reads,
    )


def _reads(id: str, at: int, code: LessonCode) -> tuple[str, ...]:
    """Controls that change the part at a place in either language."""
    parts = [lesson(id, language).parts[at] for language in LANGUAGES]
    read = {
        name
        for part in parts
        if not isinstance(part, Control)
        for name in settings_read(code, part)
    }
    return tuple(control.name for control in code.controls if control.name in read)


def _once(fact: Callable[[Settings], FactValue]) -> Callable[[Settings], FactValue]:
    """A fact that is computed once for the texts of all languages."""
    known: dict[tuple[Any, ...], FactValue] = {}

    def remembered(settings: Settings) -> FactValue:
        key = tuple(settings.items())
        if key not in known:
            known[key] = fact(settings)
        return known[key]

    return remembered


def _settings(
    code: LessonCode, values: Mapping[str, _Values], names: tuple[str, ...]
) -> Iterator[Settings]:
    for chosen in product(*(values[name] for name in names)):
        yield code.settings(dict(zip(names, chosen, strict=True)))


def _all(control: Slider | Options) -> _Values:
    if isinstance(control, Options):
        return control.options
    count = round((control.high - control.low) / control.step) + 1
    held = (control.validated(control.low + at * control.step) for at in range(count))
    return (None, *held) if control.optional else tuple(held)


def _most(part: LessonPart, code: LessonCode, names: tuple[str, ...]) -> int:
    """At how many settings a part is computed, fewer where more of its numbers change."""
    if not isinstance(part, Figure):
        return MOST_SETTINGS
    first, last = code.settings(), {one.name: _all(one)[-1] for one in code.controls}

    def changed(*moved: str) -> int:
        settings = code.settings({**first, **{name: last[name] for name in moved}})
        draw = code.figures[part.name]
        return _new_bytes(draw(first, Look()), draw(settings, Look()))

    n_bytes = changed(*names)
    # Lines that each follow one control come again, and are held once.
    is_apart = len(names) > 1 and n_bytes == sum(map(changed, names))
    return MOST_SETTINGS if is_apart else min(MOST_SETTINGS, MOST_BYTES // max(1, n_bytes))


def _thin(counts: dict[str, int], reads: tuple[str, ...], most: int) -> None:
    """Reduce the largest of some counts until these controls have at most `most` settings."""
    while prod(counts[name] for name in reads) > most:
        largest = max(counts[name] for name in reads)
        if largest <= _FEWEST:
            return
        for name in reads:
            counts[name] = min(counts[name], largest - 1)


def _spread(values: _Values, count: int) -> _Values:
    """About `count` of the values, evenly spread, with both ends, and with None where it is one."""
    off, held = (values[:1], values[1:]) if values[0] is None else ((), values)
    last, most = len(held) - 1, max(2, count - len(off))
    even = [n for n in range(most, most // 2, -1) if n > 1 and last % (n - 1) == 0]
    places = np.linspace(0, last, even[0] if even else most).round().astype(int)
    return (*off, *(held[at] for at in places.tolist()))


def _needed(
    id: str, chosen: Mapping[str, _Values], every: Mapping[str, _Values], reads: _ReadAt
) -> dict[str, set[Setting]]:
    """Values that may not be missing: the defaults, and those that reach each exercise."""
    code = lesson_code(id)
    needed = {name: {value} for name, value in code.settings().items()}
    for at, part in enumerate(lesson(id, "en").parts):
        wanted = code.exercises.get(part.name) if isinstance(part, Exercise) else None
        if not isinstance(wanted, SettingsAnswer):
            continue
        names = reads[at]
        tried = chain(_settings(code, chosen, names), _settings(code, every, names))
        if reached := next(filter(wanted.reached, tried), None):
            for name in names:
                needed[name].add(reached[name])
    return needed


def _with(every: _Values, chosen: _Values, needed: set[Setting]) -> _Values:
    """The chosen and the needed values in their order."""
    return tuple(value for value in every if value in chosen or value in needed)


def _new_bytes(before: Any, after: Any) -> int:
    """Bytes, in float32, of a figure's numbers that differ from those of another figure."""
    if isinstance(after, np.ndarray):
        return (
            0 if np.array_equal(before, after, equal_nan=after.dtype.kind == "f") else after.nbytes
        )
    if isinstance(after, float):
        return 0 if before == after else 4
    if isinstance(after, dict):
        old = before if isinstance(before, dict) else {}
        return sum(_new_bytes(old.get(key), part) for key, part in after.items())
    if isinstance(after, list):
        pairs = zip_longest(before if isinstance(before, list) else (), after)
        return sum(_new_bytes(*pair) for pair in pairs)
    return 0
