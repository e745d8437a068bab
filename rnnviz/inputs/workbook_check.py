"""What a workbook's parts declare, checked before a library reads them.

ECMA-376 part 1, section 18.3.1: a sheet of two cells may span 17 billion, and a text that stands
once in the file may be shared by a million cells.
"""

from __future__ import annotations

import re
import zlib
from io import BytesIO
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.source import check_cells, check_columns, check_unpacked_size

_MAX_MEMBERS = 2_000
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB] 2.2, of Excel 97 to 2003
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] 2.3.4.1
_ODF_MANIFEST, _ODF_ENCRYPTED = "META-INF/manifest.xml", b":encryption-data"  # ODF 1.3-2, 4.4
_MEMBER_HEADER = b"PK\x01\x02"  # APPNOTE 4.3.12, once per member
# A cell with something in it; Excel and LibreOffice write empty ones for their style.
_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?:[^<>]*?\s)?r\s*=\s*["']([A-Za-z]{1,3}\d{1,7})(?!\d)[^<>]*(?<!/)>"""
)
# As Excel writes it, four times as fast.
_PLAIN_CELL, _PLAIN_START = re.compile(rb'<c r="([A-Z]{1,3}\d{1,7})"[^<>]*(?<!/)>'), b'<c r="'
_CELLS = (b"<c ", b"<c>", b":c ", b":c>", b"<c\n", b"<c\t", b"<c\r", b":c\n", b":c\t", b":c\r")
_SHARED = re.compile(rb"""\st\s*=\s*["']s["'][^<>]*>\s*<(?:\w+:)?v>(\d{1,9})<""")
_ODF_TAG = re.compile(rb"<(?:\w+:)?(table|table-row|table-cell|covered-table-cell)\b(?!-)([^>]*)>")
_REPEATED = re.compile(rb"""repeated\s*=\s*["'](\d{1,18})["']""")
_NO_RESULT = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\s[^<>]*/>)(?:<(?:\w+:)?v\s*/>|<v></v>)?</(?:\w+:)?c>"
)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)


class Contents(NamedTuple):
    """What the parts of a workbook hold.

    n_formulas  formulas without a kept result.
    size        bytes of the largest sheet, or of all where they are one part.
    """

    n_formulas: int
    size: int


def check_workbook(name: str, data: bytes) -> Contents:
    """Contents of a workbook whose parts are not too large.

    Raises InputError for a damaged archive and for sheets of too many cells or too long texts.
    """
    if data.startswith(_COMPOUND):
        if _ENCRYPTED in data:
            raise protected_workbook(name)
        return Contents(0, len(data))
    try:
        return _checked(name, data)
    # What zipfile raises for a directory or a member that is not as declared.
    except (BadZipFile, EOFError, OSError, zlib.error, NotImplementedError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise damaged_workbook(name) from error


def protected_workbook(name: str) -> InputError:
    """Error for a workbook that a password protects."""
    return InputError(
        "“{name}” should be readable, but a password protects it; save it without one.",
        name=shown(name),
    )


def damaged_workbook(name: str) -> InputError:
    """Error for a file that is no workbook, or not a whole one."""
    return InputError(
        "“{name}” should be a complete workbook, but it is damaged; save it again.",
        name=shown(name),
    )


def _checked(name: str, data: bytes) -> Contents:
    if data.count(_MEMBER_HEADER) > _MAX_MEMBERS:
        raise damaged_workbook(name)
    with ZipFile(BytesIO(data)) as archive:
        members = archive.infolist()
        check_unpacked_size(name, sum(member.file_size for member in members))
        # Every part is unpacked once here, because it may hold more than it declares.
        parts = {m.filename: archive.read(m) for m in members if not m.is_dir()}
    if any(_ODF_ENCRYPTED in part for title, part in parts.items() if title == _ODF_MANIFEST):
        raise protected_workbook(name)
    shared = next((p for title, p in parts.items() if title.lower() == "xl/sharedstrings.xml"), b"")
    sheets = [part for title, part in parts.items() if _SHEET.fullmatch(title)]
    for sheet in sheets:
        _check_extent(name, sheet)
        if shared:
            _check_shared(name, sheet, shared)
    _check_odf_extent(name, parts.get("content.xml", b""))
    return Contents(
        sum(len(_NO_RESULT.findall(sheet)) for sheet in sheets if b"f>" in sheet),
        max(map(len, sheets), default=len(parts.get("content.xml", b""))),
    )


def _check_extent(name: str, sheet: bytes) -> None:
    n_cells = sum(map(sheet.count, _CELLS))
    check_cells(name, n_cells)
    check_cells(name, sheet.count(b"<row"))
    is_plain = sheet.count(_PLAIN_START) == n_cells
    places = np.array((_PLAIN_CELL if is_plain else _CELL).findall(sheet), "S10")
    if not len(places):
        return
    columns, rows = _columns_and_rows(places)
    n_columns = int(columns.max() - columns.min()) + 1
    check_columns(name, n_columns)
    check_cells(name, (int(rows.max() - rows.min()) + 1) * n_columns)


def _columns_and_rows(places: Array) -> tuple[Array, Array]:
    """Numbers (cell,) of the columns and rows of places (cell,) as b"AB12".

    >>> _columns_and_rows(np.array([b"A1", b"ab12"], "S10"))
    (array([ 1, 28]), array([ 1, 12]))
    """
    columns, rows = np.zeros((2, len(places)), np.int64)
    for codes in places.view(np.uint8).reshape(len(places), -1).T:
        columns = np.where(codes >= ord("A"), columns * 26 + codes % 32, columns)
        is_digit = (codes >= ord("0")) & (codes <= ord("9"))
        rows = np.where(is_digit, rows * 10 + codes - ord("0"), rows)
    return columns, rows


def _check_odf_extent(name: str, content: bytes) -> None:
    """Bound the cells of OpenDocument tables: a cell and a row may be repeated millions of times.

    ODF 1.3-3, 19.679 and 19.682. What is empty behind the last value is not counted.
    """
    width = height = column = row = n_repeated = 0
    for tag in _ODF_TAG.finditer(content):
        element, attributes = tag[1], tag[2]
        repeated = _REPEATED.search(attributes) if b"repeated" in attributes else None
        count = int(repeated[1]) if repeated else 1
        if element == b"table":
            width = height = row = n_repeated = 0
        elif element == b"table-row":
            row += n_repeated
            column, n_repeated = 0, count
        else:
            column += count
            if not attributes.endswith(b"/") or b"value" in attributes:
                width, height = max(width, column), row + n_repeated
                check_cells(name, width * height)


def _check_shared(name: str, sheet: bytes, shared: bytes) -> None:
    """Bound the text of a sheet's cells, a shared text counted wherever it stands."""
    lengths = np.array([len(text) for text in shared.split(b"</si>")] or [0])
    n_shared = len(_SHARED.findall(sheet))
    if n_shared * int(lengths.max()) > 200_000_000:
        places = np.array([int(place) for place in _SHARED.findall(sheet)])
        check_unpacked_size(name, int(lengths[np.minimum(places, len(lengths) - 1)].sum()))
