"""A stack of recurrent modules ▶ its import: the model, the evidence, the questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.network.model import Readout
from rnnviz.readers.around import ArraysAround
from rnnviz.readers.beside import beside_questions
from rnnviz.readers.certainty import Assumption
from rnnviz.readers.choices import MatrixChoice, choose_embedding, choose_readout, with_between
from rnnviz.readers.embedding_readout import NamedMatrix
from rnnviz.readers.recurrent import ModuleStack, RecurrentStack, layers_of, stored_arrays
from rnnviz.readers.report import import_result
from rnnviz.readers.result import Answers, Evidence, ImportQuestion, ImportResult, Origin
from rnnviz.readers.tensors import finite_floats
from rnnviz.readers.torch.initial_states import computing_states
from rnnviz.readers.torch.reference import torch_reference

_FRAMEWORKS = {"torch": "torch", "torch_cell": "torch", "keras": "keras"}


def import_stack(
    stack: ModuleStack, around: ArraysAround, answers: Answers, source: str
) -> ImportResult:
    """The stack's import, with the matrices around it that belong to it.

    Raises ModelError naming the array that does not fit or is not finite, or that is a part of
    what the layers compute without their cells having it.
    """
    bottom = stack.modules[0]
    embedding, readout = _around(stack, around, answers)
    known = _names_of(embedding) | _names_of(readout)
    beside = beside_questions(stack.modules, around.surroundings, known, answers)
    questions = (*stack.questions, *beside, *embedding.questions, *readout.questions)
    chosen = {question.name: question.choose(answers) for question in questions}
    activation = chosen.get("activation", bottom.activation)
    return import_result(
        RecurrentStack(
            stack.path,
            source,
            layers_of(
                stack.modules,
                chosen.get("cell", bottom.cells[0]),
                activation,
                chosen.get("recurrent_activation", ""),
            ),
            _evidence(stack, around, (embedding, readout), questions, answers),
            questions,
            embedding=_values(embedding.matrix, around.arrays, answers),
            readout=_readout(
                readout.matrix, chosen.get("readout_activation", ""), around.arrays, answers
            ),
            reference=torch_reference(stack.modules, activation),
        )
    )


def _around(
    stack: ModuleStack, around: ArraysAround, answers: Answers
) -> tuple[MatrixChoice, MatrixChoice]:
    """The embedding and the readout, each asked about where something may lie before it."""
    n_inputs, n_outputs = stack.modules[0].n_inputs, stack.modules[-1].n_outputs
    embedding = choose_embedding(around, stack.path, n_inputs, answers)
    readout = choose_readout(around, stack.path, n_outputs, embedding.matrix, answers)
    taken = _names_of(embedding) | _names_of(readout)
    below = around.between(stack, n_inputs, taken, is_below=True)
    above = around.between(stack, n_outputs, taken, is_below=False)
    return (
        with_between("embedding", embedding, below, answers),
        with_between("readout", readout, above, answers),
    )


def _names_of(choice: MatrixChoice) -> set[str]:
    matrix = choice.matrix
    return {matrix.weights, matrix.bias} - {""} if matrix is not None else set()


def _values(
    matrix: NamedMatrix | None, arrays: Mapping[str, Array], answers: Answers
) -> Array | None:
    if matrix is None:
        return None
    array = finite_floats(matrix.weights, arrays[matrix.weights], answers)
    return array.T if matrix.is_transposed else array


def _readout(
    matrix: NamedMatrix | None, activation: str, arrays: Mapping[str, Array], answers: Answers
) -> Readout | None:
    weights = _values(matrix, arrays, answers)
    if matrix is None or weights is None:
        return None
    bias = np.zeros_like(weights[:, 0])
    if matrix.bias:
        bias = finite_floats(matrix.bias, arrays[matrix.bias], answers).reshape(-1)
    return Readout(weights, bias, activation=activation)


def _evidence(
    stack: ModuleStack,
    around: ArraysAround,
    choices: tuple[MatrixChoice, MatrixChoice],
    questions: tuple[ImportQuestion, ...],
    answers: Answers,
) -> Evidence:
    arrays = around.arrays
    beside = sorted(_names_of(choices[0]) | _names_of(choices[1]))
    own = [name for module in stack.modules for name in sorted(module.used)]
    live = {
        f"{module.path}.{name}".lstrip("."): array
        for module in stack.modules
        for name, array in module.arrays.items()
        if not module.used
    }
    embedding, readout = (each.matrix.weights if each.matrix else "" for each in choices)
    return Evidence(
        _FRAMEWORKS.get(stack.modules[0].style, ""),
        _origins(stack, choices, questions, answers),
        stored_arrays(
            live | {name: arrays[name] for name in (*own, *beside) if name in arrays}, answers
        ),
        embedding,
        readout,
        notes=dict(stack.modules[0].said),
        left_out=around.left_out(beside),
        assumed=tuple(_assumed(stack, around)),
    )


def _assumed(stack: ModuleStack, around: ArraysAround) -> Iterator[Assumption]:
    if around.surroundings is None:
        return
    if computing := computing_states(stack.modules[0], around.surroundings):
        yield Assumption("start_may_be_computed", shown(", ".join(computing), 80))


def _origins(
    stack: ModuleStack,
    around: tuple[MatrixChoice, MatrixChoice],
    questions: tuple[ImportQuestion, ...],
    answers: Answers,
) -> dict[str, Origin]:
    asked = {question.name: question.origin(answers) for question in questions}
    bottom, (embedding, readout) = stack.modules[0], around
    # Keras lets each layer choose its functions, and its arrays do not tell.
    is_keras = bottom.style == "keras" and not bottom.activation
    functions: Origin = "default" if is_keras else "framework"
    by_answer = asked.get("readout_activation") == "answer"
    return {
        "cell": asked.get("cell", "file" if "cell" in bottom.said else bottom.cell_origin),
        "layers": asked.get("stack", "names"),
        "directions": "names",
        "biases": "names",
        "activations": asked.get(
            "activation", "file" if "activations" in bottom.said else functions
        ),
        "initial_states": "default" if bottom.style == "rnnviz" else "framework",
        "embedding": embedding.origin,
        "readout": "answer" if by_answer else readout.origin,
        "left_out": "names",
    }
