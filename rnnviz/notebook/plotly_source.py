"""Plotly's script for a frame: packed, and where the same file is on the network."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from functools import cache
from typing import NamedTuple

from rnnviz.figures.plotly_json import plotly_script


class PlotlySource(NamedTuple):
    """Address of the file that this package brings, in npm's package, and its hash.

    integrity  as a browser checks it, "sha384-…".
    """

    address: str
    integrity: str


@cache
def plotly_source() -> PlotlySource:
    """Where a frame without a kernel finds the very same file.

    >>> plotly_source().address.startswith("https://cdn.jsdelivr.net/npm/plotly.js-cartesian-dist")
    True
    """
    script = plotly_script()
    version = re.search(r" v([\d.]+)", script)
    assert version is not None
    folder = f"plotly.js-cartesian-dist-min@{version[1]}/plotly-cartesian.min.js"
    digest = base64.b64encode(hashlib.sha384(script.encode()).digest()).decode()
    return PlotlySource(f"https://cdn.jsdelivr.net/npm/{folder}", f"sha384-{digest}")


@cache
def packed_plotly() -> bytes:
    """The script, packed by gzip, a third of its size."""
    return packed(plotly_script())


def packed(text: str) -> bytes:
    """Text as a browser unpacks it; equal texts give equal bytes."""
    return gzip.compress(text.encode(), mtime=0)
