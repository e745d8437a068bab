"""A call that was kept ▶ a Recording in a folder."""

from __future__ import annotations

from pathlib import Path

from rnnviz.core.sequence import Sequence
from rnnviz.readers.torch.numbers import as_array
from rnnviz.recordings.record import record
from rnnviz.watched.kept_calls import CallLog, KeptCall, rows_of
from rnnviz.watched.traced_call import call_model


def record_call(folder: Path, calls: CallLog, call: KeptCall) -> None:
    """Record the first row of a call in folder/LAYER/NUMBER.

    Raises ModelError and InputError as `rnnviz.record` does.
    """
    reading = rows_of(call.reading, (0,))
    place = folder / (calls.path or type(calls.layer).__name__) / f"{call.number:06d}"
    record(call_model(calls, call, reading), Sequence(as_array(reading.inputs)), place)
