from __future__ import annotations

import pytest

from rnnviz.lessons.interactive import Options, SettingsAnswer
from rnnviz.lessons.registry import LESSONS, lesson, lesson_code
from rnnviz.site.pool import Pool, change
from rnnviz.site.positions import MOST_SETTINGS, lesson_positions


@pytest.mark.parametrize("id", [id for id in LESSONS if lesson_code(id).controls])
def test_positions_are_settings_of_the_lesson(id):
    code, positions = lesson_code(id), lesson_positions(id)
    for control in code.controls:
        values = positions.values[control.name]
        assert [control.validated(value) for value in values] == list(values)
        assert len(set(values)) == len(values)
        if isinstance(control, Options):
            assert values == control.options
        else:
            assert (values[0] is None) == control.optional
            assert control.validated(control.low) in values
            assert control.validated(control.high) in values
    first = code.settings()
    assert {n: positions.values[n][at] for n, at in positions.defaults.items()} == first


@pytest.mark.parametrize("id", LESSONS)
def test_every_exercise_of_settings_can_be_done_and_missed(id):
    code, positions = lesson_code(id), lesson_positions(id)
    for at, part in enumerate(lesson(id, "en").parts):
        wanted = code.exercises.get(getattr(part, "name", ""))
        if isinstance(wanted, SettingsAnswer):
            said = [wanted.reached(settings) for settings in positions.settings(at)]
            assert len(said) <= 2 * MOST_SETTINGS
            assert {True, False} == set(said)


def test_settings_stand_with_those_of_the_last_control_side_by_side():
    positions = lesson_positions("forgets")
    at = next(
        at
        for at, part in enumerate(lesson("forgets", "en").parts)
        if positions.reads[at] == ("radius", "bias")
    )
    settings = list(positions.settings(at))
    assert len(settings) == 21 * 13
    assert [one["bias"] for one in settings[:13]] == list(positions.values["bias"])
    assert {one["radius"] for one in settings[:13]} == {0.5}


def whole(value, parts):
    """What a reference stands for, as lesson.js takes it."""
    if isinstance(value, list):
        return [whole(one, parts) for one in value]
    if not isinstance(value, dict):
        return value
    if "$" in value:
        return whole(parts[value["$"]], parts)
    return {key: whole(one, parts) for key, one in value.items()}


def after(value, done):
    if "=" in done:
        return done["="]
    copy = dict(value) if isinstance(value, dict) else dict(enumerate(value))
    for key, inner in done.items():
        key = key if isinstance(value, dict) else int(key)
        copy[key] = after(copy[key], inner)
    return copy if isinstance(value, dict) else list(copy.values())


@pytest.mark.parametrize(
    "second",
    [
        {"data": [{"y": "a long text that both of them have"}, {"y": 3}], "title": None},
        {"data": [{"y": "a long text that both of them have"}], "title": {"text": "new"}},
        {"data": "another kind", "title": {"text": "old"}, "more": [1, 2, [3]]},
        {"data": [], "title": {}},
    ],
)
def test_a_change_in_a_pool_turns_one_value_into_the_other(second):
    first = {
        "data": [{"y": "a long text that both of them have"}, {"y": 2}],
        "title": {"text": "old"},
    }
    pool = Pool()
    begun, done = pool.put(first), pool.put(change(first, second))
    made = after(whole(begun, pool.parts), whole(done, pool.parts))
    assert made == second
