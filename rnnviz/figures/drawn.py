"""A figure as the plain dictionary it is, and where its parts stand."""

from __future__ import annotations

import base64
from collections.abc import Sequence as Row
from hashlib import blake2b
from itertools import accumulate
from typing import Any

import numpy as np
from plotly.basedatatypes import BaseFigure

from rnnviz.frozen import Array


class Drawn(BaseFigure):  # type: ignore[misc]
    """What Plotly draws from a dictionary that is sent as it stands, arrays in base64.

    A `go.Figure` looks at every property when it is made and again when it is copied: a tenth of a
    second for six heatmaps. This one is for the page; notebooks get a `go.Figure` of the same.

    >>> Drawn({"data": [{"type": "bar", "y": np.array([1, 2], "u1")}]}).to_dict()["data"]
    [{'type': 'bar', 'y': {'dtype': 'u1', 'bdata': 'AQI='}}]
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        plain = _typed(spec)
        layout = _settled(plain.get("layout", {}))
        # A page hands Plotly every figure twice: the second time it compares this, not the arrays.
        revision = blake2b(repr(plain).encode(), digest_size=8).hexdigest()
        self._spec = plain | {"layout": layout | {"datarevision": revision}}

    def to_dict(self) -> dict[str, Any]:
        """The dictionary itself; who changes it changes the figure."""
        return self._spec  # type: ignore[no-any-return]


def _settled(layout: dict[str, Any]) -> dict[str, Any]:
    """A layout without a template, which Plotly takes for another one every time it comes."""
    template = layout.get("template", {}).get("layout", {})
    rest = {name: part for name, part in layout.items() if name != "template"}
    for kind in template:
        for name in [name for name in rest if name.startswith(kind)] or [kind]:
            rest[name] = template[kind] | rest.get(name, {})
    return rest


def _typed(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _typed(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_typed(value) for value in part]
    return typed(part) if isinstance(part, np.ndarray) else part


def typed(values: Array) -> dict[str, str]:
    """An array as Plotly reads it from base64: no number becomes text, NaN neither."""
    shape = {"shape": ", ".join(map(str, values.shape))} if values.ndim > 1 else {}
    return {
        "dtype": f"{values.dtype.kind}{values.dtype.itemsize}",
        "bdata": base64.b64encode(values.tobytes()).decode(),
        **shape,
    }


def domains(shares: Row[float], gap: float) -> list[list[float]]:
    """Begin and end of parts side by side on 0…1, of these shares, a gap between them.

    >>> domains([0.75, 0.25], 0.2)
    [[0.0, 0.6], [0.8, 1.0]]
    """
    room = 1 - gap * (len(shares) - 1)
    ends = list(accumulate(room * share / sum(shares) for share in shares))
    starts = [0.0, *ends[:-1]]
    parts = enumerate(zip(starts, ends, strict=True))
    return [[round(low + i * gap, 9), round(high + i * gap, 9)] for i, (low, high) in parts]


def numbered(number: int) -> str:
    """What the axes of the first part, the second, … end on: nothing, 2, …"""
    return "" if number == 1 else str(number)
