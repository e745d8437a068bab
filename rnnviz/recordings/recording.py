"""A recording: a trace on disk, of which any window is an ordinary Trace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.engine.trace import LayerTrace, Trace, output_signal
from rnnviz.errors import InputError
from rnnviz.recordings.metadata import Metadata, RecordedLayer, initial, load_metadata
from rnnviz.recordings.pyramid import BASE, group_units, merge_blocks, summarise_blocks
from rnnviz.recordings.source import decode_ids, step_numbers


@dataclass(frozen=True, eq=False)
class Downsampled:
    """A window of one signal in few columns, each of the same steps unless cut by the end.

    least, mean, most  (row, column), float32.
    usual              (row,): the mean over the whole recording.
    start, stop        the steps shown: the window, widened to whole columns.
    step               steps of a column.
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
    """What `record` left in a folder.

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
    def n_steps(self) -> int:
        """Timesteps."""
        return self.metadata.n_steps

    @property
    def layers(self) -> tuple[RecordedLayer, ...]:
        """Its layers, in the model's order."""
        return self.metadata.layers

    @property
    def is_trained(self) -> bool:
        """False when the weights are random."""
        return self.metadata.is_trained

    @property
    def output_signal(self) -> str:
        """What a readout's outputs are: "probabilities", or plain "outputs"."""
        return output_signal(self.metadata.readout)

    @property
    def n_bytes(self) -> int:
        """Bytes on disk."""
        return sum(path.stat().st_size for path in self.folder.iterdir())

    def window(self, start: int, stop: int) -> Trace:
        """The steps from `start` up to `stop` as an ordinary trace that knows where it stands.

        Raises InputError for steps that the recording does not have.
        """
        self._check(start, stop)
        about = self.metadata
        layers = tuple(self._layer(i, start, stop) for i in range(len(about.layers)))
        outputs = self._outputs(layers, start, stop)
        return Trace(
            self._sequence(start, stop),
            layers,
            outputs,
            about.source,
            about.output_names,
            about.is_trained,
            about.readout,
            start,
            about.n_steps,
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
        """A window of a signal folded into at most so many columns and rows.

        A column is a power of two of steps, and columns begin at whole numbers of them, so that
        a window that moves shows the same columns: it is widened to whole ones. A row is a unit,
        or the least of the least of neighbouring units, the mean of their means and the most of
        their most.

        signal  one of the layer's, "probabilities" or "outputs" of the readout, or "inputs".
        units   only these, in this order; by default all.

        Raises InputError for a window or a signal that the recording does not have.
        """
        self._check(start, stop)
        step, start, stop = self._columns(start, stop, max(columns, 1))
        name = self._file(layer, signal)
        order = slice(None) if units is None else list(units)
        parts = self._folded(name, start, stop, step)[:, :, order]
        usual = self.unit_statistics(layer, signal)[1, order]
        size = -(-parts.shape[2] // max(rows, 1))
        least, mean, most = (
            group_units(parts[:, i], size, fold).T
            for i, fold in enumerate((np.minimum, np.add, np.maximum))
        )
        return Downsampled(
            least, mean, most, group_units(usual[None], size, np.add)[0], start, stop, step
        )

    def unit_statistics(self, layer: int, signal: str) -> Array:
        """Least, mean and most (part, unit) of a signal over all steps."""
        blocks = self.metadata.pyramid_file(self.folder, self._file(layer, signal))
        return np.asarray(blocks.read(blocks.shape[0] - 1, blocks.shape[0])[0])

    def _check(self, start: int, stop: int) -> None:
        if not 0 <= start < stop <= self.n_steps:
            raise InputError(
                "A window is of steps from 0 up to {n_steps}, but {start} up to {stop} came.",
                n_steps=self.n_steps,
                start=start,
                stop=stop,
            )

    def _file(self, layer: int, signal: str) -> str:
        apart = {self.output_signal: "outputs", "inputs": "inputs"}
        name = apart.get(signal, f"{layer}.{signal}")
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

    def _folded(self, name: str, start: int, stop: int, step: int) -> Array:
        """(column, part, unit)."""
        if step < BASE:
            return summarise_blocks(
                self.metadata.signal_file(self.folder, name).read(start, stop), step
            )
        levels = self.metadata.levels
        level = max(i for i, length in enumerate(levels.lengths) if length <= step)
        length, first = levels.lengths[level], levels.first(level)
        finer = self.metadata.pyramid_file(self.folder, name).read(
            first + start // length, first + -(-stop // length)
        )
        return merge_blocks(finer, step // length, stop - start, length)

    def _layer(self, index: int, start: int, stop: int) -> LayerTrace:
        layer = self.layers[index]
        read = {
            name: self.metadata.signal_file(self.folder, f"{index}.{name}").read(start, stop)[
                :, None
            ]
            for name in layer.widths
        }
        forward = layer.direction == "forward"
        last = -1 if forward else 0
        final = {name: read[name][last] for name in layer.initial}
        before = self._before(index, start - 1 if forward else stop)
        return LayerTrace(layer.cell, layer.direction, layer.level, read, before, final)

    def _before(self, index: int, time: int) -> dict[str, Array]:
        """The layer's states (1, unit) at a step, or before its first."""
        layer = self.layers[index]
        if not 0 <= time < self.n_steps:
            return initial(layer, self.metadata.dtype)
        return {
            name: self.metadata.signal_file(self.folder, f"{index}.{name}").read(time, time + 1)
            for name in layer.initial
        }

    def _outputs(self, layers: tuple[LayerTrace, ...], start: int, stop: int) -> Array:
        if self.metadata.output_names:
            return self.metadata.signal_file(self.folder, "outputs").read(start, stop)[:, None]
        top = [y.signals["hidden"] for y in layers if y.level == layers[-1].level]
        return np.concatenate(top, axis=-1)

    def tokens(self, start: int, stop: int) -> tuple[str, ...]:
        """The tokens from `start` up to `stop`."""
        if not self.metadata.tokens:
            return step_numbers(start, stop)
        codes = self.metadata.token_ids_file(self.folder).read(start, stop)
        return tuple(self.metadata.tokens[code] for code in codes.tolist())

    def _sequence(self, start: int, stop: int) -> Sequence:
        about, tokens = self.metadata, (self.tokens(start, stop),)
        return Sequence(self._values(start, stop), tokens, (), about.features, about.encoding)

    def _values(self, start: int, stop: int) -> Array:
        about = self.metadata
        if about.inputs:
            return about.signal_file(self.folder, "inputs").read(start, stop)[:, None]
        codes, kept = about.token_ids_file(self.folder), about.token_values_file(self.folder)
        table = kept.read(0, kept.shape[0])
        return decode_ids(codes.read(start, stop), table, len(about.features))
