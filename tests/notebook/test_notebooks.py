"""The notebooks run, in one kernel and without a network, and show what their text says."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from PIL import Image

from docs.notebooks import HERE, NOTEBOOKS, PLOTLY, executed

ROOT = Path(__file__).parents[2]
# An address that nobody answers: who asks the network waits for an error.
NOWHERE = "http://127.0.0.1:9"


class Ran:
    """A notebook that was run."""

    def __init__(self, cells: list[Any]) -> None:
        self.cells = cells
        self._outputs = [output for cell in cells for output in cell.get("outputs", ())]

    @property
    def said(self) -> str:
        """Everything that was printed, warnings too."""
        return "\n".join(one.text for one in self._outputs if one.output_type == "stream")

    def shown(self, kind: str) -> list[Any]:
        """Outputs of a kind."""
        return [one.data[kind] for one in self._outputs if kind in one.get("data", {})]

    def number(self, pattern: str) -> float:
        """The number that was printed where the pattern has its group."""
        found = re.search(pattern, self.said)
        assert found, pattern
        return float(found[1])


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Ran]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("OMP_NUM_THREADS", "1")
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            patch.setenv(name, NOWHERE)
        books = executed(tmp_path_factory.mktemp("notebooks"))
    return {name: Ran(cells) for name, cells in books.items()}


def test_there_are_three_that_are_saved_without_outputs_and_small() -> None:
    assert set(NOTEBOOKS) == {"your-own-lstm", "watch-a-training", "read-a-forecasting-model"}
    for path in NOTEBOOKS.values():
        assert path.stat().st_size < 20_000
        cells = json.loads(path.read_text("utf-8"))["cells"]
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
        assert len({cell["id"] for cell in cells}) == len(cells)
        assert [cell["cell_type"] for cell in cells[:2]] == ["markdown", "markdown"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_its_main_picture_is_kept(name: str) -> None:
    cells = nbformat.read(NOTEBOOKS[name], 4).cells
    tags = [tag for cell in cells for tag in cell.metadata.get("tags", ())]
    assert tags.count("picture") == 1
    kept = HERE / f"notebook-{name}.webp"
    with Image.open(kept) as picture:
        assert picture.width == 1000
    assert kept.stat().st_size < 150_000


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_line_for_colab_names_the_wheel_and_extras_that_there_are(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    first = nbformat.read(NOTEBOOKS[name], 4).cells[0].source
    wheel = re.search(r'"rnnviz\[(.*?)\] @ file:///content/(.*?)"`', first)
    assert wheel
    assert wheel[2] == f"rnnviz-{project['version']}-py3-none-any.whl"
    here = re.search(r'pip install "\.\[(.*?)\]"', first)
    assert here
    assert {*wheel[1].split(","), *here[1].split(",")} <= set(project["optional-dependencies"])
    assert "http" not in first


def test_your_own_lstm_is_opened_and_its_counting_unit_found(ran: Mapping[str, Ran]) -> None:
    book = ran["your-own-lstm"]
    assert book.number(r"right at (.*)% of the letters") > 90
    assert abs(book.number(r"correlation with the depth (\S+)")) > 0.8
    assert book.number(r"held +right at (\d+)%") < book.number(r"the network right at (\d+)%")
    tables = book.shown("text/html")
    for said in (
        "data-rnnviz",
        "Certainty: Proved",
        "<td>lstm</td><td>1</td><td>16</td>",
        "tagger.pt",
    ):
        assert any(said in table for table in tables), said
    assert len(book.shown(PLOTLY)) == 1


def test_the_ill_training_is_named_at_its_first_update(ran: Mapping[str, Ran]) -> None:
    book = ran["watch-a-training"]
    assert "HealthWarning: Update 0, lstm, layer 1: Closed forget gate" in book.said
    sound, ill = re.findall(r"(?:sound|ill): loss .*\n.*", book.said)
    assert "0 symptoms" in sound
    assert "1 symptom," in ill
    # A guess has a loss of ln 2.
    assert book.number(r"sound: loss (\S+)") < 0.6 < 0.67 < book.number(r"ill: loss (\S+)")
    assert len(book.shown(PLOTLY)) == len(book.shown("text/html")) == 1


def test_the_forecasting_model_is_read_as_its_river_was_made(ran: Mapping[str, Ran]) -> None:
    book = ran["read-a-forecasting-model"]
    assert book.number(r"explains (\d+)%") > 75
    assert 4 <= book.number(r"left after (\d+) days") <= 20
    assert 4 < book.number(r"12th day (\S+)% are lost") < 16
    shares = [
        book.number(rf"without {name} +the forecast moves by (\d+)%")
        for name in ("rain", "temperature", "wind")
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[2] < 40
    assert "no symptom" in book.said
    assert any("head.weight (1, 8), linear" in table for table in book.shown("text/html"))
