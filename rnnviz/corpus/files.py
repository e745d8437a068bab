"""Sketches as Parquet files, a row for each unit of each signal: any program can ask them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.core.libraries import optional_library
from rnnviz.core.writing import write_whole
from rnnviz.corpus.moments import Moments
from rnnviz.corpus.scan_shard import FEATURES, Context, ShardSketch
from rnnviz.corpus.sketch import SignalSketch
from rnnviz.corpus.tops import Tops
from rnnviz.errors import InputError

_KEY = b"rnnviz"
_OF_UNITS = ("mean", "squares", "products", "tokens")
_OF_PARTS = ("features", "feature_squares", "counts")
_TOPS = ("values", "places", "shards")


def write_sketch(path: Path, sketch: ShardSketch) -> None:
    """Write a sketch whole or not at all.

    Raises RnnvizError for a path that cannot be written, such as on a full disk.
    """
    arrow, parquet = optional_library("pyarrow"), optional_library("pyarrow.parquet")
    blocks = [_columns(name, one) for name, one in sketch.signals.items()]
    columns = {name: _joined([block[name] for block in blocks]) for name in blocks[0]}
    table = arrow.table(columns).replace_schema_metadata({_KEY: json.dumps(_metadata(sketch))})
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="zstd")
    write_whole(path, buffer.getvalue())


def read_sketch(path: Path) -> ShardSketch:
    """Sketch of a file. Raises InputError for one that is damaged or no sketch."""
    parquet = optional_library("pyarrow.parquet")
    try:
        table = parquet.read_table(path)
        metadata = json.loads(table.schema.metadata[_KEY])
        return _sketch(table, metadata)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "“{name}” should be a sketch of a corpus, but cannot be read as one; remove it and scan"
            " again.",
            name=shown(str(path)),
        ) from error


def _columns(name: str, sketch: SignalSketch) -> dict[str, Any]:
    n_units = len(sketch.histogram)
    columns: dict[str, Any] = {"signal": [name] * n_units, "unit": np.arange(n_units)}
    for part, moments in enumerate(sketch.parts):
        for field in _OF_UNITS:
            array = getattr(moments, field)
            columns[f"{field}_{part}"] = array.T if field == "tokens" else array
    columns["histogram"] = sketch.histogram
    for end, tops in (("highest", sketch.highest), ("lowest", sketch.lowest)):
        columns |= {f"{end}_{field}": getattr(tops, field) for field in _TOPS}
    return columns


def _joined(blocks: list[Any]) -> Any:
    arrow = optional_library("pyarrow")
    if isinstance(blocks[0], list):
        return arrow.array([value for block in blocks for value in block])
    array = np.concatenate(blocks)
    if array.ndim == 1:
        return arrow.array(array)
    flat = arrow.array(np.ascontiguousarray(array).ravel())
    return arrow.FixedSizeListArray.from_arrays(flat, array.shape[1])


def _metadata(sketch: ShardSketch) -> dict[str, Any]:
    """What is not of a unit; sums over steps are the same for all signals."""
    parts = next(iter(sketch.signals.values())).parts
    return {
        "n_steps": sketch.n_steps,
        "n_unknown": sketch.n_unknown,
        "parts": [
            {"n": one.n} | {field: getattr(one, field).tolist() for field in _OF_PARTS}
            for one in parts
        ],
        "contexts": [
            [*place, one.before, one.token, one.after]
            for place, one in sorted(sketch.contexts.items())
        ],
        "samples": sketch.samples.tolist(),
    }


def _sketch(table: Any, metadata: Mapping[str, Any]) -> ShardSketch:
    names = table.column("signal").to_pylist()
    columns = {name: _array(table.column(name)) for name in table.column_names if name != "signal"}
    signals = {}
    for name in dict.fromkeys(names):
        rows = slice(names.index(name), names.index(name) + names.count(name))
        signals[name] = _signal({key: one[rows] for key, one in columns.items()}, metadata["parts"])
    contexts = {(s, step): Context(*read) for s, step, *read in metadata["contexts"]}
    samples = np.array(metadata["samples"], float).reshape(-1, len(FEATURES))
    return ShardSketch(metadata["n_steps"], metadata["n_unknown"], signals, contexts, samples)


def _array(column: Any) -> Array:
    chunk = column.combine_chunks()
    if not hasattr(chunk.type, "list_size"):
        return np.asarray(chunk.to_numpy(zero_copy_only=False))
    flat = chunk.flatten().to_numpy(zero_copy_only=False)
    return np.asarray(flat).reshape(len(chunk), chunk.type.list_size)


def _signal(columns: Mapping[str, Array], parts: list[dict[str, Any]]) -> SignalSketch:
    read = []
    for number, part in enumerate(parts):
        of_units = {field: columns[f"{field}_{number}"] for field in _OF_UNITS}
        of_units["tokens"] = of_units["tokens"].T
        of_parts = {field: np.array(part[field], float) for field in _OF_PARTS}
        read.append(Moments(part["n"], **of_units, **of_parts))
    tops = (Tops(*(columns[f"{end}_{field}"] for field in _TOPS)) for end in ("highest", "lowest"))
    return SignalSketch((read[0], read[1]), columns["histogram"], *tops)
