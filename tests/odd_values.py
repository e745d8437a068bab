"""Values that no argument should have, and the one sentence that answers them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from rnnviz.errors import RnnvizError

ODD: dict[str, Any] = {
    "no number": float("nan"),
    "minus infinity": float("-inf"),
    "a decimal that signals": Decimal("sNaN"),
    "a number of 5,000 digits": -(10**5_000),
    "a complex number": 1 + 2j,
    "half a character": "\ud800",
    "bytes": b"ab",
    "a list of lists": [[1], [2, 3]],
    "an array without axes": np.array(-3),
    "an empty array": np.zeros((0, 0)),
    "an array of four axes": np.zeros((2, 3, 4, 5)),
    "an array of objects": np.array([object()]),
    "records": np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
    "a table": pd.DataFrame({"a": [1, 2]}),
    "a sparse tensor": torch.eye(2).to_sparse(),
    "an object": object(),
    "a function": len,
    "a class": int,
}
odd = pytest.mark.parametrize("value", ODD.values(), ids=ODD)


def result_unless_refused(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Result of a call, None where it is refused in one sentence."""
    try:
        return call(*arguments, **options)
    except RnnvizError as error:
        said = str(error)
    _check_sentence(said)
    return None


def refusal(call: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    """The one sentence with which a call is refused."""
    with pytest.raises(RnnvizError) as caught:
        call(*arguments, **options)
    _check_sentence(str(caught.value))
    return str(caught.value)


def _check_sentence(said: str) -> None:
    assert said.endswith(".")
    assert "\n" not in said
    assert len(said) < 600
