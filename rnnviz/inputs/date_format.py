"""Dates and times as people and programs write them, by the shape of a cell.

ISO 8601 with its weeks and days of the year, RFC 2822, the formats of the Unicode CLDR for English,
German, French, Spanish, Italian, Portuguese and Dutch months, and those of China, Japan and Korea.
Names of time zones other than UTC are not read: "CST" is three of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import regex

DateOrder = Literal["day first", "month first", "year first"]
DATE_ORDERS: tuple[DateOrder, ...] = ("day first", "month first", "year first")

_MONTHS = """
    jan january januar jänner janv janvier ene enero gen gennaio janeiro januari
    feb february februar févr fév février febrero febbraio fev fevereiro februari
    mar march märz mär mrz mars marzo março maart mrt
    apr april avr avril abr abril aprile
    may mai mayo mag maggio maio mei
    jun june juni juin junio giu giugno junho
    jul july juli juil juillet julio lug luglio julho
    aug august août aoû ago agosto augustus
    sep sept september septembre septiembre set settembre setembro
    oct october oktober okt octobre octubre ott ottobre out outubro
    nov november novembre noviembre novembro
    dec december dezember dez décembre déc diciembre dic dicembre dezembro
"""
MONTHS = {name: i for i, line in enumerate(_MONTHS.split("\n")) for name in line.split()}
_WEEKDAYS = (
    "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?"
    "|sun(?:day)?"
)
_TAIWAN = 1911
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民国": _TAIWAN, "民國": _TAIWAN}

# Groups: Y year, y its last two digits, m month, d day, n name of the month, w week, k day of the
# week, q quarter, j day of the year, e era; a, b, c are day, month and year in an open order.
_DATE = r"""
    (?P<Y>0000)(?P<s>[-/.])\ ?(?P<m>00?)(?:(?P=s)\ ?(?P<d>00?)\.?)?
  | (?P<Y>0000)(?P<m>00)(?P<d>00)(?:[-_]?(?P<H>00)(?P<M>00)(?P<S>00)?)?
  | (?:(?P<Y>0000)|(?P<y>00)|(?P<e>令和|平成|昭和|民国|民國)(?P<E>0{1,3}))\ ?[年년]
        (?:\ ?(?P<m>00?)\ ?[月월](?:\ ?(?P<d>00?)\ ?[日일号])?|\ ?第?(?P<q>0)季度?)?
  | (?P<E>000)/(?P<m>00)/(?P<d>00)
  | (?P<d>00?)(?:st|nd|rd|th|\.)?(?:\ |-|/|\ of\ |\ de\ )?(?P<n>NAME)\.?,?(?:\ |-|/|\ de\ )?
        (?:(?P<Y>0000)|'?(?P<y>00))
  | (?P<n>NAME)\.?\ {1,2}(?P<d>00?)(?:st|nd|rd|th)?,?\ (?P<Y>0000)
  | (?P<n>NAME)\.?(?:[-/]|\ (?:de\ )?)?(?:(?P<Y>0000)|'(?P<y>00))
  | (?P<n>NAME)-(?P<y>00)
  | (?P<Y>0000)[-/ ]?(?P<n>NAME)\.?(?:[-/ ]?(?P<d>00?))?
  | (?P<Y>0000)-?w(?P<w>00)(?:-?(?P<k>0))?
  | (?P<Y>0000)[- /]?q(?P<q>0) | q(?P<q>0)[- /]?(?P<Y>0000)
  | (?P<Y>0000)[-: ]?m(?P<m>00) | (?P<m>00)[-/.](?P<Y>0000) | (?P<Y>0000)-(?P<j>000)
  | (?P<a>00?)(?P<s>[-/.])\ ?(?P<b>00?)(?P=s)\ ?(?:(?P<Y>0000)|(?P<c>00))\.?
"""
_CLOCK = r"""
    (?P<p>上午|下午|午前|午後|早上|晚上|오전|오후)?\ ?
    (?P<H>00?)(?:
        :(?P<M>00)(?::(?P<S>00)(?:[.,](?P<f>0{1,9}))?)?
      | (?P<M>00)(?P<S>00)?
      | \ ?[时時点點시](?:\ ?(?P<M>00?)\ ?[分분](?:\ ?(?P<S>00?)\ ?[秒초])?)?
    )?
    (?:\ ?(?P<p>[ap])\.?m\.?)?
"""
_ZONE = r"""
    \ ?(?:z|utc|gmt)?\ ?(?:(?P<o>[+-])(?P<x>00?)(?::?(?P<i>00))?)?(?:\ ?\([a-z ]+\)|\[[a-z/_]+\])?
"""
_TIME = "(?P<H>00):(?P<M>00):(?P<S>00)"
_LATE = {"p", "下午", "午後", "晚上", "오후"}
_MAX_LENGTH = 60


@dataclass(frozen=True)
class DateShape:
    """Where the parts of a date stand in cells of one shape.

    fields    by a part's letter, the first position of its digits and the one behind the last.
    month     of the name in the shape; 0 where the month is a number.
    era       year before the first of the era in the shape.
    half      of the day, "am" or "pm"; "" for a clock of 24 hours.
    zone      1 and -1 for a time zone east and west of UTC, 0 for none.
    separator between day, month and year in an open order, else "".
    """

    fields: tuple[tuple[str, int, int], ...]
    month: int = 0
    era: int = 0
    half: str = ""
    zone: int = 0
    separator: str = ""

    @property
    def parts(self) -> frozenset[str]:
        """Letters of the parts that are digits."""
        return frozenset(letter for letter, _, _ in self.fields)

    @property
    def is_time(self) -> bool:
        """True for a time of day without a date."""
        return self.parts.isdisjoint("YyEac")

    @property
    def is_taiwans(self) -> bool:
        """True for a year of three digits, which Taiwan counts from 1912."""
        return any(letter == "E" and (first, stop) == (0, 3) for letter, first, stop in self.fields)

    @property
    def orders(self) -> tuple[DateOrder, ...]:
        """The orders of day, month and year that it may be read in; one when it is not open."""
        if not self.separator:
            return DATE_ORDERS[:1]
        if "c" in self.parts:
            return (DATE_ORDERS[0], DATE_ORDERS[2]) if self.separator == "." else DATE_ORDERS
        return DATE_ORDERS[:1] if self.separator == "." else DATE_ORDERS[:2]


def date_shape(shape: str) -> DateShape | None:
    """Parts of a shape that is a date, a time or both; None for another.

    >>> date_shape("0000-00-00").fields
    (('Y', 0, 4), ('m', 5, 7), ('d', 8, 10))
    >>> date_shape("00/00/0000").orders
    ('day first', 'month first')
    >>> date_shape("00 apples") is None
    True
    """
    lower = shape.lower()
    match = _pattern().fullmatch(lower) if len(lower) == len(shape) <= _MAX_LENGTH else None
    if match is None:
        return None
    found = {name: match.span(name) for name in "YymdwkqjEabcHMSfxi" if match[name]}
    form = DateShape(
        tuple((name, *span) for name, span in found.items()),
        MONTHS.get(match["n"] or "", 0),
        _ERAS.get(match["e"], _TAIWAN) if match["E"] else 0,
        ("pm" if match["p"] in _LATE else "am") if match["p"] else "",
        {"+": 1, "-": -1}.get(match["o"] or "", 0),
        (match["s"] or "") if "a" in found else "",
    )
    # 12 alone is no hour, and 10:00-11:30 is no time zone.
    is_clock = ("M" in found or form.half) and not form.zone
    return form if is_clock or not form.is_time else None


@cache
def _pattern() -> regex.Pattern[str]:
    names = "|".join(sorted(MONTHS, key=len, reverse=True))
    date = _DATE.replace("NAME", names)
    weekday = rf"(?:(?:{_WEEKDAYS})\.?,?\ )?"
    day = "[月火水木金土日一二三四五六天월화수목금토일]"
    chinese = rf"(?:\ ?(?:(?:星期|周|週){day}|\({day}\)))?"
    between = r"(?:t|\ {1,2}|,\ ?|_|:|\ at\ |\ -\ |(?<=[日일号年]))"
    # ctime and date, as every Unix writes them: Fri Jan  5 12:30:00 UTC 2024
    unix = rf"(?P<n>{names})\ {{1,2}}(?P<d>00?)\ {_TIME}\ (?:utc\ |gmt\ )?(?P<Y>0000)"
    whole = rf"{weekday}(?:{unix}|(?:{date}){chinese}(?:{between}{_CLOCK}{_ZONE})?|{_CLOCK}{_ZONE})"
    return regex.compile(whole, regex.VERBOSE)
