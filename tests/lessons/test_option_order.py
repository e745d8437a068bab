"""Options are shuffled by a seed: the same for all who share it, and no place is favoured."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest

from rnnviz.lessons.option_order import option_order
from rnnviz.lessons.registry import LESSONS, lesson, lesson_code


def places_of_the_right_option(seed: int) -> list[int]:
    return [
        option_order(len(one.options), seed, id, one.name).index(
            lesson_code(id).answers[one.name]()
        )
        for id in LESSONS
        for one in lesson(id, "en").questions
    ]


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_every_order_comes_about_equally_often(n: int) -> None:
    orders = Counter(option_order(n, seed, "gru", "q") for seed in range(1, 6001))
    assert set(orders) == set(permutations(range(n)))
    share = 6000 / len(orders)
    # Five standard deviations of a count.
    assert all(abs(count - share) < 5 * share**0.5 for count in orders.values())


def test_an_order_is_a_promise_to_those_who_share_a_link() -> None:
    assert option_order(4, 1, "gru", "becomes") == (0, 1, 3, 2)
    assert option_order(5, 4711, "training", "beats") == (1, 2, 0, 3, 4)


def test_the_right_option_stands_in_every_place_and_elsewhere_for_another_seed() -> None:
    places = {seed: places_of_the_right_option(seed) for seed in range(1, 60)}
    assert all(len(set(found)) > 1 for found in places.values())
    assert len({tuple(found) for found in places.values()}) > 50
    counts = Counter(place for found in places.values() for place in found)
    assert min(counts[place] for place in range(3)) > sum(counts.values()) / 6
