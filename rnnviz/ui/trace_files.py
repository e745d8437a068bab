"""Files of numbers as a worker writes them, and tables; this is read without Streamlit."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from rnnviz.bounded.worker import run_in_worker
from rnnviz.engine.trace import Trace

# Rows of a table that are written at once.
_FEW_ROWS = 20_000
_MODULES = ("pandas",)


def trace_file(trace: Trace, suffix: str) -> bytes:
    """A trace as a file of that suffix, "csv", "parquet" or "npz", written by a worker."""
    return run_in_worker(written_trace, trace, suffix, modules=_MODULES)


def table_file(frame: Any) -> bytes:
    """A pandas table as a CSV file, a long one written by a worker.

    >>> import pandas
    >>> table_file(pandas.DataFrame({"step": [1, 2]}))
    b'step\\n1\\n2\\n'
    """
    if len(frame) <= _FEW_ROWS:
        return written_table(frame)
    return run_in_worker(written_table, frame, modules=_MODULES)


def written_trace(trace: Trace, suffix: str) -> bytes:
    """A trace as a file of that suffix."""
    if suffix == "csv":
        return written_table(trace.to_frame())
    buffer = BytesIO()
    if suffix == "npz":
        trace.save(buffer)
    else:
        trace.to_frame().to_parquet(buffer)
    return buffer.getvalue()


def written_table(frame: Any) -> bytes:
    """A pandas table as a CSV file."""
    text: str = frame.to_csv(index=False)
    return text.encode()
