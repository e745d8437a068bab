"""`rnnviz.watch`: the recurrent layers of a model, while the user's own code runs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from numbers import Integral
from pathlib import Path
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError, ModelError
from rnnviz.readers.torch.layers import recurrent_kind, recurrent_layers, unwrapped
from rnnviz.readers.torch.refusal import refusal
from rnnviz.readers.torch.undisturbed import is_compiled
from rnnviz.watched.hooks import hooked
from rnnviz.watched.kept_calls import CallLog, KeptCall
from rnnviz.watched.record_call import check_folder, record_call
from rnnviz.watched.watched_layers import Watched, WatchedLayer


@contextmanager
def watch(
    model: Any,
    *,
    layers: Iterable[str] | None = None,
    every: int = 1,
    rows: int | Iterable[int] | None = None,
    keep: int = 32,
    to: str | Path | None = None,
) -> Iterator[Watched]:
    """A context in which every call of a model's recurrent layers is watched.

    The model's own code runs as it is. What each layer read, and the states and weights that it
    had, are copied; its gates are computed from them when a trace is asked for, and held against
    what the layer gave (`trace.certainty`). A loop over a cell is one call until its state is
    replaced, or a thousand steps. Afterwards nothing is left on the model.

    model   a `torch.nn` module with an RNN, LSTM, GRU or one of their cells somewhere inside.
    layers  paths of those to watch, as `named_modules` has them; by default all.
    every   keep only each so-many-th call.
    rows    of the batch to keep, by number; by default all.
    keep    calls of a layer in memory, the latest.
    to      a folder, in which the first kept row of each kept call becomes a `Recording`, in
            LAYER/NUMBER; without calls of before.

    Raises ModelError for a module without such a layer, for a compiled, scripted or quantised one,
    and InputError for options that are none.

    >>> import torch
    >>> import rnnviz as rv
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.GRU(3, 4))
    >>> with rv.watch(model) as seen:
    ...     _ = model(torch.zeros(5, 1, 2))
    >>> seen["1"][-1]["update"].shape
    (5, 1, 4)
    """
    bare = unwrapped(model)
    chosen = _chosen(bare, layers)
    _check_eager(model)
    if to is not None:
        check_folder(Path(to), chosen)
    on_call = partial(record_call, Path(to)) if to is not None else _do_nothing
    limits = (_whole("every", every), _row_numbers(rows), _whole("keep", keep))
    calls = {path: CallLog(path, layer, *limits, on_call=on_call) for path, layer in chosen.items()}
    with ExitStack() as stack:
        for each in calls.values():
            stack.enter_context(hooked(each))
        yield Watched({path: WatchedLayer(each) for path, each in calls.items()})


def _chosen(module: Any, paths: Iterable[str] | None) -> dict[str, Any]:
    found = recurrent_layers(module, recurrent_kind)
    if not found:
        raise refusal(module, "", found)
    wanted = list(found) if paths is None else [paths] if isinstance(paths, str) else list(paths)
    for path in wanted:
        if path not in found:
            raise refusal(module, str(path), found)
    return {path: found[path] for path in wanted}


def _check_eager(model: Any) -> None:
    if any(is_compiled(inner) for inner in model.modules()):
        raise ModelError(
            "A module that Python runs is wanted, but this one is compiled, and what happens inside"
            " cannot be watched; watch and run the module before torch.compile, which is"
            " model._orig_mod."
        )


def _whole(name: str, value: Any) -> int:
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise InputError(
            "{name} should be a whole number from 1, but {came} came.",
            name=name,
            came=shown(repr(value)),
        )
    return int(value)


def _row_numbers(rows: Any) -> tuple[int, ...] | None:
    if rows is None:
        return None
    numbers = (rows,) if isinstance(rows, Integral) else tuple(rows)
    if not numbers or any(not isinstance(n, Integral) or n < 0 for n in numbers):
        raise InputError(
            "rows should be numbers of rows, counted from 0, but {came} came.",
            came=shown(repr(rows)),
        )
    return tuple(map(int, numbers))


def _do_nothing(_calls: CallLog, _call: KeptCall) -> None:
    pass
