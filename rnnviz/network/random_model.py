"""Models with seeded random weights, as before training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from numbers import Real
from typing import Any

import numpy as np

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Cell, GateEffect
from rnnviz.core.checks import is_one_of, is_whole_number, shown
from rnnviz.errors import ModelError
from rnnviz.network.layer import Direction, Layer
from rnnviz.network.model import Model, Readout
from rnnviz.network.weight_count import axis_lengths, check_weight_count

Sampler = Callable[[np.random.Generator, tuple[int, int], str], Array]

MAX_GAIN = 1e30


def random_model(
    cell: str = "lstm",
    n_inputs: int = 8,
    n_units: int = 16,
    n_layers: int = 1,
    *,
    bidirectional: bool = False,
    direction: str = "forward",
    seed: int = 0,
    init: str = "pytorch",
    gain: float = 1,
    activation: str = "",
    recurrence: str = "",
    n_outputs: int | None = None,
    span: int = 100,
    dtype: Any = np.float32,
) -> Model:
    """An untrained model; equal arguments give equal numbers.

    cell           a name in `rnnviz.CELLS`.
    direction      "forward", "backward" or "both"; `bidirectional=True` is "both".
    init           "pytorch": all uniform within ±1/√n_units, as `torch.nn.LSTM` starts;
                   "xavier": uniform within ±√(6/(fan in + fan out)), no biases (Glorot 2010);
                   "orthogonal": "xavier" with orthogonal recurrent matrices (Saxe 2014);
                   "identity": "pytorch" without biases, recurrent matrices the identity (after Le,
                   Jaitly & Hinton 2015, for a simple RNN of "relu");
                   "forget_bias": "pytorch" with 1 added to the bias of the gate that keeps
                   (Jozefowicz 2015); "chrono": that bias is ln u, u uniform in 1 … span − 1, and
                   the writing gate's bias its negative (Tallec & Ollivier 2018). Where the one gate
                   writes and its rest keeps (MGU), both turn its bias round.
    gain           multiplies the drawn matrices, biases apart: large weights saturate the gates.
    activation     of the gate that has a choice (`Cell.activations`): of the simple RNN's state
                   "tanh" or "relu", of a minGRU's candidate "linear", "positive" or "tanh", …;
                   "" for the cell's own.
    recurrence     "full" or "one_to_one" (diagonal), where the cell has the choice
                   (`Cell.recurrences`); "" for its first.
    n_outputs      outputs of a softmax readout; by default a cell without gates (the simple RNN)
                   has as many as inputs and the gated cells have none; 0 for none.
    span           steps of memory that "chrono" covers.

    Raises ModelError for an unknown cell or option and for sizes that are too small or too large.

    >>> random_model("gru", n_inputs=3, n_units=5).n_parameters
    135
    """
    kind = _cell(cell)
    _check_sizes(1, n_inputs=n_inputs, n_units=n_units, n_layers=n_layers)
    _check_sizes(0, seed=seed, n_outputs=0 if n_outputs is None else n_outputs)
    _check_sizes(2, span=span)
    if not isinstance(gain, Real) or not -MAX_GAIN <= gain <= MAX_GAIN:
        raise ModelError(
            "gain is a number within ±{bound}, but {came} came.",
            bound=f"{MAX_GAIN:g}",
            came=shown(gain),
        )
    _check_type(dtype)
    _check_choice("init", init, INITIALISATIONS)
    _check_choice("recurrence", recurrence or kind.recurrences[0], ("full", "one_to_one"))
    _check_options(kind, init, recurrence, activation)
    default = kind.default_activations
    chosen = {
        gate: activation for gate in kind.activations if activation not in ("", default[gate])
    }
    directions = _directions("both" if bidirectional else direction)
    outputs = _default_outputs(kind, n_inputs) if n_outputs is None else n_outputs
    check_weight_count(kind, n_inputs, n_units, n_layers, len(directions), outputs)
    hidden = axis_lengths(n_inputs, n_units)[kind.hidden_axis] * len(directions)

    def weights(level: int, direction: Direction) -> dict[str, Array]:
        generator = np.random.default_rng([seed, level, direction == "backward"])
        lengths = axis_lengths(hidden if level else n_inputs, n_units)
        sampled = _sample_weights(kind, init, generator, lengths, span)
        return _finished(sampled, gain, recurrence or kind.recurrences[0], dtype)

    layers = tuple(
        Layer(cell, side, weights(level, side), level=level, activations=chosen)
        for level in range(n_layers)
        for side in directions
    )
    return Model(
        layers,
        readout=_readout(outputs, hidden, seed, gain, dtype) if outputs else None,
        source=f"random weights, seed {seed}",
        is_trained=False,
    )


def _cell(name: str) -> Cell:
    _check_choice("cell", name, tuple(CELLS))
    return CELLS[name]


def _check_choice(option: str, came: str, allowed: tuple[str, ...]) -> None:
    if not is_one_of(came, allowed):
        raise ModelError(
            '{option} is one of {allowed}, but "{came}" came.',
            option=option,
            allowed=", ".join(allowed),
            came=shown(came),
        )


def _check_sizes(least: int, **sizes: int) -> None:
    for name, size in sizes.items():
        if not is_whole_number(size) or size < least:
            raise ModelError(
                "{name} is a whole number, at least {least}, but {size} came.",
                name=name,
                least=least,
                size=shown(size),
            )


def _check_options(cell: Cell, init: str, recurrence: str, activation: str) -> None:
    if recurrence:
        _check_choice("recurrence", recurrence, cell.recurrences)
    if init in NEEDS_A_GATE and init not in initialisations(cell):
        raise ModelError(
            "The initialisation {init} is for a gate that keeps, but the cell {cell} has none;"
            " choose another.",
            init=init,
            cell=cell.name,
        )
    for allowed in cell.activations.values() or [("tanh",)]:
        _check_choice("activation", activation or allowed[0], allowed)


def _directions(direction: str) -> tuple[Direction, ...]:
    _check_choice("direction", direction, ("forward", "backward", "both"))
    if direction == "both":
        return ("forward", "backward")
    return ("backward",) if direction == "backward" else ("forward",)


def _default_outputs(cell: Cell, n_inputs: int) -> int:
    return 0 if any(signal.kind == "gate" for signal in cell.signals) else n_inputs


def _sample_weights(
    cell: Cell, init: str, generator: np.random.Generator, lengths: Mapping[str, int], span: int
) -> dict[str, Array]:
    """All weights by name, recurrent ones as matrices."""
    weights = {}
    for param in cell.params:
        axes = ("unit", cell.hidden_axis) if param.name.endswith(".h") else param.axes
        shape = tuple(lengths[axis] for axis in axes)
        weights[param.name] = _sample(init, generator, shape, param.name)
    biases = _BIASES[init](generator, lengths["unit"], span) if init in _BIASES else {}
    return _with_biases(cell, weights, biases)


def _sample(init: str, generator: np.random.Generator, shape: tuple[int, ...], name: str) -> Array:
    role = name.rpartition(".")[2]
    if role in _FIXED:
        return np.full(shape, _FIXED[role])
    rows, columns = (*shape, 1)[:2]
    return _SAMPLERS[init](generator, (rows, columns), role).reshape(shape)


def _with_biases(
    cell: Cell, weights: dict[str, Array], biases: Mapping[GateEffect, Array]
) -> dict[str, Array]:
    if biases and "keeps" not in cell.gate_effects.values():
        biases = {"writes": -biases["keeps"]}
    shifts = {
        f"{g}.b": biases[effect] for g, effect in cell.gate_effects.items() if effect in biases
    }
    return {name: array + shifts.get(name, 0) for name, array in weights.items()}


def _check_type(came: Any) -> None:
    try:
        np.dtype(came)
    # Anything may come, and NumPy refuses it in several ways.
    except Exception:
        raise ModelError(
            "dtype should be float32 or float64, but {came} came.", came=shown(came)
        ) from None


def _finished(
    weights: Mapping[str, Array], gain: float, recurrence: str, dtype: Any
) -> dict[str, Array]:
    scaled = {
        name: (array * (gain if array.ndim == 2 else 1)).astype(dtype)
        for name, array in weights.items()
    }
    if recurrence == "full":
        return scaled
    return {n: np.diag(a) if n.endswith(".h") else a for n, a in scaled.items()}


def _readout(n_outputs: int, n_units: int, seed: int, gain: float, dtype: Any) -> Readout:
    generator = np.random.default_rng([seed, 1_000])
    weights = _uniform(generator, (n_outputs, n_units), sqrt(1 / n_units))
    bias = _uniform(generator, (n_outputs, 1), sqrt(1 / n_units))[:, 0]
    return Readout((gain * weights).astype(dtype), bias.astype(dtype))


def _uniform(generator: np.random.Generator, shape: tuple[int, int], limit: float) -> Array:
    return generator.uniform(-limit, limit, shape)


def _pytorch(generator: np.random.Generator, shape: tuple[int, int], role: str) -> Array:
    # All weights are (unit, …) but a projection's, which is (projection, unit).
    return _uniform(generator, shape, 1 / sqrt(shape[1] if role == "w" else shape[0]))


def _xavier(generator: np.random.Generator, shape: tuple[int, int], role: str) -> Array:
    return (
        np.zeros(shape) if role in ("b", "bh") else _uniform(generator, shape, sqrt(6 / sum(shape)))
    )


def _orthogonal(generator: np.random.Generator, shape: tuple[int, int], role: str) -> Array:
    if role != "h":
        return _xavier(generator, shape, role)
    tall = shape[0] >= shape[1]
    q, r = np.linalg.qr(generator.standard_normal(shape if tall else shape[::-1]))
    # The signs make the draw uniform over all orthogonal matrices (Mezzadri 2007).
    drawn = np.asarray(q * np.sign(np.diag(r)))
    return drawn if tall else drawn.T


def _identity(generator: np.random.Generator, shape: tuple[int, int], role: str) -> Array:
    return np.eye(*shape) if role == "h" else _no_biases(generator, shape, role)


def _keep_more(generator: np.random.Generator, n_units: int, span: int) -> dict[GateEffect, Array]:
    return {"keeps": np.ones(n_units)}


def _chrono(generator: np.random.Generator, n_units: int, span: int) -> dict[GateEffect, Array]:
    bias = np.log(generator.uniform(1, span - 1, n_units))
    return {"keeps": bias, "writes": -bias}


def _no_biases(generator: np.random.Generator, shape: tuple[int, int], role: str) -> Array:
    return np.zeros(shape) if role in ("b", "bh") else _pytorch(generator, shape, role)


# A layer normalisation starts with gains of 1 and shifts of 0 (Ba et al. 2016).
_FIXED: Mapping[str, float] = {"gx": 1.0, "gh": 1.0, "g": 1.0, "sx": 0.0, "sh": 0.0, "s": 0.0}
_SAMPLERS: Mapping[str, Sampler] = {
    "pytorch": _pytorch,
    "xavier": _xavier,
    "orthogonal": _orthogonal,
    "identity": _identity,
    "forget_bias": _pytorch,
    # Biases are the method's own; those of the other gates start at zero, as in the paper.
    "chrono": _no_biases,
}
_BIASES: Mapping[str, Callable[[np.random.Generator, int, int], dict[GateEffect, Array]]] = {
    "forget_bias": _keep_more,
    "chrono": _chrono,
}
INITIALISATIONS = tuple(_SAMPLERS)
NEEDS_A_GATE = tuple(_BIASES)


def initialisations(cell: Cell) -> tuple[str, ...]:
    """Initialisations for a cell: some need a gate that keeps or writes.

    >>> "chrono" in initialisations(CELLS["rnn"])
    False
    """
    has_gate = not {"keeps", "writes"}.isdisjoint(cell.gate_effects.values())
    return tuple(init for init in INITIALISATIONS if has_gate or init not in NEEDS_A_GATE)
