"""What both forms of torch.save give: the value, and the bytes of its storages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.narrow import Order
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import Buffer, Leaf, Special, Storage, Tensor


@dataclass(frozen=True)
class Saved:
    """A checkpoint as it was read, its tensors described and not yet built.

    root   the value torch.save was given, with stand-ins for what has no plain value.
    bytes  a storage ▶ its bytes; raises ModelError where they are not there.
    order  their byte order, `<` or `>`.
    """

    root: object
    bytes: Callable[[Storage], Buffer]
    order: Order = "<"

    def array(self, source: Source, leaf: Leaf) -> Array:
        """The array of a leaf that was checked. Raises ModelError where its numbers are missing."""
        assert not isinstance(leaf, Special)
        if isinstance(leaf, Tensor):
            return leaf.array(self.bytes(leaf.storage), self.order)
        try:
            return leaf.array()
        except UnicodeEncodeError as error:
            raise missing_numbers(source) from error


def not_saved_by_torch(source: Source) -> ModelError:
    """What is said of a file of another make."""
    return ModelError(
        "“{name}” should be written by torch.save, but it is another kind of file or damaged; save"
        ' the weights with torch.save(model.state_dict(), "weights.pt").',
        name=shown(source.name),
    )


def missing_numbers(source: Source) -> ModelError:
    """What is said of a storage that is not there as its tensor says."""
    return ModelError(
        "“{name}” should hold the numbers of each of its tensors, but some are missing or cut off;"
        " copy or save it again.",
        name=shown(source.name),
    )
