"""What a notebook shows of a sequence, a model, a trace and a recording."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

import rnnviz as rv
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
