"""What a link carries comes back whole, and what it should not carry is refused."""

from __future__ import annotations

import base64
import json
import random
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.ui import url
from rnnviz.ui.url import File


def packed(data: bytes, name: str = "a.csv") -> str:
    return f"{base64.urlsafe_b64encode(zlib.compress(data, 9)).decode()}~{name}"


def is_refused(read: Callable[[str], object], text: str) -> bool:
    """Whether a text is no such thing, which is said with a ValueError and nothing else."""
    try:
        read(text)
    except ValueError:
        return True
    return False


@given(st.lists(st.text()))
def test_names_come_back_as_they_were(names: list[str]) -> None:
    assert url.read_names(url.write_names(names)) == names


@given(st.text(), st.binary(max_size=2000))
def test_files_come_back_as_they_were(name: str, data: bytes) -> None:
    assert url.unpack_file(url.pack_file(File(name, data))) == File(name, data)


@given(st.text())
def test_no_text_at_all_is_a_file(text: str) -> None:
    assert is_refused(url.unpack_file, text)


@pytest.mark.parametrize("text", ["[[[", "{}", '"a"', "[1]", '["a", null]', "", "nul", '[["a"]]'])
def test_what_is_not_a_list_of_names_is_refused(text: str) -> None:
    assert is_refused(url.read_names, text)


def test_names_nested_without_end_are_refused() -> None:
    assert is_refused(url.read_names, "[" * 100_000)


@pytest.mark.parametrize("text", ["", "zzz", "zzz~../../etc/passwd", "~a.csv", "eJw=~b", "é~c"])
def test_what_is_not_a_packed_file_is_refused(text: str) -> None:
    assert is_refused(url.unpack_file, text)


def test_a_file_that_was_cut_off_is_refused() -> None:
    whole = zlib.compress(b"a,b\n1,2\n")
    assert is_refused(url.unpack_file, base64.urlsafe_b64encode(whole[:-3]).decode() + "~a.csv")


def test_a_bomb_is_refused_before_it_has_filled_the_memory() -> None:
    text = packed(bytes(6_000_000))
    assert len(text) < url.MAX_URL_TEXT
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="larger"):
            url.unpack_file(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * url.MAX_URL_FILE + 100_000


def test_a_long_link_is_refused_unread() -> None:
    text = packed(random.Random(0).randbytes(7000))
    assert len(text) > url.MAX_URL_TEXT
    assert is_refused(url.unpack_file, text)


def test_a_file_too_large_for_a_link_is_left_out() -> None:
    assert url.pack_file(File("a.bin", random.Random(0).randbytes(7000))) == ""
    assert url.pack_file(None) == ""


def test_names_keep_their_letters_in_the_address() -> None:
    assert url.write_names(["温度", "a,b"]) == '["温度","a,b"]'
    assert json.loads(url.write_names(["温度"])) == ["温度"]


@pytest.mark.parametrize("text", ['["\\ud800"]', '["a","b\\udfff=c"]'])
def test_half_a_character_that_no_address_can_say_is_refused(text: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        url.read_names(text)
    with pytest.raises(UnicodeEncodeError):
        url.read_settings('{"a":"\\ud800"}')
