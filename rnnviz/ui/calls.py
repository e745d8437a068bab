"""Calls of what may take long: here, or in a worker; this is read without Streamlit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from rnnviz.engine import api
from rnnviz.engine.trace import Trace

_R = TypeVar("_R")


def call_here(function: Callable[..., _R], *arguments: Any, **keywords: Any) -> _R:
    """The result of a function, called in this process.

    >>> call_here(max, 1, 2)
    2
    """
    return function(*arguments, **keywords)


def trace_alone(*arguments: Any, **keywords: Any) -> Trace:
    """A trace as `rnnviz.trace` makes it, without its model, which need not be sent back."""
    return replace(api.trace(*arguments, **keywords), model=None)
