"""The user's choices among the options of decisions ▶ how a file is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import InputError
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.file_format import AS_FOUND, FileFormat

# The argument of FileFormat that a decision's option answers.
_ARGUMENTS = {
    "decimal": "decimal",
    "dates": "dayfirst",
    "delimiter": "sep",
    "charset": "charset",
    "header": "header",
    "footer": "skipfooter",
    "orient": "orient",
    "sheet": "sheet",
    "text": "na_values",
    "sentinel": "na_values",
}


# Options of what may be a gap that leave it what it is.
AS_READ = ("text", "number")


def is_changeable(decision: Decision) -> bool:
    """True for a decision with another option to choose.

    >>> is_changeable(Decision("units", "2", ("2",)))
    False
    """
    return decision.name in _ARGUMENTS and len(decision.options) > 1


def chosen_format(choices: Iterable[tuple[str, str]]) -> FileFormat:
    """How a file is written, by the options chosen for decisions, as (name, option).

    Raises InputError for a decision that cannot be chosen and for an option that is none.

    >>> chosen_format([("decimal", ","), ("dates", "day first")]).dayfirst
    True
    """
    arguments: dict[str, Any] = {}
    for name, option in choices:
        if name not in _ARGUMENTS:
            raise InputError(
                "A choice of how a file is read is one of {names}, but “{came}” came;"
                " leave it out.",
                names=", ".join(_ARGUMENTS),
                came=shown(name),
            )
        argument = "yearfirst" if option == "year first" else _ARGUMENTS[name]
        value = _value(argument, option)
        is_gap = argument == "na_values"
        arguments[argument] = (*arguments.get(argument, ()), *value) if is_gap else value
    return FileFormat(**arguments)


def _value(argument: str, option: str) -> Any:
    if argument == "yearfirst":
        return True
    if argument == "dayfirst":
        return option == "day first"
    if argument == "na_values":
        return () if option in AS_READ else (option,)
    if argument in ("header", "skipfooter"):
        # What is no number is for FileFormat to refuse.
        return None if option == "none" else int(option) if option.isdecimal() else option
    return option


def format_arguments(how: FileFormat) -> dict[str, Any]:
    """The arguments of a format that are not left to be found, by name.

    >>> format_arguments(FileFormat(decimal=","))
    {'decimal': ','}
    """
    every = {field.name: getattr(how, field.name) for field in fields(FileFormat)}
    return {name: value for name, value in every.items() if value != getattr(AS_FOUND, name)}
