"""The embedding below and the readout above a stack of Keras layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.errors import ModelError
from rnnviz.network.model import Readout
from rnnviz.readers.keras.directions import options, own_arrays
from rnnviz.readers.keras.file import KerasFile
from rnnviz.readers.keras.graph import KerasNode, KerasNodes
from rnnviz.readers.keras.layers import activation_name
from rnnviz.readers.keras.stacks import KerasStack, below
from rnnviz.readers.result import Answers
from rnnviz.readers.tensors import finite_floats

_MAX_UNKNOWN = 100_000
_LOOKUPS = ("StringLookup", "TextVectorization", "IntegerLookup")


@dataclass(frozen=True, eq=False)
class KerasNeighbour:
    """The embedding below or the readout above a stack; without layers there is none.

    embedding   (token, feature), what the lowest level reads.
    vocabulary  the tokens of its rows.
    readout     of the top level.
    layers      those that it is made of, the Embedding or Dense first.
    arrays      its weights in the file, by name.
    """

    embedding: Array | None = None
    vocabulary: tuple[str, ...] | None = None
    readout: Readout | None = None
    layers: tuple[KerasNode, ...] = ()
    arrays: Mapping[str, Array] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The path of its Embedding or Dense, "" without one."""
        return self.layers[0].path if self.layers else ""


def read_embedding(
    stack: KerasStack, nodes: KerasNodes, file: KerasFile, answers: Answers
) -> KerasNeighbour:
    """The Embedding directly below, and the tokens of the lookup that it reads."""
    node = below(stack.layers[0], nodes)
    if node is None or node.kind != "Embedding":
        return KerasNeighbour()
    stored = own_arrays(node, file)
    arrays = list(stored.values())
    if len(arrays) != 1 or arrays[0].ndim != 2:
        return KerasNeighbour()
    table = finite_floats(node.path, arrays[0], answers)
    lookup = below(node, nodes)
    tokens = _tokens(lookup, file) if lookup is not None else None
    # Rows beyond the vocabulary are never read.
    if lookup is None or tokens is None or len(tokens) > len(table):
        return KerasNeighbour(table, layers=(node,), arrays=stored)
    return KerasNeighbour(table[: len(tokens)], tokens, None, (node, lookup), stored)


def _tokens(node: KerasNode, file: KerasFile) -> tuple[str, ...] | None:
    """In the order of `IndexLookup.get_vocabulary` in Keras: mask, unknown, its words."""
    if node.kind not in _LOOKUPS:
        return None
    unknown = str(node.config.get("oov_token", "[UNK]"))
    inside = (f"{node.store}/vocabulary.txt", f"{node.store}/_lookup_layer/vocabulary.txt")
    for path in inside:
        if path in file.texts:
            return _distinct(file.texts[path].split("\n"), unknown)
    words = node.config.get("vocabulary")
    if not isinstance(words, list) or not words:
        return None
    return _distinct(_special(node, list(map(str, words)), unknown), unknown)


def _special(node: KerasNode, words: list[str], unknown: str) -> list[str]:
    is_text = node.kind == "TextVectorization"
    mask = "" if is_text else node.config.get("mask_token")
    n_unknown = max(0, int(node.config.get("num_oov_indices", 1)))
    before = ([] if mask is None else [str(mask)]) + [unknown] * min(n_unknown, _MAX_UNKNOWN)
    return words if words[: len(before)] == before else before + words


def _distinct(tokens: list[str], unknown: str) -> tuple[str, ...] | None:
    """The tokens, further rows of unknown ones by their number; None where another comes twice."""
    first = tokens.index(unknown) if unknown in tokens else len(tokens)
    named = [f"<{i}>" if i > first and t == unknown else t for i, t in enumerate(tokens)]
    return tuple(named) if len(set(named)) == len(named) else None


def read_readout(
    stack: KerasStack, nodes: KerasNodes, file: KerasFile, answers: Answers
) -> KerasNeighbour:
    """The first Dense that reads the top level's units and nothing else."""
    top = stack.layers[-1]
    is_last_only = len(stack.levels[-1]) == 2 and not options(top).get("return_sequences")
    if not stack.is_open or is_last_only:
        return KerasNeighbour()
    for node in nodes.values():
        if node.kind == "Dense" and below(node, nodes) is top:
            return _dense(node, stack, nodes, file, answers)
    return KerasNeighbour()


def _dense(
    node: KerasNode, stack: KerasStack, nodes: KerasNodes, file: KerasFile, answers: Answers
) -> KerasNeighbour:
    stored = own_arrays(node, file)
    # A quantised one has whole numbers, and their scales beside them.
    if len(stored) > 2 or any(array.dtype.kind != "f" for array in stored.values()):
        return KerasNeighbour()
    arrays = [finite_floats(node.path, array, answers) for array in stored.values()]
    if not arrays or arrays[0].ndim != 2 or arrays[0].shape[0] != stack.n_outputs:
        return KerasNeighbour()
    bias = arrays[1] if len(arrays) > 1 else np.zeros(arrays[0].shape[1], arrays[0].dtype)
    activation, after = _activation(node, nodes, is_keras_2=file.writer.is_keras_2)
    if activation is None or bias.shape != arrays[0].shape[1:]:
        return KerasNeighbour()
    readout = Readout(arrays[0].T, bias, activation=activation)
    return KerasNeighbour(readout=readout, layers=(node, *after), arrays=stored)


def _activation(
    node: KerasNode, nodes: KerasNodes, *, is_keras_2: bool
) -> tuple[str | None, tuple[KerasNode, ...]]:
    """Dense's own, or where that is linear that of an Activation or Softmax on it."""
    own = _named(node.config.get("activation"), node, is_keras_2=is_keras_2)
    for upper in nodes.values() if own == "linear" else ():
        if below(upper, nodes) is node and upper.kind in ("Activation", "Softmax"):
            given = upper.config.get("activation", "softmax")
            return _named(given, upper, is_keras_2=is_keras_2), (upper,)
    return own, ()


def _named(config: object, node: KerasNode, *, is_keras_2: bool) -> str | None:
    # It is no activation of a cell's: each unit's number is not for itself.
    function = config.get("config") if isinstance(config, dict) else config
    if function == "softmax":
        return "softmax"
    try:
        return activation_name(config, node.path, is_keras_2=is_keras_2)
    except ModelError:
        return None
