"""Means, squares and products of units and features over many steps; two parts' moments add up.

    δ = m_b − m_a,  m = m_a + δ n_b/n,  M = M_a + M_b + δ δᵀ n_a n_b/n

T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing
Sample Variances", COMPSTAT 1982. Every window is counted from its own mean, so that a corpus of any
length loses nothing to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from rnnviz.core.arrays import Array

_THINNED = 64


@dataclass(frozen=True, eq=False)
class StepFeatures:
    """Features and tokens of a window's steps, which all its signals share.

    n        steps that are counted, `is_counted` (step,).
    around   features (step, feature) from near their mean, 0 at steps that are not counted, and
             `rest`, their sums (feature,).
    mean     (feature,); `squares`, Σ(f − f̄)² (feature,).
    ids      numbers of the tokens, (step,); `counts`, how many of each (token,).
    """

    n: int
    is_counted: Array
    around: Array
    rest: Array
    mean: Array
    squares: Array
    ids: Array
    counts: Array

    @staticmethod
    def of(features: Array, ids: Array, n_tokens: int, is_counted: Array) -> StepFeatures:
        """Features (step, feature) and token numbers (step,) of the steps that are counted."""
        n = int(is_counted.sum())
        weights = is_counted.astype(features.dtype)
        near = (weights @ features) / features.dtype.type(n)
        around = (features - near) * weights[:, None]
        rest = around.sum(axis=0, dtype=float)
        squares = np.einsum("tf,tf->f", around, around).astype(float) - rest**2 / n
        counts = np.bincount(ids[is_counted], minlength=n_tokens).astype(float)
        return StepFeatures(n, is_counted, around, rest, near + rest / n, squares, ids, counts)


@dataclass(frozen=True, eq=False)
class StateSums:
    """Sums over a window's states, counted from near their mean.

    near     (unit,).
    squares  Σ(s − near)², (unit,).
    tokens   Σ(s − near) over the steps of each token, (token, unit).
    """

    near: Array
    squares: Array
    tokens: Array

    @staticmethod
    def of(states: Array, features: StepFeatures) -> StateSums:
        """Sums of states (step, unit) at the steps that are counted."""
        kept = features.is_counted
        counted, ids = (states, features.ids) if kept.all() else (states[kept], features.ids[kept])
        near = near_mean(states)
        around = counted - near
        squares = np.einsum("tu,tu->u", around, around).astype(float)
        return StateSums(near, squares, _by_token(around, ids, len(features.counts)))


def near_mean(states: Array) -> Array:
    """About the mean of states (step, unit): sums from there lose nothing to rounding."""
    return np.asarray(states[::_THINNED].mean(axis=0))


@dataclass(frozen=True, eq=False)
class Moments:
    """Moments over steps of states (step, unit), features (step, feature) and tokens.

    n          steps.
    mean       (unit,); `squares`, Σ(s − s̄)² (unit,).
    features   their mean (feature,); `feature_squares`, Σ(f − f̄)² (feature,).
    products   Σ(s − s̄)(f − f̄), (unit, feature).
    tokens     Σ s over the steps of each token, (token, unit); `counts`, how many (token,).
    """

    n: int
    mean: Array
    squares: Array
    features: Array
    feature_squares: Array
    products: Array
    tokens: Array
    counts: Array

    @staticmethod
    def empty(n_units: int, n_features: int, n_tokens: int) -> Moments:
        """Moments of no step."""
        units, features = np.zeros(n_units), np.zeros(n_features)
        products, tokens = np.zeros((n_units, n_features)), np.zeros((n_tokens, n_units))
        counts = np.zeros(n_tokens)
        return Moments(0, units, units, features, features, products, tokens, counts)

    @staticmethod
    def of(states: Array, features: StepFeatures, sums: StateSums) -> Moments:
        """Moments of a window of states (step, unit), from sums of them."""
        shift = sums.tokens.sum(axis=0) / features.n
        mean = sums.near + shift
        return Moments(
            features.n,
            mean,
            sums.squares - features.n * shift**2,
            features.mean,
            features.squares,
            (states.T @ features.around).astype(float) - np.outer(mean, features.rest),
            sums.tokens + features.counts[:, None] * sums.near,
            features.counts,
        )

    def __add__(self, other: Moments) -> Moments:
        n = self.n + other.n
        if not n:
            return self
        part, weight = other.n / n, self.n * other.n / n
        units, features = other.mean - self.mean, other.features - self.features
        return Moments(
            n,
            self.mean + units * part,
            self.squares + other.squares + weight * units**2,
            self.features + features * part,
            self.feature_squares + other.feature_squares + weight * features**2,
            self.products + other.products + weight * np.outer(units, features),
            self.tokens + other.tokens,
            self.counts + other.counts,
        )

    @property
    def correlations(self) -> Array:
        """Correlation of units with features, (unit, feature); 0 where one is constant."""
        return _correlation(self.products, self.squares, self.feature_squares)

    def label_correlations(self, labels: Array) -> Array:
        """Correlation of every unit with numbers (token, label) of the tokens, (unit, label)."""
        mean = self.counts @ labels / max(self.n, 1)
        around = labels - mean
        own = self.tokens - self.counts[:, None] * self.mean
        return _correlation(own.T @ around, self.squares, self.counts @ around**2)

    def arrays(self) -> dict[str, Array]:
        """All arrays by name, but the number of steps."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "n"}


def _by_token(states: Array, ids: Array, n_tokens: int) -> Array:
    order = np.argsort(ids, kind="stable")
    firsts = np.flatnonzero(np.diff(ids[order], prepend=-1))
    sums = np.zeros((n_tokens, states.shape[1]))
    sums[ids[order[firsts]]] = np.add.reduceat(states[order], firsts, axis=0, dtype=float)
    return sums


def _correlation(products: Array, squares: Array, feature_squares: Array) -> Array:
    size = np.sqrt(np.outer(squares, np.maximum(feature_squares, 0)))
    found = np.divide(products, size, out=np.zeros_like(products), where=size > 0)
    return np.asarray(np.clip(found, -1, 1))
