"""Takes a road: a layer's signals, each (time, batch, unit), in its own reading order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import numpy as np

from rnnviz.frozen import Array
from rnnviz.model import Layer
from rnnviz.roads import in_place
from rnnviz.roads.choose import Road
from rnnviz.roads.job import Job, enter, parts, prepare
from rnnviz.roads.order import ORDER
from rnnviz.roads.threads import one_thread


def travel(
    road: Road, layer: Layer, values: Array, states: Mapping[str, Array], dtype: np.dtype[Any]
) -> Array:
    """(signal, time, batch, unit) in the order of `ORDER`, this layer's by any road but "stepped".

    values  (time, batch, input), finite everywhere.
    states  before the first step, (batch, unit), of that type.
    """
    with one_thread(road.one_thread and road.shares == 1):
        job = prepare(layer, values, states, dtype)
    with one_thread(road.one_thread):
        if road.name != "fused" or not _fused(job):
            _shared(_compiled if road.name == "compiled" else in_place.run, job, road.shares)
    return job.whole


def _shared(run: Callable[[Job], None], job: Job, shares: int) -> None:
    """Each part of the rows on a thread of its own: none waits for another at a step."""
    if shares == 1:
        run(job)
        return
    with ThreadPoolExecutor(shares) as pool:
        # NumPy's error state goes with the context.
        done = [pool.submit(copy_context().run, run, part) for part in parts(job, shares)]
    for one in done:
        one.result()


def _compiled(job: Job) -> None:
    from rnnviz.roads import compiled

    compiled.run(job)


def _fused(job: Job) -> bool:
    """Whether Torch's way held; if not, the job is as it was."""
    from rnnviz.roads import fused

    agrees = fused.run(job)
    if not agrees:
        enter(job)
    return agrees


def by_name(layer: Layer, whole: Array) -> dict[str, Array]:
    """The signals by name, views into the whole, in the order in which the cell lists them."""
    named = dict(zip(ORDER[layer.cell], whole, strict=True))
    return {signal.name: named[signal.name] for signal in layer.kind.signals}
