"""Layout of PyTorch checkpoints: the tensors of the state dicts among other entries.

Examples of other entries: PyTorch's tutorial "Saving and loading a general
checkpoint"; PyTorch Lightning's `state_dict` beside `hyper_parameters`; an optimiser's `state` and
`param_groups` (`torch.optim.Optimizer.state_dict`), fastai's `state` and `hypers`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from rnnviz.readers.limits import MAX_TENSORS
from rnnviz.readers.tensors import PickledArray, TensorView, UnsupportedTensor
from rnnviz.readers.torch.pickle_globals import KeyValuePairs
from rnnviz.readers.torch.pickled_numpy import JoblibArrayState, NumpyArrayState
from rnnviz.readers.torch.quantised import Leaf, QuantisedTensor, Saved, is_packed
from rnnviz.readers.torch.stand_in import StandIn, Unordered

# Keys under which a checkpoint keeps its only state dict; they are no part of its names.
_STATE_DICT_KEYS = (
    *("state_dict", "model_state_dict", "model_state", "model", "module", "net", "network"),
    *("weights", "params", "checkpoint"),
)
# Keys beside state dicts that hold what a training needs to go on.
_TRAINING = re.compile(
    r"opt|opt[_.].*|.*_opt|.*optimi[sz]er.*|optim.*|.*_optim|.*sched.*|hyper_?param.*|hparams|args"
    r"|config|cfg|.*rng.*|scaler",
    re.IGNORECASE,
)
_MAX_DEPTH = 8
_MAX_NAME = 256
_Value = TypeVar("_Value")


def state_dict_leaves(saved: object) -> dict[str, Leaf]:
    """Tensors of a checkpoint's state dicts by dotted name, without an optimiser's.

    Packed weights are still packed. Of several state dicts, the keys begin the names; of one, only
    a key that says more than that there is a model.

    >>> tensor = UnsupportedTensor("sparse")
    >>> list(state_dict_leaves({"state_dict": {"rnn.w": tensor}, "optim": {"param_groups": []}}))
    ['rnn.w']
    >>> list(state_dict_leaves({"model": {"rnn.w": tensor}, "decoder": {"rnn.w": tensor}}))
    ['model.rnn.w', 'decoder.rnn.w']
    """
    layout = CheckpointLayout(is_matrix=has_axes)
    if not layout.holds_weights(saved):
        layout = CheckpointLayout(is_matrix=lambda _: True)
    # One tensor may have any number of long names.
    return dict(islice(layout.collect(saved, "", 0), MAX_TENSORS + 1))


def has_axes(tensor: Saved) -> bool:
    """True for a tensor of two axes and more, as weights are, and for one of an unknown shape."""
    if isinstance(tensor, UnsupportedTensor):
        return True
    shape = tensor.numbers.shape if isinstance(tensor, QuantisedTensor) else tensor.shape
    return isinstance(shape, tuple) and len(shape) >= 2


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


class CheckpointLayout:
    """A walk over a checkpoint that visits each dict once: it may contain itself, or another often.

    is_matrix  whether a tensor makes the dict that holds it a state dict.
    """

    def __init__(self, is_matrix: Callable[[Saved], bool]) -> None:
        self._is_matrix = is_matrix
        self._holding: dict[int, bool] = {}
        self._seen: set[int] = set()

    def holds_weights(self, node: object, depth: int = 0) -> bool:
        """True where a tensor that makes a state dict lies in a container or in one inside."""
        if depth > _MAX_DEPTH:
            return False
        if id(node) not in self._holding:
            self._holding[id(node)] = False
            self._holding[id(node)] = any(
                self._is_weight(key, value) or self.holds_weights(value, depth + 1)
                for key, value in _inner(node)
            )
        return self._holding[id(node)]

    def collect(self, node: object, prefix: str, depth: int) -> Iterator[tuple[str, Leaf]]:
        """Tensors by name of the state dicts in a container, or of the one that it is itself."""
        if depth > _MAX_DEPTH or id(node) in self._seen:
            return
        entries = _inner(node)
        inner = {
            key: value
            for key, value in entries
            if self.holds_weights(value, depth) and not _TRAINING.fullmatch(key)
        }
        is_nested = any(key in _STATE_DICT_KEYS for key in inner)
        is_state_dict = any(self._is_weight(key, value) for key, value in entries)
        if is_state_dict and not is_nested:
            yield from self._walk(node, prefix, depth)
            return
        self._seen.add(id(node))
        for key, value in entries:
            leaf = _leaf(key, value)
            if leaf is not None and (not is_nested or self._is_weight(key, value)):
                yield prefix + key, leaf
            elif key in inner:
                is_only = len(inner) == 1 and key in _STATE_DICT_KEYS
                yield from self.collect(value, prefix if is_only else f"{prefix}{key}.", depth + 1)

    def _walk(self, node: object, prefix: str, depth: int) -> Iterator[tuple[str, Leaf]]:
        if depth > _MAX_DEPTH or id(node) in self._seen:
            return
        self._seen.add(id(node))
        for key, value in _inner(node):
            leaf = _leaf(key, value)
            if leaf is not None:
                yield prefix + key, leaf
            else:
                yield from self._walk(value, f"{prefix}{key}.", depth + 1)

    def _is_weight(self, key: str, value: object) -> bool:
        leaf = _leaf(key, value)
        return leaf is not None and (isinstance(leaf, StandIn | tuple) or self._is_matrix(leaf))


def _leaf(key: str, value: Any) -> Leaf | None:
    """The tensor, or the packed weights, that a value of a container is."""
    if isinstance(value, NumpyArrayState | JoblibArrayState):
        return value.tensor
    if isinstance(value, TensorView | PickledArray | UnsupportedTensor | QuantisedTensor):
        return value
    if is_packed(key, value):
        return value  # type: ignore[no-any-return]
    # PaddlePaddle writes a tensor as its name and its numbers (`paddle/framework/io.py`).
    if type(value) is tuple and len(value) == 2 and isinstance(value[0], str):
        return value[1].tensor if isinstance(value[1], NumpyArrayState) else None
    return None


def _inner(node: object) -> list[tuple[str, Any]]:
    """Entries of a container by name; none of an optimiser's."""
    entries = named_entries(node)
    keys = {key for key, _ in entries}
    return [] if "param_groups" in keys or {"state", "hypers"} <= keys else entries


def named_entries(node: object) -> list[tuple[str, Any]]:
    """Entries of a dict whose key can be a part of a dotted name; items of a list by place.

    A list of vectors alone, as losses and states are kept, has no entries.
    """
    if isinstance(node, StandIn):
        node = node.entries
    if isinstance(node, dict):
        return [(str(key), value) for key, value in node.items() if _is_name(key)]
    if isinstance(node, KeyValuePairs):
        return _pairs(node.pairs)
    if isinstance(node, list | tuple) and not isinstance(node, Unordered):
        # As `list(module.named_parameters())`.
        if node and len(pairs := _pairs(node)) == len(node):
            return pairs
        return [] if _is_vectors(node) else [(str(i), value) for i, value in enumerate(node)]
    return []


def _pairs(items: list[Any] | tuple[Any, ...]) -> list[tuple[str, Any]]:
    """The items that are a name and what is more than a name."""
    pairs = (tuple(item) for item in items if isinstance(item, list | tuple) and len(item) == 2)
    return [
        (str(key), value) for key, value in pairs if _is_name(key) and not isinstance(value, str)
    ]


def _is_vectors(items: list[Any] | tuple[Any, ...]) -> bool:
    leaves = [_leaf("", item) for item in items]
    tensors = [
        leaf for leaf in leaves if leaf is not None and not isinstance(leaf, StandIn | tuple)
    ]
    return bool(tensors) and not any(map(has_axes, tensors))


def _is_name(key: object) -> bool:
    return type(key) is int or (type(key) is str and len(key) <= _MAX_NAME)
