"""Files of numbers that a worker writes: what the trace itself would write here."""

from __future__ import annotations

from io import BytesIO, StringIO

import numpy as np
import pandas as pd

import rnnviz as rv
from rnnviz.ui.trace_files import table_file, trace_file
from tests.witnesses import assert_close, normal


def traced() -> rv.Trace:
    model = rv.random_model("lstm", 3, 5, n_outputs=2, seed=2, dtype=np.float64)
    return rv.trace(model, normal(7, 1, 3))


def test_tables_of_a_trace_are_those_of_its_frame() -> None:
    trace = traced()
    wanted = trace.to_frame()
    columns = list(wanted.select_dtypes("number"))
    for written in (
        pd.read_csv(StringIO(trace_file(trace, "csv").decode())),
        pd.read_parquet(BytesIO(trace_file(trace, "parquet"))),
    ):
        assert list(written) == list(wanted)
        assert_close(written[columns].to_numpy(), wanted[columns].to_numpy())


def test_arrays_of_a_trace_are_its_own() -> None:
    trace = traced()
    with np.load(BytesIO(trace_file(trace, "npz"))) as arrays:
        kept = [arrays[name] for name in arrays.files if arrays[name].shape == trace["cell"].shape]
    assert any(np.array_equal(one, trace["cell"]) for one in kept)


def test_a_long_table_is_written_as_a_short_one_is() -> None:
    frame = pd.DataFrame({"step": np.arange(30_001), "part": normal(30_001)})
    assert table_file(frame) == frame.to_csv(index=False).encode()
    assert table_file(frame[:3]) == frame[:3].to_csv(index=False).encode()
