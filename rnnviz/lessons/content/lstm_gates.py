"""Each gate of an LSTM clamped for a few steps, and then let go."""

from __future__ import annotations

import numpy as np

from rnnviz.analysis.panels import panels
from rnnviz.core.arrays import Array
from rnnviz.engine.trace import Trace
from rnnviz.figures.axes import highlight
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.lessons.content import number_mistakes as mistakes
from rnnviz.lessons.content.networks import (
    TEXT,
    UNITS,
    clamp_choices,
    clamped,
    distance_at_equal_inputs,
    preset_link,
    sentence,
    small_network,
    untrained_link,
)
from rnnviz.lessons.interactive import (
    LessonCode,
    NumberAnswer,
    OptionAnswer,
    Setting,
    Settings,
    SettingsAnswer,
    Slider,
    TraceWidget,
    facts_by,
    number,
)
from rnnviz.network.model import Model

SEED = 2
START, STOP = 8, 16  # the steps at which gates are clamped, as in a slice
PRESET = "adding_lstm"
LSTM_SIGNALS = ("forget", "input", "candidate", "cell", "output", "hidden")
REPEATED = "t"  # a letter that comes twice while gates are clamped, as the space does
CLAMPED_GATES = ("forget", "input", "output")
KEPT: dict[str, Setting] = {"forget": 1.0, "input": 0.0}
HIDDEN: dict[str, Setting] = KEPT | {"output": 0.0}
# What the exercises hold, and the gates of which one asks for those that leave no past.
LOWERED: dict[str, Setting] = {"forget": 1.0, "input": 0.5, "candidate": -1.0}
HALVED: dict[str, Setting] = {"forget": 0.5, "input": 0.0}
CLOSED = (("forget",), ("forget", "input"), ("forget", "output"))
GROWN: dict[str, Setting] = {"forget": 1.0, "input": 1.0, "candidate": 1.0}


def lstm() -> Model:
    """LSTM with random weights."""
    return small_network("lstm", seed=SEED)


def clamped_lstm(**gates: Setting) -> Trace:
    """Trace over the sentence, gates clamped between START and STOP."""
    return clamped(lstm(), sentence(), gates, start=START, stop=STOP)


def clamped_signal(name: str, **gates: Setting) -> Array:
    """A signal (time, unit) at the steps with clamped gates and at the step before."""
    return np.asarray(clamped_lstm(**gates)[name][START - 1 : STOP, 0])


def largest_change(**gates: Setting) -> float:
    """Largest |c_t − c_{t−1}| while gates are clamped."""
    return float(abs(np.diff(clamped_signal("cell", **gates), axis=0)).max())


def largest_carried(**gates: Setting) -> float:
    """Largest |c_t − i_t ⊙ g_t| while gates are clamped: the part of the step before."""
    written = clamped_signal("input", **gates) * clamped_signal("candidate", **gates)
    return float(abs(clamped_signal("cell", **gates) - written)[1:].max())


def distance_at_equal_letters(**gates: Setting) -> float:
    """Largest difference of cell states at the same letter while gates are clamped."""
    cell = clamped_signal("cell", **gates)[1:]
    return distance_at_equal_inputs(cell, sentence().values[START:STOP, 0])


def largest_size(name: str, **gates: Setting) -> float:
    """Largest absolute value of a signal while gates are clamped."""
    return float(abs(clamped_signal(name, **gates)[1:]).max())


def _draw(signals: tuple[str, ...], height: int, shown: Trace, look: Look) -> PlotlyJson:
    return panels_figure(panels(shown, signals), look, height=height)


def _memory(settings: Settings, look: Look) -> PlotlyJson:
    signals = ("forget", "input", "candidate", "cell")
    figure = _draw(signals, 390, clamped_lstm(**_written(settings)), look)
    return highlight(figure, START, STOP, look)


def _shown(settings: Settings, look: Look) -> PlotlyJson:
    kept = clamped_lstm(**(KEPT | {"output": settings["output"]}))
    figure = _draw(("cell", "output", "hidden"), 360, kept, look)
    return highlight(figure, START, STOP, look)


def _written(settings: Settings) -> dict[str, Setting]:
    """Settings of the gates of the cell state; the output gate has its own section."""
    return {name: settings[name] for name in settings if name != "output"}


def _becomes() -> int:
    """Index of the exact cell state with forget 0: 0, one per letter, i ⊙ g, or unchanged."""
    exact = (
        largest_size("cell", forget=0.0) == 0,
        distance_at_equal_letters(forget=0.0) == 0,
        largest_carried(forget=0.0) == 0,
        largest_change(forget=0.0) == 0,
    )
    return exact.index(True)


def _keeps() -> int:
    """Index of what the cell state does with forget 1: stand still, change, or only fade."""
    if largest_change(forget=1.0) == 0:
        return 0
    return 1 if largest_size("cell", forget=1.0) > largest_size("cell", **KEPT) else 2


def shown_again() -> tuple[int, float, float]:
    """Unit in which the hidden state that is shown again owes most to the kept cell state, that
    hidden state, and what it would be with an empty cell.
    """
    released = clamped_lstm(**HIDDEN)
    now = {name: released[name][STOP, 0] for name in ("input", "candidate", "output", "hidden")}
    empty = now["output"] * np.tanh(now["input"] * now["candidate"])
    unit = int(abs(now["hidden"] - empty).argmax())
    return unit, float(now["hidden"][unit]), float(empty[unit])


def _back() -> int:
    """Index of the hidden state once it is shown again: 0, of a kept cell, or of an empty one."""
    _, shown, empty = shown_again()
    if shown == 0:
        return 0
    return 1 if abs(shown) > 2 * abs(empty) else 2


def change_over(gates: dict[str, Setting]) -> float:
    """Mean change of the cell states over all steps with clamped gates."""
    return float(_from_first_to_last(**gates).mean())


def _halved() -> float:
    """Share of the cell states that is left with the gates of HALVED."""
    cell = clamped_signal("cell", **HALVED)
    return float((cell[-1] / cell[0]).mean())


def _memoryless() -> int:
    """Index of the gates which, at 0, leave a cell state that depends on its letter alone."""
    held = [dict.fromkeys(gates, 0.0) for gates in CLOSED]
    return [
        distance_at_equal_letters(**gates) == 0 and largest_size("cell", **gates) > 0
        for gates in held
    ].index(True)


def repeated_steps(letter: str) -> tuple[int, int]:
    """The two steps with clamped gates, counted from 1, that read this letter."""
    first, again = (at + 1 for at in range(START, STOP) if TEXT[at] == letter)
    return first, again


def _gates() -> Array:
    return np.stack([clamped_lstm()[gate] for gate in CLAMPED_GATES])


def _effect_of_candidate(**gates: Setting) -> float:
    """Largest difference of cell states between candidate 1 and candidate −1."""
    high, low = (clamped_signal("cell", candidate=value, **gates) for value in (1.0, -1.0))
    return float(abs(high - low).max())


def _from_first_to_last(**gates: Setting) -> Array:
    """Change of every cell state (unit,) over all steps with clamped gates."""
    cell = clamped_signal("cell", **gates)
    return np.asarray(cell[-1] - cell[0])


CODE = LessonCode(
    controls=(
        Slider("forget", 0, 1, 0.05, 0.0, optional=True),
        Slider("input", 0, 1, 0.05, None, optional=True),
        Slider("candidate", -1, 1, 0.1, None, optional=True),
        Slider("output", 0, 1, 0.05, 0.0, optional=True),
    ),
    figures={"memory": _memory, "shown": _shown},
    facts={
        "units": lambda settings: UNITS,
        "text": lambda settings: TEXT,
        "letter": lambda settings: REPEATED,
        "letter_first": lambda settings: repeated_steps(REPEATED)[0],
        "letter_again": lambda settings: repeated_steps(REPEATED)[1],
        "space_first": lambda settings: repeated_steps(" ")[0],
        "space_again": lambda settings: repeated_steps(" ")[1],
        "first": lambda settings: START + 1,
        "last": lambda settings: STOP,
        "before": lambda settings: START,
        "after": lambda settings: STOP + 1,
        "held_steps": lambda settings: STOP - START,
        "gate_low": lambda settings: float(_gates().min()),
        "gate_high": lambda settings: float(_gates().max()),
        "candidate_most": lambda settings: float(abs(clamped_lstm()["candidate"]).max()),
        "cell_most": lambda settings: float(abs(clamped_lstm()["cell"]).max()),
        "hidden_most": lambda settings: float(abs(clamped_lstm()["hidden"]).max()),
        "change": lambda settings: largest_change(**_written(settings)),
        "from_before": lambda settings: largest_carried(**_written(settings)),
        "erased": lambda settings: largest_carried(forget=0.0),
        "letters": lambda settings: distance_at_equal_letters(forget=0.0),
        "letters_hidden": lambda settings: distance_at_equal_letters(forget=0.0, output=0.0),
        "kept": lambda settings: largest_change(**KEPT),
        "kept_only": lambda settings: largest_change(forget=1.0),
        "unwritten": lambda settings: _effect_of_candidate(input=0.0),
        "grown": lambda settings: change_over(GROWN),
        "grown_cell": lambda settings: largest_size("cell", **GROWN),
        "grown_hidden": lambda settings: largest_size("hidden", **GROWN),
        "dark_hidden": lambda settings: largest_size("hidden", **HIDDEN),
        "dark_cell": lambda settings: largest_size("cell", **HIDDEN),
        "through": lambda settings: float(abs(_from_first_to_last(**HIDDEN)).max()),
        **facts_by("given_{}", LOWERED, lambda gate: float(LOWERED[gate] or 0)),
        "given_half": lambda settings: float(HALVED["forget"] or 0),
        "lowered": lambda settings: change_over(LOWERED),
        "halved": lambda settings: _halved(),
        "back_unit": lambda settings: shown_again()[0],
        "back": lambda settings: shown_again()[1],
        "back_empty": lambda settings: shown_again()[2],
    },
    answers={"becomes": _becomes, "keeps": _keeps, "back": _back},
    exercises={
        "lowered": NumberAnswer(
            lambda: change_over(LOWERED),
            mistakes=lambda: mistakes.added(
                number(LOWERED, "input"), number(LOWERED, "candidate"), STOP - START
            ),
        ),
        "halved": NumberAnswer(
            _halved,
            tolerance=0.00006,
            mistakes=lambda: mistakes.left_after(number(HALVED, "forget"), STOP - START),
        ),
        "still": SettingsAnswer(
            lambda settings: largest_change(**_written(settings)) == 0,
            {
                "leaks": lambda settings: settings["forget"] != 1,
                "written": lambda settings: settings["forget"] == 1,
            },
        ),
        "memoryless": OptionAnswer(_memoryless),
    },
    widgets={
        "cell": lambda settings: TraceWidget(
            lstm(),
            clamped_lstm(),
            signals=LSTM_SIGNALS,
            on_slide=("forget", "input", "cell", "output"),
        )
    },
    links={
        "small": lambda settings: untrained_link(
            "lstm", clamp_choices(settings, start=START, stop=STOP), seed=SEED
        ),
        "learned": lambda settings: preset_link(PRESET),
    },
)
