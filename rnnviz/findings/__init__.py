"""Published findings about recurrent networks, measured again on the small models trained here.

FINDINGS   every finding by its key, in the order of the years.
reproduce  a finding measured again; `reproduce("flip_flop_cube")`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz.findings.registry import FINDINGS, reproduce

__all__ = ["FINDINGS", "reproduce"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("rnnviz.findings.registry"), name)
    raise AttributeError(f"module 'rnnviz.findings' has no attribute {name!r}")
