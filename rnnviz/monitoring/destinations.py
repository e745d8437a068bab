"""Destinations of logged health, known by their methods: no writer's library is imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError

_Numbers = Mapping[str, float]
Destination = Callable[[_Numbers, int], object]


def destination(to: Any) -> Destination:
    """Function that writes the numbers of a step to `to`.

    | `to` | what is called |
    |---|---|
    | TensorBoard's `SummaryWriter` | `add_scalar(name, number, step)` |
    | a logger of Lightning, `mlflow` | `log_metrics(numbers, step=step)` |
    | a W&B run, or `wandb` | `log(numbers, commit=False)`: they join the run's own step |
    | a list | `append({"step": step, **numbers})` |
    | a callable | `to(numbers, step)` |

    Raises InputError for anything else.

    >>> kept = []
    >>> destination(kept)({"0.forward.hidden.dead": 0.0}, 200)
    >>> kept
    [{'step': 200, '0.forward.hidden.dead': 0.0}]
    """
    for method, write in _WAYS.items():
        if callable(getattr(to, method, None)):
            return partial(write, to)
    if callable(to):
        written: Destination = to
        return written
    raise InputError(
        "Health goes to a SummaryWriter, a W&B run, a logger of Lightning, a list or a callable"
        " (numbers, step), but {came} came.",
        came=shown(type(to).__name__),
    )


def _to_summary_writer(to: Any, numbers: _Numbers, step: int) -> None:
    for name, value in numbers.items():
        to.add_scalar(name, value, step)


_WAYS: Mapping[str, Callable[[Any, _Numbers, int], object]] = {
    "add_scalar": _to_summary_writer,
    "log_metrics": lambda to, numbers, step: to.log_metrics(dict(numbers), step=step),
    "log": lambda to, numbers, step: to.log(dict(numbers), commit=False),
    "append": lambda to, numbers, step: to.append({"step": step, **numbers}),
}
