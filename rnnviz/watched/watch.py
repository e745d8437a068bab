"""`rnnviz.watch`: the recurrent layers of a model, while the user's own code runs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from rnnviz.core.user_warning import warn_user
from rnnviz.watched.kept_calls import CallLog, KeptCall
from rnnviz.watched.options import folder_path, row_numbers, whole_number
from rnnviz.watched.record_call import prepare_recordings, record_call
from rnnviz.watched.watchable import kind_of_model, watchable_layers, watched_calls
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

    model   a `torch.nn` module with an RNN, LSTM, GRU or one of their cells somewhere inside, or a
            model of Keras 3 on its torch back end with a SimpleRNN, LSTM or GRU.
    layers  paths of those to watch, as `named_modules` has them, of Keras by the names of the
            layers: "encoder/lstm"; by default all.
    every   3 keeps the first call, the fourth, the seventh, …; 1 keeps all.
    rows    of the batch to keep, by number; by default all.
    keep    how many of a layer's latest calls stay in memory.
    to      a folder, in which the first kept row of each kept call becomes a `Recording`, in
            LAYER/NUMBER; calls of an earlier run must not lie there. What could not be written is
            warned of at the end, and the model runs on.

    Raises ModelError for a module without such a layer, for a compiled, scripted or quantised one,
    and InputError for an option with a value that it cannot have.

    >>> import torch
    >>> import rnnviz as rv
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.GRU(3, 4))
    >>> with rv.watch(model) as seen:
    ...     _ = model(torch.zeros(5, 1, 2))
    >>> seen["1"][-1]["update"].shape
    (5, 1, 4)
    """
    kind, chosen, folder = kind_of_model(model), watchable_layers(model, layers), folder_path(to)
    limits = (whole_number("every", every), row_numbers(rows), whole_number("keep", keep))
    on_call = _do_nothing
    if folder is not None:
        prepare_recordings(folder, chosen)
        on_call = partial(record_call, folder)
    calls = {path: CallLog(path, y, *limits, on_call, kind) for path, y in chosen.items()}
    with ExitStack() as stack:
        for each in calls.values():
            stack.enter_context(watched_calls(model, each))
        yield Watched({path: WatchedLayer(each) for path, each in calls.items()})
    if folder is not None:
        _warn_of_refusals(calls.values())


def _warn_of_refusals(calls: Iterable[CallLog]) -> None:
    for each in calls:
        if each.refusal is not None:
            sentence = f"Not every call of “{each.name}” was recorded: {each.refusal}"
            warn_user(sentence, RuntimeWarning)


def _do_nothing(_calls: CallLog, _call: KeptCall) -> None:
    pass
