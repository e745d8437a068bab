"""Which road a layer takes, and why: the only place that decides.

The order is what was measured (`python -m benchmarks engine`): a compiled step is never slower
than NumPy's, and without it Torch's fused forward wins only for one row of few units.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels import numpy_kernels
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.engine.kernels.workspace import ORDER, Job, by_rows, by_steps, enter, prepare
from rnnviz.network.layer import Layer

Name = Literal["stepped", "in_place", "compiled", "fused"]

# With less work and fewer steps a library that is not loaded yet costs more than it saves.
PAYS = 10**10
LONG = 50_000
# And below this nobody waits for NumPy: the same bits then come whatever is loaded.
SMALL = 10**6
# Threads that meet at every step: 16 s on busy cores for what one does in 94 ms (512 units).
FEW_UNITS = 1024
PAIRED_UNITS = 400
# Torch's forward is called once and recomputed; NumPy's calls cost more from here on.
FUSED_UNITS, FUSED_WORK = 128, 10**7
# Fewer rows than this make a product too thin to be worth a thread.
ROWS = 8
_OWN = {"lstm", "gru", "gru_reset_after", "rnn"}


@dataclass(frozen=True)
class Road:
    """A way to a layer's signals.

    reason      in words.
    one_thread  whether each product is best computed by one thread.
    shares      in how many parts the rows are read side by side, each on its own thread.
    paired      whether a second thread takes half of each product of a single row.
    """

    name: Name
    reason: str
    one_thread: bool = False
    shares: int = 1
    paired: bool = False


@dataclass(frozen=True)
class Libraries:
    """What there is to compute with.

    compiler  whether numba is "loaded", "installed" or "absent".
    torch     whether Torch was imported already; no road imports it first.
    """

    compiler: Literal["loaded", "installed", "absent"]
    torch: bool


def libraries() -> Libraries:
    """Those of this process now."""
    loaded = "numba" in sys.modules
    compiler: Literal["loaded", "installed", "absent"] = (
        "loaded" if loaded else "installed" if _has_compiler() else "absent"
    )
    return Libraries(compiler, hasattr(sys.modules.get("torch"), "inference_mode"))


def choose(layer: Layer, n_steps: int, n_rows: int, having: Libraries) -> Road:
    """The road for a layer that reads so many steps of so many rows.

    >>> import rnnviz as rv
    >>> layer = rv.random_model("lstm", 3, 5).layers[0]
    >>> choose(layer, 50, 1, Libraries("absent", False)).name
    'in_place'
    """
    if why := _own_equation(layer):
        return Road("stepped", why)
    shares = min(_cores(), max(1, n_rows // ROWS))
    one_thread = shares > 1 or layer.n_units <= FEW_UNITS
    work = n_steps * n_rows * _products(layer)
    if work < SMALL:
        return Road("in_place", "so small a job is the same whatever is loaded", one_thread, shares)
    pays = work >= PAYS or n_steps >= LONG
    if having.compiler == "loaded" or (having.compiler == "installed" and pays):
        paired = layer.cell_name == "lstm" and n_rows == 1 and _is_too_wide(layer)
        why = "numba is at hand and the cell has a compiled step"
        return Road("compiled", why, True, shares, paired)
    if having.torch and _is_fused_first(layer, n_rows, work):
        return Road("fused", "Torch is loaded, and one row of few units steps faster there", True)
    return Road("in_place", "the cell has a NumPy step without a copy", one_thread, shares)


def _own_equation(layer: Layer) -> str:
    """Why only the stepped road computes this layer, "" when others do."""
    if layer.cell_name not in _OWN:
        return "only the stepped road knows this cell"
    if layer.clip is not None:
        return "its drives are clipped"
    relu = layer.cell_name == "rnn" and layer.activations == {"hidden": "relu"}
    if layer.activations and not relu and not _is_usual(layer):
        return "its activations are not the cell's own"
    if any(layer.weights[f"{gate.name}.h"].ndim == 1 for gate in layer.cell.gates):
        return "its recurrence is one to one"
    return ""


def _is_too_wide(layer: Layer) -> bool:
    """Whether the recurrent weights are too many for one core's own cache."""
    return layer.n_units >= PAIRED_UNITS and _cores() > 1


def _is_fused_first(layer: Layer, n_rows: int, work: int) -> bool:
    few = n_rows == 1 and layer.n_units <= FUSED_UNITS
    return layer.cell_name == "lstm" and few and work >= FUSED_WORK


def _is_usual(layer: Layer) -> bool:
    own = {gate.name: gate.activation for gate in layer.cell.gates} | {
        "squash": layer.cell.cell_activation
    }
    return all(own[name] == chosen for name, chosen in layer.activations.items())


def _products(layer: Layer) -> int:
    """Multiplications at one step of one row."""
    return len(layer.cell.gates) * layer.n_units * (layer.n_inputs + layer.n_hidden)


@cache
def _cores() -> int:
    return os.cpu_count() or 1


@cache
def _has_compiler() -> bool:
    return find_spec("numba") is not None


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
    named = dict(zip(ORDER[layer.cell_name], whole, strict=True))
    return {signal.name: named[signal.name] for signal in layer.cell.signals}
