"""Values of a reading's report in the words of a language."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from rnnviz.cells import CELLS
from rnnviz.core.activations import ACTIVATIONS
from rnnviz.i18n import has_word, word
from rnnviz.readers.result import ReportRow

_SIGNALS = frozenset(signal.name for cell in CELLS.values() for signal in cell.signals)
_KINDS: Mapping[str, Collection[str]] = {
    "cell": CELLS,
    "direction": ("forward", "backward"),
    "signal": _SIGNALS,
    "activation": ACTIVATIONS,
}
# Kinds of names that a row lists.
_LISTED = {
    "cell": ("cell",),
    "directions": ("direction",),
    "gate_order": ("signal",),
    "initial_states": ("signal",),
    "activations": ("signal", "activation"),
}
_NAME = re.compile("[a-z]\\w*")


def row_text(row: ReportRow, language: str = "en") -> str:
    """The value of a row; names of cells, directions, gates and functions in the words of readers.

    >>> row_text(ReportRow("directions", "forward, backward", "names"), "zh")
    '正向、反向'
    """
    if row.name not in _LISTED:
        return row.value
    said = _NAME.sub(lambda name: _said(name[0], _LISTED[row.name], language), row.value)
    return said.replace(", ", word("list.names", language))


def _said(name: str, kinds: tuple[str, ...], language: str) -> str:
    keys = (f"{kind}.{name}" for kind in kinds if name in _KINDS[kind])
    return next((word(key, language) for key in keys if has_word(key, language)), name)
