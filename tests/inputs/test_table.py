import math
import pickle
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.errors import InputError
from rnnviz.inputs.column import Column
from rnnviz.inputs.infer_column import infer_column
from rnnviz.inputs.table import Table, table_sequence

MODERATE = st.floats(-1e6, 1e6)
NAN = math.nan


def table(**cells: list[object]) -> Table:
    return Table("t.csv", tuple(infer_column(name, part) for name, part in cells.items()))  # type: ignore[arg-type]


def test_numeric_columns_become_the_features_by_default() -> None:
    sequence = table_sequence(table(x=[1, 2], s=["a", "b"], y=[3, 4]), scale="none")
    assert sequence.features == ("x", "y")
    assert sequence.values[:, 0].tolist() == [[1, 3], [2, 4]]
    assert sequence.tokens == (("1", "2"),)


def test_chosen_columns_keep_their_order() -> None:
    chosen = table_sequence(table(x=[1, 2], y=[3, 4]), ["y", "x", "y"], scale="none")
    assert chosen.features == ("y", "x")


@given(st.lists(MODERATE, min_size=2, max_size=20).filter(lambda x: max(x) - min(x) > 1e-3))
def test_standard_scaling_matches_the_statistics_module(values: list[float]) -> None:
    mean, deviation = statistics.fmean(values), statistics.pstdev(values)
    scaled = table_sequence(table(x=values)).values.ravel()
    np.testing.assert_allclose(scaled, [(x - mean) / deviation for x in values], atol=1e-6)


def test_minmax_scaling_runs_from_zero_to_one() -> None:
    scaled = table_sequence(table(x=[-2, 0, 6]), scale="minmax").values.ravel()
    assert scaled.tolist() == [0, 0.25, 1]


@pytest.mark.parametrize("scale", ["standard", "minmax"])
@pytest.mark.parametrize("constant", [0.1, 0.0, 1e300])
def test_a_constant_column_scales_to_zeros(scale: str, constant: float) -> None:
    scaled = table_sequence(table(x=[constant] * 7), scale=scale).values.ravel()  # type: ignore[arg-type]
    assert scaled.tolist() == [0] * 7


def test_a_category_becomes_a_feature_for_each_value() -> None:
    sequence = table_sequence(table(sky=["clear", "rain", "clear"], x=[1, 2, 3]), ["sky"])
    assert sequence.features == ("sky=clear", "sky=rain")
    assert sequence.values[:, 0].tolist() == [[1, 0], [0, 1], [1, 0]]


GAPS = [NAN, 1.0, NAN, NAN, 4.0, NAN]


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("interpolate", [1, 1, 2, 3, 4, 4]),
        ("previous", [1, 1, 1, 1, 4, 4]),
        ("mean", [2.5, 1, 2.5, 2.5, 4, 2.5]),
        ("zero", [0, 1, 0, 0, 4, 0]),
        ("drop", [1, 4]),
    ],
)
def test_gaps_are_filled_as_worked_out_by_hand(missing: str, expected: list[float]) -> None:
    sequence = table_sequence(table(x=GAPS), scale="none", missing=missing)  # type: ignore[arg-type]
    assert sequence.values.ravel().tolist() == expected


def test_dropped_rows_keep_the_other_rows_numbers() -> None:
    assert table_sequence(table(x=GAPS), missing="drop").tokens == (("2", "5"),)


def test_only_gaps_in_chosen_columns_drop_a_row() -> None:
    sequence = table_sequence(table(x=[1, 2, 3], y=[NAN, 1, NAN]), ["x"], missing="drop")
    assert sequence.n_steps == 3


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("interpolate", [0.5, 0.5]),
        ("previous", [1, 0]),
        ("mean", [2 / 3, 1 / 3]),
        ("zero", [0, 0]),
    ],
)
def test_a_missing_category_is_filled_in_each_feature(missing: str, expected: list[float]) -> None:
    cells = table(sky=["clear", None, "rain", "clear"])
    sequence = table_sequence(cells, ["sky"], missing=missing)  # type: ignore[arg-type]
    np.testing.assert_allclose(sequence.values[1, 0], expected)


def test_the_first_column_of_dates_gives_the_tokens() -> None:
    cells = table(x=[1, 2], day=["2024-01-31", "2024-02-01"], end=["2025-01-01", "2025-01-02"])
    assert table_sequence(cells).tokens == (("2024-01-31", "2024-02-01"),)
    assert table_sequence(cells, axis="end").tokens == (("2025-01-01", "2025-01-02"),)
    assert table_sequence(cells, axis="").tokens == (("1", "2"),)


@pytest.mark.parametrize(
    ("dates", "tokens"),
    [
        (["2024-01-31 06:30", "2024-02-01"], ("2024-01-31 06:30", "2024-02-01 00:00")),
        (["2024-01-31 06:30:05", None], ("2024-01-31 06:30:05", "?")),
        (["2024-01-31 06:30:05.5", None], ("2024-01-31 06:30:05.500000", "?")),
        (["2024-01-31", None], ("2024-01-31", "?")),
    ],
)
def test_times_are_as_short_as_all_of_them_allow(
    dates: list[object], tokens: tuple[str, ...]
) -> None:
    assert table_sequence(table(x=[1, 2], day=dates)).tokens == (tokens,)


def test_a_column_of_numbers_or_texts_can_be_the_axis() -> None:
    cells = table(year=[1700, 1701.5], who=["a", None], x=[1, 2])
    by_year = table_sequence(cells, axis="year", scale="none")
    assert by_year.tokens == (("1700", "1701.5"),)
    assert by_year.features == ("x",)
    assert table_sequence(cells, axis="who").tokens == (("a", "?"),)


WORDS: list[object] = [f"name {i}" for i in range(65)]

REFUSED = [
    (table(x=[1, NAN, NAN], y=[NAN, 1, 1]), {"missing": "refuse"}, "misses x: 2, y: 1; choose"),
    (table(x=[1]), {"columns": ["z"]}, "has no column “z”; choose among x"),
    (table(x=[1]), {"axis": "z"}, "has no column “z”; choose among x"),
    (table(s=["a"]), {}, "gives none; choose among s"),
    (table(x=[1]), {"columns": []}, "gives none; choose among x"),
    (table(x=[1], d=["2024-01-31"]), {"columns": ["d"]}, "“d” holds dates"),
    (table(s=WORDS), {"columns": ["s"]}, "64 different short texts, but “s” holds 65"),
    (table(s=["x" * 1_000_000]), {"columns": ["s"]}, "“s” holds 1 or long ones"),
    (table(x=[NAN, NAN]), {}, "“x” should hold values, but all 2 are missing"),
    (table(x=[1, math.inf]), {}, "“x” should hold finite numbers, but row 2 is infinite"),
    (table(x=[1, NAN], y=[NAN, 1]), {"missing": "drop"}, "every row .* misses a value in x, y"),
    (table(x=[1e308, -1e308]), {}, "“x” holds numbers too large to scale"),
    (table(x=[1e308, -1e308]), {"scale": "minmax"}, "“x” holds numbers too large to scale"),
    (table(x=[1, 2, 3]), {"max_steps": 2}, "At most 2 steps .* 3 came"),
    (table(x=[1]), {"scale": "log"}, "scale should be one of standard, minmax, none"),
    (table(x=[1]), {"missing": "guess"}, "missing should be one of interpolate, previous"),
]


@pytest.mark.parametrize(("given", "options", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_features_is_refused_by_one_sentence(
    given: Table, options: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence) as refusal:
        table_sequence(given, **options)  # type: ignore[arg-type]
    assert len(str(refusal.value)) < 250


def test_an_infinite_number_in_another_column_does_no_harm() -> None:
    assert table_sequence(table(x=[1, 2], y=[1, math.inf]), ["x"]).n_steps == 2


def test_more_than_fifty_million_numbers_are_refused() -> None:
    rows = 800_000
    sky = Column("sky", "category", np.array([str(i % 64) for i in range(rows)], object))
    with pytest.raises(InputError, match="50000000 numbers"):
        table_sequence(Table("t", (sky,)), ["sky"])


def test_a_table_refuses_unequal_columns_and_names_that_come_twice() -> None:
    one, two = infer_column("x", [1.0]), infer_column("y", [1.0, 2.0])
    with pytest.raises(InputError, match="have 1, 2"):
        Table("t", (one, two))
    with pytest.raises(InputError, match="has x more than once"):
        Table("t", (one, one))


@given(st.lists(st.none() | MODERATE, min_size=1).filter(lambda x: any(v is not None for v in x)))
def test_every_way_to_fill_gives_finite_numbers(cells: list[float | None]) -> None:
    for missing in ("interpolate", "previous", "mean", "zero"):
        sequence = table_sequence(table(x=list(cells)), missing=missing)  # type: ignore[arg-type]
        assert sequence.n_steps == len(cells)


def test_columns_survive_pickling_read_only() -> None:
    copy = pickle.loads(pickle.dumps(table(x=[1, 2], s=["a", None])))
    assert copy["s"].n_missing == 1
    assert not copy["x"].values.flags.writeable
