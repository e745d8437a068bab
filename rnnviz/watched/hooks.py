"""A forward hook on a recurrent layer, which hands on every call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rnnviz.readers.torch.calls import LayerCall
from rnnviz.watched.kept_calls import CallLog


@contextmanager
def hooked(calls: CallLog) -> Iterator[None]:
    """A context in which a layer's calls are kept; the hook is gone afterwards.

    The hook is the first behind the layer's own forward, so that it sees what the layer gave, and
    it stays with the layer's replicas, as those of `DataParallel`.
    """

    def keep(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        if not _is_recomputed():
            inputs = args[0] if args else kwargs.get("input")
            states = args[1] if len(args) > 1 else kwargs.get("hx")
            calls.add(layer, LayerCall(calls.n_calls, inputs, states, output, {}))

    hook = calls.layer.register_forward_hook(keep, prepend=True, with_kwargs=True)
    try:
        yield
    finally:
        hook.remove()
        calls.end()


def _is_recomputed() -> bool:
    """True while gradients are computed: a checkpoint then calls its layers once more."""
    import torch

    return bool(torch._C._current_graph_task_id() != -1)
