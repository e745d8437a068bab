"""What stands around a recurrent stack: the embedding below it and the readout above it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from rnnviz.core.arrays import Array
from rnnviz.readers.result import Answers, ImportQuestion, Origin

NONE = "none"
_EMBEDDING = re.compile(r"emb|wte|lookup|encoder|vocab|tok2vec|word2vec")
_READOUT = re.compile(
    r"^(?:fc|lin|linear|out|output|cls|proj|projection|v|h2o|i2o)\d*$"
    r"|head|decod|classif|dense|logit|tag|softmax|readout|predict|generator|linear_?\d|fc_?\d|_out|"
    r"out_|_fc|_linear"
)
_TORCH = re.compile(r"(?:(?P<path>.*)\.)?weight", re.DOTALL)
_KERAS = re.compile(
    r"(?:(?P<path>.*)[/.])?(?P<role>kernel|embeddings)(?P<end>(?::\d+)?)", re.DOTALL
)
_OWN = re.compile(r"(?P<path>(?:.*[./])?)(?P<role>readout[./]V|embedding)", re.DOTALL)


@dataclass(frozen=True)
class Table:
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
        words = [word for word in re.split(r"[./]", self.path.lower()) if not word.isdigit()]
        return words[-1] if words else ""


@dataclass(frozen=True)
class Choice:
    """The table taken, where the choice comes from, and the question where there is one."""

    table: Table | None
    origin: Origin = "names"
    questions: tuple[ImportQuestion, ...] = ()


def tables_in(arrays: Mapping[str, Array], used: Collection[str]) -> tuple[Table, ...]:
    """Every matrix that no recurrent layer uses and that an embedding or a readout may be.

    >>> import numpy as np
    >>> [table] = tables_in({"fc.weight": np.ones((2, 3)), "fc.bias": np.ones(2)}, ())
    >>> table.path, table.bias
    ('fc', 'fc.bias')
    """
    names = [name for name in arrays if name not in used and arrays[name].ndim == 2]
    found = (_table(name, arrays) for name in names)
    return tuple(table for table in found if table is not None and 0 not in table.shape)


def _table(name: str, arrays: Mapping[str, Array]) -> Table | None:
    shape = arrays[name].shape
    if found := _OWN.fullmatch(name):
        path = found["path"]
        if found["role"] == "embedding":
            return Table(name, name, "", shape, "embedding")
        return Table(
            path + "readout", name, _bias(name[:-1] + "d", shape[0], arrays), shape, "linear"
        )
    if found := _TORCH.fullmatch(name):
        bias = _bias(name.removesuffix("weight") + "bias", shape[0], arrays)
        return Table(found["path"] or name, name, bias, shape, "linear" if bias else "")
    if found := _KERAS.fullmatch(name):
        if found["role"] == "embeddings":
            return Table(found["path"] or name, name, "", shape, "embedding")
        end = "kernel" + found["end"]
        bias = _bias(name.removesuffix(end) + "bias" + found["end"], shape[1], arrays)
        return Table(found["path"] or name, name, bias, shape[::-1], "linear", True)
    return None


def _bias(name: str, size: int, arrays: Mapping[str, Array]) -> str:
    return name if name in arrays and arrays[name].shape == (size,) else ""


def choose_embedding(
    tables: tuple[Table, ...], n_inputs: int, near: Collection[Table], answers: Answers
) -> Choice:
    """The table whose rows are what the lowest level reads.

    near  the tables that belong to this stack rather than to another of the file.
    """
    fits = [t for t in tables if t.kind != "linear" and t.shape[1] == n_inputs]
    likely = [t for t in fits if t in near and is_embedding(t)]
    return _choose("embedding", fits, likely, answers)


def choose_readout(
    tables: tuple[Table, ...], n_outputs: int, near: Collection[Table], answers: Answers
) -> Choice:
    """The linear layer that reads the top level's units."""
    fits = [t for t in tables if t.shape[1] == n_outputs and _may_read(t)]
    likely = [t for t in fits if t in near and is_readout(t) and not _is_read(t, tables)]
    return _choose("readout", fits, likely, answers)


def is_embedding(table: Table) -> bool:
    """Whether its kind or its name says that it is an embedding."""
    return table.kind == "embedding" or bool(not table.kind and _EMBEDDING.search(table.word))


def is_readout(table: Table) -> bool:
    """Whether its name says that it is a readout."""
    return bool(_READOUT.search(table.word))


def _may_read(table: Table) -> bool:
    if table.kind:
        return table.kind == "linear"
    return is_readout(table) and not is_embedding(table)


def _is_read(table: Table, tables: tuple[Table, ...]) -> bool:
    """Whether another linear layer reads just as many numbers as this one gives."""
    others = (t for t in tables if t is not table and t.kind == "linear")
    return any(other.shape[1] == table.shape[0] for other in others)


def _choose(name: str, fits: list[Table], likely: list[Table], answers: Answers) -> Choice:
    if not fits:
        return Choice(None)
    if len(likely) == 1:
        return Choice(likely[0])
    options = {table.path: table for table in fits}
    first = likely[-1].path if likely else NONE
    question = ImportQuestion(name, (*options, NONE), first)
    came = answers.get(name, "")
    taken = came if came in question.options else first
    origin: Origin = "answer" if came in question.options else "default"
    return Choice(options.get(taken), origin, (question,))
