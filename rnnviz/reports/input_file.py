"""An input file as a model reads it: a text of its tokens, or a table of as many numbers."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Rows
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.core.sequence import Sequence
from rnnviz.engine.api import sequence_for_model
from rnnviz.engine.model_inputs import reads_text, token_kind
from rnnviz.errors import InputError
from rnnviz.inputs.bounded_file import read_file_bounded
from rnnviz.inputs.decision import Decision
from rnnviz.inputs.features import FillMethod
from rnnviz.inputs.file_format import AS_FOUND, FileFormat
from rnnviz.inputs.files import Content, Text
from rnnviz.inputs.parse import parse
from rnnviz.inputs.table import Scale, Table, default_axis, standard_features, table_sequence
from rnnviz.inputs.tokenise import joined_tokens
from rnnviz.network.model import Model

_MAX_ID = 2**31


@dataclass(frozen=True)
class TableOptions:
    """Options of a table as `rnnviz.read_sequence` takes them, and how a file is written."""

    columns: tuple[str, ...] | None = None
    scale: Scale = "none"
    missing: FillMethod = "refuse"
    how: FileFormat = AS_FOUND


@dataclass(frozen=True, eq=False)
class InputFile:
    """A file that was read.

    decisions  what was decided in reading it, of the columns that are read.
    is_table   whether its columns were read in an order and a scale.
    """

    name: str
    sequence: Sequence
    decisions: tuple[Decision, ...] = ()
    is_table: bool = False


def read_input(path: Path, model: Model, options: TableOptions = TableOptions()) -> InputFile:
    """A file read for a model, in a bounded process.

    Raises InputError for a file that is missing, cannot be read or does not fit the model.
    """
    content = read_file_bounded(path.name, path, True, options.how)
    if reads_text(model) or not isinstance(content, Table):
        _check_for_table(path.name, options)
    if reads_text(model):
        return InputFile(path.name, _tokens(path.name, content, model), _decisions(content, None))
    if isinstance(content, Sequence):
        return InputFile(path.name, content)
    if isinstance(content, Text):
        return InputFile(path.name, _typed_numbers(content, model), content.decisions)
    sequence, names = _numbers(content, model, options), _columns(content, options)
    decisions = (*_decisions(content, names), *_filled(content, names, options.missing))
    return InputFile(path.name, sequence, decisions, is_table=True)


def _check_for_table(name: str, options: TableOptions) -> None:
    if replace(options, how=AS_FOUND) != TableOptions():
        raise InputError(
            "Columns, their scale and their gaps are chosen in a table of numbers, but “{name}” is"
            " not read as one; leave --columns, --scale and --missing out.",
            name=shown(name),
        )


def _tokens(name: str, content: Content, model: Model) -> Sequence:
    if isinstance(content, Text):
        return _typed(content.text, model)
    values = content.values if isinstance(content, Sequence) else _single_column(content)
    if model.embedding is None or values is None or not _are_ids(values):
        raise InputError(
            "This model reads tokens, but “{name}” is a table or an array of numbers; give it a"
            " text, a file that ends in .txt.",
            name=shown(name),
        )
    return sequence_for_model(values.astype(np.int64), model)


def _typed_numbers(content: Text, model: Model) -> Sequence:
    try:
        return parse(content.text, "numbers")
    except InputError as error:
        raise InputError(
            "This model reads {wanted} numbers a step, but “{name}” is a text; give it a table, or"
            " put the model's tokens, one a line, into vocab.txt beside its file.",
            wanted=model.n_inputs,
            name=shown(content.name),
        ) from error


def _typed(text: str, model: Model) -> Sequence:
    kind, vocabulary = token_kind(model), model.vocabulary or ()
    if "\n" not in vocabulary:
        text = text.removesuffix("\n").removesuffix("\r")
    return parse(text, kind, joined=joined_tokens(vocabulary, kind))


def _single_column(table: Table) -> Array | None:
    values = table.columns[0].values
    is_one = len(table.columns) == 1 and values.dtype.kind == "f"
    return values[:, None, None] if is_one else None


def _are_ids(values: Array) -> bool:
    """True for whole numbers of one column, none so large that no vocabulary has it."""
    is_whole = (values == np.floor(values)) & (np.abs(values) < _MAX_ID)
    return values.shape[2] == 1 and bool(is_whole.all())


def _numbers(table: Table, model: Model, options: TableOptions) -> Sequence:
    names = _columns(table, options)
    sequence = table_sequence(table, names or None, scale=options.scale, missing=options.missing)
    if sequence.n_features > model.n_inputs and options.columns is None:
        raise InputError(
            "This model reads {wanted} numbers a step, but “{name}” has {came} columns of numbers,"
            " {columns}; choose those that it reads with --columns, in its order.",
            wanted=model.n_inputs,
            name=shown(table.name),
            came=sequence.n_features,
            columns=shown(", ".join(sequence.features), 120),
        )
    return sequence


def _columns(table: Table, options: TableOptions) -> tuple[str, ...]:
    if options.columns is not None:
        return options.columns
    return tuple(one.name for one in standard_features(table, default_axis(table)))


def _decisions(content: Content, columns: Rows[str] | None) -> tuple[Decision, ...]:
    if isinstance(content, Sequence):
        return ()
    every = content.decisions
    return tuple(one for one in every if columns is None or one.column in ("", *columns))


def _filled(table: Table, columns: Rows[str], how: str) -> Iterator[Decision]:
    """What stands in the gaps of every column that has some."""
    for name in columns:
        if count := table.n_missing.get(name):
            yield Decision(f"filled.{how}", str(count), column=name)
