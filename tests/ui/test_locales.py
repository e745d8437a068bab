"""What the program says, it says in every language."""

from __future__ import annotations

import ast
import json
import string
from collections.abc import Iterator
from pathlib import Path

import rnnviz
from rnnviz.core.resources import asset

PACKAGE = Path(rnnviz.__file__).parent
KINDS = {
    *("RnnvizError", "InputError", "ModelError", "MappingNeeded", "MissingLibraryError"),
    "UnknownTokens",
}
ABSTRACT = {"errors.py"}  # rebuilds errors from their parts


def raised() -> Iterator[tuple[str, ast.expr]]:
    """Where an error is made, and the expression of its template."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and path.name not in ABSTRACT:
                name = getattr(node.func, "id", getattr(node.func, "attr", None))
                if name in KINDS and node.args:
                    yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node.args[0]


def templates() -> dict[str, str]:
    """Every template written in the package, and where."""
    found = ((e.value, place) for place, e in raised() if isinstance(e, ast.Constant))
    return {template: place for template, place in found if isinstance(template, str)}


def gaps(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def chinese() -> dict[str, str]:
    path = PACKAGE.parent / "assets" / "locales" / "errors.zh.json"
    return json.loads(path.read_text("utf-8"))


def test_every_error_is_raised_with_a_template_that_can_be_translated() -> None:
    computed = [place for place, e in raised() if not isinstance(e, ast.Constant)]
    assert not computed
    assert len(templates()) > 30


def test_every_error_speaks_chinese() -> None:
    said = chinese()
    missing = {template: place for template, place in templates().items() if template not in said}
    assert not missing
    for template in templates():
        assert gaps(said[template]) == gaps(template), template
        assert any("\u4e00" <= character <= "\u9fff" for character in said[template]), template


def test_no_translation_is_left_over_from_an_error_that_is_gone() -> None:
    assert not set(chinese()) - set(templates())


def test_in_chinese_a_unit_and_a_cell_type_have_words_of_their_own() -> None:
    said = json.loads(asset("locales", "zh.json").read_text("utf-8"))
    plain = {k: v.replace("神经元", "").replace("门控循环单元", "") for k, v in said.items()}
    assert [key for key, text in plain.items() if "单元" in text] == []
    assert [key for key, text in said.items() if "漫游奇境" in text] == []
