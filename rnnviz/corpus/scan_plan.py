"""Plan of a scan: what is read by what, and where each part is written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.core.writing import write_whole, writing
from rnnviz.corpus.plan_file import FORMAT, differences, told_shards
from rnnviz.corpus.scan_shard import ScanOptions
from rnnviz.corpus.shards import Shard
from rnnviz.engine.kernels.select import available_libraries
from rnnviz.errors import InputError
from rnnviz.network.model import Model

_PLAN = "plan.json"
# With fewer numbers to sum, a library that is not loaded yet costs more than it saves.
_MIN_NUMBERS = 10**8


@dataclass(frozen=True, eq=False)
class ScanPlan:
    """What is scanned, and where it is written."""

    model: Model
    shards: tuple[Shard, ...]
    layer: int
    warm_up: int
    seed: int
    folder: Path

    @property
    def options(self) -> ScanOptions:
        """What is looked at in every shard."""
        layer = self.model.layers[self.layer]
        numbers = self.n_bytes * sum(layer.width(one.name) for one in layer.cell.signals)
        is_compiled = numbers >= _MIN_NUMBERS and available_libraries().numba != "absent"
        return ScanOptions(self.layer, self.warm_up, self.seed, self.n_bytes, is_compiled)

    @property
    def n_bytes(self) -> int:
        """About the tokens; they decide whether compiled steps pay."""
        return sum(shard.n_bytes for shard in self.shards)

    def path(self, number: int) -> Path:
        """File of a shard."""
        return self.folder / "shards" / f"{number:06}.parquet"

    def group(self, level: int, number: int) -> Path:
        """File of a group of shards that are merged."""
        return self.folder / "shards" / f"merged-{level}-{number:06}.parquet"

    def begin(self) -> None:
        """Make the folder.

        Raises InputError for one that holds something else, and RnnvizError for one that cannot
        be made.
        """
        place, told = self.folder / _PLAN, self.written()
        with writing(self.folder):
            self._check_folder(place, told)
            (self.folder / "shards").mkdir(parents=True, exist_ok=True)
            # What workers were writing when they were ended.
            for part in (self.folder / "shards").glob(".*.part"):
                part.unlink(missing_ok=True)
        if not place.exists():
            write_whole(place, told)

    def _check_folder(self, place: Path, told: bytes) -> None:
        if place.exists():
            if reason := differences(place.read_bytes(), json.loads(told)):
                raise InputError(
                    "“{name}” holds another scan ({reason}); choose another folder, or remove it.",
                    name=shown(str(self.folder)),
                    reason=reason,
                )
        elif self._holds_something_else():
            raise InputError(
                "“{name}” should be a new or empty folder, but holds other files; choose another.",
                name=shown(str(self.folder)),
            )

    def _holds_something_else(self) -> bool:
        folder = self.folder
        return folder.is_dir() and any(path.name != "shards" for path in folder.iterdir())

    def written(self) -> bytes:
        """The plan as JSON; the same scan of the same texts gives the same bytes."""
        layer = self.model.layers[self.layer]
        told = {
            "format": FORMAT,
            "model": model_digest(self.model),
            "cell": layer.cell_name,
            "title": self.model.source or layer.title,
            "layer": self.layer,
            "vocabulary": self.model.vocabulary,
            "warm_up": self.warm_up,
            "seed": self.seed,
            **told_shards(self.shards),
        }
        return json.dumps(told, ensure_ascii=False, indent=1).encode()


def model_digest(model: Model) -> str:
    """Digest of all that decides a model's states: its layers, its embedding, its vocabulary."""
    digest = sha256(repr(model.vocabulary).encode())
    embedding = () if model.embedding is None else (("embedding", np.asarray(model.embedding)),)
    _add(digest, embedding)
    for layer in model.layers:
        told = (layer.cell_name, layer.direction, layer.level, layer.activation_names, layer.clip)
        digest.update(repr(told).encode())
        _add(digest, (*layer.weights.items(), *layer.initial.items()))
    return digest.hexdigest()


def _add(digest: Any, arrays: Iterable[tuple[str, Array]]) -> None:
    for name, array in sorted(arrays, key=lambda one: one[0]):
        digest.update(f"{name} {array.shape} {array.dtype}".encode() + array.tobytes())
