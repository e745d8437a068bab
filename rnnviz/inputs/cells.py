"""Cells of a column as text, and their shapes: what is left when every digit is a 0.

A column of millions of cells has few shapes. What they are is decided on the shapes, and the cells
are then converted in bulk.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from itertools import islice

import numpy as np

from rnnviz.core.arrays import Array

# A control character, which no text of a file holds; a str for every cell would cost 60 bytes.
SEPARATOR = "\x1f"
CHUNK_CELLS = 65_536
MAX_SHAPES = 4_096
_FIRST = 1_000  # characters

# The spellings spreadsheets, databases and people write for "no value", in lower case.
_MARKERS = r"""
    na n/a #n/a n.a. <na> nan -nan nat null (null) \n none nil k.a. n.d.
    - -- --- /// × : . .. … ? * — —— – 缺失 缺测 无 空 暂无 不详 欠測 なし 없음
    #value! #div/0! #ref! #num! #name? #null! #n/v #wert!
"""
# As Eurostat flags numbers and gaps: b break in the series, c confidential, e estimated, …
FLAGS = "bcdefimnprsuz"
MISSING = frozenset(["", *_MARKERS.split(), *(f": {flag}" for flag in FLAGS)])
MAX_MARKER = 20
# Up to three * are what statistics put behind a value.
_TOO_NARROW = re.compile(r"\*{4,}|#{2,}")
VALUE_STARTS = frozenset(map(chr, range(33, 127))) - {
    *(letter for marker in MISSING for letter in (marker[:1], marker[:1].upper())),
    *"*#",
}
"""ASCII characters with which no spelling of "no value" begins: a column is told apart by them."""

_LOOKALIKES = {
    "-": "\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d",
    "+": "\uff0b",
    ",": "\uff0c\ufe50\u060c",
    ".": "\uff0e\u066b",
    "'": "\u2018\u2019\u02bc\u00b4\u2032\uff07`\u066c",
    "%": "\uff05\u066a",
    "(": "\uff08",
    ")": "\uff09",
    "/": "\uff0f",
    ":": "\uff1a",
    "¥": "\uffe5",
    # Marks of writing direction, which spreadsheets put around dates, are invisible too.
    " ": "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
    "\u3000\u200b\u200e\u200f\u061c\u2066\u2067\u2068\u2069\ufeff\t",
}


class CellText:
    """Cells of a column as text, (row,).

    chunks     a string for every CHUNK_CELLS cells or so, with SEPARATOR between them.

    >>> cells = CellText(["1.5", " NA", "２.5"])
    >>> cells.shapes, cells.missing
    (('0.0',), frozenset({'NA'}))
    """

    def __init__(self, cells: Iterable[str] = ()) -> None:
        self.chunks: list[str] = []
        source = iter(cells)
        while part := list(islice(source, CHUNK_CELLS)):
            self.append(part)

    def append(self, cells: Iterable[str]) -> None:
        """Add cells at the end, at least one."""
        self.chunks.append(SEPARATOR.join(cells))

    def __iter__(self) -> Iterator[str]:
        for chunk in self.chunks:
            yield from chunk.split(SEPARATOR)

    def __len__(self) -> int:
        return sum(chunk.count(SEPARATOR) + 1 for chunk in self.chunks)

    @cached_property
    def _found(self) -> tuple[tuple[str, ...], frozenset[str]]:
        shapes: set[str] = set()
        for chunk in self.chunks:
            shaped = shape_of(plain(chunk))
            shapes.update((shape,) if (shape := only_shape(shaped)) else shaped.split(SEPARATOR))
            if len(shapes) > MAX_SHAPES:
                break
        missing = frozenset(filter(is_missing, shapes))
        return tuple(sorted(shapes - missing)), missing

    @property
    def shapes(self) -> tuple[str, ...]:
        """Different shapes of the cells that are not missing; more than MAX_SHAPES are cut."""
        return self._found[0]

    @cached_property
    def are_missing(self) -> bool:
        """True where no cell has a value."""
        first = self.chunks[0][:_FIRST].split(SEPARATOR)[:-1] if self.chunks else []
        return all(map(is_missing, first)) and not self.shapes

    @property
    def missing(self) -> frozenset[str]:
        """Spellings of "no value" that came, among the cells whose shapes were looked at."""
        return self._found[1]


def is_missing(cell: object) -> bool:
    """True for a cell without a value: None, NaN, a spelling in MISSING, or a row of * or #.

    >>> is_missing(" N/A "), is_missing(0.0)
    (True, False)
    """
    if isinstance(cell, str):
        return len(cell) < MAX_MARKER and _is_marker(cell.strip().lower())
    return cell is None or cell != cell


def _is_marker(text: str) -> bool:
    # Fortran fills a field with * where it is too narrow for its number, a spreadsheet with #.
    return text in MISSING or _TOO_NARROW.fullmatch(text) is not None


def plain(chunk: str) -> str:
    """Cells with digits, signs, marks and spaces of every script as in ASCII, and no space around.

    >>> plain("−１２.5\\x1f ٣")
    '-12.5\\x1f3'
    """
    if not chunk.isascii() or "\t" in chunk:
        chunk = _mapped(chunk, _plain_codes())
    has_blanks = " " in chunk and any(edge in f"{SEPARATOR}{chunk}{SEPARATOR}" for edge in _EDGES)
    if not has_blanks and "\n" not in chunk:
        return chunk
    return SEPARATOR.join([cell.strip() for cell in chunk.split(SEPARATOR)])


def shape_of(text: str) -> str:
    """Text with every ASCII digit as 0.

    >>> shape_of("2024-01-05")
    '0000-00-00'
    """
    if text.isascii():
        return text.encode().translate(_DIGITS).decode()
    return _mapped(text, _shape_codes())


def only_shape(shaped: str) -> str:
    """The shape that all cells of a chunk have; "" where they differ.

    >>> only_shape("00\\x1f00"), only_shape("00\\x1f0")
    ('00', '')
    """
    shape = shaped.partition(SEPARATOR)[0]
    n_cells = shaped.count(SEPARATOR) + 1
    is_only = (len(shape) + 1) * n_cells == len(shaped) + 1
    return shape if is_only and (shape + SEPARATOR) * n_cells == shaped + SEPARATOR else ""


def _mapped(text: str, table: Array) -> str:
    """Text with other characters in place of those of the basic plane, by a table of codes."""
    data = text.encode("utf-16-le", "surrogatepass")
    if len(data) == 2 * len(text):
        codes = np.frombuffer(data, "<u2")
        mapped = table[codes]
        same = np.array_equal(codes, mapped)
        return text if same else mapped.tobytes().decode("utf-16-le", "surrogatepass")
    wide = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    mapped = np.where(wide < 0x10000, table[np.minimum(wide, 0xFFFF)], wide)
    return mapped.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_EDGES = (f" {SEPARATOR}", f"{SEPARATOR} ")


@cache
def _shape_codes() -> Array:
    """Code (character,) of each character of the basic plane, of a digit that of 0."""
    codes = np.arange(0x10000, dtype="<u2")
    codes[0x31:0x3A] = 0x30
    return codes


@cache
def _plain_codes() -> Array:
    """ASCII code (character,) of each character of the basic plane that stands for one."""
    codes = np.arange(0x10000, dtype="<u2")
    for character, others in _LOOKALIKES.items():
        codes[[ord(other) for other in others]] = ord(character)
    for code in range(0x80, 0x10000):
        digit = unicodedata.decimal(chr(code), None)
        if digit is not None:
            codes[code] = 0x30 + digit
    letters = np.arange(0xFF21, 0xFF5B)
    codes[letters] = letters - 0xFEE0
    return codes
