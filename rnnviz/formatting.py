"""Numbers as people read them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from math import floor, log10

_LEAST, _MOST = 1e-4, 1e5


def format_number(value: float) -> str:
    """Three significant digits, with the real minus sign.

    >>> format_number(-0.4567), format_number(12.34), format_number(0), format_number(1.2e-7)
    ('−0.457', '12.3', '0', '1.2e−7')
    """
    if value == 0:
        return "0"
    return f"{value:.{_decimals(value)}f}".replace("-", "−") if _is_plain(value) else _short(value)


def format_column(values: Iterable[float]) -> tuple[str, ...]:
    """Numbers to stand under each other: as many decimals as three digits of the largest need.

    >>> format_column([-1.234, 0.05, 0.0001])
    ('−1.23', '0.05', '0.00')
    """
    numbers = tuple(values)
    largest = max(map(abs, numbers), default=0.0)
    if not _is_plain(largest):
        return tuple(map(format_number, numbers))
    return tuple(f"{number:z.{_decimals(largest)}f}".replace("-", "−") for number in numbers)


def _is_plain(value: float) -> bool:
    return _LEAST <= abs(value) < _MOST


def _decimals(value: float) -> int:
    return max(0, 2 - floor(log10(abs(value))))


def _short(value: float) -> str:
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}".replace("-", "−")


_SIGNS = {" ": "␣", "\n": "⏎", "\r\n": "⏎", "\r": "⏎", "\t": "⇥", "\u3000": "␣", "\u00a0": "⍽"}
_LONGEST = 24


def token_label(token: str) -> str:
    """The token with whitespace, lone combining marks and excess length made visible.

    >>> token_label(" "), token_label("word"), token_label("x" * 40)
    ('␣', 'word', 'xxxxxxxxxxxxxxxxxxxxxxx…')
    """
    if token in _SIGNS:
        return _SIGNS[token]
    shown = "".join(_SIGNS.get(letter, letter) for letter in token)
    if len(shown) > _LONGEST:
        shown = shown[: _LONGEST - 1] + "…"
    if not shown or not any(letter.isprintable() and not _joins(letter) for letter in shown):
        return "◌" + "".join(letter for letter in shown if _joins(letter))
    return shown


def _joins(letter: str) -> bool:
    return unicodedata.category(letter) in ("Mn", "Me", "Mc")
