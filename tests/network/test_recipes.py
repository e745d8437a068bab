"""What a refusal of a network made by hand tells to do is done, and makes one that runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import rnnviz as rv
from tests.witnesses import assert_close, normal

VALUES = normal(4, 2, 3)
WEIGHTS = {"hidden.x": normal(5, 3), "hidden.h": normal(5, 5, seed=1), "hidden.b": normal(5)}
Make = Callable[[], Any]


def layer(**options: Any) -> rv.Layer:
    given = {"cell_name": "rnn", "direction": "forward", "weights": WEIGHTS}
    return rv.Layer(**given | options)


def above(**options: Any) -> rv.Layer:
    weights = WEIGHTS | {"hidden.x": normal(5, 5, seed=2)}
    return layer(**{"weights": weights, "level": 1} | options)


def by_hand(start: Any = 0.0) -> Any:
    """h = tanh(W x + U h + b)."""
    hidden, rows = np.zeros((2, 5)) + start, []
    for x in VALUES:
        hidden = np.tanh(
            x @ WEIGHTS["hidden.x"].T + hidden @ WEIGHTS["hidden.h"].T + WEIGHTS["hidden.b"]
        )
        rows.append(hidden)
    return np.stack(rows)


def stacked(*layers: rv.Layer) -> rv.Model:
    return rv.Model(list(layers))


# What is to be done, in the words of the sentence; what is refused; what follows them.
RECIPES: dict[str, tuple[Make, Make]] = {
    "Keras kernels are stored transposed": (
        lambda: layer(weights=WEIGHTS | {"hidden.x": WEIGHTS["hidden.x"].T}),
        lambda: stacked(layer()),
    ),
    "choose one of rnn": (lambda: layer(cell_name="elman"), lambda: stacked(layer())),
    'A layer reads "forward" or "backward"': (
        lambda: layer(direction="up"),
        lambda: stacked(layer(direction="forward")),
    ),
    "needs the weights": (
        lambda: layer(weights={"hidden.x": WEIGHTS["hidden.x"]}),
        lambda: stacked(layer()),
    ),
    "give stacked layers the levels 0, 1": (
        lambda: stacked(layer(), above(level=0, weights=WEIGHTS)),
        lambda: stacked(layer(), above()),
    ),
    "at least one layer on every level from 0": (
        lambda: stacked(above()),
        lambda: stacked(layer(), above()),
    ),
    "has activations for hidden, but one for forget came": (
        lambda: layer(activations={"forget": "tanh"}),
        lambda: stacked(layer(activations={"hidden": "tanh"})),
    ),
    "drives are clipped to a positive number": (
        lambda: layer(clip=-1),
        lambda: stacked(layer(clip=1e9)),
    ),
    "for the 2 layers of this model, but hidden is (3,)": (
        lambda: rv.trace(stacked(layer(), above()), VALUES, initial={"hidden": [[1, 2, 3]]}),
        lambda: rv.trace(
            stacked(layer(), above()), VALUES, initial={"hidden": np.zeros((2, 2, 5))}
        ),
    ),
    "for the 2 layers of this model, but hidden is ()": (
        lambda: rv.trace(stacked(layer(), above()), VALUES, initial={"hidden": None}),
        lambda: rv.trace(stacked(layer(), above()), VALUES),
    ),
    "The states of this model are hidden, but an initial one for cell came": (
        lambda: rv.trace(stacked(layer()), VALUES, initial={"cell": np.zeros(5)}),
        lambda: rv.trace(stacked(layer()), VALUES, initial={"hidden": np.zeros(5)}),
    ),
    "a token for each of the 3 inputs": (
        lambda: stacked(layer()).with_vocabulary(["a"]),
        lambda: stacked(layer()).with_vocabulary(["a", "b", "c"]),
    ),
    'A vocabulary is a list of tokens, as ["a", "b"], but int came': (
        lambda: stacked(layer()).with_vocabulary(3),  # type: ignore[arg-type]
        lambda: stacked(layer()).with_vocabulary([1, 2, 3]),  # type: ignore[list-item]
    ),
}


@pytest.mark.parametrize("words", RECIPES)
def test_what_is_made_as_the_refusal_says_runs(words: str) -> None:
    refused, followed = RECIPES[words]
    with pytest.raises(rv.ModelError, match=re.escape(words)):
        refused()
    made = followed()
    traced = made if isinstance(made, rv.Trace) else rv.trace(made, VALUES)
    assert_close(traced.layers[0].signals["hidden"], by_hand())


@pytest.mark.parametrize(
    "cell", ["rnn", "lstm", "gru", "gru_reset_after", "lstm_projected", "mgu", "slstm"]
)
def test_every_weight_that_is_named_as_missing_is_one_that_the_cell_takes(cell: str) -> None:
    with pytest.raises(rv.ModelError) as refused:
        rv.Layer(cell, "forward", {})
    wanted = str(refused.value).partition("the weights ")[2].partition(", but")[0].split(", ")
    made = rv.random_model(cell, n_inputs=3, n_units=4).layers[0]
    assert set(made.weights) == set(wanted)
    assert rv.Layer(cell, "forward", dict(made.weights)).n_inputs == 3


def test_ids_that_the_sentence_bounds_are_read() -> None:
    table = normal(7, 3)
    model = rv.Model([layer()], embedding=table)
    with pytest.raises(rv.RnnvizError, match="whole numbers from 0 to 6"):
        rv.trace(model, np.array([0, 7]))
    traced = rv.trace(model, np.array([0, 6]))
    assert_close(traced.sequence.values[:, 0], table[[0, 6]])
