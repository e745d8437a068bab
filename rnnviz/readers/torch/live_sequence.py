"""The Sequence that a layer read inside a live module, with its tokens where they are known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.readers.torch.calls import Calls, LayerCall
from rnnviz.readers.torch.layer_run import LayerReading
from rnnviz.readers.torch.live_order import Read, reads_in_order
from rnnviz.readers.torch.numbers import as_array, numpy_of


def live_sequence(
    run: LayerReading,
    embeddings: Calls,
    given: Sequence | None,
    lengths: tuple[int, ...],
    read: Read,
) -> Sequence:
    """The values that reached a layer.

    Their tokens are those of the Sequence given to the module, where it is as long and as wide and
    the layer provably reads its steps in their order, or else the ids of an embedding whose rows
    the layer read, or else the steps' numbers.

    embeddings  calls of the module's embeddings.
    lengths     real steps of every row.
    read        what reaches the layer when the module is given another Sequence.
    """
    values = as_array(run.inputs)
    real = np.arange(len(values))[:, None] < np.asarray(lengths)
    if given is not None and given.lengths == lengths and reads_in_order(given, values, read):
        if given.values.shape == values.shape and _are_equal(given.values, values, real):
            return given
        return Sequence(values, given.tokens, lengths)
    for calls in _each_and_together(embeddings):
        for every_id, every_row in _embedded(calls):
            # Packing cuts off what is padding in every row.
            ids, rows = every_id[: len(values)], every_row[: len(values)]
            if rows.shape == values.shape and _are_equal(rows, values, real):
                features = tuple(f"e{i}" for i in range(values.shape[2]))
                return Sequence(values, _tokens(ids, lengths), lengths, features, "embedding")
    return Sequence(values, lengths=lengths)


def _are_equal(some: Array, others: Array, real: Array) -> bool:
    return np.array_equal(some[real].astype(others.dtype), others[real])


def _each_and_together(embeddings: Calls) -> Iterator[list[LayerCall]]:
    for calls in embeddings.values():
        yield calls
        if len(calls) > 1:
            yield from ([call] for call in calls)


def _embedded(calls: list[LayerCall]) -> Iterator[tuple[Array, Array]]:
    """Ids (time, batch) and their rows (time, batch, feature), as an embedding's calls may be."""
    if not calls or any(call.inputs.dim() > 2 for call in calls):
        return
    if len(calls) > 1:
        size, width = calls[0].inputs.numel(), calls[0].output.shape[-1]
        if all(call.inputs.numel() == size for call in calls):
            ids = np.stack([numpy_of(call.inputs).reshape(size) for call in calls])
            yield ids, np.stack([numpy_of(call.output).reshape(size, width) for call in calls])
        return
    ids, rows = numpy_of(calls[0].inputs), numpy_of(calls[0].output)
    if ids.ndim == 1:
        yield ids[:, None], rows[:, None]
    if ids.ndim == 2:
        yield ids, rows
        yield ids.T, rows.swapaxes(0, 1)


def _tokens(ids: Array, lengths: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(str, ids[:n, row].tolist())) for row, n in enumerate(lengths))
