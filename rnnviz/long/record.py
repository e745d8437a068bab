"""A long sequence through a model, part by part, every signal written to disk on the way."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import ArrayLike

from rnnviz.engine import Part, initial_states, inputs_of, output_names, read_out, read_part
from rnnviz.errors import InputError
from rnnviz.frozen import Array
from rnnviz.long.about import About, Recorded
from rnnviz.long.pyramid import BASE, FACTOR, blocks, join
from rnnviz.long.reading import Coded, Reading, as_reading, fitted
from rnnviz.long.recording import Recording
from rnnviz.maths import maths
from rnnviz.model import Layer, Model
from rnnviz.sequence import Sequence

Progress = Callable[[float], object]

# A part of this many bytes is worth a call and small beside the program.
_PART_BYTES = 16_000_000
_PARTS = tuple(BASE * FACTOR**power for power in (4, 3, 2, 1))


def record(
    model: Model,
    given: Reading | Sequence | ArrayLike,
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
    ...     record(model, np.ones((100, 1)), f"{folder}/it").window(97, 99)["forget"].shape
    (2, 1, 2)
    """
    maths(backend, device)
    reading = fitted(model, as_reading(given))
    about = _about(model, reading)
    place = Path(folder)
    with _new(place):
        _check_space(place, about)
        work = _Work(model, reading, about, place, backend, device, progress)
        work.write()
        about.save(place)
    return Recording(place, about)


def bytes_of(model: Model, given: Reading | Sequence | ArrayLike) -> int:
    """How many bytes `record` would write.

    Raises ModelError when the sequence does not fit the model.

    >>> import rnnviz as rv
    >>> bytes_of(rv.random_model("lstm", n_inputs=1, n_units=2), np.ones((100, 1))) // 1000
    11
    """
    return _bytes(Path(), _about(model, fitted(model, as_reading(given))))


def _bytes(place: Path, about: About) -> int:
    return sum(rows.n_bytes for rows in about.files(place))


@contextmanager
def _new(place: Path) -> Iterator[None]:
    """An empty folder, which goes again when something goes wrong."""
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise InputError(
            "A recording needs an empty folder, but “{folder}” is not empty; choose another.",
            folder=str(place),
        )
    place.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _check_space(place: Path, about: About) -> None:
    needed = _bytes(place, about)
    free = shutil.disk_usage(place).free
    if needed > free:
        raise InputError(
            "This recording needs {needed} GB on disk, but {free} GB are free;"
            " choose fewer units, fewer layers or a shorter input.",
            needed=f"{needed / 1e9:.1f}",
            free=f"{free / 1e9:.1f}",
        )


def _about(model: Model, reading: Reading) -> About:
    first = reading.window(0, 1)
    coded = isinstance(reading, Coded)
    readout = model.readout
    return About(
        n_steps=reading.n_steps,
        dtype=model.dtype.name,
        layers=tuple(map(_recorded, model.layers)),
        features=first.features,
        encoding=first.encoding,
        inputs="" if coded else first.values.dtype.name,
        tokens=reading.tokens if isinstance(reading, Coded) else (),
        vectors=first.encoding == "embedding" if coded else False,
        codes=reading.codes.dtype.name if isinstance(reading, Coded) else "",
        source=model.source,
        is_trained=model.is_trained,
        output_names=output_names(model, first),
        readout=readout.activation if readout is not None else "",
    )


def _recorded(layer: Layer) -> Recorded:
    states = initial_states(layer, 1)
    return Recorded(
        layer.cell,
        layer.direction,
        layer.level,
        {signal.name: layer.width(signal.name) for signal in layer.kind.signals},
        {name: tuple(map(float, state[0])) for name, state in states.items()},
    )


@dataclass(frozen=True, eq=False)
class _Work:
    """A recording under way."""

    model: Model
    reading: Reading
    about: About
    folder: Path
    backend: str
    device: str
    progress: Progress | None

    def write(self) -> None:
        """Everything but `about.json`."""
        n_passes = len(self.model.layers) + 1
        self._write_tokens()
        for index in range(len(self.model.layers)):
            self._write_layer(index, index / n_passes, 1 / n_passes)
        self._write_ends(1 - 1 / n_passes, 1 / n_passes)

    def _write_tokens(self) -> None:
        if not isinstance(self.reading, Coded):
            return
        reading, about = self.reading, self.about
        codes, vectors = about.token_codes(self.folder), about.token_vectors(self.folder)
        with codes.create() as file:
            codes.write(file, 0, reading.codes)
        with vectors.create() as file:
            vectors.write(file, 0, reading.places if reading.vectors is None else reading.vectors)

    def _write_layer(self, index: int, done: float, share: float) -> None:
        layer = self.model.layers[index]
        states = {
            name: np.asarray(state, self.model.dtype)
            for name, state in initial_states(layer, 1).items()
        }
        names = [f"{index}.{signal.name}" for signal in layer.kind.signals]
        with self._files(names) as files:
            for start, stop in self._parts(layer.direction == "backward", layer):
                values = self._read(layer.level, start, stop)
                part = Part(start, self.about.n_steps, states)
                traced = read_part(
                    layer, values, part, self.model.dtype, backend=self.backend, device=self.device
                )
                states = dict(traced.final)
                for name in traced.signals:
                    files[f"{index}.{name}"].write(start, traced.signals[name][:, 0])
                self._tell(done + share * self._far(layer, start, stop))

    def _far(self, layer: Layer, start: int, stop: int) -> float:
        n_steps = self.about.n_steps
        return (stop if layer.direction == "forward" else n_steps - start) / n_steps

    def _write_ends(self, done: float, share: float) -> None:
        """What goes in and what comes out."""
        about = self.about
        names = ["inputs"] * bool(about.inputs) + ["outputs"] * bool(about.output_names)
        top = len(self.model.levels)
        if names:
            with self._files(names) as files:
                for start, stop in self._parts(False):
                    if "inputs" in files:
                        values = self.reading.window(start, stop).values
                        files["inputs"].write(start, values[:, 0])
                    if "outputs" in files:
                        hidden = self._read(top, start, stop)
                        out = read_out(self.model, hidden, backend=self.backend, device=self.device)
                        files["outputs"].write(start, out[:, 0])
                    self._tell(done + share * stop / about.n_steps)
        self._tell(1.0)

    def _tell(self, done: float) -> None:
        if self.progress is not None:
            self.progress(done)

    def _read(self, level: int, start: int, stop: int) -> Array:
        """What a level reads, (time, 1, input)."""
        if level == 0:
            return inputs_of(self.model, self.reading.window(start, stop))
        below = [i for i, layer in enumerate(self.model.layers) if layer.level == level - 1]
        files = [self.about.steps(self.folder, f"{i}.hidden") for i in below]
        return np.concatenate([file.read(start, stop) for file in files], axis=1)[:, None]

    def _parts(self, backwards: bool, layer: Layer | None = None) -> list[tuple[int, int]]:
        n_steps = self.about.n_steps
        widths = sum(layer.width(s.name) for s in layer.kind.signals) if layer is not None else 1
        widths += layer.n_inputs if layer is not None else self.model.n_outputs
        step_bytes = widths * self.model.dtype.itemsize
        length = next((n for n in _PARTS if n * step_bytes <= _PART_BYTES), _PARTS[-1])
        starts = range(0, n_steps, length)
        parts = [(start, min(start + length, n_steps)) for start in starts]
        return parts[::-1] if backwards else parts

    @contextmanager
    def _files(self, names: list[str]) -> Iterator[dict[str, _File]]:
        with ExitStack() as stack:
            files = {name: _File.create(self.about, self.folder, name, stack) for name in names}
            yield files
            for file in files.values():
                file.finish()


@dataclass(frozen=True, eq=False)
class _File:
    """An array (time, unit) being written, and its pyramid where it has one."""

    about: About
    folder: Path
    name: str
    steps: BinaryIO
    blocks: BinaryIO | None

    @staticmethod
    def create(about: About, folder: Path, name: str, stack: ExitStack) -> _File:
        """Both files, opened."""
        steps = stack.enter_context(about.steps(folder, name).create())
        pictured = name in about.pictured
        blocks_ = stack.enter_context(about.blocks(folder, name).create()) if pictured else None
        return _File(about, folder, name, steps, blocks_)

    def write(self, start: int, values: Array) -> None:
        """Steps (time, unit) from `start`, a whole number of base blocks unless the last."""
        self.about.steps(self.folder, self.name).write(self.steps, start, values)
        if self.blocks is not None:
            rows = self.about.blocks(self.folder, self.name)
            rows.write(self.blocks, start // BASE, blocks(values, BASE))

    def finish(self) -> None:
        """The levels above the first."""
        if self.blocks is None:
            return
        levels, rows = self.about.levels, self.about.blocks(self.folder, self.name)
        for level in range(1, len(levels.lengths)):
            self.blocks.flush()
            finer, length = levels.first(level - 1), levels.lengths[level - 1]
            count = levels.count(level - 1)
            for start in range(0, count, 1024):
                stop = min(start + 1024, count)
                held = min(stop * length, levels.n_steps) - start * length
                joined = join(rows.read(finer + start, finer + stop), FACTOR, held, length)
                rows.write(self.blocks, levels.first(level) + start // FACTOR, joined)
