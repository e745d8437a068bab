"""Choice of the kernel for a layer, with its reason, and the kernel's run.

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
from typing import Literal

from rnnviz.core.arrays import Array
from rnnviz.engine.kernels.known_hidden import run_known_hidden
from rnnviz.engine.kernels.numpy_kernels import run_numpy_kernel
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.engine.kernels.workspace import (
    BUFFERS,
    Workspace,
    allocate,
    load_input_products,
    split_rows,
    split_steps,
)
from rnnviz.engine.linear import Linear
from rnnviz.network.layer import Layer

KernelName = Literal["stepped", "in_place", "compiled", "fused"]

# With less work and fewer steps a library that is not loaded yet costs more than it saves.
NUMBA_MIN_WORK = 10**10
NUMBA_MIN_STEPS = 50_000
# And below this nobody waits for NumPy: the same bits then come whatever is loaded.
SMALL_WORK = 10**6
# Threads that meet at every step: 16 s on busy cores for what one does in 94 ms (512 units).
ONE_THREAD_MAX_UNITS = 1024
TWO_THREADS_MIN_UNITS = 400
# Torch's forward is called once and recomputed; NumPy's calls cost more from here on.
TORCH_MAX_UNITS, TORCH_MIN_WORK = 128, 10**7
# Fewer rows than this make a product too thin to be worth a thread.
MIN_ROWS_PER_THREAD = 8


@dataclass(frozen=True)
class Kernel:
    """A way to compute a layer's signals.

    reason       in words.
    one_thread   whether each product is best computed by one thread.
    n_threads    parts of the rows that are read side by side, each on its own thread.
    two_threads  whether a second thread takes half of each product of a single row.
    """

    name: KernelName
    reason: str
    one_thread: bool = False
    n_threads: int = 1
    two_threads: bool = False


@dataclass(frozen=True)
class Libraries:
    """Libraries to compute with beside NumPy.

    numba  "loaded", "installed" or "absent".
    torch  whether Torch was imported already; no kernel imports it first.
    cores  to share rows between; None for all that this process may run on.
    """

    numba: Literal["loaded", "installed", "absent"]
    torch: bool
    cores: int | None = None


def available_libraries() -> Libraries:
    """Libraries of this process as it is now."""
    numba: Literal["loaded", "installed", "absent"] = "installed" if _has_numba() else "absent"
    if "numba" in sys.modules:
        numba = "loaded"
    return Libraries(numba, hasattr(sys.modules.get("torch"), "inference_mode"))


def select_kernel(layer: Layer, n_steps: int, n_rows: int, available: Libraries) -> Kernel:
    """Kernel for a layer that reads so many steps of so many rows.

    >>> import rnnviz as rv
    >>> layer = rv.random_model("lstm", 3, 5).layers[0]
    >>> select_kernel(layer, 50, 1, Libraries("absent", False)).name
    'in_place'
    """
    if why := _why_stepped(layer):
        return Kernel("stepped", why)
    n_threads = min(available.cores or _cores(), max(1, n_rows // MIN_ROWS_PER_THREAD))
    one_thread = n_threads > 1 or layer.n_units <= ONE_THREAD_MAX_UNITS
    work = n_steps * n_rows * _products(layer)
    if work < SMALL_WORK:
        return Kernel(
            "in_place", "so small a job is the same whatever is loaded", one_thread, n_threads
        )
    pays = work >= NUMBA_MIN_WORK or n_steps >= NUMBA_MIN_STEPS
    if available.numba == "loaded" or (available.numba == "installed" and pays):
        two_threads = layer.cell_name == "lstm" and n_rows == 1 and _exceeds_cache(layer)
        why = "numba is at hand and the cell has a compiled step"
        return Kernel("compiled", why, True, n_threads, two_threads)
    if available.torch and _suits_torch(layer, n_rows, work):
        return Kernel("fused", "Torch is loaded, and one row of few units steps faster there", True)
    return Kernel("in_place", "the cell has a NumPy step without a copy", one_thread, n_threads)


def _why_stepped(layer: Layer) -> str:
    """Why no other kernel than "stepped" computes this layer, "" when others do."""
    if layer.cell_name not in BUFFERS:
        return "only the stepped kernel knows this cell"
    if layer.clip is not None:
        return "its preactivations are clipped"
    relu = layer.cell_name == "rnn" and layer.activations == {"hidden": "relu"}
    if layer.activations and not relu and not _has_default_activations(layer):
        return "its activations are not the cell's own"
    if any(layer.weights[f"{gate.name}.h"].ndim == 1 for gate in layer.cell.gates):
        return "its recurrence is one to one"
    return ""


def _exceeds_cache(layer: Layer) -> bool:
    """True when the recurrent weights are too many for one core's own cache."""
    return layer.n_units >= TWO_THREADS_MIN_UNITS and _cores() > 1


def _suits_torch(layer: Layer, n_rows: int, work: int) -> bool:
    few = n_rows == 1 and layer.n_units <= TORCH_MAX_UNITS
    return layer.cell_name == "lstm" and few and work >= TORCH_MIN_WORK


def _has_default_activations(layer: Layer) -> bool:
    return layer.activation_names == layer.cell.default_activations


def _products(layer: Layer) -> int:
    """Multiplications at one step of one row."""
    return len(layer.cell.gates) * layer.n_units * (layer.n_inputs + layer.n_hidden)


@cache
def _cores() -> int:
    """Cores that this process may run on: `taskset` and containers give fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _has_numba() -> bool:
    return find_spec("numba") is not None


def run_kernel(
    kernel: Kernel,
    linear: Linear,
    values: Array,
    initial: Mapping[str, Array],
    hidden: Array | None = None,
) -> Array:
    """Buffers (signal, time, batch, unit) in the order of `BUFFERS`, by any kernel but "stepped".

    linear   of the layer.
    values   (time, batch, input) in reading order, finite everywhere.
    initial  states before the first step, (batch, unit), of the linear part's type.
    hidden   h of every step where it is known, (time, batch, unit) in reading order.
    """
    workspace, is_lstm = allocate(linear, values, initial), linear.layer.cell_name == "lstm"
    if hidden is not None and is_lstm and _run_known(kernel, workspace, hidden):
        return workspace.buffers
    if kernel.name == "compiled" and is_lstm:
        return _run_compiled_lstm(kernel, workspace)
    with one_thread(kernel.one_thread):
        if kernel.name != "fused" or not _run_fused(workspace):
            _in_threads(load_input_products, split_steps(workspace, kernel.n_threads))
            _in_threads(_row_kernel(kernel), split_rows(workspace, kernel.n_threads))
    return workspace.buffers


def _run_known(kernel: Kernel, workspace: Workspace, hidden: Array) -> bool:
    with one_thread(kernel.one_thread):
        return run_known_hidden(workspace, hidden)


def _run_compiled_lstm(kernel: Kernel, workspace: Workspace) -> Array:
    """The compiled LSTM, which takes the input's products too and calls no library for them."""
    from rnnviz.engine.kernels.numba_lstm import run_numba_lstm

    work = partial(run_numba_lstm, two_threads=kernel.two_threads)
    _in_threads(work, split_rows(workspace, kernel.n_threads))
    return workspace.buffers


def _in_threads(work: Callable[[Workspace], None], workspaces: list[Workspace]) -> None:
    """Each workspace on a thread of its own: no row waits for another at a step."""
    if len(workspaces) == 1:
        work(workspaces[0])
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(workspaces)) as pool:
        # NumPy's error state goes with the context.
        futures = [pool.submit(copy_context().run, work, workspace) for workspace in workspaces]
    for future in futures:
        future.result()


def _row_kernel(kernel: Kernel) -> Callable[[Workspace], None]:
    if kernel.name != "compiled":
        return run_numpy_kernel
    from rnnviz.engine.kernels.numba_kernels import run_numba_kernel

    return run_numba_kernel


def _run_fused(workspace: Workspace) -> bool:
    from rnnviz.engine.kernels.torch_lstm import run_torch_lstm

    return run_torch_lstm(workspace)


def signals_by_name(layer: Layer, buffers: Array) -> dict[str, Array]:
    """Signals by name, views into the buffers, in the order in which the cell lists them."""
    named = dict(zip(BUFFERS[layer.cell_name], buffers, strict=True))
    return {signal.name: named[signal.name] for signal in layer.cell.signals}
