"""Translations: the app's words by key and error sentences, in English and 简体中文."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Literal

from rnnviz.core.checks import check_choice
from rnnviz.core.resources import asset
from rnnviz.errors import RnnvizError

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
_WORDS: dict[str, Mapping[str, str]] = {}


def word(key: str, language: str = "en", **facts: Any) -> str:
    """Translation of a key, its gaps filled with facts.

    Raises KeyError for an unknown key, and InputError for an unknown language.

    >>> word("signal.forget")
    'forget gate'
    """
    text = _words(language)[key]
    return text.format(**facts) if facts else text


def sentences(said: Iterable[str], language: str = "en") -> str:
    """Sentences one after the other, without the empty ones; in Chinese nothing stands between.

    >>> sentences(["One.", "", "Two."]), sentences(["一。", "二。"], "zh")
    ('One. Two.', '一。二。')
    """
    return ("" if language == "zh" else " ").join(filter(None, said))


def step_words(number: int, token: str, language: str = "en") -> str:
    """A step by its number, counted from 1, and its token, where that is not the number again.

    >>> step_words(3, "a"), step_words(40, "40")
    ('step 3 “a”', 'step 40')
    """
    if token == str(number):
        return word("place.step", language, step=number)
    return word("place.token", language, step=number, token=token)


def has_word(key: str, language: str = "en") -> bool:
    """True for a key that the language has words for."""
    return key in _words(language)


def error_message(error: RnnvizError, language: str = "en") -> str:
    """Sentence of an error in a language; in English where it has no translation.

    >>> error_message(RnnvizError("Nothing came."))
    'Nothing came.'
    """
    template = error.template if language == "en" else _errors(language).get(error.template, "")
    return template.format(**error.facts) if template else str(error)


def _words(language: str) -> Mapping[str, str]:
    try:
        return _WORDS[language]
    except (KeyError, TypeError):
        check_choice("language", language, LANGUAGES)
    words: Mapping[str, str] = json.loads(asset("locales", f"{language}.json").read_text("utf-8"))
    return _WORDS.setdefault(language, words)


@cache
def _errors(language: str) -> Mapping[str, str]:
    path = asset("locales", f"errors.{language}.json")
    templates: Mapping[str, str] = json.loads(path.read_text("utf-8"))
    return templates
