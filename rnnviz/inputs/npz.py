"""NumPy's .npy and .npz files, a ZIP archive of .npy members, as arrays.

A hostile file may hold more than it declares; no more than was declared is read.
"""

from __future__ import annotations

import math
import zlib
from io import BytesIO
from typing import IO, TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np
from numpy.lib import format as npy_format

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.source import check_unpacked_size

if TYPE_CHECKING:
    from rnnviz.core.arrays import Array

MAX_MEMBERS = 100
_MEMBER_HEADER = b"PK\x01\x02"  # APPNOTE 4.3.12, once per member
_ENCRYPTED = 1
_HEADERS = {
    (1, 0): npy_format.read_array_header_1_0,
    (2, 0): npy_format.read_array_header_2_0,
}


def read_npy(name: str, stream: IO[bytes]) -> Array:
    """Array of a .npy stream: 1 to 3 axes of real numbers, booleans or dates.

    Raises InputError for any other array, one that is too large, and a damaged file.

    >>> stream = BytesIO()
    >>> np.save(stream, np.array([1, 2]))
    >>> read_npy("a.npy", BytesIO(stream.getvalue())).tolist()
    [1, 2]
    """
    try:
        shape, is_fortran, dtype = read_npy_header(stream)
    except Exception as error:
        raise _damaged(name) from error
    _check_dtype(name, dtype)
    _check_shape(name, shape)
    n_values = math.prod(shape)
    # Numbers become float64, whatever they were.
    check_unpacked_size(name, n_values * max(dtype.itemsize, 8))
    data = stream.read(n_values * dtype.itemsize)
    if len(data) < n_values * dtype.itemsize:
        raise _damaged(name)
    return np.frombuffer(data, dtype).reshape(shape, order="F" if is_fortran else "C")


def read_npy_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    """Shape, True for Fortran order, and dtype of a .npy stream of format 1 or 2.

    NumPy evaluates the header as a Python literal: any exception may come out of its parser.
    """
    shape, is_fortran, dtype = _HEADERS[npy_format.read_magic(stream)](stream)
    # True is an integer to NumPy's parser, and none to its arrays.
    return tuple(map(int, shape)), is_fortran, dtype


def read_npz(name: str, data: bytes) -> dict[str, Array]:
    """Arrays of a .npz archive by name.

    Raises InputError for a damaged, encrypted or too large archive and for non-numeric members.

    >>> stream = BytesIO()
    >>> np.savez(stream, x=[1, 2])
    >>> read_npz("a.npz", stream.getvalue())["x"].tolist()
    [1, 2]
    """
    # Before the directory is read, which costs a kilobyte of memory per member.
    _check_count(name, data.count(_MEMBER_HEADER))
    try:
        with ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            _check_members(name, members)
            return {member.filename[:-4]: _array(name, archive, member) for member in members}
    # What zipfile raises for a directory or a member that is not as declared.
    except (BadZipFile, EOFError, OSError, zlib.error, NotImplementedError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "“{name}” should be an archive written by numpy.savez, but it is damaged;"
            " save it again.",
            name=shown(name),
        ) from error


def _check_dtype(name: str, dtype: np.dtype[np.generic]) -> None:
    is_date = dtype.kind == "M" and "[" in dtype.str  # <M8[D]; <M8 alone has no unit
    if dtype.kind not in "biuf" and not is_date:
        raise InputError(
            "An array of real numbers was expected, but “{name}” holds type {dtype};"
            " convert it and save it again.",
            name=shown(name),
            dtype=shown(dtype),
        )


def _check_shape(name: str, shape: tuple[int, ...]) -> None:
    if len(shape) not in (1, 2, 3) or min(shape) < 1:
        raise InputError(
            "An array (time,), (time, feature) or (time, batch, feature) with at least one of"
            " each was expected, but “{name}” has shape {shape}; reshape it.",
            name=shown(name),
            shape=shown(shape),
        )


def _damaged(name: str) -> InputError:
    return InputError(
        "“{name}” should be a complete NumPy array of format 1 or 2, but it is damaged or not"
        " one; save it again with numpy.save.",
        name=shown(name),
    )


def _array(name: str, archive: ZipFile, member: ZipInfo) -> Array:
    with archive.open(member) as stream:
        return read_npy(f"{name}: {member.filename}", stream)


def _check_members(name: str, members: list[ZipInfo]) -> None:
    check_unpacked_size(name, sum(member.file_size for member in members))
    for member in members:
        is_plain = member.compress_type in (ZIP_STORED, ZIP_DEFLATED)
        is_plain = is_plain and not member.flag_bits & _ENCRYPTED
        if not is_plain or not member.filename.endswith(".npy"):
            raise InputError(
                "“{name}” should hold only arrays written by numpy.savez, but “{member}” is not"
                " one; save the arrays alone.",
                name=shown(name),
                member=shown(member.filename),
            )


def _check_count(name: str, count: int) -> None:
    if not 1 <= count <= MAX_MEMBERS:
        raise InputError(
            "“{name}” should hold 1 to {bound} arrays, but it holds {came}; save fewer.",
            name=shown(name),
            bound=MAX_MEMBERS,
            came=count,
        )
