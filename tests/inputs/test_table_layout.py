"""Tables among what programs write around them: comments, metadata, units, indices, footers."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest

from rnnviz.errors import AssumptionWarning, InputError
from rnnviz.inputs.csv_table import read_csv
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.read import read_sequence
from rnnviz.inputs.table import Table, table_sequence

FRAME = pd.DataFrame({"x": [1.5, 2.5, 4.0], "y": [3.0, 4.5, 5.0]})
VALUES = FRAME.to_numpy().tolist()


def values(table: Table) -> list[list[float]]:
    return table_sequence(table, scale="none", missing="zero").values[:, 0].tolist()


def names(table: Table) -> tuple[str, ...]:
    return table_sequence(table, scale="none", missing="zero").features


def plain(sep: str = ",", **options: object) -> str:
    return FRAME.to_csv(sep=sep, index=False, **options)  # type: ignore[call-overload, no-any-return]


def savetxt(**options: object) -> str:
    stream = io.StringIO()
    np.savetxt(stream, FRAME.to_numpy(), **options)  # type: ignore[arg-type]
    return stream.getvalue()


# The frame as it is written around the world; each is to be read as the frame.
WRITTEN = {
    "comma": plain(),
    "semicolon": plain(";"),
    "tab": plain("\t"),
    "pipe": plain("|"),
    "white space": FRAME.to_string(index=False),
    "decimal comma": plain(";", decimal=","),
    "decimal comma at tabs": plain("\t", decimal=","),
    "decimal comma in quotes": plain(decimal=",", quoting=1),
    "sep line": "sep=;\r\n" + plain(";"),
    "quoted": plain(quoting=1),
    "old Mac": plain(lineterminator="\r"),
    "Ctrl-Z": plain(lineterminator="\r\n") + "\x1a",
    "byte order mark": "\ufeff" + plain(),
    "comments": "# station 5\n# lat 51\n" + plain(),
    "percent": "% made by X\n" + plain(" "),
    "slashes": "// made by X\n" + plain(),
    "comments within": plain().replace("2.5", "# a remark\n2.5"),
    "header in a comment": savetxt(header="x,y", delimiter=","),
    "header in a comment at blanks": savetxt(header="x y"),
    "metadata": "Station,5\nSerial,12345\nOwner,Y,Z\n\n" + plain(),
    "title": "A title\n\n" + plain(";"),
    "spreadsheet": "Report,\n2024-01-05,\n,\n" + plain(),
    "blank lines": "\n\n" + plain().replace("\n", "\n\n"),
    "empty rows": plain().replace("2.5", ",\n2.5") + ",\n,\n",
    "empty columns": plain().replace(",", ",,").replace("\n", ",\n"),
    "trailing delimiters": plain().replace("\n", ",\n"),
    "trailing delimiters below": plain().replace("\n", ",\n").replace("x,y,", "x,y"),
    "trailing delimiter above": plain().replace("x,y", "x,y,"),
    "footer": plain() + "\nSource: made up\nAll rights reserved\n",
    "total": plain() + "Total,12.5\n",
    "pandas index": FRAME.to_csv(),
    "other index": FRAME.set_axis([5, 9, 11]).to_csv(),
    "saved twice": FRAME.reset_index().to_csv(index=False),
    "Unnamed: 0": FRAME.to_csv(index_label="Unnamed: 0"),
    "R": FRAME.set_axis(["a", "b", "c"]).to_csv().replace(",x", "x", 1),
    "Markdown": "| x | y |\n|---|---:|\n| 1.5 | 3.0 |\n| 2.5 | 4.5 |\n| 4.0 | 5.0 |\n",
}


@pytest.mark.parametrize("how", WRITTEN)
def test_a_frame_is_read_from_what_is_written_around_it(how: str) -> None:
    table = read_csv("a.csv", WRITTEN[how])
    assert (names(table), values(table)) == (("x", "y"), VALUES)


UNITS = {
    "seconds": ("time,temp,wind\ns,degC,m/s\n0,1.5,2\n1,2.5,3\n", ("s", "degC", "m/s")),
    "brackets": ("time,temp,wind\n[s],[°C],[m/s]\n0,1.5,2\n1,2.5,3\n", ("[s]", "[°C]", "[m/s]")),
    "one without": ("time,temp,wind\ns,,m/s\n0,1.5,2\n1,2.5,3\n", ("s", "", "m/s")),
    "logger": (
        '"TOA5","CR1000","5"\n"time","temp","wind"\n"s","Deg C","m/s"\n"","Avg","Max"\n'
        "0,1.5,2\n1,2.5,3\n",
        ("s", "Deg C", "m/s"),
    ),
}


@pytest.mark.parametrize("how", UNITS)
def test_a_row_of_units_is_kept_as_units(how: str) -> None:
    text, units = UNITS[how]
    table = read_csv("a.csv", text)
    assert (names(table), values(table)) == (("time", "temp", "wind"), [[0, 1.5, 2], [1, 2.5, 3]])
    assert tuple(column.unit for column in table.columns) == units


def test_two_rows_of_names_are_joined() -> None:
    columns = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y"), ("b", "x")])
    frame = pd.DataFrame([[1.0, 2, 3], [4, 5, 6]], columns=columns)
    for text in (frame.to_csv(), frame.rename_axis("i").to_csv()):
        assert names(read_csv("a.csv", text)) == ("a x", "a y", "b x")
    merged = "Temp,,Hum,\nmin,max,min,max\n1,2,3,4\n5,6,7,8\n"
    assert names(read_csv("a.csv", merged)) == ("Temp min", "Temp max", "Hum min", "Hum max")


HEADERS = [
    ("country,2020,2021\nA,1,2\nB,3,4\n", ("2020", "2021"), True),
    ("country,2021,2020\nA,1,2\nB,3,4\n", ("2021", "2020"), True),
    ("2019,2020,2021\n1.5,2,3\n2,3,4\n", ("2019", "2020", "2021"), True),
    (",0,1\n0,1.5,2\n1,2.5,3\n", ("0", "1"), True),
    ("0,1,2\n0.5,0.2,0.1\n0.1,0.2,0.2\n", ("0", "1", "2"), True),
    ("country,2020-01,2020-02\nA,1,2\nB,3,4\n", ("2020-01", "2020-02"), True),
    ("P,1/22/20,1/23/20\nH,444,445\nX,1,2\n", ("1/22/20", "1/23/20"), True),
    ("0,1,2\n3,4,5\n6,7,8\n", ("column 1", "column 2", "column 3"), True),
    ("0,1,2\n7,4,5\n6,7,8\n", ("0", "1", "2"), False),
    ("1.5,2\n3,4\n", ("column 1", "column 2"), True),
    ("x,x,y\n1,2,3\n", ("x", "x.1", "y"), True),
]


@pytest.mark.parametrize(("text", "expected", "is_certain"), HEADERS)
def test_numbers_dates_and_nothing_in_the_header(
    text: str, expected: tuple[str, ...], is_certain: bool
) -> None:
    table = read_csv("a.csv", text)
    assert names(table) == expected
    (header,) = (one for one in table.decisions if one.name == "header")
    assert header.is_certain == is_certain


def test_a_told_header_is_taken_as_pandas_takes_it() -> None:
    text = "0,1,2\n7,4,5\n6,7,8\n"
    for header in (None, 0, 1):
        expected = pd.read_csv(io.StringIO(text), header=header)
        table = read_csv("a.csv", text, how=FileFormat(header=header))
        assert values(table) == expected.to_numpy().tolist()
    with pytest.raises(InputError, match="its first lines are 3"):
        read_csv("a.csv", text, how=FileFormat(header=7))


def test_an_index_that_does_not_count_is_the_axis() -> None:
    table = read_csv("a.csv", FRAME.set_axis(["a", "b", "c"]).to_csv())
    assert table_sequence(table).tokens == (("a", "b", "c"),)
    assert table_sequence(read_csv("a.csv", FRAME.to_csv())).tokens == (("1", "2", "3"),)


def test_a_total_is_told_and_can_be_kept() -> None:
    text = plain() + "Total,12.5\n"
    with pytest.warns(AssumptionWarning, match=r"last 1 rows .* skipfooter=0"):
        assert read_sequence("a.csv", text.encode()).n_steps == 3
    kept = read_csv("a.csv", text, how=FileFormat(skipfooter=0))
    assert kept["x"].values[-1] == "Total"


def test_a_column_that_is_not_read_as_numbers_is_warned_of_unless_others_are_chosen() -> None:
    data = b"t,x\n0,1.5\n1,ERR\n2,2.5\n"
    with pytest.warns(AssumptionWarning, match=r"“x”.*“ERR” in row 2.*na_values='ERR'"):
        assert read_sequence("a.csv", data).features == ("t",)
    assert read_sequence("a.csv", data, columns=["t"]).features == ("t",)
    filled = read_sequence("a.csv", data, na_values="ERR", missing="interpolate")
    assert filled.values[:, 0].tolist() == [[0, 1.5], [1, 2], [2, 2.5]]


def test_a_table_of_nearly_numbers_alone_is_refused_by_its_cause() -> None:
    with pytest.raises(InputError, match="“x” should hold numbers, but “ERR” in row 1"):
        read_sequence("a.csv", b"x\nERR\n1.5\n2.5\n")


# What it costs to answer files that were made to cost; 50 MB is the largest that is read.
HOSTILE: dict[str, Callable[[], str]] = {
    "blank lines": lambda: "x\n" + "\n" * 20_000_000,
    "blank cells": lambda: "x,y\n" + ",\n" * 4_000_000,
    "one row": lambda: ",".join(["1"] * 10_000_000),
    "words": lambda: "w\n" + "\n".join(map(str.__add__, ["w"] * 10**6, map(str, range(10**6)))),
    "an open quote": lambda: 'a,b\n1,"' + "\n" * 2_000_000,
    "quotes": lambda: '"a"\n' + '"1"\n' * 1_000_000,
    "long numbers": lambda: "a\n" + ("9" * 40_000 + "\n") * 200,
    "nearly dates": lambda: "d\n" + "2024-13-01\n" * 1_000_000,
    "nearly numbers": lambda: "d\n" + "1,2,3\n".replace(",", "'") * 1_000_000,
    "spaces": lambda: "a b\n" + "1   2\n" * 1_000_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_was_made_to_cost_is_answered_in_two_seconds(kind: str) -> None:
    text = HOSTILE[kind]()
    begin = time.process_time()
    with suppress(InputError):
        assert read_csv("a.csv", text).n_rows >= 1
    assert time.process_time() - begin < 2
