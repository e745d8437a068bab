"""torch.save before PyTorch 1.6, or without its ZIP form: pickles in a row, then the storages.

A magic number, a version, the machine's sizes, the value and the storages' keys, each a pickle;
then each storage's length in 8 bytes and its numbers, in little order on every machine
(`torch/csrc/serialization.cpp`). A single pickle of NumPy arrays by name is taken too.
"""

from __future__ import annotations

from rnnviz.readers.refused import named
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import Buffer, Special, Storage
from rnnviz.readers.torch.pickle_globals import STAND_INS, storage
from rnnviz.readers.torch.pickle_vm import unpickled
from rnnviz.readers.torch_saved import Saved, missing_numbers, not_saved_by_torch

_MAGIC = 0x1950A86A20F9469CFC6C
_PICKLED = b"\x80"  # the opcode PROTO
_LENGTH = 8


def legacy(source: Source) -> Saved:
    """The checkpoint in a row of pickles. Raises ModelError for another file.

    >>> import io, torch
    >>> stream = io.BytesIO()
    >>> torch.save({"epoch": 3}, stream, _use_new_zipfile_serialization=False)
    >>> legacy(Source("model.pt", stream.getvalue())).root
    {'epoch': 3}
    """
    if not source.data.startswith(_PICKLED):
        raise not_saved_by_torch(source)
    row = _Row(source)
    first = row.pickle()
    if first != _MAGIC:
        return Saved(first, row.data)
    _, _, root, keys = row.pickle(), row.pickle(), row.pickle(), row.pickle()
    if not isinstance(keys, list):
        raise not_saved_by_torch(source)
    # Numbers of another make have other sizes; what comes after them cannot be found.
    for key in () if row.has_special else keys:
        row.storage(key)
    return Saved(root, row.data)


class _Row:
    """What follows each other in the file, read from its start."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.left = memoryview(source.data)
        self.kept: dict[str, Storage] = {}
        self.has_special = False
        self.found: dict[str, Buffer] = {}

    def pickle(self) -> object:
        names = named(self.source, STAND_INS, self.left)
        value, size = unpickled(self.source, self.left, names, self._keep)
        self.left = self.left[size:]
        return value

    def storage(self, key: object) -> None:
        kept = self.kept.get(key) if isinstance(key, str) else None
        if kept is None or len(self.left) < _LENGTH + kept.size:
            raise missing_numbers(self.source)
        if int.from_bytes(self.left[:_LENGTH], "little") != kept.count:
            raise missing_numbers(self.source)
        self.found[kept.key] = self.left[_LENGTH : _LENGTH + kept.size]
        self.left = self.left[_LENGTH + kept.size :]

    def data(self, kept: Storage) -> Buffer:
        data = self.found.get(kept.key)
        if data is None or len(data) != kept.size:
            raise missing_numbers(self.source)
        return data

    def _keep(self, saved: object) -> object:
        kept = storage(saved)
        if isinstance(kept, Special):
            self.has_special = True
        else:
            self.kept.setdefault(kept.key, kept)
        return kept
