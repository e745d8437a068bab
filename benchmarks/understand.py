"""What opens a network's dynamics, against its bars: Jacobians, gradients, exponents, points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import rnnviz as rv
from benchmarks.timing import Timed, head, interleaved, machine, row, verdict
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.train import preset

STEPS, UNITS, INPUTS = 200, 128, 1
_SECONDS = 8.0


@dataclass(frozen=True)
class Bar:
    """What is timed, and the milliseconds it may take."""

    name: str
    timed: Timed
    most: float


def main() -> None:
    """Print a table: median milliseconds, and how many times those of one product of matrices
    (unit, unit) for each step, which ran in turn with them."""
    print(machine())
    print(f"{STEPS} steps, {UNITS} units, {INPUTS} input, float64\n")
    print(head("", "bar, ms", "median, ms", "× one product a step", ""))
    for bar in [one for cell in ("lstm", "gru_reset_after", "gru") for one in _of_cell(cell)]:
        _print(bar)
    _print(_of_patches())
    model = preset("flip_flop_gru").model()
    found = rv.fixed_points(model)
    right = dict(found.counts) == {0: 8, 1: 12, 2: 6, 3: 1}
    _print(Bar(f"flip_flop_gru: {found}", lambda: rv.fixed_points(model), 3000), right)


def _of_cell(cell: str) -> list[Bar]:
    model = rv.random_model(cell, INPUTS, UNITS, n_outputs=3, dtype=np.float64)
    trace = rv.trace(model, np.random.default_rng(0).standard_normal((STEPS, 1, INPUTS)))
    # The bar of the Jacobians is the LSTM's.
    return [
        Bar(f"{cell}: all Jacobians", lambda: rv.jacobians(model, trace), 40),
        Bar(f"{cell}: hidden states by inputs", lambda: rv.connectivity(model, trace), 60),
        Bar(f"{cell}: a logit by inputs", lambda: rv.connectivity(model, trace, output=0), 60),
        Bar(f"{cell}: 8 Lyapunov exponents", lambda: rv.lyapunov(model, trace, 8), 100),
    ]


def _of_patches() -> Bar:
    """Each of six signals of one run put into another at each step, float32 as most models are."""
    model = rv.random_model("lstm", INPUTS, UNITS, n_outputs=3)
    a, b = np.random.default_rng(1).standard_normal((2, STEPS, INPUTS))
    found = rv.patch(model, a, b, output=0, against=1)
    name = " × ".join(map(str, found.recovered.shape))
    return Bar(
        f"lstm: patches {name}, float32", lambda: rv.patch(model, a, b, output=0, against=1), 1000
    )


def _print(bar: Bar, right: bool = True) -> None:
    one, other, out = (np.ones((STEPS, UNITS, UNITS)) for _ in range(3))
    ways = {"timed": bar.timed, "product": one_thread()(lambda: np.matmul(one, other, out=out))}
    times = interleaved(ways, 40, _SECONDS)
    milliseconds = 1000 * times["timed"]
    ratio = times["timed"] / times["product"]
    passed = verdict(right and milliseconds <= bar.most)
    print(row(bar.name, f"{bar.most:.0f}", f"{milliseconds:.1f}", f"{ratio:.2f}", passed))
