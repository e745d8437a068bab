"""Numbers as people and programs write them: decimal mark, groups of digits, signs and units.

A cell is looked at by its shape, see `rnnviz.inputs.cells`. Groups of digits are those of the
Unicode CLDR: three digits, or the Indian 12,34,567.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import regex

from rnnviz.core.arrays import Array
from rnnviz.inputs.cells import SEPARATOR, CellText, plain

_MARKS = ".,"
_UNIT_PLACES = ("lead", "before", "after", "tail")
_CURRENCIES = """
    USD EUR GBP JPY CNY RMB CHF INR KRW AUD CAD NZD SEK NOK DKK PLN CZK HUF RUB BRL MXN ZAR TRY
    SGD HKD TWD THB IDR ILS AED SAR BTC ETH USDT Rs. Rs Fr. kr. kr zł Kč Ft lei R$ US$ A$ C$ HK$
    NT$ 元 円 원 руб. руб 万元 亿元
"""
_UNITS = """
    % ‰ pp ppm ppb ° °C ℃ °F ℉ degC K dB dBm bpm kg g mg µg μg ug t lb lbs oz km m cm mm µm μm nm
    mi ft h hr hrs min s sec ms µs us ns Hz kHz MHz GHz V mV kV A mA W kW MW GW kWh MWh GWh Wh J
    kJ MJ N Pa hPa kPa MPa bar mbar psi mmHg l L ml mL m/s km/h mph kn m² m³ km² m³/s µg/m³ μg/m³
    W/m² mg/L mg/l lx rpm kcal px B kB KB MB GB TB 度 米 公里 千克 公斤 克 秒 分钟 小时 个 人 次
    天 件
"""
UNIT_NAMES = frozenset(f"{_CURRENCIES} {_UNITS}".split())


@dataclass(frozen=True)
class NumberFormat:
    """How the numbers of a column are written.

    decimal     decimal mark, "." or ",".
    thousands   marks between groups of digits that came, each a character.
    unit        what stands at every number: "€", "%", "kg"; "" for none.
    """

    decimal: str = "."
    thousands: str = ""
    unit: str = ""

    @property
    def other_mark(self) -> str:
        """The mark that is not the decimal mark."""
        return "," if self.decimal == "." else "."


def number_format(shapes: Iterable[str], decimal: str) -> NumberFormat | None:
    """Format under which every shape is a number; None when one is not or units differ.

    >>> number_format(["0.000,00 €", "0 €"], ",")
    NumberFormat(decimal=',', thousands='.', unit='€')
    """
    groups, units = set(), set()
    for shape in shapes:
        match = _number(shape, decimal)
        if match is None:
            return None
        groups |= {match["group"] or match["lakh"] or ""}
        units |= {"".join(match[place] or "" for place in _UNIT_PLACES)}
    unit = "".join(sorted(units))
    # A price without its sign is still a price; 0.5 beside 5% is another number.
    if len(units - {""}) > 1 or (len(units) > 1 and not _is_currency(unit)):
        return None
    return NumberFormat(decimal, "".join(sorted(groups)), unit)


def is_number(shape: str) -> bool:
    """True for the shape of a number with either decimal mark.

    >>> is_number("(0,000.00)"), is_number("0a")
    (True, False)
    """
    return any(_number(shape, decimal) is not None for decimal in _MARKS)


def parsed_numbers(cells: CellText, form: NumberFormat) -> Array:
    """Numbers (row,), missing is NaN, of cells whose shapes all fit the format.

    >>> parsed_numbers(CellText(["1.299,99 €", "(5)", "NA"]), NumberFormat(",", ".", "€")).tolist()
    [1299.99, -5.0, nan]
    """
    return np.concatenate([_chunk_numbers(chunk, form, cells.missing) for chunk in cells.chunks])


def plain_numbers(cells: CellText) -> Array | None:
    """Numbers (row,) of cells that all are as Python writes numbers, else None; fast.

    >>> plain_numbers(CellText(["1.5", "-2e3"])).tolist()
    [1.5, -2000.0]
    """
    try:
        return np.concatenate([_floats(chunk) for chunk in cells.chunks])
    except ValueError:
        return None


def _floats(text: str) -> Array:
    # Python reads 1_000 as a number; in a table it is a name.
    if "_" in text:
        raise ValueError(text)
    cells = text.split(SEPARATOR)
    return np.fromiter(map(float, cells), np.float64, len(cells))


def _chunk_numbers(chunk: str, form: NumberFormat, missing: frozenset[str]) -> Array:
    text = plain(chunk)
    if missing:
        text = SEPARATOR.join(
            ["nan" if cell in missing else cell for cell in text.split(SEPARATOR)]
        )
    # The shapes have shown where each mark stands, so that it can be replaced wherever it stands.
    for mark in (form.unit, form.other_mark, " ", "'"):
        text = text.replace(mark, "") if mark else text
    text = text.replace(form.decimal, ".")
    if ".-" in text:
        text = text.replace(".--", "").replace(".-", "")
    if "d" in text or "D" in text:
        text = text.replace("D", "e").replace("d", "e")
    if "(" in text:
        text = text.replace("(", "-").replace(")", "")
    if "-" + SEPARATOR in text or text.endswith("-"):
        text = _TRAILING_MINUS.sub(r"-\1", _ZERO.sub("0", text))
    return _floats(text)


# In the accounting format of spreadsheets: $ -
_ZERO = regex.compile(rf"(?:(?<={SEPARATOR})|^)-(?={SEPARATOR}|$)")
_TRAILING_MINUS = regex.compile(rf"([0-9.]++)-(?={SEPARATOR}|$)")


def _number(shape: str, decimal: str) -> regex.Match[str] | None:
    match = _pattern(decimal).fullmatch(shape)
    if match is None:
        return None
    signs = [name for name in ("open", "sign", "inner", "trailing") if match[name]]
    is_closed = bool(match["open"]) == bool(match["close"])
    is_grouped = match["group"] or match["lakh"]
    if len(signs) > 1 or not is_closed or sum(map(bool, match.group(*_UNIT_PLACES))) > 1:
        return None
    if match["zero"] and (
        signs or not any(_is_currency(match[place] or "") for place in _UNIT_PLACES)
    ):
        return None
    return None if is_grouped and match["power"] else match


@cache
def _pattern(decimal: str) -> regex.Pattern[str]:
    other = NumberFormat(decimal).other_mark
    currency = rf"(?:{_either(_CURRENCIES)}|\p{{Sc}})"
    unit = rf"(?:{_either(_CURRENCIES + _UNITS)}|\p{{Sc}})"
    whole = (
        rf"(?:0{{1,3}}(?P<group>[{other} '])000(?:(?P=group)000)*+"
        rf"|0{{1,2}}(?P<lakh>[{other}])00(?:(?P=lakh)00)*(?P=lakh)000|0++)"
    )
    # A dash in place of the cents: 12,- and 12.–
    part = rf"[{decimal}](?:--?+|0*+(?!-(?<=[{decimal}]-)))"
    body = rf"(?:{whole}(?:{part})?|[{decimal}]0++|inf|Inf|INF|[Ii]nfinity|(?P<zero>-))"
    return regex.compile(
        rf"(?:(?P<lead>{currency}) *+)?(?P<open>\()?(?P<sign>[+-])? ?(?P<before>{currency})? ?"
        rf"(?P<inner>[+-])? ?{body}"
        rf"(?P<power>[eEdD][+-]?0++)? ?(?P<after>{unit})? ?(?P<trailing>(?<!-)-)?(?P<close>\))?"
        rf"(?: ?(?P<tail>{unit}))?"
    )


def _either(words: str) -> str:
    return "|".join(map(regex.escape, sorted(words.split(), key=len, reverse=True)))


def _is_currency(unit: str) -> bool:
    return unit in _CURRENCIES.split() or regex.fullmatch(r"\p{Sc}", unit) is not None
