"""File ▶ Sequence in one call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.core.checks import check_steps
from rnnviz.core.sequence import Sequence
from rnnviz.inputs.files import Text, read_file
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
    columns: Rows[str] | None = None,
    scale: Scale = "none",
    missing: FillMethod = "refuse",
    axis: str | None = None,
    max_steps: int | None = None,
) -> Sequence:
    """The file as a Sequence: from a path, or from `data` uploaded under a name.

    A text is read as `parse` reads it (kind, encoding, size, seed, vocabulary), a table as
    `table_sequence` does (columns, scale, missing, axis), an array of three axes as it is.

    Raises InputError for what is missing or cannot be read.

    >>> read_sequence("a.csv", b"x,y\\n1,2\\n3,4\\n").values[:, 0].tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    path = Path(path_or_name)
    content = read_file(path.name, path if data is None else data)
    if isinstance(content, Sequence):
        check_steps(content.n_steps, max_steps)
        return content
    if isinstance(content, Text):
        return parse(
            content.text,
            kind,
            encoding=encoding,
            size=size,
            seed=seed,
            vocabulary=vocabulary,
            max_steps=max_steps,
        )
    return table_sequence(
        content, columns, scale=scale, missing=missing, axis=axis, max_steps=max_steps
    )
