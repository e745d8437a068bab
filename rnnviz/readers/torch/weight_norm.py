"""Weights of PyTorch's parametrisations: weight and spectral normalisation, pruning, WeightDrop.

Weight normalisation stores g and v, w = g v / ‖v‖ row by row (Salimans & Kingma 2016, eq. 2);
spectral normalisation a weight and the two vectors of its power iteration, w = W / uᵀWv (Miyato et
al. 2018); pruning a weight and its mask; WeightDrop (Merity et al. 2018) the weight before its
dropout, which is the weight when nothing is dropped. Names: `torch.nn.utils.weight_norm`,
`spectral_norm`, `prune` and `parametrizations`; `WeightDrop` of salesforce/awd-lstm-lm,
weight_drop.py, and `WeightDropout` of fastai, text/models/awdlstm.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError

_RECURRENT = r"(?:weight|bias)_(?:ih|hh|hr)(?:_l\d{1,4}(?:_reverse)?)?"
_HOOK_NAME = re.compile(
    rf"(?P<base>(?:.*\.)?(?:{_RECURRENT}|weight))_(?P<piece>g|v|orig|mask|u|raw)", re.DOTALL
)
_PARAMETRISATION_NAME = re.compile(
    rf"(?P<path>(?:.*\.)?)parametrizations\.(?P<weight>{_RECURRENT}|weight)\.(?P<piece>.+)",
    re.DOTALL,
)
_OWN_NAME = re.compile(rf"(?P<path>(?:.*\.)?){_RECURRENT}", re.DOTALL)
_PIECES = {"original0": "g", "original1": "v", "original": "orig", "0._u": "u", "0._v": "v"}


def merge_parametrisations(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Arrays with each parametrised weight computed from its stored parts.

    A recurrent weight whose parts make none raises ModelError; the parts of others stay.

    >>> pieces = {"weight_hh_l0_orig": np.ones((1, 1)), "weight_hh_l0_mask": np.zeros((1, 1))}
    >>> merge_parametrisations(pieces)
    {'weight_hh_l0': array([[0.]])}
    """
    pieces: dict[str, dict[str, str]] = {}
    for name in arrays:
        for base, piece in _split_name(name):
            pieces.setdefault(base, {})[piece] = name
    layers = {name.rpartition(".")[0] for name in arrays if _OWN_NAME.fullmatch(name)}
    merged: dict[str, Array] = {}
    taken: set[str] = set()
    for base, names in pieces.items():
        array = _merge({piece: arrays[name] for piece, name in names.items()})
        if array is not None:
            merged[_place(base, layers)] = array
            taken.update(names.values())
        elif _OWN_NAME.fullmatch(base):
            _refuse(base, names)
    return {name: array for name, array in arrays.items() if name not in taken} | merged


def _split_name(name: str) -> Iterator[tuple[str, str]]:
    if old := _HOOK_NAME.fullmatch(name):
        yield old["base"], old["piece"]
    if new := _PARAMETRISATION_NAME.fullmatch(name):
        yield new["path"] + new["weight"], _PIECES.get(new["piece"], new["piece"])


def _place(base: str, layers: set[str]) -> str:
    """The weight's name; fastai keeps the raw weight one module above the layer."""
    path, _, own = base.rpartition(".")
    inner = f"{path}.module".lstrip(".")
    return f"{inner}.{own}" if path not in layers and inner in layers else base


def _merge(pieces: Mapping[str, Array]) -> Array | None:
    kinds = set(pieces)
    if kinds == {"raw"}:
        return pieces["raw"]
    if kinds == {"g", "v"}:
        return _weight_normalised(pieces["g"], pieces["v"])
    if kinds == {"orig", "mask"} and pieces["orig"].shape == pieces["mask"].shape:
        return np.asarray(pieces["orig"] * pieces["mask"])
    if kinds == {"orig", "u", "v"}:
        return _spectrally_normalised(pieces["orig"], pieces["u"], pieces["v"])
    return None


def _refuse(base: str, pieces: Mapping[str, str]) -> None:
    path, _, weight = base.rpartition(".")
    if any("parametrizations." in name for name in pieces.values()):
        raise ModelError(
            "“{name}” is computed from {pieces} by a rule that the file does not tell; in PyTorch,"
            " keep what it gives and save that: torch.nn.utils.parametrize.remove_parametrizations("
            'model.get_submodule("{path}"), "{weight}"); torch.save(model.state_dict(),'
            ' "weights.pt").',
            name=shown(base, 80),
            pieces=shown(", ".join(sorted(pieces)), 80),
            path=shown(path, 80),
            weight=shown(weight, 80),
        )
    raise ModelError(
        "“{name}” is computed from {pieces} by a rule that the file does not tell;"
        " remove the parametrisation in PyTorch and save the model again.",
        name=shown(base, 80),
        pieces=shown(", ".join(sorted(pieces)), 80),
    )


def _weight_normalised(g: Array, v: Array) -> Array | None:
    """g v / ‖v‖; the norm is over the axes along which g is a single number."""
    if g.ndim not in (0, v.ndim) or not v.ndim:
        return None
    axes = tuple(i for i, n in enumerate(g.shape or (1,) * v.ndim) if n == 1)
    if any(n != v.shape[i] for i, n in enumerate(g.shape) if i not in axes):
        return None
    return np.asarray(g * v / np.sqrt(np.square(v).sum(axis=axes, keepdims=True)))


def _spectrally_normalised(weight: Array, u: Array, v: Array) -> Array | None:
    """W / uᵀWv, the rows along the axis that u has."""
    if weight.ndim != 2 or (u.shape + v.shape) not in (weight.shape, weight.shape[::-1]):
        return None
    matrix = weight if u.shape + v.shape == weight.shape else weight.T
    return np.asarray(weight / (u @ matrix @ v))
