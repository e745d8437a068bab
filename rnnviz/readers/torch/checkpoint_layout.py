"""What was saved ▶ the tensors of its state dict, by dotted name.

A checkpoint often holds more than weights: PyTorch's tutorial "Saving and loading a general
checkpoint"; PyTorch Lightning's `state_dict` beside `hyper_parameters`; an optimiser's `state` and
`param_groups` (`torch.optim.Optimizer.state_dict`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from rnnviz.readers.tensors import PickledArray, StoredTensor, TensorView, UnsupportedTensor
from rnnviz.readers.torch.pickle_globals import KeyValuePairs, NumpyArrayState

# Where programs keep the weights beside other things; the first that holds any is taken.
_STATE_DICT_KEYS = (
    *("state_dict", "model_state_dict", "model_state", "model", "module", "net", "network"),
    *("weights", "params"),
)
_MAX_DEPTH = 8
_MAX_NAME = 256
_Value = TypeVar("_Value")


def state_dict_tensors(saved: object) -> dict[str, StoredTensor]:
    """The saved state dict's tensors, nothing of an optimiser's.

    >>> tensor = Special("sparse")
    >>> leaves({"epoch": 3, "state_dict": {"rnn.w": tensor}, "optim": {"param_groups": []}})
    {'rnn.w': Special(make='sparse')}
    """
    return _innermost(saved, set())


def strip_prefixes(arrays: Mapping[str, _Value]) -> dict[str, _Value]:
    """The same by the names that the model itself has.

    `torch.nn.DataParallel` puts `module.` before every name and `torch.compile` `_orig_mod.` before
    those of what it compiled.

    >>> stripped({"module.rnn.w": 1, "module._orig_mod.rnn.b": 2})
    {'rnn.w': 1, 'rnn.b': 2}
    """
    names = [".".join(p for p in name.split(".") if p != "_orig_mod") for name in arrays]
    if all(name.startswith("module.") for name in names):
        names = [name.removeprefix("module.") for name in names]
    # Two tensors never take one name.
    is_clear = len(set(names)) == len(names)
    return dict(zip(names, arrays.values(), strict=True)) if is_clear else dict(arrays)


def _innermost(saved: object, seen: set[int]) -> dict[str, StoredTensor]:
    seen.add(id(saved))
    held = dict(_entries(saved))
    for key in _STATE_DICT_KEYS:
        # Some keep a state dict in a model's entry; a dict may also hold itself, or go on and on.
        inner = held.get(key) if len(seen) < _MAX_DEPTH else None
        if _is_dict(inner) and id(inner) not in seen and (found := _innermost(inner, seen)):
            return found
    return dict(_walk(saved, "", 0, set()))


def _walk(
    node: object, prefix: str, depth: int, seen: set[int]
) -> Iterator[tuple[str, StoredTensor]]:
    # A dict may hold itself, and others many times over: each is looked into once.
    if depth > _MAX_DEPTH or id(node) in seen:
        return
    seen.add(id(node))
    for key, value in _entries(node):
        leaf = value.tensor if isinstance(value, NumpyArrayState) else value
        if isinstance(leaf, TensorView | PickledArray | UnsupportedTensor):
            yield prefix + key, leaf
        elif _is_dict(value) and "param_groups" not in dict(_entries(value)):
            yield from _walk(value, f"{prefix}{key}.", depth + 1, seen)


def _is_dict(node: object) -> bool:
    return isinstance(node, dict | KeyValuePairs)


def _entries(node: object) -> Iterable[tuple[str, object]]:
    """A dict's entries whose key can be a part of a name."""
    if isinstance(node, KeyValuePairs):
        pairs = (tuple(pair) for pair in node.pairs if isinstance(pair, list | tuple))
        return [pair for pair in pairs if len(pair) == 2 and _is_name(pair[0])]
    return [item for item in node.items() if _is_name(item[0])] if isinstance(node, dict) else []


def _is_name(key: object) -> bool:
    return type(key) is str and len(key) <= _MAX_NAME
