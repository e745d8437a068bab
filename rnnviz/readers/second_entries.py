"""A second packed entry of a quantised layer: its backward direction, or its second level.

`quantize_dynamic` numbers both alike, and where a layer has as many inputs as units the shapes are
the same. Settings in the file decide; a linear layer that reads both directions makes them likely.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rnnviz.readers.named_arrays import NamedArrays
from rnnviz.readers.result import Answers, ImportQuestion, ImportResult
from rnnviz.readers.settings import HyperParameters

_LEVELS, _BOTH = "stacked", "both"
_INPUTS, _END = "weight_ih_l0_reverse", "_l0_reverse"


def with_second_entries(
    found: NamedArrays, answers: Answers
) -> tuple[NamedArrays, tuple[ImportQuestion, ...]]:
    """The arrays under the names of what their second entries are, and the question if it is open.

    >>> with_second_entries(NamedArrays({}), {})[1]
    ()
    """
    paths = [name.removesuffix(_INPUTS) for name in found.unsure]
    if not paths:
        return found, ()
    said = set(_said(found.settings))
    if len(said) == 1:
        [choice] = said
        return _named(found, paths, choice), ()
    likely = _BOTH if any(_reads_both(found, path) for path in paths) else _LEVELS
    about = ", ".join(path.rstrip(".") for path in sorted(paths))
    question = ImportQuestion("directions", (_LEVELS, _BOTH), likely, about)
    return _named(found, paths, question.choose(answers)), (question,)


def with_question(
    result: ImportResult, found: NamedArrays, questions: tuple[ImportQuestion, ...]
) -> ImportResult:
    """The import with the question, where it is made of those arrays."""
    names = {array.name for array in result.evidence.arrays}
    ends = {name.replace(_END, "_l0") for name in found.unsure}
    if not questions or not names & ends:
        return result
    return replace(result, questions=(*result.questions, *questions))


def _said(settings: Sequence[HyperParameters]) -> Iterator[str]:
    for each in settings:
        if not each.is_beside:
            yield from (_BOTH if y.value else _LEVELS for y in each.named("bidirectional"))


def _reads_both(found: NamedArrays, path: str) -> bool:
    """True where a matrix elsewhere has as many columns as both directions have units."""
    width = 2 * found.arrays[path + _INPUTS].shape[1]
    return any(
        array.ndim == 2 and array.shape[1] == width
        for name, array in found.arrays.items()
        if not name.startswith(path)
    )


def _named(found: NamedArrays, paths: list[str], choice: str) -> NamedArrays:
    if choice == _BOTH:
        return found
    ends = tuple(paths)
    new = {
        name: name.removesuffix(_END) + "_l1"
        for name in found.arrays
        if name.startswith(ends) and name.endswith(_END)
    }
    return replace(
        found,
        arrays={new.get(name, name): array for name, array in found.arrays.items()},
        quantised=frozenset(new.get(name, name) for name in found.quantised),
    )
