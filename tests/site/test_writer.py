from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from rnnviz import cli
from rnnviz.errors import RnnvizError
from rnnviz.site.writer import LIST, write_files

OLD = {"index.html": b"old", "en/old.html": b"old", "en/kept/deep.html": b"old"}
NEW = {"index.html": b"new", "en/new.html": b"new"}


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def without_list(folder: Path) -> dict[str, bytes]:
    return {path: data for path, data in contents(folder).items() if path != LIST}


def test_files_stand_in_a_new_folder_with_its_parents(tmp_path):
    folder = tmp_path / "some" / "where"
    n_bytes = write_files(folder, OLD)
    assert without_list(folder) == OLD
    assert n_bytes == sum(len(data) for data in contents(folder).values())


def test_a_new_edition_takes_the_place_of_the_old_one_alone(tmp_path):
    write_files(tmp_path, OLD)
    (tmp_path / "CNAME").write_text("lessons.example.org")
    write_files(tmp_path, NEW)
    assert without_list(tmp_path) == {**NEW, "CNAME": b"lessons.example.org"}
    assert not (tmp_path / "en" / "kept").exists()


def test_a_folder_that_holds_other_things_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RnnvizError, match="holds other things"):
        write_files(tmp_path, NEW)
    assert contents(tmp_path) == {"thesis.txt": b"years of work"}


def test_a_file_that_came_into_the_folder_later_is_not_written_over(tmp_path):
    write_files(tmp_path, OLD)
    (tmp_path / "en" / "new.html").write_text("mine")
    with pytest.raises(RnnvizError, match="holds other things"):
        write_files(tmp_path, NEW)
    assert without_list(tmp_path) == {**OLD, "en/new.html": b"mine"}


def test_a_full_disk_leaves_the_old_edition_as_it_was(tmp_path, monkeypatch):
    write_files(tmp_path, OLD)
    before, write = contents(tmp_path), Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.name == "new.html":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(RnnvizError, match="No space left on device"):
        write_files(tmp_path, NEW)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "listed",
    [
        ["../outside"],
        ["/etc/x"],
        ["en/../../outside"],
        ["..\\outside"],
        {"outside": 1},
        [3, None, ""],
    ],
)
def test_a_list_that_somebody_changed_takes_nothing_outside_away(tmp_path, listed):
    outside, folder = tmp_path / "outside", tmp_path / "site"
    write_files(folder, OLD)
    outside.write_text("mine")
    (folder / LIST).write_text(json.dumps([*OLD, *listed] if isinstance(listed, list) else listed))
    if isinstance(listed, dict):
        with pytest.raises(RnnvizError, match="holds other things"):
            write_files(folder, NEW)
    else:
        write_files(folder, NEW)
        assert without_list(folder) == NEW
    assert outside.read_text() == "mine"


def test_a_link_in_an_old_edition_leads_to_no_deletion(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "site"
    outside.mkdir()
    (outside / "old.html").write_text("mine")
    write_files(folder, {"index.html": b"old"})
    (folder / "en").symlink_to(outside, target_is_directory=True)
    (folder / LIST).write_text(json.dumps(["index.html", "en/old.html"]))
    write_files(folder, {"index.html": b"new"})
    assert (outside / "old.html").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "said"),
    [("a_file", "but it is a file"), ("a_file/site", "cannot be written"), ("a\0b", "NUL")],
)
def test_what_is_no_folder_is_refused_in_one_sentence(tmp_path, monkeypatch, capsys, name, said):
    monkeypatch.chdir(tmp_path)
    Path("a_file").write_text("text")
    assert cli.main(["site", name]) == cli.REFUSED
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.startswith("rnnviz: ")
    assert err.count("\n") == 1


def test_one_who_was_interrupted_begins_again(tmp_path, monkeypatch):
    write_files(tmp_path, OLD)
    place = Path.replace

    def stop(path: Path, target: Path) -> Path:
        if path.name == "new.html":
            raise KeyboardInterrupt
        return place(path, target)

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_files(tmp_path, {"aa.html": b"new", **NEW})
    monkeypatch.undo()
    write_files(tmp_path, NEW)
    assert without_list(tmp_path) == NEW


def test_what_a_killed_first_writing_left_is_taken_away(tmp_path):
    (tmp_path / ".rnnviz-abc").mkdir()
    (tmp_path / ".rnnviz-abc" / "index.html").write_text("half")
    write_files(tmp_path, NEW)
    assert without_list(tmp_path) == NEW
