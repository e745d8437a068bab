"""A simple network unrolled in time, its shared weights, and its softmax readout."""

from __future__ import annotations

from math import tanh

from rnnviz.analysis.difference import trace_difference
from rnnviz.analysis.gate_weights import gate_weights
from rnnviz.analysis.readout import TopOutputs
from rnnviz.analysis.unrolled import unrolled
from rnnviz.engine.api import trace
from rnnviz.figures.difference import figure as difference_figure
from rnnviz.figures.gate_weights import figure as gate_weights_figure
from rnnviz.figures.plotly_json import PlotlyJson
from rnnviz.figures.readout import figure as readout_figure
from rnnviz.figures.theme import Look
from rnnviz.figures.unrolled import figure as unrolled_figure
from rnnviz.formatting import token_label
from rnnviz.inputs.parse import parse
from rnnviz.lessons.content import number_mistakes as mistakes
from rnnviz.lessons.content.networks import (
    TEXT,
    UNITS,
    preset_link,
    sentence,
    untrained_link,
)
from rnnviz.lessons.content.next_letters import (
    SPACES,
    best_guesses,
    language_model_trace,
    n_right,
    next_characters,
    stuck_from,
)
from rnnviz.lessons.content.pushed_rnn import (
    PUSH,
    PUSHED,
    n_products,
    n_reached,
    n_weights,
    pushed_trace,
    rnn,
    rnn_trace,
)
from rnnviz.lessons.content.text_probes import PRESET
from rnnviz.lessons.interactive import (
    LessonCode,
    NumberAnswer,
    Options,
    Settings,
    SettingsAnswer,
    Slider,
    TraceWidget,
    facts_by,
    number,
)
from rnnviz.train.presets import preset

# One unit and its input, of the exercise that is computed by hand.
HAND = {"u": 0.5, "w": -1.0, "b": 0.1, "x": 1.0, "h": 0.3}
# A network whose weights an exercise counts, and the probability that another one looks for.
COUNTED = {"characters": 30, "units": 50}
SURE = 0.95


def changed_at_once() -> int:
    """Number of units that the push changes in the very step before which it is made."""
    unit = next(c for c in CODE.controls if c.name == "unit").default
    change = pushed_trace("full", int(unit or 0))["hidden"] != rnn_trace()["hidden"]
    return int(change[PUSHED].sum())


def _letters(settings: Settings) -> int:
    return int(number(settings, "letters"))


def _step(settings: Settings) -> int:
    return int(number(settings, "step")) - 1


def _unit(settings: Settings) -> int:
    return int(number(settings, "unit"))


def _chosen(settings: Settings) -> TopOutputs:
    return next_characters(str(settings["network"]), _step(settings))


def _at_space(space: str, which: str = "trained") -> TopOutputs:
    return next_characters(which, SPACES[space])


def _unrolled(settings: Settings, look: Look) -> PlotlyJson:
    view = unrolled(rnn_trace(), _letters(settings))
    return unrolled_figure(view, look)


def _weights(settings: Settings, look: Look) -> PlotlyJson:
    view = gate_weights(rnn(str(settings["recurrence"])), 0, "hidden", features=sentence().features)
    return gate_weights_figure(view, look, _unit(settings))


def _reach(settings: Settings, look: Look) -> PlotlyJson:
    recurrence = str(settings["recurrence"])
    pushed = pushed_trace(recurrence, _unit(settings))
    view = trace_difference(rnn_trace(recurrence), pushed, ["hidden"])
    names = (look.word("learn.unpushed"), look.word("learn.pushed"))
    return difference_figure(view, look, names, height=280)


def _readout(settings: Settings, look: Look) -> PlotlyJson:
    return readout_figure(_chosen(settings), look)


def _summed_readout(settings: Settings, look: Look) -> PlotlyJson:
    step = int(number(settings, "summed_step")) - 1
    return readout_figure(next_characters("trained", step, is_summed=True), look)


def _read_so_far(settings: Settings) -> str:
    return _beginning(_step(settings) + 1)


def _beginning(n_steps: int) -> str:
    tokens = language_model_trace("trained").sequence.tokens[0][:n_steps]
    return "".join(map(token_label, tokens))


def _probability_sum(settings: Settings) -> float:
    outputs = language_model_trace(str(settings["network"])).outputs
    return float(outputs[_step(settings), 0].sum(dtype=float))


def _twice() -> int:
    """Index of the option with the number of weights that read a text twice as long."""
    model = rnn()
    assert trace(model, parse(TEXT * 2)).outputs.shape[0] == 2 * sentence().n_steps
    once = model.n_parameters
    options = (2 * once, once + n_weights("W"), once, sentence().n_steps * once)
    return options.index(model.n_parameters)


def _spread() -> int:
    """Index of how many units the push changes at once: one, some, or all of them."""
    changed = changed_at_once()
    return 0 if changed == 1 else 2 if changed == UNITS else 1


def _summed() -> int:
    """Index of what the summed states answer: better, the same characters, or one for ever."""
    summed, plain = best_guesses(is_summed=True), best_guesses()
    half = len(summed) // 2
    if n_right(is_summed=True) > n_right():
        return 0
    return 1 if summed == plain else 2 if len(set(summed[half:])) == 1 else -1


def _hand_sum() -> float:
    return HAND["u"] * HAND["x"] + HAND["w"] * HAND["h"] + HAND["b"]


def _count() -> int:
    """Size of the counted network's U, W, b, V and d."""
    characters, units = COUNTED["characters"], COUNTED["units"]
    return units * characters + units**2 + units + characters * units + characters


def _is_sure(settings: Settings) -> bool:
    is_trained = settings["network"] == "trained"
    return is_trained and float(_chosen(settings).probabilities[0]) > SURE


def _sure_at() -> int:
    """First number of characters after which the trained network is as sure as is asked."""
    return next(
        n for n in range(1, 41) if next_characters("trained", n - 1).probabilities[0] > SURE
    )


CODE = LessonCode(
    controls=(
        Slider("letters", 1, 12, 1, 6),
        Options("recurrence", ("full", "one_to_one"), "full"),
        Slider("unit", 0, UNITS - 1, 1, 2),
        Options("network", ("before", "trained"), "trained"),
        Slider("step", 1, 40, 1, SPACES["second"] + 1),
        Slider("summed_step", 1, 40, 1, 25),
    ),
    figures={
        "unrolled": _unrolled,
        "weights": _weights,
        "reach": _reach,
        "readout": _readout,
        "summed": _summed_readout,
    },
    facts={
        "text": lambda settings: TEXT,
        "steps": lambda settings: sentence().n_steps,
        "units": lambda settings: UNITS,
        "characters": lambda settings: sentence().n_features,
        "n_u": lambda settings: n_weights("U"),
        "n_w": lambda settings: n_weights("W"),
        "n_b": lambda settings: n_weights("b"),
        "n_v": lambda settings: n_weights("V"),
        "n_d": lambda settings: n_weights("d"),
        "weights": lambda settings: rnn().n_parameters,
        "letters": _letters,
        "own": lambda settings: _letters(settings) * rnn().n_parameters,
        "products": lambda settings: n_products(_letters(settings)),
        "push": lambda settings: PUSH,
        "pushed_step": lambda settings: PUSHED + 1,
        "reached": lambda settings: n_reached(str(settings["recurrence"]), _unit(settings)),
        "reached_full": lambda settings: n_reached("full", _unit(settings)),
        "reached_single": lambda settings: n_reached("one_to_one", _unit(settings)),
        "n_w_single": lambda settings: n_weights("W", "one_to_one"),
        "outputs": lambda settings: len(preset(PRESET).outputs),
        "read": _read_so_far,
        "best": lambda settings: _chosen(settings).names[0],
        "probability": lambda settings: float(_chosen(settings).probabilities[0]),
        "sum": _probability_sum,
        **facts_by("{}_best", SPACES, lambda name: _at_space(name).names[0]),
        **facts_by("{}_probability", SPACES, lambda name: float(_at_space(name).probabilities[0])),
        **facts_by("{}_space", SPACES, lambda name: SPACES[name] + 1),
        "untrained_probability": lambda settings: float(
            _at_space("second", "before").probabilities[0]
        ),
        "even": lambda settings: 1 / len(preset(PRESET).outputs),
        "guesses": lambda settings: language_model_trace("trained").sequence.n_steps - 1,
        "right_last": lambda settings: n_right(),
        "right_sum": lambda settings: n_right(is_summed=True),
        "sum_size": lambda settings: float(
            abs(language_model_trace("trained")["hidden"].sum(axis=0)).max()
        ),
        "stuck_from": lambda settings: stuck_from() + 1,
        "stuck": lambda settings: best_guesses(is_summed=True)[-1],
        **facts_by("hand_{}", HAND, HAND.__getitem__),
        "hand_sum": lambda settings: _hand_sum(),
        "hand_state": lambda settings: tanh(_hand_sum()),
        **facts_by("count_{}", COUNTED, COUNTED.__getitem__),
        "count_all": lambda settings: _count(),
        "sure": lambda settings: SURE,
        "sure_at": lambda settings: _sure_at(),
        "sure_text": lambda settings: _beginning(_sure_at()),
    },
    answers={"twice": _twice, "spread": _spread, "summed": _summed},
    exercises={
        "hand": NumberAnswer(
            lambda: tanh(_hand_sum()), mistakes=lambda: mistakes.simple_step(**HAND)
        ),
        "count": NumberAnswer(_count, 0, lambda: mistakes.simple_size(**COUNTED)),
        "sure": SettingsAnswer(
            _is_sure, {"untrained": lambda settings: settings["network"] != "trained"}
        ),
    },
    widgets={"cell": lambda settings: TraceWidget(rnn(), rnn_trace(), signals=("hidden",))},
    links={
        "small": lambda settings: untrained_link(
            "rnn", {"recurrence": str(settings["recurrence"])}
        ),
        "learned": lambda settings: preset_link(PRESET),
    },
)
