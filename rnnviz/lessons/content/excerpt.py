"""An excerpt of the book, and how the trained network reads it."""

from __future__ import annotations

from functools import cache

from rnnviz.core.sequence import Sequence
from rnnviz.engine.api import trace
from rnnviz.engine.trace import Trace
from rnnviz.lessons.content.text_probes import PRESET, cut_place
from rnnviz.train.presets import preset
from rnnviz.train.text_tasks import book, one_hot_sequence

PARAGRAPHS = 4


@cache
def excerpt() -> str:
    """First whole paragraphs of the last tenth of the book."""
    text = book()[cut_place() :].partition("\n")[2]
    return "".join(text.splitlines(keepends=True)[:PARAGRAPHS])


@cache
def excerpt_trace() -> Trace:
    """Trace of the trained network over the excerpt."""
    return trace(preset(PRESET).model(), network_input(excerpt()))


def network_input(text: str) -> Sequence:
    """A text as the network reads it."""
    return one_hot_sequence([text], preset(PRESET).vocabulary)
