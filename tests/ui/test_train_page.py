"""The Train page: which network is shown, what a click begins, and where its model can be taken."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

import rnnviz as rv
from rnnviz.i18n import word
from rnnviz.train.optimiser import held_out_batch
from rnnviz.ui import training_jobs, training_work
from rnnviz.ui.own_training import TRAINING_GONE
from tests.test_app import APP, clicked

QUICK = {"task": "brackets", "width": "4", "rounds": "30", "lang": "en"}
TRAIN_PAGE = "rnnviz/ui/pages/train.py"


@pytest.fixture(autouse=True)
def _no_job_is_left() -> Iterator[None]:
    yield
    for job in list(training_jobs._JOBS.values()):
        job.stop()
        job.wait(60)
    training_jobs._JOBS.clear()


def train_page(**choices: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=90)
    for key, value in (QUICK | choices).items():
        app.query_params[key] = value
    return app.switch_page(TRAIN_PAGE).run()


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption))


def buttons(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button if (button.key or "").startswith("train_")}


def again(app: AppTest) -> AppTest:
    return app._run(WidgetStates())


def ended(app: AppTest) -> AppTest:
    (job,) = training_jobs._JOBS.values()
    job.wait(60)
    return again(app)


def with_units(app: AppTest, units: int) -> AppTest:
    field = next(one for one in app.number_input if one.label == word("units", "en"))
    return app._run(WidgetStates(widgets=[field.set_value(units)._widget_state]))


def test_the_picture_says_whose_it_is_before_and_after_training() -> None:
    app = train_page()
    assert "**LSTM**, 4 units, **not trained yet**" in said(app)
    assert buttons(app) == {"train_begin"}
    app = ended(clicked(app, "train_begin"))
    assert "**LSTM**, 4 units, after **30** of 30 updates" in said(app)
    assert buttons(app) == {"train_longer", "train_read"}


def test_while_it_runs_only_stop_is_offered_and_other_choices_are_for_the_next() -> None:
    app = clicked(train_page(rounds="5000"), "train_begin")
    assert buttons(app) == {"train_stop"}
    assert word("train.next", "en") not in said(app)
    app = with_units(app, 7)
    assert buttons(app) == {"train_stop"}
    assert word("train.next", "en") in said(app)
    assert "4 units" in said(app)
    (job,) = training_jobs._JOBS.values()
    job.stop()
    app = ended(app)
    assert buttons(app) == {"train_go", "train_begin", "train_read"}
    assert "4 units" in said(app)


def test_saturated_gates_are_drawn_beside_the_loss_and_symptoms_are_named() -> None:
    app = ended(clicked(train_page(), "train_begin"))
    (job,) = training_jobs._JOBS.values()
    (chart,) = (one for one in app.get("plotly_chart") if one.key == "saturation")
    drawn = {line["name"]: line for line in json.loads(chart.proto.spec)["data"]}
    line = drawn[word("signal.forget", "en")]
    assert line["x"] == [one.step for one in job.snapshots]
    sequence = held_out_batch(job.plan, training_work.HEALTH_ROWS).sequence
    for one, share in zip(job.snapshots, line["y"], strict=True):
        forget = rv.trace(one.model, sequence)["forget"][sequence.is_real]
        assert share == pytest.approx(((forget < 0.1) | (forget > 0.9)).mean(), abs=1e-9)
    assert f"after 30 updates: {word('train.no_symptoms', 'en')}" in said(app)
    job.health = (*job.health[:-1], {"0.forward.hidden.dead": 0.75})
    assert "Dead units\\: 75 % of the units" in said(again(app))


def test_a_training_that_is_done_can_be_made_longer() -> None:
    app = ended(clicked(train_page(), "train_begin"))
    app = ended(clicked(app, "train_longer"))
    assert "after **60** of 60 updates" in said(app)
    (job,) = training_jobs._JOBS.values()
    assert job.snapshots[-1].step == 60


def test_a_link_to_a_training_of_another_session_says_so() -> None:
    app = AppTest.from_file(str(APP), default_timeout=90)
    app.query_params["model"] = "training"
    app.query_params["lang"] = "en"
    app.query_params["rounds"] = "900"
    app.run()
    assert str(TRAINING_GONE) in [warning.value for warning in app.warning]
    assert "Still open" not in said(app)
    assert "rounds" not in app.query_params


def test_another_page_shows_that_a_training_runs() -> None:
    app = clicked(train_page(rounds="5000"), "train_begin")
    time.sleep(0.1)
    app.switch_page("rnnviz/ui/pages/learn.py").run()
    links = [link.proto.label for link in app.get("page_link")]
    assert any(label.startswith("Training ") for label in links)


def test_the_trained_network_opens_in_read_with_its_letters() -> None:
    app = ended(clicked(train_page(), "train_begin"))
    app = clicked(app, "train_read")
    assert not app.exception
    assert app.query_params["model"] in ("training", ["training"])
    assert not [error.value for error in (*app.error, *app.warning)]
    placeholders = [field.placeholder for field in app.text_input]
    assert any(set(text) <= set("()[]{}") and text for text in placeholders)
