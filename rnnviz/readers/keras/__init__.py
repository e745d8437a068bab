"""Keras model files ▶ recurrent stacks, from the files themselves: Keras is not loaded.

Formats: `.keras` (keras.src.saving.saving_lib), whole-model `.h5` and `.weights.h5` of Keras 2
(keras.src.legacy.saving.legacy_h5_format), `.weights.h5` of Keras 3.
"""

from __future__ import annotations

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.keras.build import found
from rnnviz.readers.keras.file import read_keras_file
from rnnviz.readers.keras.graph import keras_nodes
from rnnviz.readers.keras.stacks import stacks_of
from rnnviz.readers.keras.weights_only import guessed
from rnnviz.readers.result import Answers, ImportQuestion, ImportResult, Source

__all__ = ["read"]


def read(source: Source, answers: Answers) -> tuple[ImportResult, ...]:
    """Every recurrent stack of a Keras file; nothing in it is run.

    answers  what a file of weights alone does not say: "order", "cell", "activation",
             "recurrent_activation", "readout_activation".

    Raises ModelError for a damaged or hostile file and for one without recurrent layers;
    MissingLibraryError without h5py.

    >>> read(Source("model.keras", b"PK"), {})
    Traceback (most recent call last):
    rnnviz.errors.ModelError: “model.keras” should be a complete ZIP archive, but it is damaged or \
cut off; copy or save it again.
    """
    saved = read_keras_file(source)
    questions: tuple[ImportQuestion, ...] = ()
    if saved.config is None:
        nodes, questions = guessed(saved, answers)
    else:
        nodes = keras_nodes(saved.config)
    stacks = stacks_of(nodes, saved)
    if not stacks:
        raise ModelError(
            "“{name}” should hold an RNN, LSTM or GRU layer of Keras, but it holds {came}; choose a"
            " file with a recurrent network.",
            name=shown(source.name),
            came=shown(", ".join(dict.fromkeys(n.kind for n in nodes.values())) or "none", 120),
        )
    return tuple(found(stack, nodes, saved, answers, questions, stacks) for stack in stacks)
