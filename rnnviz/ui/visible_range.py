"""The visible range of a long sequence: `from` and `to` in session and URL."""

from __future__ import annotations

from typing import Any

from rnnviz.ui import state

LEAST = 8


def clamped_range(start: int, stop: int | None, n_steps: int) -> tuple[int, int]:
    """The window from `start` up to `stop`, cut to the sequence; the whole where it is empty.

    >>> [clamped_range(*given, 200) for given in ((5, 500), (300, 500), (5, 2))]
    [(5, 200), (0, 200), (0, 200)]
    """
    end = n_steps if stop is None else min(stop, n_steps)
    if not 0 <= start < end:
        return 0, n_steps
    # A window of a step or two is no picture.
    missing = max(0, min(LEAST, n_steps) - (end - start))
    end = min(n_steps, end + missing)
    return max(0, min(start, end - LEAST)), end


def chosen_range(n_steps: int) -> tuple[int, int]:
    """The chosen window of a sequence of so many steps."""
    return clamped_range(state.get("from"), state.get("to"), n_steps)


def choose_range(asked: dict[str, Any], n_steps: int) -> None:
    """Choose another window, as the page asks: `start`, `stop`, and the `step` to stand on."""
    start, stop = clamped_range(int(asked["start"]), int(asked["stop"]), n_steps)
    is_whole = (start, stop) == (0, n_steps)
    state.put(**{"from": 0 if is_whole else start, "to": None if is_whole else stop})
    if asked.get("step") is not None:
        state.move_cursor(max(0, min(int(asked["step"]), n_steps - 1)))


def reset_range() -> None:
    """Show the whole again, for another sequence."""
    state.restore_defaults("from", "to")
