"""The embedding below and the readout above a recurrent stack, chosen among a file's matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rnnviz.core.checks import shown
from rnnviz.readers.around import ArraysAround
from rnnviz.readers.certainty import Assumption
from rnnviz.readers.embedding_readout import NamedMatrix
from rnnviz.readers.result import Answers, ImportQuestion, Origin

NONE = "none"
READOUT_ACTIVATIONS = ("softmax", "linear", "sigmoid")
_MAX_OPTIONS, _MAX_NAMED = 50, 3


@dataclass(frozen=True)
class MatrixChoice:
    """The matrix taken, where the choice comes from, and the question where there is one."""

    matrix: NamedMatrix | None
    origin: Origin = "names"
    questions: tuple[ImportQuestion, ...] = ()


def choose_embedding(
    around: ArraysAround, path: str, n_inputs: int, answers: Answers
) -> MatrixChoice:
    """The matrix whose rows are what the lowest level of the stack at a path reads."""
    fits = [matrix for matrix in around.of_width(n_inputs) if matrix.kind != "linear"]
    likely = [m for m in fits if m.is_embedding and around.is_near(m, path)]
    if len(likely) > 1 and around.are_equal(likely):
        likely = likely[:1]
    return _choose("embedding", fits, likely, answers)


def choose_readout(
    around: ArraysAround, path: str, n_outputs: int, taken: NamedMatrix | None, answers: Answers
) -> MatrixChoice:
    """The linear layer that reads the top level's units, and the question of its activation.

    taken  the matrix that is the embedding.
    """
    fits = [m for m in around.of_width(n_outputs) if m != taken and m.may_be_readout]
    near = (
        m
        for m in fits
        if m.is_readout and around.is_near(m, path) and around.is_of_encoder(m.weights, path)
    )
    choice = _choose("readout", fits, [m for m in near if not around.is_read(m)], answers)
    if choice.matrix is None:
        return choice
    # A softmax over a single output is always 1.
    usual = "softmax" if choice.matrix.shape[0] > 1 else "linear"
    activation = ImportQuestion("readout_activation", READOUT_ACTIVATIONS, usual)
    return replace(choice, questions=(*choice.questions, activation))


def with_between(
    name: str, choice: MatrixChoice, between: Sequence[str], answers: Answers
) -> MatrixChoice:
    """The choice, with the question whether the stack is joined to the matrix where it may not be.

    name     "embedding" or "readout".
    between  names of arrays that may compute between the matrix and the stack.
    """
    matrix = choice.matrix
    is_asked = any(question.name == name for question in choice.questions)
    if matrix is None or not between or is_asked:
        return choice
    named = ", ".join(shown(each, 60) for each in between[:_MAX_NAMED])
    named += ", …" if len(between) > _MAX_NAMED else ""
    taken = Assumption(f"{name}_joined", named)
    question = ImportQuestion(name, (matrix.path, NONE), matrix.path, named, taken)
    if question.choose(answers) == NONE:
        return MatrixChoice(None, "answer", (question,))
    return MatrixChoice(matrix, question.origin(answers), (question, *choice.questions))


def _choose(
    name: str, fits: list[NamedMatrix], likely: list[NamedMatrix], answers: Answers
) -> MatrixChoice:
    if len(likely) == 1 or not fits:
        return MatrixChoice(likely[0] if fits else None)
    options = {matrix.path: matrix for matrix in (*fits[:_MAX_OPTIONS], *likely[-1:])}
    first = likely[-1].path if likely else NONE
    question = ImportQuestion(name, (*options, NONE), first)
    matrix = options.get(question.choose(answers))
    return MatrixChoice(matrix, question.origin(answers), (question,))
