"""Arrays by name ▶ the recurrent stacks among them, each with its embedding and readout.

Three ways of naming are known: PyTorch's state dicts, Keras' variables and our own `gate.role`.
Cells and sizes come from the shapes: 384 rows are a GRU of 128 units or an LSTM of 96, and the
recurrent matrix, which has as many columns as units, tells which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.network.model import Readout
from rnnviz.readers.beside import Surroundings, beside_questions
from rnnviz.readers.conventions import convention_modules
from rnnviz.readers.directions import with_directions
from rnnviz.readers.embedding_readout import (
    MatrixChoice,
    NamedMatrix,
    choose_embedding,
    choose_readout,
    matrices_in,
)
from rnnviz.readers.file_stacks import FileStacks
from rnnviz.readers.keras.names import keras_modules
from rnnviz.readers.levels import stack_modules
from rnnviz.readers.limits import check_module_count
from rnnviz.readers.mapping import mapping_needed, named_module, renamed_around
from rnnviz.readers.names import gate_modules
from rnnviz.readers.recurrent import (
    ModuleStack,
    RecurrentModule,
    RecurrentStack,
    layers_of,
    stored_arrays,
)
from rnnviz.readers.report import import_result
from rnnviz.readers.result import Answers, Evidence, ImportQuestion, ImportResult, Origin
from rnnviz.readers.tensors import finite_floats
from rnnviz.readers.torch.inside import with_parameters_inside
from rnnviz.readers.torch.names import torch_modules
from rnnviz.readers.torch.reference import torch_reference
from rnnviz.readers.torch.weight_norm import merge_parametrisations

# What DataParallel and torch.compile put in front of every name.
_WRAPPERS = ("module.", "_orig_mod.")
_FRAMEWORKS = {"torch": "torch", "torch_cell": "torch", "keras": "keras"}


def import_arrays(
    arrays: Mapping[str, Array],
    answers: Answers,
    *,
    source: str,
    names: Mapping[str, str] = {},
) -> tuple[ImportResult, ...]:
    """Every recurrent stack among the arrays, in their order.

    answers  to the questions of an earlier call: "stack", "cell", "activation", "embedding",
             "readout", "readout_activation"; and nan="zero" to read NaN and infinity as 0.
    source   where the arrays come from, in words.
    names    what arrays are whose names do not tell, {"W_f": "forget.x"}; see `parse_slot`. The
             recurrent layers are then made of these alone.

    Raises ModelError naming the array that is missing, does not fit or is not finite, and for an
    answer that is no option; MappingNeeded where no name tells a recurrent layer.

    >>> import numpy as np
    >>> arrays = {"weight_ih_l0": np.ones((384, 8)), "weight_hh_l0": np.ones((384, 96))}
    >>> [(result.model.layers[0].title, result.model.n_outputs)
    ...  for result in import_arrays(arrays, {}, source="a file")]
    [('lstm layer 0 forward', 96)]
    """
    whole = merge_parametrisations(_unwrapped(arrays))
    modules = _modules(whole, answers, names)
    if not modules and whole:
        raise mapping_needed(whole, source)
    if not modules:
        raise ModelError(
            "“{source}” should hold a recurrent layer, but it has no arrays of numbers;"
            " check that it is the whole model.",
            source=shown(source, 80),
        )
    used = {name for module in modules for name in module.used}
    check_module_count(len(modules), len(whole.keys() - used), source)
    whole = renamed_around(whole, names)
    around = _surroundings(whole, modules)
    if not names:
        inside = (with_parameters_inside(each, around, whole, answers) for each in modules)
        modules = with_directions(inside, answers)
        around = _surroundings(whole, modules)
    stacks = stack_modules(modules, around, answers)
    every = FileStacks(stacks, matrices_in(whole, around.shapes))
    # What the user left unnamed is left out.
    beside = around if not names else None
    return tuple(import_modules(stack, every, whole, answers, source, beside) for stack in stacks)


def _modules(
    arrays: Mapping[str, Array], answers: Answers, names: Mapping[str, str]
) -> tuple[RecurrentModule, ...]:
    if names:
        module = named_module(arrays, names, answers)
        return (module,) if module is not None else ()
    known = (
        *torch_modules(arrays, answers),
        *keras_modules(arrays, answers),
        *gate_modules(arrays, answers),
    )
    taken = {name for module in known for name in module.used}
    return (*known, *convention_modules(arrays, taken, answers))


def _surroundings(arrays: Mapping[str, Array], modules: Iterable[RecurrentModule]) -> Surroundings:
    return Surroundings({name: array.shape for name, array in arrays.items()}, modules)


def _unwrapped(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
    for prefix in _WRAPPERS:
        if arrays and all(name.startswith(prefix) for name in arrays):
            bare = {name.removeprefix(prefix): array for name, array in arrays.items()}
            return _unwrapped(bare)
    return arrays


def import_modules(
    stack: ModuleStack,
    every: FileStacks,
    arrays: Mapping[str, Array],
    answers: Answers,
    source: str,
    around: Surroundings | None = None,
) -> ImportResult:
    """The stack's import, with the matrices around it that belong to it.

    every   stack of the file, this one included.
    arrays  all of the file.
    around  what else the file holds, None where all that lies around is known.

    Raises ModelError naming the array that does not fit or is not finite.
    """
    bottom, top = stack.modules[0], stack.modules[-1]
    near = every.nearest(stack)
    embedding = choose_embedding(every.matrices, bottom.n_inputs, near, answers)
    others = tuple(matrix for matrix in every.matrices if matrix != embedding.matrix)
    readout = choose_readout(others, top.n_outputs, near, answers)
    known = _names_of(embedding) | _names_of(readout)
    beside = beside_questions(stack.modules, around, known, answers) if around is not None else ()
    questions = (*stack.questions, *beside, *embedding.questions, *readout.questions)
    chosen = {question.name: question.choose(answers) for question in questions}
    activation = chosen.get("activation", bottom.activation)
    return import_result(
        RecurrentStack(
            stack.path,
            source,
            layers_of(stack.modules, chosen.get("cell", bottom.cells[0]), activation),
            _evidence(stack, every, arrays, (embedding, readout), questions, answers),
            questions,
            embedding=_values(embedding.matrix, arrays, answers),
            readout=_readout(readout.matrix, chosen.get("readout_activation", ""), arrays, answers),
            reference=torch_reference(stack.modules, activation),
        )
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
    every: FileStacks,
    arrays: Mapping[str, Array],
    around: tuple[MatrixChoice, MatrixChoice],
    questions: tuple[ImportQuestion, ...],
    answers: Answers,
) -> Evidence:
    beside = sorted(_names_of(around[0]) | _names_of(around[1]))
    known = every.used.union(beside)
    left_out = [name for name in arrays if name not in known]
    own = [name for module in stack.modules for name in sorted(module.used)]
    live = {
        f"{module.path}.{name}".lstrip("."): array
        for module in stack.modules
        for name, array in module.arrays.items()
        if not module.used
    }
    embedding, readout = (each.matrix.weights if each.matrix else "" for each in around)
    return Evidence(
        _FRAMEWORKS.get(stack.modules[0].style, ""),
        _origins(stack, around, questions, answers),
        stored_arrays(
            live | {name: arrays[name] for name in (*own, *beside) if name in arrays}, answers
        ),
        embedding,
        readout,
        left_out=tuple(f"{shown(name, 80)} {arrays[name].shape}" for name in left_out),
    )


def _origins(
    stack: ModuleStack,
    around: tuple[MatrixChoice, MatrixChoice],
    questions: tuple[ImportQuestion, ...],
    answers: Answers,
) -> dict[str, Origin]:
    asked = {question.name: question.origin(answers) for question in questions}
    bottom, (embedding, readout) = stack.modules[0], around
    # Keras lets each layer choose its functions, and its arrays do not tell.
    functions: Origin = "default" if bottom.style == "keras" else "framework"
    by_answer = asked.get("readout_activation") == "answer"
    return {
        "cell": asked.get("cell", bottom.cell_origin),
        "layers": asked.get("stack", "names"),
        "directions": "names",
        "biases": "names",
        "activations": asked.get("activation", "framework" if bottom.activation else functions),
        "initial_states": "default" if bottom.style == "rnnviz" else "framework",
        "embedding": embedding.origin,
        "readout": "answer" if by_answer else readout.origin,
        "left_out": "names",
    }
