"""Text as a Sequence: characters, words or numbers."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from rnnviz.core.checks import check_choice, check_printable, check_steps, items_of
from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError
from rnnviz.inputs import encode
from rnnviz.inputs.tokenise import iter_tokens, joined_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence as Rows

TextKind = Literal["characters", "words", "numbers", "table"]
TextEncoding = Literal["one_hot", "embedding"]

MAX_CHARACTERS = 10_000_000
MAX_STEPS = 1_000_000
MAX_SIZE = 4096


def parse(
    text: str | Rows[str],
    kind: TextKind = "characters",
    *,
    encoding: TextEncoding = "one_hot",
    size: int = 8,
    seed: int = 0,
    vocabulary: Rows[str] | None = None,
    joined: Rows[str] = (),
    max_steps: int | None = None,
) -> Sequence:
    """Sequence (time, batch, feature) of a text, or of several as the rows of a batch.

    kind        "characters" (user-perceived), "words", "numbers", or "table": rows as a spreadsheet
                copies them, in one text; every column of numbers is a feature.
    encoding    "one_hot": a feature for every token of the vocabulary. "embedding": `size` numbers
                drawn for every token from `seed`. Numbers and tables stay as they are.
    vocabulary  the tokens a model knows; by default those of the text in order of appearance.
    joined      tokens of several characters, or words, "<pad>" or "ch", the longest that stands in
                the text taken for one; by default those of the vocabulary.
    max_steps   bound of the number of steps; by default MAX_STEPS.

    Raises InputError for an empty text, control characters other than tab and line breaks, tokens
    outside the vocabulary, what is not a number, and anything too large.

    >>> parse("hello").features
    ('h', 'e', 'l', 'o')
    >>> parse(["one two", "three"], "words").lengths
    (2, 1)
    >>> parse("1 2; 3 4", "numbers").values[:, 0].tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    >>> parse("x\\ty\\n1\\t2\\n3\\t4\\n", "table").features
    ('x', 'y')
    >>> parse("<s>ich", joined=["<s>", "ch"]).tokens
    (('<s>', 'i', 'ch'),)
    """
    check_choice("kind", kind, get_args(TextKind))
    check_choice("encoding", encoding, get_args(TextEncoding))
    texts = items_of(text)
    check_texts(texts)
    bound = MAX_STEPS if max_steps is None else max_steps
    if kind == "numbers":
        return _numbers(texts, bound)
    if kind == "table":
        return _table(texts, bound)
    whole = joined or joined_tokens(vocabulary or (), kind)
    rows = tuple(_tokens(text, kind, bound, whole) for text in texts)
    known = encode.build_vocabulary(rows) if vocabulary is None else tuple(vocabulary)
    if encoding == "one_hot":
        values, is_given = encode.one_hot(rows, known), vocabulary is not None
        return Sequence(values, rows, _lengths(rows), known, "one_hot", is_given)
    check_embedding_size(size)
    values = encode.random_embedding(rows, known, size, seed)
    return Sequence(values, rows, _lengths(rows), tuple(f"e{i}" for i in range(size)), "embedding")


def _numbers(texts: list[str], bound: int) -> Sequence:
    from rnnviz.inputs.numbers import split_numbers, steps_to_array

    typed = [split_numbers(text) for text in texts]
    check_steps(max(map(len, typed)), bound)
    rows = [steps_to_array(steps) for steps in typed]
    sizes = {row.shape[1] for row in rows}
    if len(sizes) > 1:
        raise InputError(
            "Every text of a batch needs as many numbers a step, but these have {sizes};"
            " make them equal.",
            sizes=", ".join(map(str, sorted(sizes))),
        )
    values = np.zeros((max(map(len, rows)), len(rows), sizes.pop()))
    for index, row in enumerate(rows):
        values[: len(row), index] = row
    # A step of one number has that number, as typed, for its token.
    is_single = values.shape[2] == 1
    tokens = tuple(tuple(step[0] for step in steps) for steps in typed) if is_single else ()
    return Sequence(values, tokens, _lengths(typed))


def _table(texts: list[str], bound: int) -> Sequence:
    from rnnviz.inputs.decision import warn_of_assumptions
    from rnnviz.inputs.paste import read_pasted
    from rnnviz.inputs.table import table_sequence

    if len(texts) > 1:
        raise InputError(
            "One text is a table, but {count} came; give each to a call of its own.",
            count=len(texts),
        )
    table = read_pasted(texts[0])
    warn_of_assumptions(table.decisions, stacklevel=4)
    return table_sequence(table, scale="none", missing="refuse", max_steps=bound)


def _tokens(text: str, kind: str, bound: int, joined: Rows[str]) -> tuple[str, ...]:
    tokens = tuple(islice(iter_tokens(text, kind, joined), bound + 1))
    if len(tokens) > bound:
        check_steps(sum(1 for _ in iter_tokens(text, kind, joined)), bound)
    if not tokens:
        raise no_tokens_error()
    return tokens


def no_tokens_error() -> InputError:
    """Error for a text without tokens."""
    return InputError(
        "At least one token was expected, but the text is empty or blank; type something."
    )


def _lengths(rows: Rows[Rows[object]]) -> tuple[int, ...]:
    return tuple(map(len, rows))


def check_texts(texts: list[str]) -> None:
    """Raise InputError for no text, another type, control characters, above MAX_CHARACTERS."""
    if not texts:
        raise InputError("At least one text was expected, but the list is empty; give one.")
    for text in texts:
        if not isinstance(text, str):
            raise InputError(
                "A text or a list of texts was expected, but a {came} came; give strings.",
                came=type(text).__name__,
            )
        if len(text) > MAX_CHARACTERS:
            raise InputError(
                "A text may be {bound} characters long, but this one has {came};"
                " read a part of it.",
                bound=MAX_CHARACTERS,
                came=len(text),
            )
        check_printable(text)


def check_embedding_size(size: int) -> None:
    """Raise InputError for a size outside 1 to MAX_SIZE."""
    if not 1 <= size <= MAX_SIZE:
        raise InputError(
            "An embedding has 1 to {bound} numbers, but {came} were asked for;"
            " choose a size between.",
            bound=MAX_SIZE,
            came=size,
        )
