"""Lessons: their texts, the code of their figures and numbers, exercises, and sheets to print.

check      whether an answer to an exercise is right; `check("gru", 1, 0.4)`.
exercises  the exercises of a lesson.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz.lessons.checking import CheckedAnswer, check, exercises

__all__ = ["CheckedAnswer", "check", "exercises"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("rnnviz.lessons.checking"), name)
    raise AttributeError(f"module 'rnnviz.lessons' has no attribute {name!r}")
