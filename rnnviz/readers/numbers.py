"""A file's array ▶ finite float32 or float64."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnviz.core.arrays import Array, frozen
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError


def finite(name: str, array: Array, answers: Mapping[str, str]) -> Array:
    """The array as read-only float32, or float64 where it came as that or wider.

    answers  nan="zero" reads numbers that are not finite as 0.

    Raises ModelError naming the array for other types and for numbers that are not finite.

    >>> import numpy as np
    >>> finite("w", np.array([np.nan, 1.5], np.float16), {"nan": "zero"}).tolist()
    [0.0, 1.5]
    """
    if array.dtype.kind != "f":
        raise ModelError(
            "“{name}” should hold real floating-point numbers, but its type is {dtype};"
            " save the model unquantised.",
            name=shown(name, 80),
            dtype=array.dtype,
        )
    numbers = array.astype(np.float32 if array.itemsize <= 4 else np.float64, copy=False)
    count = n_not_finite(numbers)
    if count and answers.get("nan") != "zero":
        raise ModelError(
            "“{name}” should be finite, but {count} of its {size} numbers are NaN or infinity;"
            ' the answer nan="zero" reads them as 0.',
            name=shown(name, 80),
            count=count,
            size=numbers.size,
        )
    return frozen(np.where(np.isfinite(numbers), numbers, 0) if count else numbers)


def n_not_finite(array: Array) -> int:
    """How many numbers are NaN or infinite.

    >>> import numpy as np
    >>> n_not_finite(np.array([0.0, np.inf]))
    1
    """
    return int(array.size - np.isfinite(array).sum())
