"""Usual mistakes in the exercises: wrong numbers by the mistakes' names in the lessons' texts."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, hypot, log, log10, prod, tanh

Mistakes = dict[str, float]


def _sigmoid(number: float) -> float:
    return 1 / (1 + exp(-number))


# A network that reads.


def simple_step(u: float, w: float, b: float, x: float, h: float) -> Mistakes:
    """Mistakes in a step of one unit: no tanh, a summand left out, the sign of W lost."""
    return {
        "linear": u * x + w * h + b,
        "biasless": tanh(u * x + w * h),
        "pastless": tanh(u * x + b),
        "signless": tanh(u * x - w * h + b),
    }


def simple_size(characters: int, units: int) -> Mistakes:
    """Mistakes in a count of weights: no biases, no readout, W as a diagonal, no d."""
    matrices = 2 * characters * units + units**2
    return {
        "biasless": matrices,
        "readoutless": units * characters + units**2 + units,
        "diagonal": matrices - units**2 + units + units + characters,
        "half_biased": matrices + units,
    }


# Why a simple network forgets.


def fading(share: float, factor: float, right: int) -> Mistakes:
    """Mistakes in the first step below a share: one too early, equal amounts lost."""
    return {"early": right - 1, "linear": float(-(-(1 - share) // (1 - factor)))}


def half_after(steps: float) -> Mistakes:
    """Mistakes in a gate that halves in some steps: equal amounts, 1/e instead, one step alone."""
    return {"linear": 1 - 0.5 / steps, "share": exp(-1 / steps), "single": 0.5}


# The LSTM.


def cell_state(cell: float, forget: float, input: float, candidate: float) -> Mistakes:
    """Mistakes in c_t: gates exchanged, a gate left out, the candidate's sign lost."""
    return {
        "swapped": input * cell + forget * candidate,
        "unwritten": forget * cell + candidate,
        "unforgotten": cell + input * candidate,
        "signless": forget * cell - input * candidate,
    }


def hidden_state(old: float, cell: float, output: float) -> Mistakes:
    """Mistakes in h_t: no tanh, the old cell state, the gate inside the tanh, no gate."""
    return {
        "linear": output * cell,
        "old": output * tanh(old),
        "inside": tanh(output * cell),
        "ungated": tanh(cell),
    }


def added(input: float, candidate: float, steps: int) -> Mistakes:
    """Mistakes in what the steps add: one step alone, the sign lost, no input gate."""
    return {
        "single": input * candidate,
        "signless": -steps * input * candidate,
        "ungated": steps * candidate,
    }


def left_after(gate: float, steps: int) -> Mistakes:
    """Mistakes in a product of equal gates: one step alone, the loss divided among the steps."""
    return {"single": gate, "divided": gate / steps}


# The GRU.


def mixture(state: float, update: float, candidate: float) -> Mistakes:
    """Mistakes in the weighted mean: weights exchanged, the candidate in full, its sign lost."""
    return {
        "swapped": (1 - update) * state + update * candidate,
        "unweighted": update * state + candidate,
        "signless": update * state - (1 - update) * candidate,
    }


def reset_before(h1: float, h2: float, r1: float, r2: float, w1: float, w2: float) -> Mistakes:
    """Mistakes in a product with reset before: reset after, no reset."""
    return {"after": r1 * (w1 * h1 + w2 * h2), "ungated": w1 * h1 + w2 * h2}


def reset_after(h1: float, h2: float, r1: float, r2: float, w1: float, w2: float) -> Mistakes:
    """Mistakes in a product with reset after: reset before, no reset."""
    return {"before": w1 * r1 * h1 + w2 * r2 * h2, "ungated": w1 * h1 + w2 * h2}


def turned_sign(sum: float) -> Mistakes:
    """Mistakes in the sum that gives 1 − z: the sum that gives z, 1 minus it, the gate itself."""
    return {"same": sum, "complement": 1 - sum, "gate": _sigmoid(-sum)}


# Dense layers.


def gate_size(inputs: int, units: int) -> Mistakes:
    """Mistakes in a count of a gate's weights: no bias, two, all four gates, no hidden states."""
    read = inputs + units
    return {
        "biasless": read * units,
        "doubled": (read + 2) * units,
        "all_gates": 4 * (read + 1) * units,
        "pastless": (inputs + 1) * units,
    }


def two_biases(bias: float) -> Mistakes:
    """Mistakes in the timescale of two equal biases: one of them alone, the gate."""
    return {"single": -1 / log(_sigmoid(bias)), "gate": _sigmoid(2 * bias)}


def bias_for(steps: float) -> Mistakes:
    """Mistakes in the bias for a timescale: the gate, the logarithm to base 10."""
    return {"gate": exp(-1 / steps), "decimal": log10(steps)}


# Learning through time, and training.


def road(gate: float, steps: int) -> Mistakes:
    """Mistakes in the share left along the cell state: after one step, what is lost."""
    return {"single": gate, "lost": 1 - gate**steps}


def clipping(first: float, second: float, limit: float) -> Mistakes:
    """Mistakes in a clipped number: each for itself, the sum for the norm, the second number."""
    return {
        "each": min(first, limit),
        "summed": first * limit / (first + second),
        "second": second * limit / hypot(first, second),
    }


def gru_size(inputs: int, units: int) -> Mistakes:
    """Mistakes in a count of a GRU's weights: no readout, one bias a gate, four gates, no d."""
    dense = inputs * units + units**2 + 2 * units
    return {
        "readoutless": 3 * dense,
        "single": 3 * (dense - units) + units + 1,
        "four": 4 * dense + units + 1,
        "biasless": 3 * dense + units,
    }


# Reading a trained network, and writing.


def written_left(written: float, *gates: float) -> Mistakes:
    """Mistakes in what is left of a number written: the gates alone, one gate forgotten."""
    return {"gates": prod(gates), "short": written * prod(gates[:-1])}


def first_probability(scores: Sequence[float], temperature: float) -> Mistakes:
    """Mistakes in the first probability: T = 1, times T, the second one, shares of the scores."""
    gap = scores[0] - scores[1]
    return {
        "warm": _sigmoid(gap),
        "multiplied": _sigmoid(gap * temperature),
        "second": _sigmoid(-gap / temperature),
        "shares": scores[0] / sum(scores),
    }


def perplexity_of(probabilities: Sequence[float]) -> Mistakes:
    """Mistakes in a perplexity: the bits, means of p and of 1/p, the whole text."""
    n = len(probabilities)
    return {
        "bits": -sum(log(p, 2) for p in probabilities) / n,
        "averaged": n / sum(probabilities),
        "inverted": sum(1 / p for p in probabilities) / n,
        "product": 1 / prod(probabilities),
    }
