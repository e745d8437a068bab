"""A trace: every signal of every layer at every step, and nothing that can be changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array, Arrays, make_read_only, read_only
from rnnviz.core.checks import is_one_of, shown
from rnnviz.core.html_table import html_table
from rnnviz.core.sequence import Sequence
from rnnviz.core.writing import writing
from rnnviz.errors import InputError
from rnnviz.formatting import number_of

if TYPE_CHECKING:
    from rnnviz.core.cell import Cell
    from rnnviz.interventions.types import Intervention
    from rnnviz.network.layer import Direction
    from rnnviz.network.model import Model
    from rnnviz.readers.certainty import Certainty


# Arrays by name of a LayerTrace, and the keys they have in a saved file.
LAYER_PARTS = {
    "signals": "signals",
    "initial": "initial",
    "final": "final",
    "preactivations": "drives",
    "started": "started",
}


@dataclass(frozen=True, eq=False, repr=False)
class LayerTrace:
    """Signals of one layer.

    cell_name       a name in `rnnviz.CELLS`.
    signals         by name, (time, batch, unit), read-only. Position t belongs to token t for a
                    backward layer too, though it read that token late. Padding is NaN.
    initial         states before the layer's first step, (batch, unit).
    final           states after its last real step, (batch, unit).
    preactivations  each gate's sum before its activation, (time, batch, unit); empty unless asked
                    for.
    started         states that an intervention changed between two steps, as each step started
                    from them, (time, batch, unit).
    """

    cell_name: str
    direction: Direction
    level: int
    signals: Mapping[str, Array]
    initial: Mapping[str, Array] = field(default_factory=Arrays)
    final: Mapping[str, Array] = field(default_factory=Arrays)
    preactivations: Mapping[str, Array] = field(default_factory=Arrays)
    started: Mapping[str, Array] = field(default_factory=Arrays)

    def __post_init__(self) -> None:
        for name in LAYER_PARTS:
            arrays = getattr(self, name)
            if not isinstance(arrays, Arrays):
                object.__setattr__(self, name, Arrays(arrays))

    @property
    def cell(self) -> Cell:
        """The cell itself."""
        return CELLS[self.cell_name]

    @property
    def drives(self) -> Mapping[str, Array]:
        """The earlier name of `preactivations`."""
        return self.preactivations

    @cached_property
    def n_units(self) -> int:
        """Units of the layer."""
        return int(max(array.shape[2] for array in self.signals.values()))

    @property
    def before(self) -> dict[str, Array]:
        """The states each step started from, (time, batch, unit): the arithmetic's `h_{t-1}`.

        For a backward layer those of the token after, which it read before. Padding is NaN.
        """
        return {name: self.state_before(name) for name in self.cell.states}

    def state_before(self, name: str) -> Array:
        """One state of `before`."""
        return self.started[name] if name in self.started else self._shifted(name)

    def __repr__(self) -> str:
        units = number_of(self.n_units, "unit")
        place = f"{self.cell_name}, level {self.level}, {self.direction}, {units}"
        return f"{place}: {', '.join(self.signals)}"

    def _shifted(self, name: str) -> Array:
        states, first = self.signals[name], self.initial[name][None]
        if self.direction == "forward":
            before = np.concatenate([first, states[:-1]])
        else:
            after = np.concatenate([states[1:], first])
            before = np.where(np.isnan(after), first, after)
        np.copyto(before, states, where=np.isnan(states))
        return make_read_only(before)

    def __reduce__(self) -> tuple[Any, ...]:
        return LayerTrace, (
            self.cell_name,
            self.direction,
            self.level,
            self.signals,
            self.initial,
            self.final,
            self.preactivations,
            self.started,
        )


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """A sequence, what every layer made of it, and what came out.

    layers        in the model's order.
    outputs       (time, batch, output): the readout's probabilities, or the top level's hidden
                  states, both directions side by side, when there is no readout. Padding is NaN.
    output_names  a name for every output of a readout; empty without one.
    is_trained    False when the weights are random.
    readout       the readout's activation: "softmax", "linear", …; "" without one.
    start         the number (from 0) of its first step in a longer sequence that it is a part of.
    whole         steps of that longer sequence; by default up to its own last.
    interventions what was done to the network while it read (`rnnviz.interventions.types`).
    proof         what `certainty` is, or is measured by when it is first asked for.
    model         what made it, before interventions; None where that is not known. `save`
                  leaves it out.

    `trace["forget"]` is the first layer's signal, `trace["probabilities"]` the readout's, or
    `trace["outputs"]` where they are no probabilities.
    """

    sequence: Sequence
    layers: tuple[LayerTrace, ...]
    outputs: Array
    source: str = ""
    output_names: tuple[str, ...] = ()
    is_trained: bool = True
    readout: str = "softmax"
    start: int = 0
    whole: int = 0
    interventions: tuple[Intervention, ...] = ()
    proof: Certainty | Callable[[Trace], Certainty] | None = field(default=None, repr=False)
    model: Model | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        object.__setattr__(self, "whole", self.whole or self.start + self.sequence.n_steps)
        object.__setattr__(self, "outputs", read_only(self.outputs))
        object.__setattr__(self, "output_names", tuple(self.output_names))
        object.__setattr__(self, "interventions", tuple(self.interventions))

    def __repr__(self) -> str:
        sequence = self.sequence
        read = f"{number_of(sequence.n_steps, 'step')}, {number_of(sequence.n_rows, 'row')}"
        head = f"Trace of {self.source or 'a model'}: {read}"
        outputs = f"{self.output_signal} {self.outputs.shape}"
        return "\n  ".join([head, *map(repr, self.layers), outputs])

    def _repr_html_(self) -> str:
        """What was read, and of every signal its range."""
        rows = [
            (layer.level, layer.cell_name, layer.direction, name, values.shape[2], *_range(values))
            for layer in self.layers
            for name, values in layer.signals.items()
        ]
        named = ("level", "cell", "direction", "signal", "units", "smallest", "mean", "largest")
        return html_table(repr(self).partition("\n")[0], named, rows)

    def __getitem__(self, name: str) -> Array:
        named = dict(self.layers[0].signals)
        if self.output_names:
            named[self.output_signal] = self.outputs
        if not is_one_of(name, named):
            raise InputError(
                'This trace holds {signals}, but "{came}" was asked for.',
                signals=", ".join(named),
                came=shown(name),
            )
        return named[name]

    @cached_property
    def certainty(self) -> Certainty | None:
        """How sure it is that a live module computes this; None for the trace of a Model.

        Compared with the module's own run, the hidden states of the top level decide; a layer of
        `torch.nn` alone runs when this is first asked for.
        """
        return self.proof(self) if callable(self.proof) else self.proof

    @property
    def output_signal(self) -> str:
        """Name of the readout's outputs: "probabilities", or plain "outputs"."""
        return output_signal(self.readout)

    def to_frame(self) -> Any:
        """A pandas table: a row per layer, batch row, step and unit, a column per signal."""
        from rnnviz.engine.trace_tables import trace_frame

        return trace_frame(self)

    def to_xarray(self) -> Any:
        """An xarray Dataset, a variable (time, batch, unit) for each `level.direction.signal`."""
        from rnnviz.engine.trace_tables import trace_dataset

        return trace_dataset(self)

    def save(self, target: str | Path | IO[bytes]) -> None:
        """Write everything to a NumPy archive (.npz), a path or an open file, for `Trace.load`.

        Raises RnnvizError for a path that cannot be written.
        """
        from rnnviz.engine.trace_file import trace_arrays

        arrays = trace_arrays(self)
        if hasattr(target, "write"):
            np.savez_compressed(target, allow_pickle=False, **arrays)
            return
        with writing(target), Path(target).open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)

    @staticmethod
    def load(path: str | Path) -> Trace:
        """Read what `save` wrote. Nothing is unpickled. Raises InputError for another file."""
        from rnnviz.engine.trace_file import restored_trace

        try:
            # Opened here, because np.load leaves a broken archive open.
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
                return restored_trace({name: archive[name] for name in archive.files})
        # A foreign archive can fail in any way: zlib, zip, NumPy, JSON, a missing part.
        except Exception as error:
            raise InputError(
                "A trace saved by rnnviz is wanted, but {path} is not one; save one with"
                " trace.save(path).",
                path=str(path),
            ) from error

    def __reduce__(self) -> tuple[Any, ...]:
        return Trace, (
            self.sequence,
            self.layers,
            self.outputs,
            self.source,
            self.output_names,
            self.is_trained,
            self.readout,
            self.start,
            self.whole,
            self.interventions,
            self.certainty,
            self.model,
        )


def _range(values: Array) -> tuple[str, ...]:
    real = values[~np.isnan(values)]
    # A run that broke has numbers without a mean.
    with np.errstate(invalid="ignore", over="ignore"):
        found = (real.min(), real.mean(), real.max()) if real.size else ()
    return tuple(f"{number:.4g}" for number in found)


def output_signal(readout: str) -> str:
    """Name of a readout's outputs by its activation: "probabilities", or plain "outputs"."""
    return "probabilities" if readout in ("softmax", "sigmoid") else "outputs"
