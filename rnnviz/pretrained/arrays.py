"""Content of a package's pickle."""

from __future__ import annotations

from typing import Any

from rnnviz.readers.result import Source
from rnnviz.readers.tensors import PickledArray
from rnnviz.readers.torch.harmful import harmful_global
from rnnviz.readers.torch.pickle_globals import GlobalFinder
from rnnviz.readers.torch.pickle_vm import unpickle
from rnnviz.readers.torch.pickled_numpy import NumpyArrayState
from rnnviz.readers.torch.stand_in import UnknownGlobal


def unpickle_dict(path: str, data: bytes) -> dict[str, Any]:
    """Pickled dict of texts, numbers, lists of them and arrays, read without running code.

    Raises ModelError for other content.

    >>> import pickle
    >>> unpickle_dict("class2idx.pkl", pickle.dumps({"zhong4": 0}))
    {'zhong4': 0}
    """
    source = Source(path, data)
    find = GlobalFinder(source)

    def known(name: str) -> object:
        found = find(name)
        if isinstance(found, UnknownGlobal):
            raise harmful_global(source, name)
        return found

    value, _ = unpickle(source, data, known, str)
    return {name: _array(each) for name, each in value.items()} if type(value) is dict else {}


def _array(value: object) -> Any:
    if isinstance(value, NumpyArrayState) and isinstance(value.tensor, PickledArray):
        return value.tensor.array()
    return value
