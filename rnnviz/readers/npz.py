"""NumPy's .npz, a ZIP archive of .npy members ▶ arrays by name.

NEP 1 and `numpy.lib.format`: magic, version, a header that gives type, order and shape, then the
numbers. Nothing is unpickled.
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
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import STORAGE_DTYPES, ByteOrder, PickledArray, checked_nbytes
from rnnviz.readers.torch.checkpoint_layout import strip_prefixes

_SUFFIX = ".npy"
_TEXTS = "US"


def read_npz_weights(source: Source) -> Mapping[str, Array]:
    """The archive's arrays of numbers by name; float16 becomes float32, texts are left out.

    `module.` and `_orig_mod.` are left out of the names. Raises ModelError for a damaged or too
    large archive, for members that are no arrays of real numbers, and never unpickles one.

    >>> stream = BytesIO()
    >>> np.savez(stream, rnn_b=np.ones(2))
    >>> read_npz_weights(Source("model.npz", stream.getvalue()))
    {'rnn_b': array([1., 1.])}
    """
    archive = open_archive(source)
    described = {name.removesuffix(_SUFFIX): _described(archive, name) for name in archive}
    found = {name: packed for name, packed in described.items() if packed is not None}
    check_tensors(source, [checked_nbytes(source, name, packed) for name, packed in found.items()])
    return strip_prefixes({name: packed.array() for name, packed in found.items()})


def _described(archive: Archive, name: str) -> PickledArray | None:
    """The member's array, not yet built; None for one of texts."""
    data = archive.read(name)
    stream = BytesIO(data)
    shape, is_fortran, dtype = _header(archive, name, stream)
    if dtype.kind in _TEXTS:
        return None
    if dtype.name not in STORAGE_DTYPES:
        raise ModelError(
            "An array of real numbers was expected, but “{name}” holds type {dtype};"
            " convert it and save it again.",
            name=shown(f"{archive.source.name}: {name}"),
            dtype=shown(dtype),
        )
    order: ByteOrder = ">" if dtype.byteorder == ">" else "<"
    return PickledArray(dtype.name, order, shape, is_fortran, memoryview(data)[stream.tell() :])


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
