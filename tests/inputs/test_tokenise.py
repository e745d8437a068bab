import time

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.inputs import tokenise
from rnnviz.inputs.tokenise import (
    are_code_points,
    is_special,
    iter_characters,
    iter_tokens,
    iter_words,
)

# Counted by hand, as a reader sees them.
COUNTED = [
    ("hello", 5),
    ("床前明月光，", 6),
    ("👩‍👩‍👧", 1),
    ("👍🏽👍🏿", 2),
    ("🇨🇳🇫🇷", 2),
    ("e\u0301a\u0308", 2),
    ("각", 1),
    ("a\r\nb", 3),
    ("a\n\nb", 4),
    ("", 0),
]
# Split by hand.
WORDS = [
    ("The cat sat.", ["The", "cat", "sat", "."]),
    ("don't it’s 'quoted'", ["don't", "it’s", "'", "quoted", "'"]),
    ("well-known", ["well", "-", "known"]),
    ("3.14, 1,000 v2.", ["3.14", ",", "1,000", "v2", "."]),
    ("床前明月光，疑", ["床", "前", "明", "月", "光", "，", "疑"]),
    ("用Python写", ["用", "Python", "写"]),
    ("naïve cafe\u0301", ["naïve", "cafe\u0301"]),
    ("Hi 👩‍👩‍👧!", ["Hi", "👩‍👩‍👧", "!"]),
    ("a\t b\r\nc", ["a", "b", "c"]),
    ("снег 雪", ["снег", "雪"]),
    (" \n\u3000", []),
    ("می\u200cخواهم بروم", ["می\u200cخواهم", "بروم"]),
    ("co\u00adop\u00aderate word\u00ad.", ["co\u00adop\u00aderate", "word\u00ad", "."]),
    ("क्ष\u200dत्र हिन्दी", ["क्ष\u200dत्र", "हिन्दी"]),
    ("ab\u2060cd \ufeffef", ["ab\u2060cd", "\ufeffef"]),
    ("\u200f(abc)\u200e", ["\u200f(", "abc", ")\u200e"]),
    ("heart\ufe0f 1\ufe0f\u20e3 北\ufe00京", ["heart\ufe0f", "1\ufe0f\u20e3", "北\ufe00", "京"]),
    ("3\u00ad.14 3٫5", ["3\u00ad.14", "3٫5"]),
    ("paral·lel צה״ל", ["paral·lel", "צה״ל"]),
    ("a\u200bb", ["a", "b"]),
    ("\u200d", ["\u200d"]),
]


@pytest.mark.parametrize(("text", "count"), COUNTED)
def test_a_character_is_what_a_reader_counts(text: str, count: int) -> None:
    assert len(list(iter_characters(text))) == count


@given(st.text())
def test_joined_characters_give_the_text_back(text: str) -> None:
    assert "".join(iter_characters(text)) == text


# What joins its neighbours: marks, joiners, jamo, an emoji's modifier, an Indic sign, a prefix.
JOINING = "ab\r\n\u200d\u0301\u1100\u1161\u11a8각가👩👍🏽क्षि\u0600\u0903é"


@given(st.text(st.sampled_from(JOINING)).map(lambda text: f"a long run of {text} letters"))
def test_characters_are_the_grapheme_clusters_of_the_standard(text: str) -> None:
    clusters = regex.findall(r"\X", text)
    assert list(iter_characters(text)) == clusters
    assert not are_code_points(text) or clusters == list(text)


@given(st.text(alphabet="ab é世\n"))
def test_characters_without_combining_marks_are_code_points(text: str) -> None:
    assert list(iter_characters(text)) == list(text)


def test_characters_come_one_at_a_time_from_a_text_too_long_to_keep() -> None:
    stream = iter_characters("ab" * 1_000_000)
    assert [next(stream), next(stream), next(stream)] == ["a", "b", "a"]


@pytest.mark.parametrize(("text", "expected"), WORDS)
def test_words_are_split_as_written_by_hand(text: str, expected: list[str]) -> None:
    assert list(iter_words(text)) == expected


@given(st.lists(st.text("abcdefgh", min_size=1)))
def test_plain_words_are_what_the_spaces_separate(plain: list[str]) -> None:
    assert list(iter_words(" ".join(plain))) == plain


@given(st.text(alphabet="ab,.' 北\n"))
def test_only_white_space_is_lost(text: str) -> None:
    assert "".join(iter_words(text)) == "".join(text.split())


def test_words_come_one_at_a_time_from_a_text_too_long_to_keep() -> None:
    stream = iter_words("one two " * 500_000)
    assert [next(stream), next(stream), next(stream)] == ["one", "two", "one"]


FORMATS = ["\u00ad", "\u200c", "\u200d", "\u2060", "\u200e", "\ufe0f", "\u0301"]


@given(st.text("abcdé", min_size=2), st.sampled_from(FORMATS), st.data())
def test_a_format_character_within_a_word_does_not_end_it(
    word: str, mark: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(word)))
    written = word[:place] + mark + word[place:]
    assert list(iter_words(f"x {written} y")) == ["x", written, "y"]


CLUSTERS = [
    "🇨",
    "🇫",
    "\u200d",
    "👩",
    "a",
    "\u0301",
    "각",
    "ᄀ",
    "ᅡ",
    "\u0903",
    "\r",
    "\n",
    "🏽",
    " ",
]


@given(st.lists(st.sampled_from(CLUSTERS)).map("".join))
def test_characters_are_the_extended_grapheme_clusters_of_regex(text: str) -> None:
    assert list(iter_characters(text)) == regex.findall(r"\X", text)


@given(st.lists(st.sampled_from([*CLUSTERS, "क", "्", "\u0600", "b1"])).map("".join))
def test_characters_read_in_blocks_are_those_of_the_whole(text: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tokenise, "_BLOCK", 3)
        assert list(iter_characters(text)) == regex.findall(r"\X", text)


# Marks with each other and words between them, split one by one: the witness.
@given(st.lists(st.sampled_from([*"北京。，!.-", "a", "12", "\u00ad", " ", "\u0301"])).map("".join))
def test_words_read_in_blocks_and_runs_are_those_of_single_signs(text: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tokenise, "_BLOCK", 3)
        patched.setattr(tokenise, "_MAX_KNOWN", 4)
        words = list(iter_words(text))
    assert "".join(words) == "".join(text.split())
    assert all(list(iter_words(word)) == [word] for word in words)
    assert all(len(word.strip("\u00ad\u0301")) < 2 or word[0] in "a1\u00ad\u0301" for word in words)


def test_a_sign_before_a_space_leaves_the_space_out() -> None:
    assert list(iter_words("a\u0600 b")) == ["a\u0600", "b"]


HOSTILE = [
    "🇨",
    "👩\u200d",
    "\u200d",
    "\u00ad",
    "a\u0301",
    "1,",
    "'a",
    "1\u00ad.",
    "\u0600🇨",
    "क्\u200d",
]


@pytest.mark.parametrize("cluster", HOSTILE)
def test_two_hundred_thousand_of_any_mark_take_a_second(cluster: str) -> None:
    for split in (iter_characters, iter_words):
        start = time.process_time()
        assert "".join(split(cluster * 200_000)) == cluster * 200_000
        assert time.process_time() - start < 1


def longest_first(text: str, joined: set[str]) -> list[str]:
    """Longest match, written out: the witness."""
    tokens, place = [], 0
    while place < len(text):
        found = [t for t in joined if text.startswith(t, place)]
        token = max(found, key=len, default=text[place])
        tokens.append(token)
        place += len(token)
    return tokens


@given(st.text("abc<>", max_size=40), st.sets(st.text("abc<>", min_size=2, max_size=4)))
def test_the_longest_token_that_stands_there_is_one(text: str, joined: set[str]) -> None:
    assert list(iter_tokens(text, "characters", joined)) == longest_first(text, joined)


@pytest.mark.parametrize(
    ("text", "kind", "joined", "tokens"),
    [
        ("<pad>Schach", "characters", ["<pad>", "ch", "Sch"], ["<pad>", "Sch", "a", "ch"]),
        ("a<b", "characters", ["<b>"], ["a", "<", "b"]),
        ("<s>the cat</s>", "words", ["<s>", "</s>"], ["<s>", "the", "cat", "</s>"]),
        ("New York, New Yorker", "words", ["New York"], ["New York", ",", "New", "Yorker"]),
        ("on e.g. a", "words", ["e.g."], ["on", "e.g.", "a"]),
        ("<s>", "words", ["<s>"], ["<s>"]),
    ],
)
def test_tokens_of_several_characters_or_words_are_one(
    text: str, kind: str, joined: list[str], tokens: list[str]
) -> None:
    assert list(iter_tokens(text, kind, joined)) == tokens


@given(st.text("ab", max_size=40), st.sets(st.text("ab", min_size=1, max_size=20), min_size=1))
def test_tokens_that_begin_each_other_are_told_apart(text: str, joined: set[str]) -> None:
    assert list(iter_tokens(text, "characters", joined)) == longest_first(text, joined)


@pytest.mark.parametrize("first", ["{tail}{end}", "aa{end}{tail}"])
def test_longest_match_takes_a_time_that_grows_with_the_text(first: str) -> None:
    joined = [first.format(tail="a" * n, end="b" * n) for n in range(1, 31)]
    joined += [first.format(tail="a" * n, end="b" * (n + 1)) for n in range(1, 31)]
    begun = time.process_time()
    assert sum(1 for _ in iter_tokens("a" * 500_000, "characters", joined)) == 500_000
    # Half as long as it took to try the length of every token.
    assert time.process_time() - begun < 1.5


@pytest.mark.parametrize("kind", ["characters", "words"])
@pytest.mark.parametrize(
    "text", ["ab\r\n", "e\u0301", "नमस्ते दुनिया ", "a b ", ".,", "床前，", "👩‍👧👍🏽 "]
)
def test_two_million_characters_take_half_a_second(text: str, kind: str) -> None:
    text *= 2_000_000 // len(text)
    begun = time.process_time()
    assert sum(1 for _ in iter_tokens(text, kind)) > 0
    assert time.process_time() - begun < 1  # room for a slower machine


@pytest.mark.parametrize(
    "token", ["<pad>", "<unk>", "<s>", "</s>", "<|endoftext|>", "[CLS]", "[UNK]", "PAD", ""]
)
def test_a_token_that_stands_for_no_text_is_special(token: str) -> None:
    assert is_special(token)


@pytest.mark.parametrize("token", [" ", "<", ">", "[", "a", "the", "[a]", "<a b>", "ABC", "\n"])
def test_a_piece_of_a_text_is_not_special(token: str) -> None:
    assert not is_special(token)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 4_096, 9_001])
@pytest.mark.parametrize(
    ("tail", "is_joined"),
    [("", True), ("\u0301", True), ("\u200d", True), ("🏽", True), ("🇩", False), ("a", False)],
)
def test_flags_are_a_word_each(count: int, tail: str, is_joined: bool) -> None:
    flags = ["🇩🇪"] * count
    wanted = [*flags[1:], flags[0] + tail] if is_joined else [*flags, tail]
    assert list(iter_words("".join(flags) + tail)) == wanted
    assert list(iter_words("x" + "".join(flags) + tail + " y")) == ["x", *wanted, "y"]
