"""Files of torch.save: the ZIP archive since PyTorch 1.6 and the row of pickles before it.

The archive holds `data.pkl`, a member of raw numbers per storage, and `byteorder`. The older file
is a row of pickles, a magic number, version, system, value and keys of storages, then the storages.
A plain pickle of arrays or tensors, and one of joblib, is read by the same machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.archive import Archive, open_archive
from rnnviz.readers.limits import MAX_PICKLE, check_file, check_tensors
from rnnviz.readers.named_arrays import NamedArrays
from rnnviz.readers.number_types import ByteOrder
from rnnviz.readers.result import Source
from rnnviz.readers.settings import settings_in
from rnnviz.readers.tensors import (
    Buffer,
    Latin1Text,
    PickledArray,
    Storage,
    TensorView,
    UnsupportedTensor,
    checked_nbytes,
)
from rnnviz.readers.torch.checkpoint_layout import has_axes, state_dict_leaves, strip_prefixes
from rnnviz.readers.torch.paddle import from_paddle, is_paddle
from rnnviz.readers.torch.pickle_globals import GlobalFinder, persistent_load
from rnnviz.readers.torch.pickle_vm import (
    Constructor,
    damaged_pickle,
    pickle_too_large,
    unpickle,
)
from rnnviz.readers.torch.quantised import (
    QuantisedTensor,
    Saved,
    unpacked,
    unsure_directions,
)
from rnnviz.readers.torch.unread import unread_weights
from rnnviz.readers.vocabulary import vocabularies_in

_MAGIC = 0x1950A86A20F9469CFC6C
# First bytes of a pickle of protocol 2 and later, and of a dict, list, tuple or object before.
_PICKLES = (b"\x80", b"(", b"}", b"]", b"c")
_JOBLIB = b"joblib.numpy_pickle"
_LENGTH = 8
_LOAD = 'torch.load("{name}", map_location="cpu", weights_only=False)'
_LOAD_PICKLE = 'pickle.loads(pathlib.Path("{name}").read_bytes())'
_LOAD_JOBLIB = 'joblib.load("{name}")'


@dataclass(frozen=True)
class Checkpoint:
    """Unpickled checkpoint, its tensors described and not yet built.

    root           the saved value, with substitutes for objects.
    storage_bytes  from a storage to its bytes; raises ModelError for missing ones.
    byte_order     of the storages.
    load           the expression that loads the file in the program that wrote it.
    """

    root: object
    storage_bytes: Callable[[Storage], Buffer]
    byte_order: ByteOrder = "<"
    load: str = _LOAD

    def array(self, source: Source, tensor: Saved) -> Array:
        """Array of a checked tensor. Raises ModelError for missing numbers."""
        assert not isinstance(tensor, UnsupportedTensor)
        if isinstance(tensor, QuantisedTensor):
            return self._dequantised(source, tensor)
        if isinstance(tensor, TensorView):
            return tensor.array(self.storage_bytes(tensor.storage), self.byte_order)
        try:
            return tensor.array()
        except UnicodeEncodeError as error:
            raise missing_numbers(source) from error

    def _dequantised(self, source: Source, tensor: QuantisedTensor) -> Array:
        scale, zero_point = (
            self.array(source, value) if isinstance(value, TensorView) else np.asarray(value)
            for value in (tensor.scale, tensor.zero_point)
        )
        return tensor.dequantised(self.array(source, tensor.numbers), scale, zero_point)


def not_torch_save(source: Source) -> ModelError:
    """Error for a file that torch.save did not write."""
    return ModelError(
        "“{name}” should be written by torch.save, but it is another kind of file or damaged; save"
        ' the weights with torch.save(model.state_dict(), "weights.pt").',
        name=shown(source.name),
    )


def missing_numbers(source: Source) -> ModelError:
    """Error for a storage that is missing or cut off."""
    return ModelError(
        "“{name}” should hold the numbers of each of its tensors, but some are missing or cut off;"
        " copy or save it again.",
        name=shown(source.name),
    )


def read_checkpoint(source: Source) -> Mapping[str, Array]:
    """Arrays of a checkpoint by dotted name; narrower floats become float32, float64 stays.

    The checkpoint is a state dict, one under a key `state_dict`, `model` or the like, several
    under keys of their own or in a list, or NumPy arrays by name. Objects beside them stay unread.
    The names lose the prefixes `module.` and `_orig_mod.`; quantised weights become the floats
    they stand for. Raises ModelError for anything else, before its memory is allocated.

    >>> import io, torch
    >>> stream = io.BytesIO()
    >>> torch.save({"rnn.bias": torch.tensor([0.5, 1.0])}, stream)
    >>> read_checkpoint(Source("model.pt", stream.getvalue()))
    {'rnn.bias': array([0.5, 1. ], dtype=float32)}
    """
    return read_checkpoint_content(source).arrays


def read_checkpoint_content(source: Source) -> NamedArrays:
    """Arrays of a checkpoint, what stands beside them, and which were quantised.

    Raises ModelError as `read_checkpoint`.
    """
    checkpoint = read_root(source)
    tensors, unsure = _tensors(source, checkpoint)
    check_tensors(source, [_nbytes(source, name, tensor) for name, tensor in tensors.items()])
    _check_pickled(source, tensors.values())
    own = strip_prefixes(tensors)
    arrays = {name: checkpoint.array(source, tensor) for name, tensor in own.items()}
    return NamedArrays(
        from_paddle(arrays) if is_paddle(checkpoint.root) else arrays,
        tuple(vocabularies_in(checkpoint.root)),
        frozenset(name for name, tensor in own.items() if isinstance(tensor, QuantisedTensor)),
        settings=tuple(settings_in(checkpoint.root)),
        unsure=frozenset(new for old, new in zip(tensors, own, strict=True) if old in unsure),
    )


def read_root(source: Source) -> Checkpoint:
    """What was saved, its tensors described and not yet built. Raises ModelError."""
    check_file(source)
    return (read_zip if source.data.startswith(b"PK") else read_legacy)(source)


def _tensors(source: Source, checkpoint: Checkpoint) -> tuple[dict[str, Saved], frozenset[str]]:
    """Tensors by name, and the names that may be of a second direction or of a second level."""
    try:
        leaves = state_dict_leaves(checkpoint.root)
        tensors, unsure = unpacked(leaves), unsure_directions(leaves)
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        # Packed weights and their names may be anything.
        raise damaged_pickle(source) from error
    if not any(map(has_axes, tensors.values())):
        load = checkpoint.load.format(name=shown(source.name, 200))
        if error_ := unread_weights(source, checkpoint.root, load):
            raise error_
    return tensors, unsure


def _nbytes(source: Source, name: str, tensor: Saved) -> int:
    if not isinstance(tensor, QuantisedTensor):
        return checked_nbytes(source, name, tensor)
    parts = (tensor.numbers, tensor.scale, tensor.zero_point)
    # Dequantised, an eight-bit number takes four bytes.
    return 4 * sum(checked_nbytes(source, name, p) for p in parts if isinstance(p, TensorView))


def _check_pickled(source: Source, tensors: Iterable[Saved]) -> None:
    # Arrays in the pickle are not larger than it, unless they share one buffer many times.
    if sum(tensor.size for tensor in tensors if isinstance(tensor, PickledArray)) > MAX_PICKLE:
        raise pickle_too_large(source)


def read_zip(source: Source) -> Checkpoint:
    """Checkpoint in a ZIP archive. Raises ModelError for another archive.

    >>> import io, torch
    >>> stream = io.BytesIO()
    >>> torch.save({"epoch": 3}, stream)
    >>> read_zip(Source("model.pt", stream.getvalue())).root
    {'epoch': 3}
    """
    archive = open_archive(source)
    folder = _folder(source, archive)
    if archive.size(folder + "data.pkl") > MAX_PICKLE:
        raise pickle_too_large(source)
    find = GlobalFinder(source)
    root, _ = unpickle(source, archive.read(folder + "data.pkl"), find, persistent_load)
    find.check_used()

    @cache
    def read(member: str) -> Buffer:
        return archive.read(member)

    def storage_bytes(storage: Storage) -> Buffer:
        member = f"{folder}data/{storage.key}"
        if member not in archive or archive.size(member) != storage.size:
            raise missing_numbers(source)
        return read(member)

    return Checkpoint(root, storage_bytes, _byte_order(source, archive, folder + "byteorder"))


def unpickled_value(source: Source, data: bytes) -> object:
    """Value of a plain pickle inside a file, objects as inert stand-ins. Raises ModelError."""
    return _LegacyFile(Source(source.name, data)).pickle()


def _folder(source: Source, archive: Archive) -> str:
    """Top folder of the archive: `archive/` or the file's name."""
    names = [tuple(name.split("/")) for name in archive]
    if any(name[1:2] in (("constants.pkl",), ("code",)) for name in names):
        raise ModelError(
            "“{name}” should hold a model's weights, but it is a TorchScript program; save its"
            ' weights with torch.save(torch.jit.load("{name}").state_dict(), "weights.pt").',
            name=shown(source.name),
        )
    folders = [name[0] for name in names if name[1:] == ("data.pkl",)]
    if len(folders) != 1:
        raise not_torch_save(source)
    return folders[0] + "/"


def _byte_order(source: Source, archive: Archive, member: str) -> ByteOrder:
    # PyTorch before 2.1 writes no such member; nearly all machines were little-endian.
    if member not in archive:
        return "<"
    orders: dict[bytes, ByteOrder] = {b"little": "<", b"big": ">"}
    written = archive.read(member) if archive.size(member) < 10 else b""
    if written not in orders:
        raise not_torch_save(source)
    return orders[written]


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
