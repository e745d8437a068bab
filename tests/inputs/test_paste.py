from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rnnviz.errors import AssumptionWarning, InputError
from rnnviz.inputs.parse import parse
from rnnviz.inputs.paste import read_pasted
from rnnviz.inputs.read import read_sequence

FRAME = pd.DataFrame({"day": ["2024-01-01", "2024-01-02"], "x": [1.5, 2.5], "y": [3, 4]})
# What Excel, LibreOffice and Google Sheets put on the clipboard, and pandas' to_clipboard.
COPIED = FRAME.to_csv(sep="\t", index=False)


@pytest.mark.parametrize("text", [COPIED, COPIED.replace("\n", "\r\n"), "\n" + COPIED.rstrip()])
def test_a_table_copied_from_a_spreadsheet_is_read(text: str) -> None:
    sequence = parse(text, "table")
    assert sequence.features == ("x", "y")
    assert sequence.tokens == (("2024-01-01", "2024-01-02"),)
    np.testing.assert_array_equal(sequence.values[:, 0], FRAME[["x", "y"]])


def test_a_cell_of_several_lines_stands_in_quotes() -> None:
    table = read_pasted('x\tnote\n1\t"two\nlines"\n2\tone\n')
    assert table["x"].values.tolist() == [1, 2]
    assert table["note"].values.tolist() == ["two\nlines", "one"]


def test_a_decimal_comma_is_read_and_other_delimiters_too() -> None:
    assert read_pasted("x\ty\n1,5\t2\n2,5\t3\n")["x"].values.tolist() == [1.5, 2.5]
    assert parse("x,y\n1,2\n3,4\n", "table").features == ("x", "y")


def test_what_a_pasted_table_leaves_open_is_warned_of() -> None:
    with pytest.warns(AssumptionWarning, match=r"read with the .*first.*dayfirst"):
        parse("day\tx\n01/02/2024\t1\n03/04/2024\t2\n", "table")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(["x\n1", "x\n2"], "One text is a table, but 2 came"), ("a\tb\nc\td", "column of numbers")],
)
def test_no_table_is_one_sentence(text: str | list[str], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        parse(text, "table")


def test_a_text_file_of_rows_is_a_table_where_it_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("x y\n1,5 2\n2,5 3\n")
    sequence = read_sequence(file, kind="table", decimal=",", columns=["x"], scale="minmax")
    assert sequence.values.ravel().tolist() == [0, 1]
