"""The cell that CONTRIBUTING.md adds, added as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import rnnviz as rv
from rnnviz import cells
from rnnviz.analysis.contributions import contributions
from rnnviz.analysis.update import state_update
from rnnviz.core.cell import Cell
from tests.witnesses import BATCH, INPUT, STEPS, UNIT, normal

TEXT = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text("utf-8")
FILE, TEST = (block for block in re.findall(r"( *)```python\n(.*?)```", TEXT, re.DOTALL))


def run(indent: str, block: str) -> dict[str, object]:
    names: dict[str, object] = {"__name__": "contributing"}
    exec(re.sub(f"^{indent}", "", block, flags=re.MULTILINE), names)
    return names


@pytest.fixture(autouse=True)
def cell(monkeypatch: pytest.MonkeyPatch) -> Cell:
    """The cell of the file that is printed, known as if its file were there."""
    found = run(*FILE)["UGRNN"]
    assert isinstance(found, Cell)
    monkeypatch.setitem(cells.CELLS._imported, "ugrnn", found)
    return found


def test_the_printed_cell_has_its_equations_weights_and_updates(cell: Cell) -> None:
    assert len(cell.equations) == len(cell.signals) == 3
    roles = ("x", "h", "b", "bh")
    assert set(cell.params_by_name) == {f"{g}.{r}" for g in ("update", "candidate") for r in roles}
    kept, written = cell.updates["hidden"]
    assert kept.factors == ("update", "before:hidden")
    assert written.factors == ("one_minus:update", "candidate")


def test_the_printed_test_of_the_printed_cell_passes() -> None:
    run(*TEST)["test_ugrnn_is_the_formula_of_collins_from_a_random_state"]()


def test_the_arithmetic_of_the_printed_cell_adds_up(cell: Cell) -> None:
    sizes = {"unit": UNIT, "input": INPUT}
    weights = {
        param.name: normal(*(sizes[axis] for axis in param.axes), seed=i)
        for i, param in enumerate(cell.params)
    }
    model = rv.Model((rv.Layer("ugrnn", "forward", weights),))
    trace = rv.trace(model, normal(STEPS, BATCH, INPUT, seed=9))
    place = {"layer": 0, "time": 3, "unit": 2, "row": 1}
    for gate in ("update", "candidate"):
        view = contributions(model, trace, gate=gate, **place)
        assert view.computed == pytest.approx(view.value, abs=1e-12)
    view = state_update(model, trace, state="hidden", **place)
    assert view.sum == pytest.approx(view.value, abs=1e-12)
