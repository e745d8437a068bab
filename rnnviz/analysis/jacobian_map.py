"""Jacobian of one step as a map: what each number after it takes from each number before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rnnviz.core.arrays import Array
from rnnviz.core.figured import Figured


@dataclass(frozen=True, eq=False)
class JacobianMap(Figured):
    """∂(states)/∂(states before) of one step, (state, state before).

    places  of each state among the joined ones.
    time    the step, counted from 0.
    """

    drawing: ClassVar[str] = "jacobian_map"
    values: Array
    places: Mapping[str, slice]
    time: int
    token: str
    is_trained: bool = True
