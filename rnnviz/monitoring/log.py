"""`rnnviz.Log`: the health of a model's recurrent layers, while the user's own code trains it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

from rnnviz.analysis.symptoms import Symptom, symptoms
from rnnviz.core.checks import is_whole_number, shown
from rnnviz.core.user_warning import warn_user
from rnnviz.errors import HealthWarning, InputError, RnnvizError
from rnnviz.formatting import number_of
from rnnviz.monitoring.destinations import destination
from rnnviz.monitoring.layer_log import LayerLog
from rnnviz.watched.hooks import Hook, is_recomputed
from rnnviz.watched.options import items_read, row_numbers, whole_number
from rnnviz.watched.watchable import kind_of_model, watchable_layers, watched_calls


class Log:
    """Log of the health of a model's recurrent layers, written while it trains.

    Every 200th update, or as `every` says, the numbers of `rnnviz.health` go to `to`, each named
    `LAYER/level.direction.what`, with those that only a training has: the change of the weights
    since they were last logged, `weights.change`, and how far back the gradient of the last hidden
    state reaches, `gradient.reach`. Between two records each layer's final states are checked: the
    first NaN is logged in the call in which it arises (in a loop over a cell: at the next record).
    A new symptom (`rnnviz.symptoms`) is also a `HealthWarning`.

    Updates are counted by the model's own calls in training mode; where a call is not an update,
    call `step()` after each. Nothing that the training computes is changed, and nothing is left on
    the model after `close()`, or after `with`. Where a record cannot be computed or written, a
    `HealthWarning` says why, and the training goes on.

    model   a `torch.nn` module with an RNN, LSTM, GRU or one of their cells somewhere inside, or a
            model of Keras 3 on its torch back end.
    every   updates from one record to the next; the first record is of update 0.
    to      a SummaryWriter of TensorBoard, a W&B run, a logger of Lightning, a list, or a callable
            (numbers, step).
    layers  paths of those to log, as `named_modules` has them; by default all.
    rows    of the batch whose gates are computed, by number; by default the first eight.

    Raises ModelError for a module without such a layer, and for a compiled, scripted or quantised
    one; InputError for an option with a value that it cannot have.

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
        self._to, self._every = destination(to), whole_number("every", every)
        chosen = row_numbers(rows)
        found, kind = watchable_layers(model, layers), kind_of_model(model)
        self._logs = [LayerLog(path, one, chosen, self._emit, kind) for path, one in found.items()]
        self._number, self._counts_calls, self._is_due = 0, True, True
        self._numbers: dict[str, float] = {}
        self._told: set[object] = set()
        with ExitStack() as hooks:
            for each in self._logs:
                hooks.enter_context(watched_calls(model, each))
            hooks.callback(model.register_forward_hook(_Count(self._called)).remove)
            self._hooks = hooks.pop_all()

    @property
    def numbers(self) -> dict[str, float]:
        """The latest record; empty before the first."""
        return dict(self._numbers)

    @property
    def symptoms(self) -> tuple[Symptom, ...]:
        """Symptoms that the latest record shows."""
        return symptoms(self._numbers)

    def step(self, number: int | None = None) -> None:
        """End an update: the calls that follow belong to the next. Only `step` counts from now on.

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
        try:
            self._record()
        finally:
            self._hooks.close()

    def __repr__(self) -> str:
        told = "no record" if not self._numbers else number_of(len(self.symptoms), "symptom")
        layers, every = number_of(len(self._logs), "layer"), number_of(self._every, "update")
        return f"<Log of {layers}, every {every}: {told}, at update {self._number:,}>"

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _called(self) -> None:
        if self._counts_calls:
            self._advance(self._number + 1)

    def _advance(self, number: int) -> None:
        if self._is_due:
            self._record()
        self._number = number
        if number % self._every == 0:
            self._want(True)

    def _want(self, is_wanted: bool) -> None:
        self._is_due = is_wanted
        for each in self._logs:
            each.is_wanted = is_wanted

    def _record(self) -> None:
        numbers: dict[str, float] = {}
        for each in self._logs:
            if each.is_wanted:
                numbers |= self._taken(each)
        if numbers:
            self._emit(numbers)
        self._is_due = any(each.is_wanted for each in self._logs)

    def _taken(self, each: LayerLog) -> dict[str, float]:
        try:
            numbers = each.take(self._number)
        except RnnvizError as error:
            self._warn(each, str(error))
            return {}
        # Whatever goes wrong with a record, the training goes on.
        except Exception as error:
            self._warn(each, f"The health of “{each.name}” could not be told ({_reason(error)}).")
            return {}
        if each.refusal is not None:
            self._warn(each, str(each.refusal))
        each.is_wanted = not numbers
        return numbers

    def _emit(self, numbers: dict[str, float]) -> None:
        if not numbers:
            return
        self._numbers = numbers
        try:
            self._to(numbers, self._number)
        # A full disk or a lost connection does not end a training.
        except Exception as error:
            self._warn(
                ("to", type(error)),
                f"The record of update {self._number} could not be written ({_reason(error)});"
                " the training goes on, and the log's `numbers` hold the latest record.",
            )
        # Behind the writing: where warnings are errors, this one leaves the user's training.
        for one in self.symptoms:
            self._warn((one.kind, one.place), f"Update {self._number}, {one}")

    def _warn(self, key: object, sentence: str) -> None:
        """Warn of something once."""
        if key not in self._told:
            self._told.add(key)
            warn_user(sentence, HealthWarning)


def checked_options(every: Any, layers: Any, rows: Any) -> dict[str, Any]:
    """Options of a `Log` that is made later; generators are read once, now.

    Raises InputError for an option with a value that it cannot have.
    """
    return {
        "every": whole_number("every", every),
        "layers": None if layers is None else items_read(layers),
        "rows": row_numbers(rows),
    }


def _reason(error: Exception) -> str:
    return shown(f"{type(error).__name__}: {error}", 120)


class _Count(Hook):
    """A hook that tells of every call of a module in training mode."""

    def __init__(self, called: Callable[[], None]) -> None:
        self._called = called

    def __call__(self, module: Any, _args: Any, _output: Any) -> None:
        if module.training and not is_recomputed():
            self._called()
