"""What opens a network, against its bars: derivatives, points, units, automata, own texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import rnnviz as rv
from benchmarks.timing import Timed, head, interleaved, machine, row, verdict
from rnnviz.engine.kernels.threads import one_thread
from rnnviz.train import preset
from rnnviz.train.tasks import TASKS
from rnnviz.train.text_tasks import book

STEPS, UNITS, INPUTS = 200, 128, 1
TOKENS = 1_000_000
_SECONDS = 8.0


@dataclass(frozen=True)
class Bar:
    """What is timed, the milliseconds it may take, and how often it is timed at least."""

    name: str
    timed: Timed
    most: float
    least: int = 3


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
    _print_learned()


def _print_learned() -> None:
    """What is asked of trained networks: their units, their automaton, their own texts."""
    lstm = preset("next_character_lstm").model()
    text = (book() * -(-TOKENS // len(book())))[:TOKENS]
    units = f"next_character_lstm: units over {TOKENS:,} tokens"
    _print(Bar(units, lambda: rv.find_units(lstm, text), 20_000, least=1))
    brackets = preset("brackets_lstm").model()
    words = TASKS["brackets"].held_out_batch(np.random.default_rng(1), 100).sequence
    machine_found = rv.automaton(brackets, words=words)
    name = f"brackets_lstm: {machine_found}"
    is_right = (machine_found.n_states, machine_found.agreement) == (6, 1)
    _print(Bar(name, lambda: rv.automaton(brackets, words=words), 5000), is_right)
    name = "next_character_lstm: 10 texts × 200 characters"
    _print(Bar(name, lambda: rv.continuations(lstm, "Alice was ", 200, texts=10), 1000))


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
    times = interleaved(ways, 40, _SECONDS, bar.least)
    milliseconds = 1000 * times["timed"]
    ratio = times["timed"] / times["product"]
    passed = verdict(right and milliseconds <= bar.most)
    print(row(bar.name, f"{bar.most:.0f}", f"{milliseconds:.1f}", f"{ratio:.2f}", passed))
