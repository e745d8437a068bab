"""Text that can be shown: what is refused, and how a long one is quoted back."""

from __future__ import annotations

import unicodedata

import regex

from rnnviz.errors import InputError

_UNPRINTABLE = regex.compile(r"[^\P{Cc}\t\n\r]|\p{Cs}")


def check_printable(text: str) -> None:
    """Nothing, when every character can be shown; tab and line breaks can.

    Raises InputError that names the first control character or half of a surrogate pair.

    >>> check_printable("two\\nlines")
    """
    found = _UNPRINTABLE.search(text)
    if found is None:
        return
    code, position = f"U+{ord(found[0]):04X}", found.start() + 1
    if unicodedata.category(found[0]) == "Cs":
        raise InputError(
            "The text should be made of whole characters, but position {position} holds {code},"
            " one half of a character; paste or save the text again.",
            position=position,
            code=code,
        )
    raise InputError(
        "The text should hold only characters that can be shown, but position {position} holds"
        " the control character {code}; remove it.",
        position=position,
        code=code,
    )


def shown(given: object, limit: int = 40) -> str:
    """What the user gave, on one line and at most `limit` characters long.

    >>> shown("a rather long sentence", limit=10)
    'a rather …'
    """
    text = str(given) if not isinstance(given, str) else given[: limit * 4]
    line = text
    if not text.isprintable():
        line = "".join(mark if mark.isprintable() else " " for mark in text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def check_choice(option: str, came: object, choices: tuple[str, ...]) -> None:
    """Nothing, when `came` is one of the choices.

    Raises InputError that lists them.

    >>> check_choice("kind", "words", ("characters", "words"))
    """
    if came not in choices:
        raise InputError(
            "{option} should be one of {choices}, but “{came}” came; choose one of them.",
            option=option,
            choices=", ".join(choices),
            came=shown(came),
        )


def check_steps(came: int, bound: int | None) -> None:
    """Nothing, when a sequence of this many steps is wanted; without a bound, always.

    Raises InputError above the bound.

    >>> check_steps(3, bound=10)
    """
    if bound is not None and came > bound:
        raise InputError(
            "At most {bound} steps can be read here, but {came} came; shorten the input.",
            bound=bound,
            came=came,
        )
