"""A network that writes, its temperature, its perplexity, and what a held gate does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf

import numpy as np

from rnnviz.analysis.coloured_text import ColouredText, coloured_text, text_in_lines
from rnnviz.analysis.surprise import surprise
from rnnviz.core.arrays import Array
from rnnviz.core.backend import get_backend
from rnnviz.core.cell import Signal
from rnnviz.engine.api import trace
from rnnviz.figures.coloured_text import figure as coloured_text_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.readout import figure as readout_figure
from rnnviz.figures.theme import Look
from rnnviz.inputs.parse import parse
from rnnviz.interventions.serialise import to_text
from rnnviz.interventions.types import Clamp, Intervention
from rnnviz.lessons.content import number_mistakes as mistakes
from rnnviz.lessons.content.character_counts import counted_perplexity
from rnnviz.lessons.content.held_out_reading import (
    HELD_ROWS,
    PILED_AFTER,
    held_out_perplexity,
    held_perplexity,
    letter_surprise,
    piled_up,
)
from rnnviz.lessons.content.networks import preset_link
from rnnviz.lessons.content.temperature import entropy, scaled_outputs
from rnnviz.lessons.content.text_probes import PRESET, cut_place, held_out_rows
from rnnviz.lessons.content.written_text import (
    HELD_STATE,
    MEASURED,
    PROMPT,
    SEEDS,
    SHOWN,
    SPACING_UNIT,
    greedy,
    loop,
    unit_hold,
    word_length,
    word_share,
    words_at,
    words_held,
    written,
)
from rnnviz.lessons.interactive import (
    LessonCode,
    Link,
    NumberAnswer,
    Options,
    Settings,
    SettingsAnswer,
    Slider,
    facts_by,
    number,
)
from rnnviz.train.presets import preset
from rnnviz.train.text_tasks import book

SHOWN_TEMPERATURES = ("0", "0.3", "0.5", "0.7", "1", "1.5")
HELD_VALUES = ("000", "050", "100")  # in hundredths
# Exercises: two scores, and the probabilities of four characters.
SCORES, COLD = (2, 1), 0.5
FOUR = (1 / 2, 1 / 4, 1 / 2, 1 / 8)
CONTEXTS = (0, 1, 2, 4)
MOST_BITS = 10.0
SURPRISE = Signal("surprise", "s", "intermediate", 0, inf)


def _temperature(settings: Settings) -> float:
    return number(settings, "temperature")


def _seed(settings: Settings) -> int:
    return int(number(settings, "seed"))


# The next character.


def _next(settings: Settings, look: Look) -> PlotlyJson:
    return readout_figure(scaled_outputs(_temperature(settings)), look, height=270)


# The text, and its surprise.


def surprise_view(text: str, n_given: int, hold: tuple[Intervention, ...] = ()) -> ColouredText:
    """A text with every character's surprise; the first `n_given`, which were given, are bold."""
    read = trace(preset(PRESET).model(), parse(text, "characters"), intervene=hold)
    bits = np.array(surprise(read))
    bits[: max(1, n_given)] = 0
    view = text_in_lines(list(text), bits, SURPRISE, marked=np.arange(len(text)) < n_given)
    return replace(view, limit=MOST_BITS)


def _writing(settings: Settings, look: Look) -> PlotlyJson:
    text = written(_temperature(settings), _seed(settings)).whole
    return coloured_text_figure(surprise_view(text, len(PROMPT)), look)


def sample_sentence() -> str:
    """First paragraph of the held-out text that is long enough to look at."""
    paragraphs = (p for row in held_out_rows() for p in row.splitlines())
    return next(p for p in paragraphs if 150 <= len(p) <= 240)


def _reading(settings: Settings, look: Look) -> PlotlyJson:
    return coloured_text_figure(surprise_view(sample_sentence(), 0), look)


# Temperature 0.


def _repeated() -> str:
    start, period = loop(greedy())
    return greedy()[start : start + period].strip()


def _ends() -> int:
    """What becomes of temperature 0: the book itself, sentences without end, a loop, or noise."""
    if loop(greedy())[1]:
        return 2
    return 0 if greedy() in book() else 1 if word_share(greedy()) > 0.5 else 3


# What the held-out text tells.


def _worst() -> int:
    """The held value of the forget gate whose text the network predicts worst: 0, ½, 1, none."""
    return int(np.argmax([held_perplexity(value) for value in (0.0, 0.5, 1.0, None)]))


def _perplexity_option() -> int:
    options = np.array([1.5, 4.6, 23.0, 64.0])
    return int(np.argmin(np.abs(np.log(options / held_out_perplexity()))))


# A gate and a unit held while it writes.


def forget_hold(settings: Settings) -> tuple[Intervention, ...]:
    """The forget gate of all units at the chosen value; nothing where it is free."""
    value = settings["forget"]
    return () if value is None else (Clamp("forget", float(value)),)


def _chosen_state(settings: Settings) -> float | None:
    value = settings["state"]
    return None if value is None else float(value)


def _gate_text(settings: Settings, look: Look) -> PlotlyJson:
    hold = forget_hold(settings)
    text = written(0.7, _seed(settings), SHOWN, hold).whole
    return coloured_text_figure(surprise_view(text, len(PROMPT), hold), look)


def _unit_text(settings: Settings, look: Look) -> PlotlyJson:
    hold = unit_hold(_chosen_state(settings))
    text = written(0.7, _seed(settings), SHOWN, hold).whole
    read = trace(preset(PRESET).model(), parse(text, "characters"), intervene=hold)
    given = np.arange(len(text)) < len(PROMPT)
    view = coloured_text(read, SPACING_UNIT, marked=given)
    return coloured_text_figure(replace(view, limit=3.0), look)


def cooled(temperature: float) -> float:
    """Probability of the first of two characters with the exercise's scores."""
    return float(get_backend().softmax(np.array(SCORES) / temperature)[0])


def four_perplexity() -> float:
    """Perplexity of the exercise's text of four characters."""
    return float(np.exp(-np.mean(np.log(FOUR))))


def _has_lost_its_spaces(settings: Settings) -> bool:
    state = _chosen_state(settings)
    return state is not None and word_length(state) > 3 * word_length(None)


def _link(settings: Settings, temperature: str, hold: tuple[Intervention, ...]) -> Link:
    """Read with this text, and *Write on* set."""
    choices: Mapping[str, str] = {
        "text": PROMPT,
        "kind": "characters",
        "temperature": temperature,
        "dice": str(_seed(settings)),
    }
    return preset_link(PRESET, **choices, **({"do": to_text(hold)} if hold else {}))


def _most_probable(place: int) -> float:
    probabilities: Array = scaled_outputs(1.0).probabilities
    return float(probabilities[place])


CODE = LessonCode(
    controls=(
        Options("temperature", SHOWN_TEMPERATURES, "0.7"),
        Slider("seed", 1, 9, 1, 1),
        Slider("forget", 0, 1, 0.25, None, optional=True),
        Slider("state", -3, 3, 1, None, optional=True),
    ),
    figures={
        "next": _next,
        "writing": _writing,
        "reading": _reading,
        "gate": _gate_text,
        "unit": _unit_text,
    },
    facts={
        "characters": lambda settings: len(preset(PRESET).vocabulary),
        "units": lambda settings: preset(PRESET).units,
        "entropy": lambda settings: entropy(_temperature(settings)),
        "entropy_one": lambda settings: entropy(1.0),
        "entropy_cold": lambda settings: entropy(0.3),
        "entropy_hot": lambda settings: entropy(1.5),
        "entropy_most": lambda settings: float(np.log2(len(preset(PRESET).vocabulary))),
        "first": lambda settings: scaled_outputs(1.0).names[0],
        "first_p": lambda settings: _most_probable(0),
        "second": lambda settings: scaled_outputs(1.0).names[1],
        "second_p": lambda settings: _most_probable(1),
        "period": lambda settings: loop(greedy())[1],
        "loop_start": lambda settings: loop(greedy())[0] + 1,
        "repeated": lambda settings: _repeated(),
        **facts_by("words_{}", ("03", "07", "10", "15"), lambda t: 100 * words_at(int(t) / 10)),
        "seeds": lambda settings: SEEDS,
        "measured": lambda settings: SEEDS * MEASURED,
        "held_out": lambda settings: sum(map(len, held_out_rows())),
        "perplexity": lambda settings: held_out_perplexity(),
        "nats": lambda settings: float(np.log(held_out_perplexity())),
        "bits": lambda settings: float(np.log2(held_out_perplexity())),
        **facts_by(
            "counted_{}", CONTEXTS, lambda n: counted_perplexity(n, preset(PRESET).vocabulary)
        ),
        "chance": lambda settings: 100 * preset(PRESET).chance,
        "accuracy": lambda settings: 100 * preset(PRESET).held_out,
        "first_letter": lambda settings: letter_surprise()[0],
        "later_letter": lambda settings: letter_surprise()[1],
        "held_free": lambda settings: held_perplexity(None),
        **facts_by("held_{}", HELD_VALUES, lambda at: held_perplexity(int(at) / 100)),
        **facts_by("kept_words_{}", HELD_VALUES, lambda at: 100 * words_held(int(at) / 100)),
        "held_characters": lambda settings: sum(map(len, held_out_rows()[:HELD_ROWS])),
        "piled_after": lambda settings: PILED_AFTER,
        "piled_free": lambda settings: piled_up(None)[0],
        "piled_held": lambda settings: piled_up(1.0)[0],
        "moves_free": lambda settings: piled_up(None)[1],
        "moves_held": lambda settings: piled_up(1.0)[1],
        "trained_on": lambda settings: cut_place(),
        "certain": lambda settings: float(np.log2(1.5)),
        "score_one": lambda settings: SCORES[0],
        "score_two": lambda settings: SCORES[1],
        "cold": lambda settings: COLD,
        "scaled_one": lambda settings: f"{SCORES[0] / COLD:g}",
        "scaled_two": lambda settings: f"{SCORES[1] / COLD:g}",
        "scaled_gap": lambda settings: f"{(SCORES[0] - SCORES[1]) / COLD:g}",
        "cooled": lambda settings: cooled(COLD),
        "warm": lambda settings: cooled(1.0),
        "four_mean": lambda settings: f"{float(-np.log2(FOUR).mean()):g}",
        "four": lambda settings: four_perplexity(),
        "unit": lambda settings: SPACING_UNIT,
        "length_free": lambda settings: word_length(None),
        "length_low": lambda settings: word_length(-HELD_STATE),
        "length_high": lambda settings: word_length(HELD_STATE),
    },
    answers={"ends": _ends, "perplexity": _perplexity_option, "worst": _worst},
    exercises={
        "cool": NumberAnswer(
            lambda: cooled(COLD), 0.006, lambda: mistakes.first_probability(SCORES, COLD)
        ),
        "four": NumberAnswer(four_perplexity, 0.02, lambda: mistakes.perplexity_of(FOUR)),
        "spaces": SettingsAnswer(
            _has_lost_its_spaces,
            {
                "free": lambda settings: settings["state"] is None,
                "low": lambda settings: number(settings, "state") <= 0,
            },
        ),
    },
    links={
        "write": lambda settings: _link(settings, str(settings["temperature"]), ()),
        "held": lambda settings: _link(settings, "0.7", (Clamp("forget", 1.0),)),
        "steered": lambda settings: _link(settings, "0.7", unit_hold(HELD_STATE)),
    },
    sheet_settings={"forget": 1.0, "state": HELD_STATE},
)
