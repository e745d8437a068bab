"""How a file is written, where its reader is told instead of deciding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnviz.core.checks import check_choice, shown
from rnnviz.errors import InputError

HeaderLine = int | Literal["infer"] | None
DELIMITERS = ("\t", ";", "|", ",", " ")


@dataclass(frozen=True)
class FileFormat:
    r"""How a file is written; None is decided from the file. Names as in pandas.

    sep          delimiter: "\t", ";", "|", "," or " " for any white space (r"\s+" too).
    header       line of the column names, counted from 0 without blank ones; None for no names.
    decimal      decimal mark, "." or ",".
    thousands    mark between groups of digits: ".", ",", " ", "'", or "" for none.
    dayfirst     True where 05/01/2024 is the 5th of January.
    yearfirst    True where 05/01/02 is the 2nd of January 2005.
    parse_dates  False leaves dates as texts and numbers.
    na_values    what stands for a missing value, beside the usual spellings.
    skipfooter   rows at the end that are none.
    charset      charset of a text's bytes, as Python names it: "cp1252", "gb18030", …
    sheet        sheet of a workbook, by its name.
    orient       "columns" or "index": what the outer names of a JSON object of objects are.

    Raises InputError for other values.

    >>> FileFormat(decimal=",").thousands is None
    True
    """

    sep: str | None = None
    header: HeaderLine = "infer"
    decimal: str | None = None
    thousands: str | None = None
    dayfirst: bool | None = None
    yearfirst: bool | None = None
    parse_dates: bool = True
    na_values: str | tuple[str, ...] = ()
    skipfooter: int | None = None
    charset: str | None = None
    sheet: str | None = None
    orient: str | None = None

    def __post_init__(self) -> None:
        if self.sep == r"\s+":
            object.__setattr__(self, "sep", " ")
        values = (self.na_values,) if isinstance(self.na_values, str) else self.na_values
        object.__setattr__(self, "na_values", tuple(map(str, values)))
        _check_mark("orient", self.orient, ("columns", "index"))
        _check_mark("sep", self.sep, DELIMITERS)
        _check_mark("decimal", self.decimal, (".", ","))
        _check_mark("thousands", self.thousands, (".", ",", " ", "'", ""))
        for name, line in (("header", self.header), ("skipfooter", self.skipfooter)):
            if line not in ("infer", None) and not (isinstance(line, int) and line >= 0):
                raise InputError(
                    "{option} should be a number of lines from 0, but “{came}” came;"
                    " leave it out to have it found.",
                    option=name,
                    came=shown(line),
                )
        if self.decimal is not None and self.decimal == self.thousands:
            raise InputError(
                "The decimal mark and the thousands mark should differ, but both are “{came}”;"
                " change one.",
                came=self.decimal,
            )


def _check_mark(option: str, came: str | None, choices: tuple[str, ...]) -> None:
    if came is not None:
        check_choice(option, came, choices)


AS_FOUND = FileFormat()
