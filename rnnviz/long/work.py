"""A recording under way: layer by layer, and part by part with carried states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.layer_runner import Part, initial_states
from rnnviz.engine.run import inputs_of, read_out, read_part
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.recordings.array_file import Rows
from rnnviz.recordings.metadata import About
from rnnviz.recordings.pyramid import BASE
from rnnviz.recordings.source import Coded, Reading
from rnnviz.recordings.writer import writer

Progress = Callable[[float], object]

# A part of this many bytes is worth a call and small beside the program.
PART_BYTES = 16_000_000
_LONGEST, _SHORTEST = 4096, 4 * BASE


@dataclass(frozen=True, eq=False)
class Work:
    """One model reading one long sequence into a folder."""

    model: Model
    reading: Reading
    codes: Array | None
    about: About
    folder: Path
    backend: str
    device: str
    progress: Progress

    def write(self) -> None:
        """Every array of the recording."""
        self._write_text()
        for index in range(len(self.model.layers)):
            self._write_layer(index)
        self._write_ends()

    def _write_text(self) -> None:
        about, reading = self.about, self.reading
        if self.codes is not None:
            _write(about.token_codes(self.folder), self.codes)
        if isinstance(reading, Coded):
            table = reading.places if reading.vectors is None else reading.vectors
            _write(about.token_vectors(self.folder), table)

    def _write_layer(self, index: int) -> None:
        layer, dtype = self.model.layers[index], self.model.dtype
        first = initial_states(layer, 1)
        states = {name: np.asarray(state, dtype) for name, state in first.items()}
        signals = [signal.name for signal in layer.kind.signals]
        parts = self._parts(layer.n_inputs + sum(map(layer.width, signals)))
        with writer(self.about, self.folder, [f"{index}.{name}" for name in signals]) as writing:
            for done, start, stop in parts if layer.direction == "forward" else _back(parts):
                part = Part(start, self.about.n_steps, states)
                values = self._read(layer, start, stop)
                how = {"backend": self.backend, "device": self.device}
                traced = read_part(layer, values, part, dtype, **how)
                states = dict(traced.final)
                writing.write(
                    start, {f"{index}.{name}": a[:, 0] for name, a in traced.signals.items()}
                )
                self._tell(index, done)

    def _write_ends(self) -> None:
        """What goes in and what comes out."""
        about, names = self.about, []
        names += ["inputs"] * bool(about.inputs) + ["outputs"] * bool(about.output_names)
        with writer(about, self.folder, names) as writing:
            for done, start, stop in self._parts(sum(map(about.width, names))) if names else []:
                ends = {name: self._end(name, start, stop) for name in names}
                writing.write(start, {name: values[:, 0] for name, values in ends.items()})
                self._tell(len(self.model.layers), done)

    def _end(self, name: str, start: int, stop: int) -> Array:
        if name == "inputs":
            return self.reading.values(start, stop)
        hidden = self._hidden(len(self.model.levels) - 1, start, stop)
        return read_out(self.model, hidden, backend=self.backend, device=self.device)

    def _tell(self, passes: int, done: float) -> None:
        self.progress((passes + done) / (len(self.model.layers) + 1))

    def _read(self, layer: Layer, start: int, stop: int) -> Array:
        """What a layer reads, (time, 1, input)."""
        if layer.level:
            return self._hidden(layer.level - 1, start, stop)
        return inputs_of(self.model, self.reading.values(start, stop))

    def _hidden(self, level: int, start: int, stop: int) -> Array:
        """The hidden states of a level, both directions side by side, (time, 1, unit)."""
        own = [i for i, layer in enumerate(self.model.layers) if layer.level == level]
        files = [self.about.steps(self.folder, f"{i}.hidden") for i in own]
        return np.concatenate([file.read(start, stop) for file in files], axis=1)[:, None]

    def _parts(self, width: int) -> list[tuple[float, int, int]]:
        """How far each part comes, its first step and the one after its last."""
        n_steps, length = self.about.n_steps, _LONGEST
        while length > _SHORTEST and length * width * self.model.dtype.itemsize > PART_BYTES:
            length //= 2
        stops = [min(start + length, n_steps) for start in range(0, n_steps, length)]
        return [(stop / n_steps, i * length, stop) for i, stop in enumerate(stops)]


def _back(parts: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    """From the last part to the first."""
    done = [part[0] for part in parts]
    return [(far, *part[1:]) for far, part in zip(done, parts[::-1], strict=True)]


def _write(rows: Rows, values: Array) -> None:
    with rows.create() as file:
        rows.write(file, 0, values)
