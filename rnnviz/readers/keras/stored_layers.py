"""A file of weights alone ▶ its layers in the order in which they were written.

Keras 3 (`save_weights`, keras.src.saving.saving_lib) puts the arrays of a layer at
"layers/lstm/cell/vars/0" and makes a group for every layer, one without weights too. A Sequential
or Functional model lists its layers by class in "layers"; a class of its own has them at its
attributes' names. Keras 2 (`save_weights_to_hdf5_group`) names every layer in `layer_names`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from rnnviz.core.arrays import Array
from rnnviz.readers.keras.file import KerasFile
from rnnviz.readers.keras.graph import snake_case
from rnnviz.readers.keras.legacy import holds_recurrence, last_part, names_by_place
from rnnviz.readers.keras.stacks import PASS_THROUGH

Part = Literal["cells", "convolution", "unknown_cells", "embedding", "dense", "other"]
Cells = tuple[tuple[Array, ...], ...]
KINDS = {1: "SimpleRNN", 3: "GRU", 4: "LSTM"}
_INSIDE = re.compile(
    r"(?P<layer>.+?)(?:/(?P<side>forward_layer|backward_layer))?"
    r"(?P<cell>/cell(?:/cells/[^/]+)?|/layer|)/vars(?:/(?P<number>\d{1,6}))?"
)
_INERT = {snake_case(kind) for kind in PASS_THROUGH} | {"input_layer"}
_INERT_NAME = re.compile(r"(?:^|_)(?:dropout|drop|noise|masking|input|identity)", re.IGNORECASE)
_INNER = re.compile(r"/|time_?distributed", re.IGNORECASE)
_CLASS = re.compile(
    r"(?:lstm|gru|simple_rnn|rnn|bidirectional)(?:_cell)?(?:_\d+)?|stacked_rnn_cells.*"
)
_NUMBER = re.compile(r"_\d+$")


@dataclass(frozen=True, eq=False)
class StoredLayer:
    """One layer of a file of weights alone.

    path       where it stands: "layers/lstm".
    group      the legacy format's group.
    word       its class in snake case; in the legacy format, and in a class of its own, its name.
    part       what its arrays are: those of recurrent cells, known or not, of an Embedding, …
    cells      the arrays of each cell in Keras' order; of another layer one tuple, or none.
    is_both    whether they are the two directions of a Bidirectional.
    store      where Keras 3 has its arrays: "layers/time_distributed/layer".
    name       the name that Keras or the user gave it, "" where the file does not say it.
    is_inside  whether a layer that is no model calls it: "layers/my_block/lstm".
    cell       the name of its cell, "" where the file does not say it.
    """

    path: str
    group: str
    word: str
    part: Part = "other"
    cells: Cells = ()
    is_both: bool = False
    store: str = ""
    name: str = ""
    is_inside: bool = False
    cell: str = ""

    @property
    def is_of_keras(self) -> bool:
        """False for a recurrent layer whose class, or that of its cell, is not one of Keras'."""
        is_listed = self.model.rpartition("/")[2] == "layers"
        names = [*([self.word] if is_listed else []), *([self.cell] if self.cell else [])]
        return all(_CLASS.fullmatch(name) for name in names)

    @property
    def is_inert(self) -> bool:
        """True when its output is its input while a network is evaluated."""
        known = _NUMBER.sub("", self.word) in _INERT or _INERT_NAME.search(self.word)
        return not self.cells and bool(known)

    @property
    def model(self) -> str:
        """Path of the model that lists it."""
        return self.path.rpartition("/")[0]

    @property
    def n_inputs(self) -> int:
        """Features that it reads."""
        return int(self.cells[0][0].shape[0])

    @property
    def n_outputs(self) -> int:
        """Numbers that it gives."""
        if self.part != "cells":
            return int(self.cells[0][0].shape[-1])
        tops = self.cells if self.is_both else self.cells[-1:]
        return sum(int(cell[1].shape[0]) for cell in tops)


def stored_layers(file: KerasFile) -> tuple[StoredLayer, ...]:
    """Every layer of the file, in order."""
    return tuple(_listed(file) if file.names is not None else _pathed(file))


def cell_kind(cell: tuple[Array, ...]) -> str:
    """Keras' class of the arrays of a cell: "LSTM", "CuDNNGRU"."""
    n_units, width = cell[1].shape
    kind = KINDS[width // n_units]
    is_cudnn = len(cell) > 2 and cell[2].shape == (2 * width,)
    return f"CuDNN{kind}" if is_cudnn else kind


def _is_cell(arrays: tuple[Array, ...]) -> bool:
    if len(arrays) not in (2, 3) or any(array.ndim != 2 for array in arrays[:2]):
        return False
    (n_inputs, width), (n_units, own) = arrays[0].shape, arrays[1].shape
    is_known = n_units > 0 and own % n_units == 0 and own // n_units in KINDS
    return bool(n_inputs and is_known and width == own)


def _part(cells: Cells, word: str, *, is_recurrent: bool, is_both: bool) -> Part:
    if is_recurrent and all(map(_is_cell, cells)) and (not is_both or len(cells) == 2):
        return "cells"
    if is_recurrent:
        is_convolution = any(array.ndim > 2 for cell in cells for array in cell)
        return "convolution" if is_convolution else "unknown_cells"
    shapes = [array.shape for array in cells[0]] if len(cells) == 1 else []
    if len(shapes) == 1 and len(shapes[0]) == 2:
        return "embedding" if "embedding" in word else "dense"
    is_dense = len(shapes) == 2 and len(shapes[0]) == 2 and shapes[0][1:] == shapes[1]
    return "dense" if is_dense else "other"


def _pathed(file: KerasFile) -> Iterator[StoredLayer]:
    """Keras 3, in the order in which the layers were finished."""
    layers: dict[str, dict[tuple[str, str], dict[int, Array]]] = {}
    for path in file.groups:
        for found in _inside(f"{path}/vars" if path in file.arrays else path):
            layers.setdefault(found["layer"], {})
    for path, array in file.arrays.items():
        for found in _inside(path):
            cell = (found["side"] or "", found["cell"])
            number = int(found["number"] or 0)
            layers.setdefault(found["layer"], {}).setdefault(cell, {})[number] = array
    around = {outer for path in layers for outer in _prefixes(path)} & layers.keys()
    mixed = {outer for path, cells in layers.items() if cells for outer in _prefixes(path)}
    listed = [
        _layer(path, cells, file, around, is_mixed=path in mixed)
        for path, cells in layers.items()
        if cells or path not in around
    ]
    whole = {layer.path for layer in listed if layer.part == "cells"}
    yield from (y for y in listed if y.cells or whole.isdisjoint(_prefixes(y.path)))


def _inside(path: str) -> Iterator[re.Match[str]]:
    found = _INSIDE.fullmatch(path)
    # The state of random numbers is not used in an evaluation.
    if found and not found["layer"].endswith("seed_generator"):
        yield found


def _layer(
    path: str,
    arrays: Mapping[tuple[str, str], Mapping[int, Array]],
    file: KerasFile,
    around: set[str],
    *,
    is_mixed: bool,
) -> StoredLayer:
    keys = sorted(arrays, key=lambda key: key[0] == "backward_layer")
    cells = tuple(tuple(arrays[key][i] for i in sorted(arrays[key])) for key in keys)
    word = path.rpartition("/")[2]
    is_both = any(side for side, _ in keys)
    is_recurrent = bool(keys) and all(cell.startswith("/cell") for _, cell in keys)
    part = _part(cells, word, is_recurrent=is_recurrent, is_both=is_both)
    return StoredLayer(
        path,
        path,
        word,
        # Weights of another layer inside it, such as a normalisation: it is no cell of Keras.
        "unknown_cells" if part == "cells" and is_mixed else part,
        cells,
        is_both,
        path + (keys[0][1] if len(keys) == 1 and keys[0][1] == "/layer" else ""),
        file.titles.get(f"{path}/vars", ""),
        any(not path.startswith(f"{y}/layers/") for y in _prefixes(path) if y in around),
        file.titles.get(f"{path}/cell/vars", ""),
    )


def _prefixes(path: str) -> Iterator[str]:
    """Paths of what may be around it.

    >>> list(_prefixes("layers/lstm/cell"))
    ['layers', 'layers/lstm']
    """
    return (path[: found.start()] for found in re.finditer("/", path))


def _listed(file: KerasFile) -> Iterator[StoredLayer]:
    """Keras 2: a recurrent layer's kernel, recurrent_kernel, bias, cell by cell."""
    for group, names in (file.names or {}).items():
        inside = [name for name in names if name in file.arrays]
        by_place = names_by_place(inside)
        cells = tuple(tuple(file.arrays[name] for name in each) for each in by_place.values())
        is_recurrent = bool(cells) and all(map(holds_recurrence, by_place.values()))
        is_both = len(cells) == 2 and any("backward" in name for name in inside)
        word = "embedding" if any(last_part(name) == "embeddings" for name in inside) else group
        part = _part(cells, word, is_recurrent=is_recurrent, is_both=is_both)
        yield StoredLayer(
            group, group, word, part, cells, is_both, group, group, bool(_INNER.search(group))
        )
