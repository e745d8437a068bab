"""Inert stand-ins for the classes, functions and objects that a pickle names and nobody here knows.

A checkpoint holds losses, paths, namespaces and callbacks beside its tensors. They are kept as what
the pickle says of them, and nothing of theirs is imported or run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class UnknownGlobal:
    """Class or function of a pickle, by its dotted name alone."""

    name: str


class StandIn:
    """Object of an unknown class, or what an unknown function would return.

    name       of the class or function.
    arguments  it would have been called with.
    entries    its items, where it is a kind of dict.
    elements   its items, where it is a kind of list.
    state      what would have become its attributes.
    """

    __slots__ = ("arguments", "elements", "entries", "name", "state")

    def __init__(self, name: str, arguments: tuple[Any, ...] = ()) -> None:
        self.name = name
        self.arguments = arguments
        self.entries: dict[str | int, Any] = {}
        self.elements: list[Any] = []
        self.state: Any = None

    def states(self) -> list[dict[str | int, Any]]:
        """Its attributes by name: those of its `__dict__`, then those in slots.

        >>> object_ = StandIn("argparse.Namespace")
        >>> object_.state = {"size": 3}
        >>> object_.states()
        [{'size': 3}]
        """
        states = self.state if isinstance(self.state, tuple) else (self.state,)
        return [state for state in states[:2] if isinstance(state, dict)]


class Unordered(list[Any]):
    """Items of a set, whose order says nothing."""
