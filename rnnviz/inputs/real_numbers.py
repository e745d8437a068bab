"""Numbers that a file holds as numbers, among texts: they have no decimal mark.

In Excel and JSON, 2.5 beside the text "1,5" says nothing of the text's comma. It is written in a
form that is read alike with either mark, and that nothing else writes: 25e-0001.
"""

from __future__ import annotations

import re

_FORM = re.compile(r"-?[0-9]+e[-+][0-9]{4}")


def without_mark(value: float) -> str:
    """A number by an integer and a power of ten; infinity and NaN by name.

    >>> without_mark(-2.5), float(without_mark(-2.5))
    ('-25e-0001', -2.5)
    >>> without_mark(1e300), without_mark(12)
    ('1e+0300', '12e+0000')
    """
    text = repr(value)
    if text.lstrip("-")[:1] not in "0123456789":
        return text
    digits, _, power = text.partition("e")
    whole, _, fraction = digits.partition(".")
    if power and int(power) == len(fraction):
        # Without a power is an integer alone.
        fraction += "0"
    return f"{whole}{fraction}e{int(power or 0) - len(fraction):+05}"


def as_written(cell: str) -> str:
    """A number of that form as Python writes it; other cells as they are.

    >>> as_written("25e-0001"), as_written("1e5")
    ('2.5', '1e5')
    """
    if _FORM.fullmatch(cell) is None:
        return cell
    return cell.removesuffix("e+0000") if cell.endswith("e+0000") else repr(float(cell))
