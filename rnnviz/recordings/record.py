"""A long sequence through a model, part by part, every signal written to disk on the way."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EDQUOT, ENOSPC
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from rnnviz.core.arrays import Array
from rnnviz.core.backend import get_backend
from rnnviz.core.sequence import Sequence
from rnnviz.engine.layer_runner import Chunk, initial_states
from rnnviz.engine.model_runner import apply_readout, check_input_range, output_names
from rnnviz.engine.trace_layer import trace_chunk
from rnnviz.errors import InputError
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.recordings.array_file import NpyFile
from rnnviz.recordings.metadata import Metadata, RecordedLayer
from rnnviz.recordings.pyramid import BASE
from rnnviz.recordings.recording import Recording
from rnnviz.recordings.source import (
    SequenceSource,
    TokenIds,
    as_model_inputs,
    as_source,
    encode_tokens,
)
from rnnviz.recordings.writer import open_writer

Progress = Callable[[float], object]

# A part of this many bytes is worth a call and small beside the program.
PART_BYTES = 16_000_000
_LONGEST, _SHORTEST = 4096, 4 * BASE


@dataclass(frozen=True, eq=False)
class _Recorder:
    """One model reading one long sequence into a folder."""

    model: Model
    reading: SequenceSource
    codes: Array | None
    about: Metadata
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
            _write(about.token_ids_file(self.folder), self.codes)
        if isinstance(reading, TokenIds):
            table = reading.feature_ids if reading.vectors is None else reading.vectors
            _write(about.token_values_file(self.folder), table)

    def _write_layer(self, index: int) -> None:
        layer, dtype = self.model.layers[index], self.model.dtype
        first = initial_states(layer, 1)
        states = {name: np.asarray(state, dtype) for name, state in first.items()}
        signals = [signal.name for signal in layer.cell.signals]
        parts = self._parts(layer.n_inputs + sum(map(layer.width, signals)))
        with open_writer(
            self.about, self.folder, [f"{index}.{name}" for name in signals]
        ) as writing:
            for done, start, stop in parts if layer.direction == "forward" else _back(parts):
                chunk = Chunk(start, self.about.n_steps, states)
                values = self._read(layer, start, stop)
                how = {"backend": self.backend, "device": self.device}
                traced = trace_chunk(layer, values, chunk, dtype, **how)
                states = dict(traced.final)
                writing.write(
                    start, {f"{index}.{name}": a[:, 0] for name, a in traced.signals.items()}
                )
                self._tell(index, done)

    def _write_ends(self) -> None:
        """What goes in and what comes out."""
        about, names = self.about, []
        names += ["inputs"] * bool(about.inputs) + ["outputs"] * bool(about.output_names)
        with open_writer(about, self.folder, names) as writing:
            for done, start, stop in self._parts(sum(map(about.width, names))) if names else []:
                ends = {name: self._end(name, start, stop) for name in names}
                writing.write(start, {name: values[:, 0] for name, values in ends.items()})
                self._tell(len(self.model.layers), done)

    def _end(self, name: str, start: int, stop: int) -> Array:
        if name == "inputs":
            return self.reading.values(start, stop)
        hidden = self._hidden(len(self.model.levels) - 1, start, stop)
        return apply_readout(self.model, hidden, backend=self.backend, device=self.device)

    def _tell(self, passes: int, done: float) -> None:
        self.progress((passes + done) / (len(self.model.layers) + 1))

    def _read(self, layer: Layer, start: int, stop: int) -> Array:
        """What a layer reads, (time, 1, input)."""
        if layer.level:
            return self._hidden(layer.level - 1, start, stop)
        return check_input_range(self.model, self.reading.values(start, stop))

    def _hidden(self, level: int, start: int, stop: int) -> Array:
        """The hidden states of a level, both directions side by side, (time, 1, unit)."""
        own = [i for i, layer in enumerate(self.model.layers) if layer.level == level]
        files = [self.about.signal_file(self.folder, f"{i}.hidden") for i in own]
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


def _write(rows: NpyFile, values: Array) -> None:
    with rows.create() as file:
        rows.write(file, 0, values)


def record(
    model: Model,
    given: SequenceSource | Sequence | ArrayLike,
    folder: str | Path,
    *,
    backend: str = "numpy",
    device: str = "cpu",
    progress: Progress | None = None,
) -> Recording:
    """Trace a sequence too long for memory to a folder, with the pyramids that show it.

    given     a Reading, a Sequence (its first row), or a plain array (time, feature).
    folder    is made; one that is there must be empty.
    progress  is told the part that is done, 0…1; what it raises ends the recording, and nothing
              is left of it.

    The numbers are those of `rnnviz.trace`. Raises ModelError when the sequence does not fit the
    model or the numbers grow beyond its type, and InputError when the folder is not empty or the
    disk too small.

    >>> import tempfile
    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     record(model, [[1.0]] * 100, f"{folder}/it").window(97, 99)["forget"].shape
    (2, 1, 2)
    """
    get_backend(backend, device)
    reading = as_model_inputs(model, as_source(given))
    codes, tokens = encode_tokens(reading) or (None, ())
    about, place, tell = _about(model, reading, codes, tokens), Path(folder), progress or _nobody
    with _new(place, about):
        _Recorder(model, reading, codes, about, place, backend, device, tell).write()
        about.save(place)
    tell(1.0)
    return Recording(place, about)


def recording_size(model: Model, given: SequenceSource | Sequence | ArrayLike) -> int:
    """How many bytes `record` would write, the codes of tokens apart.

    Raises ModelError when the sequence does not fit the model.

    >>> import rnnviz as rv
    >>> recording_size(rv.random_model("lstm", n_inputs=1, n_units=2), [[0.5]] * 100) // 1000
    8
    """
    return _about(model, as_model_inputs(model, as_source(given)), None, ()).n_bytes


def _nobody(done: float) -> None:
    """Progress that nobody is told of."""


@contextmanager
def _new(place: Path, about: Metadata) -> Iterator[None]:
    """An empty folder with room enough, which goes again when something goes wrong."""
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise InputError(
            "A recording needs an empty folder, but “{folder}” is not empty; choose another.",
            folder=str(place),
        )
    was_there = place.exists()
    try:
        place.mkdir(parents=True, exist_ok=True)
        _check_space(place, about)
        yield
    except BaseException as error:
        _remove(place, was_there)
        if isinstance(error, OSError):
            raise _not_written(place, about, error) from error
        raise


def _remove(place: Path, was_there: bool) -> None:
    for path in place.glob("*"):
        path.unlink()
    if not was_there and place.exists():
        place.rmdir()


def _check_space(place: Path, about: Metadata) -> None:
    if about.n_bytes > shutil.disk_usage(place).free:
        raise OSError(ENOSPC, "the disk is too small")


def _not_written(place: Path, about: Metadata, error: OSError) -> InputError:
    if error.errno not in (ENOSPC, EDQUOT):
        return InputError(
            "“{name}” cannot be written ({reason}); choose another place.",
            name=str(place),
            reason=error.strerror or type(error).__name__,
        )
    home = next(folder for folder in (place, *place.absolute().parents) if folder.exists())
    return InputError(
        "This recording needs {needed} GB on disk, but {free} GB are free;"
        " choose fewer units, fewer layers or a shorter input.",
        needed=f"{about.n_bytes / 1e9:.3g}",
        free=f"{shutil.disk_usage(home).free / 1e9:.3g}",
    )


def _about(
    model: Model, reading: SequenceSource, codes: Array | None, tokens: tuple[str, ...]
) -> Metadata:
    first = reading.window(0, 1)
    coded = isinstance(reading, TokenIds)
    readout = model.readout
    return Metadata(
        n_steps=reading.n_steps,
        dtype=model.dtype.name,
        layers=tuple(map(_recorded, model.layers)),
        features=first.features,
        encoding=first.encoding,
        inputs="" if coded else first.values.dtype.name,
        tokens=tokens,
        vectors=coded and first.encoding == "embedding",
        codes="" if codes is None else codes.dtype.name,
        source=model.source,
        is_trained=model.is_trained,
        output_names=output_names(model, first),
        readout=readout.activation if readout is not None else "",
    )


def _recorded(layer: Layer) -> RecordedLayer:
    states = initial_states(layer, 1)
    return RecordedLayer(
        layer.cell_name,
        layer.direction,
        layer.level,
        {signal.name: layer.width(signal.name) for signal in layer.cell.signals},
        {name: tuple(map(float, state[0])) for name, state in states.items()},
    )
