"""Names: one meaning each in the package, and docstrings that open with what a thing is."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import rnnviz

PACKAGE = Path(rnnviz.__file__).parent
FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if "_assets" not in path.parts]
# One name in several files is right where each file fills one role of a protocol.
ROLES = {
    "step": "cells/*.py",
    "figure": "figures/*.py",
    "INSIGHT": "ui/understand/*.py",
    "FINDING": "findings/content/*.py",
    "CODE": "lessons/content/*.py",
    "PRESET": "lessons/content/*.py",
    "PACKAGE": "pretrained/g2p*.py",
    "EXAMPLES": "pretrained/g2p*.py",
}


def names_of(statement: ast.stmt) -> Iterator[str]:
    """Public names that a top-level statement defines."""
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            names = [name]
        case ast.Assign(targets=targets):
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            names = [name]
        case _:
            names = []
    yield from (name for name in names if not name.startswith("_"))


def definitions() -> dict[str, list[Path]]:
    """Files by the public name that they define."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in FILES:
        for statement in ast.parse(path.read_text("utf-8")).body:
            for name in names_of(statement):
                found[name].append(path.relative_to(PACKAGE))
    return found


def test_a_public_name_is_defined_once_in_the_package() -> None:
    twice = {
        name: [str(path) for path in paths]
        for name, paths in definitions().items()
        if len(set(paths)) > 1 and not all(path.match(ROLES.get(name, "no file")) for path in paths)
    }
    assert not twice


def test_a_role_is_filled_by_several_files() -> None:
    found = definitions()
    assert all(len(found[name]) > 1 for name in ROLES)


def test_docstrings_open_with_what_a_thing_is() -> None:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    wrong = [
        f"{path.relative_to(PACKAGE)}: {text}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, kinds)
        and (text := ast.get_docstring(node) or "").startswith(("The same", "Nothing"))
    ]
    assert not wrong
