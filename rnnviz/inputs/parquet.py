"""Apache Parquet files as a Table, the metadata checked before pages are read."""

from __future__ import annotations

from typing import Any

from rnnviz.inputs.arrow_table import arrow_table, is_text, read_with_arrow, readable_fields
from rnnviz.inputs.source import check_cells, check_columns, check_unpacked_size
from rnnviz.inputs.table import Table

_BATCH_ROWS = 10_000


def read_parquet(name: str, data: bytes) -> Table:
    """Table of numbers, booleans, texts, dates and times; columns of other types are named.

    Raises InputError for a damaged or too large file and where no column can be read;
    MissingLibraryError without pyarrow.
    """
    return read_with_arrow(name, "Parquet", data, _table)


def _table(name: str, arrow: Any, data: bytes) -> Table:
    file = arrow.parquet.ParquetFile(arrow.BufferReader(data))
    schema = file.schema_arrow
    _check_metadata(name, file.metadata, len(schema))
    fields = readable_fields(name, arrow, schema)
    check_cells(name, file.metadata.num_rows * len(fields))
    texts = [field.name for field in fields if is_text(arrow, field.type)]
    file = arrow.parquet.ParquetFile(arrow.BufferReader(data), read_dictionary=texts)
    titles = [field.name for field in fields]
    return arrow_table(
        name, arrow, file.schema_arrow, file.iter_batches(_BATCH_ROWS, columns=titles)
    )


def _check_metadata(name: str, metadata: Any, n_columns: int) -> None:
    check_columns(name, n_columns)
    check_cells(name, metadata.num_rows)
    groups = map(metadata.row_group, range(metadata.num_row_groups))
    check_unpacked_size(name, sum(group.total_byte_size for group in groups))
