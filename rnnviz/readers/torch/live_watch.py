"""A live module's own forward, run once and watched where its layers are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError, ModelError, RnnvizError
from rnnviz.readers.torch.calls import Calls, Start, recorded_calls
from rnnviz.readers.torch.layers import (
    kind_of,
    modules_by_path,
    no_real_numbers,
    recurrent_kind,
)
from rnnviz.readers.torch.undisturbed import undisturbed


@dataclass(frozen=True, eq=False)
class Seen:
    """One run of a module: the calls of its layers by path, and its output.

    around  calls of its embeddings and linear layers, by kind and path.
    """

    calls: Calls
    around: Mapping[str, Calls]
    output: Any


def watched_run(
    module: Any,
    layers: Mapping[str, Any],
    call: Callable[[], Any],
    *,
    starts: Mapping[str, Start] = {},
    with_gradient: bool = False,
    evaluate: bool = True,
) -> Seen:
    """A module's run, after which it is as it was.

    layers         recurrent layers to watch, by path.
    call           runs the module.
    starts         states that layers start from in place of their own, see `recorded_calls`.
    with_gradient  keep the gradient of what reaches the layers.
    evaluate       run in evaluation mode, otherwise as the module stands.

    Raises InputError with the reason where the module does not run, and ModelError for a module
    whose parameters take their shape only when it runs first.
    """
    import torch

    _check_runnable(module)
    around = {
        path: inner
        for path, inner in modules_by_path(module)
        if kind_of(inner) in ("Embedding", "Linear") and path not in layers
    }
    kinds = {path: kind_of(inner) for path, inner in around.items()}
    named = {path: recurrent_kind(layer) for path, layer in layers.items()}
    with (
        undisturbed(module, evaluate=evaluate),
        torch.set_grad_enabled(with_gradient),
        recorded_calls({**layers, **around}, named | kinds, starts) as calls,
    ):
        output = _output(call, next(iter(layers)))
    beside = {
        kind: {path: calls[path] for path in around if kinds[path] == kind}
        for kind in ("Embedding", "Linear")
    }
    return Seen({path: calls[path] for path in layers}, beside, output)


def _output(call: Callable[[], Any], path: str) -> Any:
    try:
        return call()
    except RnnvizError:
        raise
    # A forward can fail in any way.
    except Exception as error:
        raise InputError(
            "The module's own forward does not run on this input ({reason}); give what the module"
            " takes, further arguments with args=(…,) or kwargs=dict(…), or trace a layer alone on"
            ' what it reads, as in rv.trace(module.get_submodule("{path}"), values).',
            reason=shown(f"{type(error).__name__}: {error}", 240),
            path=path,
        ) from error


def _check_runnable(module: Any) -> None:
    from torch.nn.parameter import is_lazy

    for name, value in (*module.named_parameters(), *module.named_buffers()):
        if is_lazy(value):
            raise ModelError(
                "“{name}” takes its shape when the module first runs, which a trace must not"
                " change; run the module once, module(values), and trace it then.",
                name=name,
            )
        if value.is_meta:
            raise no_real_numbers(name, value)
