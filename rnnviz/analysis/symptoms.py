"""Symptoms of a training that goes wrong, named from the numbers of `health` and `Log`.

The names are the field's: dead node, saturated activation, exploding tensor and gradient, unchanged
weight: M. Wardat et al., "DeepDiagnosis: Automatically Diagnosing Faults and Recommending
Actionable Fixes in Deep Learning Programs", ICSE 2022. The forget gate's bias: R. Jozefowicz,
W. Zaremba, I. Sutskever, "An Empirical Exploration of Recurrent Network Architectures", ICML 2015.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rnnviz.formatting import running_text
from rnnviz.i18n import word

MAX_STATE_GROWTH = 10.0
MAX_GRADIENT_GROWTH = 100.0
MOST_FORGOTTEN = 0.95
MOST_DEAD = 0.5
MOST_SATURATED = 0.7
_NAME = re.compile(r"(?P<place>(?:.*/)?\d+\.(?:forward|backward))\.(?P<what>.+)")


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

    numbers  of `rnnviz.health`, or of one record of `rnnviz.Log`.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=2)
    >>> held = rv.trace(model, [[0.5]] * 9, intervene=[rv.Clamp("forget", 0.007)])
    >>> [symptom.kind for symptom in rv.symptoms(rv.health(held))]
    ['closed_forget_gate']
    """
    by_place: dict[str, dict[str, float]] = {}
    for name, value in numbers.items():
        if found := _NAME.fullmatch(name):
            by_place.setdefault(found["place"], {})[found["what"]] = value
    return tuple(
        Symptom(kind, place, facts)
        for kind, sign in _SIGNS.items()
        for place, of_layer in by_place.items()
        if (facts := sign(of_layer)) is not None
    )


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
    found = [name for name in numbers if name.startswith("first_nan.")]
    if not found:
        return None
    signal = found[0].split(".")[1]
    place = {axis: int(numbers[f"first_nan.{signal}.{axis}"]) for axis in ("step", "row", "unit")}
    return {"signal": signal, **place}


def _nan_inputs(numbers: _Numbers) -> _Facts:
    found = _nan(numbers)
    return found if found is not None and found.pop("signal") == "inputs" else None


def _nan_weights(numbers: _Numbers) -> _Facts:
    return _at_least(numbers, "weights.nan", 0, "share")


def _nan_signal(numbers: _Numbers) -> _Facts:
    is_explained = _nan_inputs(numbers) is not None or _nan_weights(numbers) is not None
    return None if is_explained else _nan(numbers)


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
    share = min((numbers[f"{g}.closed"] + numbers[f"{g}.open"] for g in gates), default=0)
    return {"share": share} if share >= MOST_SATURATED else None


def _tanh_saturates(numbers: _Numbers) -> _Facts:
    share = max((v for n, v in numbers.items() if n.endswith(".saturated")), default=0)
    return {"share": share} if share >= MOST_SATURATED else None


def _stands_still(numbers: _Numbers) -> _Facts:
    if numbers.get("weights.change") != 0:
        return None
    return {"updates": int(numbers["weights.updates"])}


_SIGNS: Mapping[str, Callable[[_Numbers], _Facts]] = {
    "nan_inputs": _nan_inputs,
    "nan_weights": _nan_weights,
    "nan": _nan_signal,
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
        return word("answer.percent", language, n=round(100 * value))
    return word(f"signal.{value}", language) if name == "signal" else running_text(value)
