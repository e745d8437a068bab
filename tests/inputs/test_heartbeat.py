"""The made-up heart beats as often as it should, and three times wrong."""

from __future__ import annotations

import numpy as np

from rnnviz.inputs.heartbeat import ECTOPIC_BEATS, HOUR, RATE, heartbeat


def test_an_hour_has_as_many_beats_as_its_rate_says() -> None:
    whole = heartbeat()
    voltage = whole.values[:, 0, 0]
    assert whole.n_steps == HOUR
    above = voltage > 0.6
    # 1.1 beats a second; a beat may be cut at either end.
    assert abs(int((above[1:] & ~above[:-1]).sum()) - 3600 * 1.1) <= 2


def test_only_the_wrong_beats_are_higher_than_every_right_one() -> None:
    voltage = heartbeat().values[:, 0, 0]
    high = np.flatnonzero(voltage > 1.4)
    apart = np.flatnonzero(np.diff(high, prepend=-HOUR) > RATE)
    assert len(apart) == len(ECTOPIC_BEATS)
    expected = [(beat + 0.5) / 1.1 * RATE for beat in ECTOPIC_BEATS]
    np.testing.assert_allclose(high[apart], expected, atol=RATE)


def test_a_token_is_the_minute_and_the_second() -> None:
    assert heartbeat(60 * RATE + 251).tokens[0][-1] == "01:02.50"
