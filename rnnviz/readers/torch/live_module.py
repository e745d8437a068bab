"""A module that holds recurrent layers of torch, run as it is ▶ LiveRun."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.core.sequence import Sequence, has_equal_lengths
from rnnviz.errors import InputError, ModelError
from rnnviz.readers.certainty import Assumption
from rnnviz.readers.torch.calls import Calls, Start
from rnnviz.readers.torch.layer_inputs import initial_arrays, layer_inputs
from rnnviz.readers.torch.layer_run import LayerReading, layer_run
from rnnviz.readers.torch.live import LiveRun, RecordedStates
from rnnviz.readers.torch.live_arguments import Given, module_arguments, taken_numbering
from rnnviz.readers.torch.live_model import changes_in_training, live_model, rounding_of
from rnnviz.readers.torch.live_order import Read
from rnnviz.readers.torch.live_sequence import live_sequence
from rnnviz.readers.torch.live_watch import Seen, watched_run
from rnnviz.readers.torch.numbers import as_array
from rnnviz.readers.torch.refusal import refusal

Runs = Mapping[str, LayerReading]


def whole_module(
    module: Any, layers: Mapping[str, Any], given: Given, *, with_gradient: bool
) -> LiveRun:
    """The run of a module's own forward.

    layers  its recurrent layers by path.

    Raises ModelError for several layers that do not read each other, when none is chosen, and
    InputError where the forward does not run on what it is given.
    """
    if given.path and given.path not in layers:
        raise refusal(module, given.path, layers)
    chosen = {given.path: layers[given.path]} if given.path else layers
    starts = _starts(chosen, given)
    is_batch_first = _is_batch_first(module, chosen, given, starts)
    call = partial(_call, module, given, is_batch_first)
    seen = watched_run(module, chosen, call, starts=starts, with_gradient=with_gradient)
    runs = _runs(chosen, seen, given.call)
    bottom, top = next(iter(runs.values())), list(runs.values())[-1]
    read = partial(_read, module, chosen, given, is_batch_first, starts, next(iter(runs)))
    sequence, assumed = _sequence(runs, chosen, seen, given, read)
    changed = (path for path, run in runs.items() if run.is_changed)
    assumed += [Assumption("hook", path) for path in changed]
    assumed += taken_numbering(module, _given_sequence(given))
    if changes_in_training(module, chosen, call, seen, starts):
        assumed.append(Assumption("training"))
    return LiveRun(
        live_model(module, chosen, runs, seen),
        sequence,
        RecordedStates(as_array(top.hidden)),
        bottom.inputs if bottom.inputs.requires_grad else None,
        tuple(assumed),
        rounding_of(top),
    )


def _call(module: Any, given: Given, is_batch_first: bool) -> Any:
    args, kwargs = module_arguments(module, given, is_batch_first)
    return module(*args, **kwargs)


def _read(
    module: Any,
    chosen: Mapping[str, Any],
    given: Given,
    is_batch_first: bool,
    starts: Mapping[str, Start],
    path: str,
    sequence: Sequence,
) -> Array:
    """What reaches a layer, (time, batch, feature), when the module reads another Sequence."""
    call = partial(_call, module, given.reading(sequence), is_batch_first)
    calls = watched_run(module, chosen, call, starts=starts).calls[path]
    if not calls:
        return np.empty(0)
    return as_array(layer_run(path, chosen[path], calls, given.call).inputs)


def _given_sequence(given: Given) -> Sequence | None:
    first = given.positional[0] if given.positional else None
    return first if isinstance(first, Sequence) else None


def _is_batch_first(
    module: Any, chosen: Mapping[str, Any], given: Given, starts: Mapping[str, Start]
) -> bool:
    """Whether the module takes (batch, time, feature): so that a Sequence's rows stay rows.

    A forward may turn the axes itself, so that its layers do not tell.
    """
    likely = any(getattr(layer, "batch_first", False) for layer in chosen.values())
    sequence = _given_sequence(given)
    if sequence is None:
        return likely
    # As many rows as steps would tell nothing.
    probe = _without_last_row(sequence) if sequence.n_rows == sequence.n_steps > 1 else sequence
    for way in (likely, not likely):
        call = partial(_call, module, given.reading(probe), way)
        try:
            seen = watched_run(module, chosen, call, starts=starts)
        except InputError:
            continue
        if probe.n_rows in _row_counts(chosen, seen):
            return way
    return likely


def _without_last_row(sequence: Sequence) -> Sequence:
    parts = (sequence.values[:, :-1], sequence.tokens[:-1], sequence.lengths[:-1])
    return Sequence(*parts, sequence.features, sequence.encoding, sequence.has_given_vocabulary)


def _row_counts(chosen: Mapping[str, Any], seen: Seen) -> set[int]:
    runs = (layer_run(path, chosen[path], calls[:1]) for path, calls in seen.calls.items() if calls)
    return {len(run.lengths) for run in runs}


def _starts(chosen: Mapping[str, Any], given: Given) -> dict[str, Start]:
    if given.initial is None:
        return {}
    if given.call:
        raise InputError(
            "Initial states are for the first call of a layer, but call={came} was chosen; leave"
            " out initial= or choose call=0.",
            came=shown(given.call),
        )
    if len(chosen) > 1:
        raise InputError(
            "Initial states are for one recurrent layer, but this module has {count} ({paths});"
            " choose one with path=….",
            count=len(chosen),
            paths=shown(", ".join(chosen), 200),
        )
    [(path, layer)] = chosen.items()
    return {path: partial(_start, layer, given.initial)}


def _start(layer: Any, initial: Any, inputs: Any) -> Any:
    """Initial states as the layer takes them beside these inputs."""
    import torch

    read = layer_inputs(layer, inputs)
    states = initial_arrays(layer, initial, read).values()
    weight = next(iter(layer.parameters()))
    tensors = [torch.tensor(y, dtype=weight.dtype, device=weight.device) for y in states]
    if not read.is_batched:
        tensors = [state[:, 0] for state in tensors]
    if not hasattr(layer, "num_layers"):
        tensors = [state[0] for state in tensors]
    return tuple(tensors) if len(tensors) > 1 else tensors[0]


def _runs(chosen: Mapping[str, Any], seen: Seen, number: int | None) -> Runs:
    """The layers that ran, lowest first. Raises ModelError where they are not one network."""
    called = {path: calls for path, calls in seen.calls.items() if calls}
    if not called:
        raise ModelError(
            "The module's forward ran none of its recurrent layers ({paths}); trace one alone on"
            ' what it reads, as in rv.trace(module.get_submodule("{first}"), values).',
            paths=shown(", ".join(chosen), 200),
            first=next(iter(chosen)),
        )
    ordered = sorted(called, key=lambda path: called[path][0].number)
    if len(ordered) == 1:
        return {path: layer_run(path, chosen[path], called[path], number) for path in ordered}
    runs = _readings(chosen, {path: called[path] for path in ordered}, number)
    if len(runs) < len(called) or not all(_feeds(*pair) for pair in pairwise(runs.values())):
        raise ModelError(
            "The module runs {count} recurrent layers ({paths}), and not each reads just what the"
            ' one before it gave; choose one, as in rv.trace(module, values, path="{first}").',
            count=len(ordered),
            paths=shown(", ".join(ordered), 200),
            first=next(iter(runs)),
        )
    return runs


def _readings(chosen: Mapping[str, Any], called: Calls, number: int | None) -> Runs:
    """What each layer read, of those that read one sequence; raises ModelError where none did."""
    runs: dict[str, LayerReading] = {}
    errors = []
    for path, calls in called.items():
        try:
            runs[path] = layer_run(path, chosen[path], calls, number)
        except ModelError as error:
            errors.append(error)
    if not runs:
        raise errors[0]
    return runs


def _feeds(below: LayerReading, above: LayerReading) -> bool:
    if below.lengths != above.lengths or below.hidden.shape != above.inputs.shape:
        return False
    gave, read = as_array(below.hidden), as_array(above.inputs)
    real = np.arange(len(gave))[:, None] < np.asarray(below.lengths)
    return bool(np.array_equal(gave[real], read[real]))


def _sequence(
    runs: Runs, chosen: Mapping[str, Any], seen: Seen, given: Given, read: Read
) -> tuple[Sequence, list[Assumption]]:
    """What the lowest layer read, and what is taken of the rows that end early."""
    bottom, came = next(iter(runs.values())), _given_sequence(given)
    lengths = bottom.lengths
    if came is not None and came.values.shape[:2] != bottom.inputs.shape[:2]:
        came = None
    if came is None or has_equal_lengths(came) or not bottom.is_full:
        return live_sequence(bottom, seen.around["Embedding"], came, lengths, read), []
    # What a forward layer gives does not depend on the padding behind it.
    if not any(getattr(chosen[path], "bidirectional", False) for path in runs):
        lengths = came.lengths
        return live_sequence(bottom, seen.around["Embedding"], came, lengths, read), []
    return live_sequence(bottom, {}, None, lengths, read), [Assumption("padding")]
