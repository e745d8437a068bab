"""Lines of delimited text as records and columns: RFC 4180 with any of five delimiters."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from itertools import islice
from typing import Any

import numpy as np
import regex

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.cells import SEPARATOR
from rnnviz.inputs.even_records import RECORD_END, even_columns, unquoted_records
from rnnviz.inputs.source import MAX_UNPACKED, check_cells, check_columns

# Under the names of a table in Markdown, and around those that databases print.
_RULE = regex.compile(r"[-+|=: ]*(?:-{3,}|={3,})[-+|=: ]*")
_OPENING = regex.compile(r'(?:^|[,;\t|])[ ]*"')
COMMENTS = ("#", "%", "//", "!")
_CHUNK = 1_000_000  # characters
_ROWS_AT_ONCE = 4_096  # lists of cells: more of them fall out of the processor's cache
_HEAD_CHARACTERS, _HEAD_RECORDS = 64_000, 100


@dataclass(frozen=True)
class Record:
    """A record at the head of a text.

    cells  its values; () for a line without a character.
    text   as it stands there, without its line break.
    line   the number of its first line, from 1.
    start  position of it in the text.
    end    position behind it.
    """

    cells: tuple[str, ...]
    text: str
    line: int
    start: int
    end: int

    @property
    def is_blank(self) -> bool:
        """True where every cell is empty, or the line is a rule drawn of signs."""
        return not any(map(str.strip, self.cells)) or is_rule(self.text)


def is_rule(line: str) -> bool:
    """True for a line drawn of signs.

    >>> is_rule("-----+-----"), is_rule("-1.5")
    (True, False)
    """
    return _RULE.fullmatch(line) is not None


@dataclass(frozen=True)
class Delimited:
    """Text of records, and how they are delimited.

    text        its line breaks are "\\n", those inside quotes as they came.
    delimiter   one of DELIMITERS; " " stands for any white space.
    """

    name: str
    text: str
    delimiter: str

    @cached_property
    def has_quotes(self) -> bool:
        """True when a field may be quoted, so that delimiters and line breaks may be inside."""
        return '"' in self.text

    def cells(self, line: str) -> tuple[str, ...]:
        """Values of one record.

        >>> Delimited("a.csv", "", ";").cells('1;"2;3"')
        ('1', '2;3')
        """
        if self.delimiter == " " and '"' not in line:
            return tuple(line.split())
        if '"' not in line:
            return tuple(line.split(self.delimiter)) if line else ()
        try:
            return tuple(next(self._reader([line.rstrip()]), []))
        except csv.Error:
            return tuple(line.split(self.delimiter))

    def head(self) -> list[Record]:
        """The first records, blank ones among them. Raises InputError for too many columns."""
        records: list[Record] = []
        position, line = 0, 1
        while position < min(len(self.text), _HEAD_CHARACTERS) and len(records) < _HEAD_RECORDS:
            end = self._record_end(position)
            text = self.text[position:end].rstrip("\n")
            self._check_width(text)
            records.append(Record(self.cells(text), text, line, position, end))
            line += self.text.count("\n", position, end)
            position = end
        return records

    def columns(self, start: int, line: int, width: int, comment: str) -> Iterator[list[list[str]]]:
        """Cells of the records from a position on, some thousands at a time, by column.

        line     number of the line at that position.
        comment  lines that start with it are left out; "" for none.

        Raises InputError, naming the line, for a record of another width.
        """
        for chunk in _chunks(self.text, start):
            has_quotes, mark, line_end = '"' in chunk, self.delimiter, "\n"
            text = unquoted_records(chunk, mark) if has_quotes and mark != " " else chunk
            if text is None or (has_quotes and comment and comment in chunk):
                yield from self._quoted(start, line, width)
                return
            if text is not chunk:
                mark, line_end = SEPARATOR, RECORD_END
            text = text.removesuffix(line_end)
            part = even_columns(text, mark, line_end, width, comment)
            if part is None:
                # One column without delimiters has no width to be checked.
                is_checked = width > 1 or mark in text
                part = self._split(text.split(line_end), mark, line, width, comment, is_checked)
            if part is None:
                yield from self._quoted(start, line, width)
                return
            if part:
                yield part
            start += len(chunk)
            line += chunk.count("\n")

    def _split(
        self,
        lines: list[str],
        mark: str,
        first: int,
        width: int,
        comment: str,
        is_checked: bool,
    ) -> list[list[str]] | None:
        """Columns of lines; None where values had quotes and a line is of another width."""
        blank = {"", mark * (width - 1)}
        is_full = blank.isdisjoint(lines)
        kept = lines if is_full else [text for text in lines if text not in blank]
        if comment:
            kept = [text for text in kept if not text.startswith(comment)]
        if mark == " ":
            return self._split_at_spaces(kept, lines, first, width)
        if not kept:
            return []
        if is_checked and {text.count(mark) for text in kept} != {width - 1}:
            if self.has_quotes:
                return None
            kept = self._without_comments(kept, lines, first, width)
        cells = mark.join(kept).split(mark) if width > 1 else kept
        return [cells[column::width] for column in range(width)]

    def _split_at_spaces(
        self, kept: list[str], lines: list[str], first: int, width: int
    ) -> list[list[str]]:
        text = "\n".join(filter(str.strip, kept))
        if not self.has_quotes and text.isascii() and _cells_per_line(text) == {width}:
            cells = text.split()
            return [cells[column::width] for column in range(width)]
        rows = list(filter(None, map(self.cells, kept)))
        if set(map(len, rows)) - {width}:
            self._refuse(lines, first, width)
        return [list(part) for part in zip(*rows, strict=True)]

    def _without_comments(
        self, kept: list[str], lines: list[str], first: int, width: int
    ) -> list[str]:
        """Lines of the width, the others being comments. Raises InputError for another."""
        marks = tuple(mark for mark in COMMENTS if mark != self.delimiter)
        count = width - 1
        others = [text for text in kept if text.count(self.delimiter) != count]
        if not all(text.startswith(marks) for text in others):
            self._refuse(lines, first, width)
        return [text for text in kept if text.count(self.delimiter) == count]

    def _refuse(self, lines: list[str], first: int, width: int) -> None:
        for line, text in enumerate(lines, start=first):
            came = len(self.cells(text))
            if came not in (0, width) and not text.startswith(COMMENTS):
                raise self._ragged(line, width, came)

    def _ragged(self, line: int, wanted: int, came: int) -> InputError:
        return InputError(
            "Every line of “{name}” needs as many values as the first, {wanted}, but line {line}"
            " has {came}; correct it, or put quotes around values with a delimiter inside.",
            name=shown(self.name),
            wanted=wanted,
            line=line,
            came=came,
        )

    def _quoted(self, start: int, line: int, width: int) -> Iterator[list[list[str]]]:
        reader = self._reader(_lines(self.text, start))
        try:
            while rows := list(islice(reader, _ROWS_AT_ONCE)):
                if set(map(len, rows)) - {0, width}:
                    self._refuse_rows(start, line, width)
                if part := [list(cells) for cells in zip(*filter(any, rows), strict=True)]:
                    yield part
        except csv.Error as error:
            raise InputError(
                "Line {line} of “{name}” should close every quotation mark it opens, but does not;"
                " write a mark inside quotes twice.",
                line=line + reader.line_num - 1,
                name=shown(self.name),
            ) from error

    def _refuse_rows(self, start: int, line: int, width: int) -> None:
        reader = self._reader(_lines(self.text, start))
        for row in reader:
            if len(row) not in (0, width):
                raise self._ragged(line + reader.line_num - 1, width, len(row))

    def _reader(self, lines: Iterable[str]) -> Any:
        # The limit is the whole process's; its default refuses a field of 128 kB.
        csv.field_size_limit(MAX_UNPACKED)
        skips = self.delimiter == " " or self._puts_spaces_before_quotes
        return csv.reader(lines, delimiter=self.delimiter, strict=True, skipinitialspace=skips)

    @cached_property
    def _puts_spaces_before_quotes(self) -> bool:
        """True for 1, "Paris, France": its quotes are no part of the value."""
        head, mark = self.text[:_HEAD_CHARACTERS], self.delimiter
        others = (f'{mark}"', '\n"')
        is_mixed = head.startswith('"') or any(other in head for other in others)
        return f'{mark} "' in head and not is_mixed

    def _record_end(self, start: int) -> int:
        end, is_open = start, False
        while True:
            line_end = self.text.find("\n", end) + 1 or len(self.text)
            is_open = is_open_behind(self.text[end:line_end], is_open)
            end = line_end
            if not is_open or end == len(self.text) or end - start > _HEAD_CHARACTERS:
                return end

    def _check_width(self, line: str) -> None:
        # Counted before a line of millions becomes as many objects.
        count = line.count(self.delimiter) + 1
        if self.delimiter != " ":
            check_columns(self.name, count) if '"' not in line else check_cells(self.name, count)


def is_open_behind(line: str, is_open: bool) -> bool:
    """True where a quoted value goes on in the next line; a mark as of 5" opens none.

    >>> is_open_behind('1,"two', False), is_open_behind('5" pipe,3', False)
    (True, False)
    """
    if line.count('"') % 2 == 0:
        return is_open
    return not is_open and _OPENING.search(line) is not None


def _chunks(text: str, start: int) -> Iterator[str]:
    """Parts of a text from a position on, each of whole lines."""
    while start < len(text):
        end = text.find("\n", start + _CHUNK) + 1 or len(text)
        yield text[start:end]
        start = end


def _cells_per_line(text: str) -> set[int]:
    """Numbers of cells of the lines of an ASCII text, delimited by blanks and tabs."""
    codes = np.frombuffer(f"\n{text}\n".encode(), np.uint8)
    is_blank = codes <= ord(" ")
    begins = np.cumsum(is_blank[:-1] & ~is_blank[1:])
    line_ends = np.flatnonzero(codes[1:] == ord("\n"))
    return set(np.unique(np.diff(begins[line_ends], prepend=0)).tolist())


def _lines(text: str, start: int) -> Iterator[str]:
    for chunk in _chunks(text, start):
        yield from StringIO(chunk)
