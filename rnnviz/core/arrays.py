"""Read-only arrays."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
Shapes = Mapping[str, tuple[int, ...]]


def read_only(values: ArrayLike) -> Array:
    """A read-only array that owns its memory; an array that is one already is returned as it is.

    >>> read_only([1.0, 2.0]).flags.writeable
    False
    """
    array = np.asarray(values)
    if not _is_fixed(array):
        array = array.copy()
        array.flags.writeable = False
    return array


def make_read_only(array: Array) -> Array:
    """An array made read-only in place, with all arrays that it is a view of; for its only owner.

    >>> make_read_only(np.ones(3)[::-1]).base.flags.writeable
    False
    """
    owner: object = array
    while isinstance(owner, np.ndarray):
        owner.flags.writeable = False
        owner = owner.base
    return array


def _is_fixed(array: Array) -> bool:
    # A read-only view still changes when the array it looks into does.
    looked_into: object = array
    while isinstance(looked_into, np.ndarray):
        if looked_into.flags.writeable:
            return False
        looked_into = looked_into.base
    return True


class Arrays(Mapping[str, Array]):
    """Read-only arrays by name, in the order given; the flag survives pickling.

    >>> import pickle
    >>> arrays = pickle.loads(pickle.dumps(Arrays({"hidden": [0.5]})))
    >>> arrays["hidden"].flags.writeable
    False
    """

    __slots__ = ("_named",)

    def __init__(self, named: Mapping[str, ArrayLike] = {}) -> None:
        self._named = {name: read_only(values) for name, values in named.items()}

    def __getitem__(self, name: str) -> Array:
        return self._named[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)

    def items(self) -> ItemsView[str, Array]:
        """Names and arrays, as fast as a dictionary's."""
        return self._named.items()

    def __repr__(self) -> str:
        return f"Arrays({', '.join(f'{name} {array.shape}' for name, array in self.items())})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Arrays, (self._named,)
