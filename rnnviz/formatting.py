"""Numbers, sizes and tokens as labels."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from math import floor, isfinite, isnan, log10

_PLAIN_MIN, _PLAIN_MAX = 1e-4, 1e5  # beyond, numbers are written with an exponent
_PLAIN_WHOLE = 10_000  # from here on, running text sets thousands apart
_RAISED = str.maketrans("0123456789-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")
_SIGNS = {" ": "␣", "\n": "⏎", "\r\n": "⏎", "\r": "⏎", "\t": "⇥", "\u3000": "␣", "\u00a0": "⍽"}
_MAX_LABEL = 24


def format_number(value: float) -> str:
    """Number with three significant digits and a true minus sign.

    >>> format_number(-0.4567), format_number(12.34), format_number(0), format_number(1.2e-7)
    ('−0.457', '12.3', '0', '1.2e−7')
    >>> format_number(-float("inf"))
    '−∞'
    """
    if value == 0:
        return "0"
    if not isfinite(value):
        return "NaN" if isnan(value) else "∞" if value > 0 else "−∞"
    if not _is_plain(value):
        mantissa, _, exponent = f"{value:.1e}".partition("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    return f"{value:.{_decimals(value)}f}".replace("-", "−")


def running_text(number: str | float) -> str:
    """Number, or one already formatted, as a sentence prints it.

    >>> running_text(6.43e8), running_text(17718.2), running_text("5.6e-17"), running_text(-0.4567)
    ('6.4×10⁸', '17,718', '5.6×10⁻¹⁷', '−0.457')
    """
    text = number if isinstance(number, str) else format_number(number)
    mantissa, _, exponent = text.replace("-", "−").partition("e")
    if exponent:
        return f"{mantissa}×10{superscript(int(exponent.replace('−', '-')))}"
    whole = re.match(r"−?(\d+)", mantissa)
    if not whole or int(whole[1]) < _PLAIN_WHOLE:
        return mantissa
    return f"{mantissa[: whole.start(1)]}{int(whole[1]):,}{mantissa[whole.end() :]}"


def superscript(power: int) -> str:
    """Whole number in raised digits.

    >>> superscript(-12)
    '⁻¹²'
    """
    return str(power).translate(_RAISED)


def format_column(values: Iterable[float]) -> tuple[str, ...]:
    """Numbers aligned in a column: all with the decimals that three digits of the largest need.

    >>> format_column([-1.234, 0.05, 0.0001])
    ('−1.23', '0.05', '0.00')
    """
    numbers = tuple(values)
    largest = max(map(abs, numbers), default=0.0)
    if not _is_plain(largest):
        return tuple(map(format_number, numbers))
    return tuple(f"{number:z.{_decimals(largest)}f}".replace("-", "−") for number in numbers)


def format_bytes(n_bytes: int) -> str:
    """Size of a file, in the unit that suits it.

    >>> format_bytes(1234)
    '1.23 kB'
    """
    for unit, bound in (("B", 1e3), ("kB", 1e6), ("MB", 1e9)):
        if n_bytes < bound:
            return f"{n_bytes / bound * 1e3:.3g} {unit}"
    return f"{n_bytes / 1e9:.3g} GB"


def _is_plain(value: float) -> bool:
    return _PLAIN_MIN <= abs(value) < _PLAIN_MAX


def _decimals(value: float) -> int:
    return max(0, 2 - floor(log10(abs(value))))


def number_of(count: int, one: str) -> str:
    """A number of English things whose plural ends in s.

    >>> number_of(1, "row"), number_of(1200, "step")
    ('1 row', '1,200 steps')
    """
    return f"{count:,} {one}{'' if count == 1 else 's'}"


@lru_cache(4_096)
def token_label(token: str) -> str:
    """Label of a token: whitespace and lone combining marks visible, long ones cut.

    A space between two letters, as in the name of a column, stays a space.

    >>> token_label(" "), token_label("flow (m3/h)"), token_label("x" * 40)
    ('␣', 'flow (m3/h)', 'xxxxxxxxxxxxxxxxxxxxxxx…')
    """
    if token in _SIGNS:
        return _SIGNS[token]
    inner = token.strip(" ")
    before = len(token) - len(token.lstrip(" "))
    after = len(token) - before - len(inner)
    shown = "".join(" " if letter == " " else _SIGNS.get(letter, letter) for letter in inner)
    label = "␣" * before + shown + "␣" * after
    if len(label) > _MAX_LABEL:
        label = label[: _MAX_LABEL - 1] + "…"
    if not any(letter.isprintable() and not _is_combining(letter) for letter in label):
        return "◌" + "".join(letter for letter in label if _is_combining(letter))
    return label


def _is_combining(letter: str) -> bool:
    return unicodedata.category(letter) in ("Mn", "Me", "Mc")
