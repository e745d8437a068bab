"""A model file and a table, and their report, for all tests of reports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from rnnviz import cli

NAMES = ("wind", "rain", "sun")
N_STEPS = 300


class Forecast(torch.nn.Module):
    """A network as people save one: layers and a readout."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.rnn = torch.nn.LSTM(3, 6, 2, batch_first=True)
        self.out = torch.nn.Linear(6, 1)


def table() -> str:
    values = np.random.default_rng(3).standard_normal((N_STEPS, 3)).round(3) * [1, 3, 0.2]
    rows = [",".join(map(str, row)) for row in values]
    return "\n".join([",".join(NAMES), *rows, ""])


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with model.pt, data.csv and their reports en.html and zh.html."""
    folder = tmp_path_factory.mktemp("reported")
    torch.save(Forecast().state_dict(), folder / "model.pt")
    (folder / "data.csv").write_text(table(), "utf-8")
    for language in ("en", "zh"):
        paths = [str(folder / name) for name in ("model.pt", "data.csv", f"{language}.html")]
        assert cli.main(["report", *paths[:2], "-o", paths[2], "--language", language]) == 0
    return folder
