"""One call from a file to a Sequence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.core.checks import check_steps
from rnnviz.core.sequence import Sequence
from rnnviz.inputs.bounded_file import read_file_bounded
from rnnviz.inputs.csv_table import read_csv
from rnnviz.inputs.decision import warn_of_assumptions
from rnnviz.inputs.file_format import FileFormat, HeaderLine
from rnnviz.inputs.files import Text
from rnnviz.inputs.parse import TextEncoding, TextKind, parse
from rnnviz.inputs.table import Scale, table_sequence

if TYPE_CHECKING:
    from collections.abc import Sequence as Rows

    from rnnviz.inputs.features import FillMethod


def read_sequence(
    path_or_name: str | Path,
    data: bytes | None = None,
    *,
    kind: TextKind = "characters",
    encoding: TextEncoding = "one_hot",
    size: int = 8,
    seed: int = 0,
    vocabulary: Rows[str] | None = None,
    joined: Rows[str] = (),
    columns: Rows[str] | None = None,
    scale: Scale = "none",
    missing: FillMethod = "refuse",
    axis: str | None = None,
    max_steps: int | None = None,
    sep: str | None = None,
    header: HeaderLine = "infer",
    decimal: str | None = None,
    thousands: str | None = None,
    dayfirst: bool | None = None,
    yearfirst: bool | None = None,
    parse_dates: bool = True,
    na_values: Rows[str] = (),
    skipfooter: int | None = None,
    charset: str | None = None,
    sheet: str | None = None,
    orient: str | None = None,
    bounded: bool | None = None,
) -> Sequence:
    """Sequence of a file at a path, or of `data` uploaded under a name.

    A text takes the options of `parse` (kind, encoding, size, seed, vocabulary, joined), a table,
    or a text of kind "table", those of `table_sequence` (columns, scale, missing, axis); an array
    of three axes stays as it is.
    sep, header, decimal, thousands, dayfirst, yearfirst, parse_dates, na_values, skipfooter,
    charset, sheet and orient say how the file is written, see `FileFormat`; what they leave open is
    found in it.

    Warns once, by AssumptionWarning, of what the file leaves open and could change a number.

    bounded  True to read the file in a process of its own with limits on time and memory, False to
             read it here, None for the first unless it is small and not packed.

    Raises InputError for a file that is missing or cannot be read.

    >>> read_sequence("a.csv", b"x,y\\n1,2\\n3,4\\n").values[:, 0].tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    path = Path(path_or_name)
    how = FileFormat(
        sep=sep,
        header=header,
        decimal=decimal,
        thousands=thousands,
        dayfirst=dayfirst,
        yearfirst=yearfirst,
        parse_dates=parse_dates,
        na_values=na_values if isinstance(na_values, str) else tuple(na_values),
        skipfooter=skipfooter,
        charset=charset,
        sheet=sheet,
        orient=orient,
    )
    content = read_file_bounded(path.name, path if data is None else data, bounded, how)
    if isinstance(content, Sequence):
        check_steps(content.n_steps, max_steps)
        return content
    if isinstance(content, Text) and kind == "table":
        content = read_csv(path.name, content.text, content.encoding, how)
    concerned = ("", *columns) if columns is not None else None
    warn_of_assumptions(
        (one for one in content.decisions if concerned is None or one.column in concerned),
        stacklevel=3,
    )
    if isinstance(content, Text):
        return parse(
            content.text,
            kind,
            encoding=encoding,
            size=size,
            seed=seed,
            vocabulary=vocabulary,
            joined=joined,
            max_steps=max_steps,
        )
    return table_sequence(
        content, columns, scale=scale, missing=missing, axis=axis, max_steps=max_steps
    )
