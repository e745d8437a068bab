"""Results that the app keeps are measured, bounded, and the right ones."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

import rnnviz as rv
from rnnviz.errors import InputError
from rnnviz.ui import results
from rnnviz.ui.result_cache import ResultCache, sizeof
from rnnviz.ui.url import File
from tests.ui.packets import panels_of

APP = Path(__file__).parents[2] / "app.py"
SESSIONS, MODELS = 5, 6
UNITS, TEXT = 48, "abcdefghij" * 10
BUDGET = 650_000


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    results.CACHE.clear()
    yield
    results.CACHE.clear()


def seeded(app: AppTest, seed: int) -> AppTest:
    """The app after another seed was typed."""
    field = app.number_input(key="seed").set_value(seed)
    return app._run(WidgetStates(widgets=[field._widget_state]))


def alive() -> int:
    """Bytes of all traces that anything in this process still holds."""
    gc.collect()
    return sum(
        array.nbytes
        for one in gc.get_objects()
        if type(one) is rv.Trace
        for layer in one.layers
        for array in layer.signals.values()
    )


def test_sessions_of_several_models_each_stay_within_the_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(results.CACHE, "budget", BUDGET)
    before = alive()
    apps = [AppTest.from_file(str(APP), default_timeout=60) for _ in range(SESSIONS)]
    for number, app in enumerate(apps):
        app.query_params.update({"units": str(UNITS), "text": TEXT, "seed": str(1_000 * number)})
        app.run()
    for model in range(1, MODELS):
        for number, app in enumerate(apps):
            seeded(app, 1_000 * number + model)
            assert results.CACHE.n_bytes <= BUDGET
    # All traces would take more than five times the budget.
    assert SESSIONS * MODELS * 6 * UNITS * len(TEXT) * 4 > 5 * BUDGET
    assert alive() - before <= BUDGET
    for number, app in enumerate(apps):
        assert not app.exception
        (given,) = (
            element.proto.bytes
            for element in app.get("bidi_component")
            if element.proto.component_name == "rnnviz_player"
        )
        seed = 1_000 * number + MODELS - 1
        model = rv.random_model("lstm", 10, UNITS, seed=seed, init="xavier", gain=3)
        wanted = rv.trace(model, rv.parse(TEXT))["forget"][:, 0].T
        np.testing.assert_allclose(panels_of(given)["forget"], wanted, atol=1e-6)


def test_the_size_of_a_trace_is_that_of_its_numbers_and_its_model() -> None:
    model = rv.random_model("gru", 2, 50, 2)
    trace = rv.trace(model, np.ones((400, 1, 2), np.float32))
    numbers = 2 * 4 * 50 * 400 * 4 + sum(one.nbytes for one in model.arrays().values())
    assert numbers < sizeof(trace) < 1.2 * numbers


def test_what_a_closure_or_a_view_keeps_alive_counts() -> None:
    whole = np.zeros(10_000, np.uint8)
    assert sizeof(whole[:1]) > 10_000
    assert sizeof(lambda: whole) > 10_000
    assert sizeof({"a": (b"x" * 5_000, whole), "b": [whole]}) < 16_000


def test_the_longest_unused_leaves_first_and_the_latest_always_stays() -> None:
    cache, made = ResultCache(budget=2_500), []

    @cache.cached
    def block(name: str) -> bytes:
        made.append(name)
        return bytes(9_000 if name == "large" else 1_000)

    for name in ("a", "b", "a", "c", "a", "b"):
        block(name)
    assert made == ["a", "b", "c", "b"]
    block("large")
    block("large")
    assert made[-1] == "large"
    assert cache.n_bytes > 9_000
    block("a")
    assert cache.n_bytes < 2_500


def test_what_fails_is_not_kept() -> None:
    asked = []

    @ResultCache(budget=1_000).cached
    def fails(number: int) -> int:
        asked.append(number)
        raise InputError("It failed.")

    for _ in range(2):
        with pytest.raises(InputError):
            fails(1)
    assert asked == [1, 1]


def test_two_who_want_the_same_at_once_make_it_once() -> None:
    made, start = [], threading.Barrier(4)

    @ResultCache(budget=1_000).cached
    def slow(number: int) -> int:
        made.append(number)
        return number

    def ask() -> None:
        start.wait()
        slow(7)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [7]


def test_a_file_stands_for_its_content() -> None:
    first, second = (File("a.csv", f"x\n{i}\n{i}".encode()) for i in (1, 2))
    assert results.content_of(first) is not results.content_of(second)
    assert results.content_of(first) is results.content_of(File("a.csv", b"x\n1\n1"))


def test_what_one_alone_has_asked_for_goes_with_him() -> None:
    who, calls = ["a"], []
    cache = ResultCache(budget=10_000, owner=lambda: who[0])

    @cache.cached
    def result(name: str) -> bytes:
        calls.append(name)
        return name.encode() * 100

    def ask(asking: str, *names: str) -> None:
        who[0] = asking
        for name in names:
            result(name)

    ask("a", "own", "shared")
    ask("b", "shared", "other")
    ask("", "everyone's")
    everything = cache.n_bytes
    cache.drop("a")
    assert everything - cache.n_bytes == sizeof(b"own" * 100)
    cache.drop("b")
    cache.drop("")
    calls.clear()
    ask("a", "own", "shared", "other", "everyone's")
    assert calls == ["own", "other"]
    # A page that is loaded again is another, which takes over what the first one leaves.
    cache.leave("a")
    ask("again", "own")
    cache.drop("a")
    calls.clear()
    ask("again", "own", "other")
    assert calls == ["other"]
    cache.drop("again")
    ask("a", "own")
    assert calls == ["other", "own"]
