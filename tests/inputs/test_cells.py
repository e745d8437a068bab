"""Cells of a column: what is no value, and what cannot be."""

from __future__ import annotations

import pytest

from rnnviz.inputs.cells import MISSING, VALUE_STARTS, is_missing


@pytest.mark.parametrize("marker", sorted(MISSING))
def test_no_spelling_of_no_value_begins_as_a_value_does(marker: str) -> None:
    for spelling in (marker, marker.upper(), marker.title(), "****", "##"):
        assert is_missing(spelling)
        assert spelling[:1] not in VALUE_STARTS
