"""The latest calls of one recurrent layer of torch, copied while its module runs."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.core.user_warning import warn_user
from rnnviz.errors import AssumptionWarning, InputError, ModelError, RnnvizError
from rnnviz.readers.torch.layer_run import (
    LayerReading,
    Tensors,
    goes_on,
    joined_readings,
)
from rnnviz.watched.layer_kind import LayerKind, TorchKind
from rnnviz.watched.weight_copies import WeightCopies

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
        """Inputs, states and outputs of the whole call, as one sequence."""
        return joined_readings(self.parts)

    def goes_on(self, before: KeptCall) -> bool:
        """True when it starts from the states that the call before left, with its weights."""
        last, first = before.parts[-1], self.parts[0]
        is_next = self.number == before.number + 1 and first.weights is last.weights
        return is_next and not self.has_dropout and goes_on(last, first)


@dataclass(eq=False)
class CallLog:
    """Calls of one layer, the latest of them in memory.

    every        of the calls: 1 for each, 10 for the first, the eleventh, …
    rows         of the batch that are kept; None for all.
    keep         calls in memory.
    on_call      called with every kept call when it is complete.
    kind         of the framework that the layer is of.
    n_calls      all calls so far, loops for a cell; `n_steps` their timesteps.
    refusal      why a call could not be kept, the first of them.
    is_in_graph  True when the layer ran while torch made a graph of it.
    """

    path: str
    layer: Any
    every: int
    rows: tuple[int, ...] | None
    keep: int
    on_call: Callable[[CallLog, KeptCall], None]
    kind: LayerKind = field(default_factory=TorchKind)
    n_calls: int = 0
    n_steps: int = 0
    refusal: RnnvizError | None = None
    is_in_graph: bool = False
    kept: deque[KeptCall] = field(init=False)
    _open: KeptCall | None = None
    _last: LayerReading | None = None
    _has_warned: bool = False
    _weights: WeightCopies = field(default_factory=WeightCopies)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.kept = deque(maxlen=min(self.keep, sys.maxsize))
        self.is_cell = self.kind.is_cell(self.layer)

    @property
    def name(self) -> str:
        """The path, or where the layer is the model itself, its class."""
        return self.path or type(self.layer).__name__

    def add(self, layer: Any, read: Callable[[], LayerReading], left: Any = None) -> None:
        """Copy what the layer read and gave.

        layer  that ran: this one, or its replica on another device.
        read   gives what it read and gave; its error is the refusal.
        """
        with self._lock, self._refusing():
            self._add(layer, read())

    def end(self) -> None:
        """End the call that is open: a cell's loop has no end of its own."""
        with self._lock, self._refusing():
            self._end()
            if self.is_in_graph:
                raise ModelError(
                    "“{path}” also ran while torch compiled, traced or exported it, which cannot be"
                    " watched; run the module itself, and a compiled one under"
                    ' torch.compiler.set_stance("force_eager").',
                    path=self.name,
                )

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """A block whose error never reaches the running module; it is the `refusal`."""
        try:
            yield
        except RnnvizError as error:
            self.refusal = self.refusal or error
        # Tensors and modules may be of any kind, and the run that is watched goes on.
        except Exception as error:
            self.refusal = self.refusal or ModelError(
                "A call of “{path}” could not be kept ({reason}); leave it out, as in"
                " rv.watch(model, layers=[…]), or trace it with rv.trace(module, values).",
                path=self.name,
                reason=shown(f"{type(error).__name__}: {error}", 120),
            )

    def _end(self) -> None:
        call, self._open, self._last = self._open, None, None
        if call is not None and call.parts:
            self.on_call(self, call)

    def _add(self, layer: Any, reading: LayerReading) -> None:
        if not self._goes_on(layer, reading):
            self._end()
            self._begin(layer)
        self.n_steps += len(reading.inputs)
        if self._open is not None:
            self._keep(self._open, reading)
        if self.is_cell:
            self._last = replace(reading, end=_copies(reading.end))
        else:
            self._end()

    def _goes_on(self, layer: Any, reading: LayerReading) -> bool:
        """True for the next step of a cell's loop, which has the weights of those before."""
        is_long = self._open is not None and len(self._open.parts) == MAX_LOOP
        if self._last is None or is_long or not goes_on(self._last, reading):
            return False
        return self._weights.are_those_of(self.kind.weights(self.path, layer))

    def _begin(self, layer: Any) -> None:
        number = self.n_calls
        self.n_calls += 1
        is_kept = number % self.every == 0
        if is_kept or self.is_cell:
            self._weights.update(self.kind.weights(self.path, layer))
        if is_kept:
            self._open = KeptCall(number, [], self._drops_out(layer))

    def _drops_out(self, layer: Any) -> bool:
        is_stacked = getattr(layer, "num_layers", 1) > 1
        drops_out = bool(layer.training and is_stacked and getattr(layer, "dropout", 0))
        if drops_out and not self._has_warned:
            self._has_warned = True
            sentence = (
                f"“{self.name}” drops out states between its levels while"
                " it trains, so that only its lowest level is shown; call eval() to see all."
            )
            warn_user(sentence, AssumptionWarning)
        return drops_out

    def _keep(self, call: KeptCall, reading: LayerReading) -> None:
        chosen = reading if self.rows is None else rows_of(reading, self.rows)
        part = _copied(chosen, self._weights.latest)
        if not call.parts:
            self.kept.append(call)
        call.parts.append(part)


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
    # The first rows are a part that need not be gathered.
    at = slice(len(there)) if there == [*range(len(there))] else there
    return replace(
        reading,
        inputs=reading.inputs[: max(lengths), at],
        lengths=lengths,
        start=None if reading.start is None else tuple(y[:, at] for y in reading.start),
        hidden=reading.hidden[: max(lengths), at],
        end=tuple(state[:, at] for state in reading.end),
    )


def _copies(tensors: Tensors) -> Tensors:
    return tuple(tensor.detach().clone() for tensor in tensors)
