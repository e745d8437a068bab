"""Layers that a file holds twice: Paddle keeps `weight_ih_l0` beside the `0.cell.weight_ih` it is.

`paddle.nn.layer.rnn.RNNBase` registers the parameters of its cells under both names, those of a
bidirectional layer as `0.cell_fw.weight_ih` and `0.cell_bw.weight_ih`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from rnnviz.readers.recurrent import DirectionWeights, RecurrentModule


def without_copies(modules: tuple[RecurrentModule, ...]) -> tuple[RecurrentModule, ...]:
    """The modules without those that stand inside another one of the same numbers.

    >>> without_copies(())
    ()
    """
    by_path = {module.path: module for module in modules}
    copies: dict[str, set[str]] = {}
    for module in modules:
        for path in _paths_above(module.path):
            whole = by_path.get(path)
            if whole is not None and whole is not module and _holds(whole, module):
                copies.setdefault(path, set()).update(module.used)
                del by_path[module.path]
                break
    return tuple(
        replace(module, used=module.used | copies.get(module.path, set()))
        for module in modules
        if by_path.get(module.path) is module
    )


def _paths_above(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition(".")[0]
        yield path


def _holds(whole: RecurrentModule, part: RecurrentModule) -> bool:
    """True when every layer of the part is one of the whole's."""
    return whole.cells == part.cells and all(
        any(_are_equal(own, each) for own in whole.directions) for each in part.directions
    )


def _are_equal(first: DirectionWeights, second: DirectionWeights) -> bool:
    return first.weights.keys() == second.weights.keys() and all(
        np.array_equal(weight, second.weights[name]) for name, weight in first.weights.items()
    )
