"""Unpickled checkpoint of PyTorch, its tensors described and not yet built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.number_types import ByteOrder
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import Buffer, Storage, TensorView, UnsupportedTensor
from rnnviz.readers.torch.quantised import QuantisedTensor, Saved

_LOAD = 'torch.load("{name}", map_location="cpu", weights_only=False)'


@dataclass(frozen=True)
class Checkpoint:
    """Unpickled checkpoint, its tensors described and not yet built.

    root           the saved value, with substitutes for objects.
    storage_bytes  from a storage to its bytes; raises ModelError for missing ones.
    byte_order     of the storages.
    load           the expression that loads the file in the program that wrote it.
    """

    root: object
    storage_bytes: Callable[[Storage], Buffer]
    byte_order: ByteOrder = "<"
    load: str = _LOAD

    def array(self, source: Source, tensor: Saved) -> Array:
        """Array of a checked tensor. Raises ModelError for missing numbers."""
        assert not isinstance(tensor, UnsupportedTensor)
        if isinstance(tensor, QuantisedTensor):
            return self._dequantised(source, tensor)
        if isinstance(tensor, TensorView):
            return tensor.array(self.storage_bytes(tensor.storage), self.byte_order)
        try:
            return tensor.array()
        except UnicodeEncodeError as error:
            raise missing_numbers(source) from error

    def _dequantised(self, source: Source, tensor: QuantisedTensor) -> Array:
        scale, zero_point = (
            self.array(source, value) if isinstance(value, TensorView) else np.asarray(value)
            for value in (tensor.scale, tensor.zero_point)
        )
        return tensor.dequantised(self.array(source, tensor.numbers), scale, zero_point)


def not_torch_save(source: Source) -> ModelError:
    """Error for a file that torch.save did not write."""
    return ModelError(
        "“{name}” should be written by torch.save, but it is another kind of file or damaged; save"
        ' the weights with torch.save(model.state_dict(), "weights.pt").',
        name=shown(source.name),
    )


def missing_numbers(source: Source) -> ModelError:
    """Error for a storage that is missing or cut off."""
    return ModelError(
        "“{name}” should hold the numbers of each of its tensors, but some are missing or cut off;"
        " copy or save it again.",
        name=shown(source.name),
    )
