"""A live module run in evaluation mode and left exactly as it was."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

Restore = Callable[[], None]


@contextmanager
def undisturbed(module: Any, *, evaluate: bool = True) -> Iterator[None]:
    """A context in which anything inside a module may change.

    evaluate  every module inside is in evaluation mode; otherwise in its own.

    Afterwards all is as before, even when the run raises: training flags, parameters, buffers,
    hooks, other attributes, and the random numbers of Torch, NumPy and Python.
    """
    with ExitStack() as stack:
        _keep_random_numbers(stack, module)
        for inner in module.modules():
            stack.callback(_attributes(inner))
            for tensor in _tensors(inner):
                stack.callback(_numbers(tensor))
        for inner in module.modules() if evaluate else ():
            inner.training = False
        _keep_eager(stack, module)
        yield


def _keep_random_numbers(stack: ExitStack, module: Any) -> None:
    import torch

    tensors = (*module.parameters(), *module.buffers())
    devices = {tensor.device.index or 0 for tensor in tensors if tensor.device.type == "cuda"}
    stack.enter_context(torch.random.fork_rng(devices=sorted(devices)))
    stack.callback(random.setstate, random.getstate())
    stack.callback(np.random.set_state, np.random.get_state())


def _attributes(module: Any) -> Restore:
    """What puts a module's attributes back, with what lies in its lists and dictionaries."""
    own, was_training = dict(module.__dict__), module.training
    inside = [contents for value in own.values() if (contents := _contents(value)) is not None]

    def put_back() -> None:
        module.__dict__.clear()
        module.__dict__.update(own)
        for contents in inside:
            contents()
        # TorchScript keeps the flag outside its attributes.
        if module.training != was_training:
            module.training = was_training

    return put_back


def _contents(value: Any) -> Restore | None:
    """What puts the contents of a container or the state of a generator back."""
    import torch

    if isinstance(value, list | deque):
        items = list(value)
        return lambda: (value.clear(), value.extend(items))[0]
    if isinstance(value, dict | set):
        whole = value.copy()
        return lambda: (value.clear(), value.update(whole))[0]
    if isinstance(value, torch.Generator):
        state = value.get_state()
        return lambda: (value.set_state(state), None)[1]
    if isinstance(value, np.random.Generator):
        numbers = value.bit_generator.state
        return lambda: setattr(value.bit_generator, "state", numbers)
    return None


def _tensors(module: Any) -> Iterator[Any]:
    """Tensors that a forward may change in place.

    Torch writes into an embedding's table only where `max_norm` bounds its rows.
    """
    import torch

    is_table = isinstance(module, torch.nn.Embedding | torch.nn.EmbeddingBag)
    if not is_table or module.max_norm is not None:
        yield from module.parameters(recurse=False)
    yield from module.buffers(recurse=False)
    for value in list(module.__dict__.values()):
        items = value if isinstance(value, list | tuple | deque) else (value,)
        yield from (item for item in items if isinstance(item, torch.Tensor))


def _numbers(tensor: Any) -> Restore:
    import torch

    own = tensor.detach()
    kept = own.clone()

    def restore() -> None:
        if not torch.equal(own, kept):
            with torch.inference_mode(tensor.is_inference()), torch.no_grad():
                # Through `data`, so that autograd counts no new version.
                tensor.data.copy_(kept)

    return restore


def _keep_eager(stack: ExitStack, module: Any) -> None:
    """Compiled parts run as they are written, so that calls inside them are seen."""
    if any(is_compiled(inner) for inner in module.modules()):
        import torch

        stack.enter_context(torch.compiler.set_stance("force_eager"))


def is_compiled(module: Any) -> bool:
    """True for what `torch.compile(module)` gives and after `module.compile()`."""
    return (
        "_orig_mod" in module._modules or getattr(module, "_compiled_call_impl", None) is not None
    )
