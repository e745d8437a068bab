"""How a cell's signals lie side by side in one array (signal, time, batch, unit).

Each signal is contiguous, and those that go through the same function are neighbours.
"""

from __future__ import annotations

ORDER = {
    "lstm": ("forget", "input", "output", "candidate", "cell", "hidden"),
    "gru": ("reset", "update", "candidate", "hidden"),
    "gru_reset_after": ("reset", "update", "candidate", "hidden"),
    "rnn": ("hidden",),
}
"""Signals by cell; the gates stand first."""

GATES = {
    "lstm": ORDER["lstm"][:4],
    "gru": ORDER["gru"][:3],
    "gru_reset_after": ORDER["gru"][:3],
    "rnn": ("hidden",),
}
"""Gates by cell, in the same order."""
