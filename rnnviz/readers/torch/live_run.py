"""A live module ▶ what its recurrent layers read, their model, and what they gave.

A module runs its own forward, so that nothing in front of a layer is skipped. The engine reads what
reached the layer, and what the layer gave is what the engine's numbers are compared with.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.readers.torch.layers import is_plain, recurrent_kind, recurrent_layers, unwrapped
from rnnviz.readers.torch.live import LiveRun
from rnnviz.readers.torch.live_arguments import Given
from rnnviz.readers.torch.live_layer import hooked_layer, layer_of_container, plain_layer
from rnnviz.readers.torch.live_module import whole_module
from rnnviz.readers.torch.refusal import refusal

# What DataParallel and torch.compile put in front of every path.
_WRAPPERS = re.compile(r"^(?:(?:module|_orig_mod)(?:\.|$))+")


def run_live(module: Any, given: Given, *, with_gradient: bool = False) -> LiveRun:
    """A live module's run on what it is given; the module is left exactly as it was.

    with_gradient  keep the gradient of what reaches the layer.

    Raises ModelError for a module without a recurrent layer of torch's or with several that do not
    read each other, and InputError where its forward does not run on what it is given.
    """
    bare = unwrapped(module)
    layers = recurrent_layers(bare, recurrent_kind)
    if not layers:
        raise refusal(bare, given.path, layers)
    if bare is not module:
        given = replace(given, path=_WRAPPERS.sub("", given.path))
    is_alone = "" in layers and not given.path
    if given.call and (is_alone or not _has_forward(bare)):
        raise InputError(
            "call={came} chooses of the calls that a module makes of a layer, but this layer reads"
            " the values itself, once; leave it out.",
            came=shown(given.call),
        )
    if is_alone:
        if is_plain(bare):
            return plain_layer(bare, given)
        return hooked_layer(bare, given, with_gradient=with_gradient)
    if not _has_forward(bare):
        return layer_of_container(bare, given)
    return whole_module(bare, layers, given, with_gradient=with_gradient)


def _has_forward(module: Any) -> bool:
    """False for a module that only holds others, as `torch.nn.ModuleDict`."""
    import torch

    own = "forward" in module.__dict__
    return own or type(module).forward is not torch.nn.Module.forward
