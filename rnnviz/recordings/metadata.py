"""Metadata and files of a recording's folder: `about.json` beside arrays in .npy files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.cells import CELLS
from rnnviz.core.arrays import Array
from rnnviz.core.cell import Cell
from rnnviz.core.sequence import Encoding
from rnnviz.errors import InputError
from rnnviz.network.layer import Direction
from rnnviz.recordings.array_file import NpyFile
from rnnviz.recordings.pyramid import STATISTICS, PyramidLevels

VERSION = 1
FILE_NAME = "about.json"
# Keys of the file, where they differ from the fields.
_FILE_KEYS = {
    "input_dtype": "inputs",
    "has_vectors": "vectors",
    "id_dtype": "codes",
    "cell_name": "cell",
}


@dataclass(frozen=True)
class RecordedLayer:
    """One layer of a recording.

    widths   numbers per step by signal.
    initial  states before the layer's first step, (unit,).
    """

    cell_name: str
    direction: Direction
    level: int
    widths: Mapping[str, int]
    initial: Mapping[str, tuple[float, ...]]

    @property
    def cell(self) -> Cell:
        """Cell of the layer."""
        return CELLS[self.cell_name]

    def initial_states(self, dtype: str) -> dict[str, Array]:
        """States before the layer's first step, (1, unit)."""
        return {name: np.array([state], dtype) for name, state in self.initial.items()}


@dataclass(frozen=True)
class Metadata:
    """Description of a recording, all but its arrays.

    dtype        of the computation.
    input_dtype  of the inputs; "" for a text, which is stored as token ids.
    tokens       vocabulary of a text; empty where tokens are the steps' numbers.
    has_vectors  True where tokens are embedded, False where they are one-hot.
    id_dtype     of the token ids; "" without tokens.
    """

    n_steps: int
    dtype: str
    layers: tuple[RecordedLayer, ...]
    features: tuple[str, ...]
    encoding: Encoding
    input_dtype: str
    tokens: tuple[str, ...]
    has_vectors: bool
    id_dtype: str
    source: str
    is_trained: bool
    output_names: tuple[str, ...]
    readout: str

    @property
    def levels(self) -> PyramidLevels:
        """Levels of the pyramids."""
        return PyramidLevels(self.n_steps)

    def width(self, name: str) -> int:
        """Numbers per step of an array: "0.hidden", "inputs", …"""
        if name == "inputs":
            return len(self.features)
        if name == "outputs":
            return len(self.output_names)
        layer, signal = name.split(".")
        return self.layers[int(layer)].widths[signal]

    @property
    def pyramid_names(self) -> tuple[str, ...]:
        """Names of the arrays (time, unit) with a pyramid."""
        signals = [f"{i}.{name}" for i, layer in enumerate(self.layers) for name in layer.widths]
        outputs = ["outputs"] * bool(self.output_names)
        return (*signals, *outputs, *(["inputs"] * (self.encoding == "values")))

    @property
    def n_bytes(self) -> int:
        """Bytes of all arrays together."""
        return sum(file.n_bytes for file in RecordingFiles(Path(), self))

    def save(self, folder: Path) -> None:
        """Write `about.json`, last of all files: a folder without it is no recording."""
        content = asdict(self) | {"layers": [_file_keys(asdict(layer)) for layer in self.layers]}
        text = json.dumps({"rnnviz recording": VERSION} | _file_keys(content))
        (folder / FILE_NAME).write_text(text, "utf-8")


@dataclass(frozen=True)
class RecordingFiles:
    """Array files of a recording's folder; iteration gives all of them."""

    folder: Path
    metadata: Metadata

    def signal(self, name: str) -> NpyFile:
        """File of an array (time, unit)."""
        metadata = self.metadata
        dtype = np.dtype(metadata.input_dtype if name == "inputs" else metadata.dtype)
        shape = (metadata.n_steps, metadata.width(name))
        return NpyFile(self.folder / f"{name}.npy", shape, dtype)

    def pyramid(self, name: str) -> NpyFile:
        """File of an array's pyramid (block, statistic, unit)."""
        metadata = self.metadata
        shape = (metadata.levels.n_blocks, len(STATISTICS), metadata.width(name))
        return NpyFile(self.folder / f"{name}.blocks.npy", shape, np.dtype(np.float32))

    @property
    def token_ids(self) -> NpyFile:
        """File of the token ids (time,)."""
        metadata = self.metadata
        return NpyFile(self.folder / "codes.npy", (metadata.n_steps,), np.dtype(metadata.id_dtype))

    @property
    def token_values(self) -> NpyFile:
        """File of the tokens' vectors (token, feature), or of their features' indices (token,)."""
        metadata = self.metadata
        n_tokens = len(metadata.tokens)
        if metadata.has_vectors:
            shape = (n_tokens, len(metadata.features))
            return NpyFile(self.folder / "vectors.npy", shape, np.dtype(metadata.dtype))
        return NpyFile(self.folder / "places.npy", (n_tokens,), np.dtype(np.int32))

    def __iter__(self) -> Iterator[NpyFile]:
        metadata = self.metadata
        yield from map(self.signal, metadata.pyramid_names)
        yield from map(self.pyramid, metadata.pyramid_names)
        if metadata.input_dtype and metadata.encoding != "values":
            yield self.signal("inputs")
        if metadata.tokens:
            yield self.token_ids
        if not metadata.input_dtype:
            yield self.token_values


def load_metadata(folder: Path) -> Metadata:
    """Metadata of a recording's folder, checked against its files.

    Raises InputError for another or a damaged folder.
    """
    try:
        metadata = _parse(json.loads((folder / FILE_NAME).read_text("utf-8")))
        files = RecordingFiles(folder, metadata)
        for file in files:
            _check_file(file)
        _check_token_files(files)
    # Another folder's content can fail in any way: no JSON, other keys, other types, no file.
    except Exception as error:
        raise InputError(
            "A folder that rnnviz recorded is wanted, but {folder} is none or is damaged;"
            " record it again.",
            folder=str(folder),
        ) from error
    return metadata


def _file_keys(values: Mapping[str, Any]) -> dict[str, Any]:
    return {_FILE_KEYS.get(name, name): value for name, value in values.items()}


def _check_file(file: NpyFile) -> None:
    with file.path.open("rb") as stream:
        header = stream.read(len(file.header))
    if header != file.header or file.path.stat().st_size != file.n_bytes:
        raise ValueError(f"{file.path} is of another size")


def _check_token_files(files: RecordingFiles) -> None:
    """Check that every id is one of a token, and every index one of a feature."""
    metadata, bounds = files.metadata, []
    if metadata.tokens:
        bounds.append((files.token_ids, len(metadata.tokens)))
    if not metadata.input_dtype and not metadata.has_vectors:
        bounds.append((files.token_values, len(metadata.features)))
    for file, bound in bounds:
        ids = file.read(0, file.shape[0])
        if ids.min() < 0 or ids.max() >= bound:
            raise ValueError(f"{file.path} counts beyond {bound}")


def _parse(content: Any) -> Metadata:
    if content.pop("rnnviz recording") != VERSION:
        raise ValueError("another version")
    content["layers"] = tuple(_layer(**layer) for layer in content["layers"])
    for name in ("features", "tokens", "output_names"):
        content[name] = tuple(content[name])
    names = {_FILE_KEYS.get(field.name, field.name): field.name for field in fields(Metadata)}
    metadata = Metadata(**{names[key]: value for key, value in content.items()})
    _check(metadata)
    return metadata


def _layer(cell: str, direction: Any, level: int, widths: Any, initial: Any) -> RecordedLayer:
    return RecordedLayer(
        str(cell),
        direction,
        int(level),
        {name: int(width) for name, width in widths.items()},
        {name: tuple(map(float, state)) for name, state in initial.items()},
    )


def _check(metadata: Metadata) -> None:
    names = (*metadata.features, *metadata.tokens, *metadata.output_names)
    is_valid = [
        isinstance(metadata.n_steps, int) and metadata.n_steps > 0,
        metadata.dtype in ("float32", "float64"),
        metadata.input_dtype in ("", "float32", "float64"),
        metadata.id_dtype in ("", "uint8", "uint16", "uint32"),
        bool(metadata.id_dtype) == bool(metadata.tokens),
        bool(metadata.input_dtype) or bool(metadata.id_dtype),
        metadata.encoding in ("values", "one_hot", "embedding"),
        all(isinstance(name, str) for name in (*names, metadata.source, metadata.readout)),
        isinstance(metadata.is_trained, bool) and isinstance(metadata.has_vectors, bool),
        len(metadata.features) > 0 and len(metadata.layers) > 0,
        all(map(_is_valid_layer, metadata.layers)),
    ]
    if not all(is_valid):
        raise ValueError("invalid metadata")


def _is_valid_layer(layer: RecordedLayer) -> bool:
    signals = tuple(signal.name for signal in layer.cell.signals)
    states = {name: len(state) for name, state in layer.initial.items()}
    return (
        tuple(layer.widths) == signals
        and states == {name: layer.widths[name] for name in layer.cell.states}
        and min(layer.widths.values()) > 0
        and layer.direction in ("forward", "backward")
        and layer.level >= 0
    )
