"""Weights of PyTorch's parametrisations: weight normalisation and pruning.

Weight normalisation stores g and v, w = g v / ‖v‖ row by row (Salimans & Kingma 2016, eq. 2);
pruning stores a weight and its mask. Names: `torch.nn.utils.weight_norm`, `torch.nn.utils.prune`
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
_HOOK_NAME = re.compile(rf"(?P<base>(?:.*\.)?{_RECURRENT})_(?P<piece>g|v|orig|mask|u)", re.DOTALL)
_PARAMETRISATION_NAME = re.compile(
    rf"(?P<path>(?:.*\.)?)parametrizations\.(?P<weight>{_RECURRENT})\.(?P<piece>.+)", re.DOTALL
)
_PIECES = {"original0": "g", "original1": "v"}


def merge_parametrisations(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Arrays with each parametrised weight computed from its stored parts.

    Raises ModelError for parts of another parametrisation.

    >>> pieces = {"weight_hh_l0_orig": np.ones((1, 1)), "weight_hh_l0_mask": np.zeros((1, 1))}
    >>> merge_parametrisations(pieces)
    {'weight_hh_l0': array([[0.]])}
    """
    pieces: dict[str, dict[str, Array]] = {}
    plain: dict[str, Array] = {}
    for name, array in arrays.items():
        if parts := next(_split_name(name), None):
            base, piece = parts
            pieces.setdefault(base, {})[piece] = array
        else:
            plain[name] = array
    return plain | {base: _merge(base, parts) for base, parts in pieces.items()}


def _split_name(name: str) -> Iterator[tuple[str, str]]:
    if old := _HOOK_NAME.fullmatch(name):
        yield old["base"], old["piece"]
    if new := _PARAMETRISATION_NAME.fullmatch(name):
        yield new["path"] + new["weight"], _PIECES.get(new["piece"], new["piece"])


def _merge(base: str, pieces: Mapping[str, Array]) -> Array:
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
