"""What a notebook shows of sequences, models, traces, recordings, watched layers, certainties."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import rnnviz as rv
from rnnviz.readers.certainty import Assumption, Parity
from tests.witnesses import normal

HOSTILE = "<script>alert(1)</script>"


def test_they_say_what_there_is_and_escape_it(tmp_path: Path) -> None:
    model = replace(rv.random_model("lstm", n_inputs=3, n_units=5), source=HOSTILE)
    features = (HOSTILE, "x", "y")
    sequence = rv.Sequence(normal(2, 1, 3), ((HOSTILE, "b"),), features=features)
    trace = rv.trace(model, sequence)
    recording = rv.record(model, normal(4, 3), tmp_path / "recorded")
    shutil.rmtree(recording.folder)
    every = {
        "2 steps, 1 row, 3 features": sequence,
        "<td>lstm</td><td>forward</td><td>3</td><td>5</td>": model,
        f"<td>{trace['forget'].max():.4g}</td>": trace,
        "4 steps in": recording,
    }
    for said, shown in every.items():
        html = shown._repr_html_()
        assert said in html
        assert "<script" not in html
        assert "&lt;script&gt;" in html
        assert len(html) < 5_000


def test_a_broken_run_and_very_many_names_are_shown() -> None:
    trace = rv.trace(rv.random_model("lstm", n_inputs=1, n_units=2), [[0.5], [0.1]])
    [layer] = trace.layers
    ends = np.stack([np.full((1, 2), -np.inf), np.full((1, 2), np.inf)])
    empty = np.full((2, 1, 2), np.nan)
    broken = replace(layer, signals={**layer.signals, "cell": ends, "forget": empty})
    html = replace(trace, layers=(broken,))._repr_html_()
    assert "<td>-inf</td><td>nan</td><td>inf</td>" in html
    assert "<td>forget</td><td>2</td></tr>" in html
    assert "… 80 more" in rv.random_model("gru", 1, 1, 100)._repr_html_()


def test_a_watched_layer_has_a_line_for_every_kept_call() -> None:
    model = torch.nn.ModuleDict({HOSTILE: torch.nn.GRU(2, 3)})
    with rv.watch(model, every=2, keep=22) as seen:
        for n_steps in range(1, 51):
            model[HOSTILE](torch.ones(n_steps, 2, 2))
    html = seen[HOSTILE]._repr_html_()
    assert "22 of 50 calls kept" in html
    assert "&lt;script&gt;" in html
    rows = [re.findall("<td>(.*?)</td>", row) for row in html.split("<tr>")[2:]]
    assert [row[:3] for row in rows] == [[str(n), str(n + 1), "2"] for n in range(10, 50, 2)]
    assert float(rows[-1][3]) == pytest.approx(
        seen[HOSTILE][-1].certainty.parity.difference, rel=0.1
    )
    assert html.endswith("<p>… 2 earlier</p>")


def test_a_watched_layer_says_why_calls_were_not_kept() -> None:
    model = torch.nn.LSTM(2, 3)
    with rv.watch(model, rows=[5]) as seen:
        model(torch.ones(4, 2, 2))
    html = seen[""]._repr_html_()
    assert "LSTM: 0 of 1 call kept" in html
    assert "Rows 5 of the batch are to be kept, but it has only 2" in html


def test_a_certainty_shows_what_was_compared_and_what_assumed() -> None:
    parity = Parity("whole", 1.25e-8, 0.5, 1_032)
    proved = rv.Certainty((), parity)._repr_html_()
    for said in (
        "Certainty: Proved",
        "own run",
        "<td>1,032</td>",
        "<td>1.2e-08</td>",
        "0.5, float32",
    ):
        assert said in proved
    assert "assumed" not in proved
    checked = rv.Certainty((), replace(parity, scope="arithmetic"))._repr_html_()
    assert "Certainty: Arithmetic checked" in checked
    assumed = rv.Certainty((Assumption("activation", HOSTILE),), None)._repr_html_()
    assert assumed.count("<tr><td>assumed</td>") == 2
    assert "&lt;script&gt;" in assumed
    assert "<script" not in assumed
