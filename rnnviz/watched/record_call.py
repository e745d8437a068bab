"""A call that was kept ▶ a Recording in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError
from rnnviz.readers.torch.numbers import as_array
from rnnviz.recordings.record import record
from rnnviz.watched.kept_calls import CallLog, KeptCall, rows_of
from rnnviz.watched.traced_call import call_model


def record_call(folder: Path, calls: CallLog, call: KeptCall) -> None:
    """Record the first row of a call in folder/LAYER/NUMBER.

    Raises ModelError and InputError as `rnnviz.record` does.
    """
    reading = rows_of(call.reading, (0,))
    place = _folder_of(folder, calls.path, calls.layer) / f"{call.number:06d}"
    record(call_model(calls, call, reading), Sequence(as_array(reading.inputs)), place)


def check_folder(folder: Path, layers: Mapping[str, Any]) -> None:
    """Raise InputError where calls of layers were recorded there before."""
    for path, layer in layers.items():
        place = _folder_of(folder, path, layer)
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise InputError(
                "Calls are recorded into a folder without earlier ones, but “{folder}” holds some;"
                " choose another.",
                folder=str(place),
            )


def _folder_of(folder: Path, path: str, layer: Any) -> Path:
    return folder / (path or type(layer).__name__)
