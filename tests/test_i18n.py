"""Every word of the interface exists in both languages, and none is left over."""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import rnnviz
from rnnviz.cells import CELLS
from rnnviz.core.resources import asset
from rnnviz.i18n import LANGUAGES, word
from rnnviz.ui.choices import CHOICES

PACKAGE = Path(rnnviz.__file__).parent
ASKS = {"t", "word", "said"}
# What people call the same in both languages: names of cells, functions, methods and programs.
SAME = {"NumPy", "Torch", "Xavier", "chrono", "relu", "sigmoid", "tanh"}
SAME |= {cell.title for cell in CELLS.values()} | {"GRU（PyTorch）"}


def read(language: str) -> dict[str, str]:
    return json.loads(asset("locales", f"{language}.json").read_text("utf-8"))


def gaps(said: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(said) if name is not None}


def trees() -> Iterator[ast.Module]:
    for path in (*sorted(PACKAGE.rglob("*.py")), PACKAGE.parent / "app.py"):
        yield ast.parse(path.read_text("utf-8"))


@cache
def asked() -> tuple[ast.expr, ...]:
    """What stands as the key in every call of `t` and `word`."""
    calls = (
        node
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.args
    )
    return tuple(call.args[0] for call in calls if called(call) in ASKS)


def called(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def keys_asked_for() -> set[str]:
    return {
        leaf.value
        for key in asked()
        for leaf in ast.walk(key)
        if isinstance(leaf, ast.Constant)
        and isinstance(leaf.value, str)
        and not isinstance(key, ast.JoinedStr)
    }


def patterns_asked_for() -> set[str]:
    """Keys that are put together at run time, as regular expressions."""
    return {
        "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"
            for part in key.values
        )
        for key in asked()
        if isinstance(key, ast.JoinedStr)
    }


def texts() -> set[str]:
    """Every string written in the package, for keys that reach `t` through a variable."""
    return {
        node.value
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_both_languages_have_the_same_keys_in_alphabetical_order() -> None:
    english, chinese = map(read, LANGUAGES)
    assert english.keys() == chinese.keys()
    assert list(english) == sorted(english)
    assert list(chinese) == sorted(chinese)


def test_a_translation_has_the_gaps_of_the_original() -> None:
    chinese = read("zh")
    for key, said in read("en").items():
        assert gaps(chinese[key]) == gaps(said), key


def test_nothing_is_empty_and_nothing_is_left_in_english() -> None:
    english = read("en")
    for key, said in read("zh").items():
        assert said.strip(), key
        assert english[key].strip(), key
        has_words = re.search("[A-Za-z]{2}", re.sub(r"\{.*?\}", "", said))
        is_chinese = re.search("[\u4e00-\u9fff]", said) and said != english[key]
        assert is_chinese or said in SAME or not has_words, key


def test_every_key_the_code_asks_for_exists() -> None:
    known = set(read("en"))
    assert len(keys_asked_for()) > 30
    assert not keys_asked_for() - known
    for pattern in patterns_asked_for():
        assert any(re.fullmatch(pattern, key) for key in known), pattern


def test_every_key_is_asked_for() -> None:
    written = texts()
    patterns = [pattern for pattern in patterns_asked_for() if not pattern.startswith(".+")]
    choices = {choice.key for choice in CHOICES}

    def is_option(key: str) -> bool:
        choice, _, option = key.partition(".")
        return choice in choices and option in written | {"help"}

    spare = [key for key in read("en") if key not in written and not is_option(key)]
    assert not [key for key in spare if not any(re.fullmatch(one, key) for one in patterns)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cell", CELLS.values(), ids=lambda cell: cell.name)
def test_every_cell_and_signal_has_its_words(cell: object, language: str) -> None:
    for kind in ("cell", "about", "note"):
        assert word(f"{kind}.{cell.name}", language)
    for signal in cell.signals:
        assert word(f"signal.{signal.name}", language)
        assert word(f"gloss.{signal.gloss_key}", language)
