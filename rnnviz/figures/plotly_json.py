"""Figures for a page: Plotly's JSON with its arrays in base64 and its template in place."""

from __future__ import annotations

import base64
from hashlib import blake2b
from typing import Any

import numpy as np
from plotly.basedatatypes import BaseFigure

from rnnviz.core.arrays import Array
from rnnviz.core.resources import asset

# Data and layout as Plotly.js reads them; arrays may still be NumPy's.
PlotlyJson = dict[str, Any]


class PageFigure(BaseFigure):  # type: ignore[misc]
    """Plotly figure of a dictionary that is sent as it stands.

    A `go.Figure` looks at every property when it is made and again when it is copied: a tenth of a
    second for six heatmaps. This one is for the page; notebooks get a `go.Figure`.
    """

    def __init__(self, plotly_json: PlotlyJson) -> None:
        self._plotly_json = plotly_json

    def to_dict(self) -> PlotlyJson:
        """Plotly's JSON itself; who changes it changes the figure."""
        return self._plotly_json


def to_page(figure: PlotlyJson) -> PageFigure:
    """Figure for the page, which Plotly draws once.

    >>> to_page({"data": [{"type": "bar", "y": np.array([1, 2], "u1")}]}).to_dict()["data"]
    [{'type': 'bar', 'y': {'dtype': 'u1', 'bdata': 'AQI='}}]
    """
    plain = _in_base64(figure)
    # A page hands Plotly every figure twice: the second time it compares this, not the arrays.
    revision = blake2b(repr(plain).encode(), digest_size=8).hexdigest()
    layout = _without_template(plain.get("layout", {})) | {"datarevision": revision}
    return PageFigure(plain | {"layout": layout})


def _without_template(layout: dict[str, Any]) -> dict[str, Any]:
    """Layout merged with its template, which Plotly takes for another one every time it comes."""
    template = layout.get("template", {}).get("layout", {})
    merged = {name: part for name, part in layout.items() if name != "template"}
    for kind, default in template.items():
        given = [name for name in merged if name.startswith(kind)]
        if not isinstance(default, dict):
            merged.setdefault(kind, default)
        elif given or kind in ("xaxis", "yaxis"):
            merged |= {n: _merged(default, merged.get(n, {})) for n in given or [kind]}
    return merged


def _merged(default: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    both = {name for name in default if isinstance(given.get(name), dict)}
    return default | given | {name: _merged(default[name], given[name]) for name in both}


def _in_base64(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _in_base64(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_in_base64(value) for value in part]
    if isinstance(part, np.ndarray):
        return typed_array(part) if part.dtype.kind in "iuf" else part.tolist()
    return part


def typed_array(values: Array) -> dict[str, str]:
    """Array as Plotly reads it from base64: no number becomes text, NaN neither.

    >>> typed_array(np.array([1, 300]))["dtype"]
    'i2'
    """
    if values.dtype.kind in "iu" and values.dtype.itemsize == 8:
        values = values.astype(_narrowest(values))
    shape = {"shape": ", ".join(map(str, values.shape))} if values.ndim > 1 else {}
    return {
        "dtype": f"{values.dtype.kind}{values.dtype.itemsize}",
        "bdata": base64.b64encode(values.tobytes()).decode(),
        **shape,
    }


def _narrowest(values: Array) -> str:
    """The fewest bytes that hold these integers; a browser has none of eight."""
    low, high = values.min(initial=0), values.max(initial=0)
    limits = {kind: np.iinfo(kind) for kind in ("i1", "i2", "i4")}
    fitting = (kind for kind, limit in limits.items() if limit.min <= low and high <= limit.max)
    return next(fitting, "f8")


def plotly_script() -> str:
    """JavaScript that draws these figures in a page: Plotly's own build for pairs of axes.

    It takes a third of the bytes of the whole of Plotly, and is of the same version.
    """
    return asset("plotly", "plotly-cartesian.min.js").read_text("utf-8")
