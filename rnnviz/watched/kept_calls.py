"""The latest calls of one recurrent layer of torch, copied while its module runs."""

from __future__ import annotations

import threading
import warnings
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import AssumptionWarning, InputError, RnnvizError
from rnnviz.readers.torch.calls import LayerCall
from rnnviz.readers.torch.layer_run import (
    LayerReading,
    Tensors,
    goes_on,
    joined_readings,
    layer_reading,
)
from rnnviz.readers.torch.layers import is_cell, layer_weights

MAX_LOOP = 1000
"""Steps of a cell's loop that are one call; a longer loop goes on in the next."""


@dataclass(frozen=True)
class KeptCall:
    """A call of a layer, or a loop of calls of a cell.

    number       from 0, among all calls of its layer.
    parts        one for a layer, one a step for a cell.
    has_dropout  True when dropout between its levels changed what the upper ones read.
    """

    number: int
    parts: list[LayerReading]
    has_dropout: bool = False

    @property
    def reading(self) -> LayerReading:
        """What was read and given, as one sequence."""
        return joined_readings(self.parts)

    def goes_on(self, before: KeptCall) -> bool:
        """True when it starts from the states that the call before left, with its weights."""
        last, first = before.parts[-1], self.parts[0]
        is_next = self.number == before.number + 1 and first.weights is last.weights
        return is_next and not self.has_dropout and goes_on(last, first)


@dataclass(eq=False)
class CallLog:
    """Calls of one layer, the latest of them in memory.

    every    of the calls: 1 for each, 10 for the first, the eleventh, …
    rows     of the batch that are kept; None for all.
    keep     calls in memory.
    on_call  called with every kept call when it is complete.
    n_calls  all calls so far, loops for a cell; `n_steps` their timesteps.
    refusal  why a call could not be kept.
    """

    path: str
    layer: Any
    every: int
    rows: tuple[int, ...] | None
    keep: int
    on_call: Callable[[CallLog, KeptCall], None]
    n_calls: int = 0
    n_steps: int = 0
    refusal: RnnvizError | None = None
    kept: deque[KeptCall] = field(init=False)
    _open: KeptCall | None = None
    _last: LayerReading | None = None
    _has_warned: bool = False
    _weights: Mapping[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.kept = deque(maxlen=self.keep)
        self.is_cell = is_cell(self.layer)

    def add(self, layer: Any, call: LayerCall) -> None:
        """Copy what the layer read and gave.

        layer  that ran: this one, or its replica on another device.

        An error never reaches the running module; it is the `refusal`.
        """
        with self._lock:
            try:
                self._add(layer, layer_reading(self.path, layer, call))
            except RnnvizError as error:
                self.refusal = error

    def end(self) -> None:
        """End the call that is open: a cell's loop has no end of its own."""
        if self._open is not None and self._open.parts:
            self.on_call(self, self._open)
        self._open = self._last = None

    def _add(self, layer: Any, reading: LayerReading) -> None:
        if not self._goes_on(reading):
            self.end()
            self._begin(layer)
        self.n_steps += len(reading.inputs)
        if self._open is not None:
            self._keep(self._open, layer, reading)
        if self.is_cell:
            self._last = replace(reading, end=_copies(reading.end))
        else:
            self.end()

    def _goes_on(self, reading: LayerReading) -> bool:
        is_long = self._open is not None and len(self._open.parts) == MAX_LOOP
        return self._last is not None and not is_long and goes_on(self._last, reading)

    def _begin(self, layer: Any) -> None:
        number = self.n_calls
        self.n_calls += 1
        if number % self.every == 0:
            self._open = KeptCall(number, [], self._drops_out(layer))

    def _drops_out(self, layer: Any) -> bool:
        is_stacked = getattr(layer, "num_layers", 1) > 1
        drops_out = bool(layer.training and is_stacked and getattr(layer, "dropout", 0))
        if drops_out and not self._has_warned:
            self._has_warned = True
            sentence = (
                f"“{self.path or type(layer).__name__}” drops out states between its levels while"
                " it trains, so that only its lowest level is shown; call eval() to see all."
            )
            warnings.warn(sentence, AssumptionWarning, stacklevel=2)
        return drops_out

    def _keep(self, call: KeptCall, layer: Any, reading: LayerReading) -> None:
        chosen = reading if self.rows is None else rows_of(reading, self.rows)
        if not call.parts:
            self._weights = _same_or_copied(self._weights, layer_weights(self.path, layer))
            self.kept.append(call)
        call.parts.append(_copied(chosen, self._weights))


def _copied(reading: LayerReading, weights: Mapping[str, Any]) -> LayerReading:
    """Copies without a gradient: a running module may change its tensors in place."""
    return LayerReading(
        reading.inputs.detach().clone(),
        reading.lengths,
        None if reading.start is None else _copies(reading.start),
        reading.hidden.detach().clone(),
        _copies(reading.end),
        weights,
    )


def rows_of(reading: LayerReading, rows: tuple[int, ...]) -> LayerReading:
    """Some rows of the batch. Raises InputError when it has none of them."""
    there = [row for row in rows if row < len(reading.lengths)]
    if not there:
        raise InputError(
            "Rows {rows} of the batch are to be kept, but it has only {came}; choose of"
            " those, counted from 0.",
            rows=shown(", ".join(map(str, rows))),
            came=len(reading.lengths),
        )
    lengths = tuple(reading.lengths[row] for row in there)
    return replace(
        reading,
        inputs=reading.inputs[: max(lengths), there],
        lengths=lengths,
        start=None if reading.start is None else tuple(y[:, there] for y in reading.start),
        hidden=reading.hidden[: max(lengths), there],
        end=tuple(state[:, there] for state in reading.end),
    )


def _copies(tensors: Tensors) -> Tensors:
    return tuple(tensor.detach().clone() for tensor in tensors)


def _same_or_copied(kept: Mapping[str, Any], weights: dict[str, Any]) -> Mapping[str, Any]:
    """The weights that are kept where they are the same numbers, or else copies."""
    if kept and all(kept[name].equal(weight) for name, weight in weights.items()):
        return kept
    return dict(zip(weights, _copies(tuple(weights.values())), strict=True))
