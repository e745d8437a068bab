"""Recording: a sequence too long for memory, traced to disk chunk by chunk."""

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
from rnnviz.core.checks import check_path
from rnnviz.core.sequence import Sequence
from rnnviz.engine.layer_runner import Chunk, initial_states
from rnnviz.engine.model_runner import apply_readout, check_input_range, output_names
from rnnviz.engine.trace_layer import trace_chunk
from rnnviz.engine.wanted import check_model
from rnnviz.errors import InputError
from rnnviz.network.layer import Layer
from rnnviz.network.model import Model
from rnnviz.recordings.array_file import NpyFile
from rnnviz.recordings.metadata import Metadata, RecordedLayer, RecordingFiles
from rnnviz.recordings.model_inputs import as_model_inputs
from rnnviz.recordings.pyramid import BASE
from rnnviz.recordings.recording import Recording
from rnnviz.recordings.source import SequenceSource, as_source
from rnnviz.recordings.token_ids import TokenIds, encode_tokens
from rnnviz.recordings.writer import open_writer

ProgressCallback = Callable[[float], object]

# A chunk of this many bytes is worth a call and small beside the program.
PART_BYTES = 16_000_000
_MAX_STEPS, _MIN_STEPS = 4096, 4 * BASE


def record(
    model: Model,
    sequence: SequenceSource | Sequence | ArrayLike,
    folder: str | Path,
    *,
    backend: str = "numpy",
    device: str = "cpu",
    progress: ProgressCallback | None = None,
) -> Recording:
    """Recording of a model over a sequence too long for memory, with pyramids for pictures.

    sequence  a SequenceSource, a Sequence (its first row), or a plain array (time, feature).
    folder    created if missing; an existing one must be empty.
    progress  called with the part that is done, 0…1; an exception in it ends the recording and
              removes its files.

    The numbers are those of `rnnviz.trace`. Raises ModelError when the sequence does not fit the
    model or numbers overflow, and InputError when the folder is not empty or the disk too small.

    >>> import tempfile
    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=1, n_units=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     record(model, [[1.0]] * 100, f"{folder}/it").window(97, 99)["forget"].shape
    (2, 1, 2)
    """
    get_backend(backend, device)
    check_model(model)
    check_path("folder", folder)
    source = as_model_inputs(model, as_source(sequence))
    ids, tokens = encode_tokens(source) or (None, ())
    report = progress or _ignore_progress
    files = RecordingFiles(Path(folder), _metadata(model, source, ids, tokens))
    with _new_folder(files):
        _Recorder(model, source, ids, files, backend, device, report).write()
        files.metadata.save(files.folder)
    report(1.0)
    return Recording(files.folder, files.metadata)


def recording_size(model: Model, sequence: SequenceSource | Sequence | ArrayLike) -> int:
    """Bytes that `record` would write, without the token ids.

    Raises ModelError when the sequence does not fit the model.

    >>> import rnnviz as rv
    >>> recording_size(rv.random_model("lstm", n_inputs=1, n_units=2), [[0.5]] * 100) // 1000
    8
    """
    return _metadata(model, as_model_inputs(model, as_source(sequence)), None, ()).n_bytes


@dataclass(frozen=True, eq=False)
class _Recorder:
    """Recording in progress: the layers one after the other, each over the whole sequence."""

    model: Model
    source: SequenceSource
    ids: Array | None
    files: RecordingFiles
    backend: str
    device: str
    progress: ProgressCallback

    def write(self) -> None:
        """Write all arrays of the recording."""
        self._write_tokens()
        for index in range(len(self.model.layers)):
            self._write_layer(index)
        self._write_inputs_and_outputs()

    def _write_tokens(self) -> None:
        source = self.source
        if self.ids is not None:
            _write(self.files.token_ids, self.ids)
        if isinstance(source, TokenIds):
            _write(
                self.files.token_values,
                source.feature_ids if source.vectors is None else source.vectors,
            )

    def _write_layer(self, index: int) -> None:
        layer, dtype = self.model.layers[index], self.model.dtype
        states = {
            name: np.asarray(state, dtype) for name, state in initial_states(layer, 1).items()
        }
        signals = [signal.name for signal in layer.cell.signals]
        chunks = self._chunks(layer.n_inputs + sum(map(layer.width, signals)))
        if layer.direction == "backward":
            chunks.reverse()
        with open_writer(self.files, [f"{index}.{name}" for name in signals]) as writer:
            for number, (start, stop) in enumerate(chunks, start=1):
                chunk = Chunk(start, self.source.n_steps, states)
                values = self._layer_inputs(layer, start, stop)
                trace = trace_chunk(
                    layer, values, chunk, dtype, backend=self.backend, device=self.device
                )
                states = dict(trace.final)
                arrays = {f"{index}.{name}": a[:, 0] for name, a in trace.signals.items()}
                writer.write(start, arrays)
                self._report(index, number / len(chunks))

    def _write_inputs_and_outputs(self) -> None:
        metadata = self.files.metadata
        names = ["inputs"] * bool(metadata.input_dtype) + ["outputs"] * bool(metadata.output_names)
        if not names:
            return
        chunks = self._chunks(sum(map(metadata.width, names)))
        with open_writer(self.files, names) as writer:
            for number, (start, stop) in enumerate(chunks, start=1):
                arrays = {name: self._input_or_output(name, start, stop)[:, 0] for name in names}
                writer.write(start, arrays)
                self._report(len(self.model.layers), number / len(chunks))

    def _input_or_output(self, name: str, start: int, stop: int) -> Array:
        if name == "inputs":
            return self.source.values(start, stop)
        hidden = self._hidden(len(self.model.levels) - 1, start, stop)
        return apply_readout(self.model, hidden, backend=self.backend, device=self.device)

    def _report(self, n_passes: int, done: float) -> None:
        self.progress((n_passes + done) / (len(self.model.layers) + 1))

    def _layer_inputs(self, layer: Layer, start: int, stop: int) -> Array:
        """Inputs of a layer, (time, 1, input)."""
        if layer.level:
            return self._hidden(layer.level - 1, start, stop)
        return check_input_range(self.model, self.source.values(start, stop))

    def _hidden(self, level: int, start: int, stop: int) -> Array:
        """Hidden states of a level, both directions side by side, (time, 1, unit)."""
        indices = [i for i, layer in enumerate(self.model.layers) if layer.level == level]
        files = [self.files.signal(f"{i}.hidden") for i in indices]
        return np.concatenate([file.read(start, stop) for file in files], axis=1)[:, None]

    def _chunks(self, width: int) -> list[tuple[int, int]]:
        """First step of each chunk, and the step after its last."""
        n_steps, length = self.source.n_steps, _MAX_STEPS
        while length > _MIN_STEPS and length * width * self.model.dtype.itemsize > PART_BYTES:
            length //= 2
        return [(start, min(start + length, n_steps)) for start in range(0, n_steps, length)]


def _write(file: NpyFile, values: Array) -> None:
    with file.create() as opened:
        file.write(opened, 0, values)


def _ignore_progress(done: float) -> None:
    """Progress without a listener."""


@contextmanager
def _new_folder(files: RecordingFiles) -> Iterator[None]:
    """Empty folder on a disk with enough space; an error removes it and its files."""
    folder = files.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            "A recording needs an empty folder, but “{folder}” is not empty; choose another.",
            folder=str(folder),
        )
    existed = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if files.metadata.n_bytes > shutil.disk_usage(folder).free:
            raise OSError(ENOSPC, "the disk is too small")
        yield
    except BaseException as error:
        _remove(folder, existed)
        if isinstance(error, OSError):
            raise _write_error(files, error) from error
        raise


def _remove(folder: Path, existed: bool) -> None:
    for path in folder.glob("*"):
        path.unlink()
    if not existed and folder.exists():
        folder.rmdir()


def _write_error(files: RecordingFiles, error: OSError) -> InputError:
    if error.errno not in (ENOSPC, EDQUOT):
        return InputError(
            "“{name}” cannot be written ({reason}); choose another place.",
            name=str(files.folder),
            reason=error.strerror or type(error).__name__,
        )
    parents = (files.folder, *files.folder.absolute().parents)
    disk = next(folder for folder in parents if folder.exists())
    return InputError(
        "This recording needs {needed} GB on disk, but {free} GB are free;"
        " choose fewer units, fewer layers or a shorter input.",
        needed=f"{files.metadata.n_bytes / 1e9:.3g}",
        free=f"{shutil.disk_usage(disk).free / 1e9:.3g}",
    )


def _metadata(
    model: Model, source: SequenceSource, ids: Array | None, tokens: tuple[str, ...]
) -> Metadata:
    first = source.window(0, 1)
    is_text = isinstance(source, TokenIds)
    return Metadata(
        n_steps=source.n_steps,
        dtype=model.dtype.name,
        layers=tuple(map(_recorded_layer, model.layers)),
        features=first.features,
        encoding=first.encoding,
        input_dtype="" if is_text else first.values.dtype.name,
        tokens=tokens,
        has_vectors=is_text and first.encoding == "embedding",
        id_dtype="" if ids is None else ids.dtype.name,
        source=model.source,
        is_trained=model.is_trained,
        output_names=output_names(model, first),
        readout=model.readout.activation if model.readout is not None else "",
    )


def _recorded_layer(layer: Layer) -> RecordedLayer:
    states = initial_states(layer, 1)
    return RecordedLayer(
        layer.cell_name,
        layer.direction,
        layer.level,
        {signal.name: layer.width(signal.name) for signal in layer.cell.signals},
        {name: tuple(map(float, state[0])) for name, state in states.items()},
    )
