"""The options of `rnnviz.watch`, checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any

from rnnviz.core.checks import is_whole_number, shown
from rnnviz.errors import InputError

# Of rows, and of paths: an endless generator is not read to its end.
_MOST_ROWS = 65_536


def chosen_layers(found: dict[str, Any], every: Mapping[str, Any], paths: Any) -> dict[str, Any]:
    """The recurrent layers at some paths; all that were found where these are None.

    every  what stands at each path: a layer that stands in two places has two.

    Raises InputError for paths at which none of them stands.
    """
    if paths is None:
        return found
    wanted, layers = items_read(paths), set(found.values())
    if wanted and all(isinstance(path, str) and every.get(path) in layers for path in wanted):
        return {path: every[path] for path in wanted}
    raise InputError(
        "layers should be paths of recurrent layers, of {paths}, but {came} came; leave it out"
        " to watch all.",
        paths=shown(", ".join(map(repr, found)), 200),
        came=shown(paths),
    )


def whole_number(name: str, value: Any) -> int:
    """A whole number from 1. Raises InputError for anything else."""
    if not is_whole_number(value) or value < 1:
        raise InputError(
            "{name} should be a whole number from 1, but {came} came.",
            name=name,
            came=shown(value),
        )
    return int(value)


def row_numbers(rows: Any) -> tuple[int, ...] | None:
    """Numbers of rows, of one or several; None for all. Raises InputError for anything else."""
    if rows is None:
        return None
    numbers = items_read(rows)
    if len(numbers) > _MOST_ROWS:
        raise InputError(
            "rows should be {most} numbers of rows at most, but more came; rows=None keeps all.",
            most=f"{_MOST_ROWS:,}",
        )
    if not numbers or any(not is_whole_number(n) or n < 0 for n in numbers):
        raise InputError(
            "rows should be numbers of rows, counted from 0, but {came} came.",
            came=shown(rows),
        )
    return tuple(map(int, numbers))


def folder_path(to: Any) -> Path | None:
    """The path of a folder; None for none. Raises InputError for what is no path."""
    if to is None:
        return None
    if not isinstance(to, str | PathLike) or not str(to):
        raise InputError(
            "to should be the path of a folder, but {came} came.", came=shown(to) or "''"
        )
    return Path(to)


def items_read(value: Any) -> list[Any]:
    """Items of a value, as far as they are looked at; of what has none, and of a text, itself."""
    try:
        return [value] if isinstance(value, str) else list(islice(value, _MOST_ROWS + 1))
    except TypeError:
        return [value]
