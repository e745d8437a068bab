"""What a package's pickle holds, and stacked weights taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import Packed
from rnnviz.readers.torch.pickle_globals import STAND_INS, NumpyArray, named
from rnnviz.readers.torch.pickle_vm import unpickled


def unpickle_dict(path: str, data: bytes) -> dict[str, Any]:
    """A pickled dict of texts, numbers, lists of them and arrays.

    No class and no function of Python is called. Raises ModelError for other content.

    >>> import pickle
    >>> unpickle_dict("class2idx.pkl", pickle.dumps({"zhong4": 0}))
    {'zhong4': 0}
    """
    source = Source(path, data)
    value, _ = unpickled(source, data, named(source, STAND_INS, data), str)
    return {name: _opened(each) for name, each in value.items()} if type(value) is dict else {}


def _opened(value: object) -> Any:
    if isinstance(value, NumpyArray) and isinstance(value.leaf, Packed):
        return value.leaf.array()
    return value


def split_gates(gates: Iterable[str], roles: Mapping[str, Array]) -> dict[str, Array]:
    """`gate.role` (unit, …) from each role's gates stacked row upon row, in the order of `gates`.

    >>> split_gates(["reset", "update"], {"b": np.array([1.0, 2.0])})["update.b"].tolist()
    [2.0]
    """
    names = tuple(gates)
    return {
        f"{gate}.{role}": rows
        for role, array in roles.items()
        for gate, rows in zip(names, np.split(array, len(names)), strict=True)
    }
