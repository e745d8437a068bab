"""Arrays ▶ Table, or a Sequence where they have the batch axis a table lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.core.checks import shown
from rnnviz.core.sequence import Sequence
from rnnviz.errors import InputError
from rnnviz.inputs.column import array_column
from rnnviz.inputs.encode import check_size
from rnnviz.inputs.table import Table
from rnnviz.text.bounds import check_cells, check_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnnviz.core.arrays import Array


def array_content(name: str, array: Array) -> Table | Sequence:
    """(time,) or (time, feature) as a Table, (time, batch, feature) as a Sequence.

    Raises InputError for dates with several axes and for too many columns.

    >>> import numpy as np
    >>> array_content("a.npy", np.ones((4, 2))).names
    ('x0', 'x1')
    """
    if array.ndim == 3:
        check_size(*array.shape)
        return Sequence(array)
    rows = array[:, None] if array.ndim == 1 else array
    check_columns(name, rows.shape[1])
    check_cells(name, rows.size)
    return Table(name, tuple(array_column(f"x{i}", part) for i, part in enumerate(rows.T)))


def arrays_content(name: str, arrays: Mapping[str, Array]) -> Table | Sequence:
    """One array as `array_content` takes it, or several of one axis as columns by name.

    Raises InputError for other mixtures, naming the arrays.

    >>> import numpy as np
    >>> arrays_content("a.npz", {"x": np.ones(3), "y": np.ones(3)}).names
    ('x', 'y')
    """
    if len(arrays) == 1:
        return array_content(name, next(iter(arrays.values())))
    if len({array.shape for array in arrays.values()}) > 1 or any(
        array.ndim > 1 for array in arrays.values()
    ):
        raise InputError(
            "“{name}” should hold one array, or several of one axis and equal length, but it"
            " holds {arrays}; save the one you mean.",
            name=shown(name),
            arrays=shown(", ".join(f"{k} {v.shape}" for k, v in arrays.items()), limit=200),
        )
    check_cells(name, sum(array.size for array in arrays.values()))
    return Table(name, tuple(array_column(title, part) for title, part in arrays.items()))
