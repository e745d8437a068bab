"""Takes a road: a layer's signals, each (time, batch, unit), in its own reading order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import copy_context
from functools import partial
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels import numpy_kernels
from rnnviz.engine.kernels.select import Road
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.engine.kernels.workspace import Job, by_rows, by_steps, enter, prepare
from rnnviz.network.layer import Layer
from rnnviz.roads.order import ORDER


def travel(
    road: Road, layer: Layer, values: Array, states: Mapping[str, Array], dtype: np.dtype[Any]
) -> Array:
    """(signal, time, batch, unit) in the order of `ORDER`, this layer's by any road but "stepped".

    values  (time, batch, input), finite everywhere.
    states  before the first step, (batch, unit), of that type.
    """
    job = prepare(layer, values, states, dtype)
    with one_thread(road.one_thread):
        if road.name != "fused" or not _fused(job):
            _shared(enter, by_steps(job, road.shares))
            compiled = partial(_compiled, paired=road.paired)
            run = compiled if road.name == "compiled" else numpy_kernels.run
            _shared(run, by_rows(job, road.shares))
    return job.whole


def _shared(run: Callable[[Job], None], jobs: list[Job]) -> None:
    """Each part on a thread of its own: no row waits for another at a step."""
    if len(jobs) == 1:
        run(jobs[0])
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(jobs)) as pool:
        # NumPy's error state goes with the context.
        done = [pool.submit(copy_context().run, run, job) for job in jobs]
    for one in done:
        one.result()


def _compiled(job: Job, paired: bool) -> None:
    from rnnviz.engine.kernels import numba_kernels

    numba_kernels.run(job, paired)


def _fused(job: Job) -> bool:
    """Whether Torch's way held."""
    from rnnviz.engine.kernels import torch_lstm

    return torch_lstm.run(job)


def by_name(layer: Layer, whole: Array) -> dict[str, Array]:
    """The signals by name, views into the whole, in the order in which the cell lists them."""
    named = dict(zip(ORDER[layer.cell], whole, strict=True))
    return {signal.name: named[signal.name] for signal in layer.kind.signals}
