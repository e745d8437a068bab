"""Interventions as JSON, for links and files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.interventions.types import INTERVENTION_TYPES, Intervention

_TAGS = ("clamp", "silence", "set", "add", "reset", "weight")
_TAG_OF = dict(zip(INTERVENTION_TYPES, _TAGS, strict=True))
_TYPE_OF = {tag: cls for cls, tag in _TAG_OF.items()}


def to_dict(intervention: Intervention) -> dict[str, Any]:
    """An intervention as a JSON object, without the fields that are at their defaults.

    >>> from rnnviz.interventions.types import Silence
    >>> to_dict(Silence(3, start=2))
    {'do': 'silence', 'units': [3], 'start': 2}
    """
    given = {
        field.name: getattr(intervention, field.name)
        for field in fields(intervention)
        if getattr(intervention, field.name) != field.default
    }
    plain = {name: list(v) if isinstance(v, tuple) else v for name, v in given.items()}
    return {"do": _TAG_OF[type(intervention)], **plain}


def from_dict(given: Any) -> Intervention:
    """An intervention from the object that `to_dict` wrote.

    Raises InputError for any other object.

    >>> from_dict({"do": "reset", "step": 4})
    Reset(step=4, layer=None, row=None)
    """
    name = given.get("do") if isinstance(given, Mapping) else None
    if not isinstance(name, str) or name not in _TYPE_OF:
        raise InputError(
            "An intervention is an object whose “do” is one of {known}, but {came} came.",
            known=", ".join(_TYPE_OF),
            came=shown(given),
        )
    cls = _TYPE_OF[name]
    known = {field.name: field.default is MISSING for field in fields(cls)}
    came = set(given) - {"do"}
    if came - set(known) or {name for name, needed in known.items() if needed} - came:
        raise InputError(
            "The intervention “{name}” is written with {known}, but {came} came.",
            name=name,
            known=", ".join(known),
            came=shown(", ".join(map(str, given))),
        )
    return cls(**{field: given[field] for field in known if field in given})


def to_text(interventions: Iterable[Intervention]) -> str:
    """Interventions as one line of JSON.

    >>> from rnnviz.interventions.types import Clamp
    >>> to_text([Clamp("forget", 1)])
    '[{"do":"clamp","gate":"forget","value":1.0}]'
    """
    return json.dumps(
        [to_dict(intervention) for intervention in interventions], separators=(",", ":")
    )


def from_text(text: str) -> tuple[Intervention, ...]:
    """Interventions from the text that `to_text` wrote; it is parsed as JSON, never evaluated.

    Raises InputError for a text that is no JSON list of interventions.

    >>> from_text('[{"do": "silence", "units": 3}]')
    (Silence(units=(3,), layer=0, start=None, stop=None, row=None),)
    """
    try:
        given = json.loads(text)
    # Deep nesting ends in a RecursionError, a huge number in a ValueError.
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, list):
        raise InputError(
            "Interventions are written as a JSON list of objects, but “{came}” came.",
            came=shown(text),
        )
    return tuple(map(from_dict, given))
