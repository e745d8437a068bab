"""Features that were asked for, as numbers (time, feature), checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from rnnviz.analysis.text_features import column_features, text_features, varied
from rnnviz.analysis.unit_stream import UnitStream
from rnnviz.core.arrays import Array
from rnnviz.core.checks import check_choice, items_of, shown
from rnnviz.errors import InputError

MAX_FEATURES = 32
LEAST_STEPS = 400


def features_of(
    stream: UnitStream, features: Mapping[str, Any] | Iterable[str] | None
) -> tuple[tuple[str, ...], Array]:
    """Names and numbers (time, feature) of the features asked for.

    Raises InputError for features that do not fit what is read or do not vary, and a short run.
    """
    if stream.n_steps < LEAST_STEPS:
        raise InputError(
            "Units are looked for on {least} steps or more, of which some are held out, but {came}"
            " came; take a longer text.",
            least=LEAST_STEPS,
            came=stream.n_steps,
        )
    # A data frame is no Mapping, but has its columns by name.
    items = getattr(features, "items", None)
    given = _own(stream, features) if items is None else _given(stream, dict(items()))
    if not given:
        raise InputError(
            "No feature of this text varies, so there is nothing to look for; give some with"
            " features={{name: numbers}}."
        )
    if len(given) > MAX_FEATURES:
        raise InputError(
            "At most {most} features are looked for at once, but {came} came.",
            most=MAX_FEATURES,
            came=len(given),
        )
    # A correlation is that of the feature in any unit.
    scaled = [values / np.abs(values).max() for values in given.values()]
    return tuple(given), np.column_stack(scaled)


def _own(stream: UnitStream, names: Any) -> dict[str, Array]:
    """Features of the text or table itself: all, or those named."""
    if stream.tokens is not None:
        own = text_features(stream.tokens)
    else:
        own = column_features(stream.values(0, stream.n_steps), stream.rows[0].features)
    if names is None:
        return own
    chosen = items_of(names)
    for name in chosen:
        check_choice("features", name, tuple(own))
    return {name: own[name] for name in chosen}


def _given(stream: UnitStream, features: Mapping[str, Any]) -> dict[str, Array]:
    numbers = {str(name): _numbers(stream, str(name), came) for name, came in features.items()}
    constant = [name for name in numbers if name not in varied(numbers)]
    if constant:
        raise InputError(
            "The feature “{name}” is the same at every step, so no unit can follow it; leave it out"
            " or take a longer text.",
            name=shown(constant[0]),
        )
    return numbers


def _numbers(stream: UnitStream, name: str, came: Any) -> Array:
    """Numbers (time,) of one feature over all rows."""
    if callable(came):
        came = came(_all_tokens(stream))
    try:
        values = np.asarray(came)
        values = np.zeros(0) if values.dtype.kind in "cSU" else values.astype(float)
    except (TypeError, ValueError, OverflowError):
        values = np.zeros(0)
    if values.ndim == 2 and values.shape[1] == len(stream.rows) > 1:
        lengths = [row.n_steps for row in stream.rows]
        values = np.concatenate([values[:n, row] for row, n in enumerate(lengths)])
    if values.shape != (stream.n_steps,) or not np.isfinite(values).all():
        raise InputError(
            "The feature “{name}” should be {wanted} finite numbers, one a step, but it is not;"
            " give an array (time,) or a function from the tokens to it.",
            name=shown(name),
            wanted=stream.n_steps,
        )
    return values


def _all_tokens(stream: UnitStream) -> tuple[str, ...]:
    if stream.tokens is None:
        return tuple(map(str, range(1, stream.n_steps + 1)))
    return tuple(stream.tokens.tokens[i] for i in stream.tokens.ids.tolist())
