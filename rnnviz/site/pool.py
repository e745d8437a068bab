"""Pool of what many figures share, so that a file holds every part of them once."""

from __future__ import annotations

import json
from typing import Any

# A reference takes about as many characters as this.
_SHORT = 24


class Pool:
    """JSON values in which every long part that comes again is a reference, `{"$": place}`.

    >>> pool = Pool()
    >>> colours = ["#343f52", "#1c2430", "#ffffff"]
    >>> pool.put([colours, list(colours)]), len(pool.parts)
    ([{'$': 0}, {'$': 0}], 1)
    """

    def __init__(self) -> None:
        self.parts: list[Any] = []
        self._places: dict[str, int] = {}

    def put(self, value: Any) -> Any:
        """The value with its long parts in the pool, or where it is in the pool itself."""
        if isinstance(value, dict):
            value = {key: self.put(part) for key, part in value.items()}
        elif isinstance(value, list | tuple):
            value = [self.put(part) for part in value]
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        if len(text) < _SHORT:
            return value
        if text not in self._places:
            self._places[text] = len(self.parts)
            self.parts.append(value)
        return {"$": self._places[text]}


def change(before: Any, after: Any) -> Any:
    """Change that turns one JSON value into another: `{key or place: change}`, or `{"=": after}`.

    >>> change({"a": [1, 2], "b": "same"}, {"a": [1, 3], "b": "same"})
    {'a': {'1': {'=': 3}}}
    """
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        pairs = {key: (before[key], after[key]) for key in before}
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = {str(at): pair for at, pair in enumerate(zip(before, after, strict=True))}
    else:
        return {"=": after}
    return {key: change(*pair) for key, pair in pairs.items() if pair[0] != pair[1]}
