"""The ZIP archive of torch.save: `data.pkl`, a member of raw numbers per storage, `byteorder`."""

from __future__ import annotations

from functools import cache

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.archive import Archive, members
from rnnviz.readers.limits import MAX_PICKLE
from rnnviz.readers.narrow import Order
from rnnviz.readers.refused import named
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import Buffer, Storage
from rnnviz.readers.torch.pickle_globals import STAND_INS, storage
from rnnviz.readers.torch.pickle_vm import too_long, unpickled
from rnnviz.readers.torch_saved import Saved, missing_numbers, not_saved_by_torch


def zipped(source: Source) -> Saved:
    """The checkpoint in a ZIP archive. Raises ModelError for another archive.

    >>> import io, torch
    >>> stream = io.BytesIO()
    >>> torch.save({"epoch": 3}, stream)
    >>> zipped(Source("model.pt", stream.getvalue())).root
    {'epoch': 3}
    """
    archive = members(source)
    folder = _folder(source, archive)
    if archive.size(folder + "data.pkl") > MAX_PICKLE:
        raise too_long(source)
    pickle = archive.read(folder + "data.pkl")
    root, _ = unpickled(source, pickle, named(source, STAND_INS, pickle), storage)

    @cache
    def read(member: str) -> Buffer:
        return archive.read(member)

    def data(kept: Storage) -> Buffer:
        member = f"{folder}data/{kept.key}"
        if member not in archive or archive.size(member) != kept.size:
            raise missing_numbers(source)
        return read(member)

    return Saved(root, data, _order(source, archive, folder + "byteorder"))


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
        raise not_saved_by_torch(source)
    return found[0] + "/"


def _order(source: Source, archive: Archive, member: str) -> Order:
    # Before PyTorch 2.1 there was no such member, and nearly every machine was little.
    if member not in archive:
        return "<"
    orders: dict[bytes, Order] = {b"little": "<", b"big": ">"}
    written = archive.read(member) if archive.size(member) < 10 else b""
    if written not in orders:
        raise not_saved_by_torch(source)
    return orders[written]
