"""NumPy's .npz, a ZIP archive of .npy members ▶ named arrays.

A hostile archive may say less than it holds: what it declares bounds what is read.
"""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.source import check_unpacked
from rnnviz.text.npy import npy_array

if TYPE_CHECKING:
    from rnnviz.core.arrays import Array

MAX_MEMBERS = 100
_MEMBER_HEADER = b"PK\x01\x02"  # APPNOTE 4.3.12, once per member
_ENCRYPTED = 1


def npz_arrays(name: str, data: bytes) -> dict[str, Array]:
    """The archive's arrays by name.

    Raises InputError for a damaged, encrypted or too large archive and for members that are no
    numeric arrays.

    >>> import numpy as np
    >>> stream = BytesIO()
    >>> np.savez(stream, x=[1, 2])
    >>> npz_arrays("a.npz", stream.getvalue())["x"].tolist()
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


def _array(name: str, archive: ZipFile, member: ZipInfo) -> Array:
    with archive.open(member) as stream:
        return npy_array(f"{name}: {member.filename}", stream)


def _check_members(name: str, members: list[ZipInfo]) -> None:
    check_unpacked(name, sum(member.file_size for member in members))
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
