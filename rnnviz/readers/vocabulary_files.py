"""Vocabularies in files beside a model.

Lists and tables as `json.dump` and `pickle.dump` write them; Hugging Face's `tokenizer.json`
(`tokenizers`, `Tokenizer.save`) and `vocab.txt`, a token a line; fairseq's `dict.txt`, a token and
its count a line (`fairseq/data/dictionary.py`); Keras' `Tokenizer.to_json`, whose indices start at
1 (`keras_preprocessing.text`); the card `name.json` of a model `name.safetensors` trained here.

Of a model of characters a line of a list may be the line break: `\\n`, the two signs, an empty
line, or two, as where the tokens are joined by line breaks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from rnnviz.inputs.tokenise import is_special
from rnnviz.readers.result import Source
from rnnviz.readers.vocabulary import Vocabulary, is_vocabulary_name, vocabularies_in

_STEMS = ("vocab", "vocabulary", "tokens", "chars", "char_to_idx", "char2idx", "char2int")
_MORE_STEMS = (
    "tokenizer",
    "idx_to_char",
    "idx2char",
    "int2char",
    "word2idx",
    "word_to_idx",
    "idx2word",
)
_NAMES = (
    *("tokenizer.json", "vocab.txt", "tokens.txt", "dict.txt"),
    *(f"{stem}{end}" for stem in (*_STEMS, *_MORE_STEMS) for end in (".json", ".pkl", ".pickle")),
)
_MAX_BYTES = 20_000_000
_FAIRSEQ = ("<s>", "<pad>", "</s>", "<unk>")
_ESCAPED = {r"\n": "\n", r"\t": "\t", r"\r": "\r"}
_COUNTED = re.compile(r"(?P<token>\S+) \d+")


def vocabularies_beside(source: Source) -> Iterator[Vocabulary]:
    """Every vocabulary in a file that was uploaded with a model or lies in its folder.

    A file that cannot be read as one is passed over.
    """
    uploaded = [name for name in source.beside if is_vocabulary_name(PurePath(name).stem)]
    card = f"{PurePath(source.name).stem}.json"
    for name in dict.fromkeys((*uploaded, *_NAMES, card)):
        data = source.sibling(name) if name != source.name else None
        if data is not None and len(data) <= _MAX_BYTES:
            yield from _vocabularies(name, data)


def vocabularies_in_file(source: Source) -> tuple[Vocabulary, ...]:
    """Every vocabulary in a file that is said to be one, whatever it is called.

    >>> vocabularies_in_file(Source("my letters.TXT", b"a\\nb"))[0].tokens
    ('a', 'b')
    """
    return tuple(_vocabularies(vocabulary_file_name(source.name), source.data))


def vocabulary_file_name(name: str) -> str:
    """Name under which a file that is said to be a vocabulary is found beside a model.

    >>> vocabulary_file_name("char_to_idx.json"), vocabulary_file_name("labels.TXT")
    ('char_to_idx.json', 'vocab.txt')
    """
    path = PurePath(name)
    suffix = path.suffix.lower()
    suffix = suffix if suffix in (".txt", ".json", ".pkl", ".pickle") else ".txt"
    return f"{path.stem if is_vocabulary_name(path.stem) else 'vocab'}{suffix}"


def _vocabularies(name: str, data: bytes) -> Iterator[Vocabulary]:
    try:
        if name.endswith(".txt"):
            yield from _lines(name, data.decode())
        elif name.endswith(".json"):
            content = json.loads(data)
            rule = _rule(content)
            for found in vocabularies_in(_with_added(_of_keras(content)), name):
                yield replace(found, pieces=rule) if _has_pieces(found.tokens) else found
        elif name.endswith((".pkl", ".pickle")):
            from rnnviz.readers.torch.container import read_root

            yield from vocabularies_in(read_root(Source(name, data)).root, name)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return


def _rule(content: Any) -> str:
    """How a `tokenizer.json` splits words into pieces; "" where its tokens are whole."""
    model = content.get("model") if isinstance(content, dict) else None
    if not isinstance(model, dict):
        return ""
    # `tokenizers` before 0.8 wrote no type.
    kind = model.get("type") or "BPE"
    return str(kind) if kind in ("WordPiece", "Unigram") or model.get("merges") else ""


def _has_pieces(tokens: tuple[str | None, ...]) -> bool:
    """True where a token is longer than a character, of which no rule makes others."""
    return any(token and len(token) > 1 and not is_special(token) for token in tokens)


def _lines(name: str, text: str) -> Iterator[Vocabulary]:
    if not text.strip():
        return
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    yield from (Vocabulary(name, tokens) for tokens in _with_line_break(lines))
    counted = [_COUNTED.fullmatch(line) for line in lines]
    if all(counted):
        tokens = [found["token"] for found in counted if found is not None]
        yield Vocabulary(name, tuple(tokens))
        yield Vocabulary(name, (*_FAIRSEQ, *tokens))


def _with_line_break(lines: list[str]) -> Iterator[tuple[str, ...]]:
    r"""Tokens of lines, of which one may be the line break where the others are characters.

    >>> list(_with_line_break(["a", r"\n", "b"])), list(_with_line_break(["", "", "b"]))
    ([('a', '\n', 'b')], [('', '', 'b'), ('\n', 'b')])
    """
    others = (line for line in lines if line not in _ESCAPED and not is_special(line))
    if any(len(line) > 1 for line in others):
        yield tuple(lines)
        return
    read = [_ESCAPED.get(line, line) for line in lines]
    n_empty = read.count("")
    if n_empty == 1 and "\n" not in read:
        read[read.index("")] = "\n"
    yield tuple(read)
    at = read.index("") if n_empty == 2 else -1
    if at >= 0 and read[at + 1] == "":
        yield (*read[:at], "\n", *read[at + 2 :])


def _of_keras(content: Any) -> Any:
    """The table of Keras' `Tokenizer.to_json`, as far as `num_words`; else the content as it is."""
    found = json.loads(content) if isinstance(content, str) else content
    if not isinstance(found, dict) or found.get("class_name") != "Tokenizer":
        return content
    table, limit = json.loads(found["config"]["word_index"]), found["config"].get("num_words")
    return {"word_index": {word: i for word, i in table.items() if not limit or i < limit}}


def _with_added(content: Any) -> Any:
    """The vocabulary of a `tokenizer.json` with the tokens that were added to it; else as it is."""
    model = content.get("model") if isinstance(content, dict) else None
    vocabulary = model.get("vocab") if isinstance(model, dict) else None
    if not isinstance(vocabulary, dict):
        return content
    added = content.get("added_tokens") or []
    return {"vocab": vocabulary | {each["content"]: each["id"] for each in added}}
