"""g2p-en, measured by its own arithmetic, by torch.nn.GRU and by how words are said."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence
from rnnviz.pretrained import g2p_en
from tests.pretrained import published

LETTERS = st.text("abcdefghijklmnopqrstuvwxyz'-", min_size=1, max_size=30)
SAID = {
    "hello": "HH EH1 L OW0",
    "python": "P AY1 TH AH0 N",
    "memory": "M EH1 M ER0 IY0",
    "gradient": "G R EY1 D IY0 AH0 N T",
}


def double(sequence: Sequence) -> Sequence:
    return replace(sequence, values=sequence.values.astype(np.float64))


def test_the_symbols_are_the_packages() -> None:
    assert list(g2p_en.GRAPHEMES) == published.g2p_en().graphemes
    assert list(g2p_en.PHONEMES) == published.g2p_en().phonemes


@pytest.mark.parametrize(("word", "said"), SAID.items())
def test_a_word_is_said_as_it_sounds(word: str, said: str) -> None:
    assert " ".join(g2p_en.pronounce_word(word).sounds) == said


@given(LETTERS.filter(lambda word: word.strip("'-")))
@settings(max_examples=25)
def test_any_word_is_said_as_the_package_says_it(word: str) -> None:
    assert list(g2p_en.pronounce_word(word).sounds) == published.g2p_en().predict(word)


def test_a_word_that_does_not_end_has_twenty_phonemes_as_in_the_package() -> None:
    word = "xcvkprdlnktugrpoqibzracxmwzvua"
    reading = g2p_en.pronounce_word(word)
    assert len(reading.sounds) == 20
    assert list(reading.sounds) == published.g2p_en().predict(word)
    outputs = rv.trace(
        reading.network("decoder").model, reading.network("decoder").sequence
    ).outputs
    assert [g2p_en.PHONEMES[i] for i in outputs[:, 0].argmax(axis=1)] == list(reading.sounds)


def stepped(name: str, values: Array, hidden: Array) -> Array:
    """The package's cell over (time, 1, feature) in float64."""
    network = published.g2p_en()
    keys = ("w_ih", "w_hh", "b_ih", "b_hh")
    weights = [getattr(network, f"{name}_{key}").astype(np.float64) for key in keys]
    seen = []
    for x in values:
        hidden = network.grucell(x, hidden, *weights)
        seen.append(hidden)
    return np.stack(seen)


def test_both_networks_compute_the_packages_hidden_states() -> None:
    reading = g2p_en.pronounce_word("recurrent")
    for name, start in (("encoder", np.zeros((1, 256))), ("decoder", None)):
        part = reading.network(name)
        if start is None:
            start = np.asarray(part.model.layers[0].initial["hidden"])[None].astype(np.float64)
        values = part.sequence.values.astype(np.float64)
        trace = rv.trace(published.double(part.model), double(part.sequence))
        wanted = stepped(name[:3], values, start)
        np.testing.assert_allclose(trace["hidden"], wanted, rtol=0, atol=1e-12)
        single = rv.trace(part.model, part.sequence)["hidden"]
        # n·u bounds the error of a sum of n products, in whatever order (Higham 2002, §3.1).
        bound = wanted.shape[2] * np.finfo(np.float32).eps / 2
        np.testing.assert_allclose(single, wanted, rtol=0, atol=bound)


def test_the_encoder_is_torch_gru_with_these_weights() -> None:
    part = g2p_en.pronounce_word("unequal").network("encoder")
    network, torch_gru = published.g2p_en(), torch.nn.GRU(256, 256, dtype=torch.float64)
    with torch.no_grad():
        for key in ("w_ih", "w_hh", "b_ih", "b_hh"):
            name = {"w": "weight", "b": "bias"}[key[0]] + key[1:] + "_l0"
            getattr(torch_gru, name).copy_(torch.tensor(getattr(network, f"enc_{key}")))
        wanted, _ = torch_gru(torch.tensor(part.sequence.values.astype(np.float64)))
    got = rv.trace(published.double(part.model), double(part.sequence))["hidden"]
    np.testing.assert_allclose(got, wanted.numpy(), rtol=0, atol=1e-12)


def test_the_parts_can_be_traced_and_say_the_word_again() -> None:
    reading = g2p_en.pronounce_word("hello")
    encoder, decoder = reading.networks
    assert encoder.sequence.tokens == (("h", "e", "l", "l", "o", "</s>"),)
    assert decoder.sequence.tokens == (("<s>", "HH", "EH1", "L", "OW0"),)
    last = rv.trace(encoder.model, encoder.sequence).layers[0].final["hidden"][0]
    np.testing.assert_array_equal(decoder.model.layers[0].initial["hidden"], last)
    trace = rv.trace(decoder.model, decoder.sequence)
    said = [trace.output_names[i] for i in trace.outputs[:, 0].argmax(axis=1)]
    assert said == [*reading.sounds, "</s>"]
    assert np.isclose(trace.outputs.sum(axis=2), 1).all()


def test_a_typed_text_goes_through_the_embedding_too() -> None:
    model = g2p_en.models()["encoder"]
    part = g2p_en.pronounce_word("hello").network("encoder")
    typed, read = rv.trace(model, rv.parse("hello")), rv.trace(model, part.sequence)
    np.testing.assert_allclose(typed["hidden"], read["hidden"][:5], rtol=0, atol=1e-6)


@pytest.mark.parametrize("word", ["Hello", " hello\n", "héllo", "ｈｅｌｌｏ"])
def test_case_accents_and_width_do_not_matter(word: str) -> None:
    assert g2p_en.pronounce_word(word).letters == tuple("hello")


def test_an_apostrophe_is_read_as_unknown() -> None:
    part = g2p_en.pronounce_word("don’t").network("encoder")
    assert part.sequence.tokens[0] == ("d", "o", "n", "'", "t", "</s>")
    table = np.asarray(part.model.embedding)
    np.testing.assert_array_equal(part.sequence.values[3, 0], table[1])


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("", "1 to 30 characters is wanted, but 0 came"),
        (" \n", "1 to 30 characters is wanted, but 0 came"),
        ("x" * 31, "1 to 30 characters is wanted, but 31 came"),
        ("two words", "“two words” came"),
        ("hello重", "“hello重” came"),
        ("gpt4", "“gpt4” came"),
        ("--'", "“--'” came"),
        ("a\ud800", "one half of a character"),
        ("a\x00b", "control character"),
    ],
)
def test_another_text_is_refused_in_one_sentence(word: str, said: str) -> None:
    with pytest.raises(rv.InputError, match=said) as refused:
        g2p_en.pronounce_word(word)
    for example in re.findall("type for example “(.*?)”", str(refused.value)):
        assert g2p_en.pronounce_word(example).sounds


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(word: str) -> None:
    with suppress(rv.InputError):
        assert 1 <= len(g2p_en.pronounce_word(word).letters) <= 30
