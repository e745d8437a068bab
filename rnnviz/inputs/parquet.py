"""Apache Parquet files as a Table, the metadata checked before pages are read."""

from __future__ import annotations

from typing import Any

from rnnviz.inputs.arrow_table import arrow_table, is_text, read_with_arrow, readable_fields
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.source import check_cells, check_columns, check_unpacked_size
from rnnviz.inputs.table import Table

_BATCH_ROWS = 10_000
_DELTA_ROWS = 100
_SEEN_GROUPS = 100  # a writer keeps to its encodings


def read_parquet(name: str, data: bytes, how: FileFormat) -> Table:
    """Table of numbers, booleans, texts, dates and times; columns of other types are named.

    Raises InputError for a damaged or too large file and where no column can be read;
    MissingLibraryError without pyarrow.
    """
    return read_with_arrow(name, "Parquet", data, how, _table)


def _table(name: str, arrow: Any, data: bytes, how: FileFormat) -> Table:
    file = arrow.parquet.ParquetFile(arrow.BufferReader(data))
    schema = file.schema_arrow
    _check_metadata(name, file.metadata, len(schema))
    fields = readable_fields(name, arrow, schema)
    check_cells(name, file.metadata.num_rows * len(fields))
    deltas = _delta_columns(file.metadata)
    texts = [f.name for f in fields if is_text(arrow, f.type) and f.name not in deltas]
    file = arrow.parquet.ParquetFile(arrow.BufferReader(data), read_dictionary=texts)
    titles = [field.name for field in fields]
    n_rows = _DELTA_ROWS if deltas & set(titles) else _BATCH_ROWS
    batches = file.iter_batches(n_rows, columns=titles)
    return arrow_table(name, arrow, file.schema_arrow, batches, how)


def _delta_columns(metadata: Any) -> set[str]:
    """Columns with texts that are written as their ends beside the text before.

    Apache Parquet, "Delta Strings": a byte may stand for a megabyte, and pyarrow makes no
    dictionary of them.
    """
    groups = map(metadata.row_group, range(min(metadata.num_row_groups, _SEEN_GROUPS)))
    chunks = (group.column(place) for group in groups for place in range(group.num_columns))
    return {
        chunk.path_in_schema
        for chunk in chunks
        if chunk.physical_type == "BYTE_ARRAY"
        and any(encoding.startswith("DELTA") for encoding in chunk.encodings)
    }


def _check_metadata(name: str, metadata: Any, n_columns: int) -> None:
    check_columns(name, n_columns)
    check_cells(name, metadata.num_rows)
    groups = map(metadata.row_group, range(metadata.num_row_groups))
    check_unpacked_size(name, sum(group.total_byte_size for group in groups))
