"""Long texts tokenised in a bounded process, as `rnnviz.bounded` runs it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from rnnviz.bounded.limits import SMALL, reading_limits
from rnnviz.bounded.run import run_bounded
from rnnviz.errors import InputError
from rnnviz.inputs.parse import TextKind
from rnnviz.recordings.token_ids import TokenIds, long_text

# Different words with a vector of its own for each take the most.
_SECONDS_PER_MEGABYTE = 0.1
_SECONDS_WITH_VECTORS = 0.3


def long_text_bounded(name: str, text: str, kind: TextKind, **options: Any) -> TokenIds:
    """Source from a text as `long_text` reads it, in a bounded process unless it is short.

    name     the file's, for the sentence that tells why it was not read.
    options  those of `long_text`.

    Raises InputError as `long_text` does, and where it takes too much time or memory.

    >>> long_text_bounded("a.txt", "hello", "characters").features
    ('h', 'e', 'l', 'o')
    """
    if len(text) <= SMALL:
        return long_text(text, kind, **options)
    has_vectors = options.get("encoding") == "embedding"
    seconds = _SECONDS_WITH_VECTORS if has_vectors else _SECONDS_PER_MEGABYTE
    limits = reading_limits(len(text), seconds)
    arguments = (text, kind, options)
    return TokenIds(
        *run_bounded(text_fields, *arguments, name=name, error=InputError, limits=limits)
    )


def text_fields(text: str, kind: TextKind, options: dict[str, Any]) -> tuple[Any, ...]:
    """The fields of a text's source, for another process. Raises InputError as `long_text`."""
    source = long_text(text, kind, **options)
    return tuple(getattr(source, field.name) for field in fields(source))
