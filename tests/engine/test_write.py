"""A model that writes on: its states are carried exactly, and it draws by its probabilities."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from time import perf_counter
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.engine.next_token import predicts_next
from rnnviz.interventions.types import Intervention
from rnnviz.network.model import Readout
from rnnviz.train import preset
from rnnviz.train.presets import presets
from tests.odd_values import odd, refusal
from tests.witnesses import assert_close, normal

LETTERS = ("<unk>", "a", "b", "c", " ")


def writer(cell: str = "lstm", tokens: tuple[str, ...] = LETTERS, **options: Any) -> rv.Model:
    """A float64 network of random weights that predicts the next of these tokens."""
    size = len(tokens)
    options = {"n_layers": 2, "seed": 4, "gain": 3} | options
    model = rv.random_model(cell, size, 5, n_outputs=size, dtype=np.float64, **options)
    assert model.readout is not None
    readout = replace(model.readout, names=tokens, weights=model.readout.weights * 3)
    return replace(model, readout=readout, vocabulary=tokens)


def doubled(name: str) -> rv.Model:
    """A model trained here with its weights in float64."""
    model = preset(name).model()
    assert model.readout is not None
    layers = tuple(
        replace(y, weights={n: w.astype(np.float64) for n, w in y.weights.items()})
        for y in model.layers
    )
    readout = Readout(
        model.readout.weights.astype(np.float64), model.readout.bias, model.readout.names
    )
    return replace(model, layers=layers, readout=readout)


def given(model: rv.Model, written: Any, held: tuple[Intervention, ...] = ()) -> np.ndarray:
    """What a trace of the whole text gives to each token that was written."""
    trace = rv.trace(model, rv.parse(written.whole), intervene=held)
    assert model.vocabulary is not None
    first = len(rv.parse(written.prompt).tokens[0]) - 1
    outputs = [model.vocabulary.index(token) for token in written.tokens]
    return np.array([trace.outputs[first + i, 0, output] for i, output in enumerate(outputs)])


@pytest.mark.parametrize("cell", rv.CELLS)
def test_a_trace_of_the_whole_text_gives_each_token_the_same_probability(cell: str) -> None:
    model = writer(cell)
    written = rv.write(model, "ab c", 25, seed=3)
    assert_close(written.probabilities, given(model, written))
    assert len(set(written.tokens)) > 1


@pytest.mark.parametrize("temperature", [0, 0.5, 1.5])
@pytest.mark.parametrize("name", ["next_character_lstm", "next_character_gru"])
def test_a_trained_model_writes_what_its_trace_expects(name: str, temperature: float) -> None:
    model = doubled(name)
    written = rv.write(model, "Alice was ", 80, temperature=temperature)
    assert_close(written.probabilities, given(model, written))


HELD: list[tuple[Intervention, ...]] = [
    (rv.Clamp("forget", 0.1),),
    (rv.Silence(2, layer=1, start=6),),
    (rv.SetState("cell", 1.5, step=7, units=1),),
    (rv.ChangeWeight("forget.b", (2,), 3.0),),
]


@pytest.mark.parametrize("held", HELD)
def test_what_is_done_to_the_network_acts_on_what_it_writes(held: tuple[Intervention, ...]) -> None:
    model = writer(seed=8)
    written = rv.write(model, "ab c", 40, intervene=held)
    assert_close(written.probabilities, given(model, written, held))
    free = rv.write(model, "ab c", 40)
    assert not np.array_equal(written.probabilities, free.probabilities)


def test_greedy_writing_takes_the_most_probable_token_as_torch_sees_it() -> None:
    model = doubled("next_character_lstm")
    layer, readout = model.layers[0], model.readout
    assert readout is not None
    assert model.vocabulary is not None
    gates = ("input", "forget", "candidate", "output")
    module = torch.nn.LSTM(layer.n_inputs, layer.n_units, dtype=torch.float64)
    named = {"weight_ih_l0": "x", "weight_hh_l0": "h", "bias_ih_l0": "b", "bias_hh_l0": "bh"}
    zeros = np.zeros(layer.n_units)
    with torch.no_grad():
        for name, role in named.items():
            parts = [layer.weights.get(f"{gate}.{role}", zeros) for gate in gates]
            getattr(module, name).copy_(torch.tensor(np.concatenate(parts)))
        said, state = list("The Queen "), None
        for place in range(len(said) + 30):
            x = torch.zeros(1, 1, layer.n_inputs, dtype=torch.float64)
            x[0, 0, model.vocabulary.index(said[place])] = 1
            out, state = module(x, state)
            if place >= 9:
                scores = readout.weights @ out[0, 0].numpy() + readout.bias
                said.append(model.vocabulary[int(scores.argmax())])
    assert rv.write(model, "The Queen ", 30, temperature=0).whole == "".join(said[:40])


def test_equal_seeds_write_equal_texts_and_others_do_not() -> None:
    model = preset("next_character_gru").model()
    one, same, other = (rv.write(model, "Alice ", 60, seed=seed).text for seed in (1, 1, 2))
    assert one == same != other


def test_tokens_come_as_often_as_the_temperature_says() -> None:
    model = writer(n_layers=1)
    assert model.vocabulary is not None
    outputs = rv.trace(model, rv.parse("ab")).outputs[-1, 0]
    wanted = np.where(np.array(model.vocabulary) == "<unk>", 0, outputs ** (1 / 0.7))
    wanted = wanted / wanted.sum()
    drawn = [rv.write(model, "ab", 1, temperature=0.7, seed=seed).text for seed in range(2_000)]
    shares = np.array([drawn.count(token) / len(drawn) for token in model.vocabulary])
    # Four standard deviations of a share of 2,000 draws.
    assert np.abs(shares - wanted).max() < 4 * np.sqrt(0.25 / 2_000)
    assert "<unk>" not in drawn


def test_a_temperature_near_nothing_is_greedy_and_a_high_one_is_even() -> None:
    model = writer()
    assert (
        rv.write(model, "ab", 30, temperature=1e-300).text
        == rv.write(model, "ab", 30, temperature=0).text
    )
    drawn = rv.write(model, "ab", 2_000, temperature=1e9).tokens
    assert min(drawn.count(token) for token in "abc ") > 400


def test_words_are_written_with_spaces_and_an_embedding_is_read() -> None:
    tokens = ("the", "cat", "sat", "mat", ".", "<pad>")
    size = len(tokens)
    model = rv.random_model("gru", 3, 5, n_outputs=size, seed=2, dtype=np.float64)
    model = replace(model, embedding=normal(size, 3), vocabulary=tokens)
    written = rv.write(model, "the cat", 12)
    assert written.whole.split() == ["the", "cat", *written.tokens]
    trace = rv.trace(model, rv.parse(written.whole, kind="words"))
    index = [tokens.index(token) for token in written.tokens]
    assert_close(written.probabilities, trace.outputs[1:-1, 0][np.arange(12), index])


def test_outputs_in_another_order_than_the_vocabulary_are_read_by_their_names() -> None:
    model = writer()
    assert model.readout is not None
    turned = Readout(
        model.readout.weights[::-1], model.readout.bias[::-1], model.readout.names[::-1]
    )
    written = rv.write(replace(model, readout=turned), "ab", 20, temperature=0)
    assert written.text == rv.write(model, "ab", 20, temperature=0).text


@pytest.mark.parametrize("name", [one.name for one in presets()])
def test_only_models_of_the_next_symbol_are_said_to_predict_it(name: str) -> None:
    tasks = ("next_character", "counting", "reber")
    assert predicts_next(preset(name).model()) == (preset(name).task in tasks)


def test_a_model_that_cannot_write_says_why() -> None:
    model = writer()
    refused = [
        (writer(direction="both"), "reads from the end"),
        (replace(model, readout=None), "softmax readout"),
        (replace(model, vocabulary=None), "with_vocabulary"),
        (preset("languages_gru").model(), "are not its"),
        (torch.nn.LSTM(2, 3), "from_torch"),
    ]
    for wrong, said in refused:
        with pytest.raises(rv.ModelError, match=said):
            rv.write(wrong, "ab", 3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options",
    [
        {"n": 0},
        {"n": True},
        {"n": 10**9},
        {"temperature": -1},
        {"temperature": float("nan")},
        {"temperature": "warm"},
        {"seed": -1},
        {"seed": 0.5},
        {"text": ""},
        {"intervene": [rv.Clamp("forget", 1, start=99)]},
    ],
)
def test_what_cannot_be_done_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(rv.RnnvizError):
        rv.write(**({"model": writer(), "text": "ab", "n": 3} | options))


def test_a_letter_that_the_model_does_not_know_is_refused_or_read_as_unknown() -> None:
    assert rv.write(writer(), "axb", 3).prompt == "axb"
    with pytest.raises(rv.ModelError, match="x"):
        rv.write(writer(tokens=("a", "b", "c")), "axb", 3)


def test_a_thousand_characters_of_alice_are_written_in_a_second() -> None:
    model = preset("next_character_lstm").model()
    rv.write(model, "A", 2)
    seconds = []
    for _ in range(3):
        start = perf_counter()
        rv.write(model, "Alice ", 1_000)
        seconds.append(perf_counter() - start)
    assert min(seconds) < 1


def test_what_was_written_is_a_table() -> None:
    frame = rv.write(writer(), "ab", 4).to_frame()
    assert list(frame.columns) == ["token", "probability"]
    assert len(frame) == 4


@pytest.mark.parametrize("option", ["n", "temperature", "seed"])
@pytest.mark.parametrize(("sign", "digits"), [(1, 400), (1, 5_000), (-1, 5_000)])
def test_numbers_of_any_length_are_answered_with_a_sentence(
    option: str, sign: int, digits: int
) -> None:
    came = sign * 10**digits
    options: dict[str, Any] = {"n": 2, option: came}
    if option == "seed" and came > 0:
        assert len(rv.write(writer(), "a", **options).tokens) == 2
        return
    with pytest.raises(rv.InputError):
        rv.write(writer(), "a", **options)


def test_a_temperature_may_be_a_fraction() -> None:
    half = rv.write(writer(), "a", 9, temperature=0.5).tokens
    assert rv.write(writer(), "a", 9, temperature=Fraction(1, 2)).tokens == half  # type: ignore[arg-type]


def test_a_prompt_of_a_million_characters_is_refused_before_it_is_read() -> None:
    model = preset("next_character_lstm").model()
    with pytest.raises(rv.InputError, match="At most 100000 steps"):
        rv.write(model, "a" * 1_000_000, 1)


def test_several_texts_are_not_written_on() -> None:
    assert "a list came" in refusal(rv.write, writer(), ["ab", "ba"], 3)


@odd
@pytest.mark.parametrize("argument", ["model", "text", "n", "temperature", "seed"])
def test_an_odd_value_is_refused_in_one_sentence(argument: str, value: Any) -> None:
    refusal(rv.write, **({"model": writer(), "text": "ab", "n": 3} | {argument: value}))


@odd
def test_an_odd_intervention_is_refused_in_one_sentence(value: Any) -> None:
    refusal(rv.write, writer(), "ab", 3, intervene=[value])


@pytest.mark.parametrize("value", [None, 1, np.array(3), rv.Clamp("forget", 1)])
def test_interventions_that_are_no_list_are_told_to_be_put_into_one(value: Any) -> None:
    assert "into brackets" in refusal(rv.write, writer(), "ab", 3, intervene=value)
