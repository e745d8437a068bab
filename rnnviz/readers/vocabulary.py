"""Vocabularies that a file, or one beside it, gives by name ▶ that of a model whose rows it fits.

A vocabulary is a list of tokens by index, a dict from token to index or from index to token, or a
text of characters. It is used where its indices are those of the embedding's rows or of the one-hot
inputs, and told otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from rnnviz.core.checks import shown, whole_characters
from rnnviz.readers.report import report_rows
from rnnviz.readers.result import Answers, ImportQuestion, ImportResult, Origin
from rnnviz.readers.tensors import Latin1Text
from rnnviz.readers.torch.stand_in import StandIn, Unordered

_NAME = re.compile(
    r"tok|char|vocab|itos|stoi|idx|ix|2i|i2|2id|id2|int2|2int|word|symbol|alphabet|letter|dict"
    r"|lexicon|index|lookup",
    re.IGNORECASE,
)
_NOT_NAME = re.compile(r"label|tag|class|target|count|freq|stop|special|n_|num_", re.IGNORECASE)
_MAX_DEPTH = 10
_MAX_PLACES = 100_000
_MAX_NAME = 80
_MAX_CHARACTERS = 100_000  # of an alphabet written as a text
# Rows without a token: padding, and what is unknown.
_MAX_HOLES = 2
_MAX_TOLD = 3
_BEFORE = ("##", "▁", "Ġ")
_PIECE_MARKS = (*_BEFORE, "@@", "</w>")
_MIN_PIECES = 2
# Files that can be nothing else than a model's tokens.
TOKEN_FILES = ("vocab.txt", "tokens.txt", "tokenizer.json")


@dataclass(frozen=True)
class Vocabulary:
    """Tokens by index, None where an index has none, and where they come from.

    name    "tokens", "hyper_parameters.vocab.itos", "vocab.txt"
    pieces  how a tokenizer splits words into these tokens, by rules that are not read here:
            "WordPiece", "BPE", "Unigram", or the mark of a piece, as "##"; "" for whole tokens.
    """

    name: str
    tokens: tuple[str | None, ...]
    pieces: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "pieces", self.pieces or _mark_of_pieces(self.tokens))

    def fits(self, n_rows: int) -> bool:
        """True when it has an index for each of a model's rows, and no token twice."""
        named = [token for token in self.tokens if token is not None]
        n_holes = len(self.tokens) - len(named)
        is_whole = len(set(named)) == len(named) and n_holes <= _MAX_HOLES
        return len(self.tokens) == n_rows and is_whole

    def misfit(self, n_rows: int) -> str:
        """Why it does not fit a model's rows, in signs.

        >>> Vocabulary("vocab.txt", ("a", "b")).misfit(3), Vocabulary("", ("a", "a")).misfit(2)
        ('2 ≠ 3', '2 × “a”')
        """
        if len(self.tokens) == n_rows:
            for token, count in Counter(self.tokens).items():
                if token is not None and count > 1:
                    return f"{count} × “{shown(token)}”"
        return f"{len(self.tokens)} ≠ {n_rows}"

    def row_names(self) -> tuple[str, ...]:
        """A name for every row; a row without a token is named by its number.

        >>> Vocabulary("char_to_idx", (None, "a")).row_names()
        ('<0>', 'a')
        """
        return tuple(
            f"<{i}>" if token is None else whole_characters(token)
            for i, token in enumerate(self.tokens)
        )


def _mark_of_pieces(tokens: tuple[str | None, ...]) -> str:
    """The mark that BERT, SentencePiece, GPT-2, subword-nmt or OpenAI's GPT put at a piece."""
    for mark in _PIECE_MARKS:
        at_start = mark in _BEFORE
        pieces = (t for t in tokens if t is not None and len(t) > len(mark))
        marked = (t.startswith(mark) if at_start else t.endswith(mark) for t in pieces)
        if sum(marked) >= _MIN_PIECES:
            return mark
    return ""


def vocabularies_in(value: object, name: str = "") -> Iterator[Vocabulary]:
    """Every vocabulary by name in what a file holds, the nearest first.

    >>> [found.tokens for found in vocabularies_in({"epoch": 3, "char_to_idx": {"a": 1, "b": 0}})]
    [('b', 'a')]
    """
    seen: set[int] = set()
    queue = [(name, value, 0)]
    for path, node, depth in queue:
        if id(node) in seen or depth > _MAX_DEPTH:
            continue
        seen.add(id(node))
        if _is_named(path) and (tokens := tokens_in(node)):
            yield Vocabulary(path, tokens)
            continue
        for key, inner in _inner(node):
            if len(queue) < _MAX_PLACES and not isinstance(inner, int | float | None):
                own = str(key)[:_MAX_NAME]
                queue.append((f"{path}.{own}".strip("."), inner, depth + 1))


def tokens_in(value: Any) -> tuple[str | None, ...]:
    """Tokens by index of a list, a dict or a text of characters; empty for other values.

    >>> tokens_in({0: "a", 1: "b"}), tokens_in("ab"), tokens_in({"b": 2, "a": 1})
    (('a', 'b'), ('a', 'b'), (None, 'a', 'b'))
    """
    if isinstance(value, str):
        return tuple(value) if len(value) <= _MAX_CHARACTERS else ()
    if isinstance(value, dict) and value:
        return _by_index(value)
    if hasattr(value, "texts"):
        return tuple(value.texts())
    if isinstance(value, list | tuple) and not isinstance(value, Unordered):
        # A tokenizer may keep a token with its score.
        tokens = [_text(item[0] if isinstance(item, list) and item else item) for item in value]
        return tuple(tokens) if all(type(token) is str for token in tokens) else ()
    return ()


def _by_index(entries: dict[Any, Any]) -> tuple[str | None, ...]:
    pairs = [_pair(_text(key), _text(value)) for key, value in entries.items()]
    found = dict(filter(None, pairs))
    if len(found) < len(entries):
        return ()
    last = max(found)
    if last >= len(found) + _MAX_HOLES:
        return ()
    return tuple(found.get(index) for index in range(last + 1))


def _text(value: Any) -> Any:
    """A token kept as bytes, as by flair's `Dictionary`, as a text."""
    if type(value) is bytes:
        return str(Latin1Text(value.decode("latin-1")))
    return str(value) if type(value) is Latin1Text else value


def _pair(key: Any, value: Any) -> tuple[int, str] | None:
    """Index and token of an entry either way round; JSON writes the index as a text."""
    if type(value) is int and type(key) is str:
        return (value, key) if value >= 0 else None
    if type(value) is not str:
        return None
    if type(key) is int:
        return (key, value) if key >= 0 else None
    is_index = type(key) is str and key.isascii() and key.isdecimal() and len(key) < 9
    return (int(key), value) if is_index else None


def is_vocabulary_name(name: str) -> bool:
    """True for what a vocabulary is called.

    >>> is_vocabulary_name("word2idx"), is_vocabulary_name("tag_to_ix")
    (True, False)
    """
    return bool(_NAME.search(name)) and not _NOT_NAME.search(name)


def _is_named(path: str) -> bool:
    """True when the last part of a path that is a word is what a vocabulary is called."""
    words = [part for part in path.split(".") if not part.isdecimal()]
    if words[-1:] in (["json"], ["pkl"]):
        words.pop()
    return bool(words) and is_vocabulary_name(words[-1])


def _inner(node: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(node, StandIn):
        states = node.states() or [node.state]
        return [*enumerate(states), *node.entries.items(), *enumerate(node.elements)]
    if hasattr(node, "objects"):
        node = node.objects
    if isinstance(node, dict):
        return node.items()
    return enumerate(node) if type(node) in (list, tuple) else ()


def with_vocabulary(
    result: ImportResult, vocabularies: Iterable[Vocabulary], answers: Answers
) -> ImportResult:
    """The import with the vocabulary that fits its model, asked for where several do."""
    model = result.model
    found = list(vocabularies)
    if model.vocabulary is not None or not found:
        return result
    n_rows = model.n_inputs if model.embedding is None else len(model.embedding)
    fitting = {each.tokens: each for each in reversed(found) if each.fits(n_rows)}
    if not fitting:
        return _told(result, [each for each in found if len(each.tokens) > 1], n_rows)
    for each in fitting.values():
        # Whole words looked up in it would be other tokens than the model was trained on.
        if each.pieces:
            return _reported(result, f"{shown(each.name, 80)} ({each.pieces})", "file")
    options = {each.name: each for each in reversed(fitting.values())}
    first = next(iter(options))
    question = ImportQuestion("vocabulary", tuple(options), first)
    asked = (question,) if len(options) > 1 else ()
    chosen = options[question.choose(answers)]
    return _reported(
        replace(
            result,
            model=model.with_vocabulary(chosen.row_names()),
            questions=(*result.questions, *asked),
        ),
        shown(chosen.name, 80),
        question.origin(answers) if asked else "file",
    )


def _told(result: ImportResult, found: list[Vocabulary], n_rows: int) -> ImportResult:
    """The import with a line about vocabularies that do not fit."""
    if result.model.embedding is None:
        # What else a file names may be of another thing than numbers that are read.
        found = [each for each in found if each.name in TOKEN_FILES]
    if not found:
        return result
    told = [f"{shown(each.name, 80)}: {each.misfit(n_rows)}" for each in found[:_MAX_TOLD]]
    return _reported(result, "; ".join(told), "file")


def _reported(result: ImportResult, note: str, origin: Origin) -> ImportResult:
    evidence = replace(
        result.evidence,
        notes={**result.evidence.notes, "vocabulary": note},
        origins={**result.evidence.origins, "vocabulary": origin},
    )
    return replace(result, evidence=evidence, report=report_rows(result.model, evidence))
