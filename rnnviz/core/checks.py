"""Checks that several rooms share: printable text, a choice among options, a bound of steps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from numbers import Integral
from os import PathLike
from typing import Any, TypeGuard, TypeVar

from rnnviz.errors import InputError

T = TypeVar("T")
# The controls C0, DEL and C1 but tab and line breaks, and halves of characters.
_BLOCK = 100_000
_PRINTABLE_ASCII = bytes((*b"\t\n\r", *range(0x20, 0x7F)))
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_HALF = re.compile("[\ud800-\udfff]")


def _is_printable_ascii(text: str) -> bool:
    # Four times as fast as the search; in blocks, because a long text is not held twice.
    starts = range(0, len(text), _BLOCK)
    blocks = (text[start : start + _BLOCK].encode() for start in starts)
    return not any(block.translate(None, _PRINTABLE_ASCII) for block in blocks)


def check_printable(text: str) -> None:
    """Raise InputError for the first control character or lone surrogate, by its position.

    Tab and line breaks are allowed.

    >>> check_printable("two\\nlines")
    """
    if text.isascii() and _is_printable_ascii(text):
        return
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


def shown(value: object, limit: int = 40) -> str:
    """One printable line of at most `limit` characters, to quote a user's value in a sentence.

    >>> shown("a rather long sentence", limit=10)
    'a rather …'
    """
    text = value[: limit * 4] if isinstance(value, str) else _text(value)
    line = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _text(value: object) -> str:
    try:
        return str(value)
    except ValueError:  # Python writes no number of more than 4,300 digits.
        return f"a {type(value).__name__} of very many digits"
    except Exception:  # A class may write itself in a way that fails.
        return f"a {type(value).__name__}"


def whole_characters(text: str) -> str:
    """A text that can be shown: a half of a character, as JavaScript cuts them, by its number.

    >>> whole_characters("a\\ud83d")
    'a<U+D83D>'
    """
    return _HALF.sub(lambda half: f"<U+{ord(half[0]):04X}>", text)


def listed(interventions: Iterable[T]) -> tuple[T, ...]:
    """The interventions. Raises InputError for what is no list of them, such as a single one."""
    try:
        return tuple(interventions)
    except TypeError:
        raise InputError(
            'Interventions come as a list, as in intervene=[rv.Clamp("forget", 1)], but {came}'
            " came; put it into brackets.",
            came=shown(interventions),
        ) from None


def items_of(came: object) -> list[Any]:
    """The items of a list or array, or of anything else, a text too, a list of it alone.

    >>> items_of(("a", "b")), items_of("ab"), items_of(3)
    (['a', 'b'], ['ab'], [3])
    """
    try:
        return [came] if isinstance(came, str) else list(came)  # type: ignore[call-overload]
    except TypeError:
        return [came]


def is_one_of(came: object, names: Iterable[str]) -> bool:
    """True for one of several names; an array or a list, which cannot be compared, is none.

    >>> is_one_of("words", ("characters", "words")), is_one_of(["words"], ("characters", "words"))
    (True, False)
    """
    return isinstance(came, str) and came in names


def check_choice(option: str, came: object, choices: tuple[str, ...]) -> None:
    """Raise InputError that lists the choices unless `came` is one of them.

    >>> check_choice("kind", "words", ("characters", "words"))
    """
    if not is_one_of(came, choices):
        raise InputError(
            "{option} should be one of {choices}, but “{came}” came; choose one of them.",
            option=option,
            choices=", ".join(map(_as_choice, choices)),
            came=shown(came),
        )


def _as_choice(choice: str) -> str:
    """A choice as it is listed: a mark, which could be one of the list, is quoted."""
    return choice if choice[:1].isalnum() else f"“{choice}”"


def is_whole_number(came: object) -> TypeGuard[int]:
    """True for a whole number of Python's or NumPy's; a truth value is none.

    >>> is_whole_number(3), is_whole_number(3.0), is_whole_number(True)
    (True, False, False)
    """
    return isinstance(came, Integral) and not isinstance(came, bool)


def check_count(name: str, came: object, most: int) -> None:
    """Raise InputError for what is no whole number from 1 to `most`.

    >>> check_count("width", 3, 200)
    """
    if not is_whole_number(came) or not 1 <= came <= most:
        raise InputError(
            "{name} should be a whole number from 1 to {most}, but {came} came.",
            name=name,
            most=most,
            came=shown(came),
        )


def check_seed(came: int) -> None:
    """Raise InputError for what is no whole number from 0 up.

    >>> check_seed(3)
    """
    if not is_whole_number(came) or came < 0:
        raise InputError("A seed is a whole number from 0 up, but {came} came.", came=shown(came))


def check_steps(came: int, bound: int | None) -> None:
    """Raise InputError for more steps than the bound; without one, any number passes.

    >>> check_steps(3, bound=10)
    """
    if bound is not None and came > bound:
        raise InputError(
            "At most {bound} steps can be read here, but {came} came; shorten the input.",
            bound=bound,
            came=came,
        )


def check_path(name: str, came: object) -> None:
    """Raise InputError for what is no path of a file or folder.

    >>> check_path("folder", "recordings/first")
    """
    if not isinstance(came, str | PathLike):
        raise InputError(
            "{name} should be a path, a text or a pathlib.Path, but {came} came.",
            name=name,
            came=shown(type(came).__name__),
        )
