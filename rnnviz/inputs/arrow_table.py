"""A Table of Arrow's record batches, as Parquet, Feather and Arrow files give them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError, MissingLibraryError, RnnvizError
from rnnviz.inputs.column import Column, column_from_array
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.infer_column import infer_column
from rnnviz.inputs.source import check_cells, check_columns, check_unpacked_size
from rnnviz.inputs.table import Table

if TYPE_CHECKING:
    from rnnviz.core.arrays import Array

_NO_NAME = "__index_level_0__"


def arrow_table(
    name: str, arrow: Any, schema: Any, batches: Iterable[Any], how: FileFormat
) -> Table:
    """Table of the batches of a file's readable fields; the others are named.

    schema  of the whole file; the batches hold its fields of `readable_fields`.
    how     how its texts are written, where the user says so.

    A DataFrame's index that was written beside its columns is the table's index.

    Raises InputError for too many cells, too many bytes, and dictionaries that are damaged.
    """
    fields = readable_fields(name, arrow, schema)
    checked = _checked(name, batches)
    whole = arrow.Table.from_batches(checked, arrow.schema(fields)).unify_dictionaries()
    index = _index(schema)
    title = "index" if index == _NO_NAME and "index" not in schema.names else index
    columns = tuple(
        _column(arrow, title if field.name == index else field.name, part, how)
        for field, part in zip(fields, whole.columns, strict=True)
    )
    is_read = any(field.name == index for field in fields)
    return Table(name, columns, "", title if is_read else "", _unread(schema, fields))


def readable_fields(name: str, arrow: Any, schema: Any) -> list[Any]:
    """Fields of numbers, booleans, texts, dates and times.

    Raises InputError, naming one, where there are only others, and for too many columns.
    """
    check_columns(name, len(schema))
    fields = [field for field in schema if _is_readable(arrow, field.type)]
    if not fields and len(schema):
        first = schema.field(0)
        raise InputError(
            "Columns of numbers, texts or dates were expected, but “{column}” of “{name}” is"
            " {came}; convert it and save the file again.",
            column=shown(first.name),
            name=shown(name),
            came=shown(first.type),
        )
    return fields


def is_text(arrow: Any, came: Any) -> bool:
    """True for Arrow's types of texts, and for a column that holds nothing."""
    kind = arrow.types
    checks = (kind.is_string, kind.is_large_string, kind.is_string_view, kind.is_null)
    return any(is_kind(came) for is_kind in checks)


def read_with_arrow(
    name: str,
    kind: str,
    data: bytes,
    how: FileFormat,
    read: Callable[[str, Any, bytes, FileFormat], Table],
) -> Table:
    """What a function of name, pyarrow, bytes and format reads; its errors are one sentence.

    kind  what the file should be, "Parquet" or "Arrow".

    Raises InputError for a damaged file; MissingLibraryError without pyarrow.
    """
    arrow = _arrow()
    try:
        return read(name, arrow, data, how)
    except RnnvizError:
        raise
    except (arrow.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(
            "“{name}” should be a complete {kind} file, but it is damaged; save it again.",
            name=shown(name),
            kind=kind,
        ) from error


def _is_readable(arrow: Any, came: Any) -> bool:
    kind = arrow.types
    came = came.value_type if kind.is_dictionary(came) else came
    numbers = (kind.is_integer, kind.is_floating, kind.is_boolean, kind.is_decimal)
    is_known = any(is_kind(came) for is_kind in (*numbers, kind.is_date, kind.is_timestamp))
    return is_known or is_text(arrow, came)


def _unread(schema: Any, fields: list[Any]) -> tuple[Decision, ...]:
    names = {field.name for field in fields}
    others = (field for field in schema if field.name not in names)
    return tuple(Decision("unread", str(field.type), column=field.name) for field in others)


def _checked(name: str, batches: Iterable[Any]) -> Iterator[Any]:
    # In batches, because the metadata may declare less than the file holds.
    size, n_cells = 0, 0
    for batch in batches:
        size, n_cells = size + batch.nbytes, n_cells + batch.num_rows * batch.num_columns
        check_unpacked_size(name, size)
        check_cells(name, n_cells)
        # Arrow trusts a dictionary's indices; a damaged file's may point outside it.
        batch.validate(full=True)
        yield batch


def _index(schema: Any) -> str:
    """Name of the one column that pandas keeps as a DataFrame's index; "" for none.

    pandas, "Storing pandas DataFrame objects in Apache Parquet format".
    """
    try:
        written = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
        kept = [name for name in written["index_columns"] if isinstance(name, str)]
    except (ValueError, TypeError, KeyError, RecursionError):
        kept = [name for name in schema.names if name == _NO_NAME]
    return kept[0] if kept and kept[0] in schema.names else ""


def _column(arrow: Any, title: str, part: Any, how: FileFormat) -> Column:
    if arrow.types.is_dictionary(part.type):
        return _dictionary_column(arrow, title, part, how)
    if arrow.types.is_temporal(part.type):
        return column_from_array(title, _numpy(part.cast(arrow.timestamp("us"), safe=False)))
    if is_text(arrow, part.type):
        return infer_column(title, part.to_pylist(), how)
    return column_from_array(title, _numpy(part.cast(arrow.float64(), safe=False)))


def _dictionary_column(arrow: Any, title: str, part: Any, how: FileFormat) -> Column:
    if not is_text(arrow, part.type.value_type):
        return _column(arrow, title, part.cast(part.type.value_type), how)
    # Each text is decoded once: a small file may repeat a long one in millions of rows.
    combined = part.combine_chunks()
    texts, indices = combined.dictionary.to_pylist(), combined.indices.to_pylist()
    return infer_column(title, [None if i is None else texts[i] for i in indices], how)


def _numpy(part: Any) -> Array:
    array: Array = part.to_numpy()
    return array


def _arrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingLibraryError(
            "Reading Parquet or Arrow needs pyarrow, which is not installed;"
            ' install it with: pip install "rnnviz[app]"'
        ) from error
    return pyarrow
