"""Sketches as Parquet files, a row for each unit of each signal: any program can ask them.

A signal is a row group, and what is read at the farthest steps of a unit stands in its row.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.libraries import optional_library
from rnnviz.core.writing import write_whole
from rnnviz.corpus.moments import Moments
from rnnviz.corpus.plain_file import ABOUT, SKETCH, TOKENS, PlainSketch, read_plain, reading
from rnnviz.corpus.scan_shard import FEATURES, N_SHIFTED, Context, ShardSketch
from rnnviz.corpus.sketch import N_BINS, SignalSketch
from rnnviz.corpus.tops import N_FARTHEST, Tops

_OF_UNITS = ("mean", "squares", "products", "tokens")
_OF_PARTS = ("features", "feature_squares", "counts")
# Files of earlier scans do not have them.
_COUNTS = ("n_as_unknown", "n_damaged")
_TOPS = ("values", "places", "shards")
_READ = ("before", "token", "after")
_ENDS = ("highest", "lowest")
# Texts repeat; numbers hardly do, and a dictionary of them only takes time and room.
_TEXT_COLUMNS = ["signal", *(f"{end}_{key}.list.element" for end in _ENDS for key in _READ)]
_NOTHING = Context("", "", "")
_N_COLUMNS = len(FEATURES) * (1 + N_SHIFTED)


def write_sketch(path: Path, sketch: ShardSketch, about: Mapping[str, Any] | None = None) -> None:
    """Write a sketch whole or not at all.

    about  what a whole scan tells of itself.

    Raises RnnvizError for a path that cannot be written, such as on a full disk.
    """
    parquet = optional_library("pyarrow.parquet")
    metadata = {SKETCH: json.dumps(_metadata(sketch))}
    if about is not None:
        metadata[ABOUT] = json.dumps(about)
    tables = [_table(name, sketch) for name in sketch.signals]
    schema = tables[0].schema.with_metadata(metadata)
    buffer = io.BytesIO()
    # A page that is damaged later is told by its checksum.
    kept = {"use_dictionary": _TEXT_COLUMNS, "write_page_checksum": True}
    with parquet.ParquetWriter(buffer, schema, compression="zstd", **kept) as writer:
        for table in tables:
            writer.write_table(table.replace_schema_metadata(metadata))
    write_whole(path, buffer.getvalue())


def read_sketch(path: Path) -> ShardSketch:
    """Sketch of a file. Raises InputError for one that is damaged or no sketch."""
    return sketch_of(read_plain(path, str(path), has_tokens=True), str(path))


def sketch_of(plain: PlainSketch, name: str) -> ShardSketch:
    """Sketch of what was read of a file; where sums of tokens were left out, it has none.

    Raises InputError for numbers that are no sketch.
    """
    with reading(name):
        metadata, columns = plain
        told, names = metadata[SKETCH], columns["signal"]
        signals: dict[str, SignalSketch] = {}
        contexts: dict[tuple[int, int], Context] = {}
        for signal in dict.fromkeys(names):
            rows = slice(names.index(signal), names.index(signal) + names.count(signal))
            of_signal = {key: column[rows] for key, column in columns.items()}
            signals[signal] = _signal(of_signal, told["parts"])
            contexts |= _contexts(of_signal, signals[signal])
        samples = np.array(told["samples"], float).reshape(-1, len(FEATURES))
        n_steps, n_unknown = int(told["n_steps"]), int(told["n_unknown"])
        more = {key: int(told.get(key, 0)) for key in _COUNTS}
        return ShardSketch(n_steps, n_unknown, signals, contexts, samples, **more)


def _table(name: str, sketch: ShardSketch) -> Any:
    arrow, one = optional_library("pyarrow"), sketch.signals[name]
    n_units = len(one.histogram)
    columns: dict[str, Any] = {"signal": [name] * n_units, "unit": np.arange(n_units)}
    for part, moments in enumerate(one.parts):
        for field in _OF_UNITS:
            array = getattr(moments, field)
            columns[f"{field}_{part}"] = array.T if field == "tokens" else array
    columns["histogram"] = one.histogram
    for end, tops in zip(_ENDS, (one.highest, one.lowest), strict=True):
        columns |= {f"{end}_{field}": getattr(tops, field) for field in _TOPS}
        columns |= {f"{end}_{key}": texts for key, texts in _texts(tops, sketch).items()}
    return arrow.table({key: _column(values) for key, values in columns.items()})


def _texts(tops: Tops, sketch: ShardSketch) -> dict[str, Array]:
    """What is read at the steps of tops, (unit, top) each; "" where there is no step."""
    are_there = np.isfinite(tops.values).ravel().tolist()
    places = zip(tops.shards.ravel().tolist(), tops.places.ravel().tolist(), strict=True)
    read = [
        sketch.contexts[place] if is_there else _NOTHING
        for place, is_there in zip(places, are_there, strict=True)
    ]
    shape = tops.values.shape
    texts = {key: [getattr(one, key) for one in read] for key in _READ}
    return {key: np.array(text, object).reshape(shape) for key, text in texts.items()}


def _column(values: Any) -> Any:
    arrow = optional_library("pyarrow")
    if isinstance(values, list) or values.ndim == 1:
        return arrow.array(values)
    flat = np.ascontiguousarray(values).ravel()
    kind = arrow.string() if values.dtype == object else None
    return arrow.FixedSizeListArray.from_arrays(arrow.array(flat, kind), values.shape[1])


def _metadata(sketch: ShardSketch) -> dict[str, Any]:
    """What is not of a unit; sums over steps are the same for all signals."""
    parts = next(iter(sketch.signals.values())).parts
    return {
        "n_steps": sketch.n_steps,
        "n_unknown": sketch.n_unknown,
        **{key: getattr(sketch, key) for key in _COUNTS},
        "parts": [
            {"n": one.n} | {field: getattr(one, field).tolist() for field in _OF_PARTS}
            for one in parts
        ],
        "samples": sketch.samples.tolist(),
    }


def _signal(columns: Mapping[str, Any], parts: list[dict[str, Any]]) -> SignalSketch:
    n_units = len(columns["unit"])
    first, second = (_moments(columns, n_units, part, told) for part, told in enumerate(parts))
    histogram = _shaped(columns["histogram"], n_units, N_BINS)
    highest, lowest = (
        Tops(*(_shaped(columns[f"{end}_{field}"], n_units, N_FARTHEST) for field in _TOPS))
        for end in _ENDS
    )
    return SignalSketch((first, second), histogram, highest, lowest)


def _moments(
    columns: Mapping[str, Any], n_units: int, part: int, told: Mapping[str, Any]
) -> Moments:
    of_parts = {field: np.array(told[field], float) for field in _OF_PARTS}
    counts = of_parts["counts"]
    for field in ("features", "feature_squares"):
        _shaped(of_parts[field], _N_COLUMNS)
    if TOKENS[part] in columns:
        tokens = _shaped(columns[TOKENS[part]], n_units, len(counts)).T
    else:
        tokens = np.zeros((0, n_units))
    return Moments(
        int(told["n"]),
        _shaped(columns[f"mean_{part}"], n_units),
        _shaped(columns[f"squares_{part}"], n_units),
        products=_shaped(columns[f"products_{part}"], n_units, _N_COLUMNS),
        tokens=tokens,
        **of_parts,
    )


def _contexts(columns: Mapping[str, Any], sketch: SignalSketch) -> dict[tuple[int, int], Context]:
    found = {}
    for end, tops in zip(_ENDS, (sketch.highest, sketch.lowest), strict=True):
        read = [[text for row in columns[f"{end}_{key}"] for text in row] for key in _READ]
        numbers = (one.ravel().tolist() for one in (tops.values, tops.shards, tops.places))
        for value, shard, step, *texts in zip(*numbers, *read, strict=True):
            if value != -np.inf:
                found[shard, step] = Context(*texts)
    return found


def _shaped(array: Any, *shape: int) -> Array:
    """The array. Raises ValueError for one that is of another shape or holds no numbers."""
    if array.shape != shape or array.dtype.kind not in "iuf":
        raise ValueError(shape)
    return np.asarray(array)
