"""Matrices of a file by name that an embedding or a readout may be."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rnnviz.core.arrays import Array

_EMBEDDING = re.compile(r"emb|wte|lookup|encoder|vocab|tok2vec|word2vec")
_READOUT = re.compile(
    r"^(?:w_?h?_?[yqo]|w_?y_?[ah]|fc|lin|linear|out|output|cls|proj|projection|v|h2o|i2o)\d*$"
    r"|head|decod|classif|dense|logit|tag|softmax|readout|predict|generator|linear_?\d|fc_?\d|_out|"
    r"out_|_fc|_linear"
)
_TORCH = re.compile(r"(?:(?P<path>.*)\.)?weight", re.DOTALL)
_KERAS = re.compile(
    r"(?:(?P<path>.*)[/.])?(?P<role>kernel|embeddings)(?P<end>(?::\d+)?)", re.DOTALL
)
# Karpathy's Why and by, Dive into Deep Learning's W_hq and b_q, Ng's Wya or Wy, WildML's V.
_BY_HAND = re.compile(
    r"(?:(?P<path>.*)[./])?(?:W_?(?:h_?)?(?P<out>[yqo])|W_?(?P<back>y)_?[ah]|(?P<letter>V))",
    re.DOTALL,
)
_TRANSPOSED = " (transposed)"
_OWN = re.compile(r"(?P<path>(?:.*[./])?)(?P<role>readout[./](?:V|weights)|embedding)", re.DOTALL)


@dataclass(frozen=True)
class NamedMatrix:
    """A matrix beside the recurrent layers, perhaps with a bias: an embedding or a linear layer.

    path          its module: "fc"; weights and bias are names in the file, "" for no bias.
    shape         (row, column) with rows as outputs or tokens.
    kind          what it is where that is known.
    is_transposed whether the file has (column, row).
    """

    path: str
    weights: str
    bias: str
    shape: tuple[int, ...]
    kind: Literal["", "embedding", "linear"] = ""
    is_transposed: bool = False

    @cached_property
    def word(self) -> str:
        """The last part of its path that is no number."""
        path = self.path.removesuffix(_TRANSPOSED).lower()
        words = [word for word in re.split(r"[./]", path) if not word.isdigit()]
        return words[-1] if words else ""

    @cached_property
    def is_embedding(self) -> bool:
        """True when its kind or its name says that it is an embedding."""
        return self.kind == "embedding" or bool(not self.kind and _EMBEDDING.search(self.word))

    @cached_property
    def is_readout(self) -> bool:
        """True when its name says that it is a readout."""
        return bool(_READOUT.search(self.word))

    @property
    def may_be_readout(self) -> bool:
        """True for a linear layer, and for a matrix that may be one by its name."""
        return self.kind == "linear" if self.kind else self.is_readout and not self.is_embedding


Matrices = tuple[NamedMatrix, ...]


def is_around(name: str) -> Literal["", "embedding", "readout"]:
    """What the matrix of this name is by its name, "" where that tells neither.

    >>> is_around("decoder.fc.weight"), is_around("rnns.1.batch_norm.weight")
    ('readout', '')
    """
    path = name.rpartition("." if "." in name else "/")[0] or name
    matrix = NamedMatrix(path, name, "", ())
    if matrix.is_embedding:
        return "embedding"
    return "readout" if matrix.is_readout else ""


def matrices_in(arrays: Mapping[str, Array], free: Collection[str]) -> Matrices:
    """Every matrix that an embedding or a readout may be.

    free  the names of the arrays that no recurrent layer uses.

    >>> import numpy as np
    >>> [matrix] = matrices_in({"a.weight": np.ones((2, 3)), "a.bias": np.ones(2)}, ["a.weight"])
    >>> matrix.path, matrix.bias
    ('a', 'a.bias')
    """
    names = [name for name in free if arrays[name].ndim == 2]
    found = (matrix for name in names for matrix in _matrices(name, arrays))
    return tuple(matrix for matrix in found if 0 not in matrix.shape)


def _matrices(name: str, arrays: Mapping[str, Array]) -> Iterator[NamedMatrix]:
    """The matrix of a name, of a hand-written readout both ways where its bias tells neither."""
    if (matrix := _matrix(name, arrays)) is not None:
        yield matrix
    elif found := _BY_HAND.fullmatch(name):
        stem = name.removesuffix(name[len(found["path"] or "") :].lstrip("./"))
        letter = (found["out"] or found["back"] or "y").lower()
        biases = [stem + word for word in (f"b{letter}", f"b_{letter}", f"b_h{letter}", "c")]
        shape = arrays[name].shape
        rows, columns = (
            next((b for b in biases if b in arrays and arrays[b].size == size), "")
            for size in shape
        )
        if rows or not columns:
            yield NamedMatrix(name, name, rows, shape, "linear")
        if columns or not rows:
            yield NamedMatrix(name + _TRANSPOSED, name, columns, shape[::-1], "linear", True)


def _matrix(name: str, arrays: Mapping[str, Array]) -> NamedMatrix | None:
    shape = arrays[name].shape
    if found := _OWN.fullmatch(name):
        path = found["path"]
        if found["role"] == "embedding":
            return NamedMatrix(name, name, "", shape, "embedding")
        weights = name[len(path) + len("readout.") :]
        bias = name.removesuffix(weights) + ("d" if weights == "V" else "bias")
        return NamedMatrix(path + "readout", name, _bias(bias, shape[0], arrays), shape, "linear")
    if found := _TORCH.fullmatch(name):
        bias = _bias(name.removesuffix("weight") + "bias", shape[0], arrays)
        return NamedMatrix(found["path"] or name, name, bias, shape, "linear" if bias else "")
    if found := _KERAS.fullmatch(name):
        if found["role"] == "embeddings":
            return NamedMatrix(found["path"] or name, name, "", shape, "embedding")
        end = "kernel" + found["end"]
        bias = _bias(name.removesuffix(end) + "bias" + found["end"], shape[1], arrays)
        return NamedMatrix(found["path"] or name, name, bias, shape[::-1], "linear", True)
    return None


def _bias(name: str, size: int, arrays: Mapping[str, Array]) -> str:
    return name if name in arrays and arrays[name].shape == (size,) else ""
