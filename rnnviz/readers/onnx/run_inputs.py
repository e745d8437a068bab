"""Inputs for a run of a file: numbers that fit what it declares, with many steps and one row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Literal, NamedTuple

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.readers.onnx.graph import Scope
from rnnviz.readers.onnx.tensor import NUMPY

InputRole = Literal["numbers", "ids", "lengths", "zeros"]
_MAX_NUMBERS = 4_000_000
_MAX_AXES = 8
_MAX_GROUPS = 6


class RunInput(NamedTuple):
    """One input of a graph.

    shape   of its axes the length, or the name of one that is free.
    role    "numbers" of noise, "ids" below a bound, "lengths" of rows, "zeros" for initial states.
    bound   ids are below it.
    """

    name: str
    kind: int
    shape: tuple[int | str, ...]
    role: InputRole
    bound: int = 2

    def with_features(self, n_features: int) -> RunInput:
        """The input with so many numbers on its last axis, where that is free."""
        is_free = bool(self.shape) and isinstance(self.shape[-1], str)
        return self._replace(shape=(*self.shape[:-1], n_features)) if is_free else self


def run_inputs(
    scope: Scope, roles: Mapping[str, InputRole], bounds: Mapping[str, int]
) -> list[RunInput]:
    """The inputs of a graph that have no value in the file.

    roles   of those that are more than numbers.
    bounds  of those whose numbers pick rows of a matrix.
    """
    given = {n: t for n, t in scope.inputs.items() if n not in scope.tensors and t is not None}
    found = []
    for name, declared in given.items():
        dims = declared.tensor_type.shape.dim[:_MAX_AXES]
        shape = tuple(
            int(d.dim_value) if d.dim_value > 0 else str(d.dim_param or f"{name} {axis}")
            for axis, d in enumerate(dims)
        )
        role = roles.get(name, "ids" if name in bounds else "numbers")
        found.append(
            RunInput(name, declared.tensor_type.elem_type, shape, role, bounds.get(name, 2))
        )
    return found


def trials(inputs: tuple[RunInput, ...], n_steps: int) -> Iterator[tuple[dict[str, int], int]]:
    """Lengths of the free axes to try, and the steps they mean: which one is time is not said."""
    shapes = [axis for each in inputs if each.role != "zeros" for axis in each.shape]
    free = list(dict.fromkeys(axis for axis in shapes if isinstance(axis, str)))[:_MAX_GROUPS]
    for name in free:
        yield {name: n_steps}, n_steps
    if free:
        yield dict.fromkeys(free, n_steps), n_steps
    fixed = dict.fromkeys(axis for axis in shapes if isinstance(axis, int))
    for length in sorted(fixed, reverse=True)[:_MAX_GROUPS]:
        yield {}, length


def feed(
    inputs: tuple[RunInput, ...], lengths: Mapping[str, int], n_steps: int, n_rows: int
) -> dict[str, Array]:
    """Numbers for every input, an axis without a length that of rows; ValueError for too many."""
    rng = np.random.default_rng(1)
    made = {}
    for each in inputs:
        shape = tuple(n if isinstance(n, int) else lengths.get(n, n_rows) for n in each.shape)
        if prod(shape) > _MAX_NUMBERS:
            raise ValueError(shape)
        made[each.name] = _numbers(each, shape, n_steps, rng)
    return made


def _numbers(
    given: RunInput, shape: tuple[int, ...], n_steps: int, rng: np.random.Generator
) -> Array:
    kind = NUMPY[given.kind]
    if given.role == "zeros":
        return np.zeros(shape, kind)
    if given.role == "lengths":
        return np.full(shape, n_steps, kind)
    if kind.kind == "f":
        return rng.normal(size=shape).astype(kind)
    if kind.kind == "b":
        return np.ones(shape, kind)
    return rng.integers(0, given.bound, shape).astype(kind)
