"""Health of one call of a layer: of its trace, its weights and its gradient."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np

from rnnviz.analysis.gradient_reach import gradient_reach
from rnnviz.analysis.health import health
from rnnviz.core.arrays import Array
from rnnviz.engine.broken import broken_trace
from rnnviz.monitoring.last_gradient import last_gradient
from rnnviz.readers.torch.layer_run import LayerReading
from rnnviz.readers.torch.numbers import as_array
from rnnviz.watched.kept_calls import CallLog, KeptCall, rows_of
from rnnviz.watched.layer_kind import TorchKind
from rnnviz.watched.traced_call import call_model, traced_call

_PLACE = re.compile(r"_l(?P<level>\d+)(?P<reverse>_reverse)?$")


def call_health(calls: CallLog, call: KeptCall, *, has_graph: bool) -> dict[str, float]:
    """Numbers of `rnnviz.health`; of a call with NaN also where in its input or weights that is.

    has_graph  whether a gradient will go back through the call: then the numbers hold the reach and
               growth of the gradient of the last hidden state, summed over its units, with respect
               to what the lowest level reads forward.

    Raises ModelError where the layer computes something else than its class does.
    """
    reading = call.reading
    broken = broken_rows(reading)
    if len(broken):
        return _broken_health(calls, call, rows_of(reading, (int(broken[0]),)), int(broken[0]))
    numbers = health(traced_call(calls, call, at_once=not calls.is_cell))
    is_torchs = isinstance(calls.kind, TorchKind)
    return numbers | _gradient(calls.layer, reading) if has_graph and is_torchs else numbers


def broken_rows(reading: LayerReading) -> Array:
    """Rows of the batch that read or gave NaN or infinity."""
    arrays = map(as_array, (reading.inputs, reading.hidden, *reading.end))
    with np.errstate(over="ignore", invalid="ignore"):
        # A sum shows at once what is broken.
        doubtful = [array for array in arrays if not isfinite(array.sum())]
    return np.flatnonzero(np.any([~np.isfinite(a).all(axis=(0, 2)) for a in doubtful], axis=0))


def _gradient(layer: Any, reading: LayerReading) -> dict[str, float]:
    found = gradient_reach(last_gradient(layer, reading), reading.lengths)
    if found is None:
        return {}
    return {"0.forward.gradient.reach": found.steps, "0.forward.gradient.growth": found.growth}


def _broken_health(
    calls: CallLog, call: KeptCall, reading: LayerReading, kept: int
) -> dict[str, float]:
    """Health of one row with NaN.

    kept  its number among the kept rows.
    """
    if broken := nan_weights(calls.layer, reading.weights):
        return broken
    row = calls.rows[kept] if calls.rows is not None else kept
    values = as_array(reading.inputs)
    numbers = health(broken_trace(call_model(calls, call, reading), values, reading.lengths))
    numbers = _of_row(numbers, row)
    wrong = np.argwhere(~np.isfinite(values[:, 0]))
    if len(wrong):
        place = {"step": wrong[0][0], "row": row, "unit": wrong[0][1]}
        first = next(iter(_by_place(calls.layer, reading.weights)))
        numbers |= {f"{first}.first_nan.inputs.{axis}": float(n) for axis, n in place.items()}
    return numbers


def _of_row(numbers: Mapping[str, float], row: int) -> dict[str, float]:
    is_row = re.compile(r".*\.first_nan\.\w+\.row")
    return {n: float(row) if is_row.fullmatch(n) else value for n, value in numbers.items()}


def nan_weights(layer: Any, weights: Mapping[str, Any]) -> dict[str, float]:
    """Share of NaN and infinite weights, for every level and direction that has any."""
    shares = {
        place: float(np.mean([(~np.isfinite(as_array(weight))).mean() for weight in found]))
        for place, found in _by_place(layer, weights).items()
    }
    return {f"{place}.weights.nan": share for place, share in shares.items() if share}


def weight_changes(
    layer: Any, before: Mapping[str, Any], now: Mapping[str, Any], updates: int
) -> dict[str, float]:
    """Norm of the change of every level's and direction's weights, as a part of their norm.

    updates  from the one to the other.
    """
    old, numbers = _by_place(layer, before), {}
    for place, found in _by_place(layer, now).items():
        then, latest = _joined(old[place]), _joined(found)
        numbers[f"{place}.weights.change"] = _norm(latest - then) / (_norm(latest) or 1.0)
        numbers[f"{place}.weights.updates"] = float(updates)
    return numbers


def _joined(tensors: list[Any]) -> Any:
    import torch

    return torch.cat([tensor.reshape(-1) for tensor in tensors])


def _norm(tensor: Any) -> float:
    import torch

    return float(torch.linalg.vector_norm(tensor, dtype=torch.float64))


def _by_place(layer: Any, weights: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Weights by level and direction: torch's "weight_ih_l1_reverse" is one of "1.backward"."""
    found: dict[str, list[Any]] = {}
    is_reverse = bool(getattr(layer, "go_backwards", False))
    for name, weight in weights.items():
        place = _PLACE.search(name)
        direction = "backward" if is_reverse or (place and place["reverse"]) else "forward"
        found.setdefault(f"{place['level'] if place else 0}.{direction}", []).append(weight)
    return found
