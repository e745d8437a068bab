"""Files of torch.save before PyTorch 1.6: a row of pickles, then the storages.

The pickles are a magic number, version, system, value and keys of storages. A plain pickle of
arrays or tensors, and one of joblib, is read by the same machine.
"""

from __future__ import annotations

from dataclasses import replace

from rnnviz.readers.result import Source
from rnnviz.readers.tensors import Buffer, Latin1Text, Storage, UnsupportedTensor
from rnnviz.readers.torch.checkpoint import Checkpoint, missing_numbers, not_torch_save
from rnnviz.readers.torch.pickle_globals import GlobalFinder, persistent_load
from rnnviz.readers.torch.pickle_vm import Constructor, unpickle

_MAGIC = 0x1950A86A20F9469CFC6C
# First bytes of a pickle of protocol 2 and later, and of a dict, list, tuple or object before.
_PICKLES = (b"\x80", b"(", b"}", b"]", b"c")
_JOBLIB = b"joblib.numpy_pickle"
_LENGTH = 8
_LOAD_PICKLE = 'pickle.loads(pathlib.Path("{name}").read_bytes())'
_LOAD_JOBLIB = 'joblib.load("{name}")'


def unpickled_value(source: Source, data: bytes) -> object:
    """Value of a plain pickle inside a file, objects as inert stand-ins. Raises ModelError."""
    return _LegacyFile(Source(source.name, data)).pickle()


def read_legacy(source: Source) -> Checkpoint:
    """Checkpoint in a row of pickles. Raises ModelError for another file.

    >>> import io, torch
    >>> stream = io.BytesIO()
    >>> torch.save({"epoch": 3}, stream, _use_new_zipfile_serialization=False)
    >>> read_legacy(Source("model.pt", stream.getvalue())).root
    {'epoch': 3}
    """
    if not source.data.startswith(_PICKLES):
        raise not_torch_save(source)
    file = _LegacyFile(source)
    first = file.pickle()
    if first != _MAGIC:
        load = _LOAD_JOBLIB if _JOBLIB in source.data else _LOAD_PICKLE
        return Checkpoint(first, file.storage_bytes, load=load)
    return Checkpoint(_read_rows(file), file.storage_bytes)


def _read_rows(file: _LegacyFile) -> object:
    """The value saved behind the magic number, and its storages."""
    _, _, root, keys = (file.pickle() for _ in range(4))
    if not isinstance(keys, list):
        raise not_torch_save(file.source)
    # Storages of unsupported types have unknown sizes; those after them cannot be located.
    for key in () if file.has_unsupported else keys:
        file.read_storage(key)
    return root


class _LegacyFile:
    """Cursor over the pickles and storages of a file before PyTorch 1.6."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.rest = memoryview(source.data)
        self.storages: dict[str, Storage] = {}
        self.has_unsupported = False
        self.storage_data: dict[str, Buffer] = {}
        # What pickle.dump writes for a storage: the bytes of a file of torch.save.
        self.substitutes: dict[str, object] = {
            "torch.storage._load_from_bytes": Constructor(self._storage_in)
        }

    def pickle(self) -> object:
        find = GlobalFinder(self.source, self.substitutes)
        value, size = unpickle(self.source, self.rest, find, self._persistent_load)
        find.check_used()
        self.rest = self.rest[size:]
        return value

    def read_storage(self, key: object) -> None:
        storage = self.storages.get(key) if isinstance(key, str) else None
        if storage is None or len(self.rest) < _LENGTH + storage.size:
            raise missing_numbers(self.source)
        if int.from_bytes(self.rest[:_LENGTH], "little") != storage.count:
            raise missing_numbers(self.source)
        self.storage_data[storage.key] = self.rest[_LENGTH : _LENGTH + storage.size]
        self.rest = self.rest[_LENGTH + storage.size :]

    def _storage_in(self, data: object) -> Storage | UnsupportedTensor:
        data = data.encoded() if isinstance(data, Latin1Text) else data
        if not isinstance(data, bytes):
            raise TypeError
        inner = _LegacyFile(Source(self.source.name, data))
        inner.substitutes = {}
        if inner.pickle() != _MAGIC:
            raise TypeError
        saved = _read_rows(inner)
        if not isinstance(saved, Storage):
            return UnsupportedTensor("torch.storage")
        # Storages of different files may have the same key.
        storage = replace(saved, key=f"{len(self.storage_data)} {saved.key}")
        self.storage_data[storage.key] = inner.storage_bytes(saved)
        return storage

    def storage_bytes(self, storage: Storage) -> Buffer:
        data = self.storage_data.get(storage.key)
        if data is None or len(data) != storage.size:
            raise missing_numbers(self.source)
        return data

    def _persistent_load(self, saved: object) -> object:
        storage = persistent_load(saved)
        if isinstance(storage, UnsupportedTensor):
            self.has_unsupported = True
        if isinstance(storage, Storage):
            self.storages.setdefault(storage.key, storage)
        return storage
