"""Uploads that no link carries: found again by whoever has the address, and never without bound."""

from __future__ import annotations

import gc
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.errors import InputError
from rnnviz.ui import kept_files
from rnnviz.ui.kept_files import LostFile, file_address, file_at, keep_file
from rnnviz.ui.url import MAX_URL_TEXT, File

MEGABYTE = 2**20


def large(seed: int, name: str = "large.pt") -> File:
    return File(name, random.Random(seed).randbytes(MEGABYTE))


def test_a_large_file_is_found_by_its_address_after_its_session_has_ended() -> None:
    file = large(0)
    keep_file(file)
    address, data = file_address(file), file.data
    assert len(address) < MAX_URL_TEXT
    del file
    gc.collect()
    found = file_at(address)
    assert isinstance(found, File)
    assert (found.name, found.data) == ("large.pt", data)


def test_files_that_were_given_together_are_found_together() -> None:
    file = File("a.onnx", b"graph", (File("a.onnx.data", b"weights"),))
    keep_file(file)
    assert file_at(file_address(file)) == file


def test_a_digest_finds_nothing_but_its_own_file() -> None:
    file = large(0)
    keep_file(file)
    other = file_address(large(1))
    assert file_at(other) == LostFile("large.pt", large(1).digest)
    short = file_address(file).replace(file.digest, file.digest[:-1])
    with pytest.raises(ValueError, match="held-"):
        file_at(short)


def test_a_lost_file_keeps_its_address_so_that_it_can_be_found_once_it_is_back() -> None:
    file = large(0)
    lost = file_at(file_address(file))
    assert isinstance(lost, LostFile)
    assert file_address(lost) == file_address(file)
    keep_file(file)
    assert file_at(file_address(lost)) == file


def test_an_address_of_the_time_before_names_were_in_it_is_understood() -> None:
    file = large(0)
    assert file_at(f"held-{file.digest}") == LostFile("", file.digest)
    keep_file(file)
    assert file_at(f"held-{file.digest}") == file


@given(st.text())
def test_every_name_comes_back(name: str) -> None:
    lost = file_at(f"held-{'0' * 32}~{name}")
    assert lost == LostFile(name[:200], "0" * 32)
    assert file_at(file_address(lost)) == lost


def test_a_file_is_forgotten_when_it_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    file = large(0)
    now = [0.0]
    monkeypatch.setattr(kept_files.time, "monotonic", lambda: now[0])
    keep_file(file)
    address = file_address(file)
    del file
    now[0] = kept_files.MAX_AGE - 1
    assert isinstance(file_at(address), File), "looked at, it is new again"
    now[0] = 2 * kept_files.MAX_AGE - 2
    assert isinstance(file_at(address), File)
    now[0] = 3 * kept_files.MAX_AGE
    gc.collect()
    assert isinstance(file_at(address), LostFile)


def test_what_is_kept_is_bounded_and_the_oldest_leaves_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_files, "MAX_KEPT", 3 * MEGABYTE)
    addresses = []
    for seed in range(5):
        file = large(seed)
        keep_file(file)
        addresses.append(file_address(file))
    del file
    gc.collect()
    assert [isinstance(file_at(one), File) for one in addresses] == [False, False, True, True, True]


def test_what_is_only_kept_makes_room_for_what_sessions_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_files, "MAX_UPLOADS", 3 * MEGABYTE)
    for seed in range(6):
        keep_file(large(seed))


def test_all_sessions_uploads_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_files, "MAX_UPLOADS", 3 * MEGABYTE)
    held = [File(f"{i}", bytes([i]) * MEGABYTE) for i in range(4)]
    for file in held[:3]:
        keep_file(file)
    keep_file(File("the same again", bytes(MEGABYTE)))
    with pytest.raises(InputError, match="3 MB for everyone"):
        keep_file(held[3])
    last = held.pop()
    held.clear()
    del file
    gc.collect()
    keep_file(last)
