"""Tables and texts as people's programs write them; the witness is written out."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import rnnviz as rv
from tests.doors.case import Outcome, answered, case, relative

Columns = dict[str, list[float]]


def read(name: str, data: bytes, wanted: Columns, **options: Any) -> Outcome:
    """A file's features by name and number, held against those wanted."""

    def outcome() -> Outcome:
        sequence = rv.read_sequence(name, data, **options)
        if sequence.features != tuple(wanted):
            return Outcome(float("inf"), said=f"features {sequence.features}")
        columns = np.transpose(list(wanted.values()))
        return Outcome(relative(sequence.values[:, 0], columns), said=str(sequence.features))

    return answered(outcome)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome that is furthest from its witness."""
    return max(outcomes, key=lambda one: float("inf") if one.difference is None else one.difference)


@case("sequence file", "decimal commas, thousands with dots", "written out")
def decimal_commas(folder: Path) -> Outcome:
    data = b"t;Temp;Preis\n1;1,5;1.299,99\n2;-3,0;2.050,10\n3;2,5;1.100,00\n"
    wanted = {"t": [1, 2, 3], "Temp": [1.5, -3, 2.5], "Preis": [1299.99, 2050.1, 1100]}
    return read("a.csv", data, {name: list(map(float, v)) for name, v in wanted.items()})


@case("sequence file", "only columns with decimal commas", "written out")
def only_commas(folder: Path) -> Outcome:
    return read("a.csv", b"A;B\n1,1;2,2\n3,3;4,1\n", {"A": [1.1, 3.3], "B": [2.2, 4.1]})


@case("sequence file", "sep=; on the first line", "written out")
def sep_line(folder: Path) -> Outcome:
    data = b"sep=;\r\nA;B\r\n1;2\r\n3;4\r\n"
    return read("a.csv", data, {"A": [1.0, 3.0], "B": [2.0, 4.0]})


DATES = (
    *("2024年1月5日", "2024年01月05日 12:30", "05.01.2024", "2024.01.05", "Jan 5, 2024"),
    *("2024-01-05 12:00:00 UTC", "2024-01-05 12:00:00+05"),
)


@case("sequence file", "dates in seven spellings", "ISO 8601")
def dates(folder: Path) -> Outcome:
    def axis(date: str) -> Outcome:
        data = f'd,x\n"{date}",1\n"{date}",2\n'.encode()
        token = rv.read_sequence("a.csv", data).tokens[0][0]
        return Outcome(0.0 if token.startswith("2024-01-05") else float("inf"), said=token)

    return answered(lambda: worst(map(axis, DATES)))


ENCODED = {
    "cp949": "날짜,온도\n2024-01-01,1.5\n2024-01-02,2.5\n",
    "euc-jp": "日付,気温\n2024-01-01,1.5\n2024-01-02,2.5\n",
    "cp932": "日付,気温\n2024-01-01,1.5\n2024-01-02,2.5\n",
    "big5": "日期,溫度\n2024-01-01,1.5\n2024-01-02,2.5\n",
    "gb18030": "日期,温度\n2024-01-01,1.5\n2024-01-02,2.5\n",
    "utf-16": "日期,温度\n2024-01-01,1.5\n2024-01-02,2.5\n",
    "utf-32": "t,Größe\n1,1.5\n2,2.5\n",
    "cp1252": "Datum,Größe\n2024-01-01,1.5\n2024-01-02,2.5\n",
}


@case("sequence file", "eight encodings", "Python's codecs")
def encodings(folder: Path) -> Outcome:
    def table(encoding: str, text: str) -> Outcome:
        name = text.split("\n")[0].split(",")[1]
        return read("a.csv", text.encode(encoding), {name: [1.5, 2.5]}, columns=[name])

    return worst(table(*each) for each in ENCODED.items())


@case("sequence file", "every orient of DataFrame.to_json", "pandas")
def orients(folder: Path) -> Outcome:
    frame = pd.DataFrame({"a": [1.5, 2.5], "b": [3.0, 4.0]})

    def table(orient: Any) -> Outcome:
        data = frame.to_json(orient=orient).encode()

        def outcome() -> Outcome:
            values = rv.read_sequence("a.json", data).values[:, 0]
            return Outcome(relative(values, frame.to_numpy()), said=orient)

        return answered(outcome)

    return worst(map(table, ("columns", "split", "index", "table", "records", "values")))


@case("sequence file", "comments, metadata and units around the header", "written out")
def around_the_header(folder: Path) -> Outcome:
    wanted = {"temp": [1.5, 2.5]}
    return worst(
        read("a.csv", data, wanted, columns=["temp"])
        for data in (
            b"# station 5\n# lat 51\ntime,temp\n0,1.5\n1,2.5\n",
            b"Station,5\nSerial,12345\n\ntime,temp,hum\n0,1.5,50\n1,2.5,51\n",
            b"time,temp,wind\ns,degC,m/s\n0,1.5,2\n1,2.5,3\n",
        )
    )


@case("sequence file", "the index that pandas writes", "pandas")
def pandas_index(folder: Path) -> Outcome:
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]}, index=[5, 9])
    parquet = BytesIO()
    frame.to_parquet(parquet)
    wanted = {name: frame[name].tolist() for name in frame}
    files = {"a.csv": frame.to_csv().encode(), "a.parquet": parquet.getvalue()}
    return worst(read(name, data, wanted) for name, data in files.items())


@case("sequence file", "years in the header", "written out")
def years(folder: Path) -> Outcome:
    data = b"country,2020,2021\nA,1,2\nB,3,4\n"
    return read("a.csv", data, {"2020": [1.0, 3.0], "2021": [2.0, 4.0]})


@case("sequence file", "a list column beside the numbers in Parquet", "pyarrow")
def list_column(folder: Path) -> Outcome:
    import pyarrow
    from pyarrow import parquet

    stream = BytesIO()
    table = pyarrow.table({"x": [1.0, 2.0], "vector": [[1.0, 2.0], [3.0, 4.0]]})
    parquet.write_table(table, stream)
    return read("a.parquet", stream.getvalue(), {"x": table["x"].to_pylist()}, columns=["x"])
