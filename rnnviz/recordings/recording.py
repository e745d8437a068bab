"""Recording: a trace on disk, read by window or downsampled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.html_table import html_table
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import LayerTrace, Trace, output_signal
from rnnviz.errors import InputError
from rnnviz.recordings.metadata import Metadata, RecordedLayer, RecordingFiles, load_metadata
from rnnviz.recordings.pyramid import BASE, group_units, merge_blocks, summarise_blocks
from rnnviz.recordings.source import step_numbers
from rnnviz.recordings.token_ids import decode_ids


@dataclass(frozen=True, eq=False)
class Downsampled:
    """Window of a signal in few columns of equal steps; the last may be cut by the end.

    min, mean, max  (row, column), float32.
    overall_mean    (row,), over the whole recording.
    start, stop     steps shown: the window, widened to whole columns.
    step            steps of a column.
    """

    min: Array
    mean: Array
    max: Array
    overall_mean: Array
    start: int
    stop: int
    step: int


@dataclass(frozen=True, eq=False)
class Recording:
    """Trace in a folder, written by `record`.

    >>> Recording.load("no such folder")
    Traceback (most recent call last):
    rnnviz.errors.InputError: A folder that rnnviz recorded is wanted, but no such folder is none \
or is damaged; record it again.
    """

    folder: Path
    metadata: Metadata

    @staticmethod
    def load(folder: str | Path) -> Recording:
        """Open a folder again. Raises InputError when it is no recording."""
        return Recording(Path(folder), load_metadata(Path(folder)))

    @property
    def _files(self) -> RecordingFiles:
        return RecordingFiles(self.folder, self.metadata)

    @property
    def n_steps(self) -> int:
        """Timesteps."""
        return self.metadata.n_steps

    @property
    def layers(self) -> tuple[RecordedLayer, ...]:
        """Layers in the model's order."""
        return self.metadata.layers

    @property
    def is_trained(self) -> bool:
        """False when the weights are random."""
        return self.metadata.is_trained

    @property
    def output_signal(self) -> str:
        """Name of the readout's outputs: "probabilities" or "outputs"."""
        return output_signal(self.metadata.readout)

    @property
    def n_bytes(self) -> int:
        """Bytes on disk."""
        return sum(path.stat().st_size for path in self.folder.iterdir())

    def _repr_html_(self) -> str:
        """Folder, length, and a line for every layer."""
        title = f"Recording of {self.metadata.source or 'a model'}: {self.n_steps:,} steps"
        rows = [
            (y.level, y.cell_name, y.direction, ", ".join(y.widths), max(y.widths.values()))
            for y in self.layers
        ]
        return html_table(
            f"{title} in {self.folder}", ("level", "cell", "direction", "signals", "units"), rows
        )

    def window(self, start: int, stop: int) -> Trace:
        """Trace of the steps from `start` up to `stop`, with its position in the recording.

        Raises InputError for steps outside the recording.
        """
        self._check(start, stop)
        metadata = self.metadata
        layers = tuple(self._layer(i, start, stop) for i in range(len(metadata.layers)))
        return Trace(
            self._sequence(start, stop),
            layers,
            self._outputs(layers, start, stop),
            metadata.source,
            metadata.output_names,
            metadata.is_trained,
            metadata.readout,
            start,
            metadata.n_steps,
        )

    def downsample(
        self,
        layer: int,
        signal: str,
        start: int,
        stop: int,
        columns: int,
        rows: int,
        units: Iterable[int] | None = None,
    ) -> Downsampled:
        """Window of a signal, downsampled to at most `columns` and `rows`.

        A column covers a power of two of steps and begins at a multiple of it, so that a moving
        window shows the same columns; the window is widened to whole ones. A row is a unit, or
        the min, mean and max over neighbouring units.

        signal  one of the layer's, "probabilities" or "outputs" of the readout, or "inputs".
        units   only these, in this order; by default all.

        Raises InputError for a window or a signal outside the recording.
        """
        self._check(start, stop)
        step, start, stop = self._columns(start, stop, max(columns, 1))
        name = self._file_name(layer, signal)
        order = slice(None) if units is None else list(units)
        statistics = self._statistics(name, start, stop, step)[:, :, order]
        means = self.unit_statistics(layer, signal)[1, order]
        size = -(-statistics.shape[2] // max(rows, 1))
        low, mean, high = (
            group_units(statistics[:, i], size, reduce).T
            for i, reduce in enumerate((np.minimum, np.add, np.maximum))
        )
        overall_mean = group_units(means[None], size, np.add)[0]
        return Downsampled(low, mean, high, overall_mean, start, stop, step)

    def unit_statistics(self, layer: int, signal: str) -> Array:
        """Min, mean and max (statistic, unit) of a signal over all steps."""
        pyramid = self._files.pyramid(self._file_name(layer, signal))
        return np.asarray(pyramid.read(pyramid.shape[0] - 1, pyramid.shape[0])[0])

    def _check(self, start: int, stop: int) -> None:
        if not 0 <= start < stop <= self.n_steps:
            raise InputError(
                "A window is of steps from 0 up to {n_steps}, but {start} up to {stop} came.",
                n_steps=self.n_steps,
                start=start,
                stop=stop,
            )

    def _file_name(self, layer: int, signal: str) -> str:
        shared = {self.output_signal: "outputs", "inputs": "inputs"}
        name = shared.get(signal, f"{layer}.{signal}")
        if name not in self.metadata.pyramid_names:
            raise InputError(
                'This trace holds {signals}, but "{came}" was asked for.',
                signals=", ".join(self.metadata.pyramid_names),
                came=name,
            )
        return name

    def _columns(self, start: int, stop: int, columns: int) -> tuple[int, int, int]:
        step = 1
        while -(-stop // step) - start // step > columns:
            step *= 2
        return step, start // step * step, min(-(-stop // step) * step, self.n_steps)

    def _statistics(self, name: str, start: int, stop: int, step: int) -> Array:
        """Min, mean and max (column, statistic, unit) of columns of `step` steps."""
        if step < BASE:
            return summarise_blocks(self._files.signal(name).read(start, stop), step)
        levels = self.metadata.levels
        level = max(i for i, length in enumerate(levels.lengths) if length <= step)
        length, first = levels.lengths[level], levels.first(level)
        rows = (first + start // length, first + -(-stop // length))
        finer = self._files.pyramid(name).read(*rows)
        return merge_blocks(finer, step // length, stop - start, length)

    def _layer(self, index: int, start: int, stop: int) -> LayerTrace:
        layer = self.layers[index]
        signals = {
            name: self._files.signal(f"{index}.{name}").read(start, stop)[:, None]
            for name in layer.widths
        }
        is_forward = layer.direction == "forward"
        final = {name: signals[name][-1 if is_forward else 0] for name in layer.initial}
        initial = self._states(index, start - 1 if is_forward else stop)
        return LayerTrace(layer.cell_name, layer.direction, layer.level, signals, initial, final)

    def _states(self, index: int, time: int) -> dict[str, Array]:
        """States of a layer (1, unit) at a step, or before its first."""
        layer = self.layers[index]
        if not 0 <= time < self.n_steps:
            return layer.initial_states(self.metadata.dtype)
        return {
            name: self._files.signal(f"{index}.{name}").read(time, time + 1)
            for name in layer.initial
        }

    def _outputs(self, layers: tuple[LayerTrace, ...], start: int, stop: int) -> Array:
        if self.metadata.output_names:
            return self._files.signal("outputs").read(start, stop)[:, None]
        top = [y.signals["hidden"] for y in layers if y.level == layers[-1].level]
        return np.concatenate(top, axis=-1)

    def tokens(self, start: int, stop: int) -> tuple[str, ...]:
        """Tokens from `start` up to `stop`."""
        if not self.metadata.tokens:
            return step_numbers(start, stop)
        ids = self._files.token_ids.read(start, stop)
        return tuple(self.metadata.tokens[i] for i in ids.tolist())

    def _sequence(self, start: int, stop: int) -> Sequence:
        metadata, tokens = self.metadata, (self.tokens(start, stop),)
        values = self._values(start, stop)
        return Sequence(values, tokens, (), metadata.features, metadata.encoding)

    def _values(self, start: int, stop: int) -> Array:
        files = self._files
        if self.metadata.input_dtype:
            return files.signal("inputs").read(start, stop)[:, None]
        table = files.token_values.read(0, files.token_values.shape[0])
        ids = files.token_ids.read(start, stop)
        return decode_ids(ids, table, len(self.metadata.features))
