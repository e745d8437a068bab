"""What the README says, run."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_notebook_example_runs_as_it_stands() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
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


def test_the_test_command_is_the_one_that_ci_runs() -> None:
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    for command in ('pip install -r requirements.txt -e ".[dev]"', "python -m pytest -n 2"):
        assert command in README
        assert command.removeprefix("pip install ") in ci
