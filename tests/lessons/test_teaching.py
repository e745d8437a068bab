"""What `docs/teaching.md` tells teachers: its notebook runs, its commands are the program's."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from rnnviz.cli import main

TEXT = (Path(__file__).parents[2] / "docs" / "teaching.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_cells_of_the_notebook_pass_and_fail_with_a_wrong_answer() -> None:
    (cells,) = blocks("python")
    exec(cells, {})
    with pytest.raises(AssertionError):
        exec(cells.replace("0.75 * 0.6", "0.25 * 0.6"), {})
    with pytest.raises(AssertionError):
        exec(cells.replace('"update": 0}', '"update": 1}'), {})


def test_the_commands_write_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    for line in lines:
        assert main(shlex.split(line)[1:]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"gru.zip", "gru.zh.zip"}
