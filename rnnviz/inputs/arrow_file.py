"""Arrow's IPC files, which Feather files are, and its streams as a Table.

Arrow columnar format 1.5, "IPC Streaming Format" and "IPC File Format".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rnnviz.inputs.arrow_table import arrow_table, read_with_arrow, readable_fields
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.table import Table

_CONTINUATION = b"\xff\xff\xff\xff"  # every message of a stream begins with it


def read_arrow(name: str, data: bytes, how: FileFormat) -> Table:
    """Table of numbers, booleans, texts, dates and times; columns of other types are named.

    Raises InputError for a damaged or too large file and where no column can be read;
    MissingLibraryError without pyarrow.
    """
    return read_with_arrow(name, "Arrow", data, how, _table)


def _table(name: str, arrow: Any, data: bytes, how: FileFormat) -> Table:
    with _opened(arrow, data, None) as file:
        schema = file.schema
    places = [schema.get_field_index(field.name) for field in readable_fields(name, arrow, schema)]
    with _opened(arrow, data, arrow.ipc.IpcReadOptions(included_fields=places)) as file:
        return arrow_table(name, arrow, schema, _batches(file), how)


def _opened(arrow: Any, data: bytes, options: Any) -> Any:
    is_stream = data.startswith(_CONTINUATION)
    read = arrow.ipc.open_stream if is_stream else arrow.ipc.open_file
    return read(arrow.BufferReader(data), options=options)


def _batches(file: Any) -> Iterator[Any]:
    if not hasattr(file, "num_record_batches"):
        yield from file
        return
    for number in range(file.num_record_batches):
        yield file.get_batch(number)
