"""Apache Parquet files as a Table, the metadata checked before pages are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError, MissingLibraryError, RnnvizError
from rnnviz.inputs.column import Column, column_from_array, infer_column
from rnnviz.inputs.source import check_cells, check_columns, check_unpacked_size
from rnnviz.inputs.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rnnviz.core.arrays import Array

_BATCH_ROWS = 10_000


def read_parquet(name: str, data: bytes) -> Table:
    """Table of flat columns: numbers, booleans, texts, dates and times.

    Raises InputError for a damaged or too large file and for nested columns;
    MissingLibraryError without pyarrow.
    """
    arrow = _arrow()
    try:
        return Table(name, _columns(name, arrow, _open(arrow, data)))
    except RnnvizError:
        raise
    except (arrow.ArrowException, OSError, ValueError, TypeError) as error:
        raise InputError(
            "“{name}” should be a complete Parquet file, but it is damaged; save it again.",
            name=shown(name),
        ) from error


def _open(arrow: Any, data: bytes) -> Any:
    file = arrow.parquet.ParquetFile(arrow.BufferReader(data))
    texts = [field.name for field in file.schema_arrow if _is_text(arrow, field.type)]
    return arrow.parquet.ParquetFile(arrow.BufferReader(data), read_dictionary=texts)


def _columns(name: str, arrow: Any, file: Any) -> tuple[Column, ...]:
    _check_metadata(name, file.metadata, len(file.schema_arrow))
    for field in file.schema_arrow:
        _check_type(name, arrow, field)
    table = arrow.Table.from_batches(_batches(name, file), file.schema_arrow).unify_dictionaries()
    parts = zip(table.column_names, table.columns, strict=True)
    return tuple(_column(arrow, title, part) for title, part in parts)


def _batches(name: str, file: Any) -> Iterator[Any]:
    # In batches, because the metadata may declare less than the pages hold.
    size, n_cells = 0, 0
    for batch in file.iter_batches(_BATCH_ROWS):
        size, n_cells = size + batch.nbytes, n_cells + batch.num_rows * batch.num_columns
        check_unpacked_size(name, size)
        check_cells(name, n_cells)
        # Arrow trusts a dictionary's indices; a damaged file's may point outside it.
        batch.validate(full=True)
        yield batch


def _column(arrow: Any, title: str, part: Any) -> Column:
    if arrow.types.is_dictionary(part.type):
        return _dictionary_column(arrow, title, part)
    if arrow.types.is_temporal(part.type):
        return column_from_array(title, _numpy(part.cast(arrow.timestamp("us"), safe=False)))
    if _is_text(arrow, part.type):
        return infer_column(title, part.to_pylist())
    return column_from_array(title, _numpy(part.cast(arrow.float64(), safe=False)))


def _dictionary_column(arrow: Any, title: str, part: Any) -> Column:
    if not _is_text(arrow, part.type.value_type):
        return _column(arrow, title, part.cast(part.type.value_type))
    # Each text is decoded once: a small file may repeat a long one in millions of rows.
    combined = part.combine_chunks()
    texts, indices = combined.dictionary.to_pylist(), combined.indices.to_pylist()
    return infer_column(title, [None if i is None else texts[i] for i in indices])


def _numpy(part: Any) -> Array:
    array: Array = part.to_numpy()
    return array


def _check_metadata(name: str, metadata: Any, n_columns: int) -> None:
    check_columns(name, n_columns)
    check_cells(name, metadata.num_rows * max(n_columns, 1))
    groups = map(metadata.row_group, range(metadata.num_row_groups))
    check_unpacked_size(name, sum(group.total_byte_size for group in groups))


def _check_type(name: str, arrow: Any, field: Any) -> None:
    kind, came = arrow.types, field.type
    came = came.value_type if kind.is_dictionary(came) else came
    numbers = (kind.is_integer, kind.is_floating, kind.is_boolean, kind.is_decimal)
    is_known = any(is_kind(came) for is_kind in (*numbers, kind.is_date, kind.is_timestamp))
    if not is_known and not _is_text(arrow, came):
        raise InputError(
            "Columns of numbers, texts or dates were expected, but “{column}” of “{name}” is"
            " {came}; convert it and save the file again.",
            column=shown(field.name),
            name=shown(name),
            came=shown(came),
        )


def _is_text(arrow: Any, came: Any) -> bool:
    kind = arrow.types
    return bool(kind.is_string(came) or kind.is_large_string(came) or kind.is_null(came))


def _arrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingLibraryError(
            "Reading Parquet needs pyarrow, which is not installed;"
            ' install it with: pip install "rnnviz[app]"'
        ) from error
    return pyarrow
