"""What a model that predicts the next token may write, and how it reads its own token."""

from __future__ import annotations

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.engine.wanted import check_model
from rnnviz.errors import ModelError
from rnnviz.inputs.tokenise import TOKENISERS
from rnnviz.network.model import Model


def predicts_next(model: Model) -> bool:
    """True where a model may write: an output for each token, and no layer from the end.

    >>> from rnnviz.train import preset
    >>> predicts_next(preset("next_character_lstm").model())
    True
    >>> predicts_next(preset("languages_gru").model())
    False
    """
    return _refusal(model) is None


def _refusal(model: Model) -> ModelError | None:
    """Error for a model that cannot write on; None for one that can."""
    readout, tokens = model.readout, model.vocabulary
    if any(layer.direction == "backward" for layer in model.layers):
        return ModelError(
            "A layer of this model reads from the end, so it cannot write on: what it would read is"
            " not written yet."
        )
    if readout is None or readout.activation != "softmax":
        return ModelError(
            "A model writes on with a softmax readout over its tokens, but this one has none."
        )
    if tokens is None:
        return ModelError(
            "A model writes on in the tokens of its vocabulary, which is not known here; give it"
            " one with model.with_vocabulary([…])."
        )
    has_other_names = readout.is_named and set(readout.names) != set(tokens)
    if len(readout.names) != len(tokens) or has_other_names:
        return ModelError(
            "A model writes on where each output is the token to come, but its {outputs} outputs"
            " are not its {tokens} tokens.",
            outputs=len(readout.names),
            tokens=len(tokens),
        )
    return None


def next_tokens(model: Model) -> tuple[str, ...]:
    """The token of each output. Raises ModelError where the outputs are no tokens."""
    check_model(model)
    if refusal := _refusal(model):
        raise refusal
    assert model.readout is not None
    assert model.vocabulary is not None
    return model.readout.names if model.readout.is_named else model.vocabulary


def pieces_of_text(tokens: tuple[str, ...], kind: str) -> Array:
    """Mask (output,), True for a token that a text is read back as. Raises ModelError for none."""
    pieces = np.array([_is_piece(token, kind) for token in tokens])
    if not pieces.any():
        raise ModelError("None of the model's tokens is a piece of a text, so it cannot write.")
    return pieces


def _is_piece(token: str, kind: str) -> bool:
    before = "a" if kind == "characters" else "a "
    return list(TOKENISERS[kind](before + token)) == ["a", token]


def input_of(model: Model, output: int) -> Array:
    """Input of the first level for the token of an output, (input,)."""
    assert model.vocabulary is not None
    assert model.readout is not None
    readout = model.readout
    row = model.vocabulary.index(readout.names[output]) if readout.is_named else output
    if model.embedding is not None:
        values: Array = model.embedding[row]
        return values
    one_hot = np.zeros(model.n_inputs)
    one_hot[row] = 1
    return one_hot
