"""Short tables below many lines about them, as banks, statistical offices and instruments write."""

import io

import numpy as np
import pandas as pd
import pytest

from rnnviz.inputs.files import read_file
from rnnviz.inputs.table import Table

BANK = """"Kontonummer:";"DE12 / Girokonto";

"Von:";"01.12.2023";
"Bis:";"31.12.2023";
"Kontostand vom 31.12.2023:";"1.234,56 EUR";

"Buchungstag";"Buchungstext";"Betrag (EUR)";"Saldo (EUR)";
"29.12.2023";"Lastschrift";"-45,30";"1.234,56";
"28.12.2023";"Gutschrift";"2.500,00";"1.279,86";
"15.12.2023";"Lastschrift";"-89,00";"-1.220,14";
"""
YEARS = """"Data Source","World Development Indicators",

"Country Name","Country Code","2018","2019","2020",
"Aruba","ABW","106314","106442","106585",
"Kenya","KEN","50207108","51202827","51985780",
"""
OSCILLOSCOPE = """Model,MSO5000,,
Record Length,4,,
Sample Interval,1.000000E-06,s,
Vertical Units,V,,
TIME,CH1,CH2,
-2.000000E-06,1.2E-02,-4.0E-02,
-1.000000E-06,1.3E-02,-3.0E-02,
0.000000E+00,1.4E-02,-2.0E-02,
"""
ACCELEROMETER = """--- Data File Created By ActiGraph GT3X+ date format M/d/yyyy at 30 Hz ---
Serial Number: NEO1234
Start Time 10:00:00
Start Date 6/5/2023
Epoch Period (hh:mm:ss) 00:00:00
Current Battery Voltage: 4.01     Mode = 12
--------------------------------------------------
Accelerometer X,Accelerometer Y,Accelerometer Z
-0.123,0.456,0.789
-0.223,0.556,0.889
-0.323,0.656,0.989
"""
CASES = {
    "bank": (
        BANK,
        {
            "sep": ";",
            "skiprows": 6,
            "decimal": ",",
            "thousands": ".",
            "dtype": {"Buchungstag": str},
        },
    ),
    "years": (YEARS, {"skiprows": 2}),
    "oscilloscope": (OSCILLOSCOPE, {"skiprows": 4}),
    "accelerometer": (ACCELEROMETER, {"skiprows": 7}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_numbers_and_their_names_are_those_below_the_metadata(name: str) -> None:
    text, told = CASES[name]
    wanted = pd.read_csv(io.StringIO(text), index_col=False, **told)  # type: ignore[call-overload]
    wanted = wanted.select_dtypes("number").dropna(axis=1, how="all")
    read = read_file("a.csv", text.encode())
    assert isinstance(read, Table)
    numbers = {c.name: c.values for c in read.columns if c.kind == "number"}
    assert list(numbers) == list(wanted.columns)
    np.testing.assert_allclose(
        np.stack(list(numbers.values()), 1), wanted.to_numpy(float), rtol=1e-12
    )


def test_a_row_of_numbers_below_full_names_stays_a_row() -> None:
    read = read_file("a.csv", b"x,y,note\nbad,5,\nbad,worse,odd\n1,2,a\n3,4,b\n5,6,c\n7,8,d\n")
    assert isinstance(read, Table)
    assert read.names == ("x", "y", "note")
    assert read.n_rows == 6
