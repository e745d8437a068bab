"""Kept call ▶ Recording in a folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import md5
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.core.sequence import Sequence
from rnnviz.core.writing import writing
from rnnviz.errors import InputError
from rnnviz.readers.torch.numbers import as_array
from rnnviz.recordings.record import record
from rnnviz.watched.kept_calls import CallLog, KeptCall, rows_of
from rnnviz.watched.traced_call import call_model

# Among them halves of characters, and what Windows allows in no name.
_IN_NO_NAME = re.compile('[\x00-\x1f"%*/:<>?\\\\|\ud800-\udfff]')
_LONGEST = 200  # bytes; file systems end at 255


def record_call(folder: Path, calls: CallLog, call: KeptCall) -> None:
    """Record the first row of a call in folder/LAYER/NUMBER.

    Raises ModelError and InputError as `rnnviz.record` does.
    """
    reading = rows_of(call.reading, (0,))
    place = _folder_of(folder, calls.path, calls.layer) / f"{call.number:06d}"
    record(call_model(calls, call, reading), Sequence(as_array(reading.inputs)), place)


def prepare_recordings(folder: Path, layers: Mapping[str, Any]) -> None:
    """Make a folder for the calls of layers.

    Raises InputError where the folder holds calls of an earlier run, and RnnvizError where it
    cannot be written.
    """
    with writing(folder):
        for path, layer in layers.items():
            place = _folder_of(folder, path, layer)
            if place.exists() and (not place.is_dir() or any(place.iterdir())):
                raise InputError(
                    "Calls are recorded into a folder without earlier ones, but “{folder}” holds"
                    " some; choose another.",
                    folder=shown(str(place), 200),
                )
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass


def _folder_of(folder: Path, path: str, layer: Any) -> Path:
    """The folder of a layer's calls.

    What a name of a file cannot hold is written as its code, and the end of a long one as a digest.
    """
    name = _IN_NO_NAME.sub(lambda one: f"%{ord(one[0]):02X}", path or type(layer).__name__)
    if len(name.encode()) > _LONGEST:
        name = f"{name[:40]}~{md5(name.encode(), usedforsecurity=False).hexdigest()}"
    return folder / name
