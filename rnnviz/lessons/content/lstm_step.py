"""One step of an LSTM, every number of one unit by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import tanh

import numpy as np

from rnnviz.analysis.contributions import Contributions
from rnnviz.analysis.panels import panels
from rnnviz.analysis.update import StateUpdate
from rnnviz.engine.trace import Trace
from rnnviz.figures.axes import highlight
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number
from rnnviz.lessons.content import number_mistakes as mistakes
from rnnviz.lessons.content.networks import (
    LSTM_GATES,
    clamped,
    sentence,
    untrained_link,
)
from rnnviz.lessons.content.word_lstm import (
    SEED,
    UNITS,
    WORD,
    gate_sum,
    hidden_part,
    input_part,
    recomputed_states,
    state_sum,
    word_network,
    word_trace,
)
from rnnviz.lessons.interactive import (
    LessonCode,
    NumberAnswer,
    OptionAnswer,
    Options,
    Settings,
    SettingsAnswer,
    Slider,
    TraceWidget,
    facts_by,
    number,
)
from rnnviz.lessons.lesson import FactValue

ASKED_STEP = 4  # the step of the question, counted from 0
FORGET, INPUT, CANDIDATE = 0.5, 1.0, -0.5  # the question's gates at that step
# The unit of the exercises.
STEP_GIVEN = {"cell": 0.8, "forget": 0.9, "input": 0.5, "candidate": -0.4, "output": 0.6}
ASSUMED: Settings = {"forget": FORGET, "input": INPUT, "candidate": CANDIDATE}


def assumed_trace(settings: Settings) -> Trace:
    """Trace with forget, input and candidate clamped at the question's step."""
    gates = {name: settings[name] for name in ASSUMED}
    return clamped(word_network(), sentence(WORD), gates, start=ASKED_STEP, stop=ASKED_STEP + 1)


def _residual() -> float:
    """Largest difference between a recomputed and a traced state."""
    pairs = zip(recomputed_states(), ("cell", "hidden"), strict=True)
    return max(float(abs(values - word_trace()[name][:, 0]).max()) for values, name in pairs)


def _at(settings: Settings) -> tuple[int, int]:
    """Chosen step, counted from 0, and unit."""
    return int(number(settings, "step")) - 1, int(number(settings, "unit"))


def _gate(gate: str, of: Callable[[Contributions], FactValue]) -> Callable[[Settings], FactValue]:
    return lambda settings: of(gate_sum(gate, *_at(settings)))


def _sum_text(name: str) -> Callable[[Settings], FactValue]:
    return lambda settings: _latex(state_sum(name, *_at(settings)))


def _assumed_sum(name: str, settings: Settings) -> str:
    return _latex(state_sum(name, ASKED_STEP, 0, assumed_trace(settings)))


def _latex(view: StateUpdate) -> str:
    """Right side of a state's equation as LaTeX."""
    right = view.text.partition(" = ")[2]
    return right.replace("·", r" \cdot ").replace("tanh", r"\tanh")


def _summed(view: Contributions) -> str:
    r"""Summands of a preactivation as LaTeX: `1.2 + 0.4 \cdot (−0.31)`, without biases."""
    terms = [term for term in view.terms if term.kind != "bias"]
    return " + ".join(_product(term.factors) for term in terms)


def _product(factors: tuple[float, ...]) -> str:
    texts = [format_number(factor) for factor in factors]
    return r" \cdot ".join(f"({text})" if text.startswith("−") else text for text in texts)


def _value(name: str, time: int, unit: int) -> Callable[[Settings], FactValue]:
    return lambda settings: float(word_trace()[name][time, 0, unit])


@cache
def _guesses() -> dict[str, float]:
    """Cell states of the question's options, by name."""
    before = float(word_trace()["cell"][ASKED_STEP - 1, 0, 0])
    return {
        "kept": FORGET * before,
        "mixed": FORGET * before + (1 - FORGET) * CANDIDATE,
        "both": FORGET * before + INPUT * CANDIDATE,
        "added": before + INPUT * CANDIDATE,
    }


def _then() -> int:
    """Index of the option that the clamped network computes."""
    cell = float(assumed_trace(ASSUMED)["cell"][ASKED_STEP, 0, 0])
    return int(np.argmin([abs(guess - cell) for guess in _guesses().values()]))


def _same() -> int:
    """Index of how the forget gate reads the second l: as the first, else by h or by weights."""
    first, second = (gate_sum("forget", step, 0) for step in (_SAME, _AGAIN))
    if first.value == second.value:
        return 0
    return 1 if input_part(first) == input_part(second) else 2


def _shown() -> int:
    """Index of what becomes of h while c grows: it grows, it stays below 1, or it stays 0."""
    gates = {"forget": 1.0, "input": 1.0, "candidate": 1.0}
    grown = clamped(word_network(), sentence(WORD), gates)
    sizes = abs(grown["hidden"])
    return 0 if sizes.max() >= 1 else 1 if sizes.all() else 2


def made_cell() -> float:
    """Cell state of the exercises' unit."""
    return STEP_GIVEN["forget"] * STEP_GIVEN["cell"] + STEP_GIVEN["input"] * STEP_GIVEN["candidate"]


def made_hidden() -> float:
    """Hidden state of the exercises' unit."""
    return STEP_GIVEN["output"] * tanh(made_cell())


def _is_unchanged(settings: Settings) -> bool:
    cell = assumed_trace(settings)["cell"][:, 0, 0]
    return bool(abs(cell[ASKED_STEP] - cell[ASKED_STEP - 1]) < 1e-12)


def _onward() -> int:
    """Index of what a step hands on: one state, or two of them."""
    return len(word_network().layers[0].cell.states) - 1


def _held(settings: Settings, look: Look) -> PlotlyJson:
    signals = ("forget", "input", "candidate", "cell", "hidden")
    view = panels(assumed_trace(settings), signals)
    figure = panels_figure(view, look, height=430)
    return highlight(figure, ASKED_STEP, ASKED_STEP + 1, look)


_SAME, _AGAIN = 2, 3  # the steps of the two letters l

CODE = LessonCode(
    controls=(
        Options("step", tuple(str(t + 1) for t in range(len(WORD))), "4"),
        Options("unit", ("0", "1"), "0"),
        Slider("forget", 0, 1, 0.1, FORGET),
        Slider("input", 0, 1, 0.1, INPUT),
        Slider("candidate", -1, 1, 0.1, CANDIDATE),
    ),
    figures={"held": _held},
    facts={
        "word": lambda settings: WORD,
        "last": lambda settings: len(WORD),
        "at": lambda settings: _at(settings)[0] + 1,
        "token": lambda settings: WORD[_at(settings)[0]],
        **{f"{gate}_x": _gate(gate, input_part) for gate in LSTM_GATES},
        **{f"{gate}_h": _gate(gate, hidden_part) for gate in LSTM_GATES},
        **{f"{gate}_drive": _gate(gate, lambda view: view.preactivation) for gate in LSTM_GATES},
        **{f"{gate}_value": _gate(gate, lambda view: view.value) for gate in LSTM_GATES},
        "forget_sum": _gate("forget", _summed),
        "cell_made": _sum_text("cell"),
        "hidden_made": _sum_text("hidden"),
        "residual": lambda settings: _residual(),
        "first_forget": _value("forget", 0, 0),
        "first_cell": _value("cell", 0, 0),
        "same_x": lambda settings: input_part(gate_sum("forget", _SAME, 0)),
        "same_h": lambda settings: hidden_part(gate_sum("forget", _SAME, 0)),
        "again_h": lambda settings: hidden_part(gate_sum("forget", _AGAIN, 0)),
        "same_forget": _value("forget", _SAME, 0),
        "again_forget": _value("forget", _AGAIN, 0),
        "again_cell": _value("cell", _AGAIN, 0),
        "end_cell": _value("cell", -1, 0),
        "end_output": _value("output", -1, 0),
        "end_hidden": _value("hidden", -1, 0),
        "other_before": _value("cell", -2, 1),
        "other_forget": _value("forget", -1, 1),
        "other_input": _value("input", -1, 1),
        "other_cell": _value("cell", -1, 1),
        **facts_by("guess_{}", ("kept", "mixed", "both", "added"), lambda name: _guesses()[name]),
        "again_tanh": lambda settings: tanh(word_trace()["cell"][_AGAIN, 0, 0]),
        "slip": lambda settings: float(
            word_trace()["input"][-1, 0, 0] * word_trace()["cell"][-1, 0, 0]
        ),
        **facts_by("given_{}", STEP_GIVEN, STEP_GIVEN.__getitem__),
        "given_made": lambda settings: made_cell(),
        "given_shown": lambda settings: made_hidden(),
        "again_step": lambda settings: ASKED_STEP,
        "asked_step": lambda settings: ASKED_STEP + 1,
        "asked_before": _value("cell", ASKED_STEP - 1, 0),
        "asked_forget": lambda settings: FORGET,
        "asked_input": lambda settings: INPUT,
        "asked_candidate": lambda settings: CANDIDATE,
        "supposed_made": lambda settings: _assumed_sum("cell", settings),
        "supposed_hidden": lambda settings: _assumed_sum("hidden", settings),
        "asked_made": lambda settings: _assumed_sum("cell", ASSUMED),
    },
    answers={"same": _same, "then": _then, "shown": _shown},
    sheet_blanks=frozenset(
        f"{name}_{part}"
        for name, parts in (
            *((gate, ("drive", "value")) for gate in LSTM_GATES),
            ("cell", ("made",)),
            ("hidden", ("made",)),
        )
        for part in parts
    ),
    exercises={
        "cell": NumberAnswer(
            made_cell,
            mistakes=lambda: mistakes.cell_state(
                *(STEP_GIVEN[name] for name in ("cell", *ASSUMED))
            ),
        ),
        "hidden": NumberAnswer(
            made_hidden,
            mistakes=lambda: mistakes.hidden_state(
                STEP_GIVEN["cell"], made_cell(), STEP_GIVEN["output"]
            ),
        ),
        "unchanged": SettingsAnswer(
            _is_unchanged,
            {
                "leaks": lambda settings: settings["forget"] != 1,
                "written": lambda settings: settings["forget"] == 1,
            },
        ),
        "onward": OptionAnswer(_onward),
    },
    links={
        "small": lambda settings: untrained_link("lstm", text=WORD, units=UNITS, seed=SEED),
    },
    widgets={
        "step": lambda settings: TraceWidget(
            word_network(), word_trace(), on_slide=("cell", "forget", "output", "hidden")
        )
    },
)
