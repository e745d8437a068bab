"""Lesson 4: one whole step of an LSTM, every number of one unit by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from rnnviz.analysis.contributions import Contributions, contributions
from rnnviz.analysis.panels import panels
from rnnviz.analysis.update import StateUpdate, state_update
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import Trace
from rnnviz.figures.axes import highlight
from rnnviz.figures.panels import figure as panels_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.theme import Look
from rnnviz.formatting import format_number
from rnnviz.inputs.parse import parse
from rnnviz.lessons.content.networks import held
from rnnviz.lessons.interactive import Behind, Link, Options, Settings, Slider, Stage
from rnnviz.lessons.lesson import Fact
from rnnviz.network.model import Model
from rnnviz.network.random_model import random_model

TEXT = "hello"
UNITS, SEED, GAIN = 2, 21, 3
GATES = ("forget", "input", "candidate", "output")
ASKED = 4  # the step, counted from 0, whose gates the question gives
FORGET, INPUT, CANDIDATE = 0.5, 1.0, -0.5  # what it gives
SUPPOSED: Settings = {"forget": FORGET, "input": INPUT, "candidate": CANDIDATE}


@cache
def word() -> Sequence:
    """What the network reads, a letter a step."""
    return parse(TEXT)


@cache
def small() -> Model:
    """An LSTM of two units with random weights, the same as Explore makes, in float64."""
    return random_model(
        "lstm", word().n_features, UNITS, seed=SEED, init="xavier", gain=GAIN, dtype=np.float64
    )


@cache
def traced() -> Trace:
    """The network over the word."""
    return held(small(), word(), {})


def supposed(settings: Settings) -> Trace:
    """The same, forget, input and candidate given at the step that the question asks for."""
    gates = {name: settings[name] for name in SUPPOSED}
    return held(small(), word(), gates, start=ASKED, stop=ASKED + 1)


def drive(gate: str, time: int, unit: int) -> Contributions:
    """Every summand of a gate's drive at a step counted from 0."""
    return contributions(small(), traced(), layer=0, gate=gate, time=time, unit=unit)


def state(name: str, time: int, unit: int, trace: Trace | None = None) -> StateUpdate:
    """What a state is the sum of at a step counted from 0."""
    return state_update(small(), trace or traced(), layer=0, state=name, time=time, unit=unit)


def from_letter(view: Contributions) -> float:
    """The part of a drive that the letter makes."""
    return sum(term.value for term in view.terms if term.symbol == "x")


def from_hidden(view: Contributions) -> float:
    """The part of a drive that both units' hidden states make."""
    return sum(term.value for term in view.terms if term.symbol == "h")


def recombined() -> tuple[Array, Array]:
    """The six equations done once more: cells and hidden states (time, unit)."""
    weights, h, c = small().layers[0].weights, np.zeros(UNITS), np.zeros(UNITS)
    cells, hiddens = [], []
    for x in word().values[:, 0]:
        f, i, g, o = (weights[f"{gate}.x"] @ x + weights[f"{gate}.h"] @ h for gate in GATES)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
        cells.append(c)
        hiddens.append(h)
    return np.array(cells), np.array(hiddens)


def _residual() -> float:
    """The largest difference of a recombined state from the traced one."""
    pairs = zip(recombined(), ("cell", "hidden"), strict=True)
    return max(float(abs(values - traced()[name][:, 0]).max()) for values, name in pairs)


def _at(settings: Settings) -> tuple[int, int]:
    """The step, counted from 0, and the unit that the reader chose."""
    return int(settings["step"] or 0) - 1, int(settings["unit"] or 0)


def _gate(gate: str, of: Callable[[Contributions], Fact]) -> Callable[[Settings], Fact]:
    return lambda settings: of(drive(gate, *_at(settings)))


def _made(name: str) -> Callable[[Settings], Fact]:
    return lambda settings: _spelled(state(name, *_at(settings)))


def _spelled(view: StateUpdate) -> str:
    """The right side of a state's equation as LaTeX."""
    made = view.text.partition(" = ")[2]
    return made.replace("·", r" \cdot ").replace("tanh", r"\tanh")


def _summed(view: Contributions) -> str:
    r"""The summands of a drive as LaTeX: `1.2 + 0.4 \cdot (−0.31)`, zero biases left out."""
    terms = [term for term in view.terms if term.kind != "bias"]
    return " + ".join(_product(term.factors) for term in terms)


def _product(factors: tuple[float, ...]) -> str:
    spelled = [format_number(factor) for factor in factors]
    return r" \cdot ".join(f"({one})" if one.startswith("−") else one for one in spelled)


def _value(name: str, time: int, unit: int) -> Callable[[Settings], Fact]:
    return lambda settings: float(traced()[name][time, 0, unit])


@cache
def _guesses() -> dict[str, float]:
    """What people say the cell will be, by name: what is right comes from the network itself."""
    before = float(traced()["cell"][ASKED - 1, 0, 0])
    return {
        "kept": FORGET * before,
        "mixed": FORGET * before + (1 - FORGET) * CANDIDATE,
        "both": FORGET * before + INPUT * CANDIDATE,
        "added": before + INPUT * CANDIDATE,
    }


def _then() -> int:
    cell = float(supposed(SUPPOSED)["cell"][ASKED, 0, 0])
    return int(np.argmin([abs(guess - cell) for guess in _guesses().values()]))


def _guess(name: str) -> Callable[[Settings], Fact]:
    return lambda settings: _guesses()[name]


def _held(settings: Settings, look: Look) -> PlotlyJson:
    signals = ("forget", "input", "candidate", "cell", "hidden")
    figure = panels_figure(panels(supposed(settings), signals), look, height=430)
    return highlight(figure, ASKED, ASKED + 1, look)


_SAME, _AGAIN = 2, 3  # the steps of the two letters l

BEHIND = Behind(
    controls=(
        Options("step", tuple(str(t + 1) for t in range(len(TEXT))), "4"),
        Options("unit", ("0", "1"), "0"),
        Slider("forget", 0, 1, 0.1, FORGET),
        Slider("input", 0, 1, 0.1, INPUT),
        Slider("candidate", -1, 1, 0.1, CANDIDATE),
    ),
    figures={"held": _held},
    facts={
        "word": lambda settings: TEXT,
        "last": lambda settings: len(TEXT),
        "at": lambda settings: _at(settings)[0] + 1,
        "token": lambda settings: TEXT[_at(settings)[0]],
        **{f"{gate}_x": _gate(gate, from_letter) for gate in GATES},
        **{f"{gate}_h": _gate(gate, from_hidden) for gate in GATES},
        **{f"{gate}_drive": _gate(gate, lambda view: view.preactivation) for gate in GATES},
        **{f"{gate}_value": _gate(gate, lambda view: view.value) for gate in GATES},
        "forget_sum": _gate("forget", _summed),
        "cell_made": _made("cell"),
        "hidden_made": _made("hidden"),
        "residual": lambda settings: _residual(),
        "first_forget": _value("forget", 0, 0),
        "first_cell": _value("cell", 0, 0),
        "same_x": lambda settings: from_letter(drive("forget", _SAME, 0)),
        "same_h": lambda settings: from_hidden(drive("forget", _SAME, 0)),
        "again_h": lambda settings: from_hidden(drive("forget", _AGAIN, 0)),
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
        **{f"guess_{name}": _guess(name) for name in ("kept", "mixed", "both", "added")},
        "again_step": lambda settings: ASKED,
        "asked_step": lambda settings: ASKED + 1,
        "asked_before": _value("cell", ASKED - 1, 0),
        "asked_forget": lambda settings: FORGET,
        "asked_input": lambda settings: INPUT,
        "asked_candidate": lambda settings: CANDIDATE,
        "supposed_made": lambda settings: _spelled(state("cell", ASKED, 0, supposed(settings))),
        "supposed_hidden": lambda settings: _spelled(state("hidden", ASKED, 0, supposed(settings))),
        "asked_made": lambda settings: _spelled(state("cell", ASKED, 0, supposed(SUPPOSED))),
    },
    answers={"then": _then},
    links={
        "small": lambda settings: Link(
            "explore",
            {"cell": "lstm", "units": str(UNITS), "seed": str(SEED), "text": TEXT},
        ),
    },
    lives={"step": lambda settings: Stage(small(), traced())},
)
