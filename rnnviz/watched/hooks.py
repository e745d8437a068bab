"""A forward hook on a recurrent layer, which hands on every call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Protocol

from rnnviz.readers.torch.calls import LayerCall
from rnnviz.readers.torch.layer_run import LayerReading, layer_reading


class CallKeeper(Protocol):
    """Receiver of a layer's calls.

    path, layer  whose calls they are; `n_calls` of them so far.
    is_in_graph  set where the layer ran while torch made a graph of it.
    """

    path: str
    layer: Any
    is_in_graph: bool

    @property
    def n_calls(self) -> int:
        """Calls so far."""

    def add(self, layer: Any, read: Callable[[], LayerReading], left: Any = None) -> None:
        """Take a call of the layer, or of its replica on another device.

        read  gives what it read and gave.
        left  the hidden states behind, as the layer arranges them; None where `read` must tell.
        """

    def end(self) -> None:
        """Take note that no more calls come."""


@contextmanager
def hooked(calls: CallKeeper) -> Iterator[None]:
    """A context in which a layer's calls are kept; the hook is gone afterwards.

    The hook is the first behind the layer's own forward, so that it sees what the layer gave, and
    it stays with the layer's replicas, as those of `DataParallel`.
    """
    hook = calls.layer.register_forward_hook(_Keep(calls), prepend=True, with_kwargs=True)
    try:
        yield
    finally:
        hook.remove()
        calls.end()


class Hook:
    """A hook that becomes a function without effect where its module is copied or pickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Takes any arguments and gives None, and a file with it opens without rnnviz.
        return getattr, (nullcontext(), "__exit__")


class _Keep(Hook):
    def __init__(self, calls: CallKeeper) -> None:
        self._calls = calls

    def __call__(
        self, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any
    ) -> None:
        if is_in_graph():
            self._calls.is_in_graph = True
        elif not is_recomputed():
            calls = self._calls
            calls.add(layer, lambda: _read(calls, layer, args, kwargs, output), _left(output))


def _read(
    calls: CallKeeper, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any
) -> LayerReading:
    inputs = args[0] if args else kwargs.get("input")
    states = args[1] if len(args) > 1 else kwargs.get("hx")
    call = LayerCall(calls.n_calls, inputs, states, output, {})
    return layer_reading(calls.path, layer, call)


def _left(output: Any) -> Any:
    """Hidden states behind a call, where a layer gives them beside those of its steps."""
    if type(output) is not tuple or len(output) != 2:
        return None
    end = output[1]
    return end[0] if type(end) is tuple and end else end


def is_in_graph() -> bool:
    """True while torch makes a graph of the layer, in which nothing can be copied aside."""
    import torch

    if torch.compiler.is_compiling() or torch._C._is_tracing():
        return True
    # Without a GPU in use there is no stream to ask.
    has_streams = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    return bool(has_streams and torch.cuda.is_current_stream_capturing())


def is_recomputed() -> bool:
    """True while gradients are computed: a checkpoint then calls its layers once more."""
    import torch

    return bool(torch._C._current_graph_task_id() != -1)
