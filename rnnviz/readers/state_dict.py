"""Arrays by name ▶ the recurrent stacks among them.

Three ways of naming are known: PyTorch's state dicts, Keras' variables and our own `gate.role`.
Cells and sizes come from the shapes: 384 rows are a GRU of 128 units or an LSTM of 96, and the
recurrent matrix, which has as many columns as units, tells which.
"""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.assemble import found_of
from rnnviz.readers.embedding_readout import tables_in
from rnnviz.readers.keras.names import keras_parts
from rnnviz.readers.names import gate_parts
from rnnviz.readers.recurrent import stacks_of
from rnnviz.readers.result import Answers, ImportResult
from rnnviz.readers.torch.names import torch_parts
from rnnviz.readers.torch.weight_norm import merge_parametrisations

# What DataParallel and torch.compile put in front of every name.
_WRAPPERS = ("module.", "_orig_mod.")


def recognise(
    arrays: Mapping[str, Array], answers: Answers, *, source: str
) -> tuple[ImportResult, ...]:
    """Every recurrent stack among the arrays, in their order, with its embedding and readout.

    answers  to the questions of an earlier call: "stack", "cell", "activation", "embedding",
             "readout", "readout_activation"; and nan="zero" to read NaN and infinity as 0.
    source   where the arrays come from, in words.

    Raises ModelError naming the array that is missing, does not fit or is not finite, when there
    is no recurrent layer, and for an answer that is no option.

    >>> import numpy as np
    >>> arrays = {"weight_ih_l0": np.ones((384, 8)), "weight_hh_l0": np.ones((384, 96))}
    >>> [(found.model.layers[0].title, found.model.n_outputs)
    ...  for found in recognise(arrays, {}, source="a file")]
    [('lstm layer 0 forward', 96)]
    """
    whole = merge_parametrisations(_unwrapped(arrays))
    parts = (
        *torch_parts(whole, answers),
        *keras_parts(whole, answers),
        *gate_parts(whole, answers),
    )
    if not parts:
        raise ModelError(
            "“{source}” should hold a recurrent layer under the names of PyTorch (weight_hh_l0),"
            " Keras (recurrent_kernel) or rnnviz (forget.h), but its arrays are {came};"
            " check that it is the whole model.",
            source=shown(source, 80),
            came=shown(", ".join(list(arrays)[:20]), 200) or "none",
        )
    tables = tables_in(whole, {name for part in parts for name in part.used})
    stacks = stacks_of(parts, answers)
    found = tuple(found_of(stack, stacks, whole, tables, answers, source) for stack in stacks)
    check_answers(found, answers)
    return found


def check_answers(found: tuple[ImportResult, ...], answers: Answers) -> None:
    """Nothing, when every answer to a question of these is one of its options.

    Raises ModelError otherwise; answers to questions not asked are let be.

    >>> check_answers((), {"cell": "gru"})
    """
    questions = [question for each in found for question in each.questions]
    for name, came in answers.items():
        options = [o for question in questions if question.name == name for o in question.options]
        if options and came not in options:
            raise ModelError(
                "The answer to “{name}” is one of {options}, but “{came}” came.",
                name=name,
                options=", ".join(shown(option, 80) for option in dict.fromkeys(options)),
                came=shown(came),
            )


def _unwrapped(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
    for prefix in _WRAPPERS:
        if arrays and all(name.startswith(prefix) for name in arrays):
            bare = {name.removeprefix(prefix): array for name, array in arrays.items()}
            return _unwrapped(bare)
    return arrays
