"""The calls of layers inside a module while it runs its own forward."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from rnnviz.readers.torch.layers import weight_names
from rnnviz.readers.torch.tensors_in import tensors_in

WEIGHTS = {"Embedding": ("weight",), "Linear": ("weight", "bias")}


@dataclass(frozen=True, eq=False)
class LayerCall:
    """One call of a layer.

    number      of this call among those of all layers watched.
    inputs      the first argument, a tensor or a PackedSequence.
    states      the second, None where none was given.
    output      what the layer's own forward gave.
    weights     tensors that it computed with, by name.
    is_changed  True when its hooks gave the caller something else than `output`.
    """

    number: int
    inputs: Any
    states: Any
    output: Any
    weights: Mapping[str, Any]
    is_changed: bool = False


Calls = dict[str, list[LayerCall]]
Start = Callable[[Any], Any]


@contextmanager
def recorded_calls(
    layers: Mapping[str, Any], kinds: Mapping[str, str], initial: Mapping[str, Start] = {}
) -> Iterator[Calls]:
    """Calls of layers by path, in their order, while the context lasts.

    A layer's own forward is watched, not its hooks, so that what is recorded is what reaches it
    after every hook before and what it gives before every hook behind, which is compared with it.

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
    hooks = [_compared(layer, calls[path]) for path, layer in layers.items() if _has_hooks(layer)]
    try:
        yield calls
    finally:
        for hook in hooks:
            hook.remove()
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
        weights = _once({name: getattr(layer, name) for name in names}, calls)
        output = forward(*args, **kwargs)
        calls.append(LayerCall(next(numbers), kept, started, _copied(output), weights))
        return output

    return recorded


def _once(weights: dict[str, Any], calls: list[LayerCall]) -> Mapping[str, Any]:
    """The weights of a call, those of the one before where they are the same numbers."""
    before = calls[-1].weights if calls else weights
    is_same = all(own is before[name] or _same(own, before[name]) for name, own in weights.items())
    return before if is_same else weights


def _same(own: Any, other: Any) -> bool:
    return own is not None and other is not None and bool(own.equal(other))


def _has_hooks(layer: Any) -> bool:
    from torch.nn.modules import module

    return bool(layer._forward_hooks or module._global_forward_hooks)


def _compared(layer: Any, calls: list[LayerCall]) -> Any:
    """A last hook, which tells whether those before it changed what the layer gave."""

    def compare(_layer: Any, _args: Any, given: Any) -> None:
        calls[-1] = replace(calls[-1], is_changed=not _are_equal(calls[-1].output, given))

    return layer.register_forward_hook(compare)


def _are_equal(own: Any, given: Any) -> bool:
    mine, other = list(tensors_in(own)), list(tensors_in(given))
    return len(mine) == len(other) and all(
        a.shape == b.shape
        and a.dtype == b.dtype
        and bool(((a == b) | (a.isnan() & b.isnan())).all())
        for a, b in zip(mine, other, strict=True)
    )


def _copied(value: Any) -> Any:
    """A copy, because a forward may go on to change its tensors in place."""
    if isinstance(value, tuple):
        parts = [_copied(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value.clone() if hasattr(value, "clone") else value
