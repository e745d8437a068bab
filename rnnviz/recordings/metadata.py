"""What a recording says of itself in `about.json`, beside its arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
NAME = "about.json"


@dataclass(frozen=True)
class RecordedLayer:
    """One layer of a recording.

    widths   numbers of each signal at one step.
    initial  states before the layer's first step, (unit,).
    """

    cell: str
    direction: Direction
    level: int
    widths: Mapping[str, int]
    initial: Mapping[str, tuple[float, ...]]

    @property
    def kind(self) -> Cell:
        """The cell itself."""
        return CELLS[self.cell]


@dataclass(frozen=True)
class Metadata:
    """All of a recording but its arrays.

    dtype     the type that it was computed in.
    inputs    the type of what was read; "" for a text, which is kept as the codes of its tokens.
    tokens    the different tokens of a text; empty where they are the steps' numbers.
    vectors   whether each token of a text stands for a vector of its own.
    """

    n_steps: int
    dtype: str
    layers: tuple[RecordedLayer, ...]
    features: tuple[str, ...]
    encoding: Encoding
    inputs: str
    tokens: tuple[str, ...]
    vectors: bool
    codes: str
    source: str
    is_trained: bool
    output_names: tuple[str, ...]
    readout: str

    @property
    def levels(self) -> PyramidLevels:
        """The blocks of its pyramids."""
        return PyramidLevels(self.n_steps)

    def width(self, name: str) -> int:
        """Numbers a step of an array by its name in the folder: `0.hidden`, "inputs", …"""
        if name == "inputs":
            return len(self.features)
        if name == "outputs":
            return len(self.output_names)
        layer, signal = name.split(".")
        return self.layers[int(layer)].widths[signal]

    @property
    def pyramid_names(self) -> tuple[str, ...]:
        """The arrays (time, unit) that have a pyramid."""
        signals = [f"{i}.{name}" for i, layer in enumerate(self.layers) for name in layer.widths]
        outputs = ["outputs"] * bool(self.output_names)
        return (*signals, *outputs, *(["inputs"] * (self.encoding == "values")))

    def signal_file(self, folder: Path, name: str) -> NpyFile:
        """The file of an array (time, unit)."""
        dtype = np.dtype(self.inputs if name == "inputs" else self.dtype)
        return NpyFile(folder / f"{name}.npy", (self.n_steps, self.width(name)), dtype)

    def pyramid_file(self, folder: Path, name: str) -> NpyFile:
        """The file of its pyramid (block, part, unit)."""
        shape = (self.levels.n_blocks, len(STATISTICS), self.width(name))
        return NpyFile(folder / f"{name}.blocks.npy", shape, np.dtype(np.float32))

    def token_ids_file(self, folder: Path) -> NpyFile:
        """The file of its tokens' codes (time,)."""
        return NpyFile(folder / "codes.npy", (self.n_steps,), np.dtype(self.codes))

    def token_values_file(self, folder: Path) -> NpyFile:
        """The file of what the tokens stand for: vectors (token, feature), or places (token,)."""
        n_tokens = len(self.tokens)
        if self.vectors:
            shape = (n_tokens, len(self.features))
            return NpyFile(folder / "vectors.npy", shape, np.dtype(self.dtype))
        return NpyFile(folder / "places.npy", (n_tokens,), np.dtype(np.int32))

    def files(self, folder: Path) -> list[NpyFile]:
        """Every array of the recording."""
        pictured = self.pyramid_names
        own = [self.signal_file(folder, name) for name in pictured]
        own += [self.pyramid_file(folder, name) for name in pictured]
        if self.inputs and self.encoding != "values":
            own.append(self.signal_file(folder, "inputs"))
        if self.tokens:
            own.append(self.token_ids_file(folder))
        if not self.inputs:
            own.append(self.token_values_file(folder))
        return own

    @property
    def n_bytes(self) -> int:
        """Bytes of all arrays together."""
        return sum(rows.n_bytes for rows in self.files(Path()))

    def save(self, folder: Path) -> None:
        """Write it; last of all, so that a folder without it is no recording."""
        text = json.dumps({"rnnviz recording": VERSION} | asdict(self))
        (folder / NAME).write_text(text, "utf-8")


def load_metadata(folder: Path) -> Metadata:
    """What a folder says of itself, checked against its files.

    Raises InputError when it is no recording.
    """
    try:
        about = _checked(json.loads((folder / NAME).read_text("utf-8")))
        for rows in about.files(folder):
            _check_file(rows)
        _check_codes(about, folder)
    # What another folder holds can fail in any way: no JSON, other keys, other types, no file.
    except Exception as error:
        raise InputError(
            "A folder that rnnviz recorded is wanted, but {folder} is none or is damaged;"
            " record it again.",
            folder=str(folder),
        ) from error
    return about


def _check_file(rows: NpyFile) -> None:
    with rows.path.open("rb") as file:
        if file.read(len(rows.header)) != rows.header or rows.path.stat().st_size != rows.n_bytes:
            raise ValueError(f"{rows.path} is of another size")


def _check_codes(about: Metadata, folder: Path) -> None:
    """Every code is a token's, and every place a feature's."""
    numbers = []
    if about.tokens:
        numbers.append((about.token_ids_file(folder), len(about.tokens)))
    if not about.inputs and not about.vectors:
        numbers.append((about.token_values_file(folder), len(about.features)))
    for rows, bound in numbers:
        found = rows.read(0, rows.shape[0])
        if found.min() < 0 or found.max() >= bound:
            raise ValueError(f"{rows.path} counts beyond {bound}")


def _checked(told: Any) -> Metadata:
    if told.pop("rnnviz recording") != VERSION:
        raise ValueError("another version")
    layers = tuple(_layer(**layer) for layer in told.pop("layers"))
    for name in ("features", "tokens", "output_names"):
        told[name] = tuple(told[name])
    about = Metadata(layers=layers, **told)
    _check(about)
    return about


def _layer(cell: str, direction: Any, level: int, widths: Any, initial: Any) -> RecordedLayer:
    return RecordedLayer(
        str(cell),
        direction,
        int(level),
        {name: int(width) for name, width in widths.items()},
        {name: tuple(map(float, state)) for name, state in initial.items()},
    )


def _check(about: Metadata) -> None:
    names = (*about.features, *about.tokens, *about.output_names, about.source, about.readout)
    fits = [
        isinstance(about.n_steps, int) and about.n_steps > 0,
        about.dtype in ("float32", "float64"),
        about.inputs in ("", "float32", "float64"),
        about.codes in ("", "uint8", "uint16", "uint32"),
        bool(about.codes) == bool(about.tokens),
        bool(about.inputs) or bool(about.codes),
        about.encoding in ("values", "one_hot", "embedding"),
        all(isinstance(name, str) for name in names),
        isinstance(about.is_trained, bool) and isinstance(about.vectors, bool),
        len(about.features) > 0 and len(about.layers) > 0,
        all(map(_is_layer, about.layers)),
    ]
    if not all(fits):
        raise ValueError("it does not say what a recording says")


def _is_layer(layer: RecordedLayer) -> bool:
    kind = CELLS[layer.cell]
    signals = tuple(signal.name for signal in kind.signals)
    states = {name: len(state) for name, state in layer.initial.items()}
    return (
        tuple(layer.widths) == signals
        and states == {name: layer.widths[name] for name in kind.states}
        and min(layer.widths.values()) > 0
        and layer.direction in ("forward", "backward")
        and layer.level >= 0
    )


def initial(layer: RecordedLayer, dtype: str) -> dict[str, Array]:
    """The states before the layer's first step, (1, unit)."""
    return {name: np.array([state], dtype) for name, state in layer.initial.items()}
