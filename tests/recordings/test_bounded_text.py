"""Long texts tokenised apart: the same as here, and little of it in the process that asks."""

import time

import numpy as np
import pytest

from rnnviz.errors import InputError
from rnnviz.recordings.bounded_text import long_text_bounded
from rnnviz.recordings.token_ids import long_text

# Letters, ideographs, letters with marks, flags and a Windows line break.
MIXED = "the cat 床前 cafe\u0301 🇨🇳🇫🇷 naïve\r\n"
N_MIXED = 24


def test_a_long_text_is_read_apart_as_it_is_here() -> None:
    text = MIXED * 4_000
    here = long_text(text, "words", encoding="embedding", size=5)
    apart = long_text_bounded("a.txt", text, "words", encoding="embedding", size=5)
    assert apart.tokens == here.tokens
    assert apart.features == here.features
    assert np.array_equal(apart.ids, here.ids)
    assert np.array_equal(apart.values(0, 9), here.values(0, 9))


@pytest.mark.parametrize("text", [MIXED * 4_000, "né 世界 b" * 12_000, "ab c" * 20_000])
def test_the_tokens_of_a_long_text_give_it_back(text: str) -> None:
    read = long_text_bounded("a.txt", text, "characters")
    assert "".join(read.tokens[i] for i in read.ids) == text
    assert read.features == tuple(dict.fromkeys(read.tokens))
    assert read.tokens[0] == text[0]
    assert len(read.tokens) <= N_MIXED


def test_a_token_outside_the_vocabulary_is_named_from_there() -> None:
    with pytest.raises(InputError, match="“b” is not"):
        long_text_bounded("a.txt", "ab" * 50_000, "characters", vocabulary=("a",))


@pytest.mark.parametrize("kind", ["characters", "words"])
def test_millions_of_characters_take_little_of_the_process_that_asks(kind: str) -> None:
    text = "the quick brown fox, " * 450_000
    start = time.process_time()
    read = long_text_bounded("a.txt", text, kind)  # type: ignore[arg-type]
    assert time.process_time() - start < 0.6
    assert read.n_steps == {"characters": len(text), "words": 5 * 450_000}[kind]


def test_a_million_different_words_with_vectors_end_in_a_sentence() -> None:
    text = " ".join(map(str, range(1_300_000)))
    start = time.process_time()
    with pytest.raises(InputError, match=r"“many\.txt” takes longer to read"):
        long_text_bounded("many.txt", text, "words", encoding="embedding")
    assert time.process_time() - start < 0.6
