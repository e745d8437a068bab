"""Order in which a question's options are shown: the same for all who share a seed."""

from __future__ import annotations

from hashlib import blake2b

from rnnviz.core.checks import is_whole_number, shown
from rnnviz.errors import InputError

MAX_ORDER_SEED = 9_999


def check_order_seed(came: int) -> None:
    """Raise InputError for what is no whole number from 0 to MAX_ORDER_SEED.

    >>> check_order_seed(3)
    """
    if not is_whole_number(came) or not 0 <= came <= MAX_ORDER_SEED:
        raise InputError(
            "The seed of the options’ order is a whole number from 0 to {bound}, but {came} came.",
            bound=MAX_ORDER_SEED,
            came=shown(came),
        )


def option_order(n_options: int, *place: str | int) -> tuple[int, ...]:
    """Indices of the options in the order in which they are shown.

    place  what the order depends on: the seed, the lesson, and the name of the question.

    >>> option_order(4, 1, "gru", "becomes")
    (0, 1, 3, 2)
    >>> option_order(4, 2, "gru", "becomes")
    (3, 2, 1, 0)
    """
    said = "/".join(map(str, place))

    def rank(option: int) -> bytes:
        return blake2b(f"{said}/{option}".encode(), digest_size=8).digest()

    return tuple(sorted(range(n_options), key=rank))
