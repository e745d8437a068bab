"""NumPy's .npz, a ZIP archive of .npy members ▶ arrays by name.

NEP 1 and `numpy.lib.format`: magic, version, a header that gives type, order and shape, then the
numbers. A member of objects is a pickle, read as one and never run.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.inputs.npz import read_npy_header
from rnnviz.readers.archive import Archive, open_archive
from rnnviz.readers.limits import check_tensors
from rnnviz.readers.named_arrays import NamedArrays
from rnnviz.readers.number_types import STORAGE_DTYPES, ByteOrder
from rnnviz.readers.result import Source
from rnnviz.readers.settings import settings_in
from rnnviz.readers.tensors import PickledArray, checked_nbytes
from rnnviz.readers.torch.checkpoint_layout import strip_prefixes
from rnnviz.readers.torch.legacy_file import unpickled_value
from rnnviz.readers.vocabulary import vocabularies_in

_SUFFIX = ".npy"
_MAX_TEXT = 1_024  # bytes of a token


def read_npz_weights(source: Source) -> Mapping[str, Array]:
    """The archive's arrays of numbers by name; float16 becomes float32.

    `module.` and `_orig_mod.` are left out of the names, and members of texts and objects out of
    the arrays. Raises ModelError for a damaged or too large archive, and for members that are no
    arrays of numbers; never unpickles one.

    >>> stream = BytesIO()
    >>> np.savez(stream, rnn_b=np.ones(2))
    >>> read_npz_weights(Source("model.npz", stream.getvalue()))
    {'rnn_b': array([1., 1.])}
    """
    return read_npz_content(source).arrays


def read_npz_content(source: Source) -> NamedArrays:
    """The archive's arrays of numbers by name, and the vocabularies and settings among the rest.

    Raises ModelError as `read_npz_weights`.
    """
    archive = open_archive(source)
    described = {name.removesuffix(_SUFFIX): _described(archive, name) for name in archive}
    found = {name: each for name, each in described.items() if isinstance(each, PickledArray)}
    check_tensors(source, [checked_nbytes(source, name, packed) for name, packed in found.items()])
    others = {name: each for name, each in described.items() if name not in found}
    return NamedArrays(
        strip_prefixes({name: packed.array() for name, packed in found.items()}),
        tuple(vocabularies_in(others)),
        settings=tuple(settings_in(others)),
    )


def _described(archive: Archive, name: str) -> object:
    """The member's array, not yet built; the texts or the objects of one of those."""
    data = archive.read(name)
    stream = BytesIO(data)
    shape, is_fortran, dtype = _header(archive, name, stream)
    if dtype.kind == "U":
        return _texts(data[stream.tell() :], dtype)
    if dtype.kind == "S":
        return None
    if dtype.hasobject and dtype.kind == "O":
        return unpickled_value(archive.source, data[stream.tell() :])
    if dtype.name not in STORAGE_DTYPES:
        raise ModelError(
            "An array of real numbers was expected, but “{name}” holds type {dtype};"
            " convert it and save it again.",
            name=shown(f"{archive.source.name}: {name}"),
            dtype=shown(dtype),
        )
    order: ByteOrder = ">" if dtype.byteorder == ">" else "<"
    return PickledArray(dtype.name, order, shape, is_fortran, memoryview(data)[stream.tell() :])


def _texts(data: bytes, dtype: np.dtype[np.generic]) -> list[str]:
    if not 0 < dtype.itemsize <= _MAX_TEXT:
        return []
    count = len(data) // dtype.itemsize
    return [str(text) for text in np.frombuffer(data, dtype, count)]


def _header(
    archive: Archive, name: str, stream: BytesIO
) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    try:
        if not name.endswith(_SUFFIX):
            raise ValueError
        return read_npy_header(stream)
    except Exception as error:
        raise ModelError(
            "“{name}” should hold only arrays written by numpy.savez, but “{member}” is damaged or"
            " not one; save the arrays alone.",
            name=shown(archive.source.name),
            member=shown(name),
        ) from error
