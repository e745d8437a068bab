"""The calls of layers inside a module while it runs its own forward."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rnnviz.readers.torch.layers import weight_names

WEIGHTS = {"Embedding": ("weight",), "Linear": ("weight", "bias")}


@dataclass(frozen=True, eq=False)
class LayerCall:
    """One call of a layer.

    number   of this call among those of all layers watched.
    inputs   the first argument, a tensor or a PackedSequence.
    states   the second, None where none was given.
    output   what the layer's own forward gave.
    weights  tensors that it computed with, by name; empty for a later call of the same layer.
    """

    number: int
    inputs: Any
    states: Any
    output: Any
    weights: Mapping[str, Any]


Calls = dict[str, list[LayerCall]]
Start = Callable[[Any], Any]


@contextmanager
def recorded_calls(
    layers: Mapping[str, Any], kinds: Mapping[str, str], initial: Mapping[str, Start] = {}
) -> Iterator[Calls]:
    """Calls of layers by path, in their order, while the context lasts.

    A layer's own forward is watched, not its hooks, so that what is recorded is what reaches it
    after every hook before and what it gives before every hook behind.

    kinds    torch's name of each layer.
    initial  by path a function from a layer's first input to the states that it starts from, in
             place of those it is given.
    """
    calls: Calls = {path: [] for path in layers}
    numbers = iter(range(2**62))
    own = {path: layer.__dict__.get("forward") for path, layer in layers.items()}
    for path, layer in layers.items():
        layer.__dict__["forward"] = _watched(
            layer, kinds[path], calls[path], numbers, initial.get(path)
        )
    try:
        yield calls
    finally:
        for path, layer in layers.items():
            del layer.__dict__["forward"]
            if own[path] is not None:
                layer.__dict__["forward"] = own[path]


def _watched(
    layer: Any, kind: str, calls: list[LayerCall], numbers: Iterator[int], start: Start | None
) -> Callable[..., Any]:
    forward, names = layer.forward, WEIGHTS.get(kind) or weight_names(layer)

    def recorded(*args: Any, **kwargs: Any) -> Any:
        inputs = args[0] if args else kwargs.get("input")
        states = args[1] if len(args) > 1 else kwargs.get("hx")
        if start is not None and not calls:
            states = start(inputs)
            args, kwargs = (inputs, states), {}
        kept, started = _copied(inputs), _copied(states)
        weights = {} if calls else {name: getattr(layer, name) for name in names}
        output = forward(*args, **kwargs)
        calls.append(LayerCall(next(numbers), kept, started, _copied(output), weights))
        return output

    return recorded


def _copied(value: Any) -> Any:
    """A copy, because a forward may go on to change its tensors in place."""
    if isinstance(value, tuple):
        parts = [_copied(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value.clone() if hasattr(value, "clone") else value
