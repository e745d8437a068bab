"""The embedding below and the readout above a recurrent stack, among a file's named matrices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from rnnviz.core.arrays import Array
from rnnviz.readers.result import Answers, ImportQuestion, Origin

NONE = "none"
READOUT_ACTIVATIONS = ("softmax", "linear", "sigmoid")
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
_OWN = re.compile(r"(?P<path>(?:.*[./])?)(?P<role>readout[./]V|embedding)", re.DOTALL)


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

    @property
    def word(self) -> str:
        """The last part of its path that is no number."""
        path = self.path.removesuffix(_TRANSPOSED).lower()
        words = [word for word in re.split(r"[./]", path) if not word.isdigit()]
        return words[-1] if words else ""

    @property
    def is_embedding(self) -> bool:
        """True when its kind or its name says that it is an embedding."""
        return self.kind == "embedding" or bool(not self.kind and _EMBEDDING.search(self.word))

    @property
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


@dataclass(frozen=True)
class MatrixChoice:
    """The matrix taken, where the choice comes from, and the question where there is one."""

    matrix: NamedMatrix | None
    origin: Origin = "names"
    questions: tuple[ImportQuestion, ...] = ()


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
        return NamedMatrix(
            path + "readout", name, _bias(name[:-1] + "d", shape[0], arrays), shape, "linear"
        )
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


def choose_embedding(
    matrices: Matrices, n_inputs: int, near: Collection[NamedMatrix], answers: Answers
) -> MatrixChoice:
    """The matrix whose rows are what the lowest level reads.

    near  the matrices that belong to this stack rather than to another of the file.
    """
    fits = [m for m in matrices if m.kind != "linear" and m.shape[1] == n_inputs]
    of_this = set(near)
    likely = [m for m in fits if m in of_this and m.is_embedding]
    return _choose("embedding", fits, likely, answers)


def choose_readout(
    matrices: Matrices, n_outputs: int, near: Collection[NamedMatrix], answers: Answers
) -> MatrixChoice:
    """The linear layer that reads the top level's units, and the question of its activation."""
    fits = [m for m in matrices if m.shape[1] == n_outputs and m.may_be_readout]
    of_this, reading = set(near), Counter(m.shape[1] for m in matrices if m.kind == "linear")
    likely = [m for m in fits if m in of_this and m.is_readout and not _is_read(m, reading)]
    choice = _choose("readout", fits, likely, answers)
    if choice.matrix is None:
        return choice
    # A softmax over a single output is always 1.
    usual = "softmax" if choice.matrix.shape[0] > 1 else "linear"
    activation = ImportQuestion("readout_activation", READOUT_ACTIVATIONS, usual)
    return replace(choice, questions=(*choice.questions, activation))


def _is_read(matrix: NamedMatrix, reading: Counter[int]) -> bool:
    """True when another linear layer reads as many numbers as this one gives.

    reading  how many linear layers read so many numbers.
    """
    is_own = matrix.kind == "linear" and matrix.shape[0] == matrix.shape[1]
    return reading[matrix.shape[0]] > is_own


def _choose(
    name: str, fits: list[NamedMatrix], likely: list[NamedMatrix], answers: Answers
) -> MatrixChoice:
    if len(likely) == 1 or not fits:
        return MatrixChoice(likely[0] if fits else None)
    options = {matrix.path: matrix for matrix in fits}
    first = likely[-1].path if likely else NONE
    question = ImportQuestion(name, (*options, NONE), first)
    matrix = options.get(question.choose(answers))
    return MatrixChoice(matrix, question.origin(answers), (question,))
