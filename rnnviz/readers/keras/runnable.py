"""Which whole Keras files Keras itself may run here: layers it has, of the sizes of their arrays.

Loading a file makes what its configuration declares. Only classes that are listed here are made,
none with code of the file, and what they may cost is estimated from above before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from rnnviz.readers.keras.directions import directions_of, is_recurrent, own_arrays
from rnnviz.readers.keras.file import Config, KerasFile
from rnnviz.readers.keras.graph import MODELS, RECURRENT, KerasNode, KerasNodes, layer_kind
from rnnviz.readers.keras.stacks import PASS_THROUGH

_N_STEPS = 32  # of an axis whose length the file leaves open
_MAX_BYTES = 200_000_000
_MAX_LAYERS = 200
_MAX_NUMBERS = 100_000_000  # of the weights or of the values of one layer
_MAX_STEPS = 10_000  # of all recurrent layers together
_SHAPING = {"Flatten", "Permute", "Reshape"}
_LENGTHENING = {"Cropping1D", "RepeatVector", "Reshape", "UpSampling1D", "ZeroPadding1D"}
_PLAIN = {
    *("Activation", "Add", "Average", "AveragePooling1D", "BatchNormalization", "Concatenate"),
    *("ELU", "GlobalAveragePooling1D", "GlobalMaxPooling1D", "InputLayer", "LayerNormalization"),
    *("LeakyReLU", "MaxPooling1D", "Maximum", "Minimum", "Multiply", "Normalization", "PReLU"),
    *("ReLU", "Rescaling", "Softmax", "Subtract", "TimeDistributed", "UnitNormalization"),
}
_WIDTHS = {"Conv1D": "filters", "Dense": "units", "Embedding": "output_dim"}
_LAYERS = _PLAIN | _SHAPING | _LENGTHENING | _WIDTHS.keys() | PASS_THROUGH | {*MODELS, *RECURRENT}
_PARTS = re.compile(
    r"\w*Cell|StackedRNNCells|\w*(?:Uniform|Normal|Orthogonal|Zeros|Ones|Constant|Identity)"
    r"|VarianceScaling|L1|L2|L1L2|MaxNorm|NonNeg|UnitNorm|MinMaxNorm|DTypePolicy|KerasTensor"
    r"|__tuple__|__keras_tensor__"
)
_NUMBERS = {"float32", "int32", "int64", "int16", "int8", "uint8", "bool"}


def is_runnable(file: KerasFile, nodes: KerasNodes) -> bool:
    """True when Keras may load and run the file as it is."""
    if file.config is None or len(file.source.data) > _MAX_BYTES or len(nodes) > _MAX_LAYERS:
        return False
    try:
        is_known = all(_is_known(each, file) for each in _objects(file.config))
        return is_known and all(_has_its_sizes(n, file) for n in nodes.values()) and _fits(nodes)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, RecursionError):
        return False


def _objects(config: Any) -> Iterator[Config]:
    """Every object in the configuration."""
    if isinstance(config, Mapping):
        yield config
    for each in config.values() if isinstance(config, Mapping) else config:
        if isinstance(each, list | Mapping):
            yield from _objects(each)


def _is_known(each: Config, file: KerasFile) -> bool:
    """True for an object of Keras in single precision, with functions that Keras 3 has too."""
    dtype = each.get("dtype", "float32")
    if isinstance(dtype, str) and dtype not in _NUMBERS:
        return False
    # What Keras 3 calls by this name is another function than that of Keras 2.
    if file.writer.is_keras_2 and "hard_sigmoid" in each.values():
        return False
    kind = layer_kind(each) if "class_name" in each else "Dense"
    if kind == "DTypePolicy":
        return each["config"].get("name") in _NUMBERS
    return (kind in _LAYERS and not kind.startswith("CuDNN")) or bool(_PARTS.fullmatch(kind))


def _has_its_sizes(node: KerasNode, file: KerasFile) -> bool:
    """True when the numbers in the configuration are those of the arrays."""
    if is_recurrent(node):
        cells = [cell for each in directions_of(node, file) for cell in each.cells]
        return all(cell.config.get("units") == cell.n_units for cell in cells)
    if node.kind not in _WIDTHS:
        return True
    shapes = [array.shape for array in own_arrays(node, file).values()]
    declared = [node.config.get(_WIDTHS[node.kind])]
    if node.kind == "Embedding":
        declared.insert(0, node.config.get("input_dim"))
    if node.kind == "Conv1D":
        size = node.config.get("kernel_size")
        return bool(shapes) and [shapes[0][0], shapes[0][-1]] == [*_numbers(size), *declared]
    return bool(shapes) and list(shapes[0][-len(declared) :]) == declared


def _fits(nodes: KerasNodes) -> bool:
    """True when the largest layer and all steps that there can be are within bounds."""
    widths = [width for node in nodes.values() for width in _widths(node)]
    lengths = [max(1, length) for node in nodes.values() for length in _lengths(node)]
    if any(not 0 <= number < _MAX_NUMBERS for number in (*widths, *lengths)):
        return False
    length, width = _N_STEPS * prod(lengths), sum(widths)
    is_shaped = any(node.kind in _SHAPING for node in nodes.values())
    steps = length * sum(map(is_recurrent, nodes.values()))
    largest = max(width * max(widths, default=1) * (length if is_shaped else 1), length * width)
    return largest <= _MAX_NUMBERS and steps <= _MAX_STEPS


def _widths(node: KerasNode) -> Iterator[float]:
    """Features that a layer gives at a step."""
    if node.kind == "InputLayer":
        yield from list(_numbers(_shape(node)))[-1:]
    elif node.kind == "Bidirectional":
        yield from (2 * number for number in _numbers(node.config["layer"]["config"].get("units")))
    else:
        yield from _numbers(node.config.get(_WIDTHS.get(node.kind, "units")))


def _lengths(node: KerasNode) -> Iterator[float]:
    """By how much a layer makes a sequence longer."""
    if node.kind == "InputLayer":
        yield from list(_numbers(_shape(node)[1:-1]))
    elif node.kind in _LENGTHENING:
        yield from (number + 1 for number in _numbers(list(node.config.values())))


def _shape(node: KerasNode) -> list[Any]:
    shape = node.config.get("batch_shape") or node.config.get("batch_input_shape")
    return list(shape) if isinstance(shape, list) else []


def _numbers(config: Any) -> Iterator[float]:
    if isinstance(config, int | float) and not isinstance(config, bool):
        yield config
    for each in config if isinstance(config, list) else ():
        yield from _numbers(each)
