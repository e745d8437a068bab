"""Metadata of a safetensors file ▶ an import with fewer open questions.

A model trained here is saved with `format` "rnnviz" and what its weights do not tell: its cell,
its activations, its tokens, its outputs' names, its task and an example. Vocabularies are taken
from the metadata of any program, and used where they fit, as those beside a file are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rnnviz.core.checks import whole_characters
from rnnviz.readers.report import report_rows
from rnnviz.readers.result import Answers, ImportResult, Origin
from rnnviz.readers.vocabulary import Vocabulary, vocabularies_in

TRAINED_HERE = "rnnviz"
# Questions that the metadata may settle, by name the report's row.
_SETTLED = {"cell": "cell", "activation": "activations", "readout_activation": "readout"}
_MAX_TEXT = 2_000
Import = Callable[[Answers], tuple[ImportResult, ...]]


@dataclass(frozen=True)
class Told:
    """Statements of the file of a model trained here.

    answers  to questions that its weights leave open, by name.
    outputs  the names of the readout's outputs.
    task     that it learned, and an example of its input; "" where the file does not say.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    task: str = ""
    example: str = ""


def told_in(metadata: Mapping[str, str]) -> Told:
    """Statements in the metadata of a model trained here; none for those of another program.

    >>> told_in({"format": "rnnviz", "cell": "slstm", "task": "adding"}).answers
    {'cell': 'slstm'}
    >>> told_in({"format": "pt", "cell": "slstm"}).answers
    {}
    """
    if metadata.get("format") != TRAINED_HERE:
        return Told()
    return Told(
        {name: metadata[name] for name in _SETTLED if name in metadata},
        _texts(_parsed(metadata.get("outputs", ""))),
        metadata.get("task", "")[:_MAX_TEXT],
        whole_characters(metadata.get("example", "")[:_MAX_TEXT]),
    )


def vocabularies_told(metadata: Mapping[str, str]) -> tuple[Vocabulary, ...]:
    """Every vocabulary by name in a file's metadata, whose values may be JSON.

    >>> told = vocabularies_told({"format": "pt", "chars": "ab", "vocab": '{"a": 0, "b": 1}'})
    >>> [(one.name, one.tokens) for one in told]
    [('chars', ('a', 'b')), ('vocab', ('a', 'b'))]
    """
    return tuple(vocabularies_in({name: _parsed(text) for name, text in metadata.items()}))


def with_told(read: Import, told: Told, answers: Answers) -> tuple[ImportResult, ...]:
    """The imports with what the file itself says, which is then no question any more.

    read  makes them from answers.

    Raises ModelError as `read` does.
    """
    results = read(answers)
    settled = {
        question.name: told.answers[question.name]
        for result in results
        for question in result.questions
        if told.answers.get(question.name) in question.options
    }
    if settled:
        results = read({**answers, **settled})
    return tuple(_with_told(result, told, settled) for result in results)


def _with_told(result: ImportResult, told: Told, settled: Answers) -> ImportResult:
    asked = {question.name for question in result.questions}
    rows: dict[str, Origin] = {_SETTLED[name]: "file" for name in settled if name in asked}
    evidence = replace(result.evidence, origins={**result.evidence.origins, **rows})
    readout = result.model.readout
    named = readout is not None and len(readout.names) == len(told.outputs)
    model = (
        replace(result.model, readout=replace(readout, names=told.outputs))
        if readout is not None and named
        else result.model
    )
    return replace(
        result,
        model=model,
        questions=tuple(q for q in result.questions if q.name not in settled),
        evidence=evidence,
        report=report_rows(model, evidence),
        task=told.task,
        example=told.example,
    )


def _texts(value: object) -> tuple[str, ...]:
    is_list = isinstance(value, list) and all(type(text) is str for text in value)
    return tuple(map(whole_characters, value)) if isinstance(value, list) and is_list else ()


def _parsed(text: str) -> Any:
    """A value that is written as a list or a dictionary in JSON, else the text itself."""
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
