"""Walk over an HDF5 file: its arrays and attributes, nothing that lies outside it.

HDF5 File Format Specification 3.0: links IV.A.2.g, external storage IV.A.2.h, virtual layouts
IV.A.2.i.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from rnnviz.core.arrays import Array

MAX_OBJECTS = 20_000
MAX_DEPTH = 40
MAX_TEXT = 10_000_000  # characters of all attributes together
MAX_CHUNKED = 100_000_000  # bytes of the datasets that may be compressed
_ATTRIBUTES = re.compile(r"(layer_names|weight_names)\d*|model_config|keras_version|name|dtype")
_SKIPPED = {"/optimizer", "/optimizer_weights"}


class Refused(Exception):
    """Refused content: its kind, and its path in the file."""


class Walker:
    """Walk over a file that follows no link and opens no other file."""

    def __init__(self, h5py: Any, size: int) -> None:
        self.h5py, self.size = h5py, size
        self.seen: set[int] = set()
        self.attributes: dict[str, dict[str, Any]] = {}
        self.datasets: list[tuple[int, str, Any]] = []
        self.groups: dict[str, int] = {}  # the last address inside each
        self.n_text = self.n_chunked = self.n_plain = 0

    def group(self, path: str, group: Any, depth: int) -> None:
        """Collect all datasets and attributes below a group. Raises Refused."""
        if depth > MAX_DEPTH or len(group) + len(self.seen) > MAX_OBJECTS:
            raise Refused("many", path)
        self._note(path, group)
        members = ((f"{path}/{name}", name) for name in group)
        inside = [self._member(p, group, n, depth) for p, n in members if p not in _SKIPPED]
        self.groups[path] = max([self.h5py.h5o.get_info(group.id).addr, *inside])

    def _member(self, path: str, group: Any, name: str, depth: int) -> int:
        """The last address of the member and of what it holds."""
        if not isinstance(group.get(name, getlink=True), self.h5py.HardLink):
            raise Refused("link", path)
        info = self.h5py.h5o.get_info(group.id, name.encode("utf-8", "surrogateescape"))
        if info.addr in self.seen:
            raise Refused("twice", path)
        self.seen.add(info.addr)
        if info.type == self.h5py.h5o.TYPE_GROUP:
            self.group(path, group[name], depth + 1)
            return self.groups[path]
        if info.type == self.h5py.h5o.TYPE_DATASET:
            self._dataset(path, group[name], info.addr)
        return int(info.addr)

    def _dataset(self, path: str, dataset: Any, address: int) -> None:
        if dataset.is_virtual or dataset.external:
            raise Refused("outside", path)
        if dataset.shape is None or not _is_number(dataset.dtype):
            return
        self._count(path, dataset)
        self._note(path, dataset)
        self.datasets.append((address, path, dataset))

    def _count(self, path: str, dataset: Any) -> None:
        """Check, before a read, that the file holds what the dataset declares."""
        if dataset.chunks is None:
            self.n_plain += dataset.nbytes
            is_there = dataset.id.get_storage_size() >= dataset.nbytes
        else:
            chunk = dataset.dtype.itemsize
            for length in dataset.chunks:
                chunk *= length
            self.n_chunked += max(chunk, dataset.nbytes)
            is_there = dataset.id.get_storage_size() * 1100 >= dataset.nbytes
        if not is_there or self.n_plain > self.size or self.n_chunked > MAX_CHUNKED:
            raise Refused("large", path)

    def _note(self, path: str, thing: Any) -> None:
        for name in thing.attrs:
            if _ATTRIBUTES.fullmatch(name):
                self.attributes.setdefault(path, {})[name] = self._attribute(path, thing, name)

    def _attribute(self, path: str, thing: Any, name: str) -> Any:
        described = thing.attrs.get_id(name)
        n_values = 1
        for length in described.shape:
            n_values *= length
        if n_values == 0:
            return []
        if n_values > MAX_OBJECTS or described.dtype.kind not in "OS":
            raise Refused("attribute", path)
        value = thing.attrs[name]
        texts = [_text(item) for item in getattr(value, "flat", [value])]
        self.n_text += sum(map(len, texts))
        if self.n_text > MAX_TEXT:
            raise Refused("attribute", path)
        return texts if described.shape else texts[0]


def _is_number(dtype: Any) -> bool:
    # Keras stores bfloat16 as two opaque bytes.
    return dtype.kind in "fiu" or (dtype.str == "|V2" and dtype.names is None)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, str):
        return value
    raise Refused("attribute", "")


_Found = tuple[dict[str, Array], dict[str, dict[str, Any]], tuple[str, ...]]


def read_hdf5_arrays(data: bytes) -> _Found:
    """Arrays by path, attributes by path, and groups, in the order in which they were written.

    Raises Refused.
    """
    import h5py

    with h5py.File(BytesIO(data), "r") as file:
        walk = Walker(h5py, len(data))
        walk.group("", file, 0)
        # By address: in the order in which they were written.
        ordered = sorted(walk.datasets, key=lambda found: found[0])
        groups = tuple(sorted(walk.groups, key=lambda path: walk.groups[path]))
        return {path: dataset[()] for _, path, dataset in ordered}, walk.attributes, groups


def warm_up() -> None:
    """Read a small file first: Python and h5py open some of their modules at first use."""
    import h5py

    stream = BytesIO()
    with h5py.File(stream, "w") as file:
        file.create_group("layers").attrs["layer_names"] = [b"lstm"]
        file["layers/kernel"] = 1.5
        file["layers"].attrs["name"] = "lstm"
    read_hdf5_arrays(stream.getvalue())
