"""Weights that a file keeps in pieces ▶ the weights themselves.

Weight normalisation keeps g and v, w = g v / ‖v‖ row by row (Salimans & Kingma 2016, eq. 2);
pruning keeps a weight and its mask. Names: `torch.nn.utils.weight_norm`, `torch.nn.utils.prune`
and `torch.nn.utils.parametrizations`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError

_RECURRENT = r"(?:weight|bias)_(?:ih|hh|hr)(?:_l\d{1,4}(?:_reverse)?)?"
_OLD = re.compile(rf"(?P<base>(?:.*\.)?{_RECURRENT})_(?P<piece>g|v|orig|mask|u)", re.DOTALL)
_NEW = re.compile(
    rf"(?P<path>(?:.*\.)?)parametrizations\.(?P<own>{_RECURRENT})\.(?P<piece>.+)", re.DOTALL
)
_PIECES = {"original0": "g", "original1": "v"}


def merge_parametrisations(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The same arrays, each weight in place of its pieces.

    Raises ModelError for pieces whose rule is not in the file.

    >>> pieces = {"weight_hh_l0_orig": np.ones((1, 1)), "weight_hh_l0_mask": np.zeros((1, 1))}
    >>> whole_weights(pieces)
    {'weight_hh_l0': array([[0.]])}
    """
    pieces: dict[str, dict[str, Array]] = {}
    plain: dict[str, Array] = {}
    for name, array in arrays.items():
        if found := next(_pieces(name), None):
            base, piece = found
            pieces.setdefault(base, {})[piece] = array
        else:
            plain[name] = array
    return plain | {base: _whole(base, found) for base, found in pieces.items()}


def _pieces(name: str) -> Iterator[tuple[str, str]]:
    if old := _OLD.fullmatch(name):
        yield old["base"], old["piece"]
    if new := _NEW.fullmatch(name):
        yield new["path"] + new["own"], _PIECES.get(new["piece"], new["piece"])


def _whole(base: str, pieces: Mapping[str, Array]) -> Array:
    if set(pieces) == {"g", "v"}:
        g, v = pieces["g"], pieces["v"]
        if v.ndim and g.shape == v.shape[:1] + (1,) * (v.ndim - 1):
            return np.asarray(g * v / _row_norms(v))
    if set(pieces) == {"orig", "mask"} and pieces["orig"].shape == pieces["mask"].shape:
        return np.asarray(pieces["orig"] * pieces["mask"])
    raise ModelError(
        "“{name}” is computed from {pieces} by a rule that the file does not tell;"
        " remove the parametrisation in PyTorch and save the model again.",
        name=shown(base, 80),
        pieces=shown(", ".join(sorted(pieces)), 80),
    )


def _row_norms(v: Array) -> Array:
    squares = np.square(v).sum(axis=tuple(range(1, v.ndim)), keepdims=True)
    return np.asarray(np.sqrt(squares))
