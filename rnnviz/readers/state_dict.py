"""Arrays by name ▶ the recurrent stacks among them, each with its embedding and readout.

Three ways of naming are known: PyTorch's state dicts, Keras' variables and our own `gate.role`.
Cells and sizes come from the shapes: 384 rows are a GRU of 128 units or an LSTM of 96, and the
recurrent matrix, which has as many columns as units, tells which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.around import ArraysAround
from rnnviz.readers.beside import Surroundings
from rnnviz.readers.conventions import convention_modules
from rnnviz.readers.copies import without_copies
from rnnviz.readers.directions import with_directions
from rnnviz.readers.embedding_readout import matrices_in
from rnnviz.readers.import_stack import import_stack
from rnnviz.readers.keras.names import keras_modules
from rnnviz.readers.levels import stack_modules
from rnnviz.readers.limits import check_module_count
from rnnviz.readers.low_rank import low_rank_deltas
from rnnviz.readers.mapping import mapping_needed, named_module, renamed_around
from rnnviz.readers.names import gate_modules
from rnnviz.readers.not_recurrent import not_recurrent
from rnnviz.readers.recurrent import RecurrentModule
from rnnviz.readers.result import Answers, ImportResult
from rnnviz.readers.settings import HyperParameters
from rnnviz.readers.stated import with_contradictions, with_settings
from rnnviz.readers.torch.inside import with_parameters_inside
from rnnviz.readers.torch.names import torch_modules
from rnnviz.readers.torch.weight_norm import merge_parametrisations

# What torch.compile, FSDP, activation checkpointing and DeepSpeed put between the parts of a name.
_WRAPPERS = (
    *("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "_forward_module"),
)

# What an object-based checkpoint of TensorFlow 2 puts behind every name.
_TENSORFLOW_2 = "/.ATTRIBUTES/VARIABLE_VALUE"


def import_arrays(
    arrays: Mapping[str, Array],
    answers: Answers,
    *,
    source: str,
    names: Mapping[str, str] = {},
    settings: Iterable[HyperParameters] = (),
) -> tuple[ImportResult, ...]:
    """Every recurrent stack among the arrays, in their order.

    answers  to the questions of an earlier call: "stack", "cell", "activation", "embedding",
             "readout", "readout_activation"; and nan="zero" to read NaN and infinity as 0.
    source   where the arrays come from, in words.
    names    what arrays are whose names do not tell, {"W_f": "forget.x"}; see `parse_slot`. The
             recurrent layers are then made of these alone.
    settings  that the file gives beside its arrays: what they say is evidence.

    Raises ModelError naming the array that is missing, does not fit or is not finite, and for an
    answer that is no option; MappingNeeded where no name tells a recurrent layer.

    >>> import numpy as np
    >>> arrays = {"weight_ih_l0": np.ones((384, 8)), "weight_hh_l0": np.ones((384, 96))}
    >>> [(result.model.layers[0].title, result.model.n_outputs)
    ...  for result in import_arrays(arrays, {}, source="a file")]
    [('lstm layer 0 forward', 96)]
    """
    bare = _bare_names(arrays)
    whole = merge_parametrisations({bare[name]: array for name, array in arrays.items()})
    names = {bare.get(name, name): slot for name, slot in names.items()}
    modules = _modules(whole, answers, names)
    if not names and (error := low_rank_deltas(_shapes(whole), modules, source)):
        raise error
    if not modules and (error := not_recurrent(_shapes(whole), source)):
        raise error
    if not modules and whole:
        raise mapping_needed(whole, source)
    if not modules:
        raise ModelError(
            "“{source}” should hold a recurrent layer, but it has no arrays of numbers;"
            " check that it is the whole model.",
            source=shown(source, 80),
        )
    if names:
        whole = renamed_around(whole, names, modules[0])
    around = _surroundings(whole, modules)
    n_layers = sum(len(module.directions) for module in modules)
    check_module_count(n_layers, len(around.shapes), source)
    if not names:
        inside = (with_parameters_inside(each, around, whole, answers) for each in modules)
        modules = with_directions(inside, answers)
        around = _surroundings(whole, modules)
    modules, settings = tuple(modules), tuple(settings)
    stacks = stack_modules(with_settings(modules, settings), around, answers)
    stacks = with_contradictions(stacks, settings, answers, source)
    matrices = matrices_in(whole, around.shapes)
    # What the user left unnamed is left out.
    every = ArraysAround(whole, matrices, stacks, around if not names else None)
    return tuple(import_stack(stack, every, answers, source) for stack in stacks)


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
    return without_copies((*known, *convention_modules(arrays, taken, answers)))


def _surroundings(arrays: Mapping[str, Array], modules: Iterable[RecurrentModule]) -> Surroundings:
    return Surroundings(_shapes(arrays), modules)


def _shapes(arrays: Mapping[str, Array]) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in arrays.items()}


def _bare_names(names: Iterable[str]) -> dict[str, str]:
    """Names without what wrappers put into them, by the names in the file."""
    bare = {name: name.removesuffix(_TENSORFLOW_2) for name in names}
    bare = {
        y: ".".join(p for p in name.split(".") if p not in _WRAPPERS) for y, name in bare.items()
    }
    # DataParallel's prefix is a name like any other where not all have it.
    while bare and all(name.startswith("module.") for name in bare.values()):
        bare = {name: short.removeprefix("module.") for name, short in bare.items()}
    return bare if len(set(bare.values())) == len(bare) else {name: name for name in bare}
