"""The ZIP archive of torch.save: `data.pkl`, a member of raw numbers per storage, `byteorder`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.archive import Archive, open_archive
from rnnviz.readers.limits import MAX_PICKLE, check_file, check_tensors
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import (
    Buffer,
    ByteOrder,
    PickledArray,
    Storage,
    StoredTensor,
    TensorView,
    UnsupportedTensor,
    checked_nbytes,
)
from rnnviz.readers.torch.checkpoint_layout import state_dict_tensors, strip_prefixes
from rnnviz.readers.torch.pickle_globals import ALLOWED_GLOBALS, find_class, persistent_load
from rnnviz.readers.torch.pickle_vm import pickle_too_large, unpickle


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint as it was read, its tensors described and not yet built.

    root   the value torch.save was given, with stand-ins for what has no plain value.
    bytes  a storage ▶ its bytes; raises ModelError where they are not there.
    order  their byte order, `<` or `>`.
    """

    root: object
    storage_bytes: Callable[[Storage], Buffer]
    byte_order: ByteOrder = "<"

    def array(self, source: Source, leaf: StoredTensor) -> Array:
        """The array of a leaf that was checked. Raises ModelError where its numbers are missing."""
        assert not isinstance(leaf, UnsupportedTensor)
        if isinstance(leaf, TensorView):
            return leaf.array(self.storage_bytes(leaf.storage), self.byte_order)
        try:
            return leaf.array()
        except UnicodeEncodeError as error:
            raise missing_numbers(source) from error


def not_torch_save(source: Source) -> ModelError:
    """What is said of a file of another make."""
    return ModelError(
        "“{name}” should be written by torch.save, but it is another kind of file or damaged; save"
        ' the weights with torch.save(model.state_dict(), "weights.pt").',
        name=shown(source.name),
    )


def missing_numbers(source: Source) -> ModelError:
    """What is said of a storage that is not there as its tensor says."""
    return ModelError(
        "“{name}” should hold the numbers of each of its tensors, but some are missing or cut off;"
        " copy or save it again.",
        name=shown(source.name),
    )


def read_zip(source: Source) -> Checkpoint:
    """The checkpoint in a ZIP archive. Raises ModelError for another archive.

    >>> import io, torch
    >>> stream = io.BytesIO()
    >>> torch.save({"epoch": 3}, stream)
    >>> zipped(Source("model.pt", stream.getvalue())).root
    {'epoch': 3}
    """
    archive = open_archive(source)
    folder = _folder(source, archive)
    if archive.size(folder + "data.pkl") > MAX_PICKLE:
        raise pickle_too_large(source)
    pickle = archive.read(folder + "data.pkl")
    root, _ = unpickle(source, pickle, find_class(source, ALLOWED_GLOBALS, pickle), persistent_load)

    @cache
    def read(member: str) -> Buffer:
        return archive.read(member)

    def data(kept: Storage) -> Buffer:
        member = f"{folder}data/{kept.key}"
        if member not in archive or archive.size(member) != kept.size:
            raise missing_numbers(source)
        return read(member)

    return Checkpoint(root, data, _order(source, archive, folder + "byteorder"))


def _folder(source: Source, archive: Archive) -> str:
    """The one folder all lies in, `archive/` or the file's name."""
    names = [tuple(name.split("/")) for name in archive]
    if any(name[1:2] in (("constants.pkl",), ("code",)) for name in names):
        raise ModelError(
            "“{name}” should hold a model's weights, but it is a TorchScript program; save its"
            ' weights with torch.save(torch.jit.load("{name}").state_dict(), "weights.pt").',
            name=shown(source.name),
        )
    found = [name[0] for name in names if name[1:] == ("data.pkl",)]
    if len(found) != 1:
        raise not_torch_save(source)
    return found[0] + "/"


def _order(source: Source, archive: Archive, member: str) -> ByteOrder:
    # Before PyTorch 2.1 there was no such member, and nearly every machine was little.
    if member not in archive:
        return "<"
    orders: dict[bytes, ByteOrder] = {b"little": "<", b"big": ">"}
    written = archive.read(member) if archive.size(member) < 10 else b""
    if written not in orders:
        raise not_torch_save(source)
    return orders[written]


def read_checkpoint(source: Source) -> Mapping[str, Array]:
    """The state dict's tensors by dotted name; float64 stays, narrower floats become float32.

    Taken are a state dict, one kept beside other things under `state_dict`, `model` or the like,
    and NumPy arrays by name. `module.` and `_orig_mod.` are left out of the names. Raises
    ModelError for anything else, and before memory is taken for it.

    >>> import io, torch
    >>> stream = io.BytesIO()
    >>> torch.save({"rnn.bias": torch.tensor([0.5, 1.0])}, stream)
    >>> arrays(Source("model.pt", stream.getvalue()))
    {'rnn.bias': array([0.5, 1. ], dtype=float32)}
    """
    check_file(source)
    saved = (read_zip if source.data.startswith(b"PK") else read_legacy)(source)
    found = state_dict_tensors(saved.root)
    check_tensors(source, [checked_nbytes(source, name, leaf) for name, leaf in found.items()])
    _check_packed(source, found.values())
    return strip_prefixes({name: saved.array(source, leaf) for name, leaf in found.items()})


def _check_packed(source: Source, found: Iterable[StoredTensor]) -> None:
    # Arrays that lie in the pickle are not larger than it, unless they take one part many times.
    if sum(leaf.size for leaf in found if isinstance(leaf, PickledArray)) > MAX_PICKLE:
        raise pickle_too_large(source)


_MAGIC = 0x1950A86A20F9469CFC6C
_PICKLED = b"\x80"  # the opcode PROTO
_LENGTH = 8


def read_legacy(source: Source) -> Checkpoint:
    """The checkpoint in a row of pickles. Raises ModelError for another file.

    >>> import io, torch
    >>> stream = io.BytesIO()
    >>> torch.save({"epoch": 3}, stream, _use_new_zipfile_serialization=False)
    >>> legacy(Source("model.pt", stream.getvalue())).root
    {'epoch': 3}
    """
    if not source.data.startswith(_PICKLED):
        raise not_torch_save(source)
    row = _LegacyFile(source)
    first = row.pickle()
    if first != _MAGIC:
        return Checkpoint(first, row.data)
    _, _, root, keys = row.pickle(), row.pickle(), row.pickle(), row.pickle()
    if not isinstance(keys, list):
        raise not_torch_save(source)
    # Numbers of another make have other sizes; what comes after them cannot be found.
    for key in () if row.has_special else keys:
        row.storage(key)
    return Checkpoint(root, row.data)


class _LegacyFile:
    """What follows each other in the file, read from its start."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.left = memoryview(source.data)
        self.kept: dict[str, Storage] = {}
        self.has_special = False
        self.found: dict[str, Buffer] = {}

    def pickle(self) -> object:
        names = find_class(self.source, ALLOWED_GLOBALS, self.left)
        value, size = unpickle(self.source, self.left, names, self._keep)
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
        kept = persistent_load(saved)
        if isinstance(kept, UnsupportedTensor):
            self.has_special = True
        else:
            self.kept.setdefault(kept.key, kept)
        return kept
