"""`rnnviz.Log`: the health of a model's recurrent layers, while the user's own code trains it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

from rnnviz.analysis.symptoms import Symptom, symptoms
from rnnviz.core.checks import is_whole_number, shown
from rnnviz.errors import HealthWarning, InputError, RnnvizError
from rnnviz.monitoring.destinations import destination
from rnnviz.monitoring.layer_log import LayerLog
from rnnviz.watched.hooks import Hook, is_recomputed
from rnnviz.watched.options import row_numbers, whole_number
from rnnviz.watched.watchable import kind_of_model, watchable_layers, watched_calls

_PASSED = {"rnnviz", "torch", "keras", "lightning", "pytorch_lightning"}


class Log:
    """The health of every recurrent layer of a `torch.nn` module, logged while it trains.

    Every so-many-th update the numbers of `rnnviz.health` go to `to`, each named
    `LAYER/level.direction.what`, with those that only a training has: the change of the weights
    since they were last logged, `weights.change`, and how far back the gradient of the last hidden
    state reaches, `gradient.reach`. In between the states that each layer leaves are looked at
    alone: the first NaN is logged in the call in which it arises (of a loop over a cell: where that
    is logged). A new symptom (`rnnviz.symptoms`) is a `HealthWarning`, too.

    Updates are counted by the model's own calls in training mode; where a call is not an update,
    call `step()` after each. Nothing that the training computes is changed, and nothing is left on
    the model after `close()`, or after `with`.

    model   a module with an RNN, LSTM, GRU or one of their cells somewhere inside.
    every   updates from one record to the next; the first is of the first.
    to      a SummaryWriter of TensorBoard, a W&B run, a logger of Lightning, a list, or a callable
            (numbers, step).
    layers  paths of those to log, as `named_modules` has them; by default all.
    rows    of the batch whose gates are computed, by number; by default the first eight.

    Raises ModelError for a module without such a layer, and for a compiled, scripted or quantised
    one; InputError for options that are none.

    >>> import torch
    >>> import rnnviz as rv
    >>> model, kept = torch.nn.GRU(2, 3), []
    >>> with rv.Log(model, every=10, to=kept) as log:
    ...     for _ in range(3):
    ...         _ = model(torch.zeros(5, 1, 2))
    >>> [record["step"] for record in kept], kept[0]["GRU/0.forward.update.open"]
    ([0], 0.0)
    """

    def __init__(
        self,
        model: Any,
        *,
        every: int = 200,
        to: Any,
        layers: Iterable[str] | None = None,
        rows: int | Iterable[int] | None = range(8),
    ) -> None:
        self._to, self._every, chosen = (
            destination(to),
            whole_number("every", every),
            row_numbers(rows),
        )
        found, kind = watchable_layers(model, layers), kind_of_model(model)
        self._logs = [LayerLog(path, one, chosen, self._emit, kind) for path, one in found.items()]
        self._number, self._counts_calls = 0, True
        self._numbers: dict[str, float] = {}
        self._told: set[object] = set()
        self._hooks = ExitStack()
        for each in self._logs:
            self._hooks.enter_context(watched_calls(model, each))
        self._hooks.callback(model.register_forward_hook(_Count(self._called)).remove)

    @property
    def numbers(self) -> dict[str, float]:
        """The latest record; empty before the first."""
        return dict(self._numbers)

    @property
    def symptoms(self) -> tuple[Symptom, ...]:
        """What the latest record is a symptom of."""
        return symptoms(self._numbers)

    def step(self, number: int | None = None) -> None:
        """End an update: what comes belongs to the next. From now on only these calls count.

        number  of the next one, from 0; by default one more.
        """
        if number is not None and (not is_whole_number(number) or number < 0):
            raise InputError(
                "An update has a number from 0, but {came} came.", came=shown(repr(number))
            )
        following = self._number + 1
        if self._counts_calls:
            # Calls so far were no updates, but belonged to the first.
            self._record()
            self._want(False)
            following, self._counts_calls = 1, False
        self._advance(following if number is None else int(number))

    def close(self) -> None:
        """Log what is kept, and leave the model."""
        self._record()
        self._hooks.close()

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _called(self) -> None:
        if self._counts_calls:
            self._advance(self._number + 1)

    def _advance(self, number: int) -> None:
        self._record()
        self._number = number
        if number % self._every == 0:
            self._want(True)

    def _want(self, is_wanted: bool) -> None:
        for each in self._logs:
            each.is_wanted = is_wanted

    def _record(self) -> None:
        numbers: dict[str, float] = {}
        for each in self._logs:
            if each.is_wanted:
                numbers |= self._taken(each)
        if numbers:
            self._emit(numbers)

    def _taken(self, each: LayerLog) -> dict[str, float]:
        try:
            numbers = each.take(self._number)
        except RnnvizError as error:
            self._warn(each, str(error))
            return {}
        if each.refusal is not None:
            self._warn(each, str(each.refusal))
        each.is_wanted = not numbers
        return numbers

    def _emit(self, numbers: dict[str, float]) -> None:
        if not numbers:
            return
        self._numbers = numbers
        for one in self.symptoms:
            self._warn((one.kind, one.place), f"Update {self._number}, {one}")
        self._to(numbers, self._number)

    def _warn(self, key: object, sentence: str) -> None:
        """Warn of something once."""
        if key not in self._told:
            self._told.add(key)
            warnings.warn(sentence, HealthWarning, stacklevel=_callers_level())


def _callers_level() -> int:
    """Stack level of the training's own line: above this package and the framework's calls."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] in _PASSED:
        frame, level = frame.f_back, level + 1
    return level


class _Count(Hook):
    """A hook that tells of every call of a module in training mode."""

    def __init__(self, called: Callable[[], None]) -> None:
        self._called = called

    def __call__(self, module: Any, _args: Any, _output: Any) -> None:
        if module.training and not is_recomputed():
            self._called()
