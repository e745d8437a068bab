"""Result of an import: the model of a recurrent stack, the report, and the open questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rnnviz.core.checks import shown
from rnnviz.core.html_table import html_lines, html_table
from rnnviz.errors import ModelError
from rnnviz.i18n import word
from rnnviz.network.model import Model
from rnnviz.readers.certainty import Assumption, Certainty, Parity, Reference

Origin = Literal["names", "shapes", "file", "framework", "default", "answer"]
Answers = Mapping[str, str]
MAX_SIBLING_BYTES = 2**30
_MAX_CELL = 400  # characters of a row or an option in a notebook


@dataclass(frozen=True)
class Source:
    """A model file's bytes.

    name    its name, for sentences and for its suffix.
    data    its bytes.
    folder  where it lies, None for an upload; a file may refer only to what lies beside it.
    beside  files that were uploaded with it, by name.
    """

    name: str
    data: bytes = field(repr=False)
    folder: Path | None = None
    beside: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def sibling(self, name: str) -> bytes | None:
        """A file beside this one, by its bare name; None where there is none or it is too large.

        >>> Source("m.onnx", b"", beside={"m.data": b"1"}).sibling("m.data")
        b'1'
        """
        if name in self.beside:
            return self.beside[name]
        # A name with a folder in it would lead out of the folder.
        if self.folder is None or name != Path(name).name or name in ("", ".", ".."):
            return None
        path = self.folder / name
        try:
            is_small = path.is_file() and path.stat().st_size <= MAX_SIBLING_BYTES
            return path.read_bytes() if is_small else None
        except (OSError, ValueError):
            return None


@dataclass(frozen=True)
class ReportRow:
    """One row of the report.

    name    "cell", "layers", "sizes", "directions", "gate_order", "biases", "activations",
            "initial_states", "lengths", "numbers", "embedding", "vocabulary", "readout", "nan" or
            "left_out".
    value   in words or numbers that need no translation, and names that `row_text` says in others.
    origin  where it came from: the arrays' "names" or "shapes", what the "file" says, the
            "framework" whose rule it is, a "default" taken, or the user's "answer".
    """

    name: str
    value: str
    origin: Origin


@dataclass(frozen=True)
class ImportQuestion:
    """A choice that the file leaves open: its options, and the likely one, taken without an answer.

    name   the key of an answer: "cell", "stack", "activation", "embedding", "readout", …
    about  the names in the file that it is about, "" where the question says all.
    taken  without an answer, where that is more than the likely option.
    """

    name: str
    options: tuple[str, ...]
    likely: str
    about: str = ""
    taken: Assumption | None = None

    @property
    def assumption(self) -> Assumption:
        """What is taken without an answer."""
        return self.taken or Assumption(self.name, self.likely)

    def choose(self, answers: Answers) -> str:
        """The answer where it is an option, else the likely option."""
        came = answers.get(self.name, "")
        return came if came in self.options else self.likely

    def origin(self, answers: Answers) -> Origin:
        """Origin of the choice: "answer" or "default"."""
        return "answer" if answers.get(self.name) in self.options else "default"

    def __str__(self) -> str:
        """The question in English, and how to answer it."""
        options = ", ".join(
            shown(option, 80) + (" (taken when not answered)" if option == self.likely else "")
            for option in self.options
        )
        about = f" ({shown(self.about, 200)})" if self.about else ""
        asked = word(f"ask.{self.name}") + about
        return f"{asked} answers={{{self.name!r}: …}} may be {options}."


@dataclass(frozen=True)
class StoredArray:
    """An array of the file as it is stored.

    n_zeroed  how many of its numbers are NaN or infinite and were read as 0.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    n_zeroed: int = 0


@dataclass(frozen=True)
class Evidence:
    """Sources of what is known of a recurrent stack, and what its file holds beside it.

    framework  whose order the stored gates have: "torch", "keras", "onnx"; "" for gates by name.
    origins    by row of the report; the rows that are not here come from the "file".
    arrays     those of the file that the model is made of.
    embedding  the embedding's name in the file.
    readout    the readout's name in the file.
    notes      by row of the report what the framework adds to it: "t = T", "go_backwards=True".
    left_out   arrays, layers or operators of the file that the model does not have.
    ignored    options of its layers that the model does not have, and layers that were not read.
    assumed    without evidence and without a question.
    """

    framework: str = ""
    origins: Mapping[str, Origin] = field(default_factory=dict)
    arrays: tuple[StoredArray, ...] = ()
    embedding: str = ""
    readout: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    assumed: tuple[Assumption, ...] = ()


@dataclass(frozen=True, eq=False)
class ImportResult:
    """One recurrent stack of a file as a model; print it, or show it in a notebook.

    name       its path in the file, "" where there is only one without a path.
    model      made with the answers given, or with the likely options.
    report     what was found, row by row.
    questions  what the user may choose otherwise.
    reference  the framework's computation of it; None where no framework can.
    evidence   what the report was written from.
    parts      the names of all recurrent stacks in the file, this one included.
    answers    to its questions.
    parity     with the framework's run; None until it was measured, or where it cannot be.
    task       of `rnnviz.train.TASKS` that it learned, where its file says so; else "".
    example    a text to read, where its file gives one; else "".
    """

    name: str
    model: Model
    report: tuple[ReportRow, ...] = ()
    questions: tuple[ImportQuestion, ...] = ()
    reference: Reference | None = None
    evidence: Evidence = Evidence()
    parts: tuple[str, ...] = ()
    answers: Answers = field(default_factory=dict)
    parity: Parity | None = None
    task: str = ""
    example: str = ""

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """Everything taken without evidence: by the reader, and for questions without an answer."""
        open_questions = (q for q in self.questions if q.origin(self.answers) == "default")
        return (*self.evidence.assumed, *(question.assumption for question in open_questions))

    @property
    def certainty(self) -> Certainty:
        """Proved, checked or assumed; see `Certainty`."""
        return Certainty(self.assumptions, self.parity)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Arrays, layers, operators and options of the file that the model does not have."""
        return (*self.evidence.left_out, *self.evidence.ignored)

    def __str__(self) -> str:
        """Title, report and questions as plain text, in English."""
        rows = list(self._rows())
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
        table = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join([self._title(), *table, *self._remarks()])

    def _repr_html_(self) -> str:
        """Report and questions as HTML; all text is escaped, for the file may be hostile."""
        table = html_table(self._title(), (), self._rows(), _MAX_CELL)
        return table + html_lines(self._remarks())

    def __repr__(self) -> str:
        return f"<ImportResult {self._title()}>"

    def _title(self) -> str:
        cells = dict.fromkeys(layer.cell_name for layer in self.model.layers)
        named = f"{shown(self.name, 80)}: " if self.name else ""
        return f"{named}{' + '.join(cells)} from {shown(self.model.source, 80)}"

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        for row in self.report:
            origin = word(f"origin.{row.origin}")
            yield word(f"fact.{row.name}"), shown(row.value, _MAX_CELL), f"from {origin}"

    def _remarks(self) -> Iterator[str]:
        yield str(self.certainty)
        yield from map(str, self.questions)
        if len(self.parts) > 1:
            parts = ", ".join(f"“{shown(part, 80)}”" for part in self.parts)
            yield f"The file holds the recurrent stacks {parts}; choose one with part=…."


def check_answers(results: Iterable[ImportResult], answers: Answers) -> None:
    """Raise ModelError when the answer to a question of these is none of its options.

    Answers to questions that are not asked are ignored.

    >>> check_answers((), {"cell": "gru"})
    """
    questions = [question for result in results for question in result.questions]
    for name, came in answers.items():
        options = [o for question in questions if question.name == name for o in question.options]
        if options and came not in options:
            raise ModelError(
                "The answer to “{name}” is one of {options}, but “{came}” came.",
                name=name,
                options=", ".join(shown(option, 80) for option in dict.fromkeys(options)),
                came=shown(came),
            )
