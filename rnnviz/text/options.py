"""What a caller may ask for: a known choice, a bounded number of steps."""

from __future__ import annotations

from rnnviz.core.checks import shown
from rnnviz.errors import InputError


def check_choice(option: str, came: object, choices: tuple[str, ...]) -> None:
    """Nothing, when `came` is one of the choices.

    Raises InputError that lists them.

    >>> check_choice("kind", "words", ("characters", "words"))
    """
    if came not in choices:
        raise InputError(
            "{option} should be one of {choices}, but “{came}” came; choose one of them.",
            option=option,
            choices=", ".join(choices),
            came=shown(came),
        )


def check_steps(came: int, bound: int | None) -> None:
    """Nothing, when a sequence of this many steps is wanted; without a bound, always.

    Raises InputError above the bound.

    >>> check_steps(3, bound=10)
    """
    if bound is not None and came > bound:
        raise InputError(
            "At most {bound} steps can be read here, but {came} came; shorten the input.",
            bound=bound,
            came=came,
        )
