"""Modules that Python runs: what torch compiled never calls a hook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnviz.errors import ModelError
from rnnviz.readers.torch.undisturbed import is_compiled


def check_eager(model: Any, layers: Mapping[str, Any]) -> None:
    """Raise ModelError where one of its layers lies in a compiled part."""
    watched = set(layers.values())
    for path, inner in model.named_modules():
        if is_compiled(inner) and watched.intersection(inner.modules()):
            raise _refusal(path, inner)


def _refusal(path: str, compiled: Any) -> ModelError:
    if "_orig_mod" not in compiled._modules:
        return ModelError(
            "A module that Python runs is wanted, but “{path}” was compiled in place, and what"
            " happens inside cannot be watched; watch one whose compile() was not called.",
            path=path or type(compiled).__name__,
        )
    if path:
        return ModelError(
            "A module that Python runs is wanted, but its part “{path}” is compiled, and what"
            " happens inside cannot be watched; put back what was compiled, as in"
            ' model.set_submodule("{path}", model.get_submodule("{path}._orig_mod")).',
            path=path,
        )
    return ModelError(
        "A module that Python runs is wanted, but this one is compiled, and what happens inside"
        " cannot be watched; watch and run the module before torch.compile, which is"
        " model._orig_mod."
    )
