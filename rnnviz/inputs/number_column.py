"""Numbers of a column, and the decision which of "." and "," is their decimal mark."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np
import regex

from rnnviz.core.arrays import Array
from rnnviz.inputs.cells import FLAGS, MAX_SHAPES, SEPARATOR, CellText, is_missing, plain, shape_of
from rnnviz.inputs.date_format import DateOrder
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.file_format import AS_FOUND, FileFormat
from rnnviz.inputs.number_format import (
    UNIT_NAMES,
    NumberFormat,
    number_format,
    parsed_numbers,
    plain_numbers,
)

_SAMPLE = 1_000
# What Excel shows in some of its languages.
_BOOLEANS = (
    ("true", "false"),
    ("wahr", "falsch"),
    ("vrai", "faux"),
    ("vero", "falso"),
    ("verdadero", "falso"),
    ("verdadeiro", "falso"),
)
_LEADING_ZERO = regex.compile(r"(?<![0-9.,])0([.,])")
# Letters behind a space, or a mark as of a footnote.
_FLAGS = rf" [{FLAGS}]{{1,3}}| ?[*†)\]]"
_FLAG = regex.compile(rf"(?<=[0-9])(?:{_FLAGS}) *$")
_FLAGGED = regex.compile(rf"[-+0.,]*+(?<=0)(?P<flags>{_FLAGS})")
_MULTIPLES = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12, "万": 10**4, "亿": 10**8}
_MULTIPLIED = regex.compile(r"[-+]?[0.,]*+(?<=0)(?P<multiple>[KMBT万亿])?")
_PADDED, _PAIR = regex.compile(r"[-+]?0[0-9]++,"), regex.compile(r"[-+]?[0-9]++,[0-9]")
_ARABIC_POINT = "\u066b"


@dataclass(frozen=True)
class Expected:
    """What a file is expected to write where a column leaves it open.

    decimal   decimal mark.
    evidence  "columns": its other columns; "program": it is of a format that programs write with
              "."; "delimiter": what stands between the columns; "pairs": a comma stands between
              two values in one cell; "none": nothing.
    order     of day, month and year in dates.
    """

    decimal: str = "."
    evidence: Literal["columns", "program", "delimiter", "pairs", "none"] = "program"
    order: DateOrder = "month first"


AS_EXPECTED = Expected()


@dataclass(frozen=True)
class Numbers:
    """Numbers (row,), missing is NaN, their unit, and what was decided."""

    values: Array
    unit: str = ""
    decisions: tuple[Decision, ...] = ()


def read_numbers(
    cells: CellText, how: FileFormat = AS_FOUND, expected: Expected = AS_EXPECTED
) -> Numbers | None:
    """Numbers of cells; None when one is none.

    >>> read_numbers(CellText(["1.299,99", "-3,0"])).values.tolist()
    [1299.99, -3.0]
    """
    if how.decimal in (None, ".") and not _is_open(cells, how, expected):
        values = plain_numbers(cells)
        if values is not None:
            return Numbers(values)
    return (
        _read_shapes(cells, how, expected)
        or _read_flagged(cells, how, expected)
        or _read_multiples(cells, how, expected)
    )


def decimals_that_fit(cells: CellText) -> set[str]:
    """The decimal marks that fit a column's first cells; empty when they are no numbers.

    >>> decimals_that_fit(CellText(["1,5"])), sorted(decimals_that_fit(CellText(["1,500"])))
    ({','}, [',', '.'])
    """
    shapes = _sample(cells).shapes
    return {mark for mark in ".," if shapes and number_format(shapes, mark) is not None}


def holds_pairs(cells: CellText) -> bool:
    """True for a value of fixed width, a comma and a code, as NOAA's stations write +0056,1.

    >>> holds_pairs(CellText(["+0056,1", "-0012,5"])), holds_pairs(CellText(["0,5", "12,5"]))
    (True, False)
    """
    first = [plain(cell) for cell in islice(_sample(cells), _SAMPLE)]
    filled = [cell for cell in first if not is_missing(cell)]
    return any(map(_PADDED.match, filled)) and all(map(_PAIR.fullmatch, filled))


def _sample(cells: CellText) -> CellText:
    # Cut by characters: to split a whole chunk would cost more than to look at a few cells.
    bound = _SAMPLE * 20
    chunk = cells.chunks[0] if cells.chunks else ""
    parts = chunk[:bound].split(SEPARATOR)
    return CellText(parts[:-1] if len(chunk) > bound and len(parts) > 1 else parts)


def _is_open(cells: CellText, how: FileFormat, expected: Expected) -> bool:
    """True when plain numbers might also be read with a decimal comma."""
    if how.thousands is not None:
        return True
    if how.decimal is not None or (expected.decimal == "." and expected.evidence != "none"):
        return False
    return "," in decimals_that_fit(cells)


def _read_shapes(cells: CellText, how: FileFormat, expected: Expected) -> Numbers | None:
    shapes = cells.shapes
    if len(shapes) > MAX_SHAPES:
        return None
    words = {shape.lower() for shape in shapes}
    for true, false in _BOOLEANS:
        if words and words <= {true, false}:
            return _booleans(cells, true, false)
    decimals = "." if expected.evidence == "pairs" else ".,"
    marks = how.decimal or decimals.replace(how.thousands or " ", "")
    forms = [form for mark in marks if (form := _allowed(number_format(shapes, mark), how))]
    if not forms:
        return None
    form, decisions = _decided(cells, forms, expected)
    return Numbers(parsed_numbers(cells, form), form.unit, decisions)


def _read_flagged(cells: CellText, how: FileFormat, expected: Expected) -> Numbers | None:
    """Numbers of which some have a flag behind them, as Eurostat writes 12.3 b; the flags are told.

    Some have none, and one flag at least is no unit, so that 5 s and 3 d stay what they are.
    """
    flagged = [found for shape in cells.shapes if (found := _FLAGGED.fullmatch(shape))]
    flags = sorted({found["flags"].strip() for found in flagged})
    if len(cells.shapes) > MAX_SHAPES or len(flagged) == len(cells.shapes) or not flags:
        return None
    if all(flag in UNIT_NAMES or flag == "d" for flag in flags):
        return None
    bare = CellText(_FLAG.sub("", cell) for cell in cells)
    numbers = _read_shapes(bare, how, expected)
    if numbers is None or numbers.unit:
        return None
    decision = Decision("flags", ", ".join(flags))
    return Numbers(numbers.values, "", (*numbers.decisions, decision))


def _read_multiples(cells: CellText, how: FileFormat, expected: Expected) -> Numbers | None:
    """Numbers of which some end in K, M, B, T, 万 or 亿, as 78.31M."""
    matches = [_MULTIPLIED.fullmatch(shape) for shape in cells.shapes[: MAX_SHAPES + 1]]
    if not matches or len(matches) > MAX_SHAPES or not all(matches):
        return None
    marks = sorted({found["multiple"] or "" for found in matches if found} - {""})
    if not marks:
        return None
    bare = [cell.strip() for cell in cells]
    numbers = _read_shapes(CellText(cell.rstrip("KMBT万亿") for cell in bare), how, expected)
    if numbers is None:
        return None
    sizes = np.array([_MULTIPLES.get(cell[-1:], 1) for cell in bare], float)
    told = ", ".join(f"{mark} = {_MULTIPLES[mark]:,}" for mark in marks)
    # Alone, T may be a unit: tesla.
    decision = Decision("multiples", told, is_certain=marks != ["T"])
    return Numbers(numbers.values * sizes, "", (*numbers.decisions, decision))


def _allowed(form: NumberFormat | None, how: FileFormat) -> NumberFormat | None:
    if form is None or (how.thousands is not None and set(form.thousands) - set(how.thousands)):
        return None
    return form


def _booleans(cells: CellText, true: str, false: str) -> Numbers:
    as_numbers = {true: "1", false: "0"}
    texts = CellText(as_numbers.get(cell.strip().lower(), "") for cell in cells)
    return Numbers(parsed_numbers(texts, NumberFormat()))


def _decided(
    cells: CellText, forms: list[NumberFormat], expected: Expected
) -> tuple[NumberFormat, tuple[Decision, ...]]:
    marked = {shape for shape in cells.shapes if not set(shape).isdisjoint(".,")}
    if not marked:
        return forms[0], ()
    mark = forms[0].decimal if len(forms) == 1 else _certain_mark(cells, expected)
    form = {form.decimal: form for form in forms}.get(mark) or _likely(cells, forms, expected)
    if mark == "." and not form.thousands:
        return form, ()
    options = tuple(form.decimal for form in forms)
    facts = {"cell": next(cell.strip() for cell in cells if shape_of(plain(cell)) in marked)}
    return form, (Decision("decimal", form.decimal, options, "", bool(mark), facts),)


def _certain_mark(cells: CellText, expected: Expected) -> str:
    """The decimal mark that evidence leaves no doubt about, "" for none."""
    if expected.evidence == "columns":
        return expected.decimal
    if expected.evidence == "program" and not any("," in shape for shape in cells.shapes):
        return "."
    return _mark_behind_zero(cells)


def _mark_behind_zero(cells: CellText) -> str:
    """The mark behind a leading zero, as in 0,125, which no group of digits begins with."""
    for chunk in cells.chunks:
        if found := _LEADING_ZERO.search(plain(chunk)):
            return str(found[1])
    return "." if any(_ARABIC_POINT in chunk for chunk in cells.chunks) else ""


def _likely(cells: CellText, forms: list[NumberFormat], expected: Expected) -> NumberFormat:
    grouped = [form for form in forms if form.thousands]
    whole = [len(s.strip("+-() ")) for s in cells.shapes if set(s).isdisjoint(".,e")]
    # 12 and 999 beside 1,234: the mark stands only where a number has more than three digits.
    if whole and max(whole) <= 3:
        return grouped[0]
    # 12345 beside 1,234: whoever writes groups would have written 12,345.
    ungrouped = [form for form in forms if not form.thousands]
    if whole and max(whole) > 4 and ungrouped:
        return ungrouped[0]
    return next(form for form in forms if form.decimal == expected.decimal)
