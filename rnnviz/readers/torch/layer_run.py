"""The calls of one recurrent layer ▶ a sequence that it read, and the states that it gave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.torch.calls import LayerCall
from rnnviz.readers.torch.layer_inputs import is_packed_sequence
from rnnviz.readers.torch.layers import is_cell

Tensors = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class LayerReading:
    """What a layer read and gave, time first.

    inputs      tensor (time, batch, feature).
    lengths     real steps of every row.
    start       its states before, each (layer · direction, batch, unit); None for zeros.
    hidden      tensor (time, batch, unit) of its top level, forward beside backward.
    end         its states behind.
    weights     tensors that it computed with, by name.
    is_changed  True when its hooks gave the caller something else.
    """

    inputs: Any
    lengths: tuple[int, ...]
    start: Tensors | None
    hidden: Any
    end: Tensors
    weights: Mapping[str, Any] = field(default_factory=dict)
    is_changed: bool = False

    @property
    def is_full(self) -> bool:
        """True when no row is padded."""
        return min(self.lengths) == len(self.inputs)


def layer_run(
    path: str, layer: Any, calls: list[LayerCall], number: int | None = None
) -> LayerReading:
    """A sequence that a layer read: in one call, or in several, each on from the last.

    number  of the call, from 0, for a cell of the loop of calls; None for all calls as one
            sequence.

    Raises ModelError when they are none, and for a number that is none of theirs.
    """
    runs = [layer_reading(path, layer, call) for call in calls]
    sequences = [*_sequences(layer, runs)]
    if number is None and len(sequences) == 1:
        return sequences[0]
    choices = sequences if is_cell(layer) else runs
    if number is None:
        raise _not_one_sequence(path, runs, len(choices))
    if not isinstance(number, int) or number not in range(len(choices)):
        raise ModelError(
            "“{path}” ran {count} times, counted from 0, and call={came} is none of them.",
            path=path,
            count=len(choices),
            came=shown(number),
        )
    return choices[number]


def _not_one_sequence(path: str, runs: list[LayerReading], count: int) -> ModelError:
    facts = {"path": path, "count": count, "last": count - 1}
    if any(run.is_changed for run in runs):
        return ModelError(
            "“{path}” ran {count} times, and its hooks changed the states that it gave; remove"
            " them, or choose the call, counted from 0, as in"
            ' rv.trace(module, values, path="{path}", call={last}).',
            **facts,
        )
    return ModelError(
        "“{path}” ran {count} times, and not each time from the states that it had left, so that"
        " it read no one sequence; choose the call, counted from 0, as in"
        ' rv.trace(module, values, path="{path}", call={last}).',
        **facts,
    )


def _sequences(layer: Any, runs: list[LayerReading]) -> Iterator[LayerReading]:
    """Runs that go on from each other as one."""
    parts: list[LayerReading] = []
    for run in runs:
        if parts and (_n_directions(layer) > 1 or not goes_on(parts[-1], run)):
            yield joined_readings(parts)
            parts = []
        parts.append(run)
    yield joined_readings(parts)


def layer_reading(path: str, layer: Any, call: LayerCall) -> LayerReading:
    """Inputs, states and outputs of a layer in one call.

    Raises ModelError for a layer of a class that gives something else than torch's.
    """
    width = getattr(layer, "proj_size", 0) or layer.hidden_size
    try:
        run = _arranged(layer, call)
        is_torchs = run.hidden.shape == (*run.inputs.shape[:2], width * _n_directions(layer))
    # What a class of its own takes and gives may have no such axes, or be anything.
    except Exception as error:
        raise _not_as_torch(path, layer) from error
    if not is_torchs:
        raise _not_as_torch(path, layer)
    return replace(run, weights=call.weights, is_changed=call.is_changed)


def _n_directions(layer: Any) -> int:
    return 2 if getattr(layer, "bidirectional", False) else 1


def _arranged(layer: Any, call: LayerCall) -> LayerReading:
    states, (hidden, end) = _tuple(call.states), _parts(call.output)
    if is_packed_sequence(call.inputs):
        return _packed_run(call.inputs, states, hidden, end)
    if is_cell(layer):
        return _cell_run(call.inputs, states, hidden, end)
    return _layer_run(layer, call.inputs, states, hidden, end)


def _not_as_torch(path: str, layer: Any) -> ModelError:
    return ModelError(
        "“{path}” is a {kind} of its own, which gives something else than torch's; trace what"
        " is torch's own inside it, or load its weights into torch's.",
        path=path or type(layer).__name__,
        kind=type(layer).__name__,
    )


def _parts(output: Any) -> tuple[Any, Tensors]:
    """Hidden states and the states behind, which a class made from torch's may leave out."""
    if is_packed_sequence(output) or not isinstance(output, tuple) or len(output) != 2:
        return output, ()
    end = _tuple(output[1])
    return output[0], end if all(hasattr(state, "dim") for state in end or ()) else ()


def _layer_run(layer: Any, values: Any, states: Any, hidden: Any, end: Tensors) -> LayerReading:
    if values.dim() == 2:
        values, hidden, end = values[:, None], hidden[:, None], tuple(y[:, None] for y in end)
        states = None if states is None else tuple(y[:, None] for y in states)
    elif layer.batch_first:
        values, hidden = values.swapaxes(0, 1), hidden.swapaxes(0, 1)
    return LayerReading(values, (len(values),) * values.shape[1], states, hidden, end)


def _packed_run(packed: Any, states: Any, hidden: Any, end: Tensors) -> LayerReading:
    from torch.nn.utils.rnn import pad_packed_sequence

    values, lengths = pad_packed_sequence(packed)
    hidden, _ = pad_packed_sequence(hidden)
    return LayerReading(values, tuple(lengths.tolist()), states, hidden, end)


def _cell_run(values: Any, states: Any, hidden: Any, end: Tensors) -> LayerReading:
    """One step; an LSTM's cell gives a pair, hidden and cell, and any other its hidden state."""
    end = (hidden, *end)
    if values.dim() == 1:
        values, end = values[None], tuple(state[None] for state in end)
        states = None if states is None else tuple(state[None] for state in states)
    start = None if states is None else tuple(state[None] for state in states)
    end = tuple(state[None] for state in end)
    return LayerReading(values[None], (1,) * len(values), start, end[0], end)


def _tuple(states: Any) -> Any:
    return states if states is None or isinstance(states, tuple) else (states,)


def goes_on(before: LayerReading, after: LayerReading) -> bool:
    """True when a layer starts from the states that it left before."""
    import torch

    fits = before.is_full and before.inputs.shape[1:] == after.inputs.shape[1:]
    if not fits or after.start is None:
        return False
    if len(before.end) != len(after.start):
        return False
    pairs = zip(before.end, after.start, strict=True)
    return all(a.shape == b.shape and torch.equal(a, b.to(a)) for a, b in pairs)


def joined_readings(runs: list[LayerReading]) -> LayerReading:
    """Readings that go on from each other as one."""
    import torch

    if len(runs) == 1:
        return runs[0]
    below = sum(len(run.inputs) for run in runs[:-1])
    return LayerReading(
        torch.cat([run.inputs for run in runs]),
        tuple(below + n for n in runs[-1].lengths),
        runs[0].start,
        torch.cat([run.hidden for run in runs]),
        runs[-1].end,
        runs[0].weights,
        any(run.is_changed for run in runs),
    )
