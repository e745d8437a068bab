"""What a trained network writes after a prompt: where it repeats itself, and its words."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import numpy as np

from rnnviz.engine.write import Written, write
from rnnviz.interventions.types import Clamp, Intervention, SetState
from rnnviz.lessons.content.text_probes import PRESET
from rnnviz.train.presets import preset
from rnnviz.train.text_tasks import book

PROMPT = "Alice was "
SHOWN, MEASURED, SEEDS = 150, 600, 5
# The unit that, held at ±2, changes the length of the words most; all were tried.
SPACING_UNIT, HELD_STATE = 101, 2.0


@lru_cache(maxsize=256)
def written(
    temperature: float, seed: int, n: int = SHOWN, hold: tuple[Intervention, ...] = ()
) -> Written:
    """What the network writes after the prompt."""
    model = preset(PRESET).model()
    return write(model, PROMPT, n, temperature=temperature, seed=seed, intervene=hold)


def loop(text: str) -> tuple[int, int]:
    """Where a text begins to repeat itself for good, and the length of what it repeats; the length
    is 0 for a text whose last third is no repetition."""
    for period in range(1, len(text) // 3):
        if text[-2 * period :][:period] != text[-period:]:
            continue
        start = len(text) - period
        while start and text[start - 1] == text[start - 1 + period]:
            start -= 1
        if len(text) - start >= len(text) // 3:
            return start, period
    return len(text), 0


@cache
def greedy() -> str:
    """What the network writes at temperature 0, long enough to see whether it repeats."""
    return written(0.0, 1, 1000).text


def words(text: str) -> list[str]:
    """The whole words of a text: the first and the last may be cut."""
    return re.findall(r"[A-Za-z]+", text.lower())[1:-1]


@cache
def _known_words() -> frozenset[str]:
    return frozenset(re.findall(r"[A-Za-z]+", book().lower()))


def word_share(*texts: str) -> float:
    """Share of the words of texts that stand in the book."""
    every = [word for text in texts for word in words(text)]
    return float(np.mean([word in _known_words() for word in every])) if every else 0.0


def _samples(temperature: float, hold: tuple[Intervention, ...] = ()) -> list[str]:
    return [written(temperature, seed, MEASURED, hold).text for seed in range(1, SEEDS + 1)]


@cache
def words_at(temperature: float) -> float:
    """Share of written words that the book has, at a temperature."""
    return word_share(*_samples(temperature))


@cache
def words_held(forget: float) -> float:
    """Share of written words that the book has, the forget gate held, at temperature 0.7."""
    return word_share(*_samples(0.7, (Clamp("forget", forget),)))


def unit_hold(value: float | None, unit: int = SPACING_UNIT) -> tuple[Intervention, ...]:
    """One unit's cell state at a value: nothing is forgotten of it and nothing written to it."""
    if value is None:
        return ()
    return (
        SetState("cell", value, 0, units=unit),
        Clamp("forget", 1.0, units=unit),
        Clamp("input", 0.0, units=unit),
    )


@cache
def word_length(value: float | None) -> float:
    """Mean length of written words, the spacing unit's state held or, for None, free."""
    texts = _samples(0.7, unit_hold(value))
    return float(np.mean([len(word) for text in texts for word in words(text)]))
