"""g2pM, measured by its own arithmetic, by torch.nn.LSTM and by how sentences are said."""

from __future__ import annotations

import pickle
import re
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz as rv
from rnnviz.core.arrays import Array
from rnnviz.pretrained import g2pm
from tests.pretrained import published

SENTENCES = (
    "重庆",
    "重要",
    "银行很行",
    "音乐让人快乐",
    "他行走在银行",
    "我爱abc, 重",
    "还书还是还",
)


@pytest.fixture(scope="module")
def package() -> Any:
    return published.g2pm()


def logits(package: Any, sentence: str) -> Array:
    """(polyphone, reading): what the package scores, taken where it takes its largest."""
    seen: list[Array] = []
    score = type(package).fc_layer

    def kept(hidden: Array) -> Array:
        seen.append(score(package, hidden))
        return seen[0]

    package.fc_layer = kept
    try:
        package(sentence)
    finally:
        del package.fc_layer
    return seen[0]


def test_the_tables_are_the_packages(package: Any) -> None:
    network = g2pm.tagger()
    assert dict(network.character_ids) == package.char2idx
    assert {place: name for name, place in network.class_ids.items()} == package.idx2class
    assert {letter: list(each) for letter, each in network.candidates.items()} == package.cedict
    assert [package.char2idx[name] for name in network.model.vocabulary or ()] == [*range(5398)]
    np.testing.assert_array_equal(np.asarray(network.model.embedding), package.embeddings)


@pytest.mark.parametrize(
    ("sentence", "said"),
    [("重庆", "chong2 qing4"), ("重要", "zhong4 yao4"), ("银行很行", "yin2 hang2 hen3 xing2")],
)
def test_a_sentence_is_said_as_it_sounds(sentence: str, said: str) -> None:
    assert " ".join(g2pm.pronounce_sentence(sentence).sounds) == said


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_said_as_the_package_says_it(package: Any, sentence: str) -> None:
    assert list(g2pm.pronounce_sentence(sentence).sounds) == package(sentence, char_split=True)


def choosing() -> st.SearchStrategy[str]:
    """Sentences with at least one character of several readings."""
    spoken = g2pm.tagger().candidates
    several = sorted(letter for letter, each in spoken.items() if len(each) > 1)
    letters = st.sampled_from(sorted(spoken) + several * 10 + list("ab，。"))
    return st.builds("".join, st.tuples(st.sampled_from(several), st.text(letters, max_size=20)))


@given(st.data())
@settings(max_examples=25)
def test_any_sentence_is_scored_as_the_package_scores_it(package: Any, data: st.DataObject) -> None:
    sentence = data.draw(choosing())
    reading, network = g2pm.pronounce_sentence(sentence), g2pm.tagger()
    part = reading.network("tagger")
    scores = network.scores(rv.trace(part.model, part.sequence).outputs[:, 0])
    wanted = logits(package, sentence)
    got = scores[[choice.time for choice in reading.disambiguations]]
    np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-4)
    for choice, row in zip(reading.disambiguations, wanted, strict=True):
        places = [network.class_ids[name] for name in choice.candidates]
        exact = np.exp(row[places]) / np.exp(row[places]).sum()
        np.testing.assert_allclose(choice.probabilities, exact, rtol=0, atol=1e-4)
        free = package.idx2class[int(row.argmax())]
        assert free in (choice.chosen, *set(network.class_ids) - set(choice.candidates))


def test_the_whole_network_is_the_packages_in_float64(package: Any) -> None:
    part = g2pm.pronounce_sentence("重要的银行很行").network("tagger")
    exact = {k: v.astype(np.float64) for k, v in vars(package).items() if isinstance(v, np.ndarray)}
    wide = object.__new__(type(package))
    vars(wide).update(vars(package) | exact)
    network = g2pm.tagger()
    dense = {name: array.astype(np.float64) for name, array in network.output_layers.items()}
    sequence = replace(part.sequence, values=part.sequence.values.astype(np.float64))
    trace = rv.trace(published.double(part.model), sequence)
    got = replace(network, output_layers=dense).scores(trace.outputs[:, 0])
    times = [choice.time for choice in g2pm.pronounce_sentence("重要的银行很行").disambiguations]
    np.testing.assert_allclose(got[times], logits(wide, "重要的银行很行"), rtol=0, atol=1e-12)


def test_both_directions_are_torch_lstm_with_these_weights() -> None:
    part = g2pm.pronounce_sentence("长大了很长").network("tagger")
    arrays = pickle.loads(published.located("g2pM", "g2pM/np_ckpt.pkl").read_bytes())
    lstm = torch.nn.LSTM(64, 32, bidirectional=True, dtype=torch.float64)
    named = {k[5:]: torch.tensor(v) for k, v in arrays.items() if k.startswith("lstm.")}
    lstm.load_state_dict(named)
    values = part.sequence.values.astype(np.float64)
    with torch.no_grad():
        wanted, _ = lstm(torch.tensor(values))
    sequence = replace(part.sequence, values=values)
    got = rv.trace(published.double(part.model), sequence).outputs
    np.testing.assert_allclose(got, wanted.numpy(), rtol=0, atol=1e-12)


def test_the_sequence_begins_and_ends_as_in_the_package() -> None:
    part = g2pm.pronounce_sentence("重 慶").network("tagger")
    assert part.sequence.tokens == (("<s>", "重", " ", "慶", "</s>"),)
    network = g2pm.tagger()
    rows = [network.character_ids[name] for name in ("시", "重", " ", "<UNK>", "끝")]
    np.testing.assert_array_equal(
        part.sequence.values[:, 0], np.asarray(network.model.embedding)[rows]
    )


def test_a_character_without_a_reading_stands_for_itself() -> None:
    assert g2pm.pronounce_sentence("慶a重要\n!").sounds == ("慶", "a", "zhong4", "yao4", " ", "!")


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("", "1 to 30 characters is wanted, but 0 came"),
        ("重" * 31, "1 to 30 characters is wanted, but 31 came"),
        ("hello", "“hello” has none that can be read"),
        ("ABPQT%", "“ABPQT%” has none that can be read"),
        ("慶", "“慶” has none that can be read"),
        ("重\ud800", "one half of a character"),
    ],
)
def test_another_text_is_refused_in_one_sentence(sentence: str, said: str) -> None:
    with pytest.raises(rv.InputError, match=said) as refused:
        g2pm.pronounce_sentence(sentence)
    for example in re.findall("type for example “(.*?)”", str(refused.value)):
        assert g2pm.pronounce_sentence(example).sounds


@given(st.text(max_size=35))
def test_any_text_is_read_or_refused(sentence: str) -> None:
    with suppress(rv.InputError):
        reading = g2pm.pronounce_sentence(sentence)
        assert 1 <= len(reading.sounds) == len(reading.letters) <= 30
