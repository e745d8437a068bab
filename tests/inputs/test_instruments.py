"""Tables as weather services, statistics offices and oscilloscopes write them, against pandas."""

import io

import numpy as np
import pandas as pd
import pytest

import rnnviz as rv
from rnnviz.errors import AssumptionWarning
from rnnviz.inputs.choices import chosen_format
from rnnviz.inputs.files import Text, read_file
from rnnviz.inputs.table import Table

# Deutscher Wetterdienst, Climate Data Center: hourly, of ten minutes, and daily since 1893.
HOURLY = """STATIONS_ID;MESS_DATUM;QN_9;TT_TU;RF_TU;eor
         44;2007040100;    5;  -5.6;   81.0;eor
         44;2007040101;    5;  -5.2;   84.0;eor
         44;2007040102;    5;  -999;   -999;eor
         44;2007040123;    5;  -4.9;   86.0;eor
"""
TEN_MINUTES = """STATIONS_ID;MESS_DATUM;  QN;PP_10;TT_10;eor
         73;202001010000;    3;  977.4;   -2.1;eor
         73;202001010010;    3;   -999;   -2.2;eor
         73;202001012350;    3;  977.5;   -2.3;eor
"""
DAILY = """STATIONS_ID;MESS_DATUM;QN_3;  FX; PM;eor
       3987;18930101;-999;-999;1009.8;eor
       3987;18930102;-999;-999;1010.5;eor
       3987;18930103;-999;-999;1008.1;eor
"""


@pytest.mark.parametrize(
    ("text", "form"), [(HOURLY, "%Y%m%d%H"), (TEN_MINUTES, "%Y%m%d%H%M"), (DAILY, "%Y%m%d")]
)
def test_stamps_of_the_weather_service_are_dates_and_its_gaps_are_asked(
    text: str, form: str
) -> None:
    wanted = pd.read_csv(io.StringIO(text), sep=";", skipinitialspace=True)
    read = read_file("produkt.csv", text.encode())
    assert isinstance(read, Table)
    days = pd.to_datetime(wanted["MESS_DATUM"].astype(str), format=form)
    assert read["MESS_DATUM"].values.tolist() == days.to_numpy().astype("M8[us]").tolist()
    [question] = [one for one in read.decisions if one.name == "sentinel"]
    assert not question.is_certain
    asked = question.facts["columns"].split(", ")
    assert asked == [name for name in wanted.columns if (wanted[name] == -999).any()]
    # The other option of the question, as the page chooses it.
    told = read_file("p.csv", text.encode(), chosen_format([("sentinel", question.options[1])]))
    assert isinstance(told, Table)
    names = [name for name in wanted.columns if name not in ("MESS_DATUM", "eor")]
    np.testing.assert_array_equal(
        np.stack([told[name].values for name in names], 1), wanted[names].replace(-999, np.nan)
    )
    assert "sentinel" not in {one.name for one in told.decisions}


def test_a_gap_that_is_read_as_a_number_is_warned_of() -> None:
    with pytest.warns(AssumptionWarning, match="na_values='-999'"):
        rv.read_sequence("a.csv", HOURLY.encode(), columns=["TT_TU"])


@pytest.mark.parametrize(
    "numbers", [[1, 500, 999], [-999, -998, 3], [99, 98.5, 99.9], [9998, 9999], [-99.9, 12, 3, 250]]
)
def test_a_number_among_others_like_it_is_not_asked_about(numbers: list[float]) -> None:
    read = read_file("a.csv", "\n".join(map(str, ["x", *numbers])).encode())
    assert isinstance(read, Table)
    assert "sentinel" not in {one.name for one in read.decisions}


# Eurostat's download in TSV: a flag behind a number, a colon for none.
FLAGS = (
    "freq,unit,geo\\TIME_PERIOD\t2019 \t2020 \t2021 \t2022 \n"
    "A,PC,AT\t12.3 b\t12.5 \t: \t13.1 p\nA,PC,BE\t: \t10.1 \t10.4 e\t10.2 \n"
    "A,PC,DE\t11.0 \t: c\t11.4 \t11.2 be\n"
)


def test_flags_of_a_statistics_office_are_left_out_and_told() -> None:
    read = read_file("nama.tsv", FLAGS.encode())
    assert isinstance(read, Table)
    plain = "".join(mark for mark in FLAGS if mark not in "bcep :" or mark == "\n")
    wanted = pd.read_csv(io.StringIO(plain), sep="\t").iloc[:, 1:]
    got = np.stack([read[year].values for year in ("2019", "2020", "2021", "2022")], 1)
    np.testing.assert_array_equal(got, wanted.to_numpy(float))
    said = {one.column: one.chosen for one in read.decisions if one.name == "flags"}
    assert said == {"2019": "b", "2021": "e", "2022": "be, p"}


@pytest.mark.parametrize("cells", [["5 s", "6", "3 d"], ["5 s", "3 d"], ["5 p", "6 x", "1"]])
def test_mixed_units_are_no_flags(cells: list[str]) -> None:
    read = read_file("a.csv", "\n".join(["x", *cells]).encode())
    assert isinstance(read, Table)
    assert read["x"].kind == "category"


SIGLENT = """Record Length,Analog:1400
Sample Interval,Analog:2.0000E-09
Vertical Units,CH1:V,CH2:V
Vertical Scale,CH1:5.00E-01,CH2:1.00E+00
Vertical Offset,CH1:0.00E+00,CH2:-1.00E+00
Horizontal Units,s
Horizontal Scale,2.00E-07
Model Number,SDS1104X-E
Serial Number,SDSMMEBD1R0000
Software Version,7.1.6.1.33
Source,CH1,CH2
Second,Volt,Volt
"""
SIGLENT_OLD = """Record Length,7000,
Sample Interval,4.000000E-07,
Vertical Units,V,
Vertical Scale,1.00,
Vertical Offset,-2.00,
Horizontal Units,s,
Horizontal Scale,2.00E-04,
Model Number,SDS1102CML
Serial Number,SDS1XXX
Software Version,6.01.01.22
Source,CH1
Second,Volt
"""
RIGOL = "X,CH1,CH2,Start,Increment,\nSequence,Volt,Volt,-6.000000e-04,1.000000e-06\n"
LABVIEW = """LabVIEW Measurement\t
Writer_Version\t2
Separator\tTab
Decimal_Separator\t{mark}
X_Columns\tOne
Date\t2014/06/30
Time\t14:43:43.2379629150390625
***End_of_Header***\t
\t
Channels\t1\t
Samples\t4\t
Y_Unit_Label\tVolts\t
X0\t0{mark}0000000000000000E+0\t
Delta_X\t0{mark}010000\t
***End_of_Header***\t\t
X_Value\tVoltage_0\tComment
"""


@pytest.mark.parametrize("n_rows", [4, 300])
@pytest.mark.parametrize(
    ("head", "names", "units", "behind"),
    [
        (SIGLENT, ["Source", "CH1", "CH2"], ["Second", "Volt", "Volt"], ""),
        (SIGLENT_OLD, ["Source", "CH1"], ["Second", "Volt"], ""),
        (RIGOL, ["X", "CH1", "CH2"], ["Sequence", "Volt", "Volt"], ","),
    ],
)
def test_an_oscilloscope_names_its_channels(
    head: str, names: list[str], units: list[str], behind: str, n_rows: int
) -> None:
    values = np.random.default_rng(0).normal(size=(n_rows, len(names)))
    rows = "".join(",".join(f"{x:.8e}" for x in row) + behind + "\n" for row in values)
    read = read_file("scope.csv", (head + rows).encode())
    assert isinstance(read, Table)
    assert [column.name for column in read.columns] == names
    assert [column.unit for column in read.columns] == units
    np.testing.assert_allclose(np.stack([c.values for c in read.columns], 1), values, rtol=1e-8)


@pytest.mark.parametrize("mark", [".", ","])
def test_a_measurement_of_labview_is_read_below_its_two_headers(mark: str) -> None:
    rows = "".join(f"{i / 100:.6f}\t0.12{i}\t\n" for i in range(4)).replace(".", mark)
    read = read_file("a.lvm", (LABVIEW.format(mark=mark) + rows).encode())
    assert isinstance(read, Table)
    wanted = pd.read_csv(io.StringIO(rows), sep="\t", decimal=mark, header=None)
    np.testing.assert_array_equal(read["X_Value"].values, wanted[0])
    np.testing.assert_array_equal(read["Voltage_0"].values, wanted[1])


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("word", ["a", "Tag", "hello", "Öl", "дом", "Wort\n"])
def test_a_short_word_in_utf_16_without_a_mark_is_read(word: str, codec: str) -> None:
    read = read_file("a.txt", word.encode(codec))
    assert isinstance(read, Text)
    assert read.text == word


def test_a_vocabulary_in_place_of_a_text_is_told_to_be_one() -> None:
    tokens = ["[PAD]", "[UNK]", "the", "of", "##ing"]
    read = read_file("vocab.txt", "\n".join(tokens).encode())
    assert isinstance(read, Text)
    assert [one.name for one in read.decisions] == ["vocabulary"]
    others = ("床前明月光，\n疑是地上霜。\n[sic]\n", "<html>\n<body>\n</body>\n</html>\n")
    for text in (*others, "<s>\n</s>\nthe cat\nsat\non the\nmat\n"):
        other = read_file("a.txt", text.encode())
        assert isinstance(other, Text)
        assert not other.decisions


def numbers(name: str, text: str) -> dict[str, list[float]]:
    """Columns of numbers by name."""
    read = read_file(name, text.encode())
    assert isinstance(read, Table)
    return {one.name: one.values.tolist() for one in read.columns if one.kind == "number"}


def test_one_share_of_yfinance_keeps_the_names_of_its_prices() -> None:
    text = (
        "Price,Close,High,Volume\nTicker,AAPL,AAPL,AAPL\nDate,,,\n"
        "2024-01-29,100.5,101,12\n2024-01-30,101.5,102,23\n2024-01-31,102.5,103,24\n"
    )
    wanted = pd.read_csv(io.StringIO(text), header=[0, 1], index_col=0)
    got = numbers("yf.csv", text)
    assert list(got) == [" ".join(names) for names in wanted.columns]
    np.testing.assert_array_equal(np.stack(list(got.values()), 1), wanted.to_numpy(float))


def test_an_ecg_with_decimal_commas_below_its_settings_is_one_column() -> None:
    values = [i * 1.25 - 30 for i in range(40)]
    rows = "".join(f"{value:.3f}\n".replace(".", ",") for value in values)
    text = "Name;A\nGeburtsdatum;1.1.1970\nAbtastrate;512 Hertz\n\n" + rows
    assert numbers("ecg.csv", text) == {"column 1": values}


def test_a_record_of_physionet_has_its_leads_and_units() -> None:
    text = "'Elapsed time','MLII','V5'\n'hh:mm:ss.mmm','mV','mV'\n" + "".join(
        f"'0:00.{i:03}',{i / 8},{i / 4}\n" for i in range(4)
    )
    read = read_file("samples.csv", text.encode())
    assert isinstance(read, Table)
    assert [(one.name, one.unit) for one in read.columns[1:]] == [("MLII", "mV"), ("V5", "mV")]


@pytest.mark.parametrize("n_columns", [1, 3])
def test_a_wristband_states_its_start_and_rate_above_the_values(n_columns: int) -> None:
    rows = [["1700000000.00"] * n_columns, ["32.000000"] * n_columns]
    rows += [[str(i + j) for j in range(n_columns)] for i in range(5)]
    got = numbers("ACC.csv", "\n".join(", ".join(row) for row in rows))
    assert list(got.values()) == [[i + j for i in range(5)] for j in range(n_columns)]
    own = numbers("a.csv", "1700000000.00\n32.5\n33.5\n34.5\n")
    assert own == {"column 1": [1.7e9, 32.5, 33.5, 34.5]}


def test_volumes_of_shares_are_multiplied() -> None:
    text = 'Date,Vol.\n01/31/2024,"78.31M"\n01/30/2024,81.2K\n01/29/2024,-\n01/28/2024,1.5B\n'
    got = numbers("investing.csv", text)["Vol."]
    np.testing.assert_allclose(got, [78.31e6, 81.2e3, np.nan, 1.5e9], rtol=1e-15)
    assert not numbers("a.csv", "size\nM\nK\n")
    assert numbers("a.csv", "x\n5 M\n3 K\n") == {}


def test_moments_without_a_name_are_an_axis_where_they_go_on_evenly() -> None:
    rows = "".join(f"{1706659200000 + i * 3600000},42{i}.5\n" for i in range(4))
    read = read_file("klines.csv", rows.encode())
    assert isinstance(read, Table)
    wanted = pd.to_datetime([1706659200000 + i * 3600000 for i in range(4)], unit="ms")
    assert read.columns[0].values.tolist() == wanted.to_numpy().astype("M8[us]").tolist()
    uneven = "".join(f"{1706659200 + i * i},42{i}.5\n" for i in range(4))
    assert len(numbers("a.csv", uneven)) == 2


def test_quality_marks_of_the_japanese_weather_service_are_left_out() -> None:
    text = "年月日,気温\n2024/1/1,5.2\n2024/1/2,6.1 )\n2024/1/3,///\n2024/1/4,7.3 ]\n2024/1/5,×\n"
    got = read_file("data.csv", text.encode("cp932"))
    assert isinstance(got, Table)
    np.testing.assert_array_equal(got["気温"].values, [5.2, 6.1, np.nan, 7.3, np.nan])


@pytest.mark.parametrize(
    "text",
    [
        'name,x\n5" pipe,3\n6" pipe,4\n7" pipe,5\n',
        'name,x\n5" pipe,3\n"a, b",4\n7" pipe,5\n8,5\n',
        'size,x\n5",3\n6",4\n7",5\n',
        'name,x\n"a\nb",3\n6" pipe,4\n7",5\n',
        'name,x\n"5"" pipe",3\n6" pipe,4\n7,5\n',
    ],
)
def test_marks_of_inches_open_no_quotes(text: str) -> None:
    wanted = pd.read_csv(io.StringIO(text))
    read = read_file("parts.csv", text.encode())
    assert isinstance(read, Table)
    assert read.names == tuple(wanted.columns)
    assert list(read.columns[0].values) == wanted.iloc[:, 0].astype(str).tolist()
    assert read["x"].values.tolist() == wanted["x"].tolist()


def test_a_gap_is_asked_about_in_all_columns_that_hold_it() -> None:
    # UCI's Air Quality: of NMHC the numbers reach so far that -200 alone would not tell.
    text = "CO(GT);NMHC(GT)\n2,6;150\n2;1189\n-200;7\n2,2;-200\n"
    read = read_file("air.csv", text.encode())
    assert isinstance(read, Table)
    [question] = [one for one in read.decisions if one.name == "sentinel"]
    assert question.facts["columns"] == "CO(GT), NMHC(GT)"
    told = read_file("air.csv", text.encode(), chosen_format([("sentinel", "-200")]))
    assert isinstance(told, Table)
    np.testing.assert_array_equal(told["NMHC(GT)"].values, [150, 1189, 7, np.nan])


def test_forms_in_brackets_below_the_names_are_units() -> None:
    text = "Datum;Energie\n[dd.MM.yyyy HH:mm];[Wh]\n31.01.2024 08:00;12,5\n31.01.2024 08:05;14\n"
    read = read_file("fronius.csv", text.encode())
    assert isinstance(read, Table)
    assert read.names == ("Datum", "Energie")
    assert read["Energie"].unit == "[Wh]"
    assert read["Energie"].values.tolist() == [12.5, 14]


def test_ten_thousands_of_chinese_tables_are_multiplied() -> None:
    got = numbers("a.csv", "日期,成交量\n2024-01-31,3.25万\n2024-01-30,1.2亿\n2024-01-29,500\n")
    np.testing.assert_allclose(got["成交量"], [32_500, 1.2e8, 500], rtol=1e-15)


@pytest.mark.parametrize(
    ("cells", "unit", "is_told"),
    [(["300K", "310K"], "K", False), (["5 B", "6 B"], "B", False), (["0.5T", "0.25T"], "", True)],
)
def test_a_letter_that_is_a_unit_multiplies_nothing_unasked(
    cells: list[str], unit: str, is_told: bool
) -> None:
    read = read_file("a.csv", "\n".join(["x", *cells]).encode())
    assert isinstance(read, Table)
    assert read["x"].unit == unit
    assert [one.is_certain for one in read.decisions if one.name == "multiples"] == [
        False
    ] * is_told
