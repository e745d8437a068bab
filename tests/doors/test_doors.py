"""Every case is read as its witness reads it, or answered with a sentence that names the matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doors.all_cases import CASES
from tests.doors.case import Case

# Exporters and old layers warn of themselves.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("case", CASES, ids=[f"{one.door}: {one.title}" for one in CASES])
def test_nobody_is_wronged_at_the_door(case: Case, tmp_path: Path) -> None:
    fault = case.fault(case.run(tmp_path))
    assert not fault, fault
