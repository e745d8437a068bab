"""Parts that the commands share: options of names and whole numbers, and lines of output."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from rnnviz.core.writing import writing
from rnnviz.errors import RnnvizError


def add_choice(
    group: argparse._ActionsContainer,
    option: str,
    choices: tuple[str, ...],
    meaning: str,
    default: str = "",
) -> None:
    """Add an option that takes one of several names, the first unless another is the default."""
    chosen = default or choices[0]
    text = f"{meaning}: {', '.join(choices)} (default: {chosen})"
    group.add_argument(option, choices=choices, default=chosen, metavar="NAME", help=text)


def add_number(
    group: argparse._ActionsContainer, option: str, default: int, meaning: str, kind: Any
) -> None:
    """Add an option that takes a number."""
    text = f"{meaning} (default: {default})"
    group.add_argument(option, type=kind, default=default, metavar="N", help=text)


def print_line(line: str) -> None:
    """Print a line at once. Raises RnnvizError where standard output takes none."""
    try:
        with writing("standard output"):
            print(line, flush=True)
    except RnnvizError:
        # What could not be written is not tried again when Python ends.
        sys.stdout = None
        raise


def print_progress(text: str, is_done: bool) -> None:
    """Print how far a command is, in a terminal's line that what is printed next takes."""
    if sys.stderr is not None and sys.stderr.isatty():
        print(text, end="\n" if is_done else "\r", file=sys.stderr, flush=True)


def integer(low: int, high: int) -> Callable[[str], int]:
    """Reader of a whole number from `low` to `high`."""

    def parse_integer(text: str) -> int:
        if not text.isdecimal() or len(text) > 20 or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"a whole number from {low} to {high} is wanted")
        return int(text)

    return parse_integer
