"""Takes a road: a layer's signals, each (time, batch, unit), in its own reading order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnviz.frozen import Array
from rnnviz.model import Layer
from rnnviz.roads import in_place
from rnnviz.roads.choose import Road
from rnnviz.roads.job import enter, prepare
from rnnviz.roads.order import ORDER
from rnnviz.roads.threads import one_thread


def travel(
    road: Road, layer: Layer, values: Array, states: Mapping[str, Array], dtype: np.dtype[Any]
) -> Array:
    """(signal, time, batch, unit) in the order of `ORDER`, this layer's by any road but "stepped".

    values  (time, batch, input), finite everywhere.
    states  before the first step, (batch, unit), of that type.
    """
    with one_thread(road.one_thread):
        job = prepare(layer, values, states, dtype)
        if road.name == "compiled":
            from rnnviz.roads import compiled

            compiled.run(job)
        elif road.name == "fused":
            from rnnviz.roads import fused

            if not fused.run(job):
                enter(job)
                in_place.run(job)
        else:
            in_place.run(job)
    return job.whole


def by_name(layer: Layer, whole: Array) -> dict[str, Array]:
    """The signals by name, views into the whole, in the order in which the cell lists them."""
    named = dict(zip(ORDER[layer.cell], whole, strict=True))
    return {signal.name: named[signal.name] for signal in layer.kind.signals}
