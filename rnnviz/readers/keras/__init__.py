"""Keras model files ▶ recurrent stacks, from the files themselves: Keras is not loaded.

Formats: `.keras` (keras.src.saving.saving_lib), whole-model `.h5` and `.weights.h5` of Keras 2
(keras.src.legacy.saving.legacy_h5_format), `.weights.h5` of Keras 3.
"""

from __future__ import annotations

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.keras.build import recurrent_stack
from rnnviz.readers.keras.file import read_keras_file
from rnnviz.readers.keras.graph import keras_nodes
from rnnviz.readers.keras.refusals import no_layers
from rnnviz.readers.keras.stacks import keras_stacks
from rnnviz.readers.keras.unpacked import packed_again
from rnnviz.readers.keras.weights_only import likely_layers
from rnnviz.readers.report import import_result
from rnnviz.readers.result import Answers, ImportResult, Source

__all__ = ["import_keras"]
_MAX_STACKS = 50


def import_keras(source: Source, answers: Answers) -> tuple[ImportResult, ...]:
    """Every recurrent stack of a Keras file; nothing in it is run.

    answers  what a file of weights alone does not say: "stack", "order", "cell", "activation",
             "recurrent_activation", "go_backwards", "embedding", "readout", "readout_activation".

    Raises ModelError for a damaged or hostile file and for one without recurrent layers;
    MissingLibraryError without h5py.

    >>> import_keras(Source("model.keras", b"PK"), {})
    Traceback (most recent call last):
    rnnviz.errors.ModelError: “model.keras” should be a complete ZIP archive, but it is damaged or \
cut off; copy or save it again.
    """
    packed = packed_again(source)
    if packed is None:
        return _imported(source, answers)
    try:
        return _imported(packed, answers)
    # The configuration may be another model's.
    except ModelError:
        return _imported(source, answers)


def _imported(source: Source, answers: Answers) -> tuple[ImportResult, ...]:
    file = read_keras_file(source)
    likely = likely_layers(file, answers) if file.config is None else None
    nodes = keras_nodes(file.config or {}) if likely is None else likely.nodes
    stacks = keras_stacks(nodes, file)
    if not stacks:
        raise no_layers(source, nodes)
    if len(stacks) > _MAX_STACKS:
        raise ModelError(
            "A Keras file may hold {bound} recurrent stacks, but “{name}” holds {came}; save a"
            " model of some of its layers.",
            name=shown(source.name),
            bound=_MAX_STACKS,
            came=len(stacks),
        )
    names = [stack.name if len(stacks) > 1 else "" for stack in stacks]
    return tuple(
        import_result(recurrent_stack(stack, name, nodes, file, answers, likely))
        for stack, name in zip(stacks, names, strict=True)
    )
