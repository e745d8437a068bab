"""What CONTRIBUTING.md adds, added as it stands there: a cell, a view, a page, a model format,
a finding."""

from __future__ import annotations

import doctest
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import rnnviz as rv
from rnnviz import cells
from rnnviz.analysis.contributions import contributions
from rnnviz.analysis.update import state_update
from rnnviz.core.cell import Cell
from rnnviz.figures.theme import Look
from rnnviz.javascript.generate import step_source
from rnnviz.readers.result import Source
from rnnviz.readers.state_dict import import_arrays
from rnnviz.ui import run_figures
from rnnviz.ui.choices import ALL_CHOICES, one_of
from rnnviz.ui.controls import widgets
from rnnviz.ui.selections import RandomModel, RunChoice, TypedText
from tests.witnesses import BATCH, INPUT, STEPS, UNIT, normal

TEXT = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text("utf-8")
BLOCKS = re.findall(r"( *)```python\n(.*?)```", TEXT, re.DOTALL)
FILE, TEST, (_, VIEW), (_, FIGURE), (_, RESULT), (_, SHOW), (_, PAGE), (_, READER), (_, PRINTED) = (
    BLOCKS
)

NOT_NUMBERS = [
    b'{"a": [[1], [1, 2]]}',
    *(b'{"a": [1.5, %s]}' % one for one in (b"null", b'"2"', b"{}", b"1" + b"0" * 400)),
    b'{"a": [true]}',
]


def run(indent: str, block: str) -> dict[str, object]:
    names: dict[str, object] = {"__name__": "contributing"}
    exec(re.sub(f"^{indent}", "", block, flags=re.MULTILINE), names)
    return names


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> Cell:
    """The cell of the file that is printed, known as if its file were there."""
    found = run(*FILE)["UGRNN"]
    assert isinstance(found, Cell)
    monkeypatch.setitem(cells.CELLS._imported, "ugrnn", found)
    return found


def printed_model(cell: Cell) -> rv.Model:
    sizes = {"unit": UNIT, "input": INPUT}
    weights = {
        param.name: normal(*(sizes[axis] for axis in param.axes), seed=i)
        for i, param in enumerate(cell.params)
    }
    return rv.Model((rv.Layer(cell.name, "forward", weights),))


def test_the_printed_cell_has_its_equations_weights_and_updates(cell: Cell) -> None:
    assert len(cell.equations) == len(cell.signals) == 3
    roles = ("x", "h", "b", "bh")
    assert set(cell.params_by_name) == {f"{g}.{r}" for g in ("update", "candidate") for r in roles}
    kept, written = cell.updates["hidden"]
    assert kept.factors == ("update", "before:hidden")
    assert written.factors == ("one_minus:update", "candidate")


@pytest.mark.usefixtures("cell")
def test_the_printed_test_of_the_printed_cell_passes() -> None:
    run(*TEST)["test_ugrnn_is_the_formula_of_collins_from_a_random_state"]()


def test_the_arithmetic_of_the_printed_cell_adds_up(cell: Cell) -> None:
    model = printed_model(cell)
    trace = rv.trace(model, normal(STEPS, BATCH, INPUT, seed=9))
    place = {"layer": 0, "time": 3, "unit": 2, "row": 1}
    for gate in ("update", "candidate"):
        view = contributions(model, trace, gate=gate, **place)
        assert view.computed == pytest.approx(view.value, abs=1e-12)
    view = state_update(model, trace, state="hidden", **place)
    assert view.sum == pytest.approx(view.value, abs=1e-12)


def test_the_printed_cell_has_gradients_and_javascript(cell: Cell) -> None:
    model = printed_model(cell)
    values, targets = normal(STEPS, BATCH, INPUT, seed=9), normal(STEPS, BATCH, UNIT, seed=8)

    def loss(shift: float) -> float:
        number = float(model.layers[0].weights["update.h"][1, 2]) + shift
        moved = rv.ChangeWeight("update.h", (1, 2), number)
        trace = rv.trace(model, values, intervene=[moved])
        return float(((trace["hidden"] - targets) ** 2).sum())

    found = rv.gradients(model, values, targets).layers[0].weights["update.h"][1, 2]
    assert found == pytest.approx((loss(1e-5) - loss(-1e-5)) / 2e-5, rel=1e-7)
    assert "const v11 = 1.0 - v3;" in step_source(cell)


def module(monkeypatch: pytest.MonkeyPatch, name: str, block: str) -> ModuleType:
    """A printed file as the module it would be; the examples in its docstrings have passed."""
    made = ModuleType(name, None)
    monkeypatch.setitem(sys.modules, name, made)
    exec(compile(block, name, "exec"), made.__dict__)
    tests = doctest.DocTestFinder().find(made, name)
    results = [doctest.DocTestRunner().run(test) for test in tests]
    assert sum(result.attempted for result in results)
    assert not sum(result.failed for result in results)
    return made


def test_the_printed_view_and_its_figure_show_the_norm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Look, "word", lambda look, key: f"{look.language} {key}")
    view = module(monkeypatch, "rnnviz.analysis.state_norm", VIEW)
    drawn = module(monkeypatch, "rnnviz.figures.state_norm", FIGURE)
    values = normal(STEPS, BATCH, INPUT, seed=2)
    sequence = rv.Sequence(values, lengths=(STEPS, STEPS - 2))
    trace = rv.trace(rv.random_model("gru", INPUT, UNIT, dtype=float), sequence)
    norm = view.state_norm(trace, row=1).values
    wanted = np.sqrt((trace["hidden"][: STEPS - 2, 1] ** 2).sum(-1))
    np.testing.assert_allclose(norm, wanted, rtol=0, atol=1e-12)
    kept = vars(run_figures).copy()
    # Its annotations are looked up as well.
    exec(compile(RESULT, "run_figures", "exec", dont_inherit=True), kept)
    run = RunChoice(
        RandomModel("gru", 2, 1, "forward", 0, "xavier", 1, "", "full", "numpy"),
        TypedText("abc", "characters"),
    )
    figure = kept["norm_figure"](run, 0, Look("zh", True)).to_dict()
    assert figure["layout"]["annotations"][0]["text"] == "zh norm"
    assert len(figure["data"]) == 1
    late = drawn.figure(view.state_norm(replace(trace, start=40)), Look())
    assert late["data"][0]["x"][0] == 41


def test_the_printed_chart_stands_beside_the_printed_control(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ALL_CHOICES, "norm", one_of("norm", ("hidden", "shown")))
    monkeypatch.setattr(widgets, "t", lambda key: key)
    line = {"data": [{"type": "scatter"}]}
    monkeypatch.setattr(run_figures, "norm_figure", lambda *_: line, raising=False)
    script = f"""
from unittest.mock import Mock
from rnnviz.ui import address, run_figures, state
from rnnviz.ui.controls.widgets import select, show_chart
address.load_session()
shown = view = Mock()
select("norm", ("hidden", "shown"))
{SHOW}
"""
    app = AppTest.from_string(script)
    app.query_params["norm"] = "shown"
    app.run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 1


def test_the_printed_page_shows_its_heatmaps() -> None:
    # Where it is not one of app.py's pages, nobody else fills its session.
    filled = PAGE.replace("\nshell.show", "\naddress.load_session()\nshell.show")
    app = AppTest.from_string(filled, default_timeout=60)
    app.query_params["cell"] = "gru"
    app.run()
    assert not app.exception
    assert not app.error
    (chart,) = app.get("plotly_chart")
    assert "update" in chart.proto.spec


def test_the_printed_reader_reads_what_pytorch_wrote_and_refuses_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch

    reader = module(monkeypatch, "rnnviz.readers.json_weights", READER)
    gru = torch.nn.GRU(INPUT, UNIT).double()
    state = {name: tensor.tolist() for name, tensor in gru.state_dict().items()}
    arrays = reader.read_json_weights(Source("weights.json", json.dumps(state).encode()))
    model = import_arrays(arrays, {}, source="weights.json")[0].model
    values = normal(STEPS, BATCH, INPUT, seed=3)
    hidden = gru(torch.from_numpy(values))[0].detach().numpy()
    np.testing.assert_allclose(rv.trace(model, values)["hidden"], hidden, rtol=0, atol=1e-12)
    for data in (b"", b"[", b"{}", b"[1]", *NOT_NUMBERS, b"[" * 100_000):
        with pytest.raises(rv.ModelError):
            reader.read_json_weights(Source("weights.json", data))


def test_the_printed_finding_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    made = ModuleType("gru_beside_lstm")
    monkeypatch.setitem(sys.modules, "gru_beside_lstm", made)
    exec(compile(PRINTED, "gru_beside_lstm", "exec"), made.__dict__)
    found = made.FINDING.run()
    assert found.holds
    assert found["gru"] < rv.findings.reproduce("adding_problem")["rnn"] / 100
