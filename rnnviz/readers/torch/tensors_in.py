"""The tensors in what a module gives, whatever it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def tensors_in(output: Any) -> Iterator[Any]:
    """Every dense tensor in an output: in tuples, lists, dictionaries and data classes."""
    if hasattr(output, "detach"):
        if str(output.layout) == "torch.strided" and not output.is_quantized:
            yield output.detach()
    elif isinstance(output, Mapping):
        yield from (tensor for part in output.values() for tensor in tensors_in(part))
    elif isinstance(output, list | tuple):
        yield from (tensor for part in output for tensor in tensors_in(part))
    elif hasattr(output, "__dataclass_fields__"):
        yield from tensors_in(vars(output))
