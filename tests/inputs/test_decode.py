import codecs
import time
from contextlib import suppress

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.errors import InputError
from rnnviz.inputs.decode import Decoded, decode
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.files import Text, read_file
from rnnviz.inputs.read import read_sequence
from rnnviz.inputs.table import Table
from tests.inputs.languages import LANGUAGES, Written, texts

UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
UNICODE += ["utf-32", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize("charset", UNICODE)
@pytest.mark.parametrize("written", LANGUAGES, ids=[written.language for written in LANGUAGES])
def test_unicode_with_and_without_a_mark_is_read_for_certain(
    written: Written, charset: str
) -> None:
    for text in (written.table, written.numbers, written.prose + "\n"):
        decoded = decode("a.txt", text.encode(charset))
        assert (decoded.text, decoded.is_certain, decoded.decisions) == (text, True, ())


def test_a_text_in_an_old_charset_is_right_or_told_to_be_a_guess() -> None:
    certain_and_wrong = [
        (language, charset, text[:40])
        for language, charset, text in texts()
        if (decoded := decode("a.csv", text.encode(charset))).is_certain and decoded.text != text
    ]
    assert not certain_and_wrong


def test_nearly_every_text_in_an_old_charset_is_right_at_the_first_guess() -> None:
    wrong = [
        (language, charset)
        for language, charset, text in texts()
        if decode("a.csv", text.encode(charset)).text != text
    ]
    assert {charset for _, charset in wrong} <= {"mac-roman", "mac-cyrillic"}
    assert len(wrong) <= 0.02 * len(list(texts()))


@pytest.mark.parametrize("written", LANGUAGES, ids=[written.language for written in LANGUAGES])
def test_the_right_charset_is_among_the_options_where_it_was_guessed(written: Written) -> None:
    for charset in written.charsets:
        data = written.table.encode(charset)
        decoded = decode("a.csv", data)
        if decoded.options:
            assert written.table in [data.decode(option, "replace") for option in decoded.options]


@pytest.mark.parametrize("data", [b"caf\xe9", b"\xe4", b"n\xf8, 1", "ясно".encode("koi8-r")])
def test_one_short_word_is_told_to_be_a_guess(data: bytes) -> None:
    decision = decode("a.txt", data).decisions[0]
    assert not decision.is_certain
    assert decision.name == "charset"
    assert len(decision.options) > 3


@pytest.mark.parametrize(
    "text",
    ["T °C,µm,m²\n1,2,3\n", "€,£\n1,2\n", "it’s – “fine”…\n", "price £,25 °\n", "3×4 ± ½ §2 ©\n"],
)
def test_signs_beside_ascii_alone_are_those_of_cp1252(text: str) -> None:
    assert decode("a.csv", text.encode("cp1252")).text == text


def test_ctrl_z_ends_a_file() -> None:
    assert decode("a.csv", b"a,b\n1,2\n\x1a\x1a").text == "a,b\n1,2\n"


def test_long_prose_is_no_guess() -> None:
    for charset, prose in [(w.charsets[0], w.prose) for w in LANGUAGES]:
        decoded = decode("a.txt", (prose * 5).encode(charset))
        assert decoded.text == prose * 5
    japanese = next(written for written in LANGUAGES if written.language == "japanese")
    assert decode("a.txt", japanese.prose.encode("cp932")).is_certain


def test_a_charset_that_is_told_is_taken() -> None:
    data = "день,ясно\n1,2\n".encode("cp866")
    table = read_file("a.csv", data, FileFormat(charset="cp866"))
    assert isinstance(table, Table)
    assert table.names == ("день", "ясно")
    assert "charset" not in {decision.name for decision in table.decisions}
    assert read_sequence("a.csv", data, charset="IBM866").features == ("день", "ясно")


@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be", "UTF8", "utf_16_le"]
)
def test_a_mark_is_no_part_of_a_text_whose_charset_is_told(charset: str) -> None:
    data = "\ufeffab".encode(charset) if charset.endswith("e") else "ab".encode(charset)
    assert decode("a.txt", data, charset).text == "ab"


@pytest.mark.parametrize(
    "charset", ["", "klingon", "base64", "zlib_codec", "idna", "punycode", "rot13", "a\0b", "ü"]
)
def test_what_is_no_charset_is_refused(charset: str) -> None:
    with pytest.raises(InputError, match="one that Python knows"):
        decode("a.txt", b"abc", charset)


def test_bytes_outside_the_told_charset_are_refused_by_place() -> None:
    with pytest.raises(InputError, match="in utf-8, but its byte 4"):
        decode("a.txt", b"caf\xe9", "utf-8")
    with pytest.raises(InputError, match="begins with the mark of UTF-16, but its byte 3"):
        decode("a.txt", codecs.BOM_UTF16_LE + b"a")


MIXED = "naïve café, Grüße aus Köln\n".encode()


def test_one_line_that_is_not_the_utf8_of_the_rest_is_named() -> None:
    with pytest.raises(InputError, match="but line 2 holds bytes"):
        decode("a.txt", MIXED + b"d\xe9j\xe0 vu\n" + MIXED)
    assert decode("a.txt", MIXED + b"d\xe9j\xe0 vu\n" + MIXED, "cp1252").encoding == "cp1252"


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)),
        b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00>\x00\x01" + bytes(40),
        b"\x00\x01\x02\x03" * 50,
        b"\xff\x00\x13\x00\x00\x07" * 99,
        b"\x01\x02\x03abc" * 20,
    ],
)
def test_binary_content_is_one_sentence(data: bytes) -> None:
    with pytest.raises(InputError, match="its content is binary; save it as text in UTF-8"):
        decode("a.csv", data)


def test_chinese_of_utf16_without_a_mark_or_a_line_break_is_read_as_a_guess() -> None:
    assert decode("a.txt", "床前明月光，疑是地上霜。".encode("utf-16-be")).text.endswith("地上霜。")
    decoded = decode("a.txt", "春眠觉晓闻啼鸟".encode("utf-16-be"))
    assert (decoded.text, decoded.is_certain) == ("春眠觉晓闻啼鸟", False)


def test_a_guess_is_told_with_the_text_and_the_table() -> None:
    text = read_file("a.txt", b"caf\xe9")
    assert isinstance(text, Text)
    assert str(text.decisions[0]) == "Its characters are read as cp1252."
    table = read_file("a.csv", "été,x\n1,2\n".encode("cp1252"))
    assert isinstance(table, Table)
    assert [decision.name for decision in table.decisions][:1] == ["charset"]


HOSTILE = {
    "late": b"1.5,2.5,3\n" * 2_000_000 + b"caf\xe9\n",
    "one line": b"1" * 20_000_000 + b"\xe9",
    "no delimiter": b"\xe9\xe8" * 10_000_000,
    "pairs": "漢字".encode("euc-jp") * 5_000_000,
    "broken late": "漢字\n".encode("euc-jp") * 4_000_000 + b"\xff\x80\x80",
    "many words": b"".join(b"%d\xe9," % i for i in range(2_000_000)),
    "escapes": b"\x1b$B" * 6_000_000,
    "zeros": bytes(20_000_000),
    "controls": b"\x8d\x81\x9d" * 6_000_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_twenty_megabytes_of_anything_take_two_seconds(kind: str) -> None:
    start = time.process_time()
    with suppress(InputError):
        assert isinstance(decode("a.txt", HOSTILE[kind]), Decoded)
    assert time.process_time() - start < 2


PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1)


@given(st.binary(max_size=400), st.sampled_from([None, "cp932", "utf-16", "iso2022_jp"]))
def test_any_bytes_give_printable_text_or_one_sentence(data: bytes, charset: str | None) -> None:
    with suppress(InputError):
        text = decode("a.txt", data, charset).text
        assert not regex.search(r"[^\P{Cc}\t\n\r]|\p{Cs}", text)


@given(PRINTABLE)
def test_utf8_is_never_guessed(text: str) -> None:
    assert decode("a.txt", text.encode()) == Decoded(text.removeprefix("\ufeff"))
