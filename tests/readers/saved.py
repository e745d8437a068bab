"""Files as PyTorch writes them, and pickles and archives as an attacker would."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import torch

from rnnviz.readers.result import Source

PROTOCOL = b"\x80\x02"
ORDERED = b"ccollections\nOrderedDict\n)R"


def torch_saved(value: Any, **options: Any) -> Source:
    stream = io.BytesIO()
    torch.save(value, stream, **options)
    return Source("model.pt", stream.getvalue())


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def checkpoint(pickle: bytes, **members: bytes) -> Source:
    """A checkpoint of this pickle and storages by key."""
    kept = {f"archive/data/{key.lstrip('_')}": data for key, data in members.items()}
    return Source("model.pt", zipped({"archive/data.pkl": pickle, **kept}))


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def whole(value: int) -> bytes:
    size = value.bit_length() // 8 + 1
    return b"\x8a" + bytes([size]) + value.to_bytes(size, "little", signed=True)


def whole_tuple(values: tuple[int, ...]) -> bytes:
    return b"(" + b"".join(map(whole, values)) + b"t"


def tensor(
    shape: tuple[int, ...],
    stride: tuple[int, ...],
    offset: int = 0,
    count: int = 4,
    kind: str = "Float",
    key: str = "0",
) -> bytes:
    """What torch.save writes for one tensor, whatever it claims."""
    kept = b"(" + text("storage") + f"ctorch\n{kind}Storage\n".encode() + text(key) + text("cpu")
    kept += whole(count) + b"tQ"
    view = whole(offset) + whole_tuple(shape) + whole_tuple(stride)
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + kept + view + b"\x89" + ORDERED + b"tR"


def state(**entries: bytes) -> bytes:
    """A pickled dict of texts and values already pickled."""
    pairs = b"".join(text(name) + value for name, value in entries.items())
    return PROTOCOL + b"}(" + pairs + b"u."
