"""Columns of an uploaded table: what is on is seen, what is left out is named with its reason."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import torch
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

from rnnviz.ui.kept_files import file_address, keep_file
from rnnviz.ui.url import File
from tests.test_app import opened, packet
from tests.ui.packets import unpacked

N = 70
DAYS = np.arange(N) + np.datetime64("2024-05-01")
ROWS = [f"{DAYS[i]},{i * i},{20 - i},{('open', 'shut')[i % 2]},,seen {i} times" for i in range(N)]
TABLE = File("plant.csv", "\n".join(["day,flow,pressure,valve,empty,note", *ROWS]).encode())


def uploaded(**choices: str) -> AppTest:
    keep_file(TABLE)
    app = opened(upload=file_address(TABLE), **choices)
    assert not app.exception
    assert not app.error
    return app


def columns(app: AppTest) -> tuple[list[str], list[str]]:
    """The columns that are offered, and those that are on."""
    proto = app.button_group(key=key_of(app)).proto
    options = [one.content for one in proto.options]
    return options, [options[i] for i in proto.default]


def key_of(app: AppTest) -> str:
    (key,) = (one.key for one in app.get("button_group") if "columns_chips" in str(one.key))
    return str(key)


def with_columns(app: AppTest, on: list[str]) -> AppTest:
    """The app after a click that leaves these on, sent as the browser sends it."""
    pressed = WidgetState(id=app.button_group(key=key_of(app)).proto.id)
    pressed.string_array_value.data.extend(on)
    return app._run(WidgetStates(widgets=[pressed]))


def inputs(app: AppTest) -> list[str]:
    """The rows of the picture's inputs."""
    return list(app.session_state["chosen"]["columns"])


def test_all_columns_of_numbers_are_on_at_first() -> None:
    assert columns(uploaded()) == (["flow", "pressure", "valve"], ["flow", "pressure"])


def test_adding_one_adds_one_and_taking_one_away_takes_one_away() -> None:
    app = with_columns(uploaded(), ["flow", "pressure", "valve"])
    assert columns(app)[1] == inputs(app) == ["flow", "pressure", "valve"]
    app = with_columns(app, ["pressure", "valve"])
    assert columns(app)[1] == inputs(app) == ["pressure", "valve"]
    assert not app.warning
    app = with_columns(app, ["flow", "pressure"])
    assert columns(app)[1] == ["flow", "pressure"]
    # As it was at first, a link need not say it.
    assert "columns" not in app.query_params


def test_the_last_column_stays_on() -> None:
    app = with_columns(with_columns(uploaded(), ["flow"]), [])
    assert columns(app)[1] == ["flow"]
    assert not app.warning


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_columns_that_are_left_out_are_listed_with_their_reason(lang: str) -> None:
    app = uploaded(lang=lang)
    (said,) = [one.value for one in app.caption if "valve" in one.value]
    for name in ("day", "valve", "empty", "note"):
        assert f"{name} (" in said or f"{name}（" in said
    assert "flow" not in said


@pytest.mark.parametrize("choice", [{"columns": '["nowhere"]'}, {"axis": "nowhere"}])
def test_a_link_that_names_a_column_that_is_not_there_opens(choice: dict[str, str]) -> None:
    app = uploaded(**choice)
    assert not app.warning
    assert columns(app)[1] == ["flow", "pressure"]


def test_columns_are_chosen_for_a_model_of_ones_own_too() -> None:
    torch.manual_seed(1)
    file = BytesIO()
    torch.save({f"rnn.{n}": v for n, v in torch.nn.LSTM(1, 4).state_dict().items()}, file)
    model = File("one.pt", file.getvalue())
    keep_file(model)
    app = uploaded(model="file", modelfile=file_address(model), feed="own")
    (said,) = app.warning
    assert "reads 1 numbers a step, but the sequence has 2" in said.value
    app = with_columns(app, ["flow"])
    assert not app.warning
    assert len(unpacked(packet(app, "player"))[0]["tokens"]) == N


@pytest.mark.parametrize(("scale", "said"), [("standard", 1), ("minmax", 1), ("none", 0)])
def test_a_scaled_table_says_that_the_network_reads_other_numbers(scale: str, said: int) -> None:
    app = uploaded(scale=scale)
    assert sum("as it is in the file" in one.value for one in app.caption) == said
