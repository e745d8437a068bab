"""Layout of PyTorch checkpoints: the tensors of the state dict among other entries.

Examples of other entries: PyTorch's tutorial "Saving and loading a general
checkpoint"; PyTorch Lightning's `state_dict` beside `hyper_parameters`; an optimiser's `state` and
`param_groups` (`torch.optim.Optimizer.state_dict`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from rnnviz.readers.tensors import PickledArray, StoredTensor, TensorView, UnsupportedTensor
from rnnviz.readers.torch.pickle_globals import KeyValuePairs, NumpyArrayState

# Keys of nested state dicts in order of preference; the first that holds tensors is used.
_STATE_DICT_KEYS = (
    *("state_dict", "model_state_dict", "model_state", "model", "module", "net", "network"),
    *("weights", "params"),
)
_MAX_DEPTH = 8
_MAX_NAME = 256
_Value = TypeVar("_Value")


def state_dict_tensors(saved: object) -> dict[str, StoredTensor]:
    """Tensors of a checkpoint's state dict by dotted name, without an optimiser's.

    >>> tensor = UnsupportedTensor("sparse")
    >>> state_dict_tensors({"state_dict": {"rnn.w": tensor}, "optim": {"param_groups": []}})
    {'rnn.w': UnsupportedTensor(type_name='sparse')}
    """
    return _innermost(saved, set())


def strip_prefixes(arrays: Mapping[str, _Value]) -> dict[str, _Value]:
    """Arrays by their names in the model, without the prefixes of wrappers.

    `torch.nn.DataParallel` adds `module.` to every name, `torch.compile` `_orig_mod.` to those of
    the compiled modules.

    >>> strip_prefixes({"module.rnn.w": 1, "module._orig_mod.rnn.b": 2})
    {'rnn.w': 1, 'rnn.b': 2}
    """
    names = [".".join(p for p in name.split(".") if p != "_orig_mod") for name in arrays]
    if all(name.startswith("module.") for name in names):
        names = [name.removeprefix("module.") for name in names]
    is_unique = len(set(names)) == len(names)
    return dict(zip(names, arrays.values(), strict=True)) if is_unique else dict(arrays)


def _innermost(saved: object, seen: set[int]) -> dict[str, StoredTensor]:
    seen.add(id(saved))
    entries = dict(_entries(saved))
    for key in _STATE_DICT_KEYS:
        # State dicts may be nested; a hostile dict may contain itself or nest without end.
        inner = entries.get(key) if len(seen) < _MAX_DEPTH else None
        if _is_dict(inner) and id(inner) not in seen and (found := _innermost(inner, seen)):
            return found
    return dict(_walk(saved, "", 0, set()))


def _walk(
    node: object, prefix: str, depth: int, seen: set[int]
) -> Iterator[tuple[str, StoredTensor]]:
    # Each dict is visited once: it may contain itself, or another many times.
    if depth > _MAX_DEPTH or id(node) in seen:
        return
    seen.add(id(node))
    for key, value in _entries(node):
        tensor = value.tensor if isinstance(value, NumpyArrayState) else value
        if isinstance(tensor, TensorView | PickledArray | UnsupportedTensor):
            yield prefix + key, tensor
        elif _is_dict(value) and "param_groups" not in dict(_entries(value)):
            yield from _walk(value, f"{prefix}{key}.", depth + 1, seen)


def _is_dict(node: object) -> bool:
    return isinstance(node, dict | KeyValuePairs)


def _entries(node: object) -> Iterable[tuple[str, object]]:
    """Entries of a dict whose key can be a part of a dotted name."""
    if isinstance(node, KeyValuePairs):
        pairs = (tuple(pair) for pair in node.pairs if isinstance(pair, list | tuple))
        return [pair for pair in pairs if len(pair) == 2 and _is_name(pair[0])]
    return [item for item in node.items() if _is_name(item[0])] if isinstance(node, dict) else []


def _is_name(key: object) -> bool:
    return type(key) is str and len(key) <= _MAX_NAME
