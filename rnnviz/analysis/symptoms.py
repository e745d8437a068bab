"""Symptoms of a training that goes wrong, named from the numbers of `health` and `Log`.

The names are the field's: dead node, saturated activation, exploding tensor and gradient, unchanged
weight: M. Wardat et al., "DeepDiagnosis: Automatically Diagnosing Faults and Recommending
Actionable Fixes in Deep Learning Programs", ICSE 2022. The forget gate's bias: R. Jozefowicz,
W. Zaremba, I. Sutskever, "An Empirical Exploration of Recurrent Network Architectures", ICML 2015.

The limits are our own: chosen so that fresh networks of every cell on scaled input, and sound
trainings in our tests, have no symptom, while the faults planted there have. No study of other
trainings stands behind them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.formatting import running_text
from rnnviz.i18n import has_word, word

# Limits of judgement, not of theory. Those of forgetting and of saturation were moved until the
# models trained here, which work, show neither (apart from saturated and dead units of the simple
# RNNs of the adding problem) and until the planted faults of the tests are named.
MAX_STATE_GROWTH = 10.0
MAX_GRADIENT_GROWTH = 100.0
MOST_FORGOTTEN = 0.95
MOST_DEAD = 0.5
MOST_SATURATED = 0.7
_AXES = ("step", "row", "unit")
_NAME = re.compile(r"(?P<place>(?:.*/)?\d{1,9}\.(?:forward|backward))\.(?P<what>.+)", re.DOTALL)


@dataclass(frozen=True)
class Symptom:
    """Something that is wrong with one layer.

    kind   "nan", "nan_inputs", "nan_weights", "exploding_state", "exploding_gradient",
           "closed_forget_gate", "dead_units", "saturated_gates", "saturated_units" or
           "unchanged_weights".
    place  the layer, as its numbers' names begin: "0.forward", "encoder.rnn/0.forward".
    facts  the numbers that show it.

    `str(symptom)` is its sentence in English.
    """

    kind: str
    place: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str = "en") -> str:
        """Sentence that names it, says by which number, and what helps."""
        facts = {name: _told(name, value, language) for name, value in self.facts.items()}
        said = word(f"symptom.{self.kind}", language, **facts)
        return word("symptom.place", language, place=place_text(self.place, language), said=said)

    def __str__(self) -> str:
        return self.text()


def symptoms(numbers: Mapping[str, float]) -> tuple[Symptom, ...]:
    """Symptoms of all layers that have any, what is broken first.

    numbers  of `rnnviz.health`, or of one record of `rnnviz.Log`; names that are not a layer's are
             ignored.

    Sentences count layers from 1, as the app does; places are as the numbers name them.

    Raises InputError for anything else, and for what stands at a layer's name and is no number.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=2)
    >>> held = rv.trace(model, [[0.5]] * 9, intervene=[rv.Clamp("forget", 0.007)])
    >>> [symptom.kind for symptom in rv.symptoms(rv.health(held))]
    ['closed_forget_gate']
    """
    layers = _by_place(numbers)
    found = [
        Symptom(kind, place, facts)
        for kind, sign in _SIGNS.items()
        for place, of_layer in layers.items()
        if (facts := sign(of_layer)) is not None
    ]
    # What is read above a broken layer is broken by it.
    broken = [one for one in found if one.kind.startswith("nan")]
    return (*broken[:1], *(one for one in found if one not in broken))


def _by_place(numbers: object) -> dict[str, dict[str, float]]:
    """The numbers of every layer."""
    if not isinstance(numbers, Mapping):
        raise InputError(
            "Symptoms are told of the numbers that rv.health gives, but {came} came; for a trace"
            " write rv.symptoms(rv.health(trace)).",
            came=shown(type(numbers).__name__),
        )
    layers: dict[str, dict[str, float]] = {}
    for name, value in numbers.items():
        if isinstance(name, str) and (parts := _NAME.fullmatch(name)):
            layers.setdefault(parts["place"], {})[parts["what"]] = _number(name, value)
    return layers


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    # What has one number says so in its own way.
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise InputError(
            "{name} should be a number, but {came} came.", name=shown(name), came=shown(value)
        ) from None


def place_text(place: str, language: str = "en") -> str:
    """Words for a layer's place.

    >>> place_text("encoder.rnn/1.backward")
    'encoder.rnn, layer 2, backward'
    """
    path, _, layer = place.rpartition("/")
    level, _, direction = layer.partition(".")
    said = [path, word("layer.number", language, number=int(level) + 1)]
    if direction == "backward":
        said.append(word("direction.backward", language))
    return word("list.names", language).join(filter(None, said))


_Numbers = Mapping[str, float]
_Facts = dict[str, Any] | None


def _nan(numbers: _Numbers) -> _Facts:
    """The first signal that broke, unless its weights or what it read did."""
    signals = [name.split(".")[1] for name in numbers if name.startswith("first_nan.")]
    if not signals or "inputs" in signals or not has_word(f"signal.{signals[0]}"):
        return None
    place = _place(numbers, signals[0])
    return None if place is None else {"signal": signals[0], **place}


def _nan_inputs(numbers: _Numbers) -> _Facts:
    return _place(numbers, "inputs")


def _place(numbers: _Numbers, signal: str) -> dict[str, int] | None:
    """Where a signal broke; None where a record does not tell all of it."""
    found = {axis: numbers.get(f"first_nan.{signal}.{axis}", nan) for axis in _AXES}
    return (
        {axis: int(at) for axis, at in found.items()}
        if all(map(isfinite, found.values()))
        else None
    )


def _at_least(numbers: _Numbers, name: str, limit: float, fact: str) -> _Facts:
    value = numbers.get(name)
    return {fact: value} if value is not None and value >= limit else None


def _explodes(numbers: _Numbers) -> _Facts:
    grown = [v for n, v in numbers.items() if n.endswith(".growth") and n != "gradient.growth"]
    return {"ratio": grown[0]} if grown and grown[0] >= MAX_STATE_GROWTH else None


def _forgets(numbers: _Numbers) -> _Facts:
    share = max((v for n, v in numbers.items() if n.endswith(".forgotten")), default=0)
    return {"share": share} if share >= MOST_FORGOTTEN else None


def _saturates(numbers: _Numbers) -> _Facts:
    """The gate of which the least is saturated: one that is always closed may be meant."""
    gates = (name.removesuffix(".closed") for name in numbers if name.endswith(".closed"))
    shares = (
        numbers[f"{g}.closed"] + numbers[f"{g}.open"] for g in gates if f"{g}.open" in numbers
    )
    share = min(shares, default=0)
    return {"share": share} if share >= MOST_SATURATED else None


def _tanh_saturates(numbers: _Numbers) -> _Facts:
    share = max((v for n, v in numbers.items() if n.endswith(".saturated")), default=0)
    return {"share": share} if share >= MOST_SATURATED else None


def _stands_still(numbers: _Numbers) -> _Facts:
    updates = numbers.get("weights.updates", nan)
    is_still = numbers.get("weights.change") == 0 and isfinite(updates)
    return {"updates": int(updates)} if is_still else None


_SIGNS: Mapping[str, Callable[[_Numbers], _Facts]] = {
    "nan_inputs": _nan_inputs,
    "nan_weights": lambda n: _at_least(n, "weights.nan", 0, "share"),
    "nan": _nan,
    "exploding_state": _explodes,
    "exploding_gradient": lambda n: _at_least(n, "gradient.growth", MAX_GRADIENT_GROWTH, "ratio"),
    "unchanged_weights": _stands_still,
    "dead_units": lambda n: _at_least(n, "hidden.dead", MOST_DEAD, "share"),
    "closed_forget_gate": _forgets,
    "saturated_gates": _saturates,
    "saturated_units": _tanh_saturates,
}


def _told(name: str, value: Any, language: str) -> str:
    if name == "share":
        return word("answer.percent", language, n=round(100 * min(value, 1)))
    if name == "signal":
        return word(f"signal.{value}", language)
    return running_text(str(value) if isinstance(value, int) else value)
