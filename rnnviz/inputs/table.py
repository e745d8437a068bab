"""Tables and their Sequence: columns become features, rows become steps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from rnnviz.core.checks import check_choice, check_steps, shown
from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError
from rnnviz.inputs.encode import check_array_size
from rnnviz.inputs.features import FillMethod, check_feature, feature_names, feature_values
from rnnviz.inputs.time_steps import is_of_times

if TYPE_CHECKING:
    from collections.abc import Sequence as Rows

    from rnnviz.core.arrays import Array
    from rnnviz.inputs.column import Column
    from rnnviz.inputs.decision import Decision


Scale = Literal["standard", "minmax", "none"]
_LABELS_AT_ONCE = 10_000


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length with different names.

    name      file name.
    columns   at least one, of at least one row.
    encoding  encoding of a text file: "utf-8", "gb18030", …; "" for others.
    index     the column that numbers or names the rows and is no feature; "" for none.
    file_decisions  what was decided about the file as a whole.

    Raises InputError for no rows, unequal lengths and repeated names.

    >>> from rnnviz.inputs.column import Column
    >>> table = Table("prices", (Column("price", "number", [1.0, 2.0]),))
    >>> table.n_rows, table["price"].kind
    (2, 'number')
    """

    name: str
    columns: tuple[Column, ...]
    encoding: str = ""
    index: str = ""
    file_decisions: tuple[Decision, ...] = ()

    def __post_init__(self) -> None:
        _check_names(self)
        _check_rows(self)

    @property
    def n_rows(self) -> int:
        """Rows of every column."""
        return len(self.columns[0].values)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def n_missing(self) -> dict[str, int]:
        """Number of missing values by column, for columns that miss some."""
        counts = {column.name: column.n_missing for column in self.columns}
        return {name: count for name, count in counts.items() if count}

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What was decided in reading it: about the file, then column by column."""
        return (*self.file_decisions, *(one for c in self.columns for one in c.decisions))

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise InputError(
            "“{table}” has no column “{came}”; choose among {names}.",
            table=shown(self.name),
            came=shown(name),
            names=_listed(self.names),
        )


def table_sequence(
    table: Table,
    columns: Rows[str] | None = None,
    *,
    scale: Scale = "standard",
    missing: FillMethod = "interpolate",
    axis: str | None = None,
    max_steps: int | None = None,
) -> Sequence:
    """Sequence (row, 1, feature) of a table.

    columns  features, in this order; by default every column with numbers but axis and index.
             A category becomes a feature `column=value` for each of its values.
    scale    numbers only, per column, after filling. "standard": mean 0, deviation 1 (a constant
             column gives zeros). "minmax": from 0 to 1.
    missing  how gaps in those columns are filled, see `fill_missing`; "drop" leaves out
             every row with one and "refuse" raises.
    axis     column of the tokens; by default the index, unless it counts the rows, else the first
             column of dates. "" or neither of them gives row numbers; a missing token is "?".

    Raises InputError for columns that cannot be features, infinite numbers and too many steps.

    >>> from rnnviz.inputs.column import Column
    >>> table = Table("prices", (Column("price", "number", [1.0, float("nan"), 3.0]),))
    >>> table_sequence(table, scale="none").values.ravel().tolist()
    [1.0, 2.0, 3.0]
    """
    check_choice("scale", scale, get_args(Scale))
    check_choice("missing", missing, get_args(FillMethod))
    axis_column = _axis(table, axis)
    chosen = _chosen(table, columns, axis_column)
    for column in chosen:
        check_feature(column)
    if missing == "refuse":
        _check_none_missing(table, chosen)
    kept = _kept(table, chosen) if missing == "drop" else np.arange(table.n_rows)
    check_steps(len(kept), max_steps)
    features = tuple(name for column in chosen for name in feature_names(column))
    check_array_size(len(kept), 1, len(features))
    values = [part for column in chosen for part in feature_values(column, kept, missing, scale)]
    tokens = axis_labels(axis_column, table.n_rows)[kept]
    labels = (tuple(tokens.tolist()),)
    return Sequence(np.stack(values, axis=1)[:, None, :], labels, features=features)


def default_axis(table: Table) -> Column | None:
    """Column of the tokens where none is chosen; None for row numbers.

    The index, unless it counts the rows, else the first column of dates, or of times alone.
    """
    if table.index and not table[table.index].counts_rows:
        return table[table.index]
    dates = [column for column in table.columns if column.kind == "date"]
    return next((column for column in dates if not is_of_times(column)), next(iter(dates), None))


def axis_labels(column: Column | None, n_rows: int) -> Array:
    """Labels (row,) of a column's values, "?" for a missing one; row numbers without a column.

    Dates are ISO 8601, as short as all of them allow: the day alone when every time is midnight.

    >>> axis_labels(None, 3).tolist()
    ['1', '2', '3']
    """
    if column is None:
        return np.array(list(map(str, range(1, n_rows + 1))), object)
    if column.kind == "date":
        return _date_labels(column.values)
    texts = np.array(list(map(_value_label, column.values)), object)
    return np.where(column.is_missing, "?", texts)


def _date_labels(dates: Array) -> Array:
    present = dates[~np.isnat(dates)]
    unit = _shortest_unit(present)
    # Times of day alone are of the first day that is counted.
    is_first_day = (present.astype("datetime64[D]") == np.datetime64(0, "D")).all()
    replaced = ("1970-01-01T", "") if is_first_day and unit != "D" else ("T", " ")
    labels = np.empty(len(dates), object)
    # As text an array takes 28 to 45 characters a label.
    for start in range(0, len(dates), _LABELS_AT_ONCE):
        part = dates[start : start + _LABELS_AT_ONCE].astype(f"datetime64[{unit}]")
        written = np.datetime_as_string(part)
        written = written if unit == "D" else np.char.replace(written, *replaced)
        labels[start : start + _LABELS_AT_ONCE] = np.where(np.isnat(part), "?", written)
    return labels


def _shortest_unit(present: Array) -> str:
    units = ("D", "m", "s")
    exact = (unit for unit in units if (present == present.astype(f"datetime64[{unit}]")).all())
    return next(exact, "us")


def _value_label(value: str | float | None) -> str:
    return f"{value:.15g}" if isinstance(value, float) else shown(value)


def standard_features(table: Table, axis: Column | None) -> tuple[Column, ...]:
    """Columns that are features where none are chosen: every one of numbers but axis and index.

    A column without a single value is none, unless there is no other.
    """
    numbers = [c for c in table.columns if c.kind == "number" and c is not axis]
    numbers = [column for column in numbers if column.name != table.index]
    return tuple([column for column in numbers if not column.is_missing.all()] or numbers)


def _axis(table: Table, axis: str | None) -> Column | None:
    if axis is None:
        return default_axis(table)
    return table[axis] if axis else None


def _chosen(table: Table, names: Rows[str] | None, axis: Column | None) -> tuple[Column, ...]:
    if names is None:
        columns = standard_features(table, axis)
    else:
        columns = tuple(table[name] for name in dict.fromkeys(names))
    if not columns:
        for misread in (one for one in table.decisions if one.name == "text"):
            raise InputError(
                "Column “{column}” should hold numbers, but “{cell}” in row {row} is none; correct"
                " it, or say that it stands for a missing value with na_values.",
                column=shown(misread.column),
                **{name: shown(value) for name, value in misread.facts.items()},
            )
        raise InputError(
            "At least one column of numbers is needed for features, but “{table}” gives none;"
            " choose among {names}.",
            table=shown(table.name),
            names=_listed(table.names),
        )
    return columns


def _kept(table: Table, chosen: tuple[Column, ...]) -> Array:
    kept = np.flatnonzero(~np.any([column.is_missing for column in chosen], axis=0))
    if not len(kept):
        raise InputError(
            "At least one complete row is needed, but every row of “{table}” misses a value in"
            " {names}; choose fewer columns or fill the gaps.",
            table=shown(table.name),
            names=_listed([column.name for column in chosen]),
        )
    return kept


def _check_none_missing(table: Table, chosen: tuple[Column, ...]) -> None:
    counts = {column.name: column.n_missing for column in chosen if column.n_missing}
    if counts:
        raise InputError(
            "Every value should be present, but “{table}” misses {counts};"
            " choose interpolate, previous, mean, zero or drop for “missing”.",
            table=shown(table.name),
            counts=_listed([f"{shown(name)}: {count}" for name, count in counts.items()]),
        )


def _check_names(table: Table) -> None:
    twice = [name for name, count in Counter(table.names).items() if count > 1]
    if twice:
        raise InputError(
            "Every column needs a name of its own, but “{table}” has {names} more than once;"
            " rename them.",
            table=shown(table.name),
            names=_listed(twice),
        )


def _check_rows(table: Table) -> None:
    lengths = {len(column.values) for column in table.columns}
    if len(lengths) > 1:
        raise InputError(
            "Every column needs as many values, but those of “{table}” have {lengths};"
            " make them equal.",
            table=shown(table.name),
            lengths=", ".join(map(str, sorted(lengths))),
        )
    if lengths in (set(), {0}):
        raise InputError(
            "At least one row of values was expected, but “{table}” holds none; add some.",
            table=shown(table.name),
        )


def _listed(names: Rows[str]) -> str:
    """First few names, shortened."""
    few = ", ".join(shown(name) for name in names[:8])
    return few + ", …" if len(names) > 8 else few
