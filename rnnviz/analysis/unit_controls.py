"""Controls of a search for units: what it finds where nothing can be found.

- Shifted features: the feature turned around the run by many steps, so that it keeps its own
  rhythm, and neighbouring steps stay alike, while its tie to the states is cut.
- Random labels: each token has a number drawn from the feature's own, always the same one; where
  numbers are read, a label is a random weighted sum of the step's numbers. J. Hewitt, P. Liang,
  "Designing and Interpreting Probes with Control Tasks", EMNLP 2019, section 2.
- Shuffled weights: the same network with the numbers within each of its arrays in random order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rnnviz.analysis.unit_sums import UnitSums
from rnnviz.core.arrays import Array
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model

N_CONTROLS = 19
N_SHUFFLED = 3
_TRIED, _MAX_ALIKE = 80, 0.3


@dataclass(frozen=True, eq=False)
class Shifts:
    """Features (time, feature), each with copies of itself turned around the run.

    features  less their mean.
    by        steps, by feature.
    """

    features: Array
    by: tuple[tuple[int, ...], ...]

    def window(self, start: int, stop: int) -> Array:
        """Features and then their shifted copies, feature by feature, (step, column)."""
        total = len(self.features)
        steps = np.arange(start, stop)
        copies = [
            self.features[(steps - shift) % total, feature]
            for feature, shifts in enumerate(self.by)
            for shift in shifts
        ]
        return np.column_stack([self.features[start:stop], *copies])

    @property
    def columns(self) -> list[range]:
        """Columns of the copies of each feature."""
        ends = np.cumsum([len(self.by), *map(len, self.by)]).tolist()
        return list(map(range, ends, ends[1:]))


def shifts_of(features: Array, generator: np.random.Generator) -> Shifts:
    """Shifts of features (time, feature) by a twentieth of the run or more.

    A shift that leaves a feature nearly as it was, as by a whole day, is no control and not taken,
    unless all are such.
    """
    centred = features - features.mean(axis=0)
    least = max(1, len(features) // 20)
    tried = generator.integers(least, len(features) - least, size=_TRIED)
    by = tuple(_apart(column, tried) for column in centred.T)
    return Shifts(centred, by)


def _apart(feature: Array, tried: Array) -> tuple[int, ...]:
    whole, taken = float(feature @ feature), []
    for shift in map(int, tried):
        alike = feature[shift:] @ feature[:-shift] + feature[:shift] @ feature[-shift:]
        if abs(alike) < _MAX_ALIKE * whole:
            taken.append(shift)
        if len(taken) == N_CONTROLS:
            return tuple(taken)
    return tuple(taken) or tuple(map(int, tried[:N_CONTROLS]))


def token_labels(features: Array, n_types: int, generator: np.random.Generator) -> Array:
    """Random numbers of the token types, (type, feature · control), drawn from each feature."""
    drawn = [generator.choice(column, size=(n_types, N_CONTROLS)) for column in features.T]
    return np.concatenate(drawn, axis=1)


def input_directions(sums: UnitSums, n_features: int, generator: np.random.Generator) -> Array:
    """Random weights of the inputs, over their spread, (input, feature · control)."""
    spread = np.sqrt(np.diag(sums.kind_squares) / sums.n - (sums.kind_sums / sums.n) ** 2)
    drawn = generator.normal(size=(len(spread), n_features * N_CONTROLS))
    return np.asarray(drawn / np.where(spread > 0, spread, 1)[:, None])


def shuffled_model(model: Model, generator: np.random.Generator) -> Model:
    """The model with the numbers within each array of its layers in random order."""
    return replace(model, layers=tuple(_shuffled(layer, generator) for layer in model.layers))


def _shuffled(layer: Layer, generator: np.random.Generator) -> Layer:
    weights = {
        name: generator.permutation(array.ravel()).reshape(array.shape)
        for name, array in layer.weights.items()
    }
    return replace(layer, weights=weights)
