"""A warning that shows the user's own line, however deep in libraries it arises."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

_LIBRARIES = {"rnnviz", "torch", "keras", "lightning", "pytorch_lightning", "contextlib"}


def warn_user(sentence: str, category: type[Warning]) -> None:
    """Warn as the nearest line that belongs neither to rnnviz nor to a library that called it.

    Hooks are called through a number of frames that depends on the model, so that no fixed
    `stacklevel` would do.
    """
    frame: FrameType = sys._getframe(1)
    while frame.f_back is not None and _library(frame) in _LIBRARIES:
        frame = frame.f_back
    warnings.warn_explicit(
        sentence,
        category,
        frame.f_code.co_filename,
        frame.f_lineno,
        frame.f_globals.get("__name__", "<unknown>"),
        frame.f_globals.setdefault("__warningregistry__", {}),
    )


def _library(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
