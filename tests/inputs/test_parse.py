import pickle
import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError
from rnnviz.inputs.parse import MAX_CHARACTERS, parse

PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1)


def test_characters_become_one_hot_steps() -> None:
    sequence = parse("abca")
    assert sequence.tokens == (("a", "b", "c", "a"),)
    assert sequence.features == ("a", "b", "c")
    assert sequence.encoding == "one_hot"
    assert sequence.values[:, 0].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]


def test_words_of_a_batch_are_padded_with_zeros() -> None:
    sequence = parse(["one two three", "two"], "words")
    assert sequence.lengths == (3, 1)
    assert sequence.tokens == (("one", "two", "three"), ("two",))
    assert sequence.values[:, 1].tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_numbers_carry_the_typed_numbers_as_tokens() -> None:
    sequence = parse("1, 2.50 -3e2", "numbers")
    assert sequence.tokens == (("1", "2.50", "-3e2"),)
    assert sequence.values.ravel().tolist() == [1, 2.5, -300]
    assert sequence.encoding == "values"


def test_steps_of_several_numbers_are_numbered() -> None:
    sequence = parse("1 2; 3 4", "numbers")
    assert sequence.tokens == (("1", "2"),)
    assert sequence.features == ("x0", "x1")


def test_numbers_of_a_batch_are_padded_with_zeros() -> None:
    sequence = parse(["1 2 3", "4"], "numbers")
    assert sequence.values[..., 0].tolist() == [[1, 4], [2, 0], [3, 0]]
    assert sequence.lengths == (3, 1)


def test_an_embedding_has_numbered_features() -> None:
    sequence = parse("hello", encoding="embedding", size=3, seed=1)
    assert sequence.features == ("e0", "e1", "e2")
    assert sequence.encoding == "embedding"
    np.testing.assert_array_equal(sequence.values[2], sequence.values[3])


def test_a_given_vocabulary_orders_the_features() -> None:
    assert parse("ba", vocabulary="abc").values[:, 0].tolist() == [[0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize(
    ("text", "kind"), [("世", "characters"), ("word", "words"), ("7", "numbers")]
)
def test_one_token_is_one_step(text: str, kind: str) -> None:
    assert parse(text, kind).values.shape == (1, 1, 1)  # type: ignore[arg-type]


def test_white_space_is_characters_but_no_words() -> None:
    assert parse(" \t\n").tokens == ((" ", "\t", "\n"),)
    with pytest.raises(InputError, match="empty or blank"):
        parse(" \t\n", "words")


@pytest.mark.parametrize("kind", ["characters", "words", "numbers"])
def test_an_empty_text_is_refused(kind: str) -> None:
    with pytest.raises(InputError, match=r"text is empty or blank|text holds none"):
        parse("", kind)  # type: ignore[arg-type]


REFUSED = [
    ({"text": []}, "the list is empty"),
    ({"text": ["a", 3]}, "a int came"),
    ({"text": "a\x00b"}, "position 2 holds the control character U[+]0000"),
    ({"text": "ab\x1b[31m"}, "position 3 holds the control character U[+]001B"),
    ({"text": "a\x85"}, "U[+]0085"),
    ({"text": "a\ud83d"}, "position 2 holds U[+]D83D, one half of a character"),
    ({"text": "abz", "vocabulary": "ab"}, "“z” is not"),
    ({"text": "abz", "vocabulary": "ab", "encoding": "embedding"}, "“z” is not"),
    ({"text": "a", "kind": "letters"}, "kind should be one of characters, words, numbers"),
    ({"text": "a", "encoding": "bag"}, "encoding should be one of one_hot, embedding"),
    ({"text": "a", "encoding": "embedding", "size": 0}, "1 to 4096 numbers, but 0"),
    ({"text": "abcdef", "max_steps": 5}, "At most 5 steps .* 6 came"),
    ({"text": "a b c", "kind": "words", "max_steps": 2}, "At most 2 steps .* 3 came"),
    ({"text": "1 2 3", "kind": "numbers", "max_steps": 2}, "At most 2 steps .* 3 came"),
    ({"text": ["1 2; 3 4", "5"], "kind": "numbers"}, "these have 1, 2"),
    ({"text": "a" * (MAX_CHARACTERS + 1)}, "10000000 characters long"),
    ({"text": "".join(map(chr, range(0x4E00, 0x6E00)))}, "choose an embedding"),
]


@pytest.mark.parametrize(("given", "sentence"), REFUSED)
def test_what_cannot_be_parsed_is_refused_by_one_sentence(
    given: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence) as refusal:
        parse(**given)  # type: ignore[arg-type]
    assert len(str(refusal.value)) < 250


@given(st.lists(PRINTABLE, min_size=1, max_size=4))
def test_any_printable_texts_give_a_row_each(texts: list[str]) -> None:
    sequence = parse(texts)
    assert ["".join(row) for row in sequence.tokens] == texts
    real = np.arange(sequence.n_steps)[:, None] < np.array([len(row) for row in sequence.tokens])
    np.testing.assert_array_equal(sequence.values.sum(axis=2), real)


@given(st.text(), st.sampled_from(["characters", "words", "numbers"]))
def test_any_text_gives_a_sequence_or_one_sentence(text: str, kind: str) -> None:
    with suppress(InputError):
        assert isinstance(parse(text, kind), Sequence)  # type: ignore[arg-type]


def test_a_megabyte_in_one_word_is_one_step() -> None:
    assert parse("a" * 1_000_000, "words").values.shape == (1, 1, 1)


def test_a_parsed_sequence_survives_pickling_read_only() -> None:
    copy = pickle.loads(pickle.dumps(parse("hello")))
    assert not copy.values.flags.writeable


def test_importing_the_room_imports_no_table_library() -> None:
    code = (
        "import sys, rnnviz.inputs.read, rnnviz.inputs.samples;"
        "print({'pandas', 'pyarrow', 'torch'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
