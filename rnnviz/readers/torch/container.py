"""Files of torch.save: the ZIP archive since PyTorch 1.6 and the row of pickles before it.

The archive holds `data.pkl`, a member of raw numbers per storage, and `byteorder`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.archive import Archive, open_archive
from rnnviz.readers.limits import MAX_PICKLE, check_file, check_tensors
from rnnviz.readers.named_arrays import NamedArrays
from rnnviz.readers.number_types import ByteOrder
from rnnviz.readers.result import Source
from rnnviz.readers.settings import settings_in
from rnnviz.readers.tensors import Buffer, PickledArray, Storage, TensorView, checked_nbytes
from rnnviz.readers.torch.checkpoint import Checkpoint, missing_numbers, not_torch_save
from rnnviz.readers.torch.checkpoint_layout import has_axes, state_dict_leaves, strip_prefixes
from rnnviz.readers.torch.legacy_file import read_legacy
from rnnviz.readers.torch.paddle import from_paddle, is_paddle
from rnnviz.readers.torch.pickle_globals import GlobalFinder, persistent_load
from rnnviz.readers.torch.pickle_vm import damaged_pickle, pickle_too_large, unpickle
from rnnviz.readers.torch.quantised import QuantisedTensor, Saved, unpacked, unsure_directions
from rnnviz.readers.torch.unread import unread_weights
from rnnviz.readers.vocabulary import vocabularies_in


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
