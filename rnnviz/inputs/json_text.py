"""JSON documents and JSON lines as Python values, RFC 8259, counted before they are built.

NaN and Infinity, which Python and NumPy write outside the RFC, are read as they stand.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.source import check_cells

_MAX_OBJECTS = 1_000_000  # of 200 bytes and more each
_LINES_AT_ONCE = 1_000
_CLOSING = {"{": "}", "[": "]", '"': '"'}


def parse_json(name: str, text: str) -> Any:
    """Value of a JSON document, or list of the values of JSON lines.

    Integers that Python refuses for their many digits are floats.

    Raises InputError for what is neither, for repeated names, too many values and deep nesting.

    >>> parse_json("a.json", '{"x": [1, 2.5]}'), parse_json("a.json", "[1]\\n[2]\\n")
    ({'x': [1, 2.5]}, [[1], [2]])
    """
    _check_count(name, text)
    try:
        return _parsed(name, text)
    except json.JSONDecodeError as error:
        first, _, rest = text.strip().partition("\n")
        if error.msg == "Extra data" and rest and _is_json(name, first):
            return parse_json_lines(name, text)
        raise _broken(name, error, line=1) from error


def parse_json_lines(name: str, text: str) -> list[Any]:
    """Values of JSON lines, one a line; blank lines are skipped.

    Raises InputError, naming the line, for one that is not JSON, and as `parse_json` does.

    >>> parse_json_lines("a.jsonl", '{"x": 1}\\n\\n{"x": 2}\\n')
    [{'x': 1}, {'x': 2}]
    """
    _check_count(name, text)
    check_cells(name, text.count("\n"))
    # Not splitlines: U+2028 may stand inside a JSON string.
    lines = text.split("\n")
    values: list[Any] = []
    for start in range(0, len(lines), _LINES_AT_ONCE):
        values += _lines_at_once(name, lines[start : start + _LINES_AT_ONCE], start + 1)
    return values


def _lines_at_once(name: str, lines: list[str], number: int) -> list[Any]:
    """Values of some lines, parsed as one list: a call for every line takes five times as long."""
    present = [line for line in map(str.strip, lines) if line]
    if all(map(_is_whole, present)):
        try:
            values: list[Any] = _parsed(name, f"[{','.join(present)}]")
        except json.JSONDecodeError:
            values = []
        if len(values) == len(present):
            return values
    numbered = enumerate(lines, number)
    return [_line(name, line, number) for number, line in numbered if line.strip()]


def _is_whole(line: str) -> bool:
    closing = _CLOSING.get(line[0])
    return line[-1] == closing if closing else "," not in line


def _line(name: str, line: str, number: int) -> Any:
    try:
        return _parsed(name, line)
    except json.JSONDecodeError as error:
        raise _broken(name, error, number) from error


def _is_json(name: str, line: str) -> bool:
    try:
        _parsed(name, line)
    except json.JSONDecodeError:
        return False
    return True


def _parsed(name: str, text: str) -> Any:
    try:
        return _loaded(text)
    except RecursionError as error:
        raise InputError(
            "“{name}” should be a list of numbers, rows or records, but is nested far deeper;"
            " flatten it.",
            name=shown(name),
        ) from error


def _loaded(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_reject_repeated_names)
    except (json.JSONDecodeError, InputError):
        raise
    except ValueError:
        # Python refuses integers of more than 4300 digits.
        return json.loads(text, parse_int=float, object_pairs_hook=_reject_repeated_names)


def _reject_repeated_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise InputError(
            "Every name in a JSON object may come once, but “{name}” comes twice; rename one.",
            name=shown(counts.most_common(1)[0][0]),
        )
    return named


def _broken(name: str, error: json.JSONDecodeError, line: int) -> InputError:
    return InputError(
        "“{name}” should be JSON, but line {line} breaks off at column {column}; correct it.",
        name=shown(name),
        line=line + error.lineno - 1,
        column=error.colno,
    )


def _check_count(name: str, text: str) -> None:
    check_cells(name, sum(map(text.count, ",[{")))
    if sum(map(text.count, "[{")) > _MAX_OBJECTS:
        raise InputError(
            "A JSON file may hold {bound} objects and lists, but “{name}” has more; save it as CSV"
            " or Parquet.",
            bound=_MAX_OBJECTS,
            name=shown(name),
        )
