"""Files that are written whole: what was there stays until the new is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnviz.core.writing import check_place, write_whole
from rnnviz.errors import RnnvizError


def test_a_file_is_replaced_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for data in (b"one", b"two"):
        write_whole(tmp_path / "link", data)
        assert (tmp_path / "file").read_bytes() == data
    assert (tmp_path / "link").is_symlink()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("stopped", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_stops_half_way_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: BaseException
) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"before")

    def write_half(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            file.write(data[:3])
        raise stopped

    monkeypatch.setattr(Path, "write_bytes", write_half)
    wanted = RnnvizError if isinstance(stopped, OSError) else KeyboardInterrupt
    with pytest.raises(wanted):
        write_whole(target, b"after all")
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == b"before"


@pytest.mark.parametrize("name", ["", "none/file", "x" * 300, "x" * 300 + "/file", "a\0b"])
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(RnnvizError, match=r"cannot be written|should be a folder"):
        check_place(tmp_path / name)
