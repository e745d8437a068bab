"""Log of one layer while its model trains: of the wanted call, and of the first NaN in any."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from rnnviz.errors import RnnvizError
from rnnviz.monitoring.call_health import broken_rows, call_health, weight_changes
from rnnviz.readers.torch.layer_run import LayerReading
from rnnviz.watched.kept_calls import CallLog, KeptCall
from rnnviz.watched.layer_kind import LayerKind

_Numbers = dict[str, float]


class LayerLog:
    """Log of a layer's calls in training mode, to which a hook hands them on.

    is_wanted  whether the next call is to be kept for `take`.
    on_broken  called with the numbers of the first call that gives NaN or infinity and was not
               wanted; not for a cell, whose calls are steps.
    """

    def __init__(
        self,
        path: str,
        layer: Any,
        rows: tuple[int, ...] | None,
        on_broken: Callable[[_Numbers], None],
        kind: LayerKind,
    ) -> None:
        self.path, self.layer, self.is_wanted = path, layer, True
        self._calls = CallLog(path, layer, 1, rows, 1, _do_nothing, kind)
        self._on_broken, self._is_broken, self._has_graph = on_broken, False, False
        self._before: tuple[int, Mapping[str, Any]] | None = None

    @property
    def name(self) -> str:
        """The path, or where the layer is the model itself, its class."""
        return self._calls.name

    @property
    def n_calls(self) -> int:
        """Calls that were wanted so far."""
        return self._calls.n_calls

    @property
    def is_in_graph(self) -> bool:
        """True when the layer ran while torch made a graph of it."""
        return self._calls.is_in_graph

    @is_in_graph.setter
    def is_in_graph(self, value: bool) -> None:
        self._calls.is_in_graph = value

    @property
    def refusal(self) -> RnnvizError | None:
        """Why a call could not be kept."""
        return self._calls.refusal

    def add(self, layer: Any, read: Callable[[], LayerReading], left: Any = None) -> None:
        """Keep a call that is wanted; of another, see whether it broke."""
        if not layer.training:
            return
        if self.is_wanted:
            self._calls.add(layer, lambda: self._read(read))
        elif not self._calls.is_cell:
            self._check(layer, read, left)

    def _read(self, read: Callable[[], LayerReading]) -> LayerReading:
        reading = read()
        self._has_graph = bool(reading.hidden.requires_grad)
        return reading

    def end(self) -> None:
        """End a cell's loop."""
        self._calls.end()

    def take(self, number: int) -> _Numbers:
        """Health of the latest call that was kept; empty where none was.

        number  of the update; the weights' change counts from the update before that was logged.

        Raises ModelError where the layer computes something else than its class does.
        """
        self.end()
        if not self._calls.kept:
            return {}
        call = self._calls.kept.pop()
        numbers = call_health(self._calls, call, has_graph=self._has_graph)
        weights = call.parts[0].weights
        if self._before is not None and number > self._before[0]:
            since, before = self._before
            numbers |= weight_changes(self.layer, before, weights, number - since)
        self._before = number, weights
        self._is_broken = any(".nan" in name or ".first_nan" in name for name in numbers)
        return self._named(numbers)

    def _check(self, layer: Any, read: Callable[[], LayerReading], left: Any) -> None:
        try:
            # NaN in a cell state is in the hidden state, too.
            if math.isfinite((_left(read()) if left is None else left).sum().item()):
                self._is_broken = False
                return
            found = self._newly_broken(layer, read)
        # What cannot be read is told with the next record; the training goes on.
        except Exception:
            return
        if found:
            self._on_broken(found)

    def _newly_broken(self, layer: Any, read: Callable[[], LayerReading]) -> _Numbers:
        # In half precision a sum can be infinite where no number is.
        found = {} if self._is_broken else self._broken(layer, read())
        self._is_broken = self._is_broken or bool(found)
        return found

    def _broken(self, layer: Any, reading: LayerReading) -> _Numbers:
        rows = broken_rows(reading)
        if not len(rows):
            return {}
        log = CallLog(self.path, self.layer, 1, (int(rows[0]),), 1, _do_nothing, self._calls.kind)
        log.add(layer, lambda: reading)
        return self._named(call_health(log, log.kept[0], has_graph=False)) if log.kept else {}

    def _named(self, numbers: _Numbers) -> _Numbers:
        return {f"{self._calls.name}/{name}": value for name, value in numbers.items()}


def _left(reading: LayerReading) -> Any:
    """Hidden states behind a call."""
    return reading.end[0] if reading.end else reading.hidden


def _do_nothing(_log: CallLog, _call: KeptCall) -> None:
    pass
