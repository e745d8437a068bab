"""What the refusal of a file tells to do is done with it, its name or the call, and it opens."""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

import rnnviz as rv
from rnnviz.errors import InputError, MissingLibraryError
from rnnviz.inputs.choices import chosen_format
from rnnviz.inputs.column import column_from_array
from rnnviz.inputs.files import read_file
from rnnviz.inputs.table import Table
from tests.inputs.test_recipes import PLAIN, VALUES, Given, arrow, file, npy, npz, read

pytestmark = pytest.mark.filterwarnings("ignore::rnnviz.AssumptionWarning")


def workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (["x", "y"], *VALUES):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_a_password() -> bytes:
    compound = bytes.fromhex("d0cf11e0a1b11ae1")
    return compound + bytes(2_000) + "EncryptedPackage".encode("utf-16-le") + bytes(2_000)


def with_a_note(archive: bytes) -> bytes:
    stream = io.BytesIO(archive)
    with zipfile.ZipFile(stream, "a") as opened:
        opened.writestr("notes.txt", "for Ada")
    return stream.getvalue()


PAGE = b"<html><table><tr><td>x</td></tr><tr><td>1</td></tr></table></html>"
MOSTLY_UTF8 = "été,où\n".encode() * 9 + b"1,2\n3,5\xe9\n"
SEQUENCE = [[[1.0, 2.0]], [[3.0, 5.0]]]
# What is to be done, in the words of the sentence; the refused file; the file that follows them.
RECIPES: dict[str, tuple[Given, Given]] = {
    "a web page or a text, as some banks and programs write it; open it in Excel and save it as"
    " .xlsx": (file("a.xls", PAGE), file("a.xlsx", workbook())),
    "a password protects it; save it without one": (
        file("a.xlsx", with_a_password()),
        file("a.xlsx", workbook()),
    ),
    "ends in .npy, but its content is Parquet; save it as .npy": (
        file("a.npy", arrow(x=[1, 3], y=[2, 5])),
        file("a.npy", npy(VALUES)),
    ),
    "ends in .parquet, but its content is not Parquet; save it again": (
        file("a.parquet", b"no table"),
        file("a.parquet", arrow(x=[1, 3], y=[2, 5])),
    ),
    "but “notes.txt” is not one; save the arrays alone": (
        file("a.npz", with_a_note(npz(x=[1, 3], y=[2, 5]))),
        file("a.npz", npz(x=[1, 3], y=[2, 5])),
    ),
    "gives none; choose among s, x": (
        file("a.csv", "s,x\na,1\nb,3\na,2\n", columns=[]),
        file("a.csv", "s,x\n1,2\n3,5\n", columns=["s", "x"]),
    ),
    "should hold numbers, but “ERR” in row 1 is none; correct it": (
        file("a.csv", "x\nERR\n3\n5\n"),
        file("a.csv", PLAIN),
    ),
    "under “y” it holds list; keep the numbers, texts and dates alone": (
        file("a.json", '[{"y": [1]}, {"y": [2]}]'),
        file("a.json", '[{"x": 1, "y": 2}, {"x": 3, "y": 5}]'),
    ),
    "fit no charset that is known here; save it as UTF-8": (
        file("a.csv", b"x,y\n\xba\xad\xc0"),
        file("a.csv", PLAIN),
    ),
    "with a decimal comma or semicolons between the columns, or say that no line holds names": (
        file("a.csv", "a,b\n1,5,2,5\n3,5,5,5\n4,5,6,5\n"),
        file("a.csv", "1,2\n3,5\n", header=None),
    ),
}


@pytest.mark.parametrize("words", RECIPES)
def test_what_a_refusal_tells_leads_to_a_file_that_opens(words: str) -> None:
    refused, followed = RECIPES[words]
    with pytest.raises(InputError, match=re.escape(words)):
        read(refused)
    assert read(followed) == VALUES


def test_a_charset_is_chosen_where_one_line_is_of_another() -> None:
    with pytest.raises(InputError, match="correct that line, or choose a charset"):
        rv.read_sequence("a.txt", MOSTLY_UTF8)
    text = "".join(rv.read_sequence("a.txt", MOSTLY_UTF8, charset="cp1252").tokens[0])
    assert text == MOSTLY_UTF8.decode("cp1252")


def test_what_is_no_number_stands_for_a_missing_one() -> None:
    table = b"x\nERR\n3\n5\n"
    with pytest.raises(InputError, match="stands for a missing value with na_values"):
        rv.read_sequence("a.csv", table)
    read_so = rv.read_sequence("a.csv", table, na_values="ERR", missing="drop")
    assert read_so.values.ravel().tolist() == [3, 5]


def test_a_column_of_texts_is_chosen_where_there_are_no_others() -> None:
    with pytest.raises(InputError, match="gives none; choose among s"):
        rv.read_sequence("a.csv", b"s\nup\ndown\nup\n")
    read_so = rv.read_sequence("a.csv", b"s\nup\ndown\nup\n", columns=["s"])
    assert read_so.values[:, 0].tolist() == [[1, 0], [0, 1], [1, 0]]


def test_columns_of_one_name_are_renamed() -> None:
    x, y = column_from_array("x", np.array([1, 3])), column_from_array("y", np.array([2, 5]))
    with pytest.raises(InputError, match="has x more than once; rename them"):
        Table("a", (x, x))
    assert Table("a", (x, y)).names == ("x", "y")


def test_a_file_is_chosen_in_a_folder_and_under_its_own_path(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(PLAIN)
    folder = tmp_path / "b.csv"
    folder.mkdir()
    with pytest.raises(InputError, match="is a folder; choose a file in it"):
        rv.read_sequence(folder)
    with pytest.raises(InputError, match="there is none; check the path"):
        rv.read_sequence(folder / "a.csv")
    assert rv.read_sequence(tmp_path / "a.csv").values[:, 0].tolist() == VALUES


def test_a_file_with_permission_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text(PLAIN)

    def refuse(_: Path) -> bytes:
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", refuse)
        with pytest.raises(InputError, match=r"\(PermissionError\); check its permissions"):
            rv.read_sequence(path)
    assert rv.read_sequence(path).values[:, 0].tolist() == VALUES


def test_a_choice_that_is_none_is_left_out() -> None:
    with pytest.raises(InputError, match="but “colour” came; leave it out"):
        chosen_format([("decimal", ","), ("colour", "red")])
    content = read_file("a.csv", b"x;y\n1,5;2\n3;5\n", chosen_format([("decimal", ",")]))
    assert isinstance(content, Table)
    assert content["x"].values.tolist() == [1.5, 3]


@pytest.mark.parametrize(
    ("library", "given"),
    [
        ("pyarrow", ("a.parquet", arrow(x=[1, 3], y=[2, 5]))),
        ("python_calamine", ("a.xlsx", workbook())),
    ],
)
def test_what_is_installed_with_the_app_reads(
    library: str, given: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, library, None)
        with pytest.raises(MissingLibraryError) as refused:
            rv.read_sequence(*given, bounded=False)
    [extra] = re.findall(r'pip install "rnnviz\[(\w+)\]"$', str(refused.value))
    wanted = Path("pyproject.toml").read_text().partition(f"\n{extra} = [")[2].partition("]")[0]
    assert re.search(rf'"{library.replace("_", "-")}\W', wanted)
    assert rv.read_sequence(*given, bounded=False).values[:, 0].tolist() == VALUES


def test_a_json_of_deeper_values_is_an_array(tmp_path: Path) -> None:
    data = json.dumps(SEQUENCE).encode()
    with pytest.raises(InputError, match="keep the numbers, texts and dates alone"):
        rv.read_sequence("a.json", data)
    np.save(tmp_path / "a.npy", np.array(SEQUENCE))
    assert rv.read_sequence(tmp_path / "a.npy").values.tolist() == SEQUENCE
