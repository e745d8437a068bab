"""Sums over a long run from which correlations and linear fits come; two parts' sums add up.

    r = Σ(s − s̄)(f − f̄) / √(Σ(s − s̄)² Σ(f − f̄)²)
    w = (Σ(s − s̄)(s − s̄)ᵀ + λ N diag(var s))⁻¹ Σ(s − s̄)(f − f̄)

A. E. Hoerl, R. W. Kennard, "Ridge Regression: Biased Estimation for Nonorthogonal Problems",
Technometrics 12 (1970).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.core.arrays import Array

RIDGE = 1e-3


@dataclass(frozen=True, eq=False)
class UnitSums:
    """Sums over steps of states s (step, unit) and features f (step, feature).

    Both are counted from an origin near their mean, the same for all that is added, so that
    nothing is lost to rounding.

    n         steps.
    states    Σ s (unit,); squares, Σ s sᵀ (unit, unit).
    features  Σ f (feature,); their squares, Σ f² (feature,).
    products  Σ s f (unit, feature).
    kinds     what was read: (kind, unit), Σ s over the steps of each token of a text; of numbers
              x (step, kind) it is Σ x s.
    kind_sums     Σ x (kind,), for a text the number of each token.
    kind_squares  Σ x xᵀ (kind, kind), for a text its diagonal.
    """

    n: int
    states: Array
    squares: Array
    features: Array
    feature_squares: Array
    products: Array
    kinds: Array
    kind_sums: Array
    kind_squares: Array

    @staticmethod
    def of(states: Array, features: Array, read: Array, n_kinds: int) -> UnitSums:
        """Sums over one window.

        read  ids of tokens (step,) of `n_kinds`, or numbers (step, n_kinds).
        """
        kinds = _by_token(states, read, n_kinds) if read.ndim == 1 else _by_number(states, read)
        return UnitSums(
            len(states),
            states.sum(axis=0, dtype=float),
            (states.T @ states).astype(float),
            features.sum(axis=0, dtype=float),
            (features**2).sum(axis=0, dtype=float),
            (states.T @ features).astype(float),
            *kinds,
        )

    def __add__(self, other: UnitSums) -> UnitSums:
        return UnitSums(*(getattr(self, n) + getattr(other, n) for n in self.__dataclass_fields__))

    @property
    def covariance(self) -> Array:
        """Σ(s − s̄)(s − s̄)ᵀ, (unit, unit)."""
        return np.asarray(self.squares - np.outer(self.states, self.states) / self.n)

    @property
    def spread(self) -> Array:
        """Σ(s − s̄)², (unit,); 0 for a unit that does not vary beyond rounding."""
        raw = np.diag(self.squares)
        own = raw - self.states**2 / self.n
        return np.where(own > 1e-10 * np.maximum(raw, 1e-300), own, 0)

    def crossed(self) -> tuple[Array, Array]:
        """Σ(s − s̄)(f − f̄) (unit, feature) and Σ(f − f̄)² (feature,)."""
        with_features = self.products - np.outer(self.states, self.features) / self.n
        return with_features, self.feature_squares - self.features**2 / self.n

    def crossed_with_labels(self, labels: Array) -> tuple[Array, Array]:
        """The two sums of `crossed` for features that are a weighted sum of the kinds.

        labels  (kind, label), the number of each token, or the weight of each number.
        """
        total = self.kind_sums @ labels
        weighted = self.kind_squares @ labels**2
        if self.kind_squares.ndim == 2:
            weighted = np.einsum("kl,kl->l", labels, self.kind_squares @ labels)
        with_labels = self.kinds.T @ labels - np.outer(self.states, total / self.n)
        return with_labels, weighted - total**2 / self.n


def _by_token(states: Array, ids: Array, n_kinds: int) -> tuple[Array, Array, Array]:
    order = np.argsort(ids, kind="stable")
    firsts = np.flatnonzero(np.diff(ids[order], prepend=-1))
    sums = np.zeros((n_kinds, states.shape[1]))
    sums[ids[order[firsts]]] = np.add.reduceat(states[order], firsts, axis=0)
    counts = np.bincount(ids, minlength=n_kinds).astype(float)
    return sums, counts, counts


def _by_number(states: Array, numbers: Array) -> tuple[Array, Array, Array]:
    numbers = numbers.astype(float)
    return numbers.T @ states.astype(float), numbers.sum(axis=0), numbers.T @ numbers


def correlation(crossed: tuple[Array, Array], spread: Array) -> Array:
    """Correlation of each unit with each feature, (unit, feature); 0 where either is constant."""
    products, squares = crossed
    size = np.sqrt(np.outer(spread, np.maximum(squares, 0)))
    return np.asarray(np.divide(products, size, out=np.zeros_like(products), where=size > 0))


def ridge(sums: UnitSums, products: Array) -> Array:
    """Weights (unit, feature) of the ridge fit to the features of these products (unit, feature).

    λ is 0.001 of each unit's own variance; a unit that does not vary has weight 0.
    """
    spread, weights = sums.spread, np.zeros_like(products)
    moving = spread > 0
    scale = np.sqrt(spread[moving])[:, None]
    matrix = sums.covariance[np.ix_(moving, moving)] / (scale * scale.T)
    matrix += RIDGE * np.eye(len(matrix))
    weights[moving] = np.linalg.solve(matrix, products[moving] / scale) / scale
    return weights


def fitted_correlation(weights: Array, sums: UnitSums, crossed: tuple[Array, Array]) -> Array:
    """Correlation of fits (unit, feature) with their features on other steps, (feature,)."""
    products, squares = crossed
    own = np.einsum("uf,uf->f", weights, sums.covariance @ weights)
    size = np.sqrt(np.maximum(own, 0) * np.maximum(squares, 0))
    said = np.einsum("uf,uf->f", weights, products)
    return np.asarray(np.divide(said, size, out=np.zeros_like(said), where=size > 0))
