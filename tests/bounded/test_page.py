"""A page answers a hostile file with a sentence, and other sessions meanwhile."""

from __future__ import annotations

import threading
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.bounded.limits import Limits
from rnnviz.errors import ModelError
from rnnviz.network.model import Model
from rnnviz.readers.bounded_import import import_model_bounded
from rnnviz.readers.result import Source
from rnnviz.ui.page_bounds import check_trace_choice
from rnnviz.ui.url import File, pack_file
from tests.bounded.hostile_inputs import npz
from tests.bounded.hostile_models import a_diagonal_of

APP = Path(__file__).parents[2] / "app.py"


def opened(**choices: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    for key, value in choices.items():
        app.query_params[key] = value
    return app.run()


def sentences(app: AppTest) -> str:
    assert not app.exception
    return " ".join(str(each.value) for each in (*app.warning, *app.error))


def in_a_link(name: str, data: bytes) -> str:
    link = pack_file(File(name, data))
    assert link
    return link


def test_an_array_of_millions_of_features_makes_no_network() -> None:
    data = npz(x=np.zeros((1, 1, 25_000_000), np.int8))
    assert len(data) < 30_000
    assert "25000000 features" in sentences(opened(upload=in_a_link("a.npz", data)))


def test_a_network_of_too_many_weights_is_not_made() -> None:
    data = npz(x=np.zeros((1, 1, 40_000), np.int8))
    link = in_a_link("a.npz", data)
    assert "20,000 units and inputs" in sentences(opened(upload=link))
    assert "may have 20,000,000 weights" in sentences(opened(upload=link, units="200"))


def a_million_units() -> Model:
    return import_model_bounded(Source("m.npz", a_diagonal_of(1_000_000)))[0].model


def test_a_network_of_a_million_units_is_not_traced_on_a_page() -> None:
    with pytest.raises(ModelError, match="at most 20,000 units"):
        check_trace_choice(a_million_units(), 1)


def test_the_served_app_watches_no_files() -> None:
    settings = tomllib.loads((APP.parent / ".streamlit" / "config.toml").read_text())
    assert settings["server"]["fileWatcherType"] == "none"


def slow(*arguments: Any) -> None:
    """A file whose reading never ends."""
    time.sleep(1_000)


def test_another_session_is_answered_while_a_file_computes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened()
    monkeypatch.setattr("rnnviz.inputs.bounded_file.read_file", slow)
    limits = Limits(5, 100_000_000, wall_s=8, result_bytes=1)
    monkeypatch.setattr("rnnviz.inputs.bounded_file.reading_limits", lambda *_: limits)
    said: list[str] = []
    link = in_a_link("slow.csv", b"a,b\n1,2\n")
    hostile = threading.Thread(target=lambda: said.append(sentences(opened(upload=link))))
    hostile.start()
    time.sleep(0.3)
    other = opened(text="hello")
    assert hostile.is_alive()
    hostile.join(60)
    assert not other.exception
    assert "takes longer to read than" in said[0]
