"""A text of which some tokens are written otherwise, and all between them is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def rewrite_tokens(text: str, tokens: Iterable[str], changes: Mapping[str, str]) -> str:
    """The text with each token that has a change written as its change; "" leaves it out.

    tokens  of the text, in order.

    >>> rewrite_tokens("Hello, World", ["Hello", ",", "World"], {"Hello": "hello", ",": ""})
    'hello World'
    """
    written, rest = [], 0
    for token in tokens:
        place = text.index(token, rest)
        written += [text[rest:place], changes.get(token, token)]
        rest = place + len(token)
    return "".join([*written, text[rest:]])
