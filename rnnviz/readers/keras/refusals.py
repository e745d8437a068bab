"""Keras files without a recurrent layer that can be read ▶ what they hold, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.keras.directions import CELL_KINDS, is_recurrent
from rnnviz.readers.keras.graph import RECURRENT, KerasNode, KerasNodes, layer_kind
from rnnviz.readers.result import Source

_CONVOLUTION = re.compile(r"conv\d?d?_?lst_?m", re.IGNORECASE)

_RECURRENT = re.compile(r"lstm|gru|rnn|recurrent", re.IGNORECASE)


def no_layers(source: Source, nodes: KerasNodes) -> ModelError:
    """The refusal of a file in which no layer is made of cells that are known here."""
    found = [node for node in nodes.values() if not is_recurrent(node)]
    convolution = [node.path for node in found if any(map(_CONVOLUTION.search, _classes(node)))]
    if convolution:
        return ModelError(
            "“{name}” holds the recurrent layers {layers}, whose gates are convolutions over"
            " images; only layers whose gates are matrices can be shown: choose a file with an RNN,"
            " LSTM or GRU.",
            name=shown(source.name),
            layers=shown(", ".join(convolution), 120),
        )
    if own := list(dict.fromkeys(kind for node in found for kind in _own_classes(node))):
        return ModelError(
            "“{name}” holds layers of the classes {classes}, whose code alone says what they"
            " compute; where you know the gates, save their arrays under the names gate.role, as in"
            ' np.savez("model.npz", **arrays) with arrays["forget.x"] of (unit, input).',
            name=shown(source.name),
            classes=shown(", ".join(own), 120),
        )
    kinds = dict.fromkeys(node.kind for node in nodes.values())
    return ModelError(
        "“{name}” should hold an RNN, LSTM or GRU layer of Keras, but it holds {came}; choose a"
        " file with a recurrent network.",
        name=shown(source.name),
        came=shown(", ".join(kinds) or "none", 120),
    )


def _classes(node: KerasNode) -> Iterator[str]:
    """The layer's class and those of the layers inside it."""
    yield node.kind
    for inner in _inside(node.config):
        yield layer_kind(inner)


def _inside(config: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    for key in ("layer", "backward_layer", "cell", "cells"):
        found = config.get(key) if isinstance(config, dict) else None
        for each in found if isinstance(found, list) else [found]:
            if isinstance(each, dict) and "class_name" in each and depth < 5:
                yield each
                yield from _inside(each.get("config"), depth + 1)


def _own_classes(node: KerasNode) -> Iterator[str]:
    """Classes that are none of Keras' own: of another package, or named like a recurrent one."""
    own = {*RECURRENT, *CELL_KINDS, "StackedRNNCells", "TimeDistributed"}
    for kind in _classes(node):
        if ">" in kind or (kind not in own and _RECURRENT.search(kind)):
            yield kind
