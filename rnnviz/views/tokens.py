"""Tokens as labels: what cannot be seen gets a sign."""

from __future__ import annotations

import unicodedata

_SIGNS = {" ": "␣", "\n": "⏎", "\r\n": "⏎", "\r": "⏎", "\t": "⇥", "\u3000": "␣", "\u00a0": "⍽"}
_LONGEST = 24


def visible(token: str) -> str:
    """The token with whitespace, lone combining marks and excess length made visible.

    >>> visible(" "), visible("word"), visible("x" * 40)
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
