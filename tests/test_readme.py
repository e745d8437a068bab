"""What the README says, run."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

import rnnviz as rv
from rnnviz.cells import CELLS
from rnnviz.lessons.registry import LESSONS
from rnnviz.train.presets import general_presets

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def python_block(heading: str) -> str:
    """The first Python example under a heading."""
    found = re.search(r"```python\n(.*?)```", README.split(f"{heading}\n")[1], re.DOTALL)
    assert found
    return found[1]


def test_the_watching_example_runs_as_it_stands() -> None:
    class Tagger(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = torch.nn.ModuleDict({"rnn": torch.nn.LSTM(3, 4)})

        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            hidden, _ = self.encoder["rnn"](batch)
            return hidden

    block = python_block("## In your own code")
    names: dict[str, object] = {"rv": rv, "model": Tagger(), "batch": torch.zeros(5, 2, 3)}
    exec(block, names)
    forget, seen = (eval(line, names) for line in block.splitlines() if line.startswith("seen"))
    assert forget.shape == (5, 2, 4)
    assert "encoder.rnn" in repr(seen)


def test_the_notebook_example_runs_as_it_stands() -> None:
    block = python_block("## In a notebook")
    names: dict[str, object] = {}
    exec(block, names)
    lines = [line for line in block.splitlines() if line.startswith(("rv.", "trace["))]
    figure, forget = (eval(line, names) for line in lines)
    assert isinstance(figure, go.Figure)
    assert isinstance(forget, np.ndarray)
    assert forget.shape == (len("hello"), 1, 16)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_every_link_and_picture_is_there(target: str) -> None:
    assert (ROOT / target).is_file()


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("*Learn* holds eleven lessons", len(LESSONS)),
        ("eleven trained here", len(general_presets())),
        ("Eleven small models trained here", len(general_presets())),
    ],
)
def test_what_is_counted_is_there(said: str, count: int) -> None:
    assert said in " ".join(README.split())
    assert count == 11


def test_every_cell_and_every_room_has_its_line() -> None:
    lines = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", README, re.MULTILINE)
    assert set(re.findall(r"\w+", " ".join(lines))) == set(CELLS)
    rooms = {path.parent.name for path in (ROOT / "rnnviz").glob("*/__init__.py")}
    assert rooms == set(re.findall(r"^rnnviz/(\w+)/ ", README, re.MULTILINE))


def test_the_test_command_is_the_one_that_ci_runs() -> None:
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    for command in ('pip install -r requirements.txt -e ".[dev]"', "python -m pytest -n 2"):
        assert command in README
        assert command.removeprefix("pip install ") in ci
