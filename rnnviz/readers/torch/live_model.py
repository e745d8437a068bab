"""The recurrent layers that a module ran ▶ Model, with the readout that gave its output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from rnnviz.errors import InputError
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.readers.recurrent import layers_of
from rnnviz.readers.torch.calls import Start
from rnnviz.readers.torch.layer_inputs import state_names
from rnnviz.readers.torch.layer_run import LayerReading
from rnnviz.readers.torch.layers import as_recurrent, kind_of, real_arrays
from rnnviz.readers.torch.live_readout import are_close, live_readout
from rnnviz.readers.torch.live_watch import Seen, watched_run
from rnnviz.readers.torch.numbers import numpy_of
from rnnviz.readers.torch.tensors_in import tensors_in


def live_model(
    module: Any, layers: Mapping[str, Any], runs: Mapping[str, LayerReading], seen: Seen
) -> Model:
    """The layers that ran, with the weights and the states that they ran with.

    layers  of the module by path.
    runs    of those that read each other, lowest first.
    """
    levels: list[Layer] = []
    for path, run in runs.items():
        below = 1 + max((layer.level for layer in levels), default=-1)
        levels += read_layers(path, layers[path], run, below)
    top = list(runs.values())[-1]
    readout = live_readout(seen.around["Linear"], top.hidden.detach(), top.lengths, seen.output)
    name = kind_of(module)
    source = f"torch.nn.{name}" if name else f"{type(module).__name__}.{' + '.join(runs)}"
    return Model(tuple(levels), readout, source=source.removesuffix("."))


def read_layers(path: str, layer: Any, run: LayerReading, below: int = 0) -> Iterator[Layer]:
    """Layers as they ran, with their weights and the states that they started from.

    below  the level of the lowest.
    """
    own = as_recurrent(path, layer, real_arrays(path, dict(run.weights)))
    states = dict(zip(state_names(layer), map(numpy_of, run.start or ()), strict=False))
    started = [
        replace(each, level=below + each.level, initial={n: y[i] for n, y in states.items()})
        for i, each in enumerate(own.directions)
    ]
    own = replace(own, directions=tuple(started))
    yield from layers_of((own,), own.cells[0], own.activation)


def rounding_of(run: LayerReading) -> str:
    """The type to which a layer rounded its numbers, "" for none that ours would not hold."""
    import torch

    hidden = run.hidden
    if hidden.itemsize < 4:
        return dtype_name(hidden)
    backends = torch.backends
    allowed = backends.cudnn.allow_tf32 or backends.cuda.matmul.allow_tf32
    return "TF32" if hidden.is_cuda and hidden.itemsize == 4 and allowed else ""


def dtype_name(tensor: Any) -> str:
    """A tensor's type in a word: "bfloat16"."""
    return str(tensor.dtype).removeprefix("torch.")


def changes_in_training(
    module: Any,
    layers: Mapping[str, Any],
    call: Callable[[], Any],
    seen: Seen,
    starts: Mapping[str, Start] = {},
) -> bool:
    """True when a module in training mode gives other numbers than it gave in evaluation mode."""
    if not any(inner.training for inner in module.modules()):
        return False
    try:
        again = watched_run(module, layers, call, starts=starts, evaluate=False)
    except InputError:
        return True
    mine, other = ([*_outputs(each)] for each in (seen, again))
    return len(mine) != len(other) or not all(map(are_close, mine, other))


def _outputs(seen: Seen) -> Iterator[Any]:
    yield from tensors_in(seen.output)
    for calls in seen.calls.values():
        for call in calls:
            yield from tensors_in(call.output)
