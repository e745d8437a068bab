"""Workbooks of Excel 97 and of LibreOffice, and workbooks whose table is not on the first sheet."""

import io
import zipfile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt

from rnnviz.errors import AssumptionWarning, InputError
from rnnviz.inputs.bounded_file import read_file_bounded
from rnnviz.inputs.file_format import FileFormat
from rnnviz.inputs.files import read_file
from rnnviz.inputs.read import read_sequence
from rnnviz.inputs.table import Table
from tests.inputs.test_workbook import book

ROWS = [["x", "y"], [1.5, -2.0], [2.25, 4.0], [-3.0, 8.5]]
NOTE = [["Measured by hand"], ["Contact: the station"], ["Version", 2]]
_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def xls(sheets: dict[str, list[list[object]]]) -> bytes:
    workbook = xlwt.Workbook()
    for title, rows in sheets.items():
        sheet = workbook.add_sheet(title)
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                sheet.write(i, j, cell)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def ods(sheets: dict[str, list[list[object]]], row: str = "", repeated: str = "") -> bytes:
    """A workbook in the OpenDocument format 1.3, part 3, section 9."""

    def cell(value: object) -> str:
        if isinstance(value, str):
            kind = 'office:value-type="string"'
            return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"
        kind = f'office:value-type="float" office:value="{value}" {repeated}'
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"

    tables = "".join(
        f'<table:table table:name="{title}">'
        + "".join(f"<table:table-row {row}>{''.join(map(cell, r))}</table:table-row>" for r in rows)
        + "</table:table>"
        for title, rows in sheets.items()
    )
    names = " ".join(f'xmlns:{n}="{_ODF}:{n}:1.0"' for n in ("office", "table", "text"))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        archive.writestr("mimetype", kind, zipfile.ZIP_STORED)
        space = f'xmlns:m="{_ODF}:manifest:1.0"'
        entry = f'<m:file-entry m:full-path="/" m:media-type="{kind}"/>'
        archive.writestr("META-INF/manifest.xml", f"<m:manifest {space}>{entry}</m:manifest>")
        body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        archive.writestr(
            "content.xml", f"<office:document-content {names}>{body}</office:document-content>"
        )
    return stream.getvalue()


def read(name: str, data: bytes, **how: str) -> Table:
    table = read_file(name, data, FileFormat(**how))
    assert isinstance(table, Table)
    return table


@pytest.mark.parametrize(("name", "write"), [("a.xls", xls), ("a.ods", ods)])
def test_other_workbooks_are_read_as_excels(name, write):
    data = write({"note": NOTE, "data": ROWS, "more": [["z"], [1], [2], [4]]})
    table = read(name, data)
    assert [table["x"].values.tolist(), table["y"].values.tolist()] == [
        [1.5, 2.25, -3.0],
        [-2.0, 4.0, 8.5],
    ]
    assert read(name, data, sheet="more")["z"].values.tolist() == [1, 2, 4]
    assert read_file_bounded(name, data).names == ("x", "y")


def test_an_old_workbook_is_read_as_pandas_reads_it():
    data = xls({"data": ROWS})
    frame = pd.read_excel(io.BytesIO(data), engine="calamine")
    assert read_sequence("a.xls", data).values[:, 0].tolist() == frame.to_numpy().tolist()


def test_the_one_sheet_with_a_table_is_taken_and_said():
    table = read("a.xlsx", book({"title": [["Weather"]], "readme": NOTE, "data": ROWS}))
    assert table.names == ("x", "y")
    (decision,) = [one for one in table.decisions if one.name == "sheet"]
    assert (decision.chosen, decision.is_certain) == ("data", True)
    assert decision.options == ("data", "title", "readme")


def test_of_two_sheets_with_tables_the_first_is_a_guess():
    data = book({"title": [["Weather"]], "one": ROWS, "two": ROWS})
    with pytest.warns(AssumptionWarning, match="sheet='"):
        read_sequence("a.xlsx", data)


@pytest.mark.parametrize("repeated", ["table:number-columns-repeated='1000000000'", ""])
def test_cells_that_are_repeated_too_often_are_refused(repeated):
    data = ods({"data": ROWS}, 'table:number-rows-repeated="900000000"', repeated)
    with pytest.raises(InputError):
        read_file_bounded("a.ods", data)


def test_a_text_of_a_workbook_may_have_a_point_for_thousands():
    data = book({"data": [["price", "n"], ["1.234", 1], ["5.678", 2]]})
    with pytest.warns(AssumptionWarning, match="decimal=','"):
        assert read_sequence("a.xlsx", data).values[:, 0, 0].tolist() == [1.234, 5.678]
    said = read_sequence("a.xlsx", data, decimal=",")
    assert said.values[:, 0, 0].tolist() == [1234, 5678]


@pytest.mark.parametrize("dictionary", [True, False])
def test_texts_of_a_parquet_file_are_read_with_the_decimal_mark_that_is_told(dictionary):
    stream = io.BytesIO()
    pq.write_table(pa.table({"x": ["1,234", "5,678", "9,001"]}), stream, use_dictionary=dictionary)
    read_comma = read_sequence("a.parquet", stream.getvalue(), decimal=",")
    assert read_comma.values.ravel().tolist() == [1.234, 5.678, 9.001]


def test_a_protected_open_document_is_named_as_such():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        entry = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/>'
        archive.writestr("META-INF/manifest.xml", f"{entry}</manifest:file-entry>")
        archive.writestr("content.xml", bytes(range(256)))
    with pytest.raises(InputError, match="a password protects it"):
        read("a.ods", stream.getvalue())
